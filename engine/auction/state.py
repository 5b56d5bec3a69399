"""What an auction is while it lives: terms, status, bids, ranking, sale."""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from engine.auction.increments import IncrementTable
from engine.commands import AuctionTerms
from engine.members import Lot
from engine.units import NEVER

DRAFT: Final = "draft"
SCHEDULED: Final = "scheduled"
OPEN: Final = "open"
PAUSED: Final = "paused"
SETTLED: Final = "settled"
UNSOLD: Final = "unsold"
CANCELLED: Final = "cancelled"

RUNNING: Final = frozenset((OPEN, PAUSED))

STANDING, VOID, DROPPED = range(3)
"""What became of a bid: it counts; a manager took it out; its member could not be held again after a void."""

BID_LIMIT = 200_000
"""Bids in one auction."""

BIDS_PER_BIDDER = 1_000
"""Bids of one member in one auction."""

_RANK_BITS = 20
_RANK_MASK = (1 << _RANK_BITS) - 1


class Bid(msgspec.Struct, array_like=True, gc=False):
    """One accepted bid.

    ``price`` is the auction's after it, ``factor`` the member's settlement terms in basis points, ``before``
    the number of the same bidder's standing bid before it (0: none), which has a lower maximum.
    """

    member: str
    maximum: int
    at: int
    price: int
    factor: int
    before: int = 0
    fate: int = STANDING


class Bidder(msgspec.Struct, array_like=True, gc=False):
    """A member in one auction: its number there (its pseudonym), the number of its highest standing bid (0:
    none), and how many bids it placed."""

    number: int
    last: int = 0
    count: int = 0


class Sale(msgspec.Struct, array_like=True, gc=False):
    """Who bought, the hammer price, what was paid from which lots; ``refunded_at`` 0 while it stands."""

    member: str
    price: int
    paid: int
    at: int
    parts: tuple[Lot, ...]
    refunded_at: int = 0


class Offer(msgspec.Struct, array_like=True, gc=False):
    """A second chance: ``member`` may buy at ``price`` on terms of ``factor`` basis points until
    ``lapses_at``."""

    member: str
    price: int
    factor: int
    lapses_at: int


@dataclass(slots=True)
class Auction:
    """An auction's whole state. A dataclass: its fields are set faster than a struct's.

    ``serial`` numbers auctions in the order of their making. ``minimum`` is the least maximum that another
    member's bid needs now. ``leader`` is a member's id or empty, ``leader_maximum`` its maximum. ``reserve``
    starts as the terms' and may be lowered. ``history`` holds all bids (bid n at index n − 1), ``ranking``
    the ``rank_of`` every standing bid, rising. ``hard_stop`` is the instant that no late bid moves the end
    past. ``excluded`` members get no second chance: they had it, or were refunded.
    """

    id: str
    terms: AuctionTerms
    increments: IncrementTable
    status: str
    price: int
    minimum: int
    reserve: int
    ends_at: int
    leader: str = ""
    leader_maximum: int = 0
    history: list[Bid] = field(default_factory=list)
    bidders: dict[str, Bidder] = field(default_factory=dict)
    ranking: list[int] = field(default_factory=list)
    serial: int = 0
    hard_stop: int = NEVER
    paused_at: int = 0
    ended_at: int = 0
    sale: Sale | None = None
    offer: Offer | None = None
    excluded: list[str] = field(default_factory=list)

    @property
    def reserve_met(self) -> bool:
        """Whether the leader's maximum reaches the reserve."""
        return self.leader_maximum >= self.reserve

    def standing_bid(self, member: str) -> Bid | None:
        """The member's highest standing bid."""
        last = self.bidders[member].last if member in self.bidders else 0
        return self.history[last - 1] if last else None

    def number_of(self, member: str) -> int:
        """The member's bidder number; 0 for one that has none, and for nobody."""
        return self.bidders[member].number if member in self.bidders else 0


def rank_of(maximum: int, number: int) -> int:
    """Orders bids by maximum; of equal ones the earlier is higher.

    Below 2⁶⁰, since a maximum has at most 40 bits. ``bid_of`` takes the bid's number out again.
    """
    return (maximum << _RANK_BITS) + _RANK_MASK - number


def bid_of(rank: int) -> int:
    """The number of the bid with this rank."""
    return _RANK_MASK - (rank & _RANK_MASK)
