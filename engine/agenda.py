"""Deadlines: what is to be done when, in (deadline, sequence) order.

The agenda makes things prompt, never right: whoever touches an object checks that object's own deadlines
first. So an entry may come early or twice, and it is never taken out when its object changes its mind; the
work that it names looks at the object and finds nothing to do, or posts itself again.
"""

import heapq
from enum import IntEnum
from typing import NamedTuple

from engine.units import NEVER


class Duty(IntEnum):
    """What an entry asks for; ``subject`` is what it asks it of."""

    OPEN_AUCTION = 1
    CLOSE_AUCTION = 2
    LAPSE_OFFER = 3
    FORGET_AUCTION = 4
    EXPIRE_POINTS = 10
    FORGET_KEYS = 20
    FORGET_ORIGIN = 21
    LAPSE_REDEMPTION = 30
    FORGET_REDEMPTION = 31
    TURN_CAMPAIGN = 40
    TURN_RULES = 41
    TURN_EXPERIENCE = 42
    OPEN_RAFFLE = 50
    CLOSE_RAFFLE = 51
    LAPSE_LOCK = 52
    DRAW_PLACE = 53
    LAPSE_CLAIM = 54
    REFUND_TICKETS = 55
    FORGET_RAFFLE = 56
    CLEAR_AUCTION = 60
    DROP_OUT = 61


class Deadline(NamedTuple):
    """``at`` in milliseconds; ``sequence`` breaks ties in the order of posting."""

    at: int
    sequence: int
    duty: int
    subject: str


class Agenda:
    """A heap of deadlines. ``next_at`` is the earliest, kept beside the heap because every command looks at
    it."""

    __slots__ = ("heap", "next_at", "sequence")

    def __init__(self, heap: list[Deadline] | None = None, sequence: int = 0) -> None:
        self.heap = heap if heap is not None else []
        self.sequence = sequence
        self.next_at = self.heap[0].at if self.heap else NEVER

    def post(self, at: int, duty: Duty, subject: str = "") -> None:
        """Asks for ``duty`` on ``subject`` at ``at`` ms."""
        self.sequence += 1
        heapq.heappush(self.heap, Deadline(at, self.sequence, int(duty), subject))
        self.next_at = self.heap[0].at

    def drop_first(self) -> None:
        """Takes the earliest entry out: its work is done."""
        heapq.heappop(self.heap)
        self.next_at = self.heap[0].at if self.heap else NEVER
