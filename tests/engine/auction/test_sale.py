"""What a winner pays: the hammer price on the terms of its bid, never more than was held."""

import pytest

from engine.auction.sale import price_for
from engine.commands import BuyNow, ProgramSettings, UpsertMember
from engine.events import AuctionChanged, AuctionUnsold, AuctionWon
from engine.units import DAY, MAXIMUM_FACTOR, MAXIMUM_POINTS
from tests.engine.harness import Stage


@pytest.mark.parametrize(
    ("hammer", "factor", "paid"),
    [
        (1_000, 10_000, 1_000),
        (1_000, 9_000, 900),
        (15, 9_000, 14),
        (5, 8_900, 4),
        (1_000, 12_500, 1_250),
        (1, 1, 1),  # at least one point
        (1, 4_999, 1),
        (MAXIMUM_POINTS, MAXIMUM_FACTOR, MAXIMUM_POINTS),
    ],
)
def test_the_price_on_a_factor(hammer, factor, paid):
    assert price_for(hammer, factor) == paid


# anna's factor; what is held for her maximum of 1 000; what she pays once ben's 700 made it 800.
TERMS = [
    (10_000, 1_000, 800),
    (9_000, 1_000, 720),
    (5_000, 1_000, 400),
    (12_500, 1_250, 1_000),
    (12_345, 1_235, 988),  # 1 234.5 and 987.6, half up
    (1, 1_000, 1),
]


@pytest.mark.parametrize(("factor", "held", "paid"), TERMS)
def test_settlement_on_the_winners_terms(factor, held, paid):
    stage = Stage()
    stage.member("anna", 10_000, tier="gold")
    stage.member("ben", 10_000, tier="silver")
    stage.open(settlement_factors={"gold": factor})
    stage.bid("anna", 1_000)
    assert stage.points("anna")[:2] == (10_000 - held, held)
    stage.bid("ben", 700)
    auction = stage.close()
    assert (auction.sale.member, auction.sale.price, auction.sale.paid) == ("anna", 800, paid)
    assert stage.points("anna") == (10_000 - paid, 0, paid, 0)
    assert stage.points("ben") == (10_000, 0, 0, 0)
    assert stage.events(AuctionWon) == [AuctionWon("a", "anna", 800, paid)]


def test_terms_are_fixed_with_the_bid():
    stage = Stage()
    stage.member("anna", 10_000, tier="gold")
    stage.open(settlement_factors={"gold": 5_000, "silver": 20_000})
    stage.bid("anna", 1_000)
    stage.do(UpsertMember("anna", "silver", "north"))
    stage.close()
    assert stage.points("anna") == (9_750, 0, 250, 0)


def test_a_raise_is_a_bid_with_terms_of_its_own():
    stage = Stage()
    stage.member("anna", 10_000, tier="gold")
    stage.open(settlement_factors={"gold": 5_000, "silver": 20_000})
    stage.bid("anna", 1_000)
    stage.do(UpsertMember("anna", "silver", "north"))
    stage.bid("anna", 1_100)
    assert stage.held() == {"anna": 2_200}
    stage.close()
    assert stage.points("anna") == (9_000, 0, 1_000, 0)


def test_a_raise_on_better_terms_never_shrinks_the_hold():
    stage = Stage()
    stage.member("anna", 10_000, tier="silver")
    stage.open(settlement_factors={"gold": 5_000, "silver": 20_000})
    stage.bid("anna", 1_000)
    stage.do(UpsertMember("anna", "gold", "north"))
    stage.bid("anna", 1_100)
    assert stage.held() == {"anna": 2_000}
    stage.close()
    assert stage.points("anna") == (9_750, 0, 250, 0)


def test_buying_at_once_is_on_the_members_terms():
    stage = Stage()
    stage.member("anna", 10_000, tier="gold")
    stage.open(buy_now=2_000, settlement_factors={"gold": 9_000})
    bought = stage.do(BuyNow("a", 2_000), "anna")
    assert (bought.price, bought.paid) == (2_000, 1_800)
    assert stage.points("anna") == (8_200, 0, 1_800, 0)


def test_a_sale_at_the_end():
    stage = Stage()
    stage.members("anna", "ben")
    auction = stage.open()
    stage.bid("anna", 800)
    stage.bid("ben", 1_500)
    happened = stage.tick(auction.ends_at)
    assert happened == [AuctionChanged("a", "settled"), AuctionWon("a", "ben", 900, 900)]
    assert (auction.status, auction.ended_at, stage.standing()) == ("settled", auction.ends_at, ("ben", 900))
    assert stage.points("ben") == (9_100, 0, 900, 0)
    assert stage.points("anna") == (10_000, 0, 0, 0)
    assert stage.program.live == {}


def test_without_bids_it_is_unsold():
    stage = Stage()
    auction = stage.open()
    happened = stage.tick(auction.ends_at)
    assert happened == [AuctionChanged("a", "unsold"), AuctionUnsold("a", "")]
    assert (auction.status, auction.sale) == ("unsold", None)


def test_below_the_reserve_it_is_unsold_and_the_hold_released():
    stage = Stage()
    stage.member("anna")
    stage.open(reserve=1_000)
    stage.bid("anna", 999)
    auction = stage.close()
    assert stage.events(AuctionUnsold) == [AuctionUnsold("a", "anna")]
    assert (auction.status, auction.sale, auction.leader) == ("unsold", None, "")
    assert stage.points("anna") == (10_000, 0, 0, 0)
    assert stage.program.wins.counts == {}


def test_an_ended_auction_is_forgotten_after_its_retention():
    stage = Stage(ProgramSettings(auction_retention=DAY))
    auction = stage.open()
    stage.close()
    stage.tick(auction.ends_at + DAY - 1)
    assert "a" in stage.program.auctions
    stage.tick(auction.ends_at + DAY)
    assert (stage.program.auctions, stage.program.serials) == ({}, {})
    stage.open()
    assert stage.auction().serial == 2
