"""How unequal the chances in a raffle are: the fewest and the most tickets of those who hold some.

The state has each member's tickets, but not who has most. So entries are gone through once, in slices, as
they come in; what is kept of them is how many members hold so many tickets.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from engine.program import Program
from engine.raffles.state import Raffle

ENTRIES_AT_ONCE: Final = 2_000
"""Entries that are gone through before other work gets its turn: some milliseconds."""


class Spread(NamedTuple):
    """``entrants`` hold tickets, nobody of them fewer than ``least`` or more than ``most``."""

    entrants: int
    least: int
    most: int


class Holders:
    """Those who hold tickets of one raffle, as far as its entries were gone through."""

    __slots__ = ("_members", "_seen", "_serial")

    def __init__(self, serial: int) -> None:
        self._serial = serial
        self._seen = 0
        self._members: Counter[int] = Counter()

    def is_of(self, raffle: Raffle) -> bool:
        """Whether it is this raffle, and not an earlier one of its name."""
        return self._serial == raffle.serial

    def behind(self, raffle: Raffle) -> int:
        """How many entries were not gone through yet."""
        return raffle.entries - self._seen

    def count(self, program: Program, raffle: Raffle, limit: int) -> int:
        """Goes through at most ``limit`` entries; returns how many."""
        start = self._seen
        end = min(raffle.entries, start + limit)
        for number in range(start, end):
            member = program.members.find(raffle.entry(number).member)
            holding = (member.raffles or {}).get(raffle.id) if member is not None else None
            if holding is None:
                continue
            first, behind = bisect_left(holding.entries, start), bisect_left(holding.entries, end)
            if holding.entries[behind - 1] != number:
                continue  # it comes with the member's last entry in this slice
            own = holding.tickets - _sum(raffle, holding.entries[behind:])
            before = own - _sum(raffle, holding.entries[first:behind])
            if before:
                self._members[before] -= 1
                if not self._members[before]:
                    del self._members[before]
            self._members[own] += 1
        self._seen = end
        return end - start

    def spread(self) -> Spread:
        """What was found."""
        if not self._members:
            return Spread(0, 0, 0)
        return Spread(self._members.total(), min(self._members), max(self._members))


class Chances:
    """The spreads of some raffles; those that are not asked for any more are forgotten."""

    def __init__(self) -> None:
        self._holders: dict[str, Holders] = {}

    def count(self, program: Program, raffles: Iterable[Raffle]) -> bool:
        """Goes through some entries of these raffles, and forgets all others; whether there are more."""
        before, self._holders = self._holders, {}
        left = ENTRIES_AT_ONCE
        more = False
        for raffle in raffles:
            holders = before.get(raffle.id)
            if holders is None or not holders.is_of(raffle):
                holders = Holders(raffle.serial)
            self._holders[raffle.id] = holders
            left -= holders.count(program, raffle, left)
            more = more or holders.behind(raffle) > 0
        return more

    def find(self, raffle: Raffle) -> Spread | None:
        """The raffle's spread; None until all of its entries were gone through."""
        holders = self._holders.get(raffle.id)
        if holders is None or not holders.is_of(raffle) or holders.behind(raffle):
            return None
        return holders.spread()


def _sum(raffle: Raffle, numbers: Iterable[int]) -> int:
    return sum([raffle.entry(number).tickets for number in numbers])
