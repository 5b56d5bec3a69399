"""Several pieces: who gets how many, at which price, against two oracles."""

import pytest
from hypothesis import given, settings, strategies as st

from engine.commands import (
    AcceptSecondChance,
    BidForPieces,
    CancelAuction,
    CreateFormatAuction,
    LowerReserve,
    LowerSupply,
    MultiUnit,
    OfferSecondChance,
    PauseAuction,
    PlaceBid,
    ProgramSettings,
    RefundSale,
    ResumeAuction,
    SoftClose,
    VoidBid,
)
from engine.errors import Rejected
from engine.events import BidOvertaken
from engine.simulator.auditor.clearings import Asked, clear_by_sorting, clear_by_trial
from engine.units import HOUR, MINUTE
from engine.views import list_bids
from tests.engine.harness import Stage


def sell(stage, format, bids, **terms):
    """Opens, bids as ``C 40000 1, A 50000 1, B 40000 2 partial``, and closes; returns who got what. An open
    auction refuses what would get nothing."""
    stage.open_format(format, **terms)
    for bid in bids.split(", "):
        member, price, quantity, *partial = bid.split()
        stage.ask(BidForPieces("a", int(price), int(quantity), bool(partial)), member)
    stage.close()
    return {member: (quantity, price) for member, quantity, price, _ in stage.sales()}


@pytest.fixture
def stage():
    stage = Stage()
    stage.members("A", "B", "C", "D", points=1_000_000)
    return stage


# The worked cases: C bids first, B last.
WORKED = "C 40000 1, A 50000 1, B 40000 2"


@pytest.mark.parametrize(
    ("order", "bids", "won"),
    [
        ("quantity", WORKED, {"A": (1, 40_000), "B": (2, 40_000)}),
        ("time", WORKED + " partial", {"A": (1, 40_000), "C": (1, 40_000), "B": (1, 40_000)}),
        ("time", WORKED, {"A": (1, 40_000), "C": (1, 40_000)}),
    ],
)
@pytest.mark.parametrize("sealed", [False, True])
def test_the_worked_cases(stage, order, bids, won, sealed):
    assert sell(stage, MultiUnit(3, order=order, sealed=sealed), bids) == won
    assert stage.points("D") == (1_000_000, 0, 0, 0)
    for member, (quantity, price) in won.items():
        assert stage.points(member) == (1_000_000 - quantity * price, 0, quantity * price, 0)


@pytest.mark.parametrize(
    ("pricing", "bids", "terms", "won"),
    [
        ("lowest_winning", "A 900 1, B 800 1, C 700 1", {}, {"A": (1, 800), "B": (1, 800)}),
        ("highest_losing", "A 900 1, B 800 1, C 700 1", {}, {"A": (1, 700), "B": (1, 700)}),
        ("pay_as_bid", "A 900 1, B 800 1, C 700 1", {}, {"A": (1, 900), "B": (1, 800)}),
        # no loser: the opening price, or the reserve
        ("highest_losing", "A 900 1, B 800 1", {}, {"A": (1, 500), "B": (1, 500)}),
        ("highest_losing", "A 900 1, B 800 1", {"reserve": 750}, {"A": (1, 750), "B": (1, 750)}),
        # a loser below the reserve sets no price
        ("highest_losing", "A 900 1, B 800 1, C 700 1", {"reserve": 750}, {"A": (1, 750), "B": (1, 750)}),
        # the rest of a bid that is filled in part loses
        ("highest_losing", "A 900 1, B 800 2 partial", {}, {"A": (1, 800), "B": (1, 800)}),
        # the reserve is met by some, or by none
        ("lowest_winning", "A 900 1, B 700 1", {"reserve": 800}, {"A": (1, 900)}),
        ("lowest_winning", "A 900 1, B 700 1", {"reserve": 950}, {}),
        # fewer bids than pieces
        ("lowest_winning", "A 900 1", {}, {"A": (1, 900)}),
        # all bids equal: by time
        ("lowest_winning", "C 900 1, B 900 1, A 900 1", {}, {"C": (1, 900), "B": (1, 900)}),
        # whoever does not fit is the last: what is left stays unsold
        ("pay_as_bid", "A 900 1, B 800 2, C 700 1", {}, {"A": (1, 900)}),
    ],
)
def test_prices(stage, pricing, bids, terms, won):
    assert sell(stage, MultiUnit(2, pricing=pricing, sealed=True), bids, **terms) == won
    assert stage.auction().status == ("settled" if won else "unsold")
    assert stage.held() == {}


