"""What members, staff and auditors are told of raffles."""

import hmac
from hashlib import sha256

import pytest

from engine.commands import ClaimPrize, CreateRaffle, Eligibility, Prize, VoidRaffle
from engine.commands.raffles import Bundle
from engine.draw.beacon import time_of_round
from engine.errors import Rejection
from engine.raffles import views
from engine.raffles.answers import BundleView, PrizeView, TicketPrice
from engine.rewards.answers import StepView
from engine.units import DAY
from engine.views import view_me
from tests.engine.harness import Stage
from tests.engine.offering import publish, rule
from tests.engine.raffling import KEY, buy, close, draw, grant, open_raffle, raffle_terms


def test_a_raffle_as_everybody_sees_it() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(
        stage,
        randomness="beacon",
        bundles=(Bundle(5, 4),),
        prizes=(Prize("car", 1, {"en": "A red car"}),),
        most=100,
        eligibility=Eligibility(("gold",)),
    )
    buy(stage, "anna", 2)
    view = views.view_public(stage.program, "r")
    assert (view.status, view.tickets, view.entries, view.price) == ("open", 2, 1, 100)
    assert view.prizes == [PrizeView("car", 1, {"en": "A red car"})]
    assert view.bundles == [BundleView(5, 4)]
    assert (view.round, view.round_at) == (raffle.round, time_of_round(raffle.round))
    assert view.eligibility is not None
    assert view.eligibility.tiers == ("gold",)
    assert (view.lock, view.own, view.own_price, view.places) == (None, None, None, [])


def test_a_member_sees_its_numbers_its_chance_and_its_price() -> None:
    stage = Stage()
    stage.members("anna", "ben")
    raffle = open_raffle(stage, most_each=9)
    publish(stage, rule("gold", "factor", 9_000, mechanics=("raffle",), tiers=("gold",)))
    buy(stage, "anna", 2)
    buy(stage, "ben", 5)
    grant(stage, "anna", 1)
    view = views.view_raffle(stage.program, "r", "anna")
    own = view.own
    assert own is not None
    assert [(one.first, one.last, one.points, one.reason) for one in own.ranges] == [
        (1, 2, 180, ""),
        (8, 8, 0, "a welcome"),
    ]
    assert (own.tickets, own.all_tickets, own.chance, own.left) == (3, 8, 375_000, 6)
    assert own.entrant == hmac.new(raffle.salt, b"anna", sha256).hexdigest()[:32]
    assert view.own_price == TicketPrice(90, 100, [StepView("gold", "points", 100, 90)])
    assert views.view_audit(stage.program, "r").salt == raffle.salt.hex()


def test_somebody_who_has_not_entered() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    own = views.view_raffle(stage.program, "r", "anna").own
    assert own is not None
    assert (own.tickets, own.chance, own.ranges, own.place) == (0, 0, [], 0)
    with pytest.raises(Rejection, match="no member"):
        views.view_raffle(stage.program, "r", "nobody")


def test_drafts_are_staffs() -> None:
    stage = Stage()
    stage.members("anna")
    stage.do(CreateRaffle("r", raffle_terms(stage)))
    for look in (
        lambda: views.view_raffle(stage.program, "r", "anna"),
        lambda: views.view_public(stage.program, "r"),
    ):
        with pytest.raises(Rejection) as caught:
            look()
        assert caught.value.rejected.code == "unknown_raffle"
    assert views.view_raffle(stage.program, "r").status == "draft"
    assert views.list_raffles(stage.program, viewer="anna").raffles == []
    assert len(views.list_raffles(stage.program).raffles) == 1


def test_the_lock_is_seen_from_the_close_on() -> None:
    stage = Stage()
    stage.members("anna")
    raffle = open_raffle(stage)
    buy(stage, "anna")
    close(stage, signed=False)
    lock = views.view_public(stage.program, "r").lock
    assert lock is not None
    assert raffle.root().hex() in lock.text
    assert (lock.number, lock.signature, lock.fate, lock.at) == (1, "", "locked", stage.at)
    assert lock.hash == sha256(lock.text.encode()).hexdigest()


