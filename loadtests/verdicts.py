"""Thresholds, and whether a run has kept them: what its exit code hangs on."""

import re
from collections.abc import Iterable

import msgspec

from loadtests.result import Action, Verdict

UNANSWERED = "unanswered actions"
"""The name of the verdict on those: latencies are of what was answered, so everything has to be."""

MEASURES = ("mean", "p50", "p90", "p99", "p999", "longest")
"""What of a latency can have a limit."""


class Threshold(msgspec.Struct, frozen=True):
    """A ``measure`` of an ``action``'s latency may be at most ``limit`` ms."""

    action: str
    measure: str
    limit: float

    @property
    def name(self) -> str:
        """As people read it."""
        return f"{self.measure} of {self.action}, ms"


def read_threshold(text: str) -> Threshold:
    """What ``--limit`` was given. Raises ``ValueError``.

    >>> read_threshold("bid.p99=250")
    Threshold(action='bid', measure='p99', limit=250.0)
    """
    found = re.fullmatch(rf"([\w -]+)\.({'|'.join(MEASURES)})=(\d+(?:\.\d+)?)", text)
    if not found:
        measures = ", ".join(MEASURES)
        raise ValueError(f"give ACTION.MEASURE=MS, such as bid.p99=250; a measure is one of {measures}")
    return Threshold(found[1], found[2], float(found[3]))


def override(thresholds: Iterable[Threshold], others: Iterable[Threshold]) -> list[Threshold]:
    """``thresholds`` with ``others`` in the place of those on the same measure, and the rest behind."""
    kept = {(one.action, one.measure): one for one in thresholds}
    return list((kept | {(one.action, one.measure): one for one in others}).values())


def judge(thresholds: Iterable[Threshold], actions: dict[str, Action]) -> list[Verdict]:
    """The verdict on each. Where no such action was answered there is no value, and it is not held."""
    verdicts = []
    for threshold in thresholds:
        action = actions.get(threshold.action)
        value = getattr(action.latency, threshold.measure) if action and action.latency.count else None
        held = value is not None and value <= threshold.limit
        verdicts.append(Verdict(threshold.name, threshold.limit, value, held))
    return verdicts


def judge_again(verdict: Verdict, actions: dict[str, Action]) -> Verdict | None:
    """The verdict on the same threshold for other actions; None where it is not one on a latency."""
    found = re.fullmatch(rf"({'|'.join(MEASURES)}) of (.+), ms", verdict.name)
    return judge([Threshold(found[2], found[1], verdict.limit)], actions)[0] if found else None
