"""What an auction of another format than English is to the naive model: a list of bids, and what follows from
it; a price clock is moved step by step. See formats.py.
"""

from dataclasses import dataclass, field

from engine import commands as c
from engine.simulator.auditor.clearings import Asked, Won, clear_by_trial, clear_sealed
from engine.simulator.auditor.points import FOREVER, Parts
from engine.simulator.auditor.terms import Clock, price_after


@dataclass
class PieceBid:
    """``fate``: stands, voided, replaced by a later one of the same member, or left."""

    member: str
    maximum: int
    quantity: int
    partial: bool
    factor: int
    fate: str = "stands"


@dataclass
class PieceSale:
    bid: int
    member: str
    quantity: int
    price: int
    parts: Parts
    paid: int
    stands: bool = True


@dataclass
class PieceOffer:
    bid: int
    member: str
    quantity: int
    price: int
    factor: int
    lapses_at: int


@dataclass
class PieceAuction:
    """``price`` is the clock's; ``steps`` are −1 in the time of entry. ``queue`` has the numbers of the bids
    that count, in the order that decides between equal ones."""

    id: str
    terms: c.AuctionTerms
    format: c.Format
    supply: int
    price: int
    reserve: int
    ends_at: int
    hard_stop: int
    status: str = "draft"
    paused_at: int = 0
    ended_at: int = 0
    steps: int = 0
    next_step_at: int = FOREVER
    bids: list[PieceBid] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    sales: list[PieceSale] = field(default_factory=list)
    offer: PieceOffer | None = None
    asked: set[str] = field(default_factory=set)

    # Bids.

    @property
    def sealed(self) -> bool:
        return isinstance(self.format, c.Sealed) or (
            isinstance(self.format, c.MultiUnit) and self.format.sealed
        )

    def standing(self) -> list[PieceBid]:
        """Those that stand, the earliest first."""
        bids = [self.bids[number - 1] for number in self.queue]
        return [bid for bid in bids if bid.fate == "stands"]

    def bid_of(self, member: str) -> PieceBid | None:
        """The member's bid that stands."""
        if isinstance(self.format, c.Dutch):
            return None
        return next((bid for bid in self.standing() if bid.member == member), None)

    def number_of(self, bid: PieceBid) -> int:
        return next(number for number, other in enumerate(self.bids, 1) if other is bid)

    def best(self, bids: list[PieceBid]) -> list[PieceBid]:
        """These bids in their order: by price, by quantity where that counts, then by time."""
        weighs = isinstance(self.format, c.MultiUnit) and self.format.order == "quantity"
        places = {self.queue[place]: place for place in range(len(self.queue))}
        return sorted(
            bids,
            key=lambda bid: (-bid.maximum, -bid.quantity if weighs else 0, places[self.number_of(bid)]),
        )

    # Sales.

    def sold(self) -> int:
        return sum(sale.quantity for sale in self.sales if sale.stands)

    def runner_up(self) -> PieceBid | None:
        """The best bid that got nothing, had no chance yet, and that what is left satisfies."""
        left = self.supply - self.sold()
        passed = self.asked | {sale.member for sale in self.sales if sale.stands}
        counting = [self.bids[number - 1] for number in self.queue]
        for bid in self.best([bid for bid in counting if bid.fate in ("stands", "left")]):
            fits = bid.quantity <= left or bid.partial
            if bid.member not in passed and fits and bid.maximum >= self.terms.opening:
                return bid
        return None

    # Who gets what.

    def won_now(self, *, reserve: int = 0, instead: Asked | None = None) -> Won:
        """Who would get what if these were all bids; ``instead`` takes the place of its member's."""
        assert isinstance(self.format, c.MultiUnit)
        standing = [
            Asked(bid.member, bid.maximum, bid.quantity, bid.partial)
            for bid in self.standing()
            if instead is None or bid.member != instead.member
        ]
        if instead is not None:
            standing.append(instead)
        format, opening = self.format, self.terms.opening
        return clear_by_trial(
            standing,
            self.supply,
            pricing=format.pricing,
            order=format.order,
            opening=opening,
            reserve=reserve,
        )

    def won_at_the_close(self) -> Won:
        """Who gets what of a sealed auction, or one of several pieces."""
        if isinstance(self.format, c.MultiUnit):
            return self.won_now(reserve=self.reserve)
        assert isinstance(self.format, c.Sealed)
        asked = [Asked(bid.member, bid.maximum) for bid in self.standing()]
        return clear_sealed(asked, self.format.pricing, max(self.reserve, self.terms.opening))

    # What it shows.

    @property
    def minimum(self) -> int:
        """The least price that is sure to get one more piece."""
        if isinstance(self.format, Clock):
            return self.price
        opening = self.terms.opening
        if self.sealed:
            return opening
        near = {opening} | {bid.maximum + more for bid in self.standing() for more in (0, 1)}
        return next(
            price
            for price in sorted(near)
            if "a newcomer" in self.won_now(instead=Asked("a newcomer", price))
        )

    @property
    def shown_price(self) -> int:
        """The lowest price that gets something, once the supply is used up."""
        if isinstance(self.format, Clock):
            return self.price
        if self.sealed or sum(bid.quantity for bid in self.standing()) < self.supply:
            return self.terms.opening
        won = self.won_now()
        return min([bid.maximum for bid in self.standing() if bid.member in won], default=self.terms.opening)

    # Price clocks.

    def start_clock(self, at: int) -> None:
        if isinstance(self.format, c.Dutch):
            self.steps, self.next_step_at = 0, at + self.format.interval
        elif isinstance(self.format, c.AscendingClock):
            self.steps, self.next_step_at = -1, at + self.format.entry

    def step(self) -> None:
        """One step of the clock; the first one of an ascending clock ends the time of entry."""
        assert isinstance(self.format, Clock)
        self.steps += 1
        self.price = price_after(self.terms.opening, self.format, self.steps)
        self.next_step_at += self.format.interval
        if isinstance(self.format, c.Dutch) and self.price == self.format.floor:
            self.next_step_at = FOREVER
