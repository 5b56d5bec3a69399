"""The vault: snapshots, archived log and evidence of a program, in a folder or behind any ``fsspec`` URL.

    snapshots/<position>.snapshot         a program's whole state after the entry at that position
    archive/<epoch>-<first>-<last>.log    entries that the log does not have to keep any more
    evidence/<lock>-<raffle>.json         what proves a draw (engine/evidence.py)

Positions and IDs stand in the names (``1-1732233434000-0``), so that a look at a folder tells what there is.
A file has its name only once it is complete (and, in a local folder, on the disk). Everything here blocks.
"""

import os
import re
import secrets
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from engine.log.contract import FIRST_ID, Entry, EntryId, format_id
from engine.position import Position

_ARCHIVE_HEADER = b"livelot archive 1\n"
_ENTRY_HEADER = struct.Struct(">QQI")
"""Milliseconds and sequence of the ID, and the payload's length. Behind the payload: the CRC-32 of both."""

_CHECKSUM = struct.Struct(">I")
_SNAPSHOT_NAME = re.compile(r"(\d+)-(\d+)-(\d+)\.snapshot")
_ARCHIVE_NAME = re.compile(r"(\d+)-(\d+)-(\d+)-(\d+)-(\d+)\.log")
_UNFINISHED_NAME = re.compile(r"(\d+)-(\d+)-(\d+)\D.*\.part")


class VaultError(Exception):
    """The vault cannot be read or written, or what it holds is damaged; the words say what."""


class ArchiveRange(NamedTuple):
    """What one archive file holds: the entries of ``epoch`` from ``first`` to ``last``, both included."""

    epoch: int
    first: EntryId
    last: EntryId


