"""What can be asked of the state, and what nobody may learn from it."""

import msgspec
import pytest

from engine import answers, views
from engine.answers import BidView, Expiry, HoldView, LotView
from engine.commands import (
    LEVEL,
    BuyNow,
    CancelAuction,
    CreditPoints,
    LowerReserve,
    OfferSecondChance,
    ProgramSettings,
    RefundAuction,
    ScheduleAuction,
    SoftClose,
    TuneRule,
    VoidBid,
)
from engine.errors import Rejection
from engine.units import DAY, HOUR, MINUTE
from tests.engine.harness import MIDNIGHT, Stage
from tests.engine.offering import publish, rule


@pytest.fixture
def stage():
    """An auction ``a`` where member-one leads with 1 511 at 1 000, before member-two with 900."""
    stage = Stage()
    stage.members("member-one", "member-two", "member-three")
    stage.open(reserve=800)
    stage.bid("member-two", 600)
    stage.bid("member-one", 1_511)
    stage.bid("member-two", 900)
    return stage


def code_of(ask, *given, **named):
    with pytest.raises(Rejection) as caught:
        ask(*given, **named)
    return caught.value.rejected.code


# One auction.


def test_an_auction_as_everybody_sees_it(stage):
    view = views.view_auction(stage.program, "a")
    assert (view.id, view.serial, view.title, view.status) == ("a", 1, "A thing", "open")
    assert (view.price, view.minimum, view.leader) == (1_000, 1_100, 2)
    assert (view.bids, view.bidders, view.opening) == (3, 2, 500)
    assert (view.has_reserve, view.reserve, view.reserve_met) == (True, 0, True)
    assert (view.starts_at, view.ends_at, view.hard_stop) == (MIDNIGHT, MIDNIGHT + HOUR, 0)
    assert (view.winner, view.hammer_price, view.ended_at) == (0, 0, 0)


def test_staff_sees_the_terms_that_members_are_not_shown(stage):
    record = views.view_terms(stage.program, "a")
    assert (record.auction, record.status) == ("a", "open")
    assert (record.terms.reserve, record.terms.opening) == (800, 500)
    assert (record.reserve, record.offer) == (800, None)
    assert code_of(views.view_terms, stage.program, "nix") == "unknown_auction"


def test_staff_sees_the_reserve_in_force_and_the_second_chance_that_is_open(stage):
    stage.open("b", reserve=2_000)
    stage.bid("member-one", 700, "b")
    stage.do(LowerReserve("b", 1_000))
    record = views.view_terms(stage.program, "b")
    assert (record.terms.reserve, record.reserve) == (2_000, 1_000)
    assert views.view_auction(stage.program, "b").reserve == 0, "members see no reserve's value"
    stage.close("b")
    made = stage.do(OfferSecondChance("b"))
    record = views.view_terms(stage.program, "b")
    assert record.offer == answers.OpenOffer(1, 700, 1, made.lapses_at)
    stage.tick(made.lapses_at)
    assert views.view_terms(stage.program, "b").offer is None


def test_nothing_public_names_a_member_or_its_maximum(stage):
    stage.open("b", buy_now=9_000, reserve=8_123, soft_close=SoftClose("append", 1, 1, HOUR))
    stage.bid("member-one", 2_347, "b")
    program = stage.program
    written = b"".join(
        msgspec.json.encode(view)
        for view in (
            views.view_auction(program, "a"),
            views.view_auction(program, "b"),
            views.list_live_auctions(program),
            views.list_auctions(program),
            views.list_bids(program, "a"),
            views.list_bids(program, "b", viewer="member-three"),
        )
    )
    assert b"member" not in written
    for secret in (b"1511", b"2347", b"8123"):
        assert secret not in written


