"""Ascending clocks, against one that is played step by step."""

import pytest
from hypothesis import given, settings, strategies as st

from engine.auction.ascending_clock import count_in
from engine.auction.price_clock import price_at
from engine.commands import (
    AcceptSecondChance,
    AscendingClock,
    BidForPieces,
    CancelAuction,
    CreateFormatAuction,
    LeaveAuction,
    LowerReserve,
    LowerSupply,
    OfferSecondChance,
    PauseAuction,
    PlaceBid,
    RefundAuction,
    ResumeAuction,
    ScheduleAuction,
    UpdateFormatAuction,
    VoidBid,
)
from engine.events import BidLeft
from engine.simulator.auditor.clearings import Stay, run_clock
from engine.units import DAY, HOUR, MAXIMUM_POINTS, MINUTE, SECOND
from tests.engine.harness import Stage, copy_of

CLOCK = AscendingClock(entry=60 * SECOND, interval=10 * SECOND, step=100)
TWO = AscendingClock(entry=60 * SECOND, interval=10 * SECOND, step=100, supply=2)


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", "D")
    return stage


def join(stage, bids):
    """Joins as ``A 900, B 800``."""
    for bid in filter(None, bids.split(", ")):
        member, maximum = bid.split()
        stage.bid(member, int(maximum))


def at_step(stage, auction, steps):
    """Goes to the instant of a step."""
    stage.at = auction.pieces.opened_at + auction.pieces.paused_for + 60 * SECOND + steps * 10 * SECOND


@pytest.mark.parametrize(
    ("format", "bids", "reserve", "sales", "steps"),
    [
        # B is out at 900, so A pays that
        (CLOCK, "A 1000, B 800", 0, [("A", 900)], 4),
        (CLOCK, "A 1000, B 850, C 600", 0, [("A", 900)], 4),
        # both are out at 900: one step too many; the higher maximum wins, then the earlier
        (CLOCK, "A 830, B 850", 0, [("B", 800)], 4),
        (CLOCK, "A 850, B 850", 0, [("A", 800)], 4),
        # alone, nobody
        (CLOCK, "A 1000", 0, [("A", 500)], 0),
        (CLOCK, "", 0, [], 0),
        # the reserve leaves at the first price that is not below it
        (CLOCK, "A 1000", 750, [("A", 800)], 3),
        (CLOCK, "A 790", 750, [], 3),
        (CLOCK, "A 1000, B 600", 750, [("A", 800)], 3),
        # nobody is in any more: it does not wait for the reserve
        (CLOCK, "A 600", 950, [], 2),
        (CLOCK, "A 1000, B 850", 750, [("A", 900)], 4),
        (CLOCK, "A 830, B 850", 850, [], 4),
        # two pieces
        (TWO, "A 1000, B 800, C 700", 0, [("A", 800), ("B", 800)], 3),
        (TWO, "A 1000, B 550, C 520", 0, [("A", 500), ("B", 500)], 1),
        (TWO, "A 1000, B 900", 0, [("A", 500), ("B", 500)], 0),
        (TWO, "A 1000", 0, [("A", 500)], 0),
        (TWO, "A 1000, B 600", 750, [("A", 800)], 3),
        (TWO, "A 900, B 900, C 900, D 900", 0, [("A", 900), ("B", 900)], 5),
    ],
)
def test_who_wins_at_what_price(stage, format, bids, reserve, sales, steps):
    auction = stage.open_format(format, reserve=reserve)
    join(stage, bids)
    begin = auction.pieces.opened_at + 60 * SECOND
    stage.tick(begin + steps * 10 * SECOND - 1)
    assert auction.status == "open"
    stage.tick(begin + steps * 10 * SECOND)
    assert [(member, price) for member, _, price, _ in stage.sales()] == sales
    assert auction.status == ("settled" if sales else "unsold")
    assert auction.ended_at == begin + steps * 10 * SECOND
    assert stage.held() == {}


stays = st.lists(st.tuples(st.integers(50, 110), st.integers(-3, 7)), max_size=7)


