"""Evidence to verify: a small program with its key, its raffles' locks, and files right to the byte."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from engine.draw.beacon import CHAIN, randomness_of
from engine.draw.entries import encode_leaf, entrant_of
from engine.draw.evidence import (
    BeaconEvidence,
    EntryPath,
    EntryProof,
    Evidence,
    PlaceEvidence,
    Void,
    encode_evidence,
)
from engine.draw.lock import (
    ALGORITHM,
    NO_PREVIOUS,
    Beacon,
    Lock,
    PrizeLine,
    decode_lock,
    encode_lock,
    hash_lock,
)
from engine.draw.merkle import audit_path, hash_leaf, root_of
from engine.draw.places import draw_places, seed_of
from engine.draw.report import Report

SIGNER = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a program's key").digest())
KEY = SIGNER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
OTHER_SIGNER = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"another key").digest())
OTHER_KEY = OTHER_SIGNER.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

ROUND = 1000
SIGNATURE = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
"""Round 1000 of quicknet, and its signature."""

CLOSED_AT = 1_692_806_304_000
"""A minute before that round."""

SECRET = bytes(range(32))
SALT = bytes(range(32, 64))
PRIZES = (PrizeLine("car", 1), PrizeLine("bike", 2))
MEMBERS = [("m1", 3), ("m2", 10), ("m1", 1), ("m3", 5), ("m4", 1), ("m5", 7)]

Entries = Sequence[tuple[str, int]]

ENTRIES: Entries = [(entrant_of(SALT, member), tickets) for member, tickets in MEMBERS]


def leaf_hashes(entries: Entries) -> list[bytes]:
    hashes, first = [], 1
    for entry, (entrant, tickets) in enumerate(entries):
        hashes.append(hash_leaf(encode_leaf(entrant, entry, first, first + tickets - 1)))
        first += tickets
    return hashes


def make_lock(entries: Entries = ENTRIES, **changes: Any) -> Lock:
    """The lock of a raffle with these entries, whose randomness is round 1000."""
    fields = {
        "algorithm": ALGORITHM,
        "beacon": Beacon(CHAIN, ROUND),
        "closed_at": CLOSED_AT,
        "entries": len(entries),
        "number": 1,
        "previous": NO_PREVIOUS,
        "prizes": PRIZES,
        "raffle": "spring",
        "reserves": 1,
        "root": root_of(leaf_hashes(entries)).hex(),
        "tickets": sum(tickets for _, tickets in entries),
    }
    return Lock(**{**fields, **changes})


def committed(secret: bytes = SECRET) -> Beacon:
    return Beacon(commitment=hashlib.sha256(secret).hexdigest())


def sign(lock: bytes, signer: Ed25519PrivateKey = SIGNER) -> str:
    return signer.sign(lock).hex()


def make_evidence(lock: Lock | None = None, entries: Entries = ENTRIES, **changes: Any) -> Evidence:
    """What is published of that raffle: by default one that verifies without any step failing."""
    lock = lock or make_lock(entries)
    data = encode_lock(lock)
    by_beacon = not lock.beacon.commitment
    randomness = randomness_of(bytes.fromhex(SIGNATURE)) if by_beacon else SECRET
    fields = {
        "program": "demo",
        "lock": data.decode(),
        "signature": sign(data),
        "key": KEY.hex(),
        "beacon": BeaconEvidence(ROUND, SIGNATURE) if by_beacon else None,
        "secret": None if by_beacon else SECRET.hex(),
        "timestamp": None,
        "void": None,
        "entries": list(entries),
        "places": make_places(lock, entries, randomness),
    }
    return Evidence(**{**fields, **changes})


def make_places(lock: Lock, entries: Entries, randomness: bytes) -> list[PlaceEvidence]:
    drawn = draw_places(seed_of(encode_lock(lock), randomness), entries, lock.count_places())
    names = [prize.id for prize in lock.prizes for _ in range(min(prize.quantity, len(drawn)))]
    names += [""] * len(drawn)
    return [
        PlaceEvidence(place, ticket.ticket, ticket.entry, ticket.entrant, name)
        for place, (ticket, name) in enumerate(zip(drawn, names, strict=False), 1)
    ]


def make_file(lock: Lock | None = None, entries: Entries = ENTRIES, **changes: Any) -> bytes:
    return encode_evidence(make_evidence(lock, entries, **changes))


def make_proof(member: str, entries: Entries = ENTRIES, **changes: Any) -> EntryProof:
    """The proof of one member's entries in that raffle."""
    entrant, hashes = entrant_of(SALT, member), leaf_hashes(entries)
    data = encode_lock(make_lock(entries))
    paths, first = [], 1
    for entry, (own, tickets) in enumerate(entries):
        if own == entrant:
            path = [sibling.hex() for sibling in audit_path(entry, hashes)]
            paths.append(EntryPath(entry, first, first + tickets - 1, path))
        first += tickets
    fields = {
        "program": "demo",
        "lock": data.decode(),
        "signature": sign(data),
        "key": KEY.hex(),
        "entrant": entrant,
        "entries": paths,
    }
    return EntryProof(**{**fields, **changes})


def make_chain(count: int = 4) -> list[dict[str, str]]:
    """As many locks of the program as they are published, the last one that of ``make_lock``, but for its
    number and what it follows."""
    locks, previous = [], NO_PREVIOUS
    for number in range(1, count + 1):
        data = encode_lock(make_lock(number=number, previous=previous, raffle=f"raffle {number}"))
        locks.append({"text": data.decode(), "signature": sign(data), "key": KEY.hex()})
        previous = hash_lock(data)
    return locks


def write_chain(locks: list[dict[str, str]]) -> list[bytes]:
    """Two pages, as a gateway answers them."""
    return [
        msgspec.json.encode({"key": KEY.hex(), "locks": page, "next": following})
        for page, following in ((locks[:2], 2), (locks[2:], 0))
    ]


def read_lock_at(locks: list[dict[str, str]], number: int) -> Lock:
    return decode_lock(locks[number - 1]["text"].encode())


VOID = Void(CLOSED_AT + 3_600_000, "the prize was withdrawn")


def ids(report: Report) -> list[str]:
    return [step.id for step in report.steps]


def fails(report: Report) -> str:
    """The id of the step that failed."""
    assert report.failed is not None
    assert report.failed == report.steps[-1], "nothing is looked at after the step that failed"
    assert report.failed.words.endswith(".")
    return report.failed.id


def sections(data: bytes) -> dict[str, range]:
    """Where each field of a file lies, from its name to the next."""
    names = ["format", "program", "lock", "signature", "key", "beacon", "secret", "timestamp", "void"]
    starts = [data.index(f'"{name}":'.encode()) for name in names]
    # The lock, the beacon's evidence and the places have such names inside them.
    starts += [data.index(b'"entries":[["'), data.index(b'"places":[{')]
    assert starts == sorted(starts)
    names += ["entries", "places"]
    ends = [*starts[1:], len(data)]
    return {name: range(start, end) for name, start, end in zip(names, starts, ends, strict=True)}


def changes_of(byte: int) -> set[int]:
    """Other values for a byte: near ones, ones with a meaning in JSON, a letter in the other case."""
    near = {byte ^ 1, byte ^ 2, byte ^ 0x20, byte ^ 0x80}
    return (near | set(b'"0a ,')) - {byte}
