"""Two results beside each other: what is faster, what is slower, and which differences are only noise.

A difference counts as larger than the noise where the 99 % interval of the ratio (of the difference, for
shares) leaves out 1 (0). For a latency that is the wider one of two: of the percentile's own interval, which
knows how many values the action had, and of the same percentile over the seconds, which knows that slow
seconds come together (``noise``). Memory has one figure a run, and is not judged.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from loadtests.diagnosis import diagnose, list_settings
from loadtests.distributions import read_histogram, read_percentiles
from loadtests.measures import Summary
from loadtests.noise import (
    Interval,
    Series,
    bound_difference,
    bound_percentile,
    bound_ratio,
    divide,
)
from loadtests.result import Action, Result, Sample
from loadtests.timelines import second_of
from loadtests.wording import (
    THIN,
    word_bytes,
    word_figure,
    word_milliseconds,
    word_place,
    word_seconds,
    word_setting,
)

Of = Callable[[Summary], float]

PERCENTILES: Final[tuple[tuple[str, float, Of], ...]] = (
    ("p50", 50.0, lambda summary: summary.p50),
    ("p90", 90.0, lambda summary: summary.p90),
    ("p99", 99.0, lambda summary: summary.p99),
    ("p99.9", 99.9, lambda summary: summary.p999),
    ("longest", 100.0, lambda summary: summary.longest),
)

SERVERS: Final = ("gateway", "keeper", "valkey")

SIMILAR: Final = 0.1
"""By what share two runs may differ in length without a word."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of both runs. ``unit`` is "a second", "ms", "share" or "bytes"; ``interval`` that of the
    ratio, of a share that of the difference. ``more_is_better`` is None where neither is."""

    group: str
    name: str
    unit: str
    before: float
    after: float
    interval: Interval | None = None
    more_is_better: bool | None = False

    @property
    def ratio(self) -> float | None:
        """How many times as large it has become; None where it was 0."""
        return self.after / self.before if self.before else None

    @property
    def beyond_noise(self) -> bool | None:
        """Whether the difference is larger than the noise; None where that is not known."""
        if self.interval is None:
            return None
        return not self.interval.holds(0.0 if self.unit == "share" else 1.0)

    @property
    def judgement(self) -> str:
        """In words."""
        if self.beyond_noise is None:
            return "not judged"
        if not self.beyond_noise:
            return "within the noise"
        if self.more_is_better is None:
            return "changed"
        return "better" if (self.after > self.before) == self.more_is_better else "worse"


class Comparison(msgspec.Struct, frozen=True):
    """All rows, and in ``warnings`` what makes the two hard to compare."""

    rows: list[Row]
    warnings: list[str]


def compare(before: Result, after: Result) -> Comparison:
    """Compares two runs of, it is hoped, the same scenario on the same machine."""
    rows = [*_compare_throughput(before, after), *_compare_errors(before, after)]
    for name in before.actions:
        if name in after.actions:
            rows += _compare_latency(name, before, after)
    rows += [*_compare_cores(before, after), *_compare_memory(before, after)]
    return Comparison(rows, list_differences(before, after))


def _compare_throughput(before: Result, after: Result) -> Iterator[Row]:
    for name, better in (("due", None), ("acknowledged", True)):
        values = [
            sum(getattr(action, name) for action in run.actions.values()) / run.seconds
            if run.seconds
            else 0.0
            for run in (before, after)
        ]
        series = [
            Series([getattr(second, name) for second in run.timeline], [1] * len(run.timeline))
            for run in (before, after)
        ]
        interval = _move(bound_ratio(*series), series, values)
        yield Row(
            group="throughput",
            name=name,
            unit="a second",
            before=values[0],
            after=values[1],
            interval=interval,
            more_is_better=better,
        )


def _compare_errors(before: Result, after: Result) -> Iterator[Row]:
    """Each code's share of all that was due, and that of what had no answer."""
    codes = sorted(
        {code for run in (before, after) for action in run.actions.values() for code in action.refused}
    )
    for code in (*codes, ""):
        shares, series = [], []
        for run in (before, after):
            due = sum(action.due for action in run.actions.values())
            shares.append(sum(_count(one, code) for one in run.actions.values()) / due if due else 0.0)
            wrong = [_count(second, code) for second in run.timeline]
            series.append(Series(wrong, [second.due for second in run.timeline]))
        name = f"refused: {code}" if code else "unanswered"
        interval = bound_difference(*series)
        if interval is not None:
            shift = (shares[1] - shares[0]) - (series[1].figure - series[0].figure)
            interval = Interval(interval.low + shift, interval.high + shift)
        yield Row(
            group="errors", name=name, unit="share", before=shares[0], after=shares[1], interval=interval
        )


def _count(counted: Any, code: str) -> int:
    """How often a code came in an action or a second; how much had no answer, for no code."""
    return int(counted.refused.get(code, 0) if code else counted.unanswered)


def _compare_latency(name: str, before: Result, after: Result) -> Iterator[Row]:
    actions = before.actions[name], after.actions[name]
    if not all(action.latency.count for action in actions):
        return
    for words, percentile, of in PERCENTILES:
        interval = None
        if percentile < 100:
            interval = _bound_latency(actions, (before, after), percentile, of)
        first, second = (of(action.latency) for action in actions)
        yield Row(
            group=f"latency of {name}", name=words, unit="ms", before=first, after=second, interval=interval
        )


