"""draft → scheduled → open ⇄ paused → settled | unsold | cancelled, and when the end moves."""

import pytest

from engine.answers import HoldView
from engine.commands import (
    BuyNow,
    CancelAuction,
    CreateAuction,
    ExtendAuction,
    IncrementStep,
    LowerReserve,
    OfferSecondChance,
    OpenAuction,
    PauseAuction,
    PlaceBid,
    ProgramSettings,
    RefundAuction,
    ResumeAuction,
    ScheduleAuction,
    SoftClose,
    UpdateAuction,
    VoidBid,
)
from engine.events import AuctionChanged, LeadLost
from engine.results import AuctionSet
from engine.units import DAY, HOUR, MINUTE
from engine.views import view_points
from tests.engine.harness import MIDNIGHT, Stage

STATUSES = ("draft", "scheduled", "open", "paused", "settled", "unsold", "cancelled")


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B")
    return stage


def bring_to(stage, status):
    """An auction ``a`` in ``status``, with a bid of A's where it takes bids."""
    reserve = 2_000 if status == "unsold" else 1_000
    auction = stage.draft(reserve=reserve, starts_at=stage.at + MINUTE)
    if status == "draft":
        return auction
    stage.do(ScheduleAuction("a"))
    if status == "scheduled":
        return auction
    stage.tick(stage.at + MINUTE)
    stage.bid("A", 1_500)
    if status == "paused":
        stage.do(PauseAuction("a"))
    elif status == "cancelled":
        stage.do(CancelAuction("a", "broken"))
    elif status != "open":
        stage.close()
    assert auction.status == status
    return auction


# What may be done in which status, and what becomes of it.


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("command", "then"),
    [
        (ScheduleAuction("a"), {"draft": "scheduled"}),
        (OpenAuction("a"), {"draft": "open", "scheduled": "open"}),
        (ExtendAuction("a", MINUTE), {"open": "open", "paused": "paused"}),
        (PauseAuction("a"), {"open": "paused"}),
        (ResumeAuction("a"), {"paused": "open"}),
        (LowerReserve("a", 600), {"open": "open", "paused": "paused"}),
        (VoidBid("a", 1, "why"), {"open": "open", "paused": "paused"}),
        (CancelAuction("a", "why"), dict.fromkeys(STATUSES[:4], "cancelled")),
        (RefundAuction("a", "why"), {"settled": "settled"}),
        (OfferSecondChance("a"), {"unsold": "unsold"}),
    ],
    ids=lambda given: type(given).__name__,
)
def test_what_may_be_done_when(stage, status, command, then):
    auction = bring_to(stage, status)
    if status not in then:
        assert stage.refuse(command, "wrong_status").details == {"status": status}
        return
    stage.do(command)
    assert auction.status == then[status]


@pytest.mark.parametrize("status", STATUSES)
def test_terms_may_be_replaced_before_the_opening(stage, status):
    auction = bring_to(stage, status)
    command = UpdateAuction("a", stage.terms(opening=800, title="Another thing", reserve=900))
    if status not in ("draft", "scheduled"):
        stage.refuse(command, "wrong_status")
        return
    stage.do(command)
    assert (auction.status, auction.terms) == (status, command.terms)
    assert (auction.price, auction.minimum, auction.reserve, auction.ends_at) == (
        800,
        800,
        900,
        stage.at + HOUR,
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("draft", "auction_not_open"),
        ("scheduled", "auction_not_open"),
        ("paused", "auction_paused"),
        ("settled", "auction_closed"),
        ("unsold", "auction_closed"),
        ("cancelled", "auction_closed"),
    ],
)
def test_bids_are_taken_only_when_open(stage, status, code):
    bring_to(stage, status)
    stage.refuse(PlaceBid("a", 5_000), code, "B")
    stage.refuse(BuyNow("a", 5_000), code, "B")


