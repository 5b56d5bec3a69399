"""What a member of the crowd bids in each format other than English."""

import random
from typing import Any

import pytest

from gateway.demo.manners import Bid, Look, choose_for_pieces, price_of

START = 1_000_000
FALLING = {"opened_at": START, "paused_for": 0, "entry": 0, "interval": 1_000, "step": 100, "floor": 500}
RISING = FALLING | {"entry": 10_000, "floor": 0}


def look(format: str, passed: int = 0, own: dict[str, Any] | None = None, **changes: Any) -> Look:
    """A look ``passed`` ms after the start, by a member to whom a piece is worth 1 500 points."""
    pieces = {"pricing": "first", "supply": 5, "sold": 0, "clock": None} | changes.pop("pieces", {})
    auction = {
        "id": "a-1",
        "format": format,
        "opening": 1_000,
        "minimum": 1_000,
        "starts_at": START,
        "ends_at": START + 60_000,
        "pieces": pieces,
    }
    seen = {"value": 1_500, "available": 50_000, "planner": False} | changes
    return Look(auction, own, now=START + passed, **seen)


def part(maximum: int, quantity: int = 1, *, leading: bool = False, won: int = 0) -> dict[str, Any]:
    return {"maximum": maximum, "quantity": quantity, "leading": leading, "won": won}


def bids(look: Look) -> set[Bid | None]:
    return {choose_for_pieces(look, random.Random(seed)) for seed in range(300)}


def dutch(passed: int, own: dict[str, Any] | None = None, sold: int = 0, **changes: Any) -> Look:
    pieces = {"clock": FALLING, "sold": sold}
    seen = look("dutch", passed, own, pieces=pieces, **changes)
    seen.auction["opening"] = 2_000
    return seen


def test_a_price_is_counted_from_its_clock() -> None:
    assert [price_of(dutch(passed).auction, START + passed) for passed in (0, 999, 1_000, 60_000)] == [
        *(2_000, 2_000, 1_900, 500)
    ]
    rising = look("clock", pieces={"clock": RISING}).auction
    assert [price_of(rising, START + passed) for passed in (0, 10_999, 11_000)] == [1_000, 1_000, 1_100]


def test_pieces_are_taken_once_when_they_cost_what_they_are_worth() -> None:
    assert bids(dutch(4_999)) == {None}
    assert bids(dutch(5_000)) == {Bid("a-1", 1_500), Bid("a-1", 1_500, quantity=2)}
    assert bids(dutch(5_000, sold=4)) == {Bid("a-1", 1_500)}
    assert bids(dutch(5_000, sold=5)) == {None}
    assert bids(dutch(5_000, part(1_500, won=1))) == {None}
    assert bids(dutch(5_000, available=1_499)) == {None}


def test_where_the_second_bid_sets_the_price_a_member_says_what_it_thinks() -> None:
    second = {"pricing": "second"}
    assert bids(look("sealed", pieces=second)) == {Bid("a-1", 1_500)}
    assert bids(look("sealed", own=part(1_500), pieces=second)) == {None}
    assert bids(look("sealed", pieces=second, available=1_200)) == {Bid("a-1", 1_200)}
    assert bids(look("sealed", pieces=second, available=999)) == {None}


def test_where_a_winner_pays_its_own_bid_it_shades_it_and_raises_towards_the_end() -> None:
    assert bids(look("sealed")) == {None}
    assert bids(look("sealed", 40_000)) == {Bid("a-1", 1_062)}
    assert bids(look("sealed", 45_000, part(1_062))) == {None}
    assert bids(look("sealed", 60_000, part(1_062))) == {Bid("a-1", 1_275)}


def test_who_is_in_waits_and_who_is_not_asks_for_no_fewer_at_more() -> None:
    assert bids(look("multi_unit", 60_000, part(1_100, 2, leading=True))) == {None}
    first = bids(look("multi_unit", 60_000))
    assert {bid.quantity for bid in first if bid} == {1, 2, 3}
    raised = bids(look("multi_unit", 60_000, part(1_100, 2)))
    assert all(bid and bid.quantity >= 2 and 1_100 < bid.points <= 1_500 for bid in raised)
    assert bids(look("multi_unit", 60_000, part(1_100, 2), available=0)) == {None}
    assert bids(look("multi_unit", 0)) == {None}


def test_a_clock_is_joined_raised_and_left() -> None:
    clock = {"clock": RISING}
    assert bids(look("clock", 9_999, pieces=clock, planner=True)) == {Bid("a-1", 1_500)}
    assert bids(look("clock", 9_999, pieces=clock, value=2_000)) == {Bid("a-1", 1_200)}
    assert bids(look("clock", 10_000, pieces=clock, planner=True)) == {None}
    near = bids(look("clock", 11_000, part(1_200), pieces=clock))
    assert near == {Bid("a-1", points) for points in (1_300, 1_400, 1_500)}
    assert bids(look("clock", 10_000, part(1_400), pieces=clock)) == {None}
    late = bids(look("clock", 14_000, part(1_500), pieces=clock))
    assert late == {None, Bid("a-1", 0, leaves=True)}
    assert bids(look("clock", 16_000, part(1_500), pieces=clock)) == {None}


@pytest.mark.parametrize("format", ["japanese"])
def test_a_format_that_nobody_here_knows_is_left_alone(format: str) -> None:
    assert bids(look(format)) == {None}
