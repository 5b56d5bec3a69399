"""Automatic bidding, exactly: design.md §4 by tables."""

import pytest

from engine.auction.english import buy_now_open
from engine.commands import (
    AdjustPoints,
    BuyNow,
    CancelAuction,
    Configure,
    CreditPoints,
    Eligibility,
    IncrementStep,
    LowerReserve,
    PauseAuction,
    PlaceBid,
    ProgramSettings,
    SoftClose,
    UpsertMember,
    VoidBid,
)
from engine.events import AuctionChanged, BidPlaced, LeadGained, LeadLost
from engine.results import AuctionSet, BidTaken, BidVoided, Purchased
from engine.units import HOUR, MAXIMUM_POINTS, MINUTE
from tests.engine.harness import MIDNIGHT, Stage


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", "D")
    return stage


def play(stage, bids):
    """Places bids written as ``A 500``; returns leader and price after each."""
    standing = []
    for bid in bids.split(", "):
        member, maximum = bid.split()
        stage.bid(member, int(maximum))
        standing.append("{} {}".format(*stage.standing()))
    return ", ".join(standing)


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
    assert refused.details["minimum"] == minimum
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


def test_points_held_elsewhere_are_not_available(stage):
    stage.open("a")
    stage.open("b")
    stage.bid("A", 6_000, "a")
    stage.refuse(PlaceBid("b", 4_001), "insufficient_points", "A")
    stage.bid("A", 4_000, "b")
    stage.bid("B", 7_000, "a")
    assert stage.points("A") == (6_000, 4_000, 0, 0)


# Who may bid.


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


# Voiding.


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
    assert stage.bid("B", 600).bidder == 2
    assert stage.standing() == ("A", 700)


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


# Buying at once.


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


# Limits.


def test_a_member_places_so_many_bids(stage):
    auction = stage.open()
    stage.bid("A", 600)
    auction.bidders["A"] = (1, auction.bidders["A"][1], 1_000)
    stage.refuse(PlaceBid("a", 700), "too_many_bids", "A")
    stage.bid("B", 700)
    stage.refuse(PlaceBid("a", 900), "too_many_bids", "A")


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
