"""apply: one order, one clock, one outcome for whatever can be decoded, and a bounded step at a time."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine.commands import (
    LEVEL,
    MEMBER,
    CreateAuction,
    CreditPoints,
    EndEpoch,
    Genesis,
    OpenAuction,
    PlaceBid,
    ProgramSettings,
    RaiseLevel,
    Tick,
)
from engine.errors import Rejected
from engine.machine import Applied, LevelUnknown, apply_entry, decode_batch, start
from engine.members import Lot
from engine.position import Position
from engine.results import BidTaken, PointsSet, ProgramSet, Result, Ticked
from engine.units import DAY, HOUR, MINUTE, NEVER, SECOND
from tests.engine.harness import MIDNIGHT, ORIGIN, Stage, copy_of, encode_batch, envelope

OTHER = bytes(15) + b"\x02"


# How a log begins.


def batch_of(*commands, number=1, clock=0):
    return encode_batch([envelope(command) for command in commands], clock, number, ORIGIN)


def test_a_log_begins_with_genesis():
    payload = batch_of(Genesis("demo", settings=ProgramSettings(members=7)))
    program = start(decode_batch(payload))
    applied = apply_entry(program, 0, 1, payload)
    assert applied == Applied(Position(1, 0, 1), ORIGIN, 1, [ProgramSet(1)], applied.events)
    assert (program.id, program.at, program.settings.members) == ("demo", 0, 7)
    assert program.position == Position(1, 0, 1)


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (batch_of(Tick()), "not a genesis command"),
        (batch_of(), "not a genesis command"),
        (batch_of(Genesis("demo", 2)), "continues from a snapshot"),
    ],
)
def test_a_log_that_begins_otherwise(payload, words):
    with pytest.raises(ValueError, match=words):
        start(decode_batch(payload))


def test_a_program_begins_once():
    stage = Stage()
    stage.refuse(Genesis("test"), "setting_is_fixed")
    stage.refuse(Genesis("other", 2), "setting_is_fixed")


@pytest.mark.parametrize("payload", [b"", b"\xc1", msgspec.msgpack.encode([1, b"o", 1]), b"\x00" * 9])
def test_what_cannot_be_read_is_told(payload):
    stage = Stage()
    with pytest.raises(msgspec.DecodeError):
        apply_entry(stage.program, MIDNIGHT, 0, payload)


def test_a_batch_of_another_schema_is_not_read():
    stage = Stage()
    payload = msgspec.msgpack.encode([2, ORIGIN, 1, MIDNIGHT, []])
    with pytest.raises(msgspec.DecodeError, match="schema 2, this code reads 1"):
        apply_entry(stage.program, MIDNIGHT, 0, payload)


def test_a_level_that_this_code_does_not_know_stops_it():
    stage = Stage()
    with pytest.raises(LevelUnknown, match="upgrade it"):
        stage.ask(RaiseLevel(LEVEL + 1))


def test_an_epoch_ends():
    stage = Stage()
    stage.do(EndEpoch())
    assert stage.program.ended


# Time.


@pytest.mark.parametrize("behind", [0, 1, 5_000])
def test_time_never_goes_back(behind):
    stage = Stage()
    stage.tick(MIDNIGHT + HOUR)
    payload = encode_batch([envelope(Tick())], MIDNIGHT + HOUR, 9, OTHER)
    apply_entry(stage.program, MIDNIGHT + HOUR - behind, 9, payload)
    assert stage.program.at == MIDNIGHT + HOUR


@pytest.mark.parametrize(
    ("difference", "recorded", "agrees"),
    [
        (0, False, True),
        (5_000, False, True),
        (-5_000, False, True),
        (5_001, False, False),
        (-5_001, False, False),
        (DAY, False, False),
        (-MIDNIGHT, False, False),
        (DAY, True, True),
    ],
)
def test_the_writers_clock_and_the_stamp_must_agree(difference, recorded, agrees):
    stage = Stage(recorded=recorded)
    stage.member("anna", 0)
    stage.wait(MINUTE)
    two = [envelope(CreditPoints("anna", 5)), envelope(Tick())]
    outcomes = stage.send(*two, clock=stage.at + difference)
    if agrees:
        assert outcomes == [PointsSet("anna", 5, 0), Ticked(False)]
        assert stage.program.at == stage.at
        return
    assert [outcome.code for outcome in outcomes] == ["clock_disagrees"] * 2
    assert outcomes[0].details == {"clock": stage.at + difference, "stamp": stage.at}
    assert stage.program.at == MIDNIGHT
    assert stage.who("anna").issued == 0
    assert stage.last.events == []


@pytest.mark.parametrize(("command", "accepted"), [(Genesis("test"), False), (EndEpoch(), True)])
def test_what_concerns_the_log_goes_by_any_clock_but_moves_no_time(command, accepted):
    stage = Stage()
    auction = stage.open()
    stage.at = MIDNIGHT + DAY
    (outcome,) = stage.send(envelope(command), clock=0)
    assert isinstance(outcome, Result) is accepted
    assert accepted or outcome.code == "setting_is_fixed"
    assert (stage.program.at, auction.status) == (MIDNIGHT, "open")


def test_a_server_clock_that_jumps_closes_nothing():
    stage = Stage()
    stage.member("anna", 5_000, expires_at=MIDNIGHT + 30 * MINUTE)
    auction = stage.open()
    stage.bid("anna", 600)
    heap = [*stage.program.agenda.heap]
    before = stage.program.state_digest()
    stage.at = MIDNIGHT + HOUR
    bid = envelope(PlaceBid("a", 700), "anna", MEMBER, key="k", not_after=MIDNIGHT + MINUTE)
    (refused,) = stage.send(bid, clock=MIDNIGHT)
    assert refused.code == "clock_disagrees"
    assert (auction.status, stage.program.agenda.heap, stage.program.at) == ("open", heap, MIDNIGHT)
    assert stage.points("anna") == (4_400, 600, 0, 0)
    assert stage.program.state_digest() != before, "the position moved"
    # The server's clock is right again, or a new log was begun: the same command under a new number.
    stage.at = MIDNIGHT + SECOND
    (taken,) = stage.send(bid)
    assert taken.leading


# Copies.


@pytest.mark.parametrize("number", [7, 6, 1])
def test_a_copy_of_a_batch_does_nothing(number):
    stage = Stage()
    stage.member("anna", 0)
    give = envelope(CreditPoints("anna", 5))
    stage.send(give, number=7, origin=OTHER)
    twin = copy_of(stage.program)
    stage.at += HOUR
    assert stage.send(give, number=number, origin=OTHER) == []
    assert (stage.last.number, stage.last.origin, stage.last.events) == (number, OTHER, [])
    assert stage.who("anna").issued == 5
    assert stage.program.at == MIDNIGHT
    assert stage.program.digest != twin.digest
    stage.program.digest, stage.program.position = twin.digest, twin.position
    assert stage.program.state_digest() == twin.state_digest()


def test_batches_of_other_writers_and_later_numbers_are_new():
    stage = Stage()
    stage.member("anna", 0)
    give = envelope(CreditPoints("anna", 5))
    for origin, number in ((OTHER, 1), (OTHER, 2), (OTHER, 9), (bytes(15) + b"\x03", 1)):
        assert len(stage.send(give, number=number, origin=origin)) == 1
    assert stage.who("anna").issued == 20


def test_a_refused_batch_is_known_too():
    stage = Stage()
    stage.member("anna", 0)
    give = envelope(CreditPoints("anna", 5))
    assert stage.send(give, number=3, origin=OTHER, clock=MIDNIGHT + HOUR)[0].code == "clock_disagrees"
    assert stage.send(give, number=3, origin=OTHER, clock=MIDNIGHT + HOUR) == []
    assert stage.send(give, number=4, origin=OTHER) == [PointsSet("anna", 5, 0)]


def test_a_writer_is_remembered_for_a_day_of_silence():
    stage = Stage()
    stage.send(envelope(Tick()), origin=OTHER, number=1)
    stage.wait(DAY - 1)
    stage.send(envelope(Tick()), origin=OTHER, number=2)
    stage.tick(stage.at + DAY - 1)
    assert OTHER in stage.program.origins
    assert stage.send(envelope(Tick()), origin=OTHER, number=2) == []
    stage.tick(stage.at + 1)
    assert OTHER not in stage.program.origins


# The running digest.


def digests(stage):
    program = start(decode_batch(stage.entries[0][2]))
    found = []
    for entry in stage.entries:
        apply_entry(program, *entry)
        found.append(program.digest)
    return found


def test_replicas_have_equal_digests_at_equal_positions():
    stage = Stage()
    stage.members("anna", "ben")
    stage.open()
    stage.bid("anna", 700)
    first = digests(stage)
    assert digests(stage) == first
    assert first[-1] == stage.program.digest
    assert len(set(first)) == len(first)


def differ(change, give, twin, entry):
    """The entry, or the twin's state, with one thing changed."""
    milliseconds, sequence, payload = entry
    if change == "payload":
        payload = encode_batch([msgspec.structs.replace(give, actor="boss2")], milliseconds, 9, OTHER)
    elif change == "stamp":
        sequence += 1
    elif change == "outcome":
        twin.ledger.credit(twin.members.get("anna"), Lot(0, NEVER, 1))
    elif change == "event":
        twin.members.get("ben").lots[0].points += 1
    return milliseconds, sequence, payload