def _bound_latency(
    actions: tuple[Action, Action], runs: tuple[Result, Result], percentile: float, of: Of
) -> Interval | None:
    """The wider one of the percentile's own interval and of the interval over the seconds."""
    own = _bound_own(actions, percentile)
    series = []
    for run in runs:
        answered = [second.latency for second in run.timeline if of(second.latency) > 0]
        logarithms = [latency.count * math.log(of(latency)) for latency in answered]
        series.append(Series(logarithms, [latency.count for latency in answered]))
    over_time = bound_difference(*series)
    if own is None or over_time is None:
        return None
    usual = series[1].figure - series[0].figure
    ratio = of(actions[1].latency) / of(actions[0].latency)
    moved = Interval(ratio * math.exp(over_time.low - usual), ratio * math.exp(over_time.high - usual))
    return own.widen(moved)


def _bound_own(actions: tuple[Action, Action], percentile: float) -> Interval | None:
    figures = []
    for action in actions:
        histogram = read_histogram(action)
        interval = None if histogram is None else bound_percentile(histogram, percentile)
        if histogram is None or interval is None:
            return None
        value = 1000 * read_percentiles(histogram, [percentile])[0]
        figures.append((value, interval))
    return divide(*figures)


def _move(interval: Interval | None, series: list[Series], values: list[float]) -> Interval | None:
    """The interval of a ratio over the seconds, about the ratio of the whole runs."""
    if interval is None or not all(values):
        return None
    factor = (values[1] / values[0]) / (series[1].figure / series[0].figure)
    return Interval(interval.low * factor, interval.high * factor)


def _compare_cores(before: Result, after: Result) -> Iterator[Row]:
    """CPU for each acknowledged action, in ms, of each kind of server and of all."""
    for kind in (*SERVERS, "servers"):
        series = [_series_of_cores(run, kind) for run in (before, after)]
        if not all(sum(one.parts) and sum(one.wholes) for one in series):
            continue
        first, second = (1000 * one.figure for one in series)
        name = f"{kind}, CPU for an acknowledged action"
        interval = bound_ratio(*series)
        yield Row(group="cost", name=name, unit="ms", before=first, after=second, interval=interval)


def _series_of_cores(run: Result, kind: str) -> Series:
    """What a kind of server used in each second that was sampled, and what was acknowledged in it."""
    acknowledged = {second.at: second.acknowledged for second in run.timeline}
    pairs = [
        (sum(usage.cores for name, usage in sample.processes.items() if _is_of(name, kind)), count)
        for sample in run.samples
        if (count := acknowledged.get(second_of(sample))) is not None
    ]
    return Series([cores for cores, _ in pairs], [count for _, count in pairs])


def _compare_memory(before: Result, after: Result) -> Iterator[Row]:
    for kind in SERVERS:
        first, second = (
            max((_memory(one, kind) for one in run.samples), default=0) for run in (before, after)
        )
        if first and second:
            yield Row(group="cost", name=f"{kind}, highest memory", unit="bytes", before=first, after=second)


def _memory(sample: Sample, kind: str) -> int:
    return sum(usage.memory for name, usage in sample.processes.items() if _is_of(name, kind))


def _is_of(name: str, kind: str) -> bool:
    own = name.partition(" ")[0]
    return own == kind or (kind == "servers" and own in SERVERS)


def list_differences(before: Result, after: Result) -> list[str]:
    """What differs beside the figures, and what is wrong with either run; a sentence each."""
    found = []
    for name, first, second in _pair_up(before, after):
        if first != second:
            found.append(f"{name}: {first or 'none'} before, {second or 'none'} after.")
    if abs(before.seconds - after.seconds) > SIMILAR * max(before.seconds, after.seconds):
        found.append(f"Length: {word_seconds(before.seconds)} before, {word_seconds(after.seconds)} after.")
    for when, run in (("before", before), ("after", after)):
        if not run.held:
            found.append(f"The run {when} is not held: its figures may be those of wrong answers.")
        if diagnose(run).client:
            found.append(f"The run {when} was limited by its client: its latencies are partly the client's.")
    return found


def _pair_up(before: Result, after: Result) -> Iterator[tuple[str, str, str]]:
    """Everything that should be alike, in words."""
    yield "Scenario", before.scenario, after.scenario
    yield "Actions", ", ".join(sorted(before.actions)), ", ".join(sorted(after.actions))
    yield "Gateway", word_place(before.url), word_place(after.url)
    yield "Sockets", word_figure(before.sockets), word_figure(after.sockets)
    machines = before.machine, after.machine
    for field in ("system", "processor", "cores"):
        first, second = (str(getattr(machine, field)) for machine in machines)
        yield f"The machine's {field}", first, second
    yield "The machine's memory", word_bytes(machines[0].memory), word_bytes(machines[1].memory)
    versions = before.machine.versions, after.machine.versions
    for name in sorted(versions[0] | versions[1]):
        yield f"Version of {name}", versions[0].get(name, ""), versions[1].get(name, "")
    old, new = list_settings(before), list_settings(after)
    for name in sorted(old | new):
        first, second = (word_setting(name, run[name]) if name in run else "" for run in (old, new))
        yield f"Setting {name}", first, second


def word_value(row: Row, value: float) -> str:
    """A figure of the row, with its unit."""
    if row.unit == "bytes":
        return word_bytes(value)
    if row.unit == "ms":
        return word_milliseconds(value)
    if row.unit == "share":
        return f"{word_figure(100 * value)}{THIN}%"
    return f"{word_figure(value)}{THIN}/s"


def word_change(row: Row) -> str:
    """The ratio with its interval, or for shares the difference."""
    if row.unit == "share":
        change = f"{100 * (row.after - row.before):+.2f}"
        if row.interval is None:
            return f"{change} points"
        return f"{change} points ({100 * row.interval.low:+.2f} to {100 * row.interval.high:+.2f})"
    if row.ratio is None:
        return ""
    if row.interval is None:
        return f"× {row.ratio:.2f}"
    return f"× {row.ratio:.2f} ({row.interval.low:.2f} to {row.interval.high:.2f})"
