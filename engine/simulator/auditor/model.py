"""A second program, written from design.md alone: slow, plain, and without a line of the engine's.

Time is eager here: whatever is due happens before the next command. Points are counted by (earned, expires),
what auctions have come to is worked out from lists of bids, and a command is refused for any reason that its
``why_not`` names. ``picture`` is what must equal ``picture_of`` the engine's program after every command.
"""

from typing import Any

from engine import commands as c
from engine.simulator.auditor.auction import RUNNING
from engine.simulator.auditor.chances import Formats
from engine.simulator.auditor.deeds import Deeds
from engine.simulator.auditor.english import EnglishModel
from engine.simulator.auditor.points import Reasons


class Model(EnglishModel):
    """What follows from commands; the time of each is told by ``pass_time`` first.

    Auctions of other formats than English are ``formats``' own. ``deeds`` are told by ``note``.
    """

    def __init__(self, settings: c.ProgramSettings, level: int = c.LEVEL) -> None:
        super().__init__(settings)
        self.formats = Formats(self)
        self.deeds = Deeds(level)

    def reasons(self, command: Any, actor: str) -> set[str]:
        if self.concerns_formats(command):
            return self.formats.reasons(command, actor)
        return super().reasons(command, actor)

    def do(self, command: Any, actor: str) -> None:
        if self.concerns_formats(command):
            self.formats.do(command, actor)
        else:
            super().do(command, actor)

    def note(self, envelope: c.Envelope, answer: Any) -> None:
        """A command was accepted, and has been done."""
        self.deeds.add(envelope, answer, self.at, self.settings.audit_entries)

    def concerns_formats(self, command: Any) -> bool:
        return getattr(command, "auction", "") in self.formats.auctions

    def picture(self) -> dict[str, Any]:
        """All that a member, a manager or an auditor could ask about."""
        people = {
            f"member {id}": {
                "lots": dict(+person.lots),
                "holds": {auction: dict(+hold) for auction, hold in person.holds.items()},
                "sums": (person.issued, person.spent, person.expired),
            }
            for id, person in self.people.items()
        }
        auctions = {
            f"auction {id}": {
                "status": auction.status,
                "price": auction.price,
                "minimum": auction.minimum if auction.status in RUNNING else 0,
                "leader": auction.leader if auction.status in RUNNING else "",
                "reserve": auction.reserve,
                "ends": (auction.ends_at, auction.hard_stop),
                "bids": [(bid.member, bid.maximum, bid.stands) for bid in auction.bids],
                "best": {bid.member: bid.maximum for bid in auction.best()},
                "sale": auction.sale
                and (
                    auction.sale.member,
                    auction.sale.price,
                    auction.sale.parts.total(),
                    auction.sale.stands,
                ),
                "offer": auction.offer
                and (auction.offer.member, auction.offer.price, auction.offer.lapses_at),
            }
            for id, auction in self.auctions.items()
        }
        others = self.rewards_picture() | self.raffles_picture() | self.formats.picture()
        return people | auctions | others | {"deeds": self.deeds.picture()}

    def pass_time(self, at: int) -> None:
        """Everything that is due at ``at``."""
        self.at = max(self.at, at)
        self.do_owed()
        self.formats.pass_time()
        super().pass_time(at)

    def wins(self, campaign: str, member: str) -> int:
        return super().wins(campaign, member) + self.formats.wins(campaign, member)

    # What may become an auction of either kind.

    def why_not_create_format_auction(self, command: c.CreateFormatAuction, actor: str) -> Reasons:
        yield "auction_exists", command.auction in self.auctions
        if command.format is None:
            yield from self.why_not_create_auction(c.CreateAuction(command.auction, command.terms), actor)
        else:
            yield from self.formats.why_not_create_format_auction(command, actor)

    def create_format_auction(self, command: c.CreateFormatAuction, actor: str) -> None:
        if command.format is None:
            self.create_auction(c.CreateAuction(command.auction, command.terms), actor)
        else:
            self.formats.create_format_auction(command, actor)

    def why_not_update_format_auction(self, command: c.UpdateFormatAuction, actor: str) -> Reasons:
        if command.format is None:
            yield from self.why_not_update_auction(c.UpdateAuction(command.auction, command.terms), actor)
            return
        yield from self.in_status(command.auction, "draft", "scheduled")
        if command.auction in self.auctions:
            status = self.auctions[command.auction].status
            yield from self.formats.why_not_take(command.terms, command.format, status)

    def update_format_auction(self, command: c.UpdateFormatAuction, actor: str) -> None:
        """An English draft may become one of another format, but never the other way."""
        if command.format is None:
            self.update_auction(c.UpdateAuction(command.auction, command.terms), actor)
            return
        status = self.auctions.pop(command.auction).status
        del self.live[command.auction]
        made = c.CreateFormatAuction(command.auction, command.terms, command.format)
        self.formats.create_format_auction(made, actor)
        self.formats.auctions[command.auction].status = status
