"""What is published of a draw: the evidence of the whole, and the proof of one member's entries.

Both are JSON files in exactly one form: compact, keys in the order of the structs below, characters outside
ASCII as they are. A file with any byte changed is then another file, never the same one written otherwise.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal, Protocol, TypeVar

import msgspec

EVIDENCE_FORMAT: Literal["livelot-evidence-1"] = "livelot-evidence-1"
ENTRY_FORMAT: Literal["livelot-entry-1"] = "livelot-entry-1"

_CHUNK = 4096
"""Entries that are written at once."""


class BeaconEvidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the beacon published: a round, and its signature in hex."""

    round: int
    signature: str


class Void(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That the operator voided the raffle after its lock: when (ms), and why."""

    at: int
    reason: str


class PlaceEvidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who took a place (from 1): with which ticket (from 1) of which entry (from 0), for which prize (empty:
    a reserve)."""

    place: int
    ticket: int
    entry: int
    entrant: str
    prize: str


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A draw from its lock to its places.

    ``lock`` is the lock's exact text, ``signature`` the Ed25519 signature over its UTF-8 bytes in hex (empty
    where it was never signed), ``key`` the 32 bytes of the public key in hex. ``beacon`` or, with a
    commitment, ``secret`` (32 bytes in hex) gave the randomness. ``timestamp`` is the base64 of an
    authority's TimeStampResp (RFC 3161) in DER. ``entries`` are entrant and tickets in log order.
    """

    format: Literal["livelot-evidence-1"] = EVIDENCE_FORMAT
    program: str
    lock: str
    signature: str
    key: str
    beacon: BeaconEvidence | None
    secret: str | None
    timestamp: str | None
    void: Void | None
    entries: list[tuple[str, int]]
    places: list[PlaceEvidence]


class EntryPath(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry (index from 0) with its ticket numbers, and its audit path to the lock's root in hex, bottom
    first."""

    entry: int
    first: int
    last: int
    path: list[str]


class EntryProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """That one member's entries are in a lock; the fields up to ``key`` are those of ``Evidence``."""

    format: Literal["livelot-entry-1"] = ENTRY_FORMAT
    program: str
    lock: str
    signature: str
    key: str
    entrant: str
    entries: list[EntryPath]


class SignedLock(msgspec.Struct, frozen=True):
    """A lock as the program lists it: its exact text, and its signature under ``key`` in hex, both empty
    where it was never signed."""

    text: str
    signature: str
    key: str


class LockPage(msgspec.Struct, frozen=True):
    """A page of a program's locks, as its gateway answers `raffle.locks`; what else is in it is not read.
    ``next``: the number of the page's last lock where there are more; 0 at the end."""

    locks: list[SignedLock]
    next: int = 0


class Sink(Protocol):
    """Something that bytes are written to: an open file."""

    def write(self, data: bytes, /) -> object: ...


_Document = TypeVar("_Document", Evidence, EntryProof)


def encode_evidence(evidence: Evidence) -> bytes:
    """The file that holds it."""
    return msgspec.json.encode(evidence)


def encode_entry_proof(proof: EntryProof) -> bytes:
    """The file that holds it."""
    return msgspec.json.encode(proof)


def write_evidence(
    file: Sink, head: Evidence, entries: Iterable[tuple[str, int]], places: Iterable[PlaceEvidence]
) -> None:
    """Writes the same bytes as ``encode_evidence``, piece by piece: a million entries are never held at once.

    ``head`` is the evidence without entries and places. Raises ``ValueError`` where it has some.
    """
    start, end = encode_evidence(head), b'[],"places":[]}'
    if head.entries or head.places or not start.endswith(end):
        raise ValueError("the head of the evidence has no entries and no places of its own")
    file.write(start.removesuffix(end))
    _write_list(file, entries)
    file.write(b',"places":')
    _write_list(file, places)
    file.write(b"}")


def read_evidence(data: bytes) -> Evidence:
    """The evidence in this file.

    Raises ``ValueError``, in words, unless it is written in its one form.
    """
    return _read(data, Evidence, "evidence of a draw")


def read_entry_proof(data: bytes) -> EntryProof:
    """The proof in this file.

    Raises ``ValueError``, in words, unless it is written in its one form.
    """
    return _read(data, EntryProof, "proof of an entry")


def read_locks(pages: Iterable[bytes]) -> list[SignedLock]:
    """All locks of these pages, however they are spaced: what counts in them is signed.

    Raises ``ValueError``, in words; also where the last page says that there are more.
    """
    locks: list[SignedLock] = []
    following = 0
    for data in pages:
        try:
            page = msgspec.json.decode(data, type=LockPage)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ValueError(f"the file cannot be read as a list of locks{_guess(data, error)}") from error
        locks += page.locks
        following = page.next
    if following:
        raise ValueError(
            f"the list goes on after lock {following}: fetch the rest with ?after={following}, and give all "
            "pages in their order"
        )
    return locks


def _read(data: bytes, kind: type[_Document], name: str) -> _Document:
    try:
        document = msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"the file cannot be read as the {name}{_guess(data, error)}") from error
    if msgspec.json.encode(document) != data:
        raise ValueError("the file is not written in its one form: it was changed, or formatted anew")
    return document


def _guess(data: bytes, error: Exception) -> str:
    """Words on what the file is instead, where that can be told; else what the parser says."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ": it is not JSON"
    if isinstance(found, dict):
        for is_it, words in (
            (found.get("format") == EVIDENCE_FORMAT, "it is the evidence of a draw; use livelot verify-draw"),
            (found.get("format") == ENTRY_FORMAT, "it is a member's proof; use livelot verify-entry"),
            ("locks" in found, "it is a list of locks; use livelot verify-locks"),
            ("code" in found, f"it is a gateway's refusal: {found.get('detail')}"),
        ):
            if is_it:
                return f": {words}"
    return f": {error}"


def _write_list(file: Sink, items: Iterable[Any]) -> None:
    file.write(b"[")
    between = b""
    for chunk in _take_chunks(items):
        file.write(between + msgspec.json.encode(chunk)[1:-1])
        between = b","
    file.write(b"]")


def _take_chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