bids_asked = st.lists(
    st.tuples(st.integers(5, 9), st.integers(1, 4), st.booleans()), min_size=0, max_size=8
).map(
    lambda drawn: [
        Asked(f"m{number}", price * 100, quantity, partial)
        for number, (price, quantity, partial) in enumerate(drawn)
    ]
)


@settings(deadline=None, max_examples=300)
@given(
    bids_asked,
    st.integers(1, 6),
    st.sampled_from(["lowest_winning", "highest_losing", "pay_as_bid"]),
    st.sampled_from(["quantity", "time"]),
    st.sampled_from([0, 500, 700]),
)
def test_sealed_bids_against_the_oracles(bids, supply, pricing, order, reserve):
    given_ = {"pricing": pricing, "order": order, "opening": 500, "reserve": reserve}
    expected = clear_by_trial(bids, supply, **given_)
    assert clear_by_sorting(bids, supply, **given_) == expected
    stage = Stage()
    stage.members(*[bid.member for bid in bids])
    stage.open_format(MultiUnit(supply, pricing, order, sealed=True), reserve=reserve)
    for bid in bids:
        stage.bid_for(bid.member, bid.price, min(bid.quantity, supply), partial=bid.partial)
    bids = [bid._replace(quantity=min(bid.quantity, supply)) for bid in bids]
    stage.close()
    won = {member: (quantity, price) for member, quantity, price, _ in stage.sales()}
    assert won == clear_by_trial(bids, supply, **given_) == clear_by_sorting(bids, supply, **given_)
    assert stage.held() == {}


@settings(deadline=None, max_examples=200)
@given(bids_asked, st.integers(1, 5), st.sampled_from(["quantity", "time"]), st.lists(st.integers(0, 7)))
def test_open_bids_against_the_oracles(bids, supply, order, raised):
    """Only what would get something now is taken; raises come in too. What stands clears as if sealed."""
    stage = Stage()
    stage.members(*[bid.member for bid in bids])
    auction = stage.open_format(MultiUnit(supply, "highest_losing", order))
    standing = {}
    asked = [bid._replace(quantity=min(bid.quantity, supply)) for bid in bids]
    asked += [
        asked[number]._replace(price=asked[number].price + 150) for number in raised if number < len(asked)
    ]
    rules = {"pricing": "highest_losing", "order": order, "opening": 500, "reserve": 0}
    for bid in asked:
        others = [one for one in standing.values() if one.member != bid.member]
        would = clear_by_trial([*others, bid], supply, **rules)
        outcome = stage.ask(BidForPieces("a", bid.price, bid.quantity, bid.partial), bid.member)
        if isinstance(outcome, Rejected):
            before = standing.get(bid.member)
            lowers = before is not None and (bid.price, bid.quantity) <= (before.price, before.quantity)
            assert outcome.code == ("bid_not_raised" if lowers else "bid_too_low")
            assert lowers or bid.member not in would
            continue
        assert bid.member in would
        assert outcome.leading
        standing.pop(bid.member, None)
        standing[bid.member] = bid
        check_margin(auction, list(standing.values()), supply, order)
    stage.close()
    won = {member: (quantity, price) for member, quantity, price, _ in stage.sales()}
    assert won == clear_by_sorting(list(standing.values()), supply, **rules)


def check_margin(auction, bids, supply, order):
    """The least one to be in gets one more piece, and one point less does not; the price is the lowest that
    gets something, where the supply is used up."""
    rules = {"pricing": "pay_as_bid", "order": order, "opening": 500, "reserve": 0}
    least = auction.minimum
    assert "new" in clear_by_trial([*bids, Asked("new", least)], supply, **rules)
    if least > 500:
        assert "new" not in clear_by_trial([*bids, Asked("new", least - 1)], supply, **rules)
        assert auction.price == min(price for _, price in clear_by_trial(bids, supply, **rules).values())


def test_an_open_auction_shows_the_price_to_be_in(stage):
    stage.open_format(MultiUnit(2))
    assert stage.bid("A", 600).minimum == 500
    assert stage.bid("B", 700).minimum == 601
    refused = stage.refuse(PlaceBid("a", 600), "bid_too_low", "C")
    assert refused.details == {"minimum": 601}
    taken = stage.bid("C", 650)
    assert (taken.leading, taken.price, taken.minimum) == (True, 650, 651)
    # A is overtaken, and told so: its hold stays, and it may raise
    assert stage.events(BidOvertaken) == [BidOvertaken("a", "A")]
    assert stage.held() == {"A": 600, "B": 700, "C": 650}
    stage.bid("A", 660)
    assert stage.held() == {"A": 660, "B": 700, "C": 650}