@pytest.mark.parametrize(
    ("given", "bid", "reserve", "met"),
    [
        ({}, 0, 0, True),
        ({}, 600, 0, True),
        ({"reserve": 700}, 0, 0, False),
        ({"reserve": 700}, 600, 0, False),
        ({"reserve": 700}, 700, 0, True),
        ({"reserve": 700, "reserve_shown": True}, 600, 700, False),
    ],
)
def test_the_reserve(given, bid, reserve, met):
    stage = Stage()
    stage.member("A")
    stage.open(**given)
    if bid:
        stage.bid("A", bid)
    view = views.view_auction(stage.program, "a")
    assert (view.has_reserve, view.reserve, view.reserve_met) == ("reserve" in given, reserve, met)


def test_a_lowered_reserve_is_the_one_shown():
    stage = Stage()
    stage.open(reserve=900, reserve_shown=True)
    stage.do(LowerReserve("a", 700))
    assert views.view_auction(stage.program, "a").reserve == 700
    stage.do(LowerReserve("a", 0))
    assert not views.view_auction(stage.program, "a").has_reserve


def test_the_price_to_buy_at_once_goes_with_the_first_bid():
    stage = Stage()
    stage.member("A")
    stage.draft(buy_now=2_000)
    assert views.view_auction(stage.program, "a").buy_now == 0
    stage.open("b", buy_now=2_000)
    assert views.view_auction(stage.program, "b").buy_now == 2_000
    stage.bid("A", 500, "b")
    assert views.view_auction(stage.program, "b").buy_now == 0


def test_a_sale_and_its_refund():
    stage = Stage()
    stage.members("A", "B")
    stage.open(buy_now=2_000, reserve=1_000)
    stage.bid("A", 700)
    stage.do(BuyNow("a", 2_000), "B")
    view = views.view_auction(stage.program, "a")
    assert (view.status, view.winner, view.hammer_price, view.ended_at) == ("settled", 2, 2_000, MIDNIGHT)
    stage.do(RefundAuction("a", "why"))
    view = views.view_auction(stage.program, "a")
    assert (view.winner, view.hammer_price) == (0, 0)


def test_an_unknown_auction(stage):
    assert code_of(views.view_auction, stage.program, "z") == "unknown_auction"
    assert code_of(views.list_bids, stage.program, "z") == "unknown_auction"


# Lists of auctions.


def ids(page):
    return [auction.id for auction in page.auctions]


def test_pages_of_auctions_newest_first():
    stage = Stage()
    for number in range(7):
        campaign = "spring" if number % 2 else "autumn"
        stage.draft(f"x{number}", campaign=campaign, starts_at=stage.at + MINUTE)
        if number > 3:
            stage.do(ScheduleAuction(f"x{number}"))
    seen, after = [], ""
    while True:
        page = views.list_auctions(stage.program, after=after, limit=3)
        seen += ids(page)
        after = page.next
        if not after:
            break
    assert seen == ["x6", "x5", "x4", "x3", "x2", "x1", "x0"]
    assert ids(views.list_auctions(stage.program, campaign="spring")) == ["x5", "x3", "x1"]
    assert ids(views.list_auctions(stage.program, campaign="spring", status="draft")) == ["x3", "x1"]
    assert ids(views.list_auctions(stage.program, status="open")) == []


def test_a_member_sees_no_drafts(stage):
    stage.draft("b")
    assert ids(views.list_auctions(stage.program, viewer="member-one")) == ["a"]
    assert ids(views.list_auctions(stage.program, viewer="member-one", status="draft")) == []
    assert code_of(views.view_auction, stage.program, "b", "member-one") == "unknown_auction"
    assert code_of(views.list_bids, stage.program, "b", viewer="member-one") == "unknown_auction"
    assert code_of(views.view_public_auction, stage.program, "b") == "unknown_auction"
    assert views.view_auction(stage.program, "b").status == "draft"
    stage.do(ScheduleAuction("b"))
    assert views.view_auction(stage.program, "b", "member-one").status == "scheduled"
    assert views.view_public_auction(stage.program, "b").status == "scheduled"
    assert ids(views.list_auctions(stage.program, viewer="member-one")) == ["b", "a"]


