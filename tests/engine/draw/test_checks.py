"""The steps of a verification: whatever was changed is named by the first step that it breaks."""

import functools
import random
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from engine.draw import checks
from engine.draw.beacon import CHAIN, first_round, randomness_of, time_of_round
from engine.draw.bls import is_signed
from engine.draw.evidence import BeaconEvidence, Evidence, encode_evidence
from engine.draw.lock import Beacon, Lock, PrizeLine, encode_lock
from engine.draw.verification import verify_evidence
from tests.engine.draw.authority import BEACON_KEY, Authority, sign_round
from tests.engine.draw.making import (
    CLOSED_AT,
    ENTRIES,
    KEY,
    OTHER_KEY,
    OTHER_SIGNER,
    PRIZES,
    ROUND,
    SECRET,
    SIGNATURE,
    VOID,
    changes_of,
    committed,
    fails,
    make_evidence,
    make_file,
    make_lock,
    make_places,
    sections,
    sign,
)

# What was changed by somebody without the key


EXPECTED = {
    "format": {"form"},
    "lock": {"form", "signature"},
    "signature": {"form", "signature"},
    "key": {"form", "key"},
    "beacon": {"form", "round", "beacon"},
    "secret": {"form", "commitment"},
    "entries": {"form", "entries"},
    "places": {"form", "places"},
}
"""Which step a changed byte breaks, by the section that it lies in."""

BY_BEACON_FILE = make_file()
BY_COMMITMENT_FILE = make_file(make_lock(beacon=committed()))


@pytest.mark.parametrize("section", EXPECTED)
@pytest.mark.parametrize("data", [BY_BEACON_FILE, BY_COMMITMENT_FILE], ids=["beacon", "commitment"])
def test_no_byte_can_change(data: bytes, section: str) -> None:
    seen: set[str] = set()
    for place in sections(data)[section]:
        for value in changes_of(data[place]):
            changed = bytearray(data)
            changed[place] = value
            seen.add(fails(verify_evidence(bytes(changed), keys=(KEY,))))
    assert seen <= EXPECTED[section]
    if not (section in ("beacon", "secret") and b'"%s":null' % section.encode() in data):
        assert seen == EXPECTED[section]


def test_what_a_changed_byte_leaves_valid_is_said_not_to_be_signed() -> None:
    """The program's name, and that it is void, are not in the lock: the report quotes the one as the file's
    word, and notes the other."""
    report = verify_evidence(make_file(program="another"), keys=(KEY,))
    assert report.passed
    assert "it says that the program is another" in report.steps[0].words


def test_no_byte_of_a_big_file_can_change() -> None:
    entries = [(f"{entry % 2500:032x}", 1 + entry % 7) for entry in range(3000)]
    data = make_file(make_lock(entries, reserves=40), entries)
    found = sections(data)
    assert verify_evidence(data, keys=(KEY,)).passed
    chance = random.Random(6962)
    for section, expected in EXPECTED.items():
        for place in chance.sample(found[section], min(25, len(found[section]))):
            changed = bytearray(data)
            changed[place] = chance.choice(sorted(changes_of(data[place])))
            assert fails(verify_evidence(bytes(changed), keys=(KEY,))) in expected


@settings(max_examples=300)
@given(st.sampled_from([BY_BEACON_FILE, BY_COMMITMENT_FILE]), st.data())
def test_pieces_taken_out_or_put_in_are_seen(data: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(start, min(len(data), start + 200)))
    changed = data[:start] + draw.draw(st.binary(max_size=50)) + data[end:]
    program = sections(data)["program"]
    if changed != data and not (program.start <= start and end <= program.stop):
        assert not verify_evidence(changed, keys=(KEY,)).passed


