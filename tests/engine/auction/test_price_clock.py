"""Price clocks: one formula, rounded once, and its inverses."""

import pytest
from hypothesis import given, strategies as st

from engine.auction.price_clock import price_after, steps_past, steps_to_floor
from engine.commands import AscendingClock, AuctionTerms, Dutch
from engine.units import MAXIMUM_FACTOR, MAXIMUM_POINTS


def terms(opening):
    return AuctionTerms("A thing", opening, 0, 1)


@pytest.mark.parametrize(
    ("format", "opening", "prices"),
    [
        (Dutch(6_000, 1_000, step=1_500), 10_000, [10_000, 8_500, 7_000, 6_000, 6_000]),
        # 3.33 % of 10 001 is 333.0333: the change is rounded, not the step
        (Dutch(1, 1_000, step_share=333), 10_001, [10_001, 9_668, 9_335, 9_002, 8_669]),
        # a half goes up, and so the price down
        (Dutch(1, 1_000, step_share=5_000), 5, [5, 2, 1, 1]),
        (AscendingClock(0, 1_000, step=100), 500, [500, 600, 700]),
        (AscendingClock(0, 1_000, step_share=1_250), 500, [500, 563, 625, 688, 750]),
        (AscendingClock(0, 1_000, step=MAXIMUM_POINTS), 500, [500, MAXIMUM_POINTS, MAXIMUM_POINTS]),
    ],
)
def test_prices(format, opening, prices):
    assert [price_after(terms(opening), format, steps) for steps in range(len(prices))] == prices


shares = st.integers(1, 20_000)
amounts = st.integers(1, 10**6)


@given(st.integers(2, 10**6), amounts, st.booleans(), shares, st.data())
def test_the_floor_is_reached_with_this_step_and_not_before(opening, step, by_share, share, data):
    floor = data.draw(st.integers(1, opening - 1))
    format = Dutch(floor, 1_000, step_share=share) if by_share else Dutch(floor, 1_000, step=step)
    steps = steps_to_floor(terms(opening), format)
    assert price_after(terms(opening), format, steps) == floor
    assert price_after(terms(opening), format, steps - 1) > floor


@given(st.integers(1, 10**6), amounts, st.booleans(), shares, st.integers(0, 10**7))
def test_a_maximum_is_passed_with_this_step_and_not_before(opening, step, by_share, share, maximum):
    format = AscendingClock(0, 1_000, step_share=share) if by_share else AscendingClock(0, 1_000, step=step)
    steps = steps_past(terms(opening), format, maximum)
    assert price_after(terms(opening), format, steps) > maximum
    assert not steps or price_after(terms(opening), format, steps - 1) <= maximum


def test_the_largest_numbers():
    format = AscendingClock(0, 1_000, step_share=MAXIMUM_FACTOR)
    assert price_after(terms(MAXIMUM_POINTS), format, 10**9) == MAXIMUM_POINTS
    with_one = AscendingClock(0, 100, step=1)
    assert steps_past(terms(1), with_one, MAXIMUM_POINTS - 1) == MAXIMUM_POINTS - 1
