"""A bid that a manager takes out: price and leader follow from what is left."""

import msgspec
import pytest

from engine.auction import void
from engine.commands import (
    AdjustPoints,
    CreditPoints,
    PauseAuction,
    UpsertMember,
    VoidBid,
)
from engine.events import AuctionChanged, LeadGained, LeadLost
from engine.results import BidVoided
from engine.units import DAY, HOUR, MINUTE
from tests.engine.harness import MIDNIGHT, Stage, play


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", "D")
    return stage


@pytest.mark.parametrize(
    ("bids", "void", "standing", "held"),
    [
        # the leader's only bid: the runner-up leads, alone at the opening price
        ("A 600, B 900", [2], ("A", 500), {"A": 600}),
        # the runner-up's: the price falls
        ("A 600, B 900", [1], ("B", 500), {"B": 900}),
        ("A 600, B 700, C 900", [2], ("C", 700), {"C": 900}),
        # one that is neither changes nothing
        ("A 600, B 700, C 900", [1], ("C", 800), {"C": 900}),
        # the leader's raise: it leads on with the maximum before
        ("A 600, B 700, B 900", [3], ("B", 700), {"B": 700}),
        ("A 650, B 700, B 900", [3], ("B", 700), {"B": 700}),
        # the leader's lower bid: nothing
        ("A 600, B 700, B 900", [2], ("B", 700), {"B": 900}),
        # each bidder counts once, with its highest: A's two bids do not bid against each other
        ("A 600, B 700, A 1000, B 1500", [4], ("A", 800), {"A": 1000}),
        ("A 600, B 700, A 1000, B 1500", [4, 2], ("A", 500), {"A": 1000}),
        ("A 600, B 700, A 1000, B 1500", [3], ("B", 700), {"B": 1500}),
        # of equal maxima the earlier leads
        ("A 600, B 1000, C 1000, D 1500", [4], ("B", 1000), {"B": 1000}),
        ("A 600, B 1000, C 1000, D 1500", [4, 2], ("C", 700), {"C": 1000}),
        # all gone
        ("A 600", [1], ("", 500), {}),
        ("A 600, B 700", [2, 1], ("", 500), {}),
    ],
)
@pytest.mark.parametrize("paused", [False, True])
def test_a_voided_bid(stage, bids, void, standing, held, paused):
    auction = stage.open()
    play(stage, bids)
    if paused:
        stage.do(PauseAuction("a"))
    for number in void:
        voided = stage.do(VoidBid("a", number, "typing error"))
    assert stage.standing() == standing
    assert stage.held() == held
    leader, price = standing
    assert voided == BidVoided("a", price, auction.number_of(leader))
    assert auction.minimum == (price + 100 if leader else 500)
    assert auction.leader_maximum == sum(held.values())


@pytest.mark.parametrize(
    ("bids", "void", "standing"),
    [
        ("A 1200, B 1500", 2, ("A", 1000)),
        ("A 1200, B 1500", 1, ("B", 1000)),
        ("A 900, B 1500", 2, ("A", 500)),
        ("A 900, B 1500, C 1100", 3, ("B", 1000)),
    ],
)
def test_a_void_lifts_to_the_reserve_again(stage, bids, void, standing):
    stage.open(reserve=1_000)
    play(stage, bids)
    stage.do(VoidBid("a", void, "typing error"))
    assert stage.standing() == standing


def test_a_void_tells_who_lost_and_who_gained(stage):
    stage.open()
    play(stage, "A 600, B 900, B 950")
    stage.do(VoidBid("a", 3, "typing error"))
    assert stage.last.events == [AuctionChanged("a", "open")]
    stage.do(VoidBid("a", 2, "typing error"))
    assert stage.last.events == [
        AuctionChanged("a", "open"),
        LeadLost("a", "B", 500, voided=True),
        LeadGained("a", "A", 500),
    ]


@pytest.mark.parametrize(
    ("b_spends", "c_spends", "standing"),
    [
        (0, 0, ("C", 3_100)),
        (0, 6_900, ("C", 3_100)),  # 3 100 left: its maximum to the point
        (0, 6_901, ("B", 700)),
        (7_000, 6_901, ("B", 700)),
        (7_001, 6_901, ("A", 500)),
    ],
)
def test_whoever_cannot_be_held_again_drops_out(stage, b_spends, c_spends, standing):
    stage.open()
    play(stage, "A 600, B 650, C 1000, B 3000, C 3100, D 9000")
    for member, amount in (("B", b_spends), ("C", c_spends)):
        if amount:
            stage.do(AdjustPoints(member, -amount, "spent elsewhere"))
    stage.do(VoidBid("a", 6, "typing error"))
    assert stage.standing() == standing
    assert stage.held() == {standing[0]: stage.auction().leader_maximum}


