"""A result over time, as plots: latency, throughput, refusals, CPU, memory, gauges.

A long run has more seconds than a plot has room for. Then several are drawn as one place, and the rule is
that a plot may calm the usual but never hide the bad: counts become means; p50 and p90 those of the middle
second; p99, the longest, memory and gauges those of the worst.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, median_low
from typing import Final

import msgspec

from loadtests.measures import Summary
from loadtests.plots import LEAST_TICKS, STYLES, Line, Plot, Tick, Word
from loadtests.result import Result, Sample, Second
from loadtests.wording import THIN, word_figure, word_milliseconds, word_seconds

MOST_PLACES: Final = 240
"""How many places a plot has at most: two or three pixels each on most screens."""

SPANS: Final = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
"""How many seconds a place or the distance between two labels may cover, in round lengths of time."""

GAUGE_TITLES: Final = {
    "livelot_calls_in_flight": "Calls that wait for an answer",
    "livelot_calls": "Calls answered, a second",
    "livelot_append_seconds": "Time that the log took for a batch",
    "livelot_append_seconds_longest": "Longest time that the log took for a batch, at most",
    'livelot_pause_seconds_longest{cause="collector"}': "Longest pause of the event loop: its collector",
    'livelot_pause_seconds_longest{cause="computing"}': "Longest pause of the event loop: it computed",
    'livelot_pause_seconds_longest{cause="waiting"}': "Longest pause of the event loop: no core was free",
    'livelot_pause_seconds_longest{cause="blocked"}': "Longest pause of the event loop: it stood still",
    "livelot_batch_commands": "Commands in a batch",
    "livelot_replica_entry_age_seconds": "Age of the replica's last entry",
    'livelot_connections{kind="socket"}': "Open sockets",
    'livelot_connections{kind="http"}': "Open HTTP connections",
    "livelot_connections_refused": "Connections refused, a second",
    "livelot_pushes": "Pushes, a second",
    "livelot_pushes_skipped": "Pushes that slow listeners missed, a second",
    "livelot_listeners_aborted": "Listeners cut off, a second",
    "livelot_price_cells": "Groups of listeners with the same prices",
}
"""What gauges mean; of others, the metric's name is shown."""

SAMPLED: Final = 1
"""How many places without a sample are no gap: samples are not taken to the millisecond, so that now and then
two fall into one second, and none into the next."""

MEBIBYTE: Final = 1024**2

Mean = Callable[[Sequence[float]], float]

LATENCIES: Final[tuple[tuple[str, Callable[[Summary], float], Mean], ...]] = (
    ("p50", lambda latency: latency.p50, median_low),
    ("p90", lambda latency: latency.p90, median_low),
    ("p99", lambda latency: latency.p99, max),
    ("longest", lambda latency: latency.longest, max),
)
"""What is drawn of each second's latencies, and what it becomes where several seconds are one place."""


