"""Buying at once: open until the first bid, and with an unmet reserve until that is met."""

import pytest

from engine.auction.english import buy_now_open
from engine.commands import (
    BuyNow,
    LowerReserve,
    PlaceBid,
)
from engine.events import LeadLost
from engine.results import Purchased
from engine.units import MAXIMUM_POINTS
from tests.engine.harness import Stage, play


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", "D")
    return stage


@pytest.mark.parametrize(
    ("given", "bids", "open_"),
    [
        ({}, "", True),
        ({}, "A 500", False),
        ({"reserve": 1_000}, "", True),
        ({"reserve": 1_000}, "A 999", True),
        ({"reserve": 1_000}, "A 600, B 999", True),
        ({"reserve": 1_000}, "A 1000", False),
        ({"reserve": 1_000}, "A 600, A 1000", False),
    ],
)
def test_when_buying_at_once_is_open(stage, given, bids, open_):
    auction = stage.open(buy_now=2_000, **given)
    if bids:
        play(stage, bids)
    assert buy_now_open(auction) is open_
    if not open_:
        stage.refuse(BuyNow("a", 2_000), "buy_now_unavailable", "D")
        return
    before = auction.leader
    assert stage.do(BuyNow("a", 2_000), "D") == Purchased("a", 2_000, 2_000)
    assert stage.events(LeadLost) == ([LeadLost("a", before, 2_000)] if before else [])
    assert (auction.status, auction.sale.member, auction.ended_at) == ("settled", "D", stage.at)
    assert stage.points("D") == (8_000, 0, 2_000, 0)
    assert stage.held() == {}


def test_buying_at_once_closes_when_the_reserve_is_lowered_to_a_maximum(stage):
    stage.open(buy_now=2_000, reserve=1_000)
    stage.bid("A", 700)
    stage.do(LowerReserve("a", 701))
    assert buy_now_open(stage.auction())
    stage.do(LowerReserve("a", 700))
    stage.refuse(BuyNow("a", 2_000), "buy_now_unavailable", "B")


@pytest.mark.parametrize(("seen", "paid"), [(1_999, None), (2_000, 2_000), (9_999, 2_000)])
def test_nobody_pays_more_than_the_price_seen(stage, seen, paid):
    stage.open(buy_now=2_000)
    if paid is None:
        assert stage.refuse(BuyNow("a", seen), "buy_now_unavailable", "A").details == {"price": 2_000}
    else:
        assert stage.do(BuyNow("a", seen), "A").paid == paid


def test_a_leader_buys_with_what_it_holds(stage):
    stage.member("E", 2_000)
    stage.open(buy_now=2_000, reserve=1_000)
    stage.bid("E", 900)
    stage.do(BuyNow("a", 2_000), "E")
    assert stage.points("E") == (0, 0, 2_000, 0)
    assert stage.events(LeadLost) == []


def test_buying_at_once_needs_the_points(stage):
    stage.member("E", 1_999)
    stage.open(buy_now=2_000, reserve=1_000)
    assert stage.refuse(BuyNow("a", 2_000), "insufficient_points", "E").details["missing"] == 1
    stage.bid("E", 900)
    assert stage.refuse(BuyNow("a", 2_000), "insufficient_points", "E").details["missing"] == 1


def test_no_price_no_buying(stage):
    stage.open()
    stage.refuse(BuyNow("a", MAXIMUM_POINTS), "buy_now_unavailable", "A")


def test_a_bought_auction_takes_no_bids(stage):
    stage.open(buy_now=2_000)
    stage.do(BuyNow("a", 2_000), "A")
    stage.refuse(PlaceBid("a", 3_000), "auction_closed", "B")
    stage.refuse(BuyNow("a", 2_000), "auction_closed", "B")


def test_a_buyer_is_a_bidder(stage):
    auction = stage.open(buy_now=2_000, reserve=1_000)
    stage.bid("A", 600)
    stage.do(BuyNow("a", 2_000), "D")
    assert {id: bidder.number for id, bidder in auction.bidders.items()} == {"A": 1, "D": 2}
    assert stage.who("D").auctions == ("a",)


def test_a_buyer_who_has_bid_keeps_its_number(stage):
    auction = stage.open(buy_now=2_000, reserve=1_000)
    stage.bid("A", 600)
    stage.bid("B", 900)
    stage.do(BuyNow("a", 2_000), "A")
    assert {id: bidder.number for id, bidder in auction.bidders.items()} == {"A": 1, "B": 2}
    assert stage.who("A").auctions == ("a",)