# What was changed by somebody with the key


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"root": "ab" * 32}, "entries"),
        ({"tickets": 28}, "entries"),
        ({"entries": 5}, "lock"),
        ({"entries": 7}, "lock"),
        ({"beacon": Beacon("ab" * 32, ROUND)}, "round"),
        ({"beacon": Beacon(CHAIN, ROUND + 1)}, "round"),
        ({"closed_at": CLOSED_AT + 1}, "round"),
        ({"closed_at": 2**53 - 1}, "round"),
        ({"raffle": "summer"}, "places"),
        ({"number": 2, "previous": "ab" * 32}, "places"),
        ({"prizes": PRIZES[::-1]}, "places"),
        ({"prizes": (PrizeLine("car", 1), PrizeLine("bike", 3))}, "places"),
        ({"reserves": 2}, "places"),
        ({"reserves": 0}, "places"),
    ],
)
def test_a_lock_that_was_made_anew(changes: dict[str, Any], step: str) -> None:
    data = encode_lock(msgspec.structs.replace(make_lock(), **changes))
    evidence = make_evidence(lock=None, signature=sign(data))
    changed = msgspec.structs.replace(evidence, lock=data.decode())
    assert fails(verify_evidence(encode_evidence(changed), keys=(KEY,))) == step


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "cannot be read as a lock"),
        (encode_lock(make_lock()).decode().replace(",", ", ", 1), "not written in its one canonical form"),
        (encode_lock(make_lock()).decode().replace("draw-1", "draw-2"), "livelot-draw-2"),
    ],
)
def test_a_lock_that_is_none(text: str, words: str) -> None:
    report = verify_evidence(with_lock(text), keys=(KEY,))
    assert fails(report) == "lock"
    assert words in report.steps[-1].words


def with_lock(text: str) -> bytes:
    evidence = make_evidence(signature=sign(text.encode()))
    return encode_evidence(msgspec.structs.replace(evidence, lock=text))


def moved(items: list[Any]) -> list[Any]:
    return [items[1], items[0], *items[2:]]


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (lambda it: {"key": OTHER_KEY.hex()}, "key"),
        (lambda it: {"key": it.key.upper()}, "key"),
        (lambda it: {"key": ""}, "key"),
        (lambda it: {"signature": sign(it.lock.encode(), OTHER_SIGNER)}, "signature"),
        (lambda it: {"signature": it.signature.upper()}, "signature"),
        (lambda it: {"entries": moved(it.entries)}, "entries"),
        (lambda it: {"entries": it.entries[:-1]}, "lock"),
        (lambda it: {"entries": [*it.entries, (it.entries[0][0], 1)]}, "lock"),
        (lambda it: {"entries": [(it.entries[0][0], 2), (it.entries[1][0], 11), *it.entries[2:]]}, "entries"),
        (lambda it: {"entries": [(it.entries[0][0], 0), *it.entries[1:]]}, "entries"),
        (lambda it: {"entries": [(it.entries[0][0], -3), *it.entries[1:]]}, "entries"),
        (lambda it: {"entries": [("m1", 3), *it.entries[1:]]}, "entries"),
        (lambda it: {"entries": [(it.entries[0][0].upper(), 3), *it.entries[1:]]}, "entries"),
        (lambda it: {"beacon": None}, "beacon"),
        (lambda it: {"beacon": None, "secret": SECRET.hex()}, "beacon"),
        (lambda it: {"secret": SECRET.hex()}, "beacon"),
        (lambda it: {"beacon": BeaconEvidence(ROUND + 1, SIGNATURE)}, "round"),
        (lambda it: {"beacon": BeaconEvidence(ROUND, SIGNATURE.upper())}, "beacon"),
        (lambda it: {"beacon": BeaconEvidence(ROUND, "ff" * 48)}, "beacon"),
        (lambda it: {"places": moved(it.places)}, "places"),
        (lambda it: {"places": it.places[:-1]}, "places"),
        (lambda it: {"places": []}, "places"),
        (lambda it: {"places": [*it.places, it.places[-1]]}, "places"),
        (lambda it: {"timestamp": ""}, "time"),
        (lambda it: {"timestamp": "AAAA"}, "time"),
        (lambda it: {"void": msgspec.structs.replace(VOID, at=-1)}, "void"),
    ],
)
def test_what_stands_beside_the_lock(change: Callable[[Evidence], dict[str, Any]], step: str) -> None:
    evidence = make_evidence()
    changed = msgspec.structs.replace(evidence, **change(evidence))
    assert fails(verify_evidence(encode_evidence(changed), keys=(KEY,))) == step


def test_a_signature_from_another_round() -> None:
    """A real signature of drand's, but not of the round that the lock names."""
    lock = make_lock(beacon=Beacon(CHAIN, ROUND + 1))
    data = make_file(lock, beacon=BeaconEvidence(ROUND + 1, SIGNATURE))
    assert fails(verify_evidence(data, keys=(KEY,))) == "beacon"


