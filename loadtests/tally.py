"""What became of a run's actions, by kind and by the second in which they were due.

Each action is noted twice: when it is due, and when it has its outcome. What never gets one is unanswered.
Latencies are in seconds, and count from when the action was due.
"""

from array import array
from collections import Counter, defaultdict

import msgspec

from loadtests.measures import LONGEST, Histogram, Summary, summarize_now
from loadtests.result import Action, Second

ACKNOWLEDGED = ""
"""The outcome of an action that the gateway has taken."""

PASSED = "passed"
"""There was nothing that the member could do. Any other outcome is the code of a refusal."""


class Count(msgspec.Struct):
    """What is counted of some actions; ``open`` are those without an outcome so far."""

    due: int = 0
    acknowledged: int = 0
    passed: int = 0
    refused: Counter[str] = msgspec.field(default_factory=Counter)

    @property
    def open(self) -> int:
        return self.due - self.acknowledged - self.passed - self.refused.total()

    def absorb(self, other: "Count") -> None:
        """Counts all of another one."""
        self.due += other.due
        self.acknowledged += other.acknowledged
        self.passed += other.passed
        self.refused.update(other.refused)

    def note(self, outcome: str) -> None:
        """Counts an outcome."""
        if outcome == ACKNOWLEDGED:
            self.acknowledged += 1
        elif outcome == PASSED:
            self.passed += 1
        else:
            self.refused[outcome] += 1


class Tally:
    """Filled in while a run goes on; may be looked at any time.

    ``lateness`` is by how much the crowd itself was behind. Of each second the latencies are kept as they
    are, in µs: a histogram for each of an hour's seconds would take half a gigabyte.
    """

    def __init__(self) -> None:
        self.actions: dict[str, Count] = {}
        self.seconds: dict[int, Count] = {}
        self.lateness = Histogram()
        self._latencies: dict[str, Histogram] = {}
        self._by_second: dict[int, array[int]] = defaultdict(lambda: array("I"))

    def begin(self, action: str, at: float) -> None:
        """An action is due ``at`` seconds after the start."""
        self._of_action(action).due += 1
        self._of_second(at).due += 1

    def end(self, action: str, at: float, outcome: str, latency: float) -> None:
        """The action that was due ``at`` has its outcome."""
        self._of_action(action).note(outcome)
        self._of_second(at).note(outcome)
        if outcome != PASSED:
            self._latencies[action].add(latency)
            self._by_second[int(at)].append(_microseconds(latency))

    def count(self, action: str, at: float, latency: float | None) -> None:
        """What followed from something that was due ``at``, and came after ``latency``, or not (None)."""
        self.begin(action, at)
        if latency is not None:
            self.end(action, at, ACKNOWLEDGED, latency)

    def absorb(self, other: "Tally", offset: float) -> None:
        """Counts all of another one, which began ``offset`` seconds later."""
        for name, count in other.actions.items():
            self._of_action(name).absorb(count)
            histogram = other._latencies[name]
            self._latencies[name].join(histogram.encode(), histogram.summarize().mean)
        for at, count in other.seconds.items():
            self._of_second(at + offset).absorb(count)
            self._by_second[int(at + offset)].extend(other._by_second.get(at, ()))
        self.lateness.join(other.lateness.encode(), other.lateness.summarize().mean)

    def summarize(self, action: str) -> Summary:
        """An action's latencies so far."""
        return self._latencies[action].summarize() if action in self._latencies else Summary()

    def list_actions(self) -> dict[str, Action]:
        """Everything by kind. What is without an outcome now counts as unanswered."""
        return {
            name: Action(
                due=count.due,
                acknowledged=count.acknowledged,
                refused=dict(count.refused.most_common()),
                unanswered=count.open,
                passed=count.passed,
                latency=self._latencies[name].summarize(),
                histogram=self._latencies[name].encode(),
            )
            for name, count in self.actions.items()
        }

    def list_seconds(self) -> list[Second]:
        """Everything by the second, without a gap."""
        return [self.second(at) for at in range(max(self.seconds, default=-1) + 1)]

    def second(self, at: int, *, mergeable: bool = True) -> Second:
        """What was due in that second. What is without an outcome now counts as unanswered. One that is not
        ``mergeable`` has no histogram, which takes much longer than all the rest."""
        count, latencies = self.seconds.get(at, Count()), self._by_second.get(at, ())
        return Second(
            at=at,
            due=count.due,
            acknowledged=count.acknowledged,
            refused=dict(count.refused.most_common()),
            unanswered=count.open,
            latency=summarize_now(latencies),
            histogram=Histogram(one / 1_000_000 for one in latencies).encode() if mergeable else "",
        )

    def _of_action(self, action: str) -> Count:
        if action not in self.actions:
            self.actions[action], self._latencies[action] = Count(), Histogram()
        return self.actions[action]

    def _of_second(self, at: float) -> Count:
        return self.seconds.setdefault(int(at), Count())


def _microseconds(seconds: float) -> int:
    return max(0, min(LONGEST * 1_000_000, int(seconds * 1_000_000)))
