"""The formats side by side: what each decides for itself. English has no settings, and stands apart."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from engine.auction import ascending_clock, dutch, multi_unit, sealed
from engine.auction.price_clock import Problem
from engine.auction.state import Auction, Clearing, Pieces
from engine.commands import AscendingClock, AuctionTerms, Dutch, MultiUnit, Sealed


class FormatRules(NamedTuple):
    """``check`` says what may be wrong with terms and settings, ``clear`` who wins at the close."""

    check: Callable[[AuctionTerms, Any], Iterator[Problem]]
    clear: Callable[[Auction, Pieces], Clearing]


RULES: Final = {
    Dutch: FormatRules(dutch.check, dutch.clear),
    Sealed: FormatRules(sealed.check, sealed.clear),
    MultiUnit: FormatRules(multi_unit.check, multi_unit.clear),
    AscendingClock: FormatRules(ascending_clock.check, ascending_clock.clear),
}
