"""Snapshots: a program's whole state in one file, written by a forked child, read back before anything relies
on it.

A file is a line that names the format, the hash of the entry that the state ends with, the state's sections
(each behind its length), a length of 2⁶⁴ − 1, the digest over the sections, and a digest over the entry's
hash and that one. A torn or altered file is told by the two; the second is absent in the files of releases
that did not write it.
"""

import gc
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

import structlog

from engine.forking import fork
from engine.position import Position
from engine.program import FormatUnknown, Program
from engine.vault import Vault, VaultError

_MAGIC = b"livelot snapshot 1\n"
_END = 2**64 - 1
_LONGEST_SECTION = 2**30

_log = structlog.get_logger("livelot.snapshot")


class SnapshotError(Exception):
    """There are snapshots, and none of them can be used."""


def payload_hash(payload: bytes) -> bytes:
    """32 bytes that stand for an entry's content in a snapshot."""
    return sha256(payload).digest()


def write_snapshot(vault: Vault, program: Program, entry_hash: bytes) -> None:
    """Writes the state at ``program.position``, reads it back and compares.

    Raises ``SnapshotError`` when what was read is not what was written, and ``VaultError``.
    """
    digest = sha256()
    with vault.open_snapshot_for_write(program.position) as file:
        file.write(_MAGIC + entry_hash)
        for section in program.encode():
            framed = len(section).to_bytes(8, "big")
            digest.update(framed)
            digest.update(section)
            file.write(framed)
            file.write(section)
        file.write(_END.to_bytes(8, "big") + digest.digest() + _seal(entry_hash, digest.digest()))
    read, read_hash = load_snapshot(vault, program.position)
    if read_hash != entry_hash or read.state_digest() != digest.digest():
        raise SnapshotError(f"the snapshot at {program.position} reads back as another state")


def load_snapshot(vault: Vault, position: Position) -> tuple[Program, bytes]:
    """The state at ``position``, and the hash of the entry that it ends with.

    The collector is off meanwhile, and what was loaded is frozen: a million members would be walked again and
    again. Raises ``SnapshotError`` for a damaged file, and ``VaultError``.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with vault.open_snapshot(position) as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise SnapshotError(f"the snapshot at {position} is not one that this version can read")
            entry_hash = file.read(32)
            program = Program.decode(_read_sections(file, entry_hash))
        gc.freeze()
    except FormatUnknown as error:
        raise SnapshotError(f"the snapshot at {position} cannot be read: {error}") from error
    except VaultError:
        raise
    except Exception as error:
        # One wrong byte can decode, and be caught out only by what is made of it: it may raise anything.
        raise SnapshotError(f"the snapshot at {position} is damaged: {error!r}") from error
    finally:
        if collecting:
            gc.enable()
    return program, entry_hash


def load_newest(vault: Vault, epoch: int) -> tuple[Program, bytes] | None:
    """The newest snapshot of ``epoch`` that can be read, or None where there is no snapshot.

    Raises ``SnapshotError`` where there are some, all damaged.
    """
    positions = vault.snapshots(epoch)
    problems = []
    for position in reversed(positions):
        try:
            return load_snapshot(vault, position)
        except (SnapshotError, VaultError) as error:
            _log.error("snapshot not usable", position=str(position), reason=str(error))
            problems.append(str(error))
    if problems:
        raise SnapshotError("no snapshot in the vault can be used: " + "; ".join(problems))
    return None


def fork_snapshot(vault: Vault, program: Program, entry_hash: bytes) -> int:
    """Starts a child that writes the state as it is now, and returns its process id.

    The child's status is 0 only once the file was fsynced, read back and compared.
    """
    return fork("snapshot", lambda: write_snapshot(vault, program, entry_hash))


def _seal(entry_hash: bytes, digest: bytes) -> bytes:
    return sha256(entry_hash + digest).digest()


def _read_sections(file: BinaryIO, entry_hash: bytes) -> Iterator[bytes]:
    digest = sha256()
    while True:
        framed = file.read(8)
        length = int.from_bytes(framed, "big")
        if len(framed) == 8 and length == _END:
            break
        section = file.read(length) if length <= _LONGEST_SECTION else b""
        if len(framed) < 8 or len(section) < length:
            raise ValueError("it ends too early")
        digest.update(framed)
        digest.update(section)
        yield section
    if file.read(32) != digest.digest():
        raise ValueError("its digest does not fit its content")
    if file.read() not in (b"", _seal(entry_hash, digest.digest())):
        raise ValueError("its last digest does not fit the hash of the entry that it ends with")
