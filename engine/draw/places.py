"""The draw itself: which ticket takes which place, from the lock's bytes and the randomness alone.

This is the verifier's implementation. It is plain, works on the whole list at once and shares nothing with
the one that the engine draws with, so that one checks the other.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from typing import NamedTuple

_RANGE = 2**128
"""A block gives an integer below this."""


class PlacedTicket(NamedTuple):
    """A ticket that took a place: its number (from 1), its entry (index from 0), the entry's entrant."""

    ticket: int
    entry: int
    entrant: str


def seed_of(lock: bytes, randomness: bytes) -> bytes:
    """The 32 bytes that all of a raffle's places come from."""
    return sha256(lock + randomness).digest()


def draw_ticket(seed: bytes, block: int, remaining: int) -> tuple[int, int]:
    """One of ``remaining`` (at least 1) tickets, counted from 0, and the block to go on with.

    A block whose integer lies in the incomplete last run of ``remaining`` is passed over: taken modulo, it
    would favour the lowest tickets.
    """
    limit = _RANGE - _RANGE % remaining
    while True:
        number = int.from_bytes(sha256(seed + block.to_bytes(4, "big")).digest()[:16], "big")
        block += 1
        if number < limit:
            return number % remaining, block


def draw_places(seed: bytes, entries: Sequence[tuple[str, int]], count: int) -> list[PlacedTicket]:
    """The first ``count`` places, fewer where there are fewer entrants.

    ``entries`` are entrant and tickets in log order. An entrant who takes a place leaves with all its
    entries. Raises ``ValueError`` for an entry without a ticket. A million entries take about a second.
    """
    if any(tickets < 1 for _, tickets in entries):
        raise ValueError("an entry holds at least one ticket")
    counts = [tickets for _, tickets in entries]
    firsts = list(accumulate(counts, initial=1))
    remaining = _Tickets(counts)
    last, before = _link_entries(entries)
    placed: list[PlacedTicket] = []
    block = 0
    while len(placed) < count and remaining.total:
        number, block = draw_ticket(seed, block, remaining.total)
        entry, offset = remaining.find(number)
        entrant = entries[entry][0]
        placed.append(PlacedTicket(firsts[entry] + offset, entry, entrant))
        leaving = last[entrant]
        while leaving >= 0:
            remaining.take(leaving, counts[leaving])
            leaving = before[leaving]
    return placed


def _link_entries(entries: Sequence[tuple[str, int]]) -> tuple[dict[str, int], list[int]]:
    """Each entrant's last entry, and for each entry the one before it of the same entrant, or −1."""
    last: dict[str, int] = {}
    before = []
    for entry, (entrant, _) in enumerate(entries):
        before.append(last.get(entrant, -1))
        last[entrant] = entry
    return last, before


class _Tickets:
    """The tickets that remain of each entry, as a Fenwick tree: finding and taking cost a logarithm.

    ``_sums[i]`` (i from 1) counts the tickets of the entries i − b … i − 1, where b is the lowest bit set
    in i.
    """

    def __init__(self, counts: list[int]) -> None:
        self.total = sum(counts)
        self._sums = [0, *counts]
        sums, size = self._sums, len(self._sums)
        for place in range(1, size):
            above = place + (place & -place)
            if above < size:
                sums[above] += sums[place]

    def find(self, number: int) -> tuple[int, int]:
        """The entry that holds remaining ticket ``number``, and which of its own that is; all from 0."""
        entry, step = 0, 1 << len(self._sums).bit_length()
        while step:
            further = entry + step
            if further < len(self._sums) and self._sums[further] <= number:
                entry, number = further, number - self._sums[further]
            step >>= 1
        return entry, number

    def take(self, entry: int, tickets: int) -> None:
        """Takes that many away from the entry."""
        self.total -= tickets
        place = entry + 1
        while place < len(self._sums):
            self._sums[place] -= tickets
            place += place & -place