@pytest.mark.parametrize("secret", [None, "00" * 32, SECRET.hex().upper(), SECRET.hex()[:-2], ""])
def test_another_secret(secret: str | None) -> None:
    data = make_file(make_lock(beacon=committed()), secret=secret)
    assert fails(verify_evidence(data, keys=(KEY,))) == "commitment"


def test_a_beacon_where_a_secret_belongs() -> None:
    data = make_file(make_lock(beacon=committed()), beacon=BeaconEvidence(ROUND, SIGNATURE))
    assert fails(verify_evidence(data, keys=(KEY,))) == "commitment"


def test_a_void_raffle_publishes_its_randomness_all_the_same() -> None:
    assert fails(verify_evidence(make_file(void=VOID, beacon=None, places=[]), keys=(KEY,))) == "beacon"


# Outside time stamps

EARLY = first_round(4_000_000_000_000)
"""A round of the year 2096: any stamp that is made today is earlier."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def own_beacon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds in the future are signed by a beacon of the tests' own."""
    monkeypatch.setattr(checks, "is_signed", functools.partial(is_signed, public_key=BEACON_KEY))


def stamped(authority: Authority, lock: Lock, **changes: Any) -> bytes:
    """Evidence whose lock was stamped just now."""
    answer = b64encode(authority.stamp(encode_lock(lock))).decode()
    return make_file(lock, **{"timestamp": answer, **changes})


def early_file(authority: Authority) -> bytes:
    lock = make_lock(beacon=Beacon(CHAIN, EARLY), closed_at=time_of_round(EARLY) - 60_000)
    evidence = make_evidence(lock, beacon=BeaconEvidence(EARLY, sign_round(EARLY).hex()))
    places = make_places(lock, ENTRIES, randomness_of(sign_round(EARLY)))
    answer = b64encode(authority.stamp(encode_lock(lock))).decode()
    return encode_evidence(msgspec.structs.replace(evidence, places=places, timestamp=answer))


def test_a_stamp_before_the_round(authority: Authority, own_beacon: None) -> None:
    report = verify_evidence(early_file(authority), keys=(KEY,), certificates=authority.certificate)
    assert report.passed
    assert report.notes == []
    assert "before the randomness existed" in report.steps[-1].words


def test_a_stamp_without_certificates_is_noted(authority: Authority, own_beacon: None) -> None:
    report = verify_evidence(early_file(authority), keys=(KEY,))
    assert report.passed
    assert report.notes == [checks.OPERATORS_WORD.format(why="no certificate of its authority was given")]


def test_a_stamp_after_the_round_voids_the_raffle(authority: Authority) -> None:
    late = stamped(authority, make_lock())
    assert fails(verify_evidence(late, keys=(KEY,), certificates=authority.certificate)) == "time"
    assert fails(verify_evidence(late, keys=(KEY,))) == "time"
    void = stamped(authority, make_lock(), void=VOID)
    report = verify_evidence(void, keys=(KEY,), certificates=authority.certificate)
    assert report.passed
    assert checks.LATE in report.notes


def test_a_stamp_of_another_lock(authority: Authority, own_beacon: None) -> None:
    evidence = msgspec.json.decode(early_file(authority), type=Evidence)
    other = b64encode(authority.stamp(b"another lock")).decode()
    data = encode_evidence(msgspec.structs.replace(evidence, timestamp=other))
    assert fails(verify_evidence(data, keys=(KEY,), certificates=authority.certificate)) == "time"
    assert fails(verify_evidence(data, keys=(KEY,))) == "time"


def test_a_stamp_of_nobody_whom_we_trust(authority: Authority, own_beacon: None, tmp_path: Path) -> None:
    other = Authority(tmp_path)
    data = early_file(authority)
    assert fails(verify_evidence(data, keys=(KEY,), certificates=other.certificate)) == "time"
    assert fails(verify_evidence(data, keys=(KEY,), certificates=b"nonsense")) == "time"
    assert verify_evidence(data, keys=(KEY,), certificates=other.certificate + authority.certificate).passed


def test_certificates_without_a_stamp_to_vouch_for(authority: Authority) -> None:
    assert fails(verify_evidence(make_file(), keys=(KEY,), certificates=authority.certificate)) == "time"


def test_a_stamp_beside_a_commitment(authority: Authority) -> None:
    data = stamped(authority, make_lock(beacon=committed()))
    report = verify_evidence(data, keys=(KEY,), certificates=authority.certificate)
    assert report.passed
    assert report.steps[-1].words.startswith("An outside authority saw the lock at 2")
