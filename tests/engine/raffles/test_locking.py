"""The lock: its text, its chain, its signature and its time."""

import msgspec

from engine.commands import (
    ChangeDrawKey,
    Draw,
    PublishDrawKey,
    SignLock,
    StampLock,
    VoidRaffle,
)
from engine.draw.beacon import CHAIN, time_of_round
from engine.draw.lock import NO_PREVIOUS, decode_lock, hash_lock
from engine.events import LockSigned, RaffleLocked
from engine.raffles.locking import TOO_LATE, UNSIGNED
from engine.raffles.state import LOCKED, OPEN, VOID
from tests.engine.harness import Stage, copy_of
from tests.engine.raffling import (
    CLOSE,
    KEY,
    ROUND,
    SECRET,
    SIGNATURE,
    SIGNER,
    beacon_stage,
    buy,
    close,
    draw,
    open_raffle,
    sign,
)


def test_a_lock_says_what_is_drawn_from() -> None:
    stage = beacon_stage()
    stage.members("anna", "ben")
    raffle = open_raffle(stage, randomness="beacon", closes_at=CLOSE, reserves=3)
    buy(stage, "anna", 3)
    buy(stage, "ben", 2)
    close(stage, signed=False)
    record = stage.program.raffles.locks[0]
    assert msgspec.json.decode(record.text) == {
        "algorithm": "livelot-draw-1",
        "beacon": {"chain": CHAIN, "round": ROUND},
        "closed_at": CLOSE,
        "entries": 2,
        "number": 1,
        "previous": NO_PREVIOUS,
        "prizes": [{"id": "car", "quantity": 1}],
        "raffle": "r",
        "reserves": 3,
        "root": raffle.root().hex(),
        "tickets": 5,
    }
    assert (record.at, record.signature, raffle.status, raffle.lock) == (CLOSE, "", LOCKED, 1)


def test_an_empty_raffle_has_a_lock_too() -> None:
    stage = Stage()
    open_raffle(stage)
    stage.tick(stage.at + 3_600_000)
    lock = decode_lock(stage.program.raffles.locks[0].text.encode())
    assert (lock.entries, lock.tickets) == (0, 0)
    assert lock.root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_locks_are_a_chain_without_a_gap_whatever_becomes_of_them() -> None:
    stage = Stage()
    stage.members("anna")
    for id in ("a", "b", "c"):
        open_raffle(stage, id)
        buy(stage, "anna", raffle=id)
    draw(stage, "a")
    stage.do(VoidRaffle("b", "a test"))
    draw(stage, "c")
    texts = [record.text.encode() for record in stage.program.raffles.locks]
    locks = [decode_lock(text) for text in texts]
    assert [lock.number for lock in locks] == [1, 2, 3]
    assert [lock.previous for lock in locks] == [NO_PREVIOUS, hash_lock(texts[0]), hash_lock(texts[1])]
    assert [record.fate for record in stage.program.raffles.locks] == ["drawn", "void", "drawn"]


def test_a_raffle_that_is_void_before_its_close_takes_no_number() -> None:
    stage = Stage()
    open_raffle(stage, "a")
    open_raffle(stage, "b")
    stage.do(VoidRaffle("a", "a test"))
    close(stage, "b", signed=False)
    assert [record.raffle for record in stage.program.raffles.locks] == ["b"]


def test_a_lock_at_its_rounds_time_voids() -> None:
    stage = beacon_stage()
    stage.members("anna")
    raffle = open_raffle(stage, randomness="beacon", closes_at=CLOSE)
    buy(stage, "anna")
    stage.at = time_of_round(ROUND)
    stage.tick()
    assert (raffle.status, raffle.reason, raffle.lock) == (VOID, TOO_LATE, 1)
    assert stage.who("anna").spent == 0
    assert stage.program.raffles.locks[0].fate == VOID


def test_a_signature_in_the_last_moment_is_in_time() -> None:
    stage = beacon_stage()
    raffle = open_raffle(stage, randomness="beacon", closes_at=CLOSE)
    stage.tick(time_of_round(ROUND) - 1)
    sign(stage, raffle)
    stage.tick(time_of_round(ROUND))
    assert raffle.status == LOCKED


def test_a_signature_that_comes_too_late_voids_and_is_kept() -> None:
    stage = beacon_stage()
    raffle = open_raffle(stage, randomness="beacon", closes_at=CLOSE)
    stage.tick(CLOSE)
    stage.at = time_of_round(ROUND)
    stage.do(PublishDrawKey(KEY))
    record = stage.program.raffles.locks[0]
    stage.do(SignLock(1, KEY, SIGNER.sign(record.text.encode()).hex()))
    assert (raffle.status, raffle.reason) == (VOID, UNSIGNED)
    assert record.signature
    stage.do(Draw("r", ROUND, SIGNATURE))
    assert raffle.status == VOID


def test_a_lock_is_signed_once_with_the_programs_key() -> None:
    stage = Stage()
    raffle = open_raffle(stage)
    stage.refuse(SignLock(1, KEY, "0" * 128), "unknown_lock")
    close(stage, signed=False)
    stage.refuse(SignLock(1, KEY, "0" * 128), "draw_key_differs")
    stage.do(PublishDrawKey(KEY))
    stage.refuse(SignLock(1, "0" * 64, "0" * 128), "draw_key_differs")
    sign(stage, raffle)
    assert stage.events(LockSigned) == [LockSigned("r", 1)]
    stage.refuse(SignLock(1, KEY, "0" * 128), "lock_signed")


def test_the_key_is_published_once_and_changed_by_an_operator() -> None:
    stage = Stage()
    stage.do(PublishDrawKey(KEY))
    stage.do(PublishDrawKey(KEY))
    refused = stage.refuse(PublishDrawKey("0" * 64), "draw_key_differs")
    assert refused.details == {"key": KEY}
    stage.do(ChangeDrawKey("0" * 64, "the old one was lost"), "olga")
    assert stage.program.raffles.key == "0" * 64
    assert copy_of(stage.program).raffles.key == "0" * 64


def test_the_first_time_stamp_stays() -> None:
    stage = Stage()
    open_raffle(stage)
    stage.refuse(StampLock(1, "AA=="), "unknown_lock")
    close(stage)
    stage.do(StampLock(1, "AA=="))
    stage.refuse(StampLock(1, "AB=="), "lock_signed")
    assert stage.program.raffles.locks[0].token == "AA=="


def test_the_close_tells_the_root_at_once() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(stage)
    buy(stage, "anna")
    happened = stage.tick(raffle.closes_at)
    assert RaffleLocked("r", 1, raffle.root().hex()) in happened


def test_an_open_raffle_cannot_be_drawn() -> None:
    stage = Stage()
    raffle = open_raffle(stage)
    stage.refuse(Draw("r", secret=SECRET.hex()), "wrong_raffle_status")
    assert raffle.status == OPEN
