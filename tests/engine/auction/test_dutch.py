"""Dutch auctions: the price of an instant, who takes it, and how it ends."""

import pytest

from engine.auction.price_clock import price_at
from engine.commands import (
    BidForPieces,
    CancelAuction,
    CreateFormatAuction,
    Dutch,
    LowerReserve,
    LowerSupply,
    OfferSecondChance,
    OpenAuction,
    PauseAuction,
    PlaceBid,
    ProgramSettings,
    RefundAuction,
    RefundSale,
    ResumeAuction,
    ScheduleAuction,
    UpsertMember,
    VoidBid,
)
from engine.events import AuctionWon
from engine.units import DAY, HOUR, NEVER, SECOND
from tests.engine.harness import Stage

FALLS = Dutch(floor=6_000, interval=30 * SECOND, step=500)


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", points=30_000)
    return stage


def later(stage, auction, milliseconds):
    """Goes to so many ms after the opening."""
    stage.at = auction.pieces.opened_at + milliseconds


# The worked case: 10 000 falling by 500 every 30 s to 6 000.
@pytest.mark.parametrize(
    ("after", "price"),
    [
        (0, 10_000),
        (29_999, 10_000),
        (30_000, 9_500),
        (89_999, 9_000),
        (90_000, 8_500),
        (239_999, 6_500),
        (240_000, 6_000),
        (3_599_999, 6_000),
    ],
)
def test_the_price_is_that_of_the_stamp(stage, after, price):
    auction = stage.open_format(FALLS, opening=10_000)
    later(stage, auction, after)
    taken = stage.bid("A", 10_000)
    assert (taken.price, taken.paid, taken.leading) == (price, price, True)
    assert stage.sales() == [("A", 1, price, price)]
    assert stage.points("A") == (30_000 - price, 0, price, 0)
    assert (auction.status, auction.ended_at) == ("settled", stage.at)
    assert stage.events(AuctionWon) == [AuctionWon("a", "A", price, price)]


@pytest.mark.parametrize(
    ("after", "price"), [(89_999, 9_000), (90_000, 9_000), (99_999, 9_000), (100_000, 8_500)]
)
def test_a_pause_stops_the_price(stage, after, price):
    auction = stage.open_format(FALLS, opening=10_000)
    ends_at = auction.ends_at
    later(stage, auction, 40_000)
    stage.do(PauseAuction("a"))
    stage.wait(7 * SECOND)
    assert stage.refuse(PlaceBid("a", 10_000), "auction_paused", "A")
    assert price_at(auction, auction.pieces, stage.at) == 9_500
    later(stage, auction, 50_000)
    stage.do(ResumeAuction("a"))
    assert auction.ends_at == ends_at + 10 * SECOND
    later(stage, auction, after)
    assert stage.bid("A", 10_000).paid == price


def test_whoever_names_less_than_the_price_is_told_it(stage):
    auction = stage.open_format(FALLS, opening=10_000)
    refused = stage.refuse(PlaceBid("a", 9_999), "bid_too_low", "A")
    assert refused.details == {"minimum": 10_000, "price": 10_000}
    later(stage, auction, 30_000)
    assert stage.bid("A", 9_999).paid == 9_500


def test_several_pieces_each_at_its_own_price(stage):
    auction = stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=4), opening=10_000)
    stage.bid("A", 10_000)
    later(stage, auction, 60_000)
    stage.bid_for("B", 9_500, 2)
    refused = stage.ask(PlaceBid("a", 9_000), "C")
    assert refused.paid == 9_000
    assert auction.status == "settled"
    assert stage.sales() == [("A", 1, 10_000, 10_000), ("B", 2, 9_000, 18_000), ("C", 1, 9_000, 9_000)]


def test_nobody_takes_more_than_is_left_or_can_be_paid(stage):
    stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=4), opening=10_000)
    stage.bid("A", 10_000)

    assert stage.refuse(BidForPieces("a", 10_000, 5), "too_many_pieces", "B").details == {"left": 4}
    stage.member("rich", 90_000)
    assert stage.refuse(BidForPieces("a", 10_000, 4), "too_many_pieces", "rich").details == {"left": 3}
    assert stage.refuse(PlaceBid("a", 9_000), "bid_too_low", "C")
    stage.member("poor", 9_999)
    assert stage.refuse(PlaceBid("a", 10_000), "insufficient_points", "poor").details["missing"] == 1


def test_it_ends_unsold_some_time_after_the_floor(stage):
    auction = stage.open_format(FALLS, opening=10_000)
    stage.close()
    assert (auction.status, stage.sales()) == ("unsold", [])
    assert stage.refuse(PlaceBid("a", 10_000), "auction_closed", "A")
    assert stage.refuse(OfferSecondChance("a"), "no_runner_up")


def test_fewer_takes_than_pieces_stay_sold(stage):
    stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=3), opening=10_000)
    stage.bid("A", 10_000)
    auction = stage.close()
    assert (auction.status, stage.sales()) == ("settled", [("A", 1, 10_000, 10_000)])
    assert auction.price == 10_000


def test_a_late_tick_lets_nobody_take_late(stage):
    auction = stage.open_format(FALLS, opening=10_000)
    stage.at = auction.ends_at
    assert stage.ask(PlaceBid("a", 10_000), "A").code == "auction_closed"


