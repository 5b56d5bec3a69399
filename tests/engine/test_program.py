"""The state's encoding: canonical, complete, and told from anything else."""

from random import Random

import msgspec
import pytest

from engine.commands import MANAGER, Configure, EndEpoch, IncrementStep, PauseAuction, ProgramSettings, Tick
from engine.machine import apply_entry
from engine.program import FORMAT, Program
from engine.units import DAY, HOUR, MINUTE
from tests.engine.harness import MIDNIGHT, Stage, copy_of, replay
from tests.engine.walks import Walk

SETTINGS = ProgramSettings(
    tiers=("gold", "silver"),
    increments=(IncrementStep(100, 7), IncrementStep(0, 70)),
    spending_order="earned",
    release_grace=HOUR,
    win_limits={"spring": 2},
    keys=77,
    keys_per_actor=7,
)


@pytest.fixture
def stage():
    """A program with something in every part of its state."""
    stage = Stage(SETTINGS)
    stage.members("anna", "ben")
    stage.member("cleo", 900, expires_at=MIDNIGHT + DAY)
    for id in "abc":
        stage.open(id, campaign="spring", ends_at=MIDNIGHT + 2 * HOUR, reserve=1_000)
        stage.bid("anna", 600, id) if id == "a" else stage.bid("ben", 1_100, id)
    stage.bid("cleo", 700, "a")
    stage.do(PauseAuction("b"))
    stage.ask(Tick(), "boss", MANAGER, key="k", not_after=MIDNIGHT + HOUR)
    return stage


def test_what_was_written_is_read_back(stage):
    program, copy = stage.program, copy_of(stage.program)
    assert list(copy.encode()) == list(program.encode())
    assert copy.state_digest() == program.state_digest()
    for name in (
        "id",
        "epoch",
        "recorded",
        "level",
        "ended",
        "at",
        "position",
        "digest",
        "serial",
        "settings",
    ):
        assert getattr(copy, name) == getattr(program, name), name
    for name in ("auctions", "serials", "live", "origins", "increments"):
        assert getattr(copy, name) == getattr(program, name), name
    assert (copy.agenda.heap, copy.agenda.next_at) == (program.agenda.heap, program.agenda.next_at)
    assert (copy.members.count, copy.keys.count) == (3, 1)
    assert (copy.keys.limit, copy.keys.limit_per_actor) == (77, 7)
    assert (copy.wins.counts, copy.wins.limits) == (program.wins.counts, {"spring": 2})
    assert (copy.ledger.order_name, copy.ledger.grace) == ("earned", HOUR)
    assert copy.ledger.totals == program.ledger.totals


def test_what_is_not_written_follows_from_what_is(stage):
    stage.tick(MIDNIGHT + 2 * HOUR)
    copy = copy_of(stage.program)
    leaders = {id: member.id for id, member in stage.program.leaders.items()}
    assert {id: member.id for id, member in copy.leaders.items()} == leaders == {"b": "ben"}
    assert all(copy.members.get(member.id) is member for member in copy.leaders.values())


def test_a_copy_behaves_alike(stage):
    copy = copy_of(stage.program)
    stage.wait(MINUTE)
    for ask in (
        lambda: stage.bid("ben", 1_300, "c"),
        lambda: stage.bid("anna", 2_000, "c"),
        lambda: stage.ask(Tick(), "boss", MANAGER, key="k", not_after=MIDNIGHT + HOUR),
        lambda: stage.tick(MIDNIGHT + 2 * HOUR),
        lambda: stage.tick(MIDNIGHT + 2 * DAY),
    ):
        ask()
        applied = apply_entry(copy, *stage.entries[-1])
        assert msgspec.to_builtins(applied.outcomes) == msgspec.to_builtins(stage.last.outcomes)
        assert applied.events == stage.last.events
        assert copy.digest == stage.program.digest
    assert copy.state_digest() == stage.program.state_digest()


def test_everything_that_happened_shows_in_the_digest():
    """After any accepted command the state's digest is another one."""
    walk = Walk(Random(7))
    seen = set()
    for _ in range(60):
        walk.step()
        seen.add(walk.stage.program.state_digest())
    assert len(seen) == 60


def test_replay_gives_the_same_bytes(stage):
    assert list(replay(stage.entries).encode()) == list(stage.program.encode())


def test_members_share_their_names_after_a_load(stage):
    copy = copy_of(stage.program)
    anna, ben = copy.members.get("anna"), copy.members.get("ben")
    assert anna.tier is ben.tier
    assert anna.market is ben.market


def test_a_program_that_ended_stays_ended(stage):
    stage.do(EndEpoch())
    assert stage.program.ended
    assert copy_of(stage.program).ended


@pytest.mark.parametrize("kept", [0, 1, 100, 256, 257])
def test_a_state_that_ends_too_early(stage, kept):
    sections = list(stage.program.encode())
    assert len(sections) == 259
    with pytest.raises((ValueError, msgspec.DecodeError)):
        Program.decode(sections[:kept])


def test_a_torn_state(stage):
    sections = list(stage.program.encode())
    with pytest.raises(ValueError, match="0 of its 3 auctions: it is torn"):
        Program.decode(sections[:-1])
    for broken in (0, 50, 257, 258):
        torn = [*sections]
        torn[broken] = torn[broken][:-1]
        with pytest.raises(msgspec.DecodeError):
            Program.decode(torn)


def test_a_state_of_a_newer_version(stage):
    sections = list(stage.program.encode())
    header = msgspec.msgpack.decode(sections[0])
    header[0] = FORMAT + 1
    with pytest.raises(ValueError, match="upgrade it"):
        Program.decode([msgspec.msgpack.encode(header), *sections[1:]])


def test_auctions_by_the_500():
    stage = Stage()
    for number in range(1_001):
        stage.draft(f"x{number}")
    assert len(list(stage.program.encode())) == 258 + 3
    assert list(copy_of(stage.program).auctions) == [f"x{number}" for number in range(1_001)]


def test_new_increments_are_for_new_auctions():
    stage = Stage(SETTINGS)
    stage.members("anna", "ben")
    stage.open("a", opening=500, increments=())
    stage.do(Configure(ProgramSettings(spending_order="earned", increments=(IncrementStep(0, 9),))))
    stage.open("b", opening=500, increments=())
    stage.program = copy_of(stage.program)
    assert stage.bid("anna", 900, "a").minimum == 570
    assert stage.bid("anna", 900, "b").minimum == 509
