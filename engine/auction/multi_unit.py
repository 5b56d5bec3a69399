"""Auctions of several equal pieces: uniform price, and pay as bid.

A member has one bid: a price each, a quantity, and whether it accepts fewer. Bids are ordered by price, then
by larger quantity (unless time alone decides), then by time. Pieces go to the best bids in this order.

- The bid that does not fit any more is the last: it gets what is left if it accepts a part, else nothing, and
  what is left stays unsold. So no bid wins while a better one gets nothing.
- Uniform: everybody pays the lowest winning bid; or the highest losing one, but no less than the reserve and
  the opening price. A bid that is filled in part loses with the rest of it. Pay as bid: each its own.
- Reserve: bids below it win nothing and set no price; where no bid reaches it, the auction goes unsold.
- Fewer bids than pieces: all of them win; the rest stays unsold.
- Bids that are all equal: by time.
- Open: everybody sees the price to be in, a bid that would get nothing now is refused, and bids only rise. A
  late bid may move the end (soft close), but not one whose member was in before, which is to get something.
  One that is overtaken keeps its hold, may be raised, and may come in again where another is voided. Sealed:
  as in sealed.py.
- Supply may be lowered until the first bid; in a sealed auction not once it is open, since a refusal would
  tell that somebody has bid.
- Pause: no bids, and the end moves by the pause.
- Void: the bid is taken out, and its hold released; its member may bid anew.
- Second chance: the best bid that got nothing, at its own price, for the pieces that are left.
"""

from collections.abc import Iterator

from engine.auction.price_clock import Problem, check_bare
from engine.auction.standing import Standing, number_in, price_in
from engine.auction.state import Auction, Clearing, Pieces
from engine.commands import AuctionTerms, MultiUnit
from engine.errors import Rejection


def check(terms: AuctionTerms, format: MultiUnit) -> Iterator[Problem]:
    """What may be wrong with an auction of several pieces."""
    yield from check_bare(terms, reserve=True, soft_close=not format.sealed)
    yield (
        "format.may_lower",
        format.may_lower and not format.sealed,
        "In an open auction bids only rise; may_lower is for sealed ones.",
    )


def find_price(auction: Auction) -> int:
    """Sets the price and the minimum as things stand: the lowest price that gets something, and the least one
    that is sure to get one more piece. While there is something for everybody both are the opening price.
    Returns what ``left_out`` does."""
    standing = auction.standing
    if standing.taken < standing.supply:
        auction.price = auction.minimum = auction.terms.opening
        return 0
    inside, last = standing.inside, left_out(auction)
    auction.price = price_in(inside[1 if last else 0])
    auction.minimum = price_in(inside[0]) + 1
    return last


def left_out(auction: Auction) -> int:
    """The rank of the bid at the margin, if it gets nothing: it asks for more than is left, and accepts no
    part. Else 0."""
    standing = auction.standing
    if standing.taken <= standing.supply:
        return 0
    margin = standing.inside[0]
    return 0 if auction.history[number_in(margin) - 1].partial else margin


def check_in(auction: Auction, rank: int, before: int, quantity: int, partial: bool) -> None:
    """Whether a bid of this rank, in the place of the one that ranked ``before`` (0: none), would get
    something now. Raises ``Rejection("bid_too_low")``."""
    standing = auction.standing
    in_part = quantity == 1 or partial
    if in_part and (standing.taken < standing.supply or rank > standing.inside[0]):
        return
    if standing.asked_above(rank, but=before) + (1 if in_part else quantity) <= standing.supply:
        return
    least = auction.minimum
    raise Rejection(
        "bid_too_low",
        f"This would get nothing now: the price to be in is {least}, and higher for more pieces than fit.",
        minimum=least,
    )


def share_of(standing: Standing, rank: int, quantity: int, partial: bool) -> int:
    """How many pieces the bid of this rank gets as things stand."""
    margin = standing.margin
    if rank > margin:
        return quantity
    if rank < margin:
        return 0
    left = standing.supply - (standing.taken - quantity)
    return quantity if quantity <= left else left if partial else 0


def clear(auction: Auction, pieces: Pieces) -> Clearing:
    """Who wins, in as many looks as there are winners."""
    format = pieces.format
    assert isinstance(format, MultiUnit)
    left, winners, last = pieces.supply, 0, 0
    least = max(auction.reserve, auction.terms.opening)
    lowest = losing = least
    for rank in auction.standing.from_the_top():
        bid = auction.history[number_in(rank) - 1]
        if bid.maximum < least:
            break
        if not left or bid.quantity > left:
            losing = bid.maximum
        if not left:
            break
        if bid.quantity > left:
            if bid.partial:
                last, lowest = left, bid.maximum
                winners += 1
            break
        winners += 1
        left -= bid.quantity
        lowest = bid.maximum
    prices = {"lowest_winning": lowest, "highest_losing": losing, "pay_as_bid": 0}
    return Clearing(winners=winners, price=prices[format.pricing], last=last)