@pytest.mark.parametrize("change", ["payload", "stamp", "outcome", "event", ""])
def test_a_difference_shows_in_the_digest_for_good(change):
    stage = Stage()
    stage.member("anna", 0)
    stage.member("ben", 5, expires_at=MIDNIGHT + 1)
    stage.wait(1)
    twin = copy_of(stage.program)
    give = envelope(CreditPoints("anna", 5), "boss")
    stage.send(give, number=9, origin=OTHER)
    apply_entry(twin, *differ(change, give, twin, stage.entries[-1]))
    assert (twin.digest == stage.program.digest) is (not change)
    stage.do(Tick())
    apply_entry(twin, *stage.entries[-1])
    assert (twin.digest == stage.program.digest) is (not change)


# Every command has one outcome.


def test_outcomes_stand_in_the_order_of_their_commands():
    stage = Stage()
    stage.members("anna", "ben")
    outcomes = stage.send(
        envelope(CreateAuction("a", stage.terms())),
        envelope(PlaceBid("a", 500), "anna"),
        envelope(OpenAuction("a")),
        envelope(PlaceBid("a", 900), "anna"),
        envelope(PlaceBid("a", 599), "ben"),
        envelope(PlaceBid("a", 700), "ben"),
    )
    kinds = [outcome.code if isinstance(outcome, Rejected) else type(outcome) for outcome in outcomes]
    assert kinds[1] == "auction_not_open"
    assert kinds[3:] == [BidTaken, "bid_too_low", BidTaken]


# The same in every process.


@pytest.mark.parametrize("walks", ["tests.engine.walks", "tests.engine.reward_walks"])
def test_one_decision_in_every_process(walks):
    root = Path(__file__).parents[2]
    walks = [
        subprocess.Popen(
            [sys.executable, "-m", walks, "42"],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "4711")
    ]
    printed = [walk.communicate(timeout=60)[0] for walk in walks]
    assert all(walk.returncode == 0 for walk in walks)
    assert len(printed[0].split()) == 2
    assert len(set(printed)) == 1
