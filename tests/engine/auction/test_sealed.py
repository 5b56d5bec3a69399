"""Sealed auctions of one piece: first price and Vickrey."""

import pytest
from hypothesis import given, settings, strategies as st

from engine.commands import (
    AcceptSecondChance,
    BidForPieces,
    CancelAuction,
    CreateFormatAuction,
    LowerReserve,
    LowerSupply,
    OfferSecondChance,
    PauseAuction,
    PlaceBid,
    ProgramSettings,
    RefundAuction,
    ResumeAuction,
    Sealed,
    SoftClose,
    VoidBid,
)
from engine.events import BidPlaced, BidSealed
from engine.units import MINUTE
from tests.engine.harness import Stage

FIRST, SECOND = Sealed("first"), Sealed("second")


def sell(stage, format, bids, **terms):
    """Opens, bids as ``A 900, B 750``, and closes; returns the sales."""
    stage.open_format(format, opening=terms.pop("opening", 50), **terms)
    for bid in filter(None, bids.split(", ")):
        member, maximum = bid.split()
        stage.bid(member, int(maximum))
    stage.close()
    return stage.sales()


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C")
    return stage


@pytest.mark.parametrize(
    ("format", "bids", "reserve", "sales"),
    [
        # the worked case
        (SECOND, "A 900, B 750, C 750", 800, [("A", 1, 800, 800)]),
        (SECOND, "A 900, B 750, C 750", 100, [("A", 1, 750, 750)]),
        (FIRST, "A 900, B 750, C 750", 800, [("A", 1, 900, 900)]),
        # reserve not met
        (FIRST, "A 700, B 600", 800, []),
        (SECOND, "A 799, B 600", 800, []),
        (SECOND, "A 800, B 600", 800, [("A", 1, 800, 800)]),
        # one bid, none
        (FIRST, "A 700", 0, [("A", 1, 700, 700)]),
        (SECOND, "A 700", 0, [("A", 1, 50, 50)]),
        (SECOND, "A 700", 200, [("A", 1, 200, 200)]),
        (SECOND, "", 0, []),
        # ties, all equal: the earlier wins, at its own amount
        (SECOND, "C 900, A 900, B 900", 0, [("C", 1, 900, 900)]),
        (FIRST, "B 900, A 900", 0, [("B", 1, 900, 900)]),
        # a change is a new bid with a new time
        (FIRST, "A 800, B 900, A 900", 0, [("B", 1, 900, 900)]),
        (SECOND, "A 800, B 900, A 950", 0, [("A", 1, 900, 900)]),
    ],
)
def test_who_wins_at_what_price(stage, format, bids, reserve, sales):
    assert sell(stage, format, bids, reserve=reserve) == sales
    assert stage.auction().status == ("settled" if sales else "unsold")
    assert stage.held() == {}
    for member in "ABC":
        paid = sum(sale[3] for sale in sales if sale[0] == member)
        assert stage.points(member) == (10_000 - paid, 0, paid, 0)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(5, 12)), max_size=10),
    st.sampled_from([FIRST, SECOND]),
    st.sampled_from([0, 500, 800]),
    st.booleans(),
)
def test_against_a_look_at_all_bids(bids, format, reserve, may_lower):
    stage = Stage()
    stage.members("m0", "m1", "m2", "m3")
    stage.open_format(Sealed(format.pricing, may_lower), reserve=reserve)
    standing = {}
    for number, (member, hundreds) in enumerate(bids):
        before = standing.get(member)
        if before is not None and hundreds * 100 <= before[0] and not may_lower:
            stage.refuse(PlaceBid("a", hundreds * 100), "bid_not_raised", f"m{member}")
            continue
        stage.bid(f"m{member}", hundreds * 100)
        standing[member] = (hundreds * 100, -number)
    stage.close()
    best = sorted(((*bid, member) for member, bid in standing.items()), reverse=True)
    expected = []
    if best and best[0][0] >= max(reserve, 500):
        second = best[1][0] if len(best) > 1 else 0
        price = best[0][0] if format.pricing == "first" else max(second, reserve, 500)
        expected = [(f"m{best[0][2]}", 1, price, price)]
    assert stage.sales() == expected
    assert stage.held() == {}


def test_a_bid_may_be_raised_and_lowered_only_if_allowed(stage):
    stage.open_format(FIRST)
    stage.bid("A", 900)
    assert stage.refuse(PlaceBid("a", 900), "bid_not_raised", "A").details == {"maximum": 900, "quantity": 1}
    assert stage.refuse(PlaceBid("a", 800), "bid_not_raised", "A")
    stage.bid("A", 950)
    assert stage.held() == {"A": 950}
    stage.open_format(Sealed("first", may_lower=True), "b")
    stage.bid("A", 900, "b")
    stage.bid("A", 800, "b")
    assert stage.held("b") == {"A": 800}


