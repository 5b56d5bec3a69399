"""What happens in a program, minute by minute: counted from the log's entries as this process applies them.

Bids are most of what happens, and are only counted; everything else shows in the program's own sums. Time is
the log's: an entry counts for the second that it is stamped with, also where it is read long after.
"""

from collections import deque
from typing import Final

import msgspec

from engine.events import (
    BidPlaced,
    PointsIssued,
    PointsRefunded,
    PointsWithdrawn,
    TicketsIssued,
    TicketsRefunded,
)
from engine.machine import Applied
from engine.replica import Replica
from engine.units import MINUTE, SECOND

MINUTES_KEPT: Final = 60

_SECONDS: Final = MINUTE // SECOND


class MinuteView(msgspec.Struct, frozen=True):
    """What happened in the minute that began at ``at`` ms: bids (but sealed ones, which nobody may learn
    of), redemptions made, tickets bought or granted. ``points_spent`` are gross: refunds and corrections do
    not count."""

    at: int
    bids: int
    redemptions: int
    points_spent: int
    points_issued: int
    tickets: int


class Tally:
    """What happened from ``at`` ms on."""

    __slots__ = ("at", "bids", "issued", "redemptions", "spent", "tickets")

    def __init__(self, at: int) -> None:
        self.at = at
        self.bids = self.redemptions = self.spent = self.issued = self.tickets = 0

    def add(self, other: "Tally") -> None:
        """Counts what ``other`` has counted too."""
        self.bids += other.bids
        self.redemptions += other.redemptions
        self.spent += other.spent
        self.issued += other.issued
        self.tickets += other.tickets

    def view(self) -> MinuteView:
        """As clients see it."""
        return MinuteView(self.at, self.bids, self.redemptions, self.spent, self.issued, self.tickets)


class Minutes:
    """The last 60 minutes, and the last 60 seconds. ``since`` is when (ms) counting began, 0 before: behind
    the first entry that this process applied."""

    def __init__(self, replica: Replica) -> None:
        self.since = 0
        self._replica = replica
        self._until = 0
        self._second = Tally(0)
        self._seconds: deque[Tally] = deque(maxlen=_SECONDS)
        self._minutes: deque[Tally] = deque(maxlen=MINUTES_KEPT)
        self._spent = self._redeemed = 0

    def take(self, applied: Applied) -> None:
        """Counts what an entry did. The replica calls this after each entry."""
        at = applied.position.milliseconds
        if at >= self._until and not self._turn(at):
            return
        events = applied.events
        bids = 0
        for event in events:
            if type(event) is BidPlaced:
                bids += 1
        if bids:
            self._second.bids += bids
        if bids < len(events):
            self._count_others(applied)

    def view(self, now: int) -> list[MinuteView]:
        """The last 60 minutes up to ``now`` (ms), oldest first, from the first that was counted on. Nothing
        is left out: where nothing happened, there are zeros."""
        if not self.since:
            return []
        found = {minute.at: minute for minute in self._minutes}
        last = _minute_of(max(now, self._second.at))
        current = Tally(_minute_of(self._second.at))
        if current.at in found:
            current.add(found[current.at])
        current.add(self._second)
        found[current.at] = current
        first = max(_minute_of(self.since), last - (MINUTES_KEPT - 1) * MINUTE)
        return [(found.get(at) or Tally(at)).view() for at in range(first, last + 1, MINUTE)]

    def last_minute(self, now: int) -> Tally:
        """What happened in the 60 seconds before ``now`` (ms), to the second."""
        tally = Tally(now - MINUTE)
        for second in (*self._seconds, self._second):
            if second.at > tally.at:
                tally.add(second)
        return tally

    def _turn(self, at: int) -> bool:
        """A second begins that counts, with an entry at ``at`` ms; false where it is the first of all: nobody
        knows what was before it."""
        second = self._second
        self._second = Tally(at - at % SECOND)
        self._until = self._second.at + SECOND
        if not self.since:
            program = self._replica.program
            self.since, self._spent, self._redeemed = at, program.ledger.totals.spent, program.redeemed
            return False
        self._seconds.append(second)
        minute = _minute_of(second.at)
        if not self._minutes or self._minutes[-1].at != minute:
            self._minutes.append(Tally(minute))
        self._minutes[-1].add(second)
        return True

    def _count_others(self, applied: Applied) -> None:
        second, program = self._second, self._replica.program
        returned = 0
        for event in applied.events:
            kind = type(event)
            if kind is PointsIssued:
                second.issued += event.amount  # type: ignore[attr-defined]
            elif kind is TicketsIssued:
                second.tickets += event.tickets  # type: ignore[attr-defined]
            elif kind is PointsRefunded:
                returned += event.amount  # type: ignore[attr-defined]
            elif kind is TicketsRefunded:
                returned += event.points  # type: ignore[attr-defined]
            elif kind is PointsWithdrawn:
                returned -= event.amount  # type: ignore[attr-defined]
        spent, redeemed = program.ledger.totals.spent, program.redeemed
        second.spent += spent - self._spent + returned
        second.redemptions += redeemed - self._redeemed
        self._spent, self._redeemed = spent, redeemed


def _minute_of(at: int) -> int:
    return at - at % MINUTE