def test_bids_only_rise_in_an_open_auction(stage):
    stage.open_format(MultiUnit(3))
    stage.bid_for("A", 600, 2)
    for price, quantity in ((599, 3), (600, 2), (700, 1)):
        refused = stage.refuse(BidForPieces("a", price, quantity), "bid_not_raised", "A")
        assert refused.details == {"maximum": 600, "quantity": 2}
    stage.bid_for("A", 600, 3)
    assert stage.held() == {"A": 1_800}
    assert stage.refuse(BidForPieces("a", 900, 4), "too_many_pieces", "B").details == {"left": 3}


def test_a_lowered_sealed_bid_holds_less(stage):
    stage.open_format(MultiUnit(3, sealed=True, may_lower=True))
    stage.bid_for("A", 600, 2)
    stage.bid_for("A", 550, 1)
    assert stage.held() == {"A": 550}
    stage.close()
    assert stage.sales() == [("A", 1, 550, 550)]


def test_a_voided_bid_lets_another_in_again(stage):
    auction = stage.open_format(MultiUnit(1))
    stage.bid("A", 600)
    stage.bid("B", 700)
    stage.do(VoidBid("a", 2, "a shill"))
    assert (stage.held(), auction.price) == ({"A": 600}, 600)
    stage.bid("B", 650)
    stage.close()
    assert stage.sales() == [("B", 1, 650, 650)]


def test_a_late_bid_moves_the_end_of_an_open_auction(stage):
    auction = stage.open_format(MultiUnit(1), soft_close=SoftClose("append", MINUTE, MINUTE, HOUR))
    ends_at = auction.ends_at
    stage.at = ends_at - MINUTE
    assert stage.bid("A", 600).ends_at == ends_at + MINUTE
    stage.wait(MINUTE)
    # A was in before, B was not
    assert stage.bid("A", 700).ends_at == ends_at + MINUTE
    assert stage.bid("B", 800).ends_at == ends_at + 2 * MINUTE


def test_supply_falls_only_before_the_first_bid_and_never_while_sealed(stage):
    auction = stage.open_format(MultiUnit(3))
    stage.do(LowerSupply("a", 1))
    stage.bid("A", 600)
    assert stage.refuse(LowerSupply("a", 1), "supply_is_fixed")
    assert auction.minimum == 601
    stage.open_format(MultiUnit(3, sealed=True), "b")
    assert stage.refuse(LowerSupply("b", 1), "supply_is_fixed")


def test_cancelled_and_paused(stage):
    auction = stage.open_format(MultiUnit(2))
    stage.bid("A", 600)
    ends_at = auction.ends_at
    stage.do(PauseAuction("a"))
    stage.wait(MINUTE)
    assert stage.refuse(PlaceBid("a", 900), "auction_paused", "B")
    stage.do(ResumeAuction("a"))
    assert auction.ends_at == ends_at + MINUTE
    stage.do(CancelAuction("a", "no more"))
    stage.tick()
    assert (auction.status, stage.held(), stage.points("A")) == ("cancelled", {}, (1_000_000, 0, 0, 0))


def test_second_chances_go_down_the_losers_for_what_is_left(stage):
    stage.open_format(MultiUnit(2, sealed=True), reserve=800)
    for member, price, quantity in (("A", 900, 1), ("B", 700, 2), ("C", 600, 1)):
        stage.bid_for(member, price, quantity)
    stage.close()
    assert stage.sales() == [("A", 1, 900, 900)]
    # B asks for two, and one is left.
    offer = stage.do(OfferSecondChance("a"))
    assert (offer.price, offer.quantity) == (600, 1)
    stage.do(AcceptSecondChance("a"), "C")
    assert stage.sales()[1:] == [("C", 1, 600, 600)]
    assert stage.refuse(OfferSecondChance("a"), "wrong_status")


def test_a_reserve_may_be_lowered(stage):
    stage.open_format(MultiUnit(2), reserve=800)
    stage.bid("A", 700)
    stage.do(LowerReserve("a", 650))
    stage.close()
    assert stage.sales() == [("A", 1, 700, 700)]


