"""Which terms of an auction make no sense to the naive model, and what a price clock makes of them. See
formats.py."""

from collections.abc import Iterator

from engine import commands as c
from engine.simulator.auditor.quotes import share_of
from engine.units import DAY

Clock = c.Dutch | c.AscendingClock


def are_wrong(terms: c.AuctionTerms, format: c.Format | None) -> bool:
    """Whether no auction of this format (None: English) can have these terms."""
    if any(_wrong_for_all(terms)):
        return True
    return format is not None and (any(_wrong_for_others(terms, format)) or any(_wrong_for(terms, format)))


def _wrong_for_all(terms: c.AuctionTerms) -> Iterator[bool]:
    yield not 0 < terms.ends_at - terms.starts_at <= 366 * DAY
    yield 0 < terms.reserve < terms.opening
    yield 0 < terms.buy_now <= max(terms.opening, terms.reserve - 1)
    yield terms.soft_close is not None and 0 in (terms.soft_close.window, terms.soft_close.extension)
    yield 0 in terms.settlement_factors.values()


def _wrong_for_others(terms: c.AuctionTerms, format: c.Format) -> Iterator[bool]:
    """What only English auctions have."""
    yield terms.buy_now > 0 or bool(terms.increments)
    yield terms.reserve > 0 and isinstance(format, c.Dutch)
    open_pieces = isinstance(format, c.MultiUnit) and not format.sealed
    yield terms.soft_close is not None and not open_pieces


def _wrong_for(terms: c.AuctionTerms, format: c.Format) -> Iterator[bool]:
    if isinstance(format, c.MultiUnit):
        yield format.may_lower and not format.sealed
    if isinstance(format, Clock):
        # One of the two.
        yield (format.step > 0) is (format.step_share > 0)
    if isinstance(format, c.AscendingClock):
        yield format.entry == 0
        yield terms.ends_at - terms.starts_at <= format.entry
    if isinstance(format, c.Dutch):
        yield format.floor >= terms.opening
        steps = 0
        while price_after(terms.opening, format, steps) > format.floor:
            steps += 1
        yield terms.ends_at - terms.starts_at < steps * format.interval


def price_after(opening: int, format: Clock, steps: int) -> int:
    """What the clock shows after so many steps; a share of the opening price is rounded once."""
    change = steps * format.step if format.step else share_of(opening, steps * format.step_share)
    if isinstance(format, c.Dutch):
        return max(format.floor, opening - change)
    return opening + change
