"""After the end: refunds to the lots that paid, and offers to the best bidder that had none yet."""

import pytest

from engine.commands import (
    AcceptSecondChance,
    AdjustPoints,
    BuyNow,
    CreditPoints,
    DeclineSecondChance,
    OfferSecondChance,
    PlaceBid,
    ProgramSettings,
    RefundAuction,
    RefundSale,
    UpsertMember,
    VoidBid,
)
from engine.events import (
    AuctionChanged,
    AuctionRefunded,
    AuctionWon,
    PointsExpired,
    PointsRefunded,
    SecondChanceEnded,
    SecondChanceOffered,
)
from engine.results import OfferDeclined, OfferMade, Purchased, Refunded
from engine.units import DAY, HOUR, MINUTE, NEVER
from tests.engine.harness import MIDNIGHT, Stage, copy_of

LAPSE = DAY
"""The default time until an offer lapses."""


@pytest.fixture
def stage():
    """An auction that C won for 1 100, before B with 1 000 and A with 600."""
    stage = Stage()
    stage.members("A", "B", "C")
    stage.open()
    for member, maximum in (("A", 600), ("B", 1_000), ("C", 2_000)):
        stage.bid(member, maximum)
    stage.close()
    return stage


@pytest.fixture
def unsold():
    """An auction where A bid 600 and B 900, below the reserve."""
    stage = Stage()
    stage.members("A", "B", "C")
    stage.open(reserve=1_000)
    stage.bid("A", 600)
    stage.bid("B", 900)
    stage.close()
    return stage


# Refunds.


def test_a_refund_gives_everything_back(stage):
    assert stage.do(RefundAuction("a", "broken glass")) == Refunded("a", 1_100)
    assert stage.last.events == [PointsRefunded("C", 1_100), AuctionRefunded("a", "C", 1_100)]
    assert stage.points("C") == (10_000, 0, 0, 0)
    assert stage.auction().sale.refunded_at == stage.at
    stage.refuse(RefundAuction("a", "again"), "already_refunded")


@pytest.mark.parametrize(
    ("grace", "lots"),
    [(0, [(NEVER, 200)]), (HOUR, [(MIDNIGHT + 4 * HOUR, 400), (NEVER, 200)])],
)
def test_a_refund_goes_to_the_lots_that_paid(grace, lots):
    stage = Stage(ProgramSettings(release_grace=grace))
    stage.member("A", 200)
    stage.do(CreditPoints("A", 400, MIDNIGHT + 2 * HOUR))
    stage.open()
    stage.bid("A", 500)
    stage.close()
    assert stage.points("A") == (100, 0, 500, 0)
    stage.at = MIDNIGHT + 3 * HOUR
    stage.do(RefundAuction("a", "why"))
    assert [(lot.expires_at, lot.points) for lot in stage.who("A").lots] == lots
    assert stage.events(PointsExpired) == ([] if grace else [PointsExpired("A", 400)])


def test_a_refunded_win_is_not_counted():
    stage = Stage(ProgramSettings(win_limits={"spring": 1}))
    stage.members("A", "B")
    stage.open("a", campaign="spring")
    stage.open("b", campaign="spring", ends_at=MIDNIGHT + DAY)
    stage.bid("A", 600, "a")
    stage.close("a")
    stage.refuse(PlaceBid("b", 600), "win_limit_reached", "A")
    stage.do(RefundAuction("a", "why"))
    stage.bid("A", 600, "b")


# Offers.


def test_an_unsold_auction_is_offered_to_the_highest_bidder_at_its_own_maximum(unsold):
    stage = unsold
    lapses_at = stage.at + LAPSE
    assert stage.do(OfferSecondChance("a")) == OfferMade("a", 2, 900, lapses_at)
    assert stage.last.events == [SecondChanceOffered("a", "B", 900, lapses_at)]
    assert stage.points("B") == (10_000, 0, 0, 0)
    assert stage.do(AcceptSecondChance("a"), "B") == Purchased("a", 900, 900)
    assert stage.last.events == [AuctionWon("a", "B", 900, 900), AuctionChanged("a", "settled")]
    assert stage.points("B") == (9_100, 0, 900, 0)
    assert (stage.auction().status, stage.auction().offer) == ("settled", None)


