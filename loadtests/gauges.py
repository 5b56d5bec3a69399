"""What gateways say of themselves: their Prometheus metrics, read once a second.

A gauge is taken as it is. Of a counter we want the rate, of a histogram the mean of what came since the
reading before; a counter that is lower than before has begun again from 0 with its process, as Prometheus
has it (https://prometheus.io/docs/prometheus/latest/querying/functions/#rate).
"""

import time
from collections.abc import Sequence
from typing import Final

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from loadtests.result import Usage
from loadtests.wording import word_place

SECONDS: Final = 0.9
"""How long a gateway may take to answer: less than until the next reading."""

GAUGES: Final = (
    "livelot_calls_in_flight",
    'livelot_connections{kind="socket"}',
    'livelot_connections{kind="http"}',
    "livelot_replica_entry_age_seconds",
    "livelot_price_cells",
    "process_resident_memory_bytes",
)
RATES: Final = (
    "livelot_calls",
    "livelot_connections_refused",
    "livelot_pushes",
    "livelot_pushes_skipped",
    "livelot_listeners_aborted",
    "process_cpu_seconds",
)
MEANS: Final = ("livelot_append_seconds", "livelot_batch_commands")

_NAMES: Final = {name.partition("{")[0] for name in GAUGES} | set(RATES) | set(MEANS)

Figures = dict[str, float]


class Reading(msgspec.Struct, frozen=True):
    """The metrics at an instant (s, monotonic): gauges by name with their label, counters and the sums and
    counts of histograms under the names that Prometheus gives them, over all labels."""

    at: float
    values: Figures


class Gateway:
    """One gateway's metrics. ``note`` says why there are none, where there are none."""

    def __init__(self, url: str) -> None:
        self.note = ""
        self._url = f"{word_place(url).rstrip('/')}/metrics"
        self._client = httpx.Client(timeout=SECONDS, trust_env=False)
        self._before: Reading | None = None
        self._given_up = False

    def read(self) -> Figures:
        """The chosen metrics now; nothing where the gateway does not tell."""
        if self._given_up:
            return {}
        text = self._fetch()
        if not text:
            self._before = None
            return {}
        after = Reading(time.monotonic(), parse(text))
        before, self._before = self._before, after
        return derive(before, after)

    def close(self) -> None:
        """Lets go of the connection."""
        self._client.close()

    def _fetch(self) -> str:
        try:
            response = self._client.get(self._url)
        except httpx.HTTPError as error:
            # It may be back in a second: a gateway that is started again is part of many a test.
            self.note = (
                self.note or f"{self._url} could not be read at some time: {error or type(error).__name__}."
            )
            return ""
        if response.status_code != httpx.codes.OK:
            self._given_up = True
            self.note = f"{self._url} answers with status {response.status_code}: no gauges of this gateway."
            return ""
        return response.text


class Gateways:
    """Several of them; where there are more than one, each gauge's name ends with whose it is."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._gateways = [Gateway(url) for url in urls]

    @property
    def notes(self) -> list[str]:
        """Why there is less than there could be, a line each."""
        return [gateway.note for gateway in self._gateways if gateway.note]

    def read(self) -> Figures:
        """The chosen metrics of all, now."""
        if len(self._gateways) == 1:
            return self._gateways[0].read()
        return {
            f"{name} gateway {number}": value
            for number, gateway in enumerate(self._gateways, 1)
            for name, value in gateway.read().items()
        }

    def close(self) -> None:
        """Lets go of all connections."""
        for gateway in self._gateways:
            gateway.close()


def parse(text: str) -> Figures:
    """The chosen metrics of Prometheus' text format; others are not even looked at."""
    lines = [line for line in text.splitlines() if _is_chosen(line)]
    values: Figures = {}
    for family in text_string_to_metric_families("\n".join(lines) + "\n"):
        for sample in family.samples:
            kind = sample.labels.get("kind")
            name = f'{sample.name}{{kind="{kind}"}}' if kind is not None else sample.name
            values[name] = values.get(name, 0.0) + sample.value
    return values


def _is_chosen(line: str) -> bool:
    name = line.partition("{")[0].partition(" ")[0]
    for ending in ("_total", "_sum", "_count"):
        name = name.removesuffix(ending)
    return name in _NAMES


def take_usage(figures: Figures) -> dict[str, Usage]:
    """Takes the CPU and memory of gateways out of what they tell: "gateway 1" and so on, of those that tell
    both."""
    usages = {}
    for name in [name for name in figures if name.startswith("process_cpu_seconds")]:
        whose = name.partition(" ")[2]
        memory = figures.pop(f"process_resident_memory_bytes {whose}".strip(), None)
        cores = figures.pop(name)
        if memory is not None:
            usages[whose or "gateway 1"] = Usage(cores, int(memory))
    for name in [name for name in figures if name.startswith("process_")]:
        del figures[name]
    return usages


def derive(before: Reading | None, after: Reading) -> Figures:
    """What is told: gauges, and rates and means where there is a reading before."""
    figures: Figures = {name: after.values[name] for name in GAUGES if name in after.values}
    if before is None or after.at <= before.at:
        return figures
    seconds = after.at - before.at
    for name in RATES:
        if f"{name}_total" in after.values:
            figures[name] = _growth(before, after, f"{name}_total") / seconds
    for name in MEANS:
        count = _growth(before, after, f"{name}_count")
        if count:
            figures[name] = _growth(before, after, f"{name}_sum") / count
    return figures


def _growth(before: Reading, after: Reading, name: str) -> float:
    low, high = before.values.get(name, 0.0), after.values.get(name, 0.0)
    return high - low if high >= low else high
