"""The state's encoding: canonical, complete, and told from anything else."""

from random import Random

import msgspec
import pytest

from engine.commands import (
    MANAGER,
    BeginDraft,
    Configure,
    EndEpoch,
    IncrementStep,
    PauseAuction,
    ProgramSettings,
    Shelf,
    Tick,
    TuneRule,
)
from engine.machine import apply_entry
from engine.prices.state import flatten
from engine.program import FORMAT, FormatUnknown, Program
from engine.units import DAY, HOUR, MINUTE
from tests.engine.harness import MIDNIGHT, Stage, copy_of, replay
from tests.engine.offering import publish, put, redeem, rule, run_campaign
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
    put(stage, stock=3, limit=2)
    run_campaign(stage, budget=500, shelves=(Shelf("one", ("spa",)),))
    publish(stage, rule("less", "factor", 9_000, budget="spring", limit=3))
    publish(stage, rule("more", "add", 5), rule("less", "factor", 9_000, budget="spring", limit=3))
    stage.do(TuneRule("more", 7), "maria")
    stage.do(BeginDraft("next", 1), "maria")
    redeem(stage)
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
    for name in (
        "auctions",
        "serials",
        "live",
        "origins",
        "increments",
        "experiences",
        "redemptions",
        "redeemed",
        "references",
    ):
        assert getattr(copy, name) == getattr(program, name), name
    assert (copy.agenda.heap, copy.agenda.next_at) == (program.agenda.heap, program.agenda.next_at)
    assert (copy.campaigns.by_id, copy.campaigns.left) == (program.campaigns.by_id, program.campaigns.left)
    assert copy.book.record() == program.book.record()
    assert copy.book.running.in_order() == program.book.running.in_order()
    assert [flatten(rules) for rules in copy.book.rule_sets()] == [
        flatten(rules) for rules in program.book.rule_sets()
    ]
    assert (copy.members.count, copy.keys.count) == (3, 1)
    assert (copy.keys.limit, copy.keys.limit_per_actor) == (77, 7)
    assert (copy.wins.counts, copy.wins.limits) == (program.wins.counts, {"spring": 2})
    for audit in (copy.audit, program.audit):
        assert [one.actor for one in audit.newest_first(99)] == ["boss"]
        assert (audit.number, audit.limit) == (1, 10_000)
    assert (copy.ledger.order_name, copy.ledger.grace) == ("earned", HOUR)
    assert copy.ledger.totals == program.ledger.totals


def test_a_copy_holds_the_points_of_its_own_members(stage):
    stage.tick(MIDNIGHT + 2 * HOUR)
    copy = copy_of(stage.program)
    assert copy.ledger.holds == stage.program.ledger.holds
    assert {id: member.id for id, (member, _) in copy.ledger.holds.items()} == {"b": "ben"}
    assert all(copy.members.get(member.id) is member for member, _ in copy.ledger.holds.values())


def test_auctions_of_a_copy_share_what_is_equal(stage):
    copy = copy_of(stage.program)
    assert len(copy.auctions) > 1
    for auction in copy.auctions.values():
        assert (auction.increments is copy.increments) is (auction.increments == copy.increments)
        for bid in auction.history:
            assert bid.member is copy.members.get(bid.member).id
        for id in auction.bidders:
            assert id is copy.members.get(id).id


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


@pytest.mark.parametrize("kept", [0, 1, 100, *range(256, 267)])
def test_a_state_that_ends_too_early(stage, kept):
    sections = list(stage.program.encode())
    assert len(sections) == 267
    with pytest.raises((ValueError, msgspec.DecodeError)):
        Program.decode(sections[:kept])


def test_a_torn_state(stage):
    sections = list(stage.program.encode())
    with pytest.raises(ValueError, match="all of its 3 auctions"):
        Program.decode([*sections[:259], b"\x90", *sections[260:]])
    with pytest.raises(ValueError, match="more than its header says"):
        Program.decode([*sections, b"\x90"])
    for broken in (0, 50, *range(257, 267)):
        torn = [*sections]
        torn[broken] = torn[broken][:-1]
        with pytest.raises(msgspec.DecodeError):
            Program.decode(torn)


@pytest.mark.parametrize(("number", "remedy"), [(FORMAT + 1, "upgrade"), (1, "new data folder")])
def test_a_state_of_another_format(stage, number, remedy):
    sections = list(stage.program.encode())
    header = msgspec.msgpack.decode(sections[0])
    header[0] = number
    with pytest.raises(FormatUnknown, match=f"it has format {number}; this code reads {FORMAT}: .*{remedy}"):
        Program.decode([msgspec.msgpack.encode(header), *sections[1:]])


def test_auctions_by_the_500():
    stage = Stage()
    for number in range(1_001):
        stage.draft(f"x{number}")
    assert len(list(stage.program.encode())) == 259 + 3
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
