"""Verification as a whole: what holds passes, with what must be taken on trust; all else gets a report."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from engine.draw import checks
from engine.draw.evidence import EntryProof, encode_entry_proof, encode_evidence
from engine.draw.lock import PrizeLine
from engine.draw.verification import verify_entry, verify_evidence, verify_locks
from tests.engine.draw.making import (
    CLOSED_AT,
    ENTRIES,
    KEY,
    MEMBERS,
    OTHER_KEY,
    OTHER_SIGNER,
    SALT,
    SECRET,
    VOID,
    changes_of,
    committed,
    fails,
    ids,
    make_chain,
    make_evidence,
    make_file,
    make_lock,
    make_proof,
    read_lock_at,
    sign,
    write_chain,
)

ALWAYS = ["form", "key", "signature", "lock", "entries"]
BY_BEACON = [*ALWAYS, "round", "beacon", "places"]
BY_COMMITMENT = [*ALWAYS, "commitment", "places"]


BY_BEACON_FILE = make_file()
BY_COMMITMENT_FILE = make_file(make_lock(beacon=committed()))


# What holds


def test_evidence_that_holds() -> None:
    report = verify_evidence(make_file(), keys=(KEY,))
    assert report.passed
    assert ids(report) == BY_BEACON
    assert report.notes == [checks.OPERATORS_WORD.format(why="the file has none")]
    assert "the lock's time is the operator's word" in report.notes[0]


def test_a_commitment_that_holds() -> None:
    report = verify_evidence(make_file(make_lock(beacon=committed())), keys=(KEY,))
    assert report.passed
    assert ids(report) == BY_COMMITMENT
    assert checks.OWN_SECRET in report.notes


def test_the_files_own_key_proves_nothing_and_it_says_so() -> None:
    report = verify_evidence(make_file())
    assert report.passed
    assert "the key is the file's own: that proves nothing about who signed" in report.notes[0]
    assert "key" not in ids(report), "what was not compared is no step"


def test_a_void_raffle_says_so() -> None:
    report = verify_evidence(make_file(void=VOID), keys=(KEY,))
    assert report.passed
    assert ids(report) == [*BY_BEACON, "void"]
    assert "VOID, since 2023-08-23 16:58:24 UTC: 'the prize was withdrawn'" in report.steps[-1].words
    assert checks.VOID_IS_UNSIGNED in report.notes


def test_a_lock_that_was_never_signed() -> None:
    assert fails(verify_evidence(make_file(signature=""), keys=(KEY,))) == "signature"
    report = verify_evidence(make_file(signature="", void=VOID), keys=(KEY,))
    assert report.passed
    assert checks.UNSIGNED in report.notes
    assert "signature" not in ids(report)


def test_a_later_round_is_noted() -> None:
    """The close of an open raffle may move earlier; its round stays."""
    report = verify_evidence(make_file(make_lock(closed_at=CLOSED_AT - 3_000)), keys=(KEY,))
    assert report.passed
    assert checks.LATER_ROUND in report.notes
    assert checks.LATER_ROUND not in verify_evidence(make_file(), keys=(KEY,)).notes


def test_a_raffle_that_nobody_entered() -> None:
    report = verify_evidence(make_file(make_lock([]), []), keys=(KEY,))
    assert report.passed


def test_fewer_entrants_than_places() -> None:
    lock = make_lock(prizes=(PrizeLine("car", 2**50),), reserves=2**50)
    evidence = make_evidence(make_lock(prizes=(PrizeLine("car", 9),), reserves=0))
    assert len(evidence.places) == 5
    right = make_evidence(msgspec.structs.replace(lock, prizes=(PrizeLine("car", 9),), reserves=4))
    assert [place.prize for place in right.places] == ["car"] * 5
    assert verify_evidence(encode_evidence(right), keys=(KEY,)).passed
    # Drawing stops where the file's places end, however many the lock asks for.
    assert fails(verify_evidence(make_file(lock, places=[]), keys=(KEY,))) == "places"


def test_reserves_have_no_prize() -> None:
    assert [place.prize for place in make_evidence().places] == ["car", "bike", "bike", ""]


# The chain of locks


def test_a_lock_in_its_chain() -> None:
    locks = make_chain()
    for number in range(1, 5):
        data = make_file(read_lock_at(locks, number))
        report = verify_evidence(data, keys=(KEY,), locks=write_chain(locks))
        assert report.passed
        assert report.steps[-1].id == "chain"
        assert f"lock {number} of the 4 in the list" in report.steps[-1].words


@pytest.mark.parametrize(
    ("locks", "words"),
    [
        ([b"nonsense"], "cannot be read as a list of locks"),
        (write_chain(make_chain()[:2]), "ends with number 2"),
        (write_chain([*make_chain()[:1], *make_chain()[2:]]), "Lock 2 is not in the list"),
        (
            write_chain([*make_chain(2), {"text": "", "signature": "", "key": ""}]),
            "Lock 3 of the list does not hold",
        ),
        (
            write_chain([*make_chain(2), make_chain(3)[2] | {"signature": ""}]),
            "The list has lock 3 with another signature",
        ),
    ],
)
def test_a_chain_with_a_hole(locks: list[bytes], words: str) -> None:
    report = verify_evidence(make_file(read_lock_at(make_chain(), 3)), keys=(KEY,), locks=locks)
    assert fails(report) == "chain"
    assert words in report.steps[-1].words


def test_a_second_lock_under_the_same_number() -> None:
    lock = read_lock_at(make_chain(), 4)
    data = make_file(msgspec.structs.replace(lock, raffle="drawn again"))
    report = verify_evidence(data, keys=(KEY,), locks=write_chain(make_chain()))
    assert fails(report) == "chain"
    assert "there are two of them" in report.steps[-1].words


def test_the_list_of_locks_by_itself() -> None:
    pages = write_chain(make_chain())
    assert verify_locks(pages, keys=(KEY,)).passed
    assert ids(verify_locks(pages, keys=(KEY,))) == ["form", "chain"]
    assert verify_locks(pages, keys=(KEY,)).notes == []
    assert "the file's own" in verify_locks(pages).notes[0]
    other = verify_locks(pages, keys=(OTHER_KEY,))
    assert fails(other) == "chain"
    assert f"4 of the locks are signed with the key {KEY.hex()}, which was not given" in str(other)
    assert fails(verify_locks(write_chain(make_chain()[1:]), keys=(KEY,))) == "chain"
    assert fails(verify_locks([b""], keys=(KEY,))) == "form"
    assert fails(verify_locks([b'{"locks":[{}]}'])) == "form"


def test_a_list_that_goes_on_is_no_whole_one() -> None:
    first, _ = write_chain(make_chain())
    assert "goes on after lock 2: fetch the rest with ?after=2" in str(verify_locks([first], keys=(KEY,)))
    report = verify_evidence(make_file(read_lock_at(make_chain(), 1)), keys=(KEY,), locks=[first])
    assert fails(report) == "chain"


def test_a_program_that_has_changed_its_key() -> None:
    locks = make_chain()
    locks[3] |= {"key": OTHER_KEY.hex(), "signature": OTHER_SIGNER.sign(locks[3]["text"].encode()).hex()}
    pages = write_chain(locks)
    assert verify_locks(pages, keys=(KEY, OTHER_KEY)).passed
    for keys in ((KEY,), (OTHER_KEY,)):
        assert fails(verify_locks(pages, keys=keys)) == "chain"
    assert "1 of the program's locks are signed with another key" in verify_locks(pages).notes[1]
    data = make_file(read_lock_at(locks, 1))
    assert verify_evidence(data, keys=(KEY, OTHER_KEY), locks=pages).passed
    assert fails(verify_evidence(data, keys=(KEY,), locks=pages)) == "chain"
    assert "signed with another key" in verify_evidence(data, locks=pages).notes[-1]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (make_file(), "it is the evidence of a draw; use livelot verify-draw"),
        (encode_entry_proof(make_proof("m1")), "it is a member's proof; use livelot verify-entry"),
        (write_chain(make_chain())[1], "it is a list of locks; use livelot verify-locks"),
        (b'{"code":"no_entry","detail":"You have none."}', "it is a gateway's refusal: You have none."),
        (b"<html>", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "Expected"),
    ],
)
def test_another_file_is_told_by_its_kind(data: bytes, words: str) -> None:
    for verify in (verify_evidence, verify_entry, lambda data: verify_locks([data])):
        report = verify(data)
        assert report.passed or fails(report) == "chain" or words in str(report)


# One member's entries


@pytest.mark.parametrize("member", sorted({member for member, _ in MEMBERS}))
def test_a_members_entries(member: str) -> None:
    data = encode_entry_proof(make_proof(member))
    report = verify_entry(data, keys=(KEY,))
    assert report.passed
    assert ids(report) == ["form", "key", "signature", "lock", "entries"]
    report = verify_entry(data, member=member, salt=SALT)
    assert report.passed
    assert ids(report)[-1] == "member"
    assert "the file's own" in report.notes[0]


def test_the_members_tickets_are_named() -> None:
    report = verify_entry(encode_entry_proof(make_proof("m1")), keys=(KEY,))
    assert report.steps[-1].words == f"In the lock as {ENTRIES[0][0]}: tickets 1 to 3, ticket 14."


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (lambda it: {"key": OTHER_KEY.hex()}, "key"),
        (lambda it: {"signature": ""}, "signature"),
        (lambda it: {"signature": sign(it.lock.encode(), OTHER_SIGNER)}, "signature"),
        (lambda it: {"lock": "{}", "signature": sign(b"{}")}, "lock"),
        (lambda it: {"entrant": ENTRIES[1][0]}, "entries"),
        (lambda it: {"entrant": it.entrant.upper()}, "entries"),
        (lambda it: {"entries": []}, "entries"),
        (lambda it: {"entries": it.entries[::-1]}, "entries"),
        (lambda it: {"entries": [it.entries[0], it.entries[0]]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], last=4)]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], first=0)]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], entry=1)]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], entry=-1)]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], entry=6)]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], entry=2**63)]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], path=[])]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], path=["x"])]}, "entries"),
        (lambda it: {"entries": [msgspec.structs.replace(it.entries[0], path=["00" * 32] * 99)]}, "entries"),
    ],
)
def test_entries_that_are_not_in_the_lock(change: Callable[[EntryProof], dict[str, Any]], step: str) -> None:
    proof = make_proof("m1")
    changed = msgspec.structs.replace(proof, **change(proof))
    assert fails(verify_entry(encode_entry_proof(changed), keys=(KEY,))) == step


def test_somebody_elses_pseudonym() -> None:
    data = encode_entry_proof(make_proof("m1"))
    assert fails(verify_entry(data, keys=(KEY,), member="m2", salt=SALT)) == "member"
    assert fails(verify_entry(data, keys=(KEY,), member="m1", salt=SECRET)) == "member"


def test_no_byte_of_a_proof_can_change() -> None:
    data = encode_entry_proof(make_proof("m4"))
    start = data.index(b'"lock":')
    for place in range(start, len(data)):
        for value in changes_of(data[place]):
            changed = bytearray(data)
            changed[place] = value
            assert not verify_entry(bytes(changed), keys=(KEY,)).passed


# Whatever comes: a report, no exception

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["", "00" * 32, "ff" * 48, "\x00", "é", "{}", "[]"]),
    st.lists(st.integers(), max_size=3),
    st.just({}),
)


def paths_of(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a document something stands."""
    inner = (
        document.items()
        if isinstance(document, dict)
        else enumerate(document)
        if isinstance(document, list)
        else ()
    )
    return [path] * bool(path) + [found for key, value in inner for found in paths_of(value, (*path, key))]


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


