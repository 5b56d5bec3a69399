"""The naive model's auctions of the other formats: Dutch, sealed, several pieces, ascending clock.

They live beside its English ones, with the same members, points, campaigns and limits of wins, all of which
they reach through ``program``. Here is their life: how they are made, opened, moved by time and ended. What a
bid does is in takings.py, what comes after the end in chances.py, and what follows from a list of bids in
pieces.py and clearings.py.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Protocol

from engine import commands as c
from engine.simulator.auditor.auction import ENDED, RUNNING, on_terms
from engine.simulator.auditor.pieces import PieceAuction, PieceBid, PieceSale
from engine.simulator.auditor.points import FOREVER, Answers, Parts, Person, Reasons
from engine.simulator.auditor.terms import Clock, are_wrong


class Points(Protocol):
    """What the formats need of the rest of the model."""

    at: int
    people: dict[str, Person]
    settings: c.ProgramSettings

    def may_win(self, campaign: str, member: str) -> bool: ...
    def short(self, member: str, amount: int) -> bool: ...
    def draw(self, source: Parts, amount: int) -> Parts: ...
    def spend(self, person: Person, parts: Parts) -> Parts: ...
    def give_back(self, person: Person, parts: Parts) -> None: ...
    def factor_by_rules(self, auction: str, member: str, factor: int) -> int: ...


class FormatAuctions(Answers):
    """All auctions of these formats, by id; ``live`` are those that time may still change."""

    def __init__(self, program: Points) -> None:
        self.program = program
        self.auctions: dict[str, PieceAuction] = {}
        self.live: dict[str, PieceAuction] = {}

    def picture(self) -> dict[str, Any]:
        return {f"auction {id}": picture(auction) for id, auction in self.auctions.items()}

    def wins(self, campaign: str, member: str) -> int:
        """Purchases that stand, and holds, in the auctions of a campaign."""
        holds = self.program.people[member].holds
        return sum(
            (f"{auction.id}/{member}" in holds)
            + sum(sale.stands and sale.member == member for sale in auction.sales)
            for auction in self.auctions.values()
            if auction.terms.campaign == campaign
        )

    # Time.

    def pass_time(self) -> None:
        """Everything that is due by now, in the order of its instants."""
        for auction in [*self.live.values()]:
            if auction.status == "scheduled" and self.program.at >= auction.terms.starts_at:
                self.start(auction, auction.terms.starts_at)
            while auction.status == "open":
                due = min(auction.next_step_at, auction.ends_at)
                if due > self.program.at:
                    break
                if auction.next_step_at == due:
                    self.step(auction)
                else:
                    self.close(auction)
            if auction.offer is not None and self.program.at >= auction.offer.lapses_at:
                auction.offer = None
            if auction.offer is None and auction.status in ENDED:
                del self.live[auction.id]

    def start(self, auction: PieceAuction, at: int) -> None:
        auction.status = "open"
        auction.start_clock(at)

    def step(self, auction: PieceAuction) -> None:
        """The price moves; of an ascending clock those fall out whom it has passed, and it may stop."""
        at, before = auction.next_step_at, auction.price
        auction.step()
        if isinstance(auction.format, c.Dutch):
            return
        price, standing = auction.price, auction.standing()
        stay = [bid for bid in standing if bid.maximum >= price]
        if len(stay) > auction.supply or (stay and price < auction.reserve):
            for bid in standing:
                if bid.maximum < price:
                    self.drop(auction, bid, bid.maximum)
            return
        if auction.steps and len(stay) < min(auction.supply, len(standing)) and before >= auction.reserve:
            # One step too many.
            self.end(auction, at, self.all_at(before, auction.best(standing)[: auction.supply]))
        else:
            self.end(auction, at, self.all_at(price, stay if price >= auction.reserve else []))

    def stop_if_few(self, auction: PieceAuction) -> None:
        """A clock stops between two steps where somebody has just left, or the reserve does not hold it."""
        entering = auction.steps < 0 or not isinstance(auction.format, c.AscendingClock)
        if entering or auction.status != "open":
            return
        standing, met = auction.standing(), auction.price >= auction.reserve
        if len(standing) <= auction.supply and (met or not standing):
            self.end(auction, self.program.at, self.all_at(auction.price, standing))

    def all_at(self, price: int, bids: list[PieceBid]) -> list[tuple[PieceBid, int, int]]:
        return [(bid, 1, price) for bid in bids]

    def close(self, auction: PieceAuction) -> None:
        """Its end was reached."""
        won: list[tuple[PieceBid, int, int]] = []
        if isinstance(auction.format, c.AscendingClock):
            if auction.price >= auction.reserve:
                won = self.all_at(auction.price, auction.best(auction.standing())[: auction.supply])
        elif not isinstance(auction.format, c.Dutch):
            shares = auction.won_at_the_close()
            won = [(bid, *shares[bid.member]) for bid in auction.standing() if bid.member in shares]
        self.end(auction, auction.ends_at, won)

    def end(self, auction: PieceAuction, at: int, won: Iterable[tuple[PieceBid, int, int]]) -> None:
        """The winners pay out of their holds, everybody else gets them back."""
        for bid, quantity, price in won:
            person = self.program.people[bid.member]
            hold = person.holds.pop(f"{auction.id}/{bid.member}")
            paid = min(hold.total(), quantity * on_terms(price, bid.factor))
            self.sell(auction, bid, quantity, price, self.program.draw(hold, paid))
            self.program.give_back(person, +hold)
        for bid in auction.standing():
            self.release(auction, bid.member)
        auction.status = "settled" if auction.sold() else "unsold"
        auction.ended_at = at

    def sell(self, auction: PieceAuction, bid: PieceBid, quantity: int, price: int, parts: Parts) -> None:
        self.program.spend(self.program.people[bid.member], parts)
        number = auction.number_of(bid)
        auction.sales.append(PieceSale(number, bid.member, quantity, price, parts, parts.total()))

    # Holds.

    def held(self, auction: PieceAuction, member: str) -> int:
        return self.program.people[member].holds.get(f"{auction.id}/{member}", Counter()).total()

    def release(self, auction: PieceAuction, member: str) -> None:
        person = self.program.people[member]
        self.program.give_back(person, person.holds.pop(f"{auction.id}/{member}", Counter()))

    def drop(self, auction: PieceAuction, bid: PieceBid, agreed: int) -> None:
        """Out of a clock, having agreed to this price last."""
        bid.fate, bid.maximum = "left", agreed
        self.release(auction, bid.member)

    # An auction's life.

    def in_status(self, id: str, *statuses: str) -> Reasons:
        yield "wrong_status", self.auctions[id].status not in statuses

    def why_not_create_auction(self, command: c.CreateAuction | c.CreateFormatAuction, actor: str) -> Reasons:
        yield "auction_exists", command.auction in self.auctions
        format = command.format if isinstance(command, c.CreateFormatAuction) else None
        yield "invalid_auction", are_wrong(command.terms, format)

    why_not_create_format_auction = why_not_create_auction

    def create_format_auction(self, command: c.CreateFormatAuction, actor: str) -> None:
        assert command.format is not None
        terms, format = command.terms, command.format
        stop = terms.ends_at + terms.soft_close.hard_stop if terms.soft_close else FOREVER
        supply = 1 if isinstance(format, c.Sealed) else format.supply
        auction = PieceAuction(
            command.auction, terms, format, supply, terms.opening, terms.reserve, terms.ends_at, stop
        )
        self.auctions[auction.id] = self.live[auction.id] = auction

    def why_not_update_auction(self, command: c.UpdateAuction | c.UpdateFormatAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft", "scheduled")
        auction = self.auctions[command.auction]
        format = (command.format if isinstance(command, c.UpdateFormatAuction) else None) or auction.format
        yield from self.why_not_take(command.terms, format, auction.status)

    why_not_update_format_auction = why_not_update_auction

    def why_not_take(self, terms: c.AuctionTerms, format: c.Format, status: str) -> Reasons:
        """Why an auction in this status may not get these terms."""
        yield "invalid_auction", are_wrong(terms, format)
        late = terms.ends_at <= self.program.at
        late = late or (isinstance(format, Clock) and terms.starts_at <= self.program.at)
        yield "already_past", status == "scheduled" and late

    def update_auction(self, command: c.UpdateAuction | c.UpdateFormatAuction, actor: str) -> None:
        known = self.auctions[command.auction]
        format = (command.format if isinstance(command, c.UpdateFormatAuction) else None) or known.format
        self.create_format_auction(c.CreateFormatAuction(known.id, command.terms, format), actor)
        self.auctions[known.id].status = known.status

    update_format_auction = update_auction

    def why_not_schedule_auction(self, command: c.ScheduleAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft")
        auction = self.auctions[command.auction]
        begins_now = isinstance(auction.format, Clock) and auction.terms.starts_at <= self.program.at
        yield "already_past", not begins_now and auction.ends_at <= self.program.at

    def schedule_auction(self, command: c.ScheduleAuction, actor: str) -> None:
        auction = self.auctions[command.auction]
        auction.status = "scheduled"
        if isinstance(auction.format, Clock) and auction.terms.starts_at <= self.program.at:
            self.open_auction(c.OpenAuction(auction.id), actor)

    def why_not_open_auction(self, command: c.OpenAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft", "scheduled")
        auction = self.auctions[command.auction]
        yield "already_past", not isinstance(auction.format, Clock) and auction.ends_at <= self.program.at

    def open_auction(self, command: c.OpenAuction, actor: str) -> None:
        """A price clock keeps its length."""
        auction = self.auctions[command.auction]
        if isinstance(auction.format, Clock):
            auction.ends_at += self.program.at - auction.terms.starts_at
        self.start(auction, self.program.at)

    def why_not_extend_auction(self, command: c.ExtendAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, *RUNNING)

    def extend_auction(self, command: c.ExtendAuction, actor: str) -> None:
        self.move_end(self.auctions[command.auction], command.extension)

    def move_end(self, auction: PieceAuction, by: int) -> None:
        auction.ends_at += by
        auction.hard_stop = min(FOREVER, auction.hard_stop + by)

    def why_not_pause_auction(self, command: c.PauseAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "open")

    def pause_auction(self, command: c.PauseAuction, actor: str) -> None:
        auction = self.auctions[command.auction]
        auction.status, auction.paused_at = "paused", self.program.at

    def why_not_resume_auction(self, command: c.ResumeAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "paused")

    def resume_auction(self, command: c.ResumeAuction, actor: str) -> None:
        auction = self.auctions[command.auction]
        paused_for = self.program.at - auction.paused_at
        auction.status = "open"
        self.move_end(auction, paused_for)
        auction.next_step_at = min(FOREVER, auction.next_step_at + paused_for)
        self.stop_if_few(auction)

    def why_not_lower_reserve(self, command: c.LowerReserve, actor: str) -> Reasons:
        yield from self.in_status(command.auction, *RUNNING)
        yield "reserve_not_lower", command.reserve >= self.auctions[command.auction].reserve

    def lower_reserve(self, command: c.LowerReserve, actor: str) -> None:
        auction = self.auctions[command.auction]
        auction.reserve = command.reserve
        self.stop_if_few(auction)

    def why_not_lower_supply(self, command: c.LowerSupply, actor: str) -> Reasons:
        auction = self.auctions[command.auction]
        yield from self.in_status(command.auction, *RUNNING)
        fixed = auction.sealed or bool(auction.bids) or command.supply >= auction.supply
        yield "supply_is_fixed", fixed

    def lower_supply(self, command: c.LowerSupply, actor: str) -> None:
        self.auctions[command.auction].supply = command.supply

    def why_not_cancel_auction(self, command: c.CancelAuction, actor: str) -> Reasons:
        yield from self.in_status(command.auction, "draft", "scheduled", *RUNNING)

    def cancel_auction(self, command: c.CancelAuction, actor: str) -> None:
        """All holds are released, and who has bought gets its points back."""
        auction = self.auctions[command.auction]
        for sale in auction.sales:
            self.take_back(sale)
        for bid in auction.standing():
            self.release(auction, bid.member)
        auction.status, auction.ended_at = "cancelled", self.program.at

    def take_back(self, sale: PieceSale) -> None:
        if sale.stands:
            person = self.program.people[sale.member]
            person.spent -= sale.parts.total()
            self.program.give_back(person, sale.parts)
            sale.stands = False


def picture(auction: PieceAuction) -> dict[str, Any]:
    """What must equal ``picture_of`` the engine's auction."""
    runs = auction.status in RUNNING
    shares = {}
    if runs and isinstance(auction.format, c.MultiUnit) and not auction.sealed:
        shares = {member: share for member, (share, _) in auction.won_now().items()}
    return {
        "format": auction.format,
        "status": auction.status,
        "price": auction.shown_price if runs else 0,
        "minimum": auction.minimum if runs else 0,
        "supply": auction.supply,
        "reserve": auction.reserve,
        "ends": (auction.ends_at, auction.hard_stop, auction.ended_at),
        "bids": [
            (bid.member, bid.maximum, bid.quantity, bid.partial, bid.factor, _fate(bid, runs))
            for bid in auction.bids
        ],
        "shares": shares,
        "in": len(auction.standing()) if runs and isinstance(auction.format, c.AscendingClock) else 0,
        "sales": sorted(
            (sale.bid, sale.member, sale.quantity, sale.price, sale.paid, sale.stands)
            for sale in auction.sales
        ),
        "offer": auction.offer
        and (
            auction.offer.bid,
            auction.offer.member,
            auction.offer.quantity,
            auction.offer.price,
            auction.offer.lapses_at,
        ),
    }


def _fate(bid: PieceBid, runs: bool) -> str:
    """Whether somebody in a clock falls out at its end, or stays in without winning, makes no difference."""
    return "stands" if bid.fate == "left" and not runs else bid.fate
