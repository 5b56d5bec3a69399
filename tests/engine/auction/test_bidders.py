"""Who may bid: members, by tier, market and segment, and up to a campaign's limit of wins."""

import pytest

from engine.commands import (
    BuyNow,
    CancelAuction,
    Configure,
    Eligibility,
    PlaceBid,
    ProgramSettings,
    VoidBid,
)
from engine.units import HOUR
from tests.engine.harness import MIDNIGHT, Stage


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", "D")
    return stage


@pytest.mark.parametrize(
    ("eligibility", "dimension"),
    [
        (Eligibility(tiers=("gold",)), None),
        (Eligibility(tiers=("silver", "gold"), markets=("north",), segments=("vip", "new")), None),
        (Eligibility(), None),
        (Eligibility(tiers=("silver",)), "tiers"),
        (Eligibility(tiers=("gold",), markets=("south",)), "markets"),
        (Eligibility(segments=("new",)), "segments"),
    ],
)
def test_who_is_eligible(stage, eligibility, dimension):
    stage.member("E", segments=("vip",))
    stage.open(eligibility=eligibility, buy_now=5_000)
    if dimension is None:
        stage.bid("E", 500)
        return
    for command in (PlaceBid("a", 500), BuyNow("a", 5_000)):
        refused = stage.refuse(command, "not_eligible", "E")
        assert refused.details == {"dimension": dimension, "wanted": list(getattr(eligibility, dimension))}
        assert all(name in refused.message for name in getattr(eligibility, dimension))


def test_a_member_without_segments_is_told_so(stage):
    stage.open(eligibility=Eligibility(segments=("vip",)))
    assert stage.refuse(PlaceBid("a", 500), "not_eligible", "A").message.endswith("vip; yours: none.")


def test_staff_may_not_bid(stage):
    stage.member("E", staff=True)
    stage.open(buy_now=5_000)
    stage.refuse(PlaceBid("a", 500), "staff_may_not_bid", "E")
    stage.refuse(BuyNow("a", 5_000), "staff_may_not_bid", "E")


@pytest.mark.parametrize("actor", ["", "nobody"])
def test_only_members_bid(stage, actor):
    stage.open()
    stage.refuse(PlaceBid("a", 500), "unknown_member", actor)


def test_a_leader_cannot_lower_or_repeat_its_maximum(stage):
    stage.open()
    stage.bid("A", 800)
    for maximum in (1, 600, 799, 800):
        refused = stage.refuse(PlaceBid("a", maximum), "already_leading", "A")
        assert refused.details == {"maximum": 800}
    assert stage.bid("A", 801).leading


# Limits of wins.


def limited(limit=1, **given):
    stage = Stage(ProgramSettings(win_limits={"spring": limit}))
    stage.members("A", "B", "C")
    for id in "abc":
        stage.open(id, campaign="spring", **given)
    stage.open("other", campaign="autumn", buy_now=5_000)
    return stage


def test_a_lead_counts_like_a_win():
    stage = limited()
    stage.bid("A", 600, "a")
    refused = stage.refuse(PlaceBid("b", 600), "win_limit_reached", "A")
    assert refused.details == {"campaign": "spring", "limit": 1}
    stage.bid("A", 700, "a")
    stage.bid("A", 600, "other")
    stage.bid("B", 900, "a")
    stage.bid("A", 600, "b")


def test_a_win_stays_counted_and_a_loss_does_not():
    stage = limited(reserve=1_000, buy_now=5_000)
    stage.bid("A", 600, "a")
    stage.bid("B", 1_600, "b")
    stage.tick(MIDNIGHT + HOUR)
    for id in "de":
        stage.open(id, campaign="spring", buy_now=5_000)
    stage.bid("A", 600, "d")
    stage.refuse(PlaceBid("d", 900), "win_limit_reached", "B")
    stage.refuse(BuyNow("e", 5_000), "win_limit_reached", "B")
    stage.refuse(BuyNow("e", 5_000), "win_limit_reached", "A")
    assert stage.program.wins.counts["spring"] == {"A": 1, "B": 1}


def test_a_cancelled_lead_is_not_counted():
    stage = limited()
    stage.bid("A", 600, "a")
    stage.do(CancelAuction("a", "broken"))
    stage.bid("A", 600, "b")


def test_a_limit_that_comes_later_counts_what_was():
    stage = limited(limit=2)
    stage.bid("A", 600, "a")
    stage.do(Configure(ProgramSettings(win_limits={"spring": 1})))
    stage.refuse(PlaceBid("b", 600), "win_limit_reached", "A")
    stage.bid("A", 700, "a")


def test_a_void_makes_nobody_lead_past_its_limit():
    stage = limited()
    stage.bid("A", 600, "a")
    stage.bid("C", 600, "a")
    stage.bid("B", 900, "a")
    stage.bid("A", 600, "b")
    stage.do(VoidBid("a", 3, "typing error"))
    assert stage.standing("a") == ("C", 500)
    assert stage.program.wins.counts["spring"] == {"A": 1, "C": 1}
