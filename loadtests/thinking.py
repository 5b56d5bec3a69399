"""Whose turn it is: a member that has just acted looks and thinks before it acts again.

When actions are due is not for members to say (the loop is open); which of them acts is. Think times are
exponential around their mean, as in TPC-C's clause 5.2.5.4 (think time distribution).
"""

import heapq
import random


class Turns:
    """Chooses among ``count`` members; each rests for ``think`` s on average once it has acted."""

    def __init__(self, count: int, think: float, draw: random.Random) -> None:
        self.hurried = 0
        """How often somebody had to act before it had thought: members are too few for the rate."""
        self._think = think
        self._draw = draw
        self._rested = list(range(count))
        self._resting: list[tuple[float, int]] = []

    def choose(self, at: float) -> int:
        """The member that acts ``at`` s after the start; any that has rested is as likely as any other.
        Instants rise from call to call."""
        if not self._think:
            return self._draw.randrange(len(self._rested))
        while self._resting and self._resting[0][0] <= at:
            self._rested.append(heapq.heappop(self._resting)[1])
        if self._rested:
            place = self._draw.randrange(len(self._rested))
            self._rested[place], self._rested[-1] = self._rested[-1], self._rested[place]
            member = self._rested.pop()
        else:
            self.hurried += 1
            member = heapq.heappop(self._resting)[1]
        heapq.heappush(self._resting, (at + self._draw.expovariate(1 / self._think), member))
        return member
