"""Price clocks: what a Dutch auction and an ascending clock ask at an instant.

A price is a function of the stamp and of the time spent paused, never of a timer. After n steps it is
``opening`` ∓ n × ``step`` points, or ``opening`` ∓ n × ``step_share`` basis points of ``opening``, rounded
half up once, so that roundings don't add up.
"""

from collections.abc import Iterator

from engine.auction.state import Auction, Pieces
from engine.commands import AscendingClock, AuctionTerms, Dutch
from engine.units import MAXIMUM_POINTS, MAXIMUM_TIME, ONE, apply_factor

Problem = tuple[str, bool, str]
"""A field, whether it is wrong, and what would be right."""


def price_after(terms: AuctionTerms, format: Dutch | AscendingClock, steps: int) -> int:
    """The price after so many steps, in points: not below a Dutch floor, nor above what there can be."""
    change = (
        apply_factor(terms.opening, format.step_share * steps) if format.step_share else format.step * steps
    )
    if isinstance(format, Dutch):
        return max(format.floor, terms.opening - change)
    return min(terms.opening + change, MAXIMUM_POINTS)


def steps_past(terms: AuctionTerms, format: AscendingClock, maximum: int) -> int:
    """The first step at which an ascending clock's price would be above ``maximum``, if there were no
    greatest price."""
    distance = maximum - terms.opening
    if distance < 0:
        return 0
    return _steps_for(terms, format, distance + 1)


def steps_to_floor(terms: AuctionTerms, format: Dutch) -> int:
    """After how many steps a Dutch price has reached its floor."""
    return _steps_for(terms, format, terms.opening - format.floor)


def _steps_for(terms: AuctionTerms, format: Dutch | AscendingClock, change: int) -> int:
    """After how many steps the price has changed by so many points at least: half a point less does for a
    share, which is rounded half up."""
    if not format.step_share:
        return -(-change // format.step)
    return -(-(change * ONE - ONE // 2) // (terms.opening * format.step_share))


def price_at(auction: Auction, pieces: Pieces, at: int) -> int:
    """What the clock shows at ``at`` ms; while it is paused, what it showed then."""
    format = pieces.format
    assert isinstance(format, Dutch | AscendingClock)
    return price_after(auction.terms, format, steps_at(auction, pieces, at))


def steps_at(auction: Auction, pieces: Pieces, at: int) -> int:
    """How many steps the clock has made by ``at`` ms."""
    format = pieces.format
    assert isinstance(format, Dutch | AscendingClock)
    if not pieces.opened_at:
        return 0
    ran = (auction.paused_at or at) - pieces.opened_at - pieces.paused_for - entry_of(format)
    return max(0, ran) // format.interval


def instant_of(pieces: Pieces, steps: int) -> int:
    """When (ms) the clock makes its last of so many steps, if it is not paused any more; no later than there
    are instants."""
    format = pieces.format
    assert isinstance(format, Dutch | AscendingClock)
    ran = pieces.opened_at + pieces.paused_for + entry_of(format) + steps * format.interval
    return min(ran, MAXIMUM_TIME)


def entry_of(format: Dutch | AscendingClock) -> int:
    """How long (ms) the price stands still at first."""
    return format.entry if isinstance(format, AscendingClock) else 0


def check_steps(format: Dutch | AscendingClock) -> Iterator[Problem]:
    """What may be wrong with a clock's steps."""
    yield (
        "format.step",
        bool(format.step) == bool(format.step_share),
        "Give a step in points, or a step_share in basis points of the opening price: one of the two.",
    )


def check_bare(terms: AuctionTerms, *, reserve: bool, soft_close: bool) -> Iterator[Problem]:
    """What only English auctions have: no buy-now, no increments; a ``reserve`` or ``soft_close`` where the
    format allows it."""
    yield "buy_now", terms.buy_now > 0, "This format has no price to buy at once; use 0."
    yield "increments", bool(terms.increments), "This format has no increments; leave them out."
    yield "reserve", terms.reserve > 0 and not reserve, "This format has no reserve; use 0: its floor is one."
    yield "soft_close", terms.soft_close is not None and not soft_close, "This format has no soft close."