def test_a_sold_auction_is_offered_only_once_the_winner_was_refunded(stage):
    stage.refuse(OfferSecondChance("a"), "wrong_status")
    stage.do(RefundAuction("a", "why"))
    assert stage.do(OfferSecondChance("a")).price == 1_000
    stage.do(AcceptSecondChance("a"), "B")
    assert stage.points("B") == (9_000, 0, 1_000, 0)
    stage.refuse(OfferSecondChance("a"), "wrong_status")
    assert stage.do(RefundAuction("a", "again")) == Refunded("a", 1_000)
    assert stage.do(OfferSecondChance("a")) == OfferMade("a", 1, 600, stage.at + LAPSE)


def test_each_bidder_has_one_chance_in_order(unsold):
    stage = unsold
    stage.do(OfferSecondChance("a"))
    stage.refuse(OfferSecondChance("a"), "wrong_status")
    assert stage.do(DeclineSecondChance("a"), "B") == OfferDeclined("a")
    assert stage.last.events == [SecondChanceEnded("a", "B", lapsed=False)]
    assert stage.do(OfferSecondChance("a")).bidder == 1
    stage.do(DeclineSecondChance("a"), "A")
    stage.refuse(OfferSecondChance("a"), "no_runner_up")
    assert stage.auction().status == "unsold"


def test_only_the_member_of_the_offer_takes_or_declines_it(unsold):
    stage = unsold
    for command in (AcceptSecondChance("a"), DeclineSecondChance("a")):
        stage.refuse(command, "no_offer", "B")
    stage.do(OfferSecondChance("a"))
    for member in ("A", "C", "nobody", ""):
        stage.refuse(AcceptSecondChance("a"), "no_offer", member)
        stage.refuse(DeclineSecondChance("a"), "no_offer", member)
    stage.refuse(AcceptSecondChance("a", "A"), "no_offer", "B")
    stage.do(AcceptSecondChance("a", "B"), "till")
    stage.refuse(AcceptSecondChance("a"), "no_offer", "B")


@pytest.mark.parametrize("ticked", [False, True])
def test_an_offer_lapses(unsold, ticked):
    stage = unsold
    lapses_at = stage.do(OfferSecondChance("a")).lapses_at
    stage.tick(lapses_at - 1)
    assert stage.auction().offer is not None
    if ticked:
        assert stage.tick(lapses_at) == [SecondChanceEnded("a", "B", lapsed=True)]
        assert stage.auction().offer is None
    stage.at = lapses_at
    stage.refuse(AcceptSecondChance("a"), "no_offer", "B")
    assert stage.points("B") == (10_000, 0, 0, 0)
    assert stage.do(OfferSecondChance("a")).bidder == 1


def test_an_offer_may_be_taken_in_its_last_millisecond(unsold):
    stage = unsold
    stage.at = stage.do(OfferSecondChance("a")).lapses_at - 1
    stage.do(AcceptSecondChance("a"), "B")


def test_the_time_until_an_offer_lapses_is_a_setting():
    stage = Stage(ProgramSettings(offer_lapses_after=MINUTE))
    stage.member("A")
    stage.open(reserve=1_000)
    stage.bid("A", 600)
    stage.close()
    assert stage.do(OfferSecondChance("a")).lapses_at == stage.at + MINUTE


def test_an_offer_needs_the_points_when_it_is_taken(unsold):
    stage = unsold
    stage.do(OfferSecondChance("a"))
    stage.do(AdjustPoints("B", -9_101, "spent elsewhere"))
    refused = stage.refuse(AcceptSecondChance("a"), "insufficient_points", "B")
    assert refused.details == {"available": 899, "needed": 900, "missing": 1}
    stage.do(CreditPoints("B", 1))
    stage.do(AcceptSecondChance("a"), "B")
    assert stage.points("B") == (0, 0, 10_001, 0)


def test_an_offer_counts_towards_the_limit_of_wins():
    stage = Stage(ProgramSettings(win_limits={"spring": 1}))
    stage.members("A", "B")
    stage.open("a", campaign="spring", reserve=1_000)
    stage.bid("A", 600, "a")
    stage.close("a")
    stage.do(OfferSecondChance("a"))
    stage.open("b", campaign="spring")
    stage.bid("A", 600, "b")
    stage.refuse(AcceptSecondChance("a"), "win_limit_reached", "A")
    stage.bid("B", 900, "b")
    stage.do(AcceptSecondChance("a"), "A")
    stage.refuse(PlaceBid("b", 1_500), "win_limit_reached", "A")


