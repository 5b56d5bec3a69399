"""How latencies are distributed: the plot of each action's latency by percentile, from its HDR histogram.

The axis gives every further nine the same room, as HdrHistogram's own plots do
(https://hdrhistogram.github.io/HdrHistogram/plotFiles.html): there a tail shows its steps, which a mean or a
single percentile hides.
"""

import binascii
import math
import zlib
from typing import Final

from hdrh.codec import HdrCookieException, HdrLengthException
from hdrh.histogram import HdrHistogram

from loadtests.plots import Line, Plot, Tick
from loadtests.result import Action, Result
from loadtests.wording import THIN, word_figure, word_milliseconds

STEPS: Final = 20
"""Places for each further nine."""

MOST_NINES: Final = 7

_UNREADABLE: Final = (
    *(binascii.Error, HdrCookieException, HdrLengthException, TypeError, ValueError, zlib.error),
)


def read_histogram(action: Action) -> HdrHistogram | None:
    """The action's latencies in µs; None where it has none, or they cannot be read."""
    if not action.histogram:
        return None
    try:
        histogram = HdrHistogram.decode(action.histogram)
    except _UNREADABLE:
        return None
    return histogram if histogram.get_total_count() else None


def read_percentiles(histogram: HdrHistogram, percentiles: list[float]) -> list[float]:
    """The latency at each percentile (0 to 100), in ms."""
    values = histogram.get_percentile_to_value_dict(percentiles)
    return [values[percentile] / 1000 for percentile in percentiles]


def plot_distribution(result: Result, more: Result | None = None) -> Plot | None:
    """A line an action, as far into the tail as it has latencies; with ``more``, the same of another run
    beside it. None where no action has a histogram."""
    runs = [("", result)] if more is None else [(" before", result), (" after", more)]
    histograms = {
        f"{name}{when}": histogram
        for when, run in runs
        for name, action in run.actions.items()
        if (histogram := read_histogram(action)) is not None
    }
    if not histograms:
        return None
    last = max(_count_steps(histogram.get_total_count()) for histogram in histograms.values())
    percentiles = [100 * (1 - 10 ** (-step / STEPS)) for step in range(last + 1)]
    lines = [_make_line(name, histogram, percentiles) for name, histogram in histograms.items()]
    return Plot(
        title="Latency by percentile",
        summary="; ".join(f"{line.name}: {line.remark}" for line in lines) + ".",
        places=[step / last for step in range(last + 1)],
        names=[f"{_word_percentile(percentile)}{THIN}%" for percentile in percentiles],
        lines=lines,
        ticks=_make_ticks(last),
        word=word_milliseconds,
        logarithmic=True,
        note="Every further nine has the same room. A line ends where only one action was slower.",
    )


def _count_steps(count: int) -> int:
    """How far into the tail so many values reach: to where one of them is left."""
    return max(1, min(MOST_NINES * STEPS, math.floor(STEPS * math.log10(count)))) if count > 1 else 1


def _make_line(name: str, histogram: HdrHistogram, percentiles: list[float]) -> Line:
    reach = _count_steps(histogram.get_total_count()) + 1
    known = read_percentiles(histogram, percentiles[:reach])
    values = [*known, *([None] * (len(percentiles) - reach))]
    median, high = read_percentiles(histogram, [50.0, 99.0])
    remark = f"median {word_milliseconds(median)}, p99 {word_milliseconds(high)}"
    return Line(name, values, remark)


def _make_ticks(last: int) -> list[Tick]:
    """50, 90, 99, 99.9 …, as far as the axis goes."""
    ticks = []
    if last >= STEPS * math.log10(2):
        ticks.append(Tick(STEPS * math.log10(2) / last, f"50{THIN}%"))
    for nines in range(1, last // STEPS + 1):
        words = f"{100 * (1 - 10.0**-nines):.{max(0, nines - 2)}f}{THIN}%"
        ticks.append(Tick(nines * STEPS / last, words))
    return ticks


def _word_percentile(percentile: float) -> str:
    if percentile < 99:
        return word_figure(percentile)
    digits = 1 - math.floor(math.log10(100 - percentile) + 1e-9)
    return f"{percentile:.{digits}f}".rstrip("0").rstrip(".")
