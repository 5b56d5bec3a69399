"""What staff sees of a member: points, holds and auctions, and nothing that is secret yet."""

from typing import Any

import msgspec
import pytest

from engine.answers import HoldView, LotView
from engine.commands import CreateFormatAuction, ExtendAuction, MultiUnit, OpenAuction, Sealed
from engine.errors import Rejection
from engine.staff_views import list_staff_bids, view_staff_points
from engine.units import HOUR
from engine.views import list_member_bids, view_points
from tests.engine.harness import MIDNIGHT, Stage, copy_of
from tests.engine.offering import put, redeem


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.member("anna", 600, expires_at=MIDNIGHT + 2 * HOUR)
    stage.member("anna", 9_400)
    stage.member("ben")
    return stage


def open_sealed(stage: Stage, id: str = "s", format: Any = None) -> None:
    stage.do(CreateFormatAuction(id, stage.terms(increments=()), format or Sealed("second")))
    stage.do(OpenAuction(id))


def test_points_by_lot_and_what_is_held(stage: Stage) -> None:
    stage.open("a")
    stage.open("b")
    stage.bid("anna", 1_000, "a")
    stage.bid("anna", 700, "b")
    put(stage, points=100)
    redeem(stage)
    found = view_staff_points(stage.program, "anna")
    own = view_points(stage.program, "anna")
    assert found.lots == own.lots == [LotView(MIDNIGHT, 0, 10_000 - 1_800)]
    assert (found.available, found.held, found.spent) == (8_200, 1_700, 100)
    assert found.holds == [HoldView("auctions", 1_700)]
    assert found.hidden_until == 0
    assert view_staff_points(stage.program, "ben").holds == []
    with pytest.raises(Rejection, match="no member 'cleo'"):
        view_staff_points(stage.program, "cleo")


def test_lots_that_are_due_are_not_told(stage: Stage) -> None:
    stage.at = stage.program.at = MIDNIGHT + 2 * HOUR
    found = view_staff_points(stage.program, "anna")
    assert found.lots == [LotView(MIDNIGHT, 0, 9_400)]
    assert (found.available, found.expired) == (9_400, 600)


def test_lots_are_hidden_from_all_while_bids_are_sealed(stage: Stage) -> None:
    open_sealed(stage)
    stage.do(ExtendAuction("s", 5_000))
    for member in ("anna", "ben"):
        found = view_staff_points(stage.program, member)
        assert (found.lots, found.hidden_until) == (None, MIDNIGHT + HOUR + 5_000)
    stage.close("s")
    assert view_staff_points(stage.program, "ben").lots == [LotView(MIDNIGHT, 0, 10_000)]


def test_a_sealed_bid_changes_nothing_that_staff_sees(stage: Stage) -> None:
    for id, format in (("s", None), ("m", MultiUnit(3, sealed=True))):
        open_sealed(stage, id, format)
    without = copy_of(stage.program)
    for id in "sm":
        stage.bid("anna", 4_000, id)
    for look in (view_staff_points, list_staff_bids):
        assert msgspec.json.encode(look(stage.program, "anna")) == msgspec.json.encode(look(without, "anna"))
    stage.close("s")
    stage.close("m")
    assert {one.auction for one in list_staff_bids(stage.program, "anna").auctions} == {"s", "m"}


def test_of_an_auction_that_runs_staff_sees_that_the_member_takes_part(stage: Stage) -> None:
    stage.open("a")
    stage.open("b", starts_at=MIDNIGHT, ends_at=MIDNIGHT + 2 * HOUR)
    stage.bid("anna", 4_321, "a")
    stage.bid("anna", 1_234, "b")
    stage.bid("ben", 2_000, "b")
    found = list_staff_bids(stage.program, "anna")
    assert [(one.auction, one.status, one.price) for one in found.auctions] == [
        ("b", "open", 1_334),
        ("a", "open", 500),
    ]
    assert {(one.bidder, one.maximum, one.leading, one.factor) for one in found.auctions} == {
        (0, 0, False, 0)
    }
    stage.close("a")
    ended = list_staff_bids(stage.program, "anna").auctions[1]
    assert ended == list_member_bids(stage.program, "anna").auctions[1]
    assert (ended.maximum, ended.bidder, ended.paid) == (4_321, 1, 500)
    with pytest.raises(Rejection, match="no member 'cleo'"):
        list_staff_bids(stage.program, "cleo")