def test_it_opens_by_itself_at_its_start_however_late_the_tick(stage):
    begin = stage.at + HOUR
    terms = stage.terms(opening=10_000, increments=(), starts_at=begin, ends_at=begin + HOUR)
    stage.do(CreateFormatAuction("a", terms, FALLS))
    stage.do(ScheduleAuction("a"))
    stage.at = begin + 60_000
    assert stage.bid("A", 10_000).paid == 9_000


@pytest.mark.parametrize("moved", [-HOUR // 2, 2 * HOUR])
def test_opened_by_hand_it_keeps_its_length(stage, moved):
    begin = stage.at + HOUR
    terms = stage.terms(opening=10_000, increments=(), starts_at=begin, ends_at=begin + HOUR)
    stage.do(CreateFormatAuction("a", terms, FALLS))
    stage.at = begin + moved
    stage.do(OpenAuction("a"))
    auction = stage.auction()
    assert (auction.pieces.opened_at, auction.ends_at) == (stage.at, stage.at + HOUR)
    assert auction.hard_stop == NEVER


@pytest.mark.parametrize(
    ("format", "terms", "field"),
    [
        (Dutch(10_000, 1_000, step=500), {}, "format.floor"),
        (Dutch(6_000, 1_000), {}, "format.step"),
        (Dutch(6_000, 1_000, step=500, step_share=500), {}, "format.step"),
        (Dutch(6_000, HOUR, step=500), {}, "ends_at"),
        (FALLS, {"reserve": 11_000}, "reserve"),
        (FALLS, {"buy_now": 11_000}, "buy_now"),
    ],
)
def test_what_it_may_not_be(stage, format, terms, field):
    asked = CreateFormatAuction("a", stage.terms(opening=10_000, increments=(), **terms), format)
    assert stage.refuse(asked, "invalid_auction").details == {"field": field}


def test_supply_falls_only_before_the_first_take(stage):
    auction = stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=3), opening=10_000)
    assert stage.refuse(LowerSupply("a", 3), "supply_is_fixed")
    stage.do(LowerSupply("a", 2))
    stage.bid("A", 10_000)
    assert stage.refuse(LowerSupply("a", 1), "supply_is_fixed")
    stage.bid("B", 10_000)
    assert auction.status == "settled"
    assert stage.refuse(LowerReserve("a", 0), "wrong_status")


def test_a_voided_take_is_refunded_and_for_sale_again(stage):
    auction = stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=2), opening=10_000)
    stage.bid("A", 10_000)
    stage.do(VoidBid("a", 1, "a mistake"))
    assert (stage.points("A"), auction.pieces.sold) == ((30_000, 0, 0, 0), 0)
    assert stage.refuse(VoidBid("a", 1, "again"), "bid_not_standing")
    stage.bid("B", 10_000)
    stage.bid("C", 10_000)
    assert auction.status == "settled"
    assert stage.sales() == [("B", 1, 10_000, 10_000), ("C", 1, 10_000, 10_000)]


def test_cancelled_everybody_gets_its_points_back(stage):
    stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=200), opening=10_000)
    stage.member("rich", 2_000_000)
    for _ in range(150):
        stage.bid("rich", 10_000)
    stage.bid("A", 10_000)
    stage.do(CancelAuction("a", "no more"))
    # A's points are asked for before the agenda has come to them.
    stage.open("other", opening=30_000)
    assert stage.bid("A", 30_000, "other").leading
    stage.tick()
    assert stage.points("rich") == (2_000_000, 0, 0, 0)
    assert stage.sales() == []


def test_refunds_of_one_of_several_winners(stage):
    auction = stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=2), opening=10_000)
    stage.bid("A", 10_000)
    stage.bid("B", 10_000)
    assert stage.refuse(RefundAuction("a", "why"), "which_sale")
    assert stage.refuse(RefundSale("a", "why", 3), "unknown_sale")
    stage.do(RefundSale("a", "why", 2))
    assert stage.refuse(RefundSale("a", "why", 2), "already_refunded")
    stage.do(RefundAuction("a", "the other"))
    assert stage.refuse(RefundAuction("a", "why"), "already_refunded")
    assert (stage.points("A"), stage.points("B")) == ((30_000, 0, 0, 0), (30_000, 0, 0, 0))
    assert auction.pieces.sold == 0


def test_terms_of_a_tier_and_a_limit_of_wins():
    stage = Stage(ProgramSettings(win_limits={"spring": 1}))
    stage.do(UpsertMember("A", "gold", "north"))
    stage.member("A", 30_000)
    stage.open_format(
        Dutch(6_000, 30 * SECOND, step=500, supply=2),
        opening=10_000,
        campaign="spring",
        settlement_factors={"gold": 9_000},
    )
    assert stage.bid("A", 10_000).paid == 9_000
    assert stage.refuse(PlaceBid("a", 10_000), "win_limit_reached", "A")
    stage.do(VoidBid("a", 1, "a mistake"))
    assert stage.bid("A", 10_000).paid == 9_000


def test_it_is_forgotten_after_the_retention():
    stage = Stage(ProgramSettings(auction_retention=DAY))
    stage.members("A", points=30_000)
    stage.open_format(FALLS, opening=10_000)
    stage.bid("A", 10_000)
    stage.tick(stage.at + DAY)
    assert stage.program.auctions == {}
