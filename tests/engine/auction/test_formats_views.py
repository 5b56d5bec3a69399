"""What everybody, and a member itself, may see of auctions of other formats."""

import pytest

from engine.auction.views import list_sales
from engine.commands import (
    AscendingClock,
    Dutch,
    LeaveAuction,
    MultiUnit,
    PauseAuction,
    RefundSale,
    Sealed,
)
from engine.errors import Rejection
from engine.units import SECOND
from engine.views import list_bids, view_auction, view_me, view_points, view_terms
from tests.engine.harness import Stage


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", points=50_000)
    return stage


def own(stage, member):
    """The member's part in the auction that it bid on last."""
    return view_me(stage.program, member).auctions[0]


def test_a_dutch_auction_shows_its_schedule_and_the_price_of_now(stage):
    auction = stage.open_format(
        Dutch(6_000, 30 * SECOND, step=500, supply=3), opening=10_000, settlement_factors={"gold": 9_000}
    )
    stage.wait(60 * SECOND)
    stage.tick()
    view = view_auction(stage.program, "a", "A")
    clock = view.pieces.clock
    assert (view.format, view.price, view.minimum, view.own_price) == ("dutch", 9_000, 9_000, 8_100)
    assert (clock.at, clock.opened_at, clock.paused_for) == (stage.at, auction.pieces.opened_at, 0)
    assert (clock.interval, clock.step, clock.step_share, clock.floor) == (30 * SECOND, 500, 0, 6_000)
    stage.do(PauseAuction("a"))
    stage.wait(60 * SECOND)
    stage.tick()
    assert view_auction(stage.program, "a").price == 9_000


def test_sales_of_several_pieces(stage):
    stage.open_format(Dutch(6_000, 30 * SECOND, step=500, supply=4), opening=10_000)
    stage.bid_for("A", 10_000, 2)
    stage.bid("B", 10_000)
    view = view_auction(stage.program, "a")
    assert [(sale.bidder, sale.bid, sale.quantity) for sale in view.pieces.sales] == [(1, 1, 2), (2, 2, 1)]
    assert (view.pieces.supply, view.pieces.sold, view.winner, view.bids) == (4, 3, 0, 2)
    assert (own(stage, "A").won, own(stage, "A").paid) == (2, 20_000)
    stage.bid("C", 10_000)
    stage.do(RefundSale("a", "why", 1))
    assert (own(stage, "A").won, own(stage, "A").refunded, own(stage, "A").paid) == (0, True, 20_000)
    first = list_sales(stage.program, "a", limit=2)
    assert [(sale.member, sale.paid, sale.refunded) for sale in first.sales] == [
        ("A", 20_000, True),
        ("B", 10_000, False),
    ]
    rest = list_sales(stage.program, "a", after=first.next)
    assert ([sale.member for sale in rest.sales], rest.next) == (["C"], 0)
    with pytest.raises(Rejection, match="no auction"):
        list_sales(stage.program, "nowhere")


def test_the_sale_of_an_english_auction_is_listed_too(stage):
    stage.open()
    stage.bid("A", 900)
    stage.close()
    assert [(sale.member, sale.price) for sale in list_sales(stage.program, "a").sales] == [("A", 500)]
    assert view_auction(stage.program, "a").pieces is None


def test_who_is_in_now_sees_its_share(stage):
    stage.open_format(MultiUnit(2))
    stage.bid_for("A", 600, 2, partial=True)
    stage.bid("B", 700)
    mine = own(stage, "A")
    assert (mine.leading, mine.quantity, mine.share, mine.partial) == (True, 2, 1, True)
    stage.bid("C", 800)
    assert (own(stage, "A").leading, own(stage, "A").share, own(stage, "A").maximum) == (False, 0, 600)
    view = view_auction(stage.program, "a")
    assert (view.price, view.minimum, view.bids) == (700, 701, 3)
    bids = list_bids(stage.program, "a", viewer="A").bids
    assert [(bid.number, bid.maximum) for bid in bids] == [(3, 0), (2, 0), (1, 600)]
    assert [(hold.subject, hold.points) for hold in view_points(stage.program, "A").holds] == [("a", 1_200)]


def test_a_clock_shows_how_many_are_in(stage):
    auction = stage.open_format(AscendingClock(60 * SECOND, 10 * SECOND, step=100))
    for member, maximum in (("A", 650), ("B", 900), ("C", 2_000)):
        stage.bid(member, maximum)
    stage.at = auction.pieces.opened_at + 80 * SECOND
    stage.tick()
    view = view_auction(stage.program, "a")
    assert (view.price, view.pieces.bidders_in, view.pieces.clock.entry) == (700, 2, 60 * SECOND)
    assert [own(stage, member).leading for member in "ABC"] == [False, True, True]
    assert [bid.fate for bid in list_bids(stage.program, "a").bids] == ["standing", "standing", "left"]
    stage.do(LeaveAuction("a"), "B")
    stage.tick()
    assert (own(stage, "C").won, view_auction(stage.program, "a").hammer_price) == (1, 700)


def test_staff_sees_the_format(stage):
    stage.open_format(Sealed("second", may_lower=True), reserve=900)
    record = view_terms(stage.program, "a")
    assert (record.format, record.terms.reserve) == (Sealed("second", may_lower=True), 900)
    view = view_auction(stage.program, "a")
    assert (view.pieces.pricing, view.pieces.may_lower, view.pieces.sealed, view.reserve) == (
        "second",
        True,
        True,
        0,
    )
