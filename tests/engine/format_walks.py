"""Random walks through auctions of all formats side by side, beside the naive model. See walks.py.

Besides what every walk checks, the order that bids are kept in is what a look at all of them gives, and what
was entered at an instant is answered alike by a program whose agenda is never done.
"""

from typing import Any

from engine import commands as c
from engine.errors import Rejected
from engine.events import BidOvertaken
from engine.machine import Outcome, apply_entry, decode_batch, start
from engine.results import AuctionLeft, BidTaken, OfferMade, PointsSet, Purchased, Refunded, Ticked
from engine.simulator.auditor.auction import RUNNING
from engine.simulator.auditor.pieces import PieceAuction
from engine.simulator.workload.formats import FormatWorkload
from engine.units import MINUTE, SECOND
from tests.engine.harness import Entry, copy_of
from tests.engine.walks import Walk, main

PAUSES = {0: 120, 1: 5, SECOND: 12, 5 * SECOND: 3, 20 * SECOND: 1, MINUTE: 0.2, 10 * MINUTE: 0.03}
"""How long until the next entry, in ms, and how often, where it is not at an instant that matters."""


class FormatWalk(FormatWorkload, Walk):
    """A walk on which most of what is asked is asked of other formats than English. ``codes`` are all that
    was answered so far, ``overtaken`` who by the entry just sent."""

    def __init__(self, random: Any) -> None:
        self.codes: set[str] = set()
        self.overtaken: list[tuple[str, str]] = []
        super().__init__(random)

    def pause(self) -> int:
        instants = self.next_instants()
        if instants and self.random.random() < 0.07:
            return self.random.choice(instants) - self.stage.at
        return int(self.random.choices([*PAUSES], [*PAUSES.values()])[0])

    def finish(self) -> None:
        for auction in [*self.model.formats.auctions.values()]:
            if auction.status == "paused":
                self._send(c.ResumeAuction(auction.id), "boss")
        super().finish()
        assert all(one.status not in RUNNING for one in self.model.formats.auctions.values())

    # What is checked.

    def _judge(self, command: Any, actor: str, reasons: set[str], outcome: Outcome) -> None:
        known = self.model.formats.auctions.get(getattr(command, "auction", ""))
        shown = known.price if known is not None else 0
        inside = self._inside(known)
        super()._judge(command, actor, reasons, outcome)
        if isinstance(outcome, BidTaken):
            lost = inside - self._inside(known) - {command.member or actor}
            self.overtaken += [(command.auction, member) for member in lost]
        self.codes.add(outcome.code if isinstance(outcome, Rejected) else "ok")
        if known is not None and not isinstance(outcome, Rejected):
            self._expect_result(known, command.member or actor if hasattr(command, "member") else "", outcome)
            if isinstance(outcome, AuctionLeft):
                assert outcome.price == shown

    def _expect_result(self, known: PieceAuction, member: str, outcome: Any) -> None:
        """What was answered is what the model has come to."""
        last = known.sales[-1] if known.sales else None
        if isinstance(outcome, BidTaken):
            own = known.bids[-1]
            assert (own.member, own.maximum, own.quantity) == (member, outcome.maximum, outcome.quantity)
            assert outcome.leading is not known.sealed
            if isinstance(known.format, c.Dutch):
                assert last is not None
                assert (outcome.price, outcome.paid) == (last.price, last.paid)
            else:
                assert (outcome.price, outcome.minimum) == (known.shown_price, known.minimum)
                assert (outcome.paid, outcome.ends_at) == (0, known.ends_at)
            mine = [number for number, bid in enumerate(known.bids, 1) if bid.member == member]
            assert outcome.number == (len(mine) if known.sealed else len(known.bids))
        elif isinstance(outcome, Purchased):
            assert last is not None
            assert (outcome.price, outcome.paid) == (last.price, last.paid)
        elif isinstance(outcome, Refunded):
            assert outcome.amount in {sale.paid for sale in known.sales if not sale.stands}
        elif isinstance(outcome, OfferMade):
            offer = known.offer
            assert offer is not None
            expected = (offer.price, offer.quantity, offer.lapses_at)
            assert (outcome.price, outcome.quantity, outcome.lapses_at) == expected

    def _inside(self, known: PieceAuction | None) -> set[str]:
        """Who would get something now, where everybody sees the price to be in."""
        open_pieces = known is not None and isinstance(known.format, c.MultiUnit) and not known.sealed
        return {*known.won_now()} if known is not None and open_pieces else set()

    def _compare(self) -> None:
        told = [event for event in self.stage.last.events if isinstance(event, BidOvertaken)]
        assert sorted((event.auction, event.member) for event in told) == sorted(self.overtaken)
        self.overtaken = []
        super()._compare()
        if self.random.random() < 0.2:
            self._look_again()

    def _look_again(self) -> None:
        """What follows from the bids is what a look at all of them gives."""
        program = self.stage.program
        twin = copy_of(program)
        assert twin.ledger.sealed == program.ledger.sealed
        for id, auction in program.auctions.items():
            mine, other = auction.standing, twin.auctions[id].standing
            for name in ("inside", "left", "others", "quantities", "taken", "margin"):
                assert getattr(mine, name) == getattr(other, name), (id, name)
            if auction.pieces is not None:
                sales = [sale for sale in auction.pieces.sales if not sale.refunded_at]
                assert sum(sale.quantity for sale in sales) == auction.pieces.sold <= auction.pieces.supply


def answers_of(entries: list[Entry]) -> list[list[Outcome]]:
    """What a program answers to these entries."""
    program = start(decode_batch(entries[0][2]))
    return [apply_entry(program, *entry).outcomes for entry in entries]


def differing(prompt: list[list[Outcome]], late: list[list[Outcome]]) -> list[tuple[Any, Any]]:
    """Where two programs answered differently, as they may not."""
    pairs = [pair for one, other in zip(prompt, late, strict=True) for pair in zip(one, other, strict=True)]
    return [(one, other) for one, other in pairs if one != other and not _may_differ(one, other)]


def _may_differ(one: Any, other: Any) -> bool:
    """What is still held shows until the agenda has come to it, or somebody needs it; and a key stays known
    until the agenda forgets it."""
    kinds = (PointsSet, Ticked)
    expired = isinstance(one, Rejected) and one.code == "expired"
    return expired or (isinstance(one, kinds) and isinstance(other, kinds))


if __name__ == "__main__":
    main(FormatWalk)
