"""What gateways say of themselves while a run goes on: their metrics, read once a second.

A gauge is taken as it is. Of a counter we want the rate; of a histogram the mean of what came since the
reading before, and how long the longest was: a mean over a second hides what stood still for half of it.
"""

from collections.abc import Sequence
from typing import Final

import httpx

from loadtests.readings import (
    APPENDS,
    CPU,
    MEMORY,
    PAUSES,
    Figures,
    Reader,
    Reading,
    growth,
    spread,
    spreads,
)
from loadtests.result import Usage

SECONDS: Final = 0.9
"""How long a gateway may take to answer: less than until the next reading."""

GAUGES: Final = (
    "livelot_calls_in_flight",
    'livelot_connections{kind="socket"}',
    'livelot_connections{kind="http"}',
    "livelot_replica_entry_age_seconds",
    "livelot_price_cells",
    MEMORY,
)
RATES: Final = (
    "livelot_calls",
    "livelot_connections_refused",
    "livelot_pushes",
    "livelot_pushes_skipped",
    "livelot_listeners_aborted",
    CPU,
)
MEANS: Final = (APPENDS, "livelot_batch_commands")

LONGEST_APPEND: Final = "livelot_append_seconds_longest"
LONGEST_PAUSE: Final = "livelot_pause_seconds_longest"
"""Names of our own, for what no metric tells by itself; the second has the cause as its label."""


class Gateway:
    """One gateway's metrics. ``note`` says why there are none, where there are none."""

    def __init__(self, url: str) -> None:
        self.note = ""
        self._reader = Reader(url, SECONDS)
        self._before: Reading | None = None
        self._given_up = False

    def read(self) -> Figures:
        """What is made of the metrics now; nothing where the gateway does not tell."""
        if self._given_up:
            return {}
        after = self._look()
        if after is None or not after.values:
            self._before = None
            return {}
        before, self._before = self._before, after
        return derive(before, after)

    def close(self) -> None:
        """Lets go of the connection."""
        self._reader.close()

    def _look(self) -> Reading | None:
        try:
            return self._reader.read()
        except httpx.HTTPStatusError as error:
            self._given_up = True
            self.note = f"{error}: no gauges of this gateway."
        except httpx.HTTPError as error:
            # It may be back in a second: a gateway that is started again is part of many a test.
            words = f"{self._reader.url} could not be read at some time: {error or type(error).__name__}."
            self.note = self.note or words
        return None


class Gateways:
    """Several of them; where there are more than one, each gauge's name ends with whose it is."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._gateways = [Gateway(url) for url in urls]

    @property
    def notes(self) -> list[str]:
        """Why there is less than there could be, a line each."""
        return [gateway.note for gateway in self._gateways if gateway.note]

    def read(self) -> Figures:
        """What is made of the metrics of all, now."""
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


def take_usage(figures: Figures) -> dict[str, Usage]:
    """Takes the CPU and memory of gateways out of what they tell: "gateway 1" and so on, of those that tell
    both."""
    usages = {}
    for name in [name for name in figures if name.startswith(CPU)]:
        whose = name.partition(" ")[2]
        memory = figures.pop(f"{MEMORY} {whose}".strip(), None)
        cores = figures.pop(name)
        if memory is not None:
            usages[whose or "gateway 1"] = Usage(cores, int(memory))
    for name in [name for name in figures if name.startswith("process_")]:
        del figures[name]
    return usages


def derive(before: Reading | None, after: Reading) -> Figures:
    """What is told: gauges, and rates, means and the longest where there is a reading before."""
    figures: Figures = {name: after.values[name] for name in GAUGES if name in after.values}
    if before is None or after.at <= before.at:
        return figures
    seconds = after.at - before.at
    for name in RATES:
        if f"{name}_total" in after.values:
            figures[name] = growth(before, after, f"{name}_total") / seconds
    for name in MEANS:
        count = growth(before, after, f"{name}_count")
        if count:
            figures[name] = growth(before, after, f"{name}_sum") / count
    if APPENDS in after.buckets:
        figures[LONGEST_APPEND] = spread(before, after, APPENDS).longest
    for cause, found in spreads(before, after, PAUSES).items():
        figures[f'{LONGEST_PAUSE}{{cause="{cause}"}}'] = found.longest
    return figures