@pytest.mark.parametrize(
    "command",
    [
        PlaceBid("b", 600),
        BuyNow("b", 600),
        UpdateAuction("b", Stage().terms()),
        ScheduleAuction("b"),
        OpenAuction("b"),
        ExtendAuction("b", 1),
        PauseAuction("b"),
        ResumeAuction("b"),
        LowerReserve("b", 1),
        VoidBid("b", 1, "why"),
        CancelAuction("b", "why"),
        RefundAuction("b", "why"),
        OfferSecondChance("b"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_an_unknown_auction(stage, command):
    assert stage.refuse(command, "unknown_auction", "A").details == {"auction": "b"}


# Making.


def test_a_draft(stage):
    auction = stage.draft(reserve=700)
    assert stage.last.outcomes == [AuctionSet("a", "draft", MIDNIGHT + HOUR)]
    assert stage.last.events == [AuctionChanged("a", "draft")]
    assert (auction.price, auction.minimum, auction.reserve, auction.leader) == (500, 500, 700, "")
    assert stage.program.live == {}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"ends_at": MIDNIGHT}, "ends_at"),
        ({"ends_at": MIDNIGHT - 1}, "ends_at"),
        ({"ends_at": MIDNIGHT + 366 * DAY + 1}, "ends_at"),
        ({"reserve": 499}, "reserve"),
        ({"buy_now": 500}, "buy_now"),
        ({"buy_now": 900, "reserve": 1_000}, "buy_now"),
        ({"soft_close": SoftClose("append", 0, MINUTE, HOUR)}, "soft_close"),
        ({"soft_close": SoftClose("reset", MINUTE, 0, HOUR)}, "soft_close"),
        ({"settlement_factors": {"gold": 10_000, "silver": 0}}, "settlement_factors"),
        ({"increments": (IncrementStep(100, 5),)}, "increments"),
    ],
)
def test_terms_that_make_no_sense(stage, given, field):
    assert stage.refuse(CreateAuction("a", stage.terms(**given)), "invalid_auction").details == {
        "field": field
    }
    stage.draft()
    assert stage.refuse(UpdateAuction("a", stage.terms(**given)), "invalid_auction").details == {
        "field": field
    }


@pytest.mark.parametrize(
    "given",
    [
        {"ends_at": MIDNIGHT + 1},
        {"ends_at": MIDNIGHT + 366 * DAY},
        {"reserve": 500},
        {"buy_now": 501},
        {"buy_now": 1_000, "reserve": 1_000},
        {"soft_close": SoftClose("append", 1, 1, 0)},
    ],
)
def test_terms_that_just_make_sense(stage, given):
    stage.draft(**given)


def test_an_id_is_one_auction(stage):
    stage.draft()
    stage.refuse(CreateAuction("a", stage.terms()), "auction_exists")


def test_a_program_has_so_many_auctions():
    stage = Stage(ProgramSettings(auctions=2))
    stage.draft("a")
    stage.draft("b")
    stage.refuse(CreateAuction("c", stage.terms()), "too_many_auctions")


# Opening and closing by the clock.


def test_it_opens_and_closes_by_itself(stage):
    auction = stage.draft(starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 2 * HOUR)
    stage.do(ScheduleAuction("a"))
    assert list(stage.program.live) == ["a"]
    stage.tick(MIDNIGHT + HOUR - 1)
    assert auction.status == "scheduled"
    assert stage.tick(MIDNIGHT + HOUR) == [AuctionChanged("a", "open")]
    stage.tick(MIDNIGHT + 2 * HOUR - 1)
    assert auction.status == "open"
    stage.tick(MIDNIGHT + 2 * HOUR)
    assert (auction.status, auction.ended_at) == ("unsold", MIDNIGHT + 2 * HOUR)
    assert stage.program.live == {}


def crowd_of_deadlines(stage, at):
    """Enough due work at ``at`` that a command's slice does not reach what comes after it."""
    for number in range(200):
        stage.draft(f"x{number}", starts_at=at - HOUR, ends_at=at)
        stage.do(OpenAuction(f"x{number}"))


def test_a_late_tick_lets_no_late_bid_in(stage):
    crowd_of_deadlines(stage, MIDNIGHT + HOUR)
    auction = stage.open(buy_now=5_000, reserve=1_000)
    stage.bid("A", 1_000)
    stage.at = auction.ends_at
    refused = stage.ask(PlaceBid("a", 2_000), "B")
    assert (refused.code, refused.details["ended_at"]) == ("auction_closed", auction.ends_at)
    assert sum(auction.status == "open" for auction in stage.program.auctions.values()) > 100
    assert (auction.status, auction.sale.member, auction.sale.paid) == ("settled", "A", 1_000)
    stage.tick()
    assert (stage.points("A"), stage.points("B")) == ((9_000, 0, 1_000, 0), (10_000, 0, 0, 0))


@pytest.mark.parametrize("late", [0, 1, DAY])
def test_the_last_millisecond(stage, late):
    auction = stage.open()
    stage.at = auction.ends_at - 1
    stage.bid("A", 600)
    stage.at = auction.ends_at + late
    assert stage.ask(PlaceBid("a", 2_000), "B").code == "auction_closed"
    assert (auction.ended_at, auction.sale.member) == (MIDNIGHT + HOUR, "A")


