"""A second program, written from design.md alone: slow, plain, and without a line of the engine's.

Time is eager here: whatever is due happens before the next command. Lots are counters by (earned, expires), an
auction's price is worked out from its list of bids, and a command is refused for any reason that ``reasons``
names. What ``snapshot`` returns is compared with the engine's state after every command.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine import commands as c

Lots = Counter[tuple[int, int]]
"""Points by (earned at, expires at)."""

FOREVER = 2**53 - 1


@dataclass
class Person:
    tier: str = ""
    market: str = ""
    segments: tuple[str, ...] = ()
    staff: bool = False
    lots: Lots = field(default_factory=Counter)
    holds: dict[str, Lots] = field(default_factory=dict)
    issued: int = 0
    spent: int = 0
    expired: int = 0

    @property
    def available(self) -> int:
        return self.lots.total()


@dataclass
class Offered:
    """A bid, a sale or an offer: whose, at which price, and what came of it."""

    member: str
    price: int
    factor: int = 10_000
    stands: bool = True
    parts: Lots = field(default_factory=Counter)
    lapses_at: int = 0


@dataclass
class Lot:
    """An auction."""

    terms: c.AuctionTerms
    increments: tuple[c.IncrementStep, ...]
    status: str = "draft"
    bids: list[Offered] = field(default_factory=list)
    price: int = 0
    reserve: int = 0
    ends_at: int = 0
    hard_stop: int = FOREVER
    leader: str = ""
    paused_at: int = 0
    sale: Offered | None = None
    refunded: bool = False
    offer: Offered | None = None
    asked: set[str] = field(default_factory=set)

    def maximum_of(self, member: str) -> int:
        """The highest standing maximum of a member, 0 without one."""
        return max((bid.price for bid in self.bids if bid.stands and bid.member == member), default=0)

    def step(self, price: int) -> int:
        below = [step.below for step in self.increments[:-1]]
        return self.increments[bisect_left(below, price + 1)].increment

    @property
    def minimum(self) -> int:
        return self.price + self.step(self.price) if self.leader else self.terms.opening

    @property
    def reserve_met(self) -> bool:
        return self.maximum_of(self.leader) >= self.reserve

    def lift(self) -> None:
        if self.leader and self.reserve_met:
            self.price = max(self.price, self.reserve)

    def ranked(self) -> list[Offered]:
        """Each member's highest standing bid, the best first; of equals, the earlier."""
        best: dict[str, Offered] = {}
        for bid in self.bids:
            if bid.stands and (bid.member not in best or bid.price > best[bid.member].price):
                best[bid.member] = bid
        order = {id(bid): number for number, bid in enumerate(self.bids)}
        return sorted(best.values(), key=lambda bid: (-bid.price, order[id(bid)]))


def terms_of(price: int, factor: int) -> int:
    """What is paid of ``price``: half up, at least one point."""
    return max(1, (2 * price * factor + 10_000) // 20_000)


class Model:
    def __init__(self, settings: c.ProgramSettings) -> None:
        self.settings = settings
        self.people: dict[str, Person] = {}
        self.auctions: dict[str, Lot] = {}
        self.at = 0

    # Time.

    def pass_time(self, at: int) -> None:
        """Everything that is due at ``at``."""
        self.at = at
        for auction in self.auctions.values():
            if auction.status == "scheduled" and at >= auction.terms.starts_at:
                auction.status = "open"
            if auction.status == "open" and at >= auction.ends_at:
                self.close(auction)
            if auction.offer is not None and at >= auction.offer.lapses_at:
                auction.offer = None
        for person in self.people.values():
            for lot in [lot for lot in person.lots if lot[1] <= at]:
                person.expired += person.lots.pop(lot)

    def close(self, auction: Lot) -> None:
        if auction.leader and auction.reserve_met:
            factor = next(bid.factor for bid in auction.ranked() if bid.member == auction.leader)
            self.sell(auction, auction.price, terms_of(auction.price, factor))
        else:
            self.free(auction)
            auction.status = "unsold"

    # Points.

    def draw(self, source: Lots, amount: int) -> Lots:
        earliest = (lambda lot: lot) if self.settings.spending_order == "earned" else (lambda lot: lot[::-1])
        taken: Lots = Counter()
        for lot in sorted(source, key=earliest):
            taken[lot] = min(amount, source[lot])
            amount -= taken[lot]
        source.subtract(taken)
        assert amount == 0
        return +taken

    def give_back(self, person: Person, parts: Lots) -> None:
        for (earned, expires), points in parts.items():
            if expires > self.at:
                person.lots[earned, expires] += points
            elif self.settings.release_grace:
                person.lots[earned, self.at + self.settings.release_grace] += points
            else:
                person.expired += points

    def free(self, auction: Lot) -> None:
        """Nobody leads any more."""
        if auction.leader:
            person = self.people[auction.leader]
            self.give_back(person, person.holds.pop(self.id_of(auction)))
            auction.leader = ""

    def hold(self, auction: Lot, member: str, amount: int) -> None:
        """Brings what ``member`` holds for the auction to at least ``amount``."""
        person = self.people[member]
        own = person.holds.setdefault(self.id_of(auction), Counter())
        own += self.draw(person.lots, max(0, amount - own.total()))

    def sell(self, auction: Lot, price: int, due: int) -> None:
        person = self.people[auction.leader]
        held = person.holds.pop(self.id_of(auction))
        parts = self.draw(held, min(due, held.total()))
        person.spent += parts.total()
        self.give_back(person, +held)
        auction.price = price
        auction.sale = Offered(auction.leader, price, parts=parts)
        auction.status = "settled"

    def id_of(self, auction: Lot) -> str:
        return next(id for id, other in self.auctions.items() if other is auction)

    def wins_of(self, campaign: str, member: str) -> int:
        """Leads of running auctions and sales that stand."""
        return sum(
            member == (auction.sale.member if auction.sale is not None else auction.leader)
            and not auction.refunded
            for auction in self.auctions.values()
            if auction.terms.campaign == campaign
        )

    def may_win(self, campaign: str, member: str) -> bool:
        limit = self.settings.win_limits.get(campaign)
        return limit is None or self.wins_of(campaign, member) < limit

    # Commands.

    def reasons(self, command: Any, actor: str) -> set[str]:
        """Every reason for which the command must be refused; none: it is accepted."""
        name = type(command).__name__
        return {code for code, holds in getattr(self, f"why_not_{name}")(command, actor) if holds}

    def do(self, command: Any, actor: str) -> None:
        """Does a command that nothing speaks against."""
        getattr(self, f"do_{type(command).__name__}")(command, actor)

    Reasons = Iterator[tuple[str, bool]]

    def why_not_Tick(self, command: c.Tick, actor: str) -> Reasons:  # noqa: N802 - named like commands
        yield from ()

    def do_Tick(self, command: c.Tick, actor: str) -> None:  # noqa: N802
        pass
