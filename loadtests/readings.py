"""A gateway's Prometheus metrics at an instant, and what came between two such readings.

All readers of ``/metrics`` read here, and look at the same metrics: what is chosen below. It works from
anywhere; where several gateways are behind one address, it is one of them that answers. A counter that is
lower than before has begun again from 0 with its process, as Prometheus has it
(https://prometheus.io/docs/prometheus/latest/querying/functions/#rate).
"""

import time
from collections import defaultdict
from itertools import pairwise
from typing import Final

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from loadtests.wording import word_place

APPENDS: Final = "livelot_append_seconds"
PAUSES: Final = "livelot_pause_seconds"
"""A histogram for each label ``cause``: what the gateway's event loop stood still for."""

CPU: Final = "process_cpu_seconds"
MEMORY: Final = "process_resident_memory_bytes"

CHOSEN: Final = frozenset(
    {
        APPENDS,
        PAUSES,
        CPU,
        MEMORY,
        "livelot_batch_commands",
        "livelot_calls",
        "livelot_calls_in_flight",
        "livelot_connections",
        "livelot_connections_refused",
        "livelot_listeners_aborted",
        "livelot_price_cells",
        "livelot_pushes",
        "livelot_pushes_skipped",
        "livelot_replica_entry_age_seconds",
    }
)
"""What is read at all: reading everything would take the crowd milliseconds."""

LABELS: Final = ("kind", "cause")
"""Labels whose values are told apart; over all others it is summed."""

LAST: Final = float("inf")

Figures = dict[str, float]


class Reading(msgspec.Struct, frozen=True):
    """The metrics ``at`` an instant (s, monotonic): gauges, counters and the sums and counts of histograms
    under the names that Prometheus gives them, with their label; and histograms' ``buckets`` by their upper
    ends (s), each with those below it."""

    at: float
    values: Figures
    buckets: dict[str, Figures] = {}


class Spread(msgspec.Struct, frozen=True):
    """What a histogram of durations took in: how many, how many ``seconds`` together, and how many in each
    bucket, by its upper end."""

    count: float = 0.0
    seconds: float = 0.0
    buckets: Figures = {}

    @property
    def longest(self) -> float:
        """At most so long (s) was the longest: what its bucket and the sum leave room for."""
        ends = [0.0, *sorted(self.buckets)]
        filled = [(low, high) for low, high in pairwise(ends) if self.buckets[high] > 0]
        if not filled:
            return 0.0
        least = sum(self.buckets[high] * low for low, high in filled)
        low, high = filled[-1]
        return min(high, self.seconds - least + low)

    def quantile(self, share: float) -> float:
        """The upper end of the bucket that this share of them is in or below; of the last, its lower end."""
        seen = below = 0.0
        for end in sorted(self.buckets):
            seen += self.buckets[end]
            if seen and seen >= share * self.count:
                return end if end != LAST else below
            below = end
        return 0.0

    def take_up(self, seconds: float) -> float:
        """The highest end of a bucket such that those in it and above may have taken ``seconds`` together;
        0 where even all did not."""
        taken = 0.0
        for end in sorted(self.buckets, reverse=True):
            length = min(end, self.longest)
            taken += self.buckets[end] * length
            if taken and taken >= seconds:
                return length
        return 0.0


class Reader:
    """Reads one gateway's metrics; an answer may take ``seconds``."""

    def __init__(self, url: str, seconds: float) -> None:
        self.url = f"{word_place(url).rstrip('/')}/metrics"
        self._client = httpx.Client(timeout=seconds, trust_env=False)

    def read(self) -> Reading:
        """The metrics now. Raises ``httpx.HTTPError``, of which ``httpx.HTTPStatusError`` for another answer
        than them."""
        response = self._client.get(self.url)
        if response.status_code != httpx.codes.OK:
            words = f"{self.url} answers with status {response.status_code}"
            raise httpx.HTTPStatusError(words, request=response.request, response=response)
        return parse(response.text, time.monotonic())

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()


def parse(text: str, at: float) -> Reading:
    """The chosen metrics of Prometheus' text format; others are not even looked at."""
    lines = "".join(f"{line}\n" for line in text.splitlines() if _is_chosen(line))
    values: Figures = defaultdict(float)
    buckets: dict[str, Figures] = defaultdict(lambda: defaultdict(float))
    for family in text_string_to_metric_families(lines):
        for sample in family.samples:
            told = [f'{{{label}="{sample.labels[label]}"}}' for label in LABELS if label in sample.labels]
            end = sample.labels.get("le")
            if end is None:
                values["".join((sample.name, *told))] += sample.value
            else:
                buckets["".join((sample.name.removesuffix("_bucket"), *told))][float(end)] += sample.value
    return Reading(at, dict(values), {name: dict(counts) for name, counts in buckets.items()})


def _is_chosen(line: str) -> bool:
    name = line.partition("{")[0].partition(" ")[0]
    for ending in ("_total", "_sum", "_count", "_bucket"):
        name = name.removesuffix(ending)
    return name in CHOSEN


def growth(before: Reading, after: Reading, name: str) -> float:
    """By how much a counter rose."""
    return _rise(before.values.get(name, 0.0), after.values.get(name, 0.0))


def spread(before: Reading, after: Reading, name: str) -> Spread:
    """What a histogram took in; ``name`` has its label, if any."""
    plain, brace, label = name.partition("{")
    known, counts = before.buckets.get(name, {}), after.buckets.get(name, {})
    grown = {end: _rise(known.get(end, 0.0), counts[end]) for end in sorted(counts)}
    upto = [0.0, *grown.values()]
    return Spread(
        growth(before, after, f"{plain}_count{brace}{label}"),
        growth(before, after, f"{plain}_sum{brace}{label}"),
        {end: more - less for end, (less, more) in zip(grown, pairwise(upto), strict=True)},
    )


def spreads(before: Reading, after: Reading, name: str) -> dict[str, Spread]:
    """The same for each value of the histogram's label."""
    names = [full for full in after.buckets if full.startswith(f"{name}{{")]
    return {full.partition('="')[2].removesuffix('"}'): spread(before, after, full) for full in names}


def _rise(low: float, high: float) -> float:
    return high - low if high >= low else high