def test_a_late_tick_lets_an_early_bid_in(stage):
    crowd_of_deadlines(stage, MIDNIGHT + HOUR)
    stage.draft(starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 2 * HOUR)
    stage.do(ScheduleAuction("a"))
    stage.at = MIDNIGHT + HOUR
    assert stage.bid("A", 600).leading
    assert stage.auction().status == "open"


def test_an_auction_whose_whole_time_was_missed(stage):
    crowd_of_deadlines(stage, MIDNIGHT + HOUR)
    auction = stage.draft(starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 2 * HOUR)
    stage.do(ScheduleAuction("a"))
    stage.at = MIDNIGHT + 3 * HOUR
    assert stage.ask(PlaceBid("a", 600), "A").code == "auction_closed"
    assert (auction.status, auction.ended_at) == ("unsold", MIDNIGHT + 2 * HOUR)


def test_a_scheduled_auction_may_be_opened_early(stage):
    auction = stage.draft(starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 2 * HOUR)
    stage.do(ScheduleAuction("a"))
    stage.do(OpenAuction("a"))
    stage.bid("A", 600)
    stage.tick(MIDNIGHT + HOUR)
    assert (auction.status, auction.leader) == ("open", "A")
    stage.close()
    assert auction.status == "settled"


@pytest.mark.parametrize("starts_at", [MIDNIGHT + MINUTE, MIDNIGHT + 2 * HOUR])
def test_a_scheduled_auction_follows_its_new_terms(stage, starts_at):
    auction = stage.draft(starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 3 * HOUR)
    stage.do(ScheduleAuction("a"))
    stage.do(UpdateAuction("a", stage.terms(starts_at=starts_at, ends_at=starts_at + HOUR)))
    stage.tick(starts_at - 1)
    assert auction.status == "scheduled"
    stage.tick(starts_at)
    assert auction.status == "open"
    stage.tick(starts_at + HOUR)
    assert auction.status == "unsold"


@pytest.mark.parametrize("command", [ScheduleAuction("a"), OpenAuction("a")])
def test_an_auction_whose_end_has_passed_does_not_begin(stage, command):
    stage.draft()
    stage.at = MIDNIGHT + HOUR
    stage.refuse(command, "already_past")
    stage.do(UpdateAuction("a", stage.terms()))
    stage.do(command)


def test_a_scheduled_auction_is_not_moved_into_the_past(stage):
    stage.draft(starts_at=MIDNIGHT + HOUR, ends_at=MIDNIGHT + 2 * HOUR)
    stage.do(ScheduleAuction("a"))
    past = stage.terms(starts_at=MIDNIGHT - HOUR, ends_at=MIDNIGHT)
    stage.refuse(UpdateAuction("a", past), "already_past")


# The end.


def test_a_cancelled_auction_holds_nothing(stage):
    auction = stage.open(campaign="spring")
    stage.bid("A", 900)
    assert stage.do(CancelAuction("a", "broken")) == AuctionSet("a", "cancelled", auction.ends_at)
    assert stage.last.events == [LeadLost("a", "A", 500, voided=True), AuctionChanged("a", "cancelled")]
    assert stage.points("A") == (10_000, 0, 0, 0)
    assert (auction.ended_at, auction.leader, stage.program.live) == (MIDNIGHT, "", {})
    assert stage.program.wins.counts == {}
    stage.tick(auction.ends_at)
    assert auction.status == "cancelled"


# What a member's own list keeps.


def test_a_members_list_keeps_its_last_100_auctions_and_live_ones_longest(stage):
    stage.open("live")
    stage.bid("A", 500, "live")
    for number in range(200):
        stage.open(f"x{number}", opening=1, ends_at=stage.at + 1)
        stage.bid("A", 1, f"x{number}")
        stage.tick(stage.at + 1)
    followed = stage.who("A").auctions
    assert followed == ("live", *(f"x{number}" for number in range(99, 200)))


def test_a_members_list_keeps_every_auction_that_it_leads(stage):
    for number in range(450):
        stage.open(f"x{number:03}", opening=1)
        stage.bid("A", 1, f"x{number:03}")
        if number % 5 == 0:
            stage.bid("B", 101, f"x{number:03}")
    led = [f"x{number:03}" for number in range(450) if number % 5]
    points = view_points(stage.program, "A")
    assert points.holds == [HoldView(id, 1) for id in led]
    assert points.held == len(led)
    assert len(stage.who("A").auctions) < 450