class Places(msgspec.Struct, frozen=True):
    """How ``seconds`` are laid out: ``count`` places of ``span`` seconds each."""

    seconds: int
    span: int

    @property
    def count(self) -> int:
        """How many places there are."""
        return max(1, -(-self.seconds // self.span))

    @property
    def shares(self) -> list[float]:
        """The middle of each place, as a share of the width."""
        return [(number + 0.5) / self.count for number in range(self.count)]

    @property
    def names(self) -> list[str]:
        """Which time each place covers."""
        if self.span == 1:
            return [word_seconds(number) for number in range(self.count)]
        return [
            f"{word_seconds(number * self.span)} to {word_seconds((number + 1) * self.span)}"
            for number in range(self.count)
        ]

    @property
    def ticks(self) -> list[Tick]:
        """Labels for the axis, round times."""
        length = self.count * self.span
        step = next((span for span in SPANS if length / span <= 1.5 * LEAST_TICKS), 86400)
        return [Tick(at / length, word_seconds(at)) for at in range(0, length + 1, step)]

    @property
    def words(self) -> str:
        """What a place is, where it is more than a second."""
        return "" if self.span == 1 else f"Each point covers {word_seconds(self.span)}."


def lay_out(result: Result) -> Places:
    """Places for the whole run."""
    seconds = max((second.at + 1 for second in result.timeline), default=0)
    seconds = max(seconds, *(second_of(sample) + 1 for sample in result.samples), 0)
    span = next((span for span in SPANS if -(-seconds // span) <= MOST_PLACES), -(-seconds // MOST_PLACES))
    return Places(seconds, span)


def plot_timeline(result: Result) -> list[Plot]:
    """Latency and throughput, and refusals by code where there were any; nothing of a run without a
    timeline."""
    if not result.timeline:
        return []
    places = lay_out(result)
    seconds = _divide(result, places)
    plots = [_plot_latency(places, seconds), _plot_throughput(places, seconds)]
    refusals = _plot_refusals(places, seconds)
    return plots if refusals is None else [*plots, refusals]


def plot_both(before: Result, after: Result) -> list[Plot]:
    """Throughput, p50 and p99 of two runs, second beside second."""
    if not before.timeline or not after.timeline:
        return []
    places = max(lay_out(before), lay_out(after), key=lambda places: places.seconds)
    runs = [(when, _divide(run, places)) for when, run in (("before", before), ("after", after))]
    rates, latencies = [], []
    for when, seconds in runs:
        counts = [sum(second.acknowledged for second in place) for place in seconds[: _end_of(seconds)]]
        values = _rates(places, counts)
        rates.append(Line(when, values, _remark("mean", values, fmean)))
        for name, of, mean in LATENCIES:
            if name in ("p50", "p99"):
                values = [_summarize_latency(place, of, mean) for place in seconds]
                remark = _remark("highest", values, max, word_milliseconds)
                latencies.append(Line(f"{name} {when}", values, remark))
    return [
        _make_plot("Acknowledged a second", places, rates, word=word_figure, note=places.words),
        _make_plot("Latency", places, latencies, word=word_milliseconds, logarithmic=True, note=places.words),
    ]


def _divide(run: Result, places: Places) -> list[list[Second]]:
    """The seconds of each place."""
    seconds: list[list[Second]] = [[] for _ in range(places.count)]
    for second in run.timeline:
        seconds[second.at // places.span].append(second)
    return seconds


def plot_samples(result: Result) -> list[Plot]:
    """CPU and memory by process, and a plot of each gauge that ever had a value other than 0."""
    places = lay_out(result)
    samples: list[list[Sample]] = [[] for _ in range(places.count)]
    for sample in result.samples:
        samples[second_of(sample) // places.span].append(sample)
    processes = sorted({name for sample in result.samples for name in sample.processes}, key=order_of)
    plots = []
    if processes:
        plots.append(_plot_cores(places, samples, processes, result.machine.cores))
        plots.append(_plot_memory(places, samples, processes))
    gauges = sorted({name for sample in result.samples for name in sample.gauges}, key=_gauge_order)
    moving = [name for name in gauges if any(sample.gauges.get(name) for sample in result.samples)]
    return plots + [_plot_gauge(places, samples, name) for name in moving]


def second_of(sample: Sample) -> int:
    """The second that a sample tells of: the one that ended when it was taken, a bit earlier or later."""
    return max(0, math.floor(sample.at - 0.5))


def order_of(name: str) -> tuple[int, str]:
    """The server's processes in the order in which a command meets them, then the crowd's own."""
    kinds = ("gateway", "keeper", "valkey", "demo", "supervisor")
    rank = next((rank for rank, kind in enumerate(kinds) if name.startswith(kind)), len(kinds))
    return (rank + (name.startswith("storm")), name)


def _gauge_order(name: str) -> tuple[int, str]:
    metric = name.partition(" ")[0]
    known = list(GAUGE_TITLES)
    return (known.index(metric) if metric in known else len(known), name)


def _plot_latency(places: Places, seconds: list[list[Second]]) -> Plot:
    lines = []
    for name, of, mean in LATENCIES:
        values = [_summarize_latency(place, of, mean) for place in seconds]
        lines.append(Line(name, values, _remark("highest", values, max, word_milliseconds)))
    note = "Of all actions, by the second in which each was due; the scale is logarithmic."
    if places.span > 1:
        note += f" {places.words} p50 and p90 are of its middle second, p99 and the longest of its worst."
    title = "Latency"
    return _make_plot(title, places, lines, word=word_milliseconds, logarithmic=True, note=note)


def _summarize_latency(place: list[Second], of: Callable[[Summary], float], mean: Mean) -> float | None:
    values = [of(second.latency) for second in place if second.latency.count]
    return mean(values) if values else None


def _plot_throughput(places: Places, seconds: list[list[Second]]) -> Plot:
    counts: tuple[tuple[str, Callable[[Second], int]], ...] = (
        ("due", lambda second: second.due),
        ("acknowledged", lambda second: second.acknowledged),
        ("refused", lambda second: sum(second.refused.values())),
        ("unanswered", lambda second: second.unanswered),
    )
    lines = []
    ended = _end_of(seconds)
    for name, of in counts:
        values = _rates(places, [sum(map(of, place)) for place in seconds[:ended]])
        if any(values) or name in ("due", "acknowledged"):
            lines.append(Line(name, values, _remark("mean", values, fmean)))
    return _make_plot("Throughput, actions a second", places, lines, word=word_figure, note=places.words)


def _plot_refusals(places: Places, seconds: list[list[Second]]) -> Plot | None:
    totals: Counter[str] = Counter()
    ended = _end_of(seconds)
    for place in seconds:
        for second in place:
            totals.update(second.refused)
    lines = []
    for code, total in totals.most_common(STYLES):
        counts = [sum(second.refused.get(code, 0) for second in place) for place in seconds[:ended]]
        values = _rates(places, counts)
        lines.append(Line(code, values, f"{word_figure(total)} in all"))
    if not lines:
        return None
    more = "" if len(totals) <= STYLES else f"The {STYLES} codes that came most often."
    note = f"{places.words} {more}".strip()
    return _make_plot("Refusals by code, a second", places, lines, word=word_figure, note=note)


def _plot_cores(places: Places, samples: list[list[Sample]], processes: list[str], cores: int) -> Plot:
    lines = []
    for name in processes:
        values = [
            _mean([sample.processes[name].cores for sample in place if name in sample.processes], fmean)
            for place in samples
        ]
        lines.append(Line(name, values, _remark("mean", values, fmean), SAMPLED))
    note = f"1 is a whole core; the machine of the crowd has {cores}. {places.words}".strip()
    return _make_plot("CPU by process, cores", places, lines, word=word_figure, note=note)


def _plot_memory(places: Places, samples: list[list[Sample]], processes: list[str]) -> Plot:
    lines = []
    for name in processes:
        values = [
            _mean(
                [sample.processes[name].memory / MEBIBYTE for sample in place if name in sample.processes],
                max,
            )
            for place in samples
        ]
        lines.append(Line(name, values, _remark("highest", values, max, _word_mebibytes), SAMPLED))
    note = f"Resident. {places.words}".strip()
    return _make_plot("Memory by process", places, lines, word=_word_mebibytes, note=note)


def _plot_gauge(places: Places, samples: list[list[Sample]], name: str) -> Plot:
    values = [
        _mean([sample.gauges[name] for sample in place if name in sample.gauges], max) for place in samples
    ]
    metric, _, whose = name.partition(" ")
    title = " ".join(filter(None, (GAUGE_TITLES.get(metric, metric), whose)))
    word = _word_of_seconds if "_seconds" in metric else word_figure
    line = Line(metric, values, _remark("highest", values, max, word), SAMPLED)
    note = f"{places.words} The highest is drawn." if places.span > 1 else ""
    return _make_plot(title, places, [line], word=word, note=note)


def _make_plot(
    title: str, places: Places, lines: list[Line], *, word: Word, note: str, logarithmic: bool = False
) -> Plot:
    ranges = [f"{line.name} from {word(min(known))} to {word(max(known))}" for line, known in _known(lines)]
    summary = f"Over {word_seconds(places.seconds)}: {'; '.join(ranges) or 'no values'}."
    return Plot(
        title=title,
        summary=summary,
        places=places.shares,
        names=places.names,
        lines=lines,
        ticks=places.ticks,
        word=word,
        logarithmic=logarithmic,
        note=note,
    )


def _known(lines: Iterable[Line]) -> list[tuple[Line, list[float]]]:
    """The lines that have values, with these."""
    pairs = [(line, [value for value in line.values if value is not None]) for line in lines]
    return [(line, known) for line, known in pairs if known]


def _end_of(seconds: list[list[Second]]) -> int:
    """How many places it takes to the last second in which anything was due."""
    return max(number + 1 for number, place in enumerate(seconds) if place)


def _rates(places: Places, counts: list[int]) -> list[float | None]:
    """Counts as so many a second; the last place may be cut short, and after the last count there is none."""
    rates: list[float | None] = [
        count / max(1, min(places.span, places.seconds - number * places.span))
        for number, count in enumerate(counts)
    ]
    return rates + [None] * (places.count - len(rates))


def _word_of_seconds(value: float) -> str:
    return word_milliseconds(1000 * value)


def _word_mebibytes(value: float) -> str:
    return f"{word_figure(value)}{THIN}MiB"


def _mean(values: Sequence[float], mean: Mean) -> float | None:
    return mean(values) if values else None


def _remark(name: str, values: Sequence[float | None], of: Mean, word: Word = word_figure) -> str:
    known = [value for value in values if value is not None]
    return f"{name} {word(of(known))}" if known else "no values"
