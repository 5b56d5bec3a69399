"""What members do in auctions of other formats than English."""

import random

import pytest

from loadtests.book import Entry
from loadtests.moves import QUANTITY, Move, Part, choose_move, limit_of
from loadtests.wire import PriceClock

FALLING = PriceClock(opened_at=1_000, entry=0, interval=100, step=100, floor=1_000)
RISING = PriceClock(opened_at=1_000, entry=500, interval=100, step=100, floor=0)


def entry(format: str, minimum: int = 1_000, clock: PriceClock | None = None) -> Entry:
    return Entry("a1", minimum, 50, opening=2_000, format=format, supply=5, clock=clock)


def part(maximum: int = 0, quantity: int = 0, *, leading: bool = False, available: int = 10**9) -> Part:
    return Part("ann", maximum, quantity, leading, available)


def moves(entry: Entry, part: Part, now: int = 1_000) -> list[Move | None]:
    return [choose_move(entry, part, now, random.Random(seed)) for seed in range(200)]


def test_pieces_are_taken_once_their_price_is_about_what_is_wanted() -> None:
    for now, price in ((1_000, 2_000), (1_500, 1_500), (9_000, 1_000)):
        taken = [move for move in moves(entry("dutch", clock=FALLING), part(), now) if move is not None]
        assert taken
        assert all(price - FALLING.step <= move.maximum <= 2_000 for move in taken)
        assert {move.quantity for move in taken} == set(range(1, QUANTITY + 1))
    assert set(moves(entry("dutch", clock=FALLING), part(available=999), 9_000)) == {None}
    draft = PriceClock(0, 0, 100, 100, 1_000)
    assert set(moves(entry("dutch", clock=draft), part(), 9_000)) == {None}


def test_sealed_bids_are_placed_and_raised() -> None:
    assert all(move is not None and move.maximum >= 2_000 for move in moves(entry("sealed"), part()))
    assert all(move is not None and move.maximum > 2_500 for move in moves(entry("sealed"), part(2_500, 1)))
    assert set(moves(entry("sealed"), part(2_500, 1, available=0))) == {None}


def test_who_is_not_in_asks_for_pieces_at_more_and_for_no_fewer() -> None:
    several = entry("multi_unit", minimum=3_000)
    assert {move.quantity for move in moves(several, part()) if move is not None} == {1, 2, 3}
    for move in moves(several, part(3_500, 2)):
        assert move is not None
        assert move.maximum > 3_500
        assert move.quantity >= 2
    assert set(moves(several, part(3_500, 2, leading=True))) == {None}


def test_a_clock_is_joined_in_time_followed_and_left() -> None:
    clock = entry("clock", clock=RISING)
    assert all(move is not None and move.maximum >= 2_000 for move in moves(clock, part(), 1_400))
    assert set(moves(clock, part(), 1_500)) == {None}
    limit = 2_000 + limit_of("ann", "a1") * RISING.step
    running = moves(clock, part(2_100, 1), 1_550)
    assert Move(0) in running
    assert all(move is None or move.maximum == 0 or 2_100 < move.maximum <= limit for move in running)
    assert Move(0) not in moves(clock, part(2_100, 1), 1_400)
    assert set(moves(clock, part(2_100, 1), 1_800)) == {None}


@pytest.mark.parametrize("format", ["dutch", "clock"])
def test_nobody_moves_before_a_clock_is_known(format: str) -> None:
    assert set(moves(entry(format), part())) == {None}
