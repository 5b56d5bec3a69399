"""Dutch auctions: a descending clock.

The price falls from the opening price to the floor, a step an interval, and stays there until the auction
ends. Who takes pieces names the most that it will pay, and pays the price of its entry's instant at once;
each taker its own price.

- Ties cannot be: the log's order is the order of takes. A take of more pieces than are left is refused.
- Reserve: the floor is the reserve; there is no other.
- Fewer takes than pieces: those that were sold stay sold; the auction ends settled. Without a take it ends
  unsold, at ``ends_at``, which lies at the floor's instant or after it.
- Supply may be lowered until the first take.
- Pause: the price stands still, and goes on where it stood.
- Opened by hand, earlier or later than planned, it keeps its length: its end moves along.
- Void: the taker gets its points back, the pieces are for sale again. Cancel: everybody gets them back.
- Second chance: there is no runner-up.
"""

from collections.abc import Iterator

from engine.auction import sale
from engine.auction.price_clock import Problem, check_bare, check_steps, price_at, steps_to_floor
from engine.auction.state import SETTLED, Auction, Bid, Bidder, Clearing, Pieces, Sale
from engine.commands import AuctionTerms, Dutch
from engine.errors import Rejection
from engine.members import Member
from engine.program import Program


def check(terms: AuctionTerms, format: Dutch) -> Iterator[Problem]:
    """What may be wrong with a Dutch auction."""
    yield from check_bare(terms, reserve=False, soft_close=False)
    yield from check_steps(format)
    yield "format.floor", format.floor >= terms.opening, "The floor must lie below the opening price."
    falls_for = steps_to_floor(terms, format) * format.interval
    yield (
        "ends_at",
        terms.ends_at - terms.starts_at < falls_for,
        f"The price needs {falls_for} ms to reach its floor; ends_at must not lie before that.",
    )


def price_to_take(auction: Auction, pieces: Pieces, maximum: int, quantity: int, at: int) -> int:
    """The price of a piece at ``at`` ms. Raises ``Rejection``: ``bid_too_low``, ``too_many_pieces``."""
    left = pieces.supply - pieces.sold
    if quantity > left:
        raise Rejection("too_many_pieces", f"{left} left; ask for no more.", left=left)
    price = price_at(auction, pieces, at)
    if maximum < price:
        raise Rejection("bid_too_low", f"The price is {price} now.", minimum=price, price=price)
    return price


def sell(
    program: Program,
    auction: Auction,
    pieces: Pieces,
    member: Member,
    bidder: Bidder,
    bid: Bid,
    paid: int,
) -> None:
    """Sells at once what a bid just entered takes; the last piece ends the auction."""
    at, price = program.at, bid.price
    parts = program.ledger.spend(member, paid)
    bidder.sales += (len(pieces.sales),)
    number = len(auction.history)
    pieces.sales.append(Sale(member.id, price, paid, at, parts, 0, number, bid.quantity))
    pieces.sold += bid.quantity
    if pieces.sold == pieces.supply:
        sale.end(program, auction, SETTLED, at, at)


def clear(auction: Auction, pieces: Pieces) -> Clearing:
    """Nobody wins at the close: who took something has paid."""
    return Clearing()