def test_after_the_draw() -> None:
    stage = Stage()
    stage.members(*"abcd")
    raffle = open_raffle(stage, prizes=(Prize("car"), Prize("mug")), reserves=1)
    for member in "abcd":
        buy(stage, member)
    draw(stage)
    winner = raffle.places[0].member
    stage.do(ClaimPrize("r"), winner)
    view = views.view_raffle(stage.program, "r", winner)
    assert [(place.place, place.prize, place.fate) for place in view.places] == [
        (1, "car", "claimed"),
        (2, "mug", "offered"),
        (3, "", "reserve"),
    ]
    assert view.own is not None
    assert view.places[0].entrant == view.own.entrant
    assert (view.own.place, view.own.prize, view.own.fate) == (1, "car", "claimed")
    assert view.lock is not None
    assert (view.lock.key, view.lock.fate) == (KEY, "drawn")
    assert view.own_price is None
    seen = str(views.view_public(stage.program, "r"))
    assert not [member for member in "abcd" if f"'{member}'" in seen]
    winners = views.list_winners(stage.program, "r").winners
    assert [one.member for one in winners] == [place.member for place in raffle.places]


def test_all_places_of_a_void_raffle_are_withdrawn() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    buy(stage, "anna")
    draw(stage)
    stage.do(VoidRaffle("r", "a test"))
    view = views.view_raffle(stage.program, "r", "anna")
    assert [place.fate for place in view.places] == ["withdrawn"]
    assert view.own is not None
    assert (view.own.fate, view.reason) == ("withdrawn", "a test")


def test_lists_go_by_pages() -> None:
    stage = Stage()
    stage.members("anna")
    for id in "abc":
        open_raffle(stage, id, campaign="spring" if id == "b" else "")
        buy(stage, "anna", raffle=id)
        buy(stage, "anna", raffle=id)
    program = stage.program
    first = views.list_raffles(program, limit=2)
    rest = views.list_raffles(program, limit=2, after=first.next)
    assert [one.id for one in (*first.raffles, *rest.raffles)] == ["c", "b", "a"]
    assert rest.next == ""
    assert [one.id for one in views.list_raffles(program, campaign="spring").raffles] == ["b"]
    assert views.list_raffles(program, status="drawn").raffles == []
    with pytest.raises(Rejection):
        views.list_raffles(program, after="x")
    entries = views.list_entries(program, "a", limit=1)
    assert (entries.next, entries.entries[0].member) == (1, "anna")
    assert views.list_entries(program, "a", after=1, limit=1).next == 0
    stage.tick(stage.at + DAY)
    locks = views.list_locks(program, limit=2)
    assert [lock.number for lock in locks.locks] == [1, 2]
    more = views.list_locks(program, after=locks.next)
    assert ([lock.number for lock in more.locks], more.next) == ([3], 0)


def test_live_raffles_are_those_that_are_not_over() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage, "late", closes_at=stage.at + DAY)
    open_raffle(stage, "soon")
    stage.do(CreateRaffle("draft", raffle_terms(stage)))
    buy(stage, "anna", raffle="soon")
    live = views.list_live_raffles(stage.program)
    assert ([one.id for one in live.raffles], live.total, live.next) == (["soon", "late"], 2, "")
    first = views.list_soonest_raffles(stage.program, limit=1)
    rest = views.list_soonest_raffles(stage.program, after=first.next)
    assert ([one.id for one in rest.raffles], rest.next) == (["late"], "")
    assert views.list_soonest_raffles(stage.program, status="settled").raffles == []
    assert views.list_soonest_raffles(stage.program, campaign="other").raffles == []
    draw(stage, "soon")
    stage.do(ClaimPrize("soon"), "anna")
    assert [one.id for one in views.list_live_raffles(stage.program).raffles] == ["late"]


def test_a_members_own_raffles() -> None:
    stage = Stage()
    stage.members("anna")
    for id in "ab":
        open_raffle(stage, id)
        buy(stage, "anna", raffle=id)
    assert [one.raffle for one in views.list_own(stage.program, "anna").raffles] == ["b", "a"]
    live = view_me(stage.program, "anna").raffles
    assert [(one.raffle, one.tickets, one.ranges) for one in live] == [("b", 1, []), ("a", 1, [])]
    stage.do(VoidRaffle("b", "a test"))
    assert [one.raffle for one in view_me(stage.program, "anna").raffles] == ["a"]
