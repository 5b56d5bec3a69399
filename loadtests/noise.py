"""How much a figure of one run can be trusted: the interval in which the same figure of a longer run, under
the same circumstances, would lie in 99 of 100 cases.

Seconds follow from each other (a stall lasts for several), so figures over time are resampled in blocks of
neighbouring seconds: the moving block bootstrap (Künsch, "The jackknife and the bootstrap for general
stationary observations", Annals of Statistics 17, 1989), with blocks as long as twice the third root of the
number of seconds. Few blocks know little of their own spread, so that the interval is widened as Student's
distribution is wider than the normal one. Percentiles of an action have the interval of their order
statistics (David and Nagaraja, "Order Statistics", 3rd edition, section 7.1), and the interval of a ratio
follows from those of its two figures by MOVER (Zou and Donner, Statistics in Medicine 27, 2008), on the
logarithm.

It is the noise within a run. What differs from run to run (where memory came to lie, who else was on the
machine) is not in it, and takes more runs of each to be seen (Kalibera and Jones, "Rigorous Benchmarking in
Reasonable Time", ISMM 2013).
"""

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from hdrh.histogram import HdrHistogram
from numpy.typing import NDArray

CONFIDENCE: Final = 0.99
Z: Final = 2.5758
"""The normal distribution's quantile for it, on both sides."""

DRAWS: Final = 4000
"""How often a run is resampled: then some 20 draws lie beyond either end of the interval."""

LEAST_SECONDS: Final = 30
"""A run of fewer seconds says nothing of its own noise."""

SEEDS: Final = (1, 2)
"""Of the first run's draws and of the second's: the same two results always compare alike."""


class Interval(msgspec.Struct, frozen=True):
    """From ``low`` to ``high``."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value is in it."""
        return self.low <= value <= self.high

    def widen(self, other: "Interval") -> "Interval":
        """One that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))


class Series(msgspec.Struct, frozen=True):
    """A figure that is a sum over a sum: of ``parts`` over ``wholes``, each with a value a second."""

    parts: Sequence[float]
    wholes: Sequence[float]

    @property
    def figure(self) -> float:
        """Of the run as it was; nan where there is no whole."""
        whole = sum(self.wholes)
        return sum(self.parts) / whole if whole else math.nan


def resample(series: Series, seed: int) -> NDArray[np.float64] | None:
    """The figure in each of ``DRAWS`` resampled runs; None where there are too few seconds, or where a run
    without a whole could be drawn."""
    length = len(series.parts)
    if length < LEAST_SECONDS:
        return None
    size = choose_size(length)
    parts, wholes = _add_blocks(series.parts, size), _add_blocks(series.wholes, size)
    starts = np.random.default_rng(seed).integers(0, len(parts), (DRAWS, -(-length // size)))
    drawn = wholes[starts].sum(axis=1)
    return parts[starts].sum(axis=1) / drawn if (drawn > 0).all() else None


def choose_size(length: int) -> int:
    """How many neighbouring seconds are drawn together.

    >>> choose_size(30), choose_size(1000)
    (6, 20)
    """
    return round(2 * math.cbrt(length))


def widening(length: int) -> float:
    """By what factor so few blocks widen an interval: Student's quantile over the normal one (Abramowitz and
    Stegun 26.7.5).

    >>> round(widening(30), 2), round(widening(10_000), 2)
    (1.69, 1.01)
    """
    freedom = length / choose_size(length) - 1
    return 1 + (Z**2 + 1) / (4 * freedom) + (5 * Z**4 + 16 * Z**2 + 3) / (96 * freedom**2)


def _add_blocks(values: Sequence[float], size: int) -> NDArray[np.float64]:
    """The sum of each block of neighbours."""
    return np.convolve(np.asarray(values, dtype=np.float64), np.ones(size), "valid")


def bound_ratio(before: Series, after: Series) -> Interval | None:
    """The interval of the second figure as a multiple of the first; None where it cannot be had."""
    first, second = (resample(series, seed) for series, seed in zip((before, after), SEEDS, strict=True))
    if first is None or second is None or (first <= 0).any() or (second <= 0).any():
        return None
    interval = _bound(np.log(second) - np.log(first), before, after)
    return Interval(math.exp(interval.low), math.exp(interval.high))


def bound_difference(before: Series, after: Series) -> Interval | None:
    """The interval of the second figure less the first; None where it cannot be had."""
    first, second = (resample(series, seed) for series, seed in zip((before, after), SEEDS, strict=True))
    return None if first is None or second is None else _bound(second - first, before, after)


def _bound(differences: NDArray[np.float64], before: Series, after: Series) -> Interval:
    low, middle, high = np.quantile(differences, [(1 - CONFIDENCE) / 2, 0.5, (1 + CONFIDENCE) / 2])
    factor = widening(min(len(before.parts), len(after.parts)))
    return Interval(float(middle + factor * (low - middle)), float(middle + factor * (high - middle)))


def bound_percentile(histogram: HdrHistogram, percentile: float) -> Interval | None:
    """The interval of a percentile (0 to 100) of the histogram's values, in its unit; None where there are
    too few values for one: where it would end beyond the lowest or the highest."""
    count, share = histogram.get_total_count(), percentile / 100
    spread = Z * math.sqrt(count * share * (1 - share))
    low, high = math.floor(count * share - spread), math.ceil(count * share + spread) + 1
    if low < 1 or high > count:
        return None
    ends = histogram.get_percentile_to_value_dict([100 * low / count, 100 * high / count])
    return Interval(*(float(value) for value in ends.values()))


def divide(before: tuple[float, Interval], after: tuple[float, Interval]) -> Interval:
    """The interval of the second figure as a multiple of the first, from the interval of each. All are above
    0."""
    (first, of_first), (second, of_second) = before, after
    down = math.hypot(math.log(second / of_second.low), math.log(of_first.high / first))
    up = math.hypot(math.log(of_second.high / second), math.log(first / of_first.low))
    ratio = second / first
    return Interval(ratio * math.exp(-down), ratio * math.exp(up))
