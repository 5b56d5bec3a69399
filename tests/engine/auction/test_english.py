"""Automatic bidding, exactly: design.md §4 by tables."""

import pytest

from engine.commands import (
    CreditPoints,
    IncrementStep,
    LowerReserve,
    PlaceBid,
    SoftClose,
)
from engine.events import AuctionChanged, BidPlaced
from engine.results import AuctionSet, BidTaken
from engine.units import HOUR, MINUTE
from tests.engine.harness import MIDNIGHT, Stage, play


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", "D")
    return stage


# Price and leader.


@pytest.mark.parametrize(
    ("bids", "standing"),
    [
        # design.md's worked example
        ("A 500, B 601, A 800, B 1500, A 1502", "A 500, B 600, A 701, B 900, A 1502"),
        # the first bid: the opening price, however high the maximum
        ("A 9000", "A 500"),
        # one increment above the lower maximum, or the higher maximum where that is less
        ("A 600, B 700", "A 500, B 700"),
        ("A 600, B 699", "A 500, B 699"),
        ("A 600, B 701", "A 500, B 700"),
        # the leader's automatic bid answers
        ("A 1000, B 600", "A 500, A 700"),
        ("A 1000, B 900", "A 500, A 1000"),
        ("A 1000, B 950", "A 500, A 1000"),
        # a tie goes to whoever came first
        ("A 600, B 600", "A 500, A 600"),
        ("A 1000, B 1000, C 1100", "A 500, A 1000, C 1100"),
        ("A 1000, B 1000, C 1101", "A 500, A 1000, C 1100"),
        # the leader raises: the price does not move, and the new maximum counts
        ("A 600, A 900, B 800", "A 500, A 500, A 900"),
        ("A 600, B 650, B 900, A 750", "A 500, B 650, B 650, B 850"),
        # the price was the challenger's maximum; a raise leaves it there
        ("A 1500, B 1502, B 3000, C 1602", "A 500, B 1502, B 1502, B 1702"),
    ],
)
def test_price_and_leader(stage, bids, standing):
    stage.open()
    assert play(stage, bids) == standing


@pytest.mark.parametrize(
    ("bids", "standing"),
    [
        ("A 999, B 1024", "A 99, B 1024"),
        ("A 999, B 1100", "A 99, B 1049"),
        ("A 2499, B 9999", "A 99, B 2549"),
        ("A 2500, B 9999", "A 99, B 2600"),
        ("A 9999, B 5000", "A 99, A 5100"),
    ],
)
def test_the_increment_is_that_at_the_lower_maximum(stage, bids, standing):
    stage.open(opening=99, increments=())
    assert play(stage, bids) == standing


@pytest.mark.parametrize(
    ("bids", "minimum"),
    [
        ("", 500),
        ("A 500", 600),
        ("A 9000", 600),
        ("A 600, B 650", 750),
        ("A 600, B 600", 700),
        ("A 600, A 900", 600),
    ],
)
def test_the_least_bid_that_would_do(stage, bids, minimum):
    stage.open()
    if bids:
        play(stage, bids)
    refused = stage.refuse(PlaceBid("a", minimum - 1), "bid_too_low", "D")
    assert refused.details == {"minimum": minimum, "price": stage.auction().price}
    assert str(minimum) in refused.message
    assert stage.bid("D", minimum).number == len(stage.auction().history)


def test_a_bids_answer(stage):
    stage.open(reserve=700)
    ends_at = MIDNIGHT + HOUR
    assert stage.bid("A", 600) == BidTaken("a", 1, 1, True, 500, 600, 600, ends_at, False)
    assert stage.last.events == [BidPlaced("a", 1, "A", "A", 500)]
    assert stage.bid("B", 900) == BidTaken("a", 2, 2, True, 700, 900, 800, ends_at, True)
    assert stage.last.events == [BidPlaced("a", 2, "B", "B", 700, "A")]
    assert stage.bid("A", 800) == BidTaken("a", 3, 1, False, 900, 800, 1_000, ends_at, True)
    assert stage.last.events == [BidPlaced("a", 3, "A", "B", 900)]
    assert stage.bid("B", 901) == BidTaken("a", 4, 2, True, 900, 901, 1_000, ends_at, True)


def test_a_service_bids_for_a_member(stage):
    stage.open()
    stage.do(PlaceBid("a", 600, "A"), "till")
    assert stage.held() == {"A": 600}


# The reserve.


@pytest.mark.parametrize(
    ("bids", "standing"),
    [
        ("A 700", "A 500"),
        ("A 999, B 998", "A 500, A 999"),
        ("A 1000", "A 1000"),
        ("A 2000", "A 1000"),
        ("A 700, B 1500", "A 500, B 1000"),
        ("A 999, B 2000", "A 500, B 1099"),
        ("A 700, A 1200", "A 500, A 1000"),
        ("A 1200, B 1100", "A 1000, A 1200"),
        ("A 900, B 950, B 999, B 1000", "A 500, B 950, B 950, B 1000"),
    ],
)
def test_a_maximum_at_the_reserve_lifts_the_price_to_it(stage, bids, standing):
    stage.open(reserve=1_000)
    assert play(stage, bids) == standing


