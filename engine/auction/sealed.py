"""Sealed auctions of one piece: first price, and second price (Vickrey).

A member has one bid, secret until the close. It may be changed until then; a change is a new bid with a new
time, and lowers it only if the auction allows that. The highest bid wins. It pays its own amount, or the
greater of the second bid and the reserve (W. Vickrey, "Counterspeculation, auctions, and competitive sealed
tenders", 1961).

- Ties: the earlier bid wins; at second price it then pays its own amount.
- Reserve not met: unsold. A second bid below the reserve does not count.
- One bid: at second price it pays the reserve, or the opening price where that is higher.
- Supply is one piece, and fixed.
- Pause: no bids, and the end moves by the pause.
- Void: refused while bids are sealed, since the answer would tell who has bid. Cancel the auction, or refund
  its winner after the close.
- Second chance: the next-best bid, at its own amount.
- Losing bids stay secret after the close too.
"""

from collections.abc import Iterator

from engine.auction.price_clock import Problem, check_bare
from engine.auction.standing import price_in
from engine.auction.state import Auction, Bid, Clearing, Pieces
from engine.commands import AuctionTerms, Sealed
from engine.errors import Rejection


def check(terms: AuctionTerms, format: Sealed) -> Iterator[Problem]:
    """What may be wrong with a sealed auction."""
    yield from check_bare(terms, reserve=True, soft_close=False)


def check_change(before: Bid, maximum: int, quantity: int, *, may_lower: bool) -> None:
    """Whether a bid may take the place of the same member's ``before``. Raises
    ``Rejection("bid_not_raised")``."""
    if may_lower:
        return
    same = maximum == before.maximum and quantity == before.quantity
    if same or maximum < before.maximum or quantity < before.quantity:
        asked = (
            f"{before.maximum}" if before.quantity == 1 else f"{before.maximum} each for {before.quantity}"
        )
        raise Rejection(
            "bid_not_raised",
            f"Your bid stands at {asked}; it can be raised, not lowered.",
            maximum=before.maximum,
            quantity=before.quantity,
        )


def clear(auction: Auction, pieces: Pieces) -> Clearing:
    """The highest bid wins, if it reaches the reserve."""
    format = pieces.format
    assert isinstance(format, Sealed)
    first, second = auction.standing.best(0), auction.standing.best(1)
    least = max(auction.reserve, auction.terms.opening)
    if not first or price_in(first) < least:
        return Clearing()
    if format.pricing == "first":
        return Clearing(winners=1)
    return Clearing(winners=1, price=max(least, price_in(second) if second else 0))
