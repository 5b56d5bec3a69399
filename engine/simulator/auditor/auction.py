"""What an English auction is to the naive model: a list of bids, and what follows from it. See english.py."""

from dataclasses import dataclass, field

from engine import commands as c
from engine.simulator.auditor.points import Parts

RUNNING = ("open", "paused")
ENDED = ("settled", "unsold", "cancelled")


@dataclass
class Bid:
    member: str
    maximum: int
    factor: int
    stands: bool = True


@dataclass
class Sale:
    member: str
    price: int
    parts: Parts
    stands: bool = True
    bid: int = 0


@dataclass
class Offer:
    member: str
    price: int
    factor: int
    lapses_at: int
    bid: int


@dataclass
class Auction:
    id: str
    terms: c.AuctionTerms
    increments: tuple[c.IncrementStep, ...]
    price: int
    reserve: int
    ends_at: int
    hard_stop: int
    status: str = "draft"
    leader: str = ""
    paused_at: int = 0
    bids: list[Bid] = field(default_factory=list)
    sale: Sale | None = None
    offer: Offer | None = None
    asked: set[str] = field(default_factory=set)

    def step(self, price: int) -> int:
        return next(step.increment for step in self.increments if price < step.below or not step.below)

    def best(self) -> list[Bid]:
        """Each member's highest standing bid, the best first; of equal ones the earlier."""
        found: dict[str, Bid] = {}
        for bid in self.bids:
            if bid.stands and (bid.member not in found or bid.maximum > found[bid.member].maximum):
                found[bid.member] = bid
        return sorted(found.values(), key=lambda bid: (-bid.maximum, self.bids.index(bid)))

    @property
    def leading(self) -> Bid:
        return next(bid for bid in self.best() if bid.member == self.leader)

    @property
    def minimum(self) -> int:
        return self.price + self.step(self.price) if self.leader else self.terms.opening

    @property
    def reserve_met(self) -> bool:
        return bool(self.leader) and self.leading.maximum >= self.reserve

    def lift(self) -> None:
        if self.reserve_met:
            self.price = max(self.price, self.reserve)


def on_terms(price: int, factor: int) -> int:
    """What is paid of ``price``: half up, at least one point."""
    return max(1, (2 * price * factor + 10_000) // 20_000)


def later_end(soft: c.SoftClose, ends_at: int, hard_stop: int, at: int) -> int:
    """Where a bid at this instant moves the end to."""
    left = ends_at - at
    later = ends_at
    if soft.flavour == "append" and left <= soft.window:
        later = ends_at + soft.extension
    if soft.flavour == "reset" and left < soft.window:
        later = at + soft.extension
    return max(ends_at, min(later, hard_stop))