def test_a_page_steps_over_forgotten_auctions():
    stage = Stage(ProgramSettings(auction_retention=HOUR))
    for id in "abcde":
        stage.draft(id)
    for id in "bce":
        stage.do(CancelAuction(id, "why"))
    stage.tick(stage.at + HOUR)
    assert ids(views.list_auctions(stage.program)) == ["d", "a"]
    assert ids(views.list_auctions(stage.program, after="5")) == ["d", "a"]


@pytest.mark.parametrize("after", ["x", "-1", "1.5", " "])
def test_a_cursor_is_one_that_was_given_out(stage, after):
    assert code_of(views.list_auctions, stage.program, after=after) == "invalid_parameters"


def test_a_cursor_beyond_the_newest_starts_there(stage):
    assert ids(views.list_auctions(stage.program, after="999999999999")) == ["a"]
    assert ids(views.list_auctions(stage.program, after="1")) == []


# Bids.


def test_bids_newest_first_with_pseudonyms_and_only_the_viewers_own_maxima(stage):
    at = stage.at
    page = views.list_bids(stage.program, "a", viewer="member-two")
    assert page.bids == [
        BidView(3, 1, 1_000, at, "standing", 900),
        BidView(2, 2, 800, at, "standing", 0),
        BidView(1, 1, 500, at, "standing", 600),
    ]
    assert page.next == 0


def test_a_voided_bid_stays_in_the_history(stage):
    stage.do(VoidBid("a", 2, "typing error"))
    assert [bid.fate for bid in views.list_bids(stage.program, "a").bids] == ["standing", "void", "standing"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9])
def test_pages_of_bids(stage, limit):
    stage.bid("member-three", 5_000)
    stage.bid("member-two", 2_000)
    seen, before = [], 0
    while True:
        page = views.list_bids(stage.program, "a", before=before, limit=limit)
        assert len(page.bids) <= limit
        seen += [bid.number for bid in page.bids]
        before = page.next
        if not before:
            break
    assert seen == [5, 4, 3, 2, 1]


def test_a_page_before_the_first_bid_is_empty(stage):
    assert views.list_bids(stage.program, "a", before=1) == answers.BidPage("a", [], 0)
    assert [bid.number for bid in views.list_bids(stage.program, "a", before=99).bids] == [3, 2, 1]


# Members.


def test_a_member_as_managers_see_it(stage):
    view = views.view_member(stage.program, "member-one")
    assert (view.member, view.tier, view.market, view.staff) == ("member-one", "gold", "north", False)
    assert (view.issued, view.available, view.held, view.spent, view.expired) == (10_000, 8_489, 1_511, 0, 0)


@pytest.mark.parametrize("ask", [views.view_member, views.view_me, views.view_points, views.list_member_bids])
def test_an_unknown_member(stage, ask):
    assert code_of(ask, stage.program, "nobody") == "unknown_member"


def test_me(stage):
    me = views.view_me(stage.program, "member-one")
    assert (me.available, me.held, me.expires_next) == (8_489, 1_511, None)
    (own,) = me.auctions
    assert (own.auction, own.bidder, own.maximum, own.leading, own.price) == ("a", 2, 1_511, True, 1_000)
    (other,) = views.view_me(stage.program, "member-two").auctions
    assert (other.bidder, other.maximum, other.leading) == (1, 900, False)
    assert views.view_me(stage.program, "member-three").auctions == []


@pytest.mark.parametrize("order", ["expiry", "earned"])
def test_the_points_that_expire_next_are_all_of_that_instant(order):
    stage = Stage(ProgramSettings(spending_order=order))
    stage.member("A", 100)
    assert views.view_me(stage.program, "A").expires_next is None
    stage.do(CreditPoints("A", 7, MIDNIGHT + 9 * DAY))
    stage.do(CreditPoints("A", 20, MIDNIGHT + 5 * DAY, MIDNIGHT - DAY))
    stage.do(CreditPoints("A", 30, MIDNIGHT + 5 * DAY))
    assert views.view_me(stage.program, "A").expires_next == Expiry(MIDNIGHT + 5 * DAY, 50)


