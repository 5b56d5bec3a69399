"""Which auctions are live, in the order in which they end."""

from engine import views
from engine.commands import ExtendAuction, PauseAuction, ScheduleAuction
from engine.units import HOUR, MINUTE
from tests.engine.harness import Stage
from tests.engine.test_views import ids, stage

__all__ = ["stage"]


def test_live_auctions_are_those_that_end_soonest(stage):
    stage.open("sooner", ends_at=stage.at + MINUTE)
    stage.open("paused", ends_at=stage.at + 2 * MINUTE)
    stage.do(PauseAuction("paused"))
    stage.draft("draft")
    stage.draft("scheduled", starts_at=stage.at + HOUR, ends_at=stage.at + 2 * HOUR)
    stage.do(ScheduleAuction("scheduled"))
    live = views.list_live_auctions(stage.program)
    assert (ids(live), live.total) == (["sooner", "paused", "a", "scheduled"], 4)
    stage.close("sooner")
    assert ids(views.list_live_auctions(stage.program)) == ["paused", "a", "scheduled"]


def test_only_so_many_live_auctions_are_listed():
    stage = Stage()
    for number in range(220):
        stage.open(f"x{number:03}", ends_at=stage.at + HOUR - number)
    live = views.list_live_auctions(stage.program)
    assert ids(live) == [f"x{number:03}" for number in range(219, 19, -1)]
    assert live.total == 220
    rest = views.list_soonest_auctions(stage.program, after=live.next, limit=15)
    assert ids(rest) == [f"x{number:03}" for number in range(19, 4, -1)]
    last = views.list_soonest_auctions(stage.program, after=rest.next, limit=15)
    assert (ids(last), last.next) == (["x004", "x003", "x002", "x001", "x000"], "")


def test_an_auction_that_is_extended_between_two_pages_is_not_left_out():
    stage = Stage()
    for number in range(3):
        stage.open(f"x{number}", ends_at=stage.at + (number + 1) * MINUTE)
    first = views.list_soonest_auctions(stage.program, limit=2)
    assert ids(first) == ["x0", "x1"]
    stage.do(ExtendAuction("x0", 5 * MINUTE))
    assert ids(views.list_soonest_auctions(stage.program, after=first.next)) == ["x2", "x0"]


def test_what_ends_soonest_can_be_narrowed_down(stage):
    stage.open("paused", ends_at=stage.at + MINUTE)
    stage.do(PauseAuction("paused"))
    assert ids(views.list_soonest_auctions(stage.program, status="paused")) == ["paused"]
    assert ids(views.list_soonest_auctions(stage.program, status="settled")) == []
    assert ids(views.list_soonest_auctions(stage.program, campaign="other")) == []