def test_an_offer_is_on_the_terms_of_the_bid():
    stage = Stage()
    stage.member("A", tier="gold")
    stage.open(reserve=1_000, settlement_factors={"gold": 9_000, "silver": 15_000})
    stage.bid("A", 900)
    stage.close()
    stage.do(UpsertMember("A", "silver", "north"))
    stage.do(OfferSecondChance("a"))
    assert stage.do(AcceptSecondChance("a"), "A") == Purchased("a", 900, 810)


def test_voided_bids_get_no_second_chance(stage):
    stage.open("b", reserve=5_000)
    stage.bid("A", 600, "b")
    stage.bid("B", 900, "b")
    stage.do(VoidBid("b", 2, "fraud"))
    stage.close("b")
    assert stage.do(OfferSecondChance("b")) == OfferMade("b", 1, 600, stage.at + LAPSE)


def test_without_bids_there_is_nobody_to_offer_it_to():
    stage = Stage()
    stage.open()
    stage.close()
    stage.refuse(OfferSecondChance("a"), "no_runner_up")


def test_after_a_purchase_at_once_the_outbid_leader_is_the_runner_up():
    stage = Stage()
    stage.members("A", "B")
    stage.open(reserve=1_000, buy_now=3_000)
    stage.bid("A", 900)
    stage.do(BuyNow("a", 3_000), "B")
    stage.do(RefundAuction("a", "why"))
    assert stage.do(OfferSecondChance("a")) == OfferMade("a", 1, 900, stage.at + LAPSE)


def test_a_winner_with_lower_bids_of_its_own_is_not_its_own_runner_up():
    stage = Stage()
    stage.members("A", "B")
    stage.open()
    for member, maximum in (("A", 600), ("B", 650), ("A", 900), ("A", 950)):
        stage.bid(member, maximum)
    stage.close()
    stage.do(RefundAuction("a", "why"))
    assert stage.do(OfferSecondChance("a")) == OfferMade("a", 2, 650, stage.at + LAPSE)


@pytest.mark.parametrize("lapses_after", [HOUR, 3 * DAY])
def test_an_open_offer_keeps_an_auction_from_being_forgotten(lapses_after):
    stage = Stage(ProgramSettings(auction_retention=DAY, offer_lapses_after=lapses_after))
    stage.member("A")
    stage.open(reserve=1_000)
    stage.bid("A", 600)
    stage.close()
    ended_at = stage.at
    stage.tick(ended_at + DAY - MINUTE)
    lapses_at = stage.do(OfferSecondChance("a")).lapses_at
    stage.tick(lapses_at - 1)
    assert "a" in stage.program.auctions
    stage.tick(lapses_at + 1)
    assert "a" not in stage.program.auctions
    assert stage.program.live == {}


# Snapshots of programs that had no bid numbers in offers and sales yet.


def test_an_old_snapshot_s_offer_finds_its_bid(stage):
    stage.do(RefundAuction("a", "why"))
    stage.do(OfferSecondChance("a"))
    digest = stage.program.state_digest()
    assert stage.auction().offer.bid == 2
    stage.auction().offer.bid = 0
    stage.program = copy_of(stage.program)
    assert stage.program.state_digest() == digest


@pytest.mark.parametrize("refunded", [False, True])
def test_an_old_snapshot_s_sale_to_the_runner_up_finds_its_bid(stage, refunded):
    stage.do(RefundAuction("a", "why"))
    stage.do(OfferSecondChance("a"))
    stage.do(AcceptSecondChance("a"), "B")
    if refunded:
        stage.do(RefundSale("a", "why", 2))
    digest = stage.program.state_digest()
    stage.auction().sale.bid = 0
    stage.program = copy_of(stage.program)
    assert stage.program.state_digest() == digest
    if not refunded:
        assert stage.do(RefundSale("a", "why", 2)) == Refunded("a", 1_000)


@pytest.mark.parametrize("refunded", [False, True])
def test_a_sale_at_the_close_has_no_bid_number(stage, refunded):
    if refunded:
        stage.do(RefundAuction("a", "why"))
    assert copy_of(stage.program).state_digest() == stage.program.state_digest()
    assert copy_of(stage.program).auctions["a"].sale.bid == 0
