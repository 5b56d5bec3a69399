"""The lock has one way to be written, and no other is read."""

import json
from hashlib import sha256
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given, strategies as st

from engine.draw.beacon import CHAIN
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

FIELDS: dict[str, Any] = {
    "algorithm": "livelot-draw-1",
    "beacon": {"chain": CHAIN, "round": 1000},
    "closed_at": 1692806304000,
    "entries": 3,
    "number": 2,
    "previous": "ab" * 32,
    "prizes": [{"id": "car", "quantity": 1}, {"id": "é-bike", "quantity": 2}],
    "raffle": "spring",
    "reserves": 5,
    "root": "cd" * 32,
    "tickets": 10,
}

TEXT = (
    '{"algorithm":"livelot-draw-1","beacon":{"chain":"52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600'
    'c84e971","round":1000},"closed_at":1692806304000,"entries":3,"number":2,"previous":"' + "ab" * 32 + '",'
    '"prizes":[{"id":"car","quantity":1},{"id":"é-bike","quantity":2}],"raffle":"spring","reserves":5,'
    '"root":"' + "cd" * 32 + '","tickets":10}'
)

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
HASHES = st.binary(min_size=32, max_size=32).filter(any).map(bytes.hex)
COUNTS = st.integers(1, 2**40)


def write(**changes: Any) -> bytes:
    return rfc8785.dumps({**FIELDS, **changes})


def test_the_bytes_of_a_lock() -> None:
    lock = Lock(
        algorithm=ALGORITHM,
        beacon=Beacon(CHAIN, 1000),
        closed_at=1692806304000,
        entries=3,
        number=2,
        previous="ab" * 32,
        prizes=(PrizeLine("car", 1), PrizeLine("é-bike", 2)),
        raffle="spring",
        reserves=5,
        root="cd" * 32,
        tickets=10,
    )
    assert encode_lock(lock).decode() == TEXT
    assert decode_lock(TEXT.encode()) == lock
    assert lock.count_places() == 8
    assert hash_lock(TEXT.encode()) == sha256(TEXT.encode()).hexdigest()


def test_a_commitment_stands_alone() -> None:
    data = write(beacon={"commitment": "ef" * 32})
    lock = decode_lock(data)
    assert lock.beacon == Beacon(commitment="ef" * 32)
    assert encode_lock(lock) == data
    assert b'"beacon":{"commitment":"' + b"ef" * 32 + b'"}' in data


@given(
    st.one_of(
        st.fixed_dictionaries({"chain": HASHES, "round": COUNTS}),
        st.fixed_dictionaries({"commitment": HASHES}),
    ),
    st.lists(IDS, min_size=1, max_size=5, unique=True),
    st.tuples(COUNTS, COUNTS, COUNTS),
    st.tuples(IDS, HASHES, HASHES),
)
def test_a_lock_is_canonical(
    beacon: dict[str, Any], prizes: list[str], counts: tuple[int, int, int], texts: tuple[str, str, str]
) -> None:
    (entries, number, reserves), (raffle, root, previous) = counts, texts
    fields = {
        "tickets": 2 * entries,
        "beacon": beacon,
        "closed_at": reserves,
        "entries": entries,
        "number": number,
        "previous": previous if number > 1 else NO_PREVIOUS,
        "prizes": [{"quantity": place, "id": id} for place, id in enumerate(prizes, 1)],
        "raffle": raffle,
        "reserves": reserves,
        "root": root,
        "algorithm": ALGORITHM,
    }
    data = rfc8785.dumps(fields)
    lock = decode_lock(data)
    assert encode_lock(lock) == data
    assert json.loads(msgspec.json.encode(lock)) == json.loads(data) == fields


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(FIELDS, separators=(",", ":")).encode(),  # é as an escape
        json.dumps(FIELDS, ensure_ascii=False).encode(),
        json.dumps(dict(reversed(FIELDS.items())), separators=(",", ":"), ensure_ascii=False).encode(),
        TEXT.encode() + b"\n",
        b" " + TEXT.encode(),
        TEXT.replace('"entries":3', '"entries":3,"entries":3').encode(),
        TEXT.replace('"round":1000', '"round":1e3').encode(),
        TEXT.replace('"round":1000', '"round":1000.0').encode(),
        TEXT.replace('"round":1000', '"commitment":"","round":1000').encode(),
        TEXT.replace("{", '{"extra":1,', 1).encode(),
        TEXT.replace('"id":"car","quantity":1', '"quantity":1,"id":"car"').encode(),
        TEXT.replace('"tickets":10', '"tickets":"10"').encode(),
        TEXT.replace('"tickets":10', '"tickets":true').encode(),
        TEXT.encode("latin-1"),
        TEXT.encode("utf-16"),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT[:-1].encode(),
        b"[" * 100_000,
        b"null",
        b"",
    ],
)
def test_no_other_way_of_writing_is_read(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"canonical form|cannot be read as a lock"):
        decode_lock(data)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"algorithm": "livelot-draw-2"}, "its algorithm is 'livelot-draw-2'"),
        ({"root": "CD" * 32}, "64 lower-case hex"),
        ({"root": "cd" * 31}, "64 lower-case hex"),
        ({"root": "cd" * 32 + "\n"}, "64 lower-case hex"),
        ({"previous": "AB" * 32}, "64 lower-case hex"),
        ({"previous": NO_PREVIOUS}, "the first lock, and no other"),
        ({"number": 1}, "the first lock, and no other"),
        ({"number": 0}, "cannot be read"),
        ({"entries": -1}, "cannot be read"),
        ({"entries": 11}, "11 entries cannot hold 10 tickets"),
        ({"entries": 0}, "0 entries cannot hold 10 tickets"),
        ({"closed_at": -1}, "cannot be read"),
        ({"reserves": -1}, "cannot be read"),
        ({"prizes": []}, "no prizes"),
        ({"prizes": [{"id": "car", "quantity": 0}]}, "cannot be read"),
        ({"prizes": [{"id": "", "quantity": 1}]}, "cannot be read"),
        ({"prizes": [{"id": "car", "quantity": 1}, {"id": "car", "quantity": 1}]}, "the same id"),
        ({"raffle": ""}, "cannot be read"),
        ({"beacon": {}}, "its beacon has a chain"),
        ({"beacon": {"chain": CHAIN}}, "its beacon has a chain"),
        ({"beacon": {"chain": CHAIN, "round": 0}}, "its beacon has a chain"),
        ({"beacon": {"chain": CHAIN.upper(), "round": 1}}, "its beacon has a chain"),
        ({"beacon": {"commitment": "EF" * 32}}, "its commitment is 64"),
        ({"beacon": {"commitment": "ef" * 32, "round": 1}}, "takes one of them"),
    ],
)
def test_a_lock_that_makes_no_sense_is_not_read(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode_lock(write(**changes))


@pytest.mark.parametrize(
    "changes", [{"tickets": 2**53}, {"entries": 11}, {"raffle": "\ud800"}, {"number": -1}]
)
def test_such_a_lock_is_not_written(changes: dict[str, Any]) -> None:
    lock = msgspec.structs.replace(decode_lock(TEXT.encode()), **changes)
    with pytest.raises(ValueError):
        encode_lock(lock)


def test_a_raffle_that_nobody_entered_has_a_lock() -> None:
    empty = sha256().hexdigest()
    assert decode_lock(write(entries=0, tickets=0, root=empty)).root == empty
