"""Ascending clocks (Japanese auctions): the price rises, members leave, the last ones in win.

The price stands at the opening price for the time of entry; whoever wants to take part joins then, with a
maximum that is held and that nobody sees. After it the price rises by a step an interval. A member is out as
soon as the price is above its maximum, or when it says out; nobody comes back, but whoever is in may raise
its maximum. The clock stops once no more members are in than there are pieces (after the entry), and
everybody who is left pays the price at which the one before left.

- Ties: several may fall out at one step, and leave fewer than there are pieces. Then the step is one too
  many: the best of all maxima win, the earlier to join of equal ones, at the price before it.
- Reserve: it counts like one more bidder for every piece, that leaves at the first price that is not below
  it. Where nobody is in then, the auction goes unsold. Lowered while the clock runs, it does not bring the
  price below what was shown.
- Fewer members than pieces: the clock stops with the entry; all pay the opening price, or what the reserve
  makes of it; the rest stays unsold.
- ``ends_at`` cuts the clock short: the highest maxima win, at the price that it shows then.
- Who said out has a maximum of the price before it; so it is offered a second chance at that price, and who
  fell out at its own maximum.
- Supply may be lowered until the first member joins.
- Pause: the price stands still, nobody joins or leaves. Opened by hand, the auction keeps its length.
- Void: the member is out; the price does not fall. Cancel: all holds are released.
"""

from collections.abc import Iterator

from engine.auction.price_clock import (
    Problem,
    check_bare,
    check_steps,
    instant_of,
    price_after,
    price_at,
    steps_at,
    steps_past,
)
from engine.auction.standing import lowest_rank, price_in
from engine.auction.state import LEFT, Auction, Bid, Clearing, Pieces
from engine.commands import AscendingClock, AuctionTerms
from engine.errors import Rejection


def check(terms: AuctionTerms, format: AscendingClock) -> Iterator[Problem]:
    """What may be wrong with an ascending clock."""
    yield from check_bare(terms, reserve=True, soft_close=False)
    yield from check_steps(format)
    yield "format.entry", format.entry == 0, "Members need some time (ms) to join, before the price rises."
    yield (
        "ends_at",
        terms.ends_at - terms.starts_at <= format.entry,
        "ends_at must lie after the time of entry.",
    )


def check_bid(auction: Auction, pieces: Pieces, before: Bid | None, maximum: int, at: int) -> int:
    """Whether a member that has ``before`` may be in up to ``maximum``; returns the price shown.

    Raises ``Rejection``: ``entry_is_over``, ``bid_too_low``, ``bid_not_raised``.
    """
    entering = at < instant_of(pieces, 0)
    price = auction.terms.opening if entering else price_at(auction, pieces, at)
    if before is None:
        if not entering:
            raise Rejection("entry_is_over", "Members join before the price begins to rise; this clock runs.")
    elif before.fate == LEFT or before.maximum < price:
        raise Rejection("entry_is_over", "You are out; nobody comes back to a clock.", price=price)
    elif maximum <= before.maximum:
        raise Rejection(
            "bid_not_raised",
            f"You are in up to {before.maximum}; that can be raised. Say out to leave now.",
            maximum=before.maximum,
        )
    if maximum < price:
        raise Rejection("bid_too_low", f"The clock shows {price}.", minimum=price, price=price)
    return price


def stop_of(auction: Auction, pieces: Pieces) -> int:
    """When (ms) the clock stops, as things stand: after the entry, at the first price that leaves no more
    members in than there are pieces, and is not below the reserve; or that leaves nobody."""
    return instant_of(pieces, _last_step(auction, pieces))


def count_in(auction: Auction, price: int) -> int:
    """How many members are in at this price."""
    return auction.standing.count_from(lowest_rank(price))


def clear(auction: Auction, pieces: Pieces) -> Clearing:
    """Who wins when the clock has stopped, or was cut short: the best maxima."""
    format, terms, standing = pieces.format, auction.terms, auction.standing
    assert isinstance(format, AscendingClock)
    stop = _last_step(auction, pieces)
    shown = steps_at(auction, pieces, auction.ends_at)
    wanted = min(pieces.supply, len(standing))
    if not wanted:
        return Clearing()
    lowest = price_in(standing.best(wanted - 1))
    if shown < stop:
        price = price_after(terms, format, shown)
        met = price >= auction.reserve
        return Clearing(winners=_count_down(auction, wanted, price), price=price) if met else Clearing()
    price = price_after(terms, format, stop)
    before = price_after(terms, format, stop - 1) if stop else 0
    if lowest < price and before >= max(auction.reserve, pieces.lifted, terms.opening):
        price = before
    if price < auction.reserve:
        return Clearing()
    return Clearing(winners=_count_down(auction, wanted, price), price=price)


def _count_down(auction: Auction, wanted: int, price: int) -> int:
    return min(wanted, count_in(auction, price))


def _last_step(auction: Auction, pieces: Pieces) -> int:
    """The step at which the clock stops, if ``ends_at`` lets it."""
    format, terms, standing = pieces.format, auction.terms, auction.standing
    assert isinstance(format, AscendingClock)
    loser = standing.best(pieces.supply)
    step = steps_past(terms, format, price_in(loser)) if loser else 0
    least = max(auction.reserve, pieces.lifted)
    if least > terms.opening:
        step = max(step, steps_past(terms, format, least - 1))
    highest = standing.best(0)
    out = steps_past(terms, format, price_in(highest)) if highest else 0
    return min(step, out)
