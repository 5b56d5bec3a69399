"""What a scenario's run leaves: one struct, written as JSON, read by the reports, merged and compared.

Latencies are in milliseconds and count from when an action was due; what was due in a second counts there,
whenever its answer came.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from loadtests.measures import Summary

MERGED: Final = "merged"
"""The setting of a merged result that says of how many parts it was made."""

COUNTS: Final = {
    "connected": "connections made",
    "lost": "connections lost",
    "resent": "calls sent again after a lost connection",
    "deferred": "calls sent again after a refusal that passes",
    "left": "times that a member left a clock",
}
"""What is counted beside actions, and what that is."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of action: how often it was ``due``, and what became of it.

    Each is ``acknowledged``, in ``refused`` by code, ``unanswered`` when the run's patience ended, or
    ``passed`` (there was nothing that its member could do). ``histogram`` has all latencies, as HdrHistogram
    encodes them.
    """

    due: int
    acknowledged: int
    refused: dict[str, int] = {}
    unanswered: int = 0
    passed: int = 0
    latency: Summary = Summary()
    histogram: str = ""


class Second(msgspec.Struct, frozen=True, kw_only=True):
    """One second of a run, ``at`` seconds after its start. By ``histogram``, as in ``Action``, runs are
    merged."""

    at: int
    due: int = 0
    acknowledged: int = 0
    refused: dict[str, int] = {}
    unanswered: int = 0
    latency: Summary = Summary()
    histogram: str = ""


class Usage(msgspec.Struct, frozen=True):
    """What one process used since the sample before: ``cores`` of CPU (1.0 is a whole one); it has ``memory``
    bytes resident."""

    cores: float
    memory: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """How the deployment was ``at`` seconds after the start: its processes by name ("gateway 1", "keeper",
    "valkey", "storm 1"), and what gateways say of themselves, such as queue depths, by the metric's name."""

    at: float
    processes: dict[str, Usage] = {}
    gauges: dict[str, float] = {}


class Check(msgspec.Struct, frozen=True):
    """One promise that was looked after: ``checked`` cases, and the words of each that was broken."""

    name: str
    checked: int
    findings: list[str] = []


class Verdict(msgspec.Struct, frozen=True):
    """A scenario's threshold, such as "p99 of bid, ms", with the value that came out. None could be had where
    ``value`` is None, and then it is not held."""

    name: str
    limit: float
    value: float | None
    held: bool


class Machine(msgspec.Struct, frozen=True):
    """Where the load came from."""

    system: str
    processor: str
    cores: int
    memory: int
    versions: dict[str, str]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run. ``started_at`` is in ms, UTC, by the gateway's clock; ``lateness`` is by how much the
    crowd itself was behind its schedule: beyond a few ms the client, not the gateway, was measured.
    ``counts`` are those of ``COUNTS``."""

    scenario: str
    url: str
    started_at: int
    seconds: float
    sockets: int
    settings: dict[str, Any]
    machine: Machine
    actions: dict[str, Action]
    lateness: Summary
    timeline: list[Second]
    samples: list[Sample] = []
    checks: list[Check] = []
    verdicts: list[Verdict] = []
    lateness_histogram: str = ""
    counts: dict[str, int] = {}

    @property
    def told_counts(self) -> dict[str, int]:
        """``counts`` that tell something, by their words: a crowd whose sockets stayed up connected once."""
        usual = {"connected": self.sockets}
        return {
            words: count
            for name, words in COUNTS.items()
            if (count := self.counts.get(name, 0)) != usual.get(name, 0) and count
        }

    @property
    def held(self) -> bool:
        """Whether something was checked, nothing was found, and every threshold was kept."""
        found = any(check.findings for check in self.checks)
        return bool(self.checks) and not found and all(verdict.held for verdict in self.verdicts)


def write_result(path: Path, result: Result) -> None:
    """Writes it as JSON. Raises ``OSError``."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")


def read_result(path: Path) -> Result:
    """What ``write_result`` wrote. Raises ``OSError``, and ``msgspec.DecodeError`` for another file."""
    return msgspec.json.decode(path.read_bytes(), type=Result)