@pytest.mark.parametrize(
    ("bids", "reserve", "standing", "minimum"),
    [
        ("A 700", 800, ("A", 500), 600),
        ("A 700", 700, ("A", 700), 800),
        ("A 700", 600, ("A", 600), 700),
        ("A 700", 0, ("A", 500), 600),
        ("A 700, B 650", 690, ("A", 700), 800),
        ("A 1500", 900, ("A", 1000), 1100),
        ("", 600, ("", 500), 500),
        ("", 0, ("", 500), 500),
    ],
)
def test_lowering_the_reserve(stage, bids, reserve, standing, minimum):
    auction = stage.open(reserve=1_000)
    if bids:
        play(stage, bids)
    assert stage.do(LowerReserve("a", reserve)) == AuctionSet("a", "open", auction.ends_at)
    assert stage.last.events == [AuctionChanged("a", "open")]
    assert stage.standing() == standing
    assert auction.minimum == minimum
    assert stage.bid("D", minimum)


def test_the_reserve_goes_down_only(stage):
    stage.open(reserve=1_000)
    for reserve in (1_000, 1_001):
        assert stage.refuse(LowerReserve("a", reserve), "reserve_not_lower").details == {"reserve": 1_000}
    stage.do(LowerReserve("a", 900))
    stage.refuse(LowerReserve("a", 900), "reserve_not_lower")
    stage.draft("b", reserve=1_000)
    stage.refuse(LowerReserve("b", 900), "wrong_status")


def test_an_auction_without_a_reserve_has_none_to_lower(stage):
    stage.open()
    stage.refuse(LowerReserve("a", 0), "reserve_not_lower")


# Holds.


def test_a_leads_whole_maximum_is_held_and_released_when_outbid(stage):
    stage.open()
    stage.bid("A", 800)
    assert stage.held() == {"A": 800}
    stage.bid("B", 700)
    assert stage.held() == {"A": 800}
    stage.bid("A", 900)
    assert stage.held() == {"A": 900}
    stage.bid("C", 2_000)
    assert stage.held() == {"C": 2_000}
    assert stage.points("A") == (10_000, 0, 0, 0)


def test_a_bid_needs_its_whole_maximum(stage):
    stage.member("E", 799)
    stage.open()
    stage.bid("A", 5_000)
    refused = stage.refuse(PlaceBid("a", 800), "insufficient_points", "E")
    assert refused.details == {"available": 799, "needed": 800, "missing": 1}
    stage.do(CreditPoints("E", 1))
    assert not stage.bid("E", 800).leading
    assert stage.points("E") == (800, 0, 0, 0)


def test_a_raise_needs_only_the_difference(stage):
    stage.member("E", 1_000)
    stage.open()
    stage.bid("E", 800)
    stage.refuse(PlaceBid("a", 1_001), "insufficient_points", "E")
    stage.bid("E", 1_000)
    assert stage.points("E") == (0, 1_000, 0, 0)


def test_a_raise_on_better_terms_takes_nothing_where_enough_is_held(stage):
    stage.open(settlement_factors={"gold": 12_000, "silver": 9_000})
    stage.bid("A", 1_000)
    assert stage.points("A") == (8_800, 1_200, 0, 0)
    stage.member("A", 0, tier="silver")
    stage.bid("A", 1_200)
    assert stage.points("A") == (8_800, 1_200, 0, 0)
    stage.bid("A", 1_201)
    assert stage.points("A") == (8_799, 1_201, 0, 0)


def test_a_raise_overtakes_nobody(stage):
    stage.open()
    stage.bid("A", 600)
    stage.bid("B", 900)
    [placed] = stage.events(BidPlaced)
    assert placed.outbid == "A"
    stage.bid("B", 1_200)
    [placed] = stage.events(BidPlaced)
    assert placed.outbid == ""


def test_points_held_elsewhere_are_not_available(stage):
    stage.open("a")
    stage.open("b")
    stage.bid("A", 6_000, "a")
    stage.refuse(PlaceBid("b", 4_001), "insufficient_points", "A")
    stage.bid("A", 4_000, "b")
    stage.bid("B", 7_000, "a")
    assert stage.points("A") == (6_000, 4_000, 0, 0)


def test_a_maximum_that_is_the_reserve_meets_it(stage):
    stage.open(reserve=700)
    assert not stage.bid("A", 699).reserve_met
    assert stage.bid("B", 700).reserve_met


# Limits.


def test_a_member_places_so_many_bids(stage):
    auction = stage.open()
    stage.bid("A", 600)
    auction.bidders["A"].count = 1_000
    stage.refuse(PlaceBid("a", 700), "too_many_bids", "A")
    stage.bid("B", 700)
    stage.refuse(PlaceBid("a", 900), "too_many_bids", "A")


def test_an_auction_takes_so_many_bids(stage, monkeypatch):
    monkeypatch.setattr("engine.auction.english.BID_LIMIT", 2)
    stage.open()
    stage.bid("A", 600)
    stage.bid("B", 700)
    stage.refuse(PlaceBid("a", 900), "too_many_bids", "C")
    stage.refuse(PlaceBid("a", 900), "too_many_bids", "B")


def test_increments_of_an_auction_are_its_own(stage):
    stage.open("a", increments=(IncrementStep(600, 10), IncrementStep(0, 50)))
    stage.open("b", increments=())
    stage.bid("A", 600, "a")
    assert stage.bid("B", 700, "a").price == 650
    assert stage.bid("B", 600, "b").minimum == 550


def test_a_raise_never_extends_the_end(stage):
    auction = stage.open(soft_close=SoftClose("append", 2 * HOUR, 5 * MINUTE, HOUR))
    ends_at = auction.ends_at
    stage.bid("A", 600)
    assert auction.ends_at == ends_at + 5 * MINUTE
    stage.bid("A", 900)
    assert auction.ends_at == ends_at + 5 * MINUTE
    stage.bid("B", 700)
    assert auction.ends_at == ends_at + 10 * MINUTE