@settings(deadline=None, max_examples=400)
@given(
    stays,
    st.integers(1, 3),
    st.sampled_from([0, 700, 750]),
    st.integers(0, 7),
    st.booleans(),
)
def test_against_a_clock_that_is_played(drawn, supply, reserve, steps, prompt):
    """Members say out at their step, if the clock still runs; with and without ticks in between."""
    played = [Stay(f"m{number}", tens * 10, max(out, -1)) for number, (tens, out) in enumerate(drawn)]
    stage = Stage()
    stage.members(*[stay.member for stay in played])
    auction = stage.open_format(
        AscendingClock(60 * SECOND, 10 * SECOND, step=100, supply=supply),
        reserve=reserve,
        ends_at=stage.at + 60 * SECOND + steps * 10 * SECOND + 1,
    )
    for stay in played:
        stage.bid(stay.member, stay.maximum)
    for step in range(steps + 1):
        at_step(stage, auction, step)
        if prompt:
            stage.tick()
        for stay in played:
            if stay.out == step:
                stage.ask(LeaveAuction("a"), stay.member)
    stage.close()
    expected = run_clock(played, supply, opening=500, step=100, reserve=reserve, steps=steps)
    assert {member: (quantity, price) for member, quantity, price, _ in stage.sales()} == expected
    assert stage.held() == {}


