"""What creeps up over hours: latency and memory in the first and in the last tenth of a run."""

from collections.abc import Sequence
from typing import TypeVar

from loadtests.measures import Histogram, Summary
from loadtests.result import Sample, Second, Verdict

PARTS = 10

Item = TypeVar("Item")


def summarize_tenth(timeline: Sequence[Second], tenth: int) -> Summary:
    """The latencies of what was due in a tenth of the time (0 to 9; -1 is the last)."""
    histogram = Histogram()
    for second in cut(timeline, tenth):
        histogram.join(second.histogram, second.latency.mean)
    return histogram.summarize()


def mean_memory(samples: Sequence[Sample], tenth: int) -> float | None:
    """The bytes that gateways had on average in a tenth of the samples, all together; None without any."""
    found = [
        sum(usage.memory for name, usage in sample.processes.items() if name.startswith("gateway"))
        for sample in cut(samples, tenth)
        if any(name.startswith("gateway") for name in sample.processes)
    ]
    return sum(found) / len(found) if found else None


def judge_latency(timeline: Sequence[Second], limit: float) -> Verdict:
    """How many times as long as in the first tenth p99 was in the last."""
    first, last = summarize_tenth(timeline, 0).p99, summarize_tenth(timeline, -1).p99
    value = last / first if first and last else None
    return Verdict(
        "p99 in the last tenth, times the first", limit, value, value is not None and value <= limit
    )


def judge_memory(samples: Sequence[Sample], acknowledged: int, limit: float) -> Verdict:
    """How many bytes the gateways have grown by for each of ``acknowledged`` actions: what a program keeps
    grows with what is done."""
    first, last = mean_memory(samples, 0), mean_memory(samples, -1)
    value = None if first is None or last is None or not acknowledged else (last - first) / acknowledged
    held = value is not None and value <= limit
    return Verdict("gateway memory by acknowledged action, bytes", limit, value, held)


def cut(row: Sequence[Item], tenth: int) -> Sequence[Item]:
    """A tenth of a row, one at least if there is any."""
    size = max(1, len(row) // PARTS)
    first = len(row) - size if tenth < 0 else tenth * size
    return row[first : first + size]
