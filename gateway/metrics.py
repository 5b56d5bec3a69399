"""What a gateway counts, for Prometheus.

Counting on the hot path is a dictionary's increment; the families are made when somebody asks for them.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from resource import getpagesize
from typing import Final

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engine.replica import Replica
from engine.units import SECOND
from gateway.hub import Hub
from gateway.pulse import Cause

_BATCH_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_PAUSE_SECONDS: Final = (0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """One gateway's numbers. ``connections`` are counted by kind: ``http`` and ``socket``."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.connections: Counter[str] = Counter()
        self.connections_refused = 0
        self._calls: Counter[tuple[str, str]] = Counter()
        self._batch_commands = Histogram(
            "livelot_batch_commands", "Commands in a batch.", registry=None, buckets=_BATCH_SIZES
        )
        self._append_seconds = Histogram(
            "livelot_append_seconds", "Time that the log took for a batch.", registry=None, buckets=_SECONDS
        )
        self._pause_seconds = Histogram(
            "livelot_pause_seconds",
            "How long the event loop gave nobody a turn.",
            ("cause",),
            registry=None,
            buckets=_PAUSE_SECONDS,
        )
        for cause in Cause:
            self._pause_seconds.labels(cause)

    def count(self, operation: str, outcome: str) -> None:
        """Counts one answered call: its outcome is ``ok`` or a code of ``engine.errors``."""
        self._calls[operation, outcome] += 1

    def count_batch(self, commands: int) -> None:
        """Counts one batch of this gateway's that was applied."""
        self._batch_commands.observe(commands)

    def count_append(self, seconds: float) -> None:
        """Counts one append that the log has confirmed."""
        self._append_seconds.observe(seconds)

    def count_pause(self, cause: Cause, seconds: float) -> None:
        """Counts one pause of the event loop."""
        self._pause_seconds.labels(cause).observe(seconds)

    def render(self, replica: Replica, hub: Hub, now: int) -> bytes:
        """Prometheus' text format, at ``now`` (ms)."""
        registry = CollectorRegistry()
        registry.register(
            _Snapshot(
                [
                    *self._families(),
                    *_replica_families(replica, now),
                    *_hub_families(hub),
                    *_process_families(),
                ]
            )
        )
        registry.register(self._batch_commands)
        registry.register(self._append_seconds)
        registry.register(self._pause_seconds)
        return generate_latest(registry)

    def _families(self) -> Iterator[Metric]:
        calls = CounterMetricFamily("livelot_calls", "Answered calls.", labels=("operation", "outcome"))
        for labels, count in self._calls.items():
            calls.add_metric(labels, count)
        yield calls
        yield GaugeMetricFamily(
            "livelot_calls_in_flight", "Calls that wait for an answer.", value=self.in_flight
        )
        connections = GaugeMetricFamily("livelot_connections", "Open connections.", labels=("kind",))
        for kind, count in self.connections.items():
            connections.add_metric((kind,), count)
        yield connections
        yield CounterMetricFamily(
            "livelot_connections_refused", "Connections past the limit.", value=self.connections_refused
        )


class _Snapshot(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families


def _replica_families(replica: Replica, now: int) -> Iterator[Metric]:
    position = replica.position
    yield GaugeMetricFamily("livelot_replica_epoch", "Epoch of the log.", value=position.epoch)
    yield GaugeMetricFamily(
        "livelot_replica_position_seconds",
        "Stamp of the last applied entry.",
        value=position.milliseconds / SECOND,
    )
    yield GaugeMetricFamily(
        "livelot_replica_entry_age_seconds",
        "How long ago the last applied entry was stamped: the lag, while there is traffic.",
        value=max(0, now - position.milliseconds) / SECOND,
    )
    ready = replica.ready and not replica.stopped
    yield GaugeMetricFamily("livelot_replica_ready", "1 once the log's end was reached.", value=int(ready))


def _process_families() -> Iterator[Metric]:
    """CPU and memory, under the names that every Prometheus client gives them. Its own collector counts open
    files beside, which takes milliseconds where there are thousands of sockets."""
    yield CounterMetricFamily(
        "process_cpu_seconds", "User and system CPU time of this process.", value=time.process_time()
    )
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        yield GaugeMetricFamily(
            "process_resident_memory_bytes", "Resident memory of this process.", value=pages * getpagesize()
        )


def _hub_families(hub: Hub) -> Iterator[Metric]:
    counts = hub.counts
    yield CounterMetricFamily("livelot_pushes", "States sent to listeners.", value=counts.pushes)
    yield CounterMetricFamily(
        "livelot_pushes_skipped", "Pushes that a slow listener missed.", value=counts.skipped
    )
    yield CounterMetricFamily(
        "livelot_listeners_aborted", "Listeners cut off for their backlog.", value=counts.aborted
    )
    yield GaugeMetricFamily(
        "livelot_price_cells", "Groups of listeners that see the same prices.", value=hub.price_cells
    )
