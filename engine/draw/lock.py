"""The lock: what is published when a raffle closes, before its randomness exists, and never changed after.

Its bytes are the canonical JSON of RFC 8785; they are what is signed, time-stamped, chained and drawn from.
So there is exactly one way to write a lock, and no other is read.
"""

import re
from hashlib import sha256
from typing import Annotated

import msgspec
import rfc8785
from msgspec import Meta

ALGORITHM = "livelot-draw-1"
"""The only version of the draw that this code knows."""

NO_PREVIOUS = "0" * 64
"""What stands for the lock before a program's first."""

_MAXIMUM = 2**53 - 1
"""The highest integer that every reader of JSON reads alike (RFC 8785 §3.2.2.3)."""

_HASH = re.compile(r"[0-9a-f]{64}")

_Natural = Annotated[int, Meta(ge=0, le=_MAXIMUM)]
_Positive = Annotated[int, Meta(ge=1, le=_MAXIMUM)]
_Id = Annotated[str, Meta(min_length=1, max_length=64)]


class PrizeLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A prize, and how many of it there are: it takes as many consecutive places."""

    id: _Id
    quantity: _Positive


class Beacon(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the randomness will come from: ``chain`` (64 hex characters) and ``round`` of drand, or
    ``commitment`` alone (64 hex characters: SHA-256 of a secret of 32 bytes).

    What is empty is not written.
    """

    chain: str = ""
    round: _Natural = 0
    commitment: str = ""


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A raffle as it closed.

    ``closed_at`` is the scheduled close in ms, ``number`` counts the program's locks from 1 without a gap,
    ``previous`` is ``hash_lock`` of the one before it, ``root`` the Merkle root of the entries in hex,
    ``entries`` and ``tickets`` their counts; ``reserves`` are the places after those of the prizes.
    """

    algorithm: str
    beacon: Beacon
    closed_at: _Natural
    entries: _Natural
    number: _Positive
    previous: str
    prizes: tuple[PrizeLine, ...]
    raffle: _Id
    reserves: _Natural
    root: str
    tickets: _Natural

    def count_places(self) -> int:
        """The places that this lock asks for: those of the prizes, and the reserves."""
        return sum(prize.quantity for prize in self.prizes) + self.reserves


def encode_lock(lock: Lock) -> bytes:
    """The lock's exact bytes (RFC 8785).

    Raises ``ValueError`` for a lock that ``decode_lock`` would not read: nothing else may be signed.
    """
    data = _encode(lock)
    decode_lock(data)
    return data


def decode_lock(data: bytes) -> Lock:
    """The lock with these exact bytes.

    Raises ``ValueError``, in words, unless they are the canonical encoding of a lock that makes sense.
    """
    try:
        lock = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"it cannot be read as a lock: {error}") from error
    if fault := _find_fault(lock):
        raise ValueError(fault)
    if _encode(lock) != data:
        raise ValueError("it is not written in its one canonical form (RFC 8785)")
    return lock


def hash_lock(data: bytes) -> str:
    """SHA-256 of the lock's bytes, in hex: the ``previous`` of the next lock."""
    return sha256(data).hexdigest()


_DECODER = msgspec.json.Decoder(Lock)


def _encode(lock: Lock) -> bytes:
    return rfc8785.dumps(msgspec.to_builtins(lock))


def _find_fault(lock: Lock) -> str:
    """Why the lock makes no sense, or an empty string."""
    if lock.algorithm != ALGORITHM:
        return f"its algorithm is {lock.algorithm!r}, and only {ALGORITHM} is known here"
    if not (_HASH.fullmatch(lock.root) and _HASH.fullmatch(lock.previous)):
        return "its root and its previous are 64 lower-case hex characters"
    if (lock.number == 1) != (lock.previous == NO_PREVIOUS):
        return "the first lock, and no other, has 64 zeros for the one before it"
    if lock.tickets < lock.entries or (lock.entries == 0 and lock.tickets):
        return f"{lock.entries} entries cannot hold {lock.tickets} tickets: each holds at least one"
    if not lock.prizes:
        return "it has no prizes"
    if len({prize.id for prize in lock.prizes}) < len(lock.prizes):
        return "two of its prizes have the same id"
    return _find_beacon_fault(lock.beacon)


def _find_beacon_fault(beacon: Beacon) -> str:
    if beacon.commitment:
        if beacon.chain or beacon.round:
            return "it names a beacon and a commitment: it takes one of them"
        if not _HASH.fullmatch(beacon.commitment):
            return "its commitment is 64 lower-case hex characters"
    elif beacon.round < 1 or not _HASH.fullmatch(beacon.chain):
        return "its beacon has a chain of 64 lower-case hex characters and a round from 1 on"
    return ""