def test_a_bid_needs_the_opening_price_and_the_points(stage):
    stage.open_format(FIRST)
    assert stage.refuse(PlaceBid("a", 499), "bid_too_low", "A").details == {"minimum": 500}
    assert stage.refuse(BidForPieces("a", 900, 2), "too_many_pieces", "A")
    assert stage.refuse(PlaceBid("a", 10_001), "insufficient_points", "A")
    stage.bid("A", 9_000)
    assert stage.refuse(PlaceBid("a", 10_001), "insufficient_points", "A").details["missing"] == 1
    assert stage.bid("A", 10_000).maximum == 10_000


def test_terms_are_those_of_the_last_bid(stage):
    stage.open_format(SECOND, settlement_factors={"gold": 12_000})
    stage.bid("A", 1_000)
    assert stage.held() == {"A": 1_200}
    stage.bid("B", 800)
    stage.close()
    assert stage.sales() == [("A", 1, 800, 960)]
    assert stage.points("A") == (9_040, 0, 960, 0)


def test_a_sealed_bid_counts_towards_a_limit_of_wins():
    stage = Stage(ProgramSettings(win_limits={"spring": 1}))
    stage.members("A", "B")
    stage.open_format(FIRST, campaign="spring")
    stage.open_format(FIRST, "b", campaign="spring")
    stage.bid("A", 600)
    stage.bid("A", 700)
    assert stage.refuse(PlaceBid("b", 600), "win_limit_reached", "A")
    stage.bid("B", 800)
    stage.close()
    # A has lost: it may win elsewhere, also before the agenda has come to its hold.
    stage.open_format(FIRST, "c", campaign="spring")
    assert stage.bid("A", 600, "c")
    assert stage.refuse(PlaceBid("c", 600), "win_limit_reached", "B")


def test_nothing_of_a_bid_is_told_but_to_its_member(stage):
    stage.open_format(FIRST, reserve=800)
    stage.bid("B", 700)
    stage.wait(1)
    taken = stage.bid("A", 900)
    assert (taken.number, taken.bidder, taken.price, taken.minimum) == (1, 0, 500, 500)
    assert (taken.leading, taken.reserve_met) == (False, False)
    assert stage.last.events == [BidSealed("A")]
    assert stage.events(BidPlaced) == []
    assert stage.bid("A", 950).number == 2


def test_nothing_can_be_done_that_would_tell_of_a_bid(stage):
    stage.open_format(FIRST)
    without = [
        stage.refuse(VoidBid("a", 1, "r"), "bid_sealed"),
        stage.refuse(LowerSupply("a", 1), "supply_is_fixed"),
    ]
    stage.bid("A", 900)
    assert [
        stage.refuse(VoidBid("a", 1, "r"), "bid_sealed"),
        stage.refuse(LowerSupply("a", 1), "supply_is_fixed"),
    ] == without


def test_pause_lower_reserve_and_cancel(stage):
    auction = stage.open_format(FIRST, reserve=800)
    ends_at = auction.ends_at
    stage.bid("A", 700)
    stage.do(PauseAuction("a"))
    stage.wait(MINUTE)
    assert stage.refuse(PlaceBid("a", 900), "auction_paused", "B")
    stage.do(ResumeAuction("a"))
    assert auction.ends_at == ends_at + MINUTE
    stage.do(LowerReserve("a", 600))
    stage.do(CancelAuction("a", "no more"))
    assert stage.refuse(PlaceBid("a", 900), "auction_closed", "B")
    stage.tick()
    assert (auction.status, stage.held(), stage.program.ledger.sealed) == ("cancelled", {}, {})


def test_refund_and_second_chance(stage):
    sell(stage, SECOND, "A 900, B 800, C 700")
    assert stage.refuse(OfferSecondChance("a"), "wrong_status")
    stage.do(RefundAuction("a", "never came"))
    assert stage.points("A") == (10_000, 0, 0, 0)
    offer = stage.do(OfferSecondChance("a"))
    assert (offer.bidder, offer.price, offer.quantity) == (2, 800, 1)
    assert stage.refuse(AcceptSecondChance("a"), "no_offer", "C")
    stage.do(AcceptSecondChance("a"), "B")
    assert (stage.sales(), stage.auction().status) == ([("B", 1, 800, 800)], "settled")


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"soft_close": SoftClose("append", 1, 1, 1)}, "soft_close"),
        ({"buy_now": 900}, "buy_now"),
        ({"reserve": 499}, "reserve"),
    ],
)
def test_what_it_may_not_be(stage, terms, field):
    asked = CreateFormatAuction("a", stage.terms(increments=(), **terms), FIRST)
    assert stage.refuse(asked, "invalid_auction").details == {"field": field}
