"""What an auction is while it lives: terms, status, bids, ranking, sale.

An English auction's whole state stands in ``Auction`` itself. One of another format has ``Pieces`` beside,
and its bids stand in a ``Standing``: one a member, kept in order as they come.
"""

from dataclasses import dataclass, field
from typing import Final

import msgspec

from engine.auction.increments import IncrementTable
from engine.auction.standing import Standing, number_in, rank_bid
from engine.commands import AuctionTerms, Dutch, Format, MultiUnit, Sealed
from engine.members import Lot
from engine.units import NEVER

DRAFT: Final = "draft"
SCHEDULED: Final = "scheduled"
OPEN: Final = "open"
PAUSED: Final = "paused"
CLOSING: Final = "closing"
SETTLED: Final = "settled"
UNSOLD: Final = "unsold"
CANCELLED: Final = "cancelled"

RUNNING: Final = frozenset((OPEN, PAUSED))

STANDING, VOID, DROPPED, REPLACED, LEFT = range(5)
"""What became of a bid: it counts; a manager took it out; its member could not be held again after a void;
its member changed it; its member left the clock."""

BID_LIMIT = 200_000
"""Bids in one auction."""

BIDS_PER_BIDDER = 1_000
"""Bids of one member in one auction."""

_RANK_BITS = 20
_RANK_MASK = (1 << _RANK_BITS) - 1


class Bid(msgspec.Struct, array_like=True, gc=False):
    """One accepted bid.

    ``price`` is the auction's after it, ``factor`` the member's settlement terms in basis points, ``before``
    the number of the same bidder's standing bid before it (0: none), which has a lower maximum. Where there
    are several pieces, ``maximum`` is the price for each of ``quantity``; ``partial`` accepts fewer.
    """

    member: str
    maximum: int
    at: int
    price: int
    factor: int
    before: int = 0
    fate: int = STANDING
    quantity: int = 1
    partial: bool = False


class Bidder(msgspec.Struct, array_like=True, gc=False):
    """A member in one auction: its number there (its pseudonym), the number of its highest standing bid (0:
    none), and how many bids it placed.

    ``since`` is the number of the bid that places it among equal ones, where that is not its last.
    ``sales`` are the indexes of its sales, where there are several pieces.
    """

    number: int
    last: int = 0
    count: int = 0
    since: int = 0
    sales: tuple[int, ...] = ()


class Sale(msgspec.Struct, array_like=True, gc=False):
    """Who bought, the hammer price of a piece, what was paid from which lots; ``refunded_at`` 0 while it
    stands. ``bid`` is the number of the bid that won ``quantity`` pieces."""

    member: str
    price: int
    paid: int
    at: int
    parts: tuple[Lot, ...]
    refunded_at: int = 0
    bid: int = 0
    quantity: int = 1


class Offer(msgspec.Struct, array_like=True, gc=False):
    """A second chance: ``member`` may buy ``quantity`` pieces at ``price`` on terms of ``factor`` basis
    points until ``lapses_at``. ``bid`` is the number of its bid."""

    member: str
    price: int
    factor: int
    lapses_at: int
    bid: int = 0
    quantity: int = 1


class Clearing(msgspec.Struct, array_like=True, gc=False):
    """Who wins, decided at the close, and how far that is carried out.

    The first ``winners`` of the ranking win, at ``price`` (0: each at its own), all that they asked for but
    the last, which gets ``last`` pieces. ``done`` of them have paid, ``released`` of the others have been
    looked at. In a cancelled auction ``refunded`` sales have been looked at.
    """

    winners: int = 0
    price: int = 0
    last: int = 0
    done: int = 0
    released: int = 0
    refunded: int = 0


class Pieces(msgspec.Struct, array_like=True):
    """What an auction of another format than English has beside the rest.

    ``supply`` starts as the format's and may be lowered; ``sold`` of it are sold and not refunded.
    ``opened_at`` is the instant (ms) that a price clock counts from, ``paused_for`` how long (ms) it stood
    still. ``stops_at`` is when (ms) an ascending clock may have stopped, NEVER where there is none;
    ``lifted`` is the least price that it can stop at, since it showed that when somebody left or the reserve
    was lowered.
    """

    format: Format
    supply: int
    opened_at: int = 0
    paused_for: int = 0
    stops_at: int = NEVER
    lifted: int = 0
    sold: int = 0
    sales: list[Sale] = []
    clearing: Clearing | None = None

    @property
    def sealed(self) -> bool:
        """Whether bids are secret until the close."""
        format = self.format
        return isinstance(format, Sealed) or (isinstance(format, MultiUnit) and format.sealed)


