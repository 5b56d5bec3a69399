"""Standing bids, one a member, kept in order as they come, so that a close never sorts them.

A *rank* orders bids by price, then by quantity where that counts, then by time: the earlier is the higher.
Where everybody sees the price to be in, bids that get something now stand apart from the others: they are
few, and the lowest of them, the *margin*, is at hand.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import chain

from sortedcontainers import SortedList

_NUMBER_BITS = 20
_QUANTITY_BITS = 10
_PRICE_SHIFT = _QUANTITY_BITS + _NUMBER_BITS
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1


def rank_bid(maximum: int, quantity: int, number: int) -> int:
    """A bid's rank; the higher, the better. ``quantity`` is at most 1 000, 0 where it does not count."""
    return (((maximum << _QUANTITY_BITS) + quantity) << _NUMBER_BITS) + _NUMBER_MASK - number


def lowest_rank(maximum: int) -> int:
    """No bid at this price ranks lower."""
    return maximum << _PRICE_SHIFT


def price_in(rank: int) -> int:
    """The price of the bid with this rank."""
    return rank >> _PRICE_SHIFT


def number_in(rank: int) -> int:
    """The number that decides between bids that are equal otherwise."""
    return _NUMBER_MASK - (rank & _NUMBER_MASK)


class Standing:
    """The ranks of all standing bids. ``weighs``: larger quantities are better; ``sealed``: bids are secret.

    Without a ``supply`` they all are ``others``. With one, those that get something now are ``inside``,
    rising: they ask for ``taken`` pieces, and without the lowest of them the supply would not be used up.
    ``quantities`` are what bids ask for, by rank. ``left`` are those that left a clock: they stand no more,
    but count for a second chance.
    """

    __slots__ = ("inside", "left", "others", "quantities", "sealed", "supply", "taken", "weighs")

    def __init__(
        self,
        quantities: Iterable[tuple[int, int]] = (),
        *,
        supply: int = 0,
        weighs: bool = False,
        sealed: bool = False,
        left: Iterable[int] = (),
    ) -> None:
        self.supply = supply
        self.weighs = weighs
        self.sealed = sealed
        self.inside: list[int] = []
        self.left: SortedList[int] = SortedList(left)
        self.taken = 0
        asked = dict(quantities)
        self.quantities: dict[int, int] = asked if supply else {}
        self.others: SortedList[int] = SortedList(asked)
        self._move_in()

    def __len__(self) -> int:
        return len(self.inside) + len(self.others)

    @property
    def margin(self) -> int:
        """The lowest rank that gets something, if the supply is used up; else 0."""
        return self.inside[0] if self.supply and self.taken >= self.supply else 0

    def best(self, place: int) -> int:
        """The rank at this place, from 0 for the highest; 0 where there are not so many."""
        inside = len(self.inside)
        if place < inside:
            return self.inside[-1 - place]
        return self.others[inside - place - 1] if place < len(self) else 0

    def lowest(self) -> int:
        """The lowest rank of all, or 0."""
        return self.best(len(self) - 1) if len(self) else 0

    def from_the_top(self) -> Iterator[int]:
        """All ranks, the best first."""
        return chain(reversed(self.inside), reversed(self.others))

    def count_from(self, rank: int) -> int:
        """How many of a standing without a supply are not lower than this rank."""
        return len(self.others) - self.others.bisect_left(rank)

    def place(self, rank: int, quantity: int, before: int = 0) -> list[int]:
        """Enters a bid, in the place of the one that ranked ``before`` (0: of none); returns the ranks of
        those that get nothing any more."""
        if not self.supply:
            if before:
                self.others.remove(before)
            self.others.add(rank)
            return []
        if before:
            self._forget(before)
        self.quantities[rank] = quantity
        overtaken: list[int] = []
        inside, others = self.inside, self.others
        room = self.taken < self.supply
        if (inside and rank > inside[0]) or (room and (not others or rank > others[-1])):
            insort(inside, rank)
            self.taken += quantity
            overtaken = self._move_out()
        else:
            others.add(rank)
        if room:
            self._move_in()
        return overtaken

    def take_out(self, rank: int) -> None:
        """Takes a bid out."""
        if self.supply:
            self._forget(rank)
            self._move_in()
        else:
            self.others.remove(rank)

    def asked_above(self, rank: int, *, but: int = 0) -> int:
        """How many pieces the bids above ``rank`` ask for, ``but`` for one, or the best of them, if these use
        the supply up."""
        asked = 0
        for one in self.from_the_top():
            if one <= rank or asked >= self.supply:
                break
            if one != but:
                asked += self.quantities[one]
        return asked

    def _forget(self, rank: int) -> None:
        quantity = self.quantities.pop(rank)
        if self.inside and rank >= self.inside[0]:
            del self.inside[bisect_left(self.inside, rank)]
            self.taken -= quantity
        else:
            self.others.remove(rank)

    def _move_out(self) -> list[int]:
        inside, quantities = self.inside, self.quantities
        moved = []
        while (left := self.taken - quantities[inside[0]]) >= self.supply:
            rank = inside.pop(0)
            self.taken = left
            self.others.add(rank)
            moved.append(rank)
        return moved

    def _move_in(self) -> None:
        while self.taken < self.supply and self.others:
            rank = self.others.pop()
            self.inside.insert(0, rank)
            self.taken += self.quantities[rank]
