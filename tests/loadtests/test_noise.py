"""Intervals are as wide as the noise, no wider, and are not given where they would be guessed."""

import doctest
import math
import random

import pytest
from hdrh.histogram import HdrHistogram

from loadtests import noise
from loadtests.noise import (
    LEAST_SECONDS,
    Interval,
    Series,
    bound_difference,
    bound_percentile,
    bound_ratio,
    divide,
    resample,
)


def draw_series(seconds: int, seed: int, level: float = 10.0) -> Series:
    draw = random.Random(seed)
    return Series([draw.gauss(level, 1.0) for _ in range(seconds)], [1.0] * seconds)


def test_the_examples_are_true() -> None:
    assert doctest.testmod(noise).failed == 0


def test_a_series_is_a_sum_over_a_sum() -> None:
    assert Series([1.0, 3.0], [2.0, 2.0]).figure == 1.0
    assert math.isnan(Series([], []).figure)


def test_the_interval_is_that_of_the_mean() -> None:
    """100 seconds with a deviation of 1 have a mean with a deviation of 0.1; of a difference, 0.14."""
    interval = bound_difference(draw_series(100, 1), draw_series(100, 2))
    assert interval is not None
    assert 2 * 2.58 * 0.14 * 0.7 < interval.high - interval.low < 2 * 2.58 * 0.14 * 1.8
    assert interval.holds(0.0)


def test_a_difference_is_found_and_has_its_size() -> None:
    interval = bound_ratio(draw_series(100, 1), draw_series(100, 2, level=12.0))
    assert interval is not None
    assert interval.holds(1.2)
    assert not interval.holds(1.0)


def test_seconds_that_follow_from_each_other_say_less() -> None:
    """The same values in random order, and sorted into stretches of 20 alike."""
    draw = random.Random(1)
    levels = [draw.gauss(10.0, 1.0) for _ in range(10)]
    stretches = Series([level for level in levels for _ in range(20)], [1.0] * 200)
    mixed = Series(draw.sample(list(stretches.parts), 200), [1.0] * 200)
    wide, narrow = bound_difference(stretches, stretches), bound_difference(mixed, mixed)
    assert wide is not None and narrow is not None
    assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)


def test_longer_runs_have_narrower_intervals() -> None:
    short, long = (bound_difference(draw_series(count, 1), draw_series(count, 2)) for count in (50, 800))
    assert short is not None and long is not None
    assert short.high - short.low > 3 * (long.high - long.low)


def test_the_same_runs_always_compare_alike() -> None:
    before, after = draw_series(60, 1), draw_series(60, 2)
    assert bound_ratio(before, after) == bound_ratio(before, after)


def test_what_cannot_be_known_is_not_guessed() -> None:
    long = draw_series(LEAST_SECONDS, 1)
    assert resample(draw_series(LEAST_SECONDS - 1, 1), 1) is None
    assert resample(Series([0.0] * 60, [0.0] * 60), 1) is None
    assert bound_ratio(Series([0.0] * 60, [1.0] * 60), long) is None
    assert bound_ratio(long, draw_series(3, 1)) is None
    assert bound_difference(draw_series(3, 1), long) is None


def test_percentiles_lie_between_their_order_statistics() -> None:
    """Of 1 000 values the median is the 500th; the 99 % interval goes 2.58 times √250 = 41 to each side."""
    histogram = HdrHistogram(1, 10**9, 3)
    for value in range(1, 1001):
        histogram.record_value(value)
    interval = bound_percentile(histogram, 50.0)
    assert interval is not None
    assert interval.low == pytest.approx(459, abs=1)
    assert interval.high == pytest.approx(542, abs=1)
    assert bound_percentile(histogram, 99.9) is None
    assert bound_percentile(HdrHistogram(1, 10**9, 3), 50.0) is None


def test_a_ratio_has_the_noise_of_both_its_figures() -> None:
    exact, wide = Interval(10.0, 10.0), Interval(5.0, 20.0)
    assert divide((10.0, exact), (10.0, exact)) == Interval(1.0, 1.0)
    assert divide((10.0, exact), (10.0, wide)).high == pytest.approx(2.0)
    both = divide((10.0, wide), (10.0, wide))
    assert both.high == pytest.approx(2 ** math.sqrt(2))
    assert both.low == pytest.approx(2 ** -math.sqrt(2))


def test_intervals_hold_values_and_each_other() -> None:
    assert Interval(1, 2).holds(1.5)
    assert not Interval(1, 2).holds(2.5)
    assert Interval(1, 2).widen(Interval(0, 1.5)) == Interval(0, 2)