def test_a_dropped_bidder_is_out_with_all_its_bids_but_may_bid_again(stage):
    stage.open()
    play(stage, "A 600, B 700, A 800, B 5000, C 9000")
    stage.do(
        AdjustPoints("B", -9_000, "spent elsewhere")
    )  # 1 000 left: enough for B's 700, not for its 5 000
    stage.do(VoidBid("a", 5, "typing error"))
    assert stage.standing() == ("A", 500)
    assert stage.held() == {"A": 800}
    for number in (2, 4, 5):
        stage.refuse(VoidBid("a", number, "again"), "bid_not_standing")
    assert stage.auction().standing_bid("B") is None
    assert stage.bid("B", 600).bidder == 2
    assert stage.standing() == ("A", 700)
    stage.do(VoidBid("a", 6, "typing error"))
    assert stage.auction().standing_bid("B") is None


def test_a_voided_leader_may_bid_again(stage):
    stage.open()
    play(stage, "A 600, B 9000")
    stage.do(VoidBid("a", 2, "one zero too many"))
    taken = stage.bid("B", 900)
    assert (taken.number, taken.bidder, stage.standing(), stage.held()) == (3, 2, ("B", 700), {"B": 900})


def test_what_cannot_be_voided(stage):
    stage.open()
    play(stage, "A 600, B 900")
    assert stage.refuse(VoidBid("a", 3, "why"), "unknown_bid").details == {"bids": 2}
    stage.do(VoidBid("a", 1, "why"))
    stage.refuse(VoidBid("a", 1, "why"), "bid_not_standing")
    stage.close()
    stage.refuse(VoidBid("a", 2, "why"), "wrong_status")


def test_a_leaders_terms_are_its_own_bids(stage):
    stage.member("E", tier="silver")
    stage.open(settlement_factors={"silver": 15_000})
    stage.bid("E", 1_000)
    stage.do(UpsertMember("E", "gold", "north"))
    stage.bid("A", 2_000)
    stage.do(VoidBid("a", 2, "why"))
    assert stage.held() == {"E": 1_500}
    stage.close()
    assert stage.points("E") == (9_250, 0, 750, 0)


def test_a_voided_raise_keeps_what_the_bid_before_needs_whatever_expired(stage):
    stage.member("E", 0)
    stage.do(CreditPoints("E", 700, MIDNIGHT + MINUTE), "boss")
    stage.do(CreditPoints("E", 500, MIDNIGHT + DAY), "boss")
    stage.open(ends_at=MIDNIGHT + HOUR)
    stage.bid("E", 600)
    stage.bid("E", 1_200)
    stage.tick(MIDNIGHT + 2 * MINUTE)
    stage.do(VoidBid("a", 2, "typing error"))
    assert stage.held() == {"E": 600}
    # Of what the raise took, 100 points had expired meanwhile; 500 had not.
    assert stage.points("E") == (500, 600, 0, 100)
    stage.close()
    assert stage.points("E") == (500, 0, 500, 200)


def test_the_bid_before_may_need_more_than_the_raise(stage):
    stage.member("E", 1_600, tier="silver")
    stage.open(settlement_factors={"silver": 15_000})
    stage.bid("E", 1_000)
    stage.do(UpsertMember("E", "gold", "north"))
    stage.bid("E", 1_100)
    stage.bid("E", 1_200)
    stage.do(VoidBid("a", 3, "why"))
    assert stage.held() == {"E": 1_100}
    stage.do(VoidBid("a", 2, "why"))
    assert stage.held() == {"E": 1_500}


def test_a_leader_that_cannot_pay_for_its_bid_before_drops_out(stage):
    stage.member("E", 1_600, tier="silver")
    stage.open(settlement_factors={"silver": 15_000})
    stage.bid("A", 600)
    stage.bid("E", 1_000)
    stage.do(UpsertMember("E", "gold", "north"))
    stage.bid("E", 1_100)
    stage.bid("E", 1_200)
    stage.do(VoidBid("a", 4, "why"))
    stage.do(AdjustPoints("E", -200, "spent elsewhere"))
    stage.do(VoidBid("a", 3, "why"))
    assert (stage.standing(), stage.held()) == (("A", 500), {"A": 600})
    assert stage.points("E") == (1_400, 0, 200, 0)


def test_a_void_that_would_drop_too_many_is_refused(stage, monkeypatch):
    monkeypatch.setattr(void, "DROPOUT_LIMIT", 3)
    stage.open()
    play(stage, "A 600, B 700, C 800, B 1000, C 1200, D 3000")
    for member in "BC":
        stage.do(AdjustPoints(member, -10_000, "spent elsewhere"))
    before = msgspec.msgpack.encode(stage.auction())
    refused = stage.refuse(VoidBid("a", 6, "typing error"), "too_many_dropouts")
    assert refused.details == {"bidders": 2}
    assert msgspec.msgpack.encode(stage.auction()) == before
    assert stage.held() == {"D": 3_000}
    monkeypatch.setattr(void, "DROPOUT_LIMIT", 4)
    stage.do(VoidBid("a", 6, "typing error"))
    assert (stage.standing(), stage.held()) == (("A", 500), {"A": 600})