@settings(max_examples=400)
@given(st.sampled_from([BY_BEACON_FILE, BY_COMMITMENT_FILE]), st.booleans(), st.data())
def test_odd_values_anywhere(data: bytes, inside_the_lock: bool, draw: st.DataObject) -> None:
    document = json.loads(data)
    changed = json.loads(document["lock"]) if inside_the_lock else document
    for _ in range(draw.draw(st.integers(1, 3))):
        put(changed, draw.draw(st.sampled_from(paths_of(changed))), draw.draw(ODD))
        if not inside_the_lock:
            break
    if inside_the_lock:
        document["lock"] = json.dumps(changed, separators=(",", ":"), ensure_ascii=False)
        document["signature"] = sign(document["lock"].encode())
    verify_evidence(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
    verify_evidence(json.dumps(document, separators=(",", ":")).encode(), locks=[data], certificates=data)


@given(st.binary(max_size=300))
def test_odd_files(data: bytes) -> None:
    assert fails(verify_evidence(data)) == "form"
    assert fails(verify_entry(data)) == "form"
    assert fails(verify_locks([data])) == "form"


def test_evidence_is_no_proof_of_an_entry() -> None:
    assert fails(verify_entry(BY_BEACON_FILE)) == "form"
    assert fails(verify_evidence(encode_entry_proof(make_proof("m1")))) == "form"