class Vault:
    """The snapshots and archive of one program at ``url``: a folder's path, or any URL that ``fsspec`` opens.

    It may be used in a forked child. Every method raises ``VaultError`` where the vault answers with an
    ``OSError``.
    """

    def __init__(self, url: str | Path) -> None:
        self._url = str(url)
        self._place = re.sub(r"//[^/@]*@", "//", self._url)
        self._files, self._root = self._reach(skip_instance_cache=False)
        self._process = os.getpid()

    def require_writable(self) -> None:
        """Raises ``VaultError`` unless a file can be written and deleted."""
        name = f"probe-{secrets.token_hex(4)}"
        try:
            with self.open_for_write(name) as file:
                file.write(b"probe")
            self.delete(name)
        except VaultError:
            raise
        except Exception as error:
            # What a library for some cloud raises when it has no credentials, say.
            raise VaultError(f"The vault {self._place} cannot be written: {error}") from error

    # Files.

    def names(self, folder: str) -> list[str]:
        """The names, without the folder, of the files in a folder of the vault; none if there is no such
        folder."""
        with self._explaining(f"list {folder}"):
            files, path = self._filesystem(), self._path(folder)
            files.invalidate_cache()
            if not files.exists(path):
                return []
            return sorted(cast(str, found).rpartition("/")[2] for found in files.ls(path, detail=False))

    @contextmanager
    def open_for_write(self, name: str) -> Iterator[BinaryIO]:
        """A file to write, which takes its name when the ``with`` block ends well, and vanishes otherwise."""
        with self._explaining(f"write {name}"):
            files, path = self._filesystem(), self._path(name)
            folder = path.rpartition("/")[0]
            unfinished = f"{path}.{secrets.token_hex(4)}.part"
            files.makedirs(folder, exist_ok=True)
            try:
                with files.open(unfinished, "wb") as file:
                    yield file
                    if isinstance(files, LocalFileSystem):
                        file.flush()
                        os.fsync(file.fileno())
                files.mv(unfinished, path)
            except BaseException:
                if files.exists(unfinished):
                    files.rm(unfinished)
                raise
            if isinstance(files, LocalFileSystem):
                _sync_folder(folder)

    @contextmanager
    def open_for_read(self, name: str) -> Iterator[BinaryIO]:
        """A file of the vault, to read."""
        with self._explaining(f"read {name}"), self._filesystem().open(self._path(name), "rb") as file:
            yield file

    def look_at(self, name: str) -> str | None:
        """64 hex characters that tell this file from another one that had, or will have, its name; None where
        there is no such file."""
        with self._explaining(f"look at {name}"):
            files, path = self._filesystem(), self._path(name)
            files.invalidate_cache()
            try:
                return sha256(str(files.ukey(path)).encode()).hexdigest()
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        """Deletes a file of the vault."""
        with self._explaining(f"delete {name}"):
            self._filesystem().rm(self._path(name))

    # Snapshots.

    def snapshots(self, epoch: int | None = None) -> list[Position]:
        """Where there are snapshots of (of that epoch only, if one is given), oldest first."""
        matches = [_SNAPSHOT_NAME.fullmatch(name) for name in self.names("snapshots")]
        positions = sorted(_position(match) for match in matches if match)
        return [position for position in positions if epoch in (None, position.epoch)]

    @contextmanager
    def open_snapshot_for_write(self, position: Position) -> Iterator[BinaryIO]:
        """As ``open_for_write``: the snapshot at ``position`` is there once the block has ended well."""
        with self.open_for_write(_snapshot_name(position)) as file:
            yield file

    @contextmanager
    def open_snapshot(self, position: Position) -> Iterator[BinaryIO]:
        """The snapshot at ``position``, to read."""
        with self.open_for_read(_snapshot_name(position)) as file:
            yield file

    def keep(self, count: int) -> list[Position]:
        """Deletes all but the newest ``count`` snapshots, and what was left unfinished before those; returns
        which."""
        positions = self.snapshots()
        kept, old = positions[-count:], positions[:-count]
        for position in old:
            self.delete(_snapshot_name(position))
        for folder in ("snapshots", "archive"):
            for name in self.names(folder):
                unfinished = _UNFINISHED_NAME.fullmatch(name)
                if unfinished and kept and _position(unfinished) < kept[0]:
                    self.delete(f"{folder}/{name}")
        return old

    # The archive.

    def archive_ranges(self, epoch: int | None = None) -> list[ArchiveRange]:
        """What is archived (of that epoch only, if one is given), oldest first; no file is opened for it."""
        matches = [_ARCHIVE_NAME.fullmatch(name) for name in self.names("archive")]
        ranges = sorted(_range(match) for match in matches if match)
        return [found for found in ranges if epoch in (None, found.epoch)]

    def write_archive(self, epoch: int, entries: Sequence[Entry]) -> ArchiveRange:
        """Archives ``entries``, of which there is at least one and which are in order, as one file."""
        archived = ArchiveRange(epoch, entries[0].id, entries[-1].id)
        with self.open_for_write(_archive_name(archived)) as file:
            file.write(_ARCHIVE_HEADER)
            for entry in entries:
                content = _ENTRY_HEADER.pack(*entry.id, len(entry.payload)) + entry.payload
                file.write(content + _CHECKSUM.pack(zlib.crc32(content)))
        return archived

    def read_archive(self, epoch: int, *, after: EntryId = FIRST_ID) -> Iterator[Entry]:
        """The archived entries of an epoch after the ID ``after``, in order, each once.

        Raises ``VaultError`` for a file that is damaged. What was never archived is not missed.
        """
        for archived in self.archive_ranges(epoch):
            if archived.last <= after:
                continue
            name = _archive_name(archived)
            with self.open_for_read(name) as file:
                for entry in self._read_entries(name, file):
                    if entry.id > after:
                        after = entry.id
                        yield entry
            if after < archived.last:
                raise self._damaged(name, f"it ends at {format_id(after)}")

    def _read_entries(self, name: str, file: BinaryIO) -> Iterator[Entry]:
        if file.read(len(_ARCHIVE_HEADER)) != _ARCHIVE_HEADER:
            raise self._damaged(name, "it does not start like an archive that this version can read")
        while header := file.read(_ENTRY_HEADER.size):
            if len(header) < _ENTRY_HEADER.size:
                raise self._damaged(name, "it ends in the middle of an entry")
            milliseconds, sequence, length = _ENTRY_HEADER.unpack(header)
            payload = file.read(length)
            if file.read(_CHECKSUM.size) != _CHECKSUM.pack(zlib.crc32(payload, zlib.crc32(header))):
                raise self._damaged(name, f"entry {milliseconds}-{sequence} is not what was written")
            yield Entry((milliseconds, sequence), payload)

    # Inside.

    def _reach(self, *, skip_instance_cache: bool) -> tuple[Any, str]:
        try:
            files, root = fsspec.core.url_to_fs(self._url, skip_instance_cache=skip_instance_cache)
        except (OSError, ImportError, ValueError) as error:
            raise VaultError(f"The vault {self._place} cannot be used: {error}") from error
        return files, root.rstrip("/")

    def _filesystem(self) -> Any:
        if self._process != os.getpid():
            # Connections, and the thread that serves them, did not come along through the fork.
            self._files, self._root = self._reach(skip_instance_cache=True)
            self._process = os.getpid()
        return self._files

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _explaining(self, action: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise VaultError(f"The vault {self._place} could not {action}: {error}") from error

    def _damaged(self, name: str, words: str) -> VaultError:
        return VaultError(
            f"{name} in the vault {self._place} is damaged: {words}. Restore it from a copy of the vault."
        )


def _snapshot_name(position: Position) -> str:
    return f"snapshots/{position.epoch}-{position.milliseconds}-{position.sequence}.snapshot"


def _archive_name(archived: ArchiveRange) -> str:
    return f"archive/{archived.epoch}-{format_id(archived.first)}-{format_id(archived.last)}.log"


def _position(match: re.Match[str]) -> Position:
    epoch, milliseconds, sequence = (int(text) for text in match.groups())
    return Position(epoch, milliseconds, sequence)


def _range(match: re.Match[str]) -> ArchiveRange:
    epoch, *ids = (int(text) for text in match.groups())
    return ArchiveRange(epoch, (ids[0], ids[1]), (ids[2], ids[3]))


def _sync_folder(folder: str) -> None:
    """Makes a rename in the folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