def test_lots_and_holds(stage):
    stage.do(CreditPoints("member-one", 30, MIDNIGHT + DAY))
    points = views.view_points(stage.program, "member-one")
    assert points.lots == [LotView(MIDNIGHT, MIDNIGHT + DAY, 30), LotView(MIDNIGHT, 0, 8_489)]
    assert points.holds == [HoldView("a", 1_511)]
    assert (points.issued, points.available, points.held) == (10_030, 8_519, 1_511)


def test_a_win_a_refund_and_an_offer_in_a_members_list(stage):
    stage.close()
    (own,) = views.list_member_bids(stage.program, "member-one").auctions
    assert (own.status, own.paid, own.refunded, own.price) == ("settled", 1_000, False, 1_000)
    (other,) = views.list_member_bids(stage.program, "member-two").auctions
    assert (other.paid, other.offer) == (0, 0)
    stage.do(RefundAuction("a", "why"))
    lapses_at = stage.do(OfferSecondChance("a")).lapses_at
    (own,) = views.list_member_bids(stage.program, "member-one").auctions
    assert (own.refunded, own.offer, own.leading) == (True, 0, False)
    (other,) = views.list_member_bids(stage.program, "member-two").auctions
    assert (other.offer, other.offer_lapses_at) == (900, lapses_at)


def test_a_voided_member_has_no_maximum(stage):
    stage.do(VoidBid("a", 2, "why"))
    (own,) = views.view_me(stage.program, "member-one").auctions
    assert (own.bidder, own.maximum, own.leading) == (2, 0, False)


def test_the_newest_auction_comes_first(stage):
    stage.open("b")
    stage.bid("member-one", 500, "b")
    assert [own.auction for own in views.view_me(stage.program, "member-one").auctions] == ["b", "a"]


def test_an_id_that_was_given_anew_after_its_auction_was_forgotten():
    stage = Stage(ProgramSettings(auction_retention=HOUR))
    stage.members("A", "B")
    for _ in range(2):
        stage.open()
        stage.bid("A", 500)
        stage.close()
        stage.tick(stage.at + HOUR)
        assert views.view_me(stage.program, "A").auctions == []
    stage.open()
    assert views.view_me(stage.program, "A").auctions == []
    stage.bid("B", 500)
    stage.bid("A", 600)
    (own,) = views.view_me(stage.program, "A").auctions
    assert (own.auction, own.bidder) == ("a", 2)


# The program.


def test_the_programs_totals(stage):
    view = views.view_program(stage.program)
    assert (view.program, view.level, view.epoch, view.at) == ("test", LEVEL, 1, stage.at)
    assert (view.members, view.auctions, view.live, view.keys) == (3, 1, 1, 0)
    assert (view.issued, view.available, view.held, view.spent) == (30_000, 28_489, 1_511, 0)


def test_a_members_terms_before_with_and_after_its_bid():
    stage = Stage()
    stage.members("anna")
    stage.open(settlement_factors={"gold": 9_000})

    def terms():
        view = views.view_auction(stage.program, "a", "anna")
        (own,) = views.view_me(stage.program, "anna").auctions or (None,)
        return view.own_factor, view.own_price, own and own.factor

    assert terms() == (9_000, 450, None)
    publish(stage, rule("fee", "factor", 12_000, mechanics=("auction",)))
    assert terms() == (10_800, 540, None)
    stage.bid("anna", 600)
    stage.do(TuneRule("fee", 20_000))
    assert terms() == (18_000, 900, 10_800)
    stage.tick(MIDNIGHT + HOUR)
    assert terms() == (0, 0, 10_800)
    assert views.view_me(stage.program, "anna").auctions[0].paid == 540