def test_saying_out(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 1000, B 900, C 800")
    at_step(stage, auction, 1)
    assert stage.do(LeaveAuction("a"), "A").price == 600
    assert stage.events(BidLeft) == [BidLeft("a", "A")]
    assert stage.points("A") == (10_000, 0, 0, 0)
    assert stage.refuse(LeaveAuction("a"), "not_in", "A")
    assert stage.refuse(PlaceBid("a", 2_000), "entry_is_over", "A")
    assert stage.refuse(LeaveAuction("a"), "not_in", "D")
    stage.wait(3 * SECOND)
    # The last but one: the clock stops at once.
    assert stage.do(LeaveAuction("a"), "C").price == 600
    assert auction.status == "closing"
    stage.tick()
    assert stage.sales() == [("B", 1, 600, 600)]
    assert auction.ended_at == stage.at


def test_nobody_joins_once_the_price_rises_but_maxima_may(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 700, B 900")
    at_step(stage, auction, 0)
    assert stage.refuse(PlaceBid("a", 900), "entry_is_over", "C")
    assert stage.refuse(PlaceBid("a", 700), "bid_not_raised", "A").details == {"maximum": 700}
    at_step(stage, auction, 2)
    taken = stage.bid("A", 1_000)
    assert (taken.price, taken.leading) == (700, True)
    at_step(stage, auction, 5)
    stage.tick()
    assert stage.sales() == [("A", 1, 1_000, 1_000)]


def test_whoever_raises_keeps_its_place_among_equals(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 700, B 900, A 900")
    assert copy_of(stage.program).auctions["a"].standing.others == auction.standing.others
    at_step(stage, auction, 5)
    stage.tick()
    assert stage.sales() == [("A", 1, 900, 900)]


def test_whoever_is_passed_is_out_and_has_its_points(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 600, B 900, C 9000")
    at_step(stage, auction, 2)
    # No tick has come yet.
    assert stage.refuse(PlaceBid("a", 2_000), "entry_is_over", "A")
    stage.open("other", opening=10_000)
    assert stage.bid("A", 10_000, "other").leading
    assert count_in(auction, price_at(auction, auction.pieces, stage.at)) == 2
    stage.tick()
    assert stage.held() == {"B": 900, "C": 9_000}


def test_drop_outs_come_by_themselves(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 600, B 650, C 900, D 2000")
    at_step(stage, auction, 2)
    happened = stage.tick()
    assert [event for event in happened if type(event) is BidLeft] == [BidLeft("a", "A"), BidLeft("a", "B")]
    assert stage.held() == {"C": 900, "D": 2_000}


@pytest.mark.parametrize("change", [LowerReserve("a", 900), VoidBid("a", 4, "a shill")])
def test_who_falls_out_has_its_points_whatever_was_changed_in_the_time_of_entry(stage, change):
    auction = stage.open_format(CLOCK, reserve=1_000)
    join(stage, "A 600, B 1500, C 2000, D 800")
    stage.do(change)
    at_step(stage, auction, 2)
    stage.tick()
    assert auction.status == "open"
    assert "A" not in stage.held()


def test_a_pause_stops_the_clock(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 1000, B 800")
    at_step(stage, auction, 1)
    stage.do(PauseAuction("a"))
    stage.tick(stage.at + 30 * MINUTE)
    assert auction.status == "paused"
    assert stage.refuse(LeaveAuction("a"), "auction_paused", "A")
    stage.do(ResumeAuction("a"))
    at_step(stage, auction, 3)
    stage.tick()
    assert auction.status == "open"
    at_step(stage, auction, 4)
    stage.tick()
    assert stage.sales() == [("A", 1, 900, 900)]


def test_a_void_while_paused_stops_the_clock_when_it_resumes(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 1000, B 800")
    at_step(stage, auction, 1)
    stage.wait(3 * SECOND)
    stage.do(PauseAuction("a"))
    stage.wait(5 * SECOND)
    stage.do(VoidBid("a", 2, "a shill"))
    assert auction.status == "paused"
    stage.wait(MINUTE)
    stage.do(ResumeAuction("a"))
    stage.tick()
    assert (auction.ended_at, stage.sales()) == (stage.at, [("A", 1, 600, 600)])


def test_who_would_have_fallen_out_in_a_pause_does_so_after_it(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 600, B 900, C 2000")
    at_step(stage, auction, 1)
    stage.tick()
    stage.do(PauseAuction("a"))
    stage.tick(stage.at + MINUTE)
    stage.do(ResumeAuction("a"))
    at_step(stage, auction, 2)
    stage.tick()
    assert stage.held() == {"B": 900, "C": 2_000}


def test_a_void_never_lowers_the_price(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 1000, B 900, C 600")
    at_step(stage, auction, 3)
    stage.do(VoidBid("a", 2, "a shill"))
    stage.tick()
    assert stage.sales() == [("A", 1, 800, 800)]
    assert stage.points("B") == (10_000, 0, 0, 0)


def test_its_end_cuts_it_short(stage):
    ends_at = stage.at + 60 * SECOND + 25 * SECOND
    auction = stage.open_format(CLOCK, ends_at=ends_at)
    join(stage, "A 1000, B 1100, C 650")
    stage.close()
    assert (auction.ended_at, stage.sales()) == (ends_at, [("B", 1, 700, 700)])


def test_a_step_that_would_come_after_the_last_instant(stage):
    stage.members("rich", "richer", points=10**11)
    slow = AscendingClock(entry=SECOND, interval=366 * DAY, step=1)
    auction = stage.open_format(slow, ends_at=stage.at + HOUR)
    join(stage, f"rich {10**11 - 1}, richer {10**11}")
    stage.tick(stage.at + SECOND)
    assert (auction.status, copy_of(stage.program).auctions["a"].pieces) == ("open", auction.pieces)
    stage.close()
    assert stage.sales() == [("richer", 1, 500, 500)]


def test_second_chances_after_a_refund(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 1000, B 850, C 2000, D 520")
    at_step(stage, auction, 1)
    stage.do(LeaveAuction("a"), "A")
    at_step(stage, auction, 4)
    stage.tick()
    assert stage.sales() == [("C", 1, 900, 900)]
    stage.do(RefundAuction("a", "never came"))
    # The best first: A said out at 600, so it had last agreed to 500.
    offers = []
    for _ in range(3):
        offer = stage.do(OfferSecondChance("a"))
        offers.append((auction.offer.member, offer.price))
        stage.wait(stage.program.settings.offer_lapses_after)
    assert offers == [("B", 850), ("D", 520), ("A", 500)]
    assert stage.refuse(OfferSecondChance("a"), "no_runner_up")
    assert stage.refuse(AcceptSecondChance("a"), "no_offer", "D")


def test_who_left_before_the_price_rose_gets_no_second_chance(stage):
    stage.open_format(CLOCK, reserve=2_000)
    join(stage, "A 900, B 900")
    stage.do(LeaveAuction("a"), "A")
    stage.close()
    assert stage.do(OfferSecondChance("a")).price == 900
    stage.wait(stage.program.settings.offer_lapses_after)
    assert stage.refuse(OfferSecondChance("a"), "no_runner_up")


def test_scheduled_too_late_it_begins_now(stage):
    begin = stage.at
    terms = stage.terms(increments=(), starts_at=begin, ends_at=begin + HOUR)
    stage.do(CreateFormatAuction("a", terms, CLOCK))
    stage.wait(MINUTE)
    assert stage.do(ScheduleAuction("a")).status == "open"
    assert (stage.auction().pieces.opened_at, stage.auction().ends_at) == (stage.at, stage.at + HOUR)
    terms = stage.terms(increments=(), starts_at=stage.at + HOUR, ends_at=stage.at + 2 * HOUR)
    stage.do(CreateFormatAuction("b", terms, CLOCK))
    stage.do(ScheduleAuction("b"))
    late = stage.terms(increments=(), starts_at=stage.at, ends_at=stage.at + 2 * HOUR)
    assert stage.refuse(UpdateFormatAuction("b", late), "already_past").details["starts_at"] == stage.at


def test_lowered_reserve_and_supply(stage):
    auction = stage.open_format(TWO, reserve=900)
    stage.do(LowerSupply("a", 1))
    join(stage, "A 1000")
    assert stage.refuse(LowerSupply("a", 1), "supply_is_fixed")
    at_step(stage, auction, 2)
    stage.tick()
    stage.do(LowerReserve("a", 600))
    stage.tick()
    # 700 was shown
    assert stage.sales() == [("A", 1, 700, 700)]


@pytest.mark.parametrize("prompt", [True, False])
def test_a_lowered_reserve_sells_at_the_price_shown_however_late_ticks_are(stage, prompt):
    auction = stage.open_format(TWO, reserve=2_000)
    join(stage, "A 700, B 750, C 3000, D 4000")
    at_step(stage, auction, 4)
    if prompt:
        stage.tick()
    stage.do(LowerReserve("a", 0))
    stage.tick()
    assert stage.sales() == [("D", 1, 900, 900), ("C", 1, 900, 900)]


def test_who_was_out_before_a_pause_has_its_points_in_it(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 600, B 900, C 2000")
    at_step(stage, auction, 2)
    stage.do(PauseAuction("a"))
    assert len(stage.tick()) < 10
    assert stage.held() == {"B": 900, "C": 2_000}


def test_the_greatest_maximum_ends_too():
    stage = Stage()
    stage.members("A", "B", points=MAXIMUM_POINTS)
    auction = stage.open_format(AscendingClock(SECOND, SECOND, step_share=100), opening=500)
    join(stage, f"A {MAXIMUM_POINTS}, B {MAXIMUM_POINTS}")
    stage.tick(stage.at + SECOND)
    assert auction.status == "open"
    stage.close()
    assert auction.status == "settled"


def test_cancelled(stage):
    auction = stage.open_format(CLOCK)
    join(stage, "A 1000, B 900")
    stage.do(CancelAuction("a", "no more"))
    stage.tick()
    assert (auction.status, stage.held()) == ("cancelled", {})


@pytest.mark.parametrize(
    ("format", "terms", "field"),
    [
        (AscendingClock(1_000, 1_000), {}, "format.step"),
        (AscendingClock(0, 1_000, step=1), {}, "format.entry"),
        (AscendingClock(60 * MINUTE, 1_000, step=1), {}, "ends_at"),
        (CLOCK, {"buy_now": 900}, "buy_now"),
    ],
)
def test_what_it_may_not_be(stage, format, terms, field):
    asked = CreateFormatAuction("a", stage.terms(increments=(), **terms), format)
    assert stage.refuse(asked, "invalid_auction").details == {"field": field}


def test_one_piece_a_member(stage):
    stage.open_format(TWO)
    assert stage.refuse(BidForPieces("a", 900, 2), "too_many_pieces", "A").details == {"left": 1}