@pytest.mark.parametrize(
    ("format", "terms", "field"),
    [
        (MultiUnit(2, may_lower=True), {}, "format.may_lower"),
        (MultiUnit(2, sealed=True), {"soft_close": SoftClose("append", 1, 1, 1)}, "soft_close"),
        (MultiUnit(2), {"buy_now": 900}, "buy_now"),
    ],
)
def test_what_it_may_not_be(stage, format, terms, field):
    asked = CreateFormatAuction("a", stage.terms(increments=(), **terms), format)
    assert stage.refuse(asked, "invalid_auction").details == {"field": field}


def test_terms_are_for_each_piece(stage):
    stage.open_format(MultiUnit(3), settlement_factors={"gold": 9_000})
    stage.bid_for("A", 505, 3)
    stage.close()
    # 454.5 for a piece, half up
    assert stage.sales() == [("A", 3, 505, 3 * 455)]


def test_nothing_is_forgotten_before_its_points_are_back():
    stage = Stage(ProgramSettings(auction_retention=0))
    ids = [f"m{number}" for number in range(600)]
    stage.members(*ids)
    stage.open_format(MultiUnit(2, sealed=True))
    for id in ids:
        stage.bid(id, 600)
    stage.tick(stage.auction().ends_at)
    stage.tick(stage.at + 1)
    assert stage.program.auctions == {}
    assert stage.program.ledger.holds == {}
    assert (stage.points("m0"), stage.points("m599")) == ((9_400, 0, 600, 0), (10_000, 0, 0, 0))


def test_a_second_chance_for_several_pieces_pays_for_each(stage):
    stage.open_format(MultiUnit(3, "pay_as_bid", sealed=True))
    stage.bid_for("A", 900, 2)
    stage.bid_for("B", 800, 1)
    stage.bid_for("C", 700, 3, partial=True)
    stage.close()
    stage.do(RefundSale("a", "never came", 1))
    offer = stage.do(OfferSecondChance("a"))
    assert (offer.price, offer.quantity) == (700, 2)
    stage.do(AcceptSecondChance("a"), "C")
    assert stage.sales() == [("B", 1, 800, 800), ("C", 2, 700, 1_400)]
    assert stage.points("C") == (1_000_000 - 1_400, 0, 1_400, 0)


def test_a_bid_that_was_changed_stands_no_more(stage):
    stage.open_format(MultiUnit(1))
    stage.bid("A", 600)
    stage.bid("A", 700)
    assert stage.refuse(VoidBid("a", 1, "why"), "bid_not_standing")
    assert [bid.fate for bid in list_bids(stage.program, "a").bids] == ["standing", "replaced"]


def test_a_bid_that_does_not_fit_any_more_is_overtaken(stage):
    auction = stage.open_format(MultiUnit(3), soft_close=SoftClose("append", MINUTE, MINUTE, HOUR))
    stage.bid_for("A", 900, 2)
    stage.bid_for("B", 1_000, 2)
    # One is left, and A takes no part: only B gets something.
    assert stage.events(BidOvertaken) == [BidOvertaken("a", "A")]
    assert (auction.price, auction.minimum) == (1_000, 901)
    stage.at = auction.ends_at - 1
    ends_at = auction.ends_at
    # A was out, so it moves the end, and overtakes B.
    assert stage.bid_for("A", 1_100, 2).ends_at == ends_at + MINUTE
    assert stage.events(BidOvertaken) == [BidOvertaken("a", "B")]
    # Whoever was out already does not hear it again.
    stage.bid_for("C", 1_050, 1)
    assert stage.events(BidOvertaken) == []
    stage.bid_for("D", 1_200, 3)
    assert stage.events(BidOvertaken) == [BidOvertaken("a", "C"), BidOvertaken("a", "A")]


def test_more_pieces_at_the_same_price_do_not_compete_with_ones_own(stage):
    stage.open_format(MultiUnit(3, order="time"))
    stage.bid_for("A", 1_000, 1)
    stage.bid_for("B", 1_000, 2)
    assert stage.refuse(BidForPieces("a", 1_000, 2), "bid_too_low", "A")
    # A has a later time now: B comes first, and one is left for A.
    stage.bid_for("A", 1_000, 2, partial=True)
    stage.close()
    assert sorted(stage.sales()) == [("A", 1, 1_000, 1_000), ("B", 2, 1_000, 2_000)]