class _Derived:
    """What follows from an auction's bids, and is not written down."""

    __slots__ = ("standing",)

    standing: Standing


@dataclass(slots=True)
class Auction(_Derived):
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
    pieces: Pieces | None = None

    def __post_init__(self) -> None:
        restore_standing(self)
        _number_second_chances(self)

    @property
    def hides_bids(self) -> bool:
        """Whether nobody but a bid's own member may learn of it now."""
        return not self.ended_at and self.pieces is not None and self.pieces.sealed and self.status != CLOSING

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


def supply_of(format: Format) -> int:
    """How many pieces an auction of this format sells."""
    return 1 if isinstance(format, Sealed) else format.supply


def subject_of(auction: Auction, member: str) -> str:
    """What the member's points are held for: an English auction holds one member's at a time, the others one
    hold a member. No id has a slash."""
    return auction.id if auction.pieces is None else f"{auction.id}/{member}"


def rank_in(auction: Auction, bid: Bid, number: int) -> int:
    """Where a bid belongs among an auction's standing bids; ``number`` decides between equal ones."""
    return rank_bid(bid.maximum, bid.quantity if auction.standing.weighs else 0, number)


def rank_of_member(auction: Auction, member: str) -> int:
    """The rank of the member's standing bid."""
    bidder = auction.bidders[member]
    return rank_in(auction, auction.history[bidder.last - 1], bidder.since or bidder.last)


def sales_of(auction: Auction) -> list[Sale]:
    """All sales, also refunded ones."""
    if auction.pieces is not None:
        return auction.pieces.sales
    return [auction.sale] if auction.sale is not None else []


def ranked_bid(auction: Auction, rank: int) -> Bid:
    """The standing bid of this rank."""
    member = auction.history[number_in(rank) - 1].member
    return auction.history[auction.bidders[member].last - 1]


def restore_standing(auction: Auction) -> None:
    """Finds the order of an auction's bids again, which is not written down."""
    # A slot of the base: mypy knows those of the dataclass only.
    auction.standing = _find_standing(auction)  # type: ignore[misc]


def _number_second_chances(auction: Auction) -> None:
    """Fills in what snapshots from before level 4 lack: which bid a second chance was for. Replay has it.

    Who was offered one is among the ``excluded``, and a refund adds its member there once more.
    """
    if auction.pieces is not None:
        return
    offer, sale = auction.offer, auction.sale
    if offer is not None and not offer.bid:
        offer.bid = auction.bidders[offer.member].last
    if sale is not None and not sale.bid:
        offered = auction.excluded.count(sale.member) > (1 if sale.refunded_at else 0)
        sale.bid = auction.bidders[sale.member].last if offered else 0


def _find_standing(auction: Auction) -> Standing:
    pieces = auction.pieces
    if pieces is None or isinstance(pieces.format, Dutch):
        return Standing()
    format = pieces.format
    weighs = isinstance(format, MultiUnit) and format.order == "quantity"
    tracked = isinstance(format, MultiUnit) and not format.sealed
    asked, left = [], []
    for bidder in auction.bidders.values():
        bid = auction.history[bidder.last - 1] if bidder.last else None
        if bid is None or bid.fate not in (STANDING, LEFT):
            continue
        rank = rank_bid(bid.maximum, bid.quantity if weighs else 0, bidder.since or bidder.last)
        if bid.fate == LEFT:
            left.append(rank)
        else:
            asked.append((rank, bid.quantity))
    supply = pieces.supply if tracked else 0
    return Standing(asked, supply=supply, weighs=weighs, sealed=pieces.sealed, left=left)


def rank_of(maximum: int, number: int) -> int:
    """Orders bids by maximum; of equal ones the earlier is higher.

    Below 2⁶⁰, since a maximum has at most 40 bits. ``bid_of`` takes the bid's number out again.
    """
    return (maximum << _RANK_BITS) + _RANK_MASK - number


def bid_of(rank: int) -> int:
    """The number of the bid with this rank."""
    return _RANK_MASK - (rank & _RANK_MASK)
