"""What a crowd knows of the auctions, and what its members make of it.

Each member would learn prices from its own pushes and replies; a crowd in one process shares one book, so
that its bids are as good as the freshest news that any of them got.
"""

import random

import msgspec

from loadtests.wire import NOWHERE, AuctionState, BidTaken, Place, PriceClock

CLOSED = frozenset({"settled", "unsold", "cancelled", "auction_closed", "auction_not_open"})
"""Statuses and refusals after which nobody bids any more."""

ENDED = frozenset({"settled", "unsold", "cancelled"})
"""Statuses after which nothing changes any more."""

HEADROOM = 5
"""A member goes at most this many increments above the least that would do."""


class Entry(msgspec.Struct):
    """What is known of one auction. ``increment`` is a guess from the last price and minimum.

    ``format`` is the gateway's word; ``supply`` pieces are for sale, at a price that a ``clock`` may tell.
    """

    auction: str
    minimum: int
    increment: int
    place: Place = NOWHERE
    open: bool = True
    opening: int = 0
    format: str = "english"
    supply: int = 1
    clock: PriceClock | None = None
    ended: bool = False


class Book:
    """All that is known."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def find(self, auction: str) -> Entry | None:
        """What is known of an auction, if anything."""
        return self._entries.get(auction)

    def learn_state(self, state: AuctionState, place: Place) -> None:
        """Takes a state, unless something newer is known."""
        entry = self._advance(state.id, state.minimum, state.price, place)
        if entry is not None:
            entry.open, entry.ended = state.status == "open", state.status in ENDED
            entry.opening, entry.format = state.opening, state.format
            if state.pieces is not None:
                entry.supply, entry.clock = state.pieces.supply, state.pieces.clock

    def learn_bid(self, taken: BidTaken, place: Place) -> None:
        """Takes what the reply to a bid tells, unless something newer is known."""
        self._advance(taken.auction, taken.minimum, taken.price, place)

    def learn_refusal(self, auction: str, code: str, minimum: int) -> None:
        """Takes what a refusal tells: a minimum, or that the auction is over."""
        entry = self._entries.get(auction)
        if entry is None:
            return
        entry.minimum = max(entry.minimum, minimum)
        if code in CLOSED:
            entry.open = False

    def _advance(self, auction: str, minimum: int, price: int, place: Place) -> Entry | None:
        entry = self._entries.get(auction)
        if entry is None:
            entry = self._entries[auction] = Entry(auction, minimum, max(1, minimum - price), place)
        elif place < entry.place:
            return None
        entry.minimum, entry.place = minimum, place
        if price and minimum > price:
            entry.increment = minimum - price
        return entry


def choose_maximum(entry: Entry, own: int, available: int, draw: random.Random) -> int:
    """What a member offers: the least that would do and up to ``HEADROOM`` increments more, as far as its
    points go.

    ``own`` is its highest maximum there so far, whose points count as available if it still leads. 0 if it
    cannot.
    """
    least = max(entry.minimum, own + 1)
    if least > available:
        return 0
    return min(available, least + draw.randint(0, HEADROOM) * entry.increment)
