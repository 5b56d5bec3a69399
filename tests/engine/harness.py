"""A program without a log: commands go in at a given time, outcomes come out.

``Stage`` writes every command as the entry of a log would hold it and applies those bytes, so that a test can
play the same entries again. After each entry it adds up all points; after each refusal it compares the state
with that of a twin to which nothing but time happened.
"""

from typing import Any
from zlib import crc32

import msgspec

from engine.auction.state import Auction, sales_of
from engine.commands import (
    KEEPER,
    LEVEL,
    SCHEMA,
    AuctionTerms,
    Batch,
    BidForPieces,
    Command,
    CreateAuction,
    CreateFormatAuction,
    CreditPoints,
    Envelope,
    Format,
    Genesis,
    IncrementStep,
    OpenAuction,
    PlaceBid,
    ProgramSettings,
    Tick,
    UpsertMember,
)
from engine.errors import Rejected
from engine.events import Event
from engine.ledger import check_conservation
from engine.machine import Applied, Outcome, apply_entry, decode_batch, start
from engine.members import Member
from engine.program import Program
from engine.results import BidTaken, Result
from engine.units import DAY, HOUR, NEVER

MIDNIGHT = 20_000 * DAY
"""When tests begin: the start of a day, in ms."""

ORIGIN = bytes(15) + b"\x01"

BY_100 = (IncrementStep(0, 100),)
"""The increment table of design.md's worked example."""

Entry = tuple[int, int, bytes]
"""Milliseconds and sequence of an entry's ID, and its payload."""


class Stage:
    """A program, the time of its next entry (``at``, ms), the ``entries`` that made it,
    and the ``number`` of the last."""

    def __init__(
        self, settings: ProgramSettings | None = None, *, at: int = MIDNIGHT, recorded: bool = False
    ) -> None:
        self.entries: list[Entry] = []
        self.at = at
        self.last: Applied
        self.number = 0
        genesis = Genesis("test", recorded=recorded, settings=settings or ProgramSettings(), level=LEVEL)
        payload = encode_batch([envelope(genesis)], clock=0, number=0, origin=bytes(16))
        self.program = start(decode_batch(payload))
        self._apply((0, 1, payload))

    # Commands.

    def send(
        self,
        *envelopes: Envelope,
        clock: int | None = None,
        origin: bytes = ORIGIN,
        number: int | None = None,
        audit: bool = True,
    ) -> list[Outcome]:
        """Applies one entry that holds ``envelopes``; returns their outcomes."""
        self.number += 1
        payload = encode_batch(
            envelopes, self.at if clock is None else clock, self.number if number is None else number, origin
        )
        self._apply((self.at, len(self.entries), payload))
        if audit:
            check_conservation(self.program.members, self.program.ledger)
        return self.last.outcomes

    def ask(self, command: Command, actor: str = "", role: int = KEEPER, **given: Any) -> Outcome:
        """Applies one command in an entry of its own; returns whatever it answered."""
        return self.send(envelope(command, actor, role, **given))[0]

    def do(self, command: Command, actor: str = "", role: int = KEEPER, **given: Any) -> Any:
        """The result of a command that must be accepted."""
        outcome = self.ask(command, actor, role, **given)
        assert isinstance(outcome, Result), outcome
        return outcome

    def refuse(self, command: Command, code: str, actor: str = "") -> Rejected:
        """The answer to a command that must be refused with ``code``, and must have changed nothing."""
        twin = copy_of(self.program)
        outcome = self.ask(command, actor)
        assert isinstance(outcome, Rejected), outcome
        assert outcome.code == code, outcome
        assert outcome.message
        milliseconds, sequence, _ = self.entries[-1]
        tick = encode_batch([envelope(Tick())], self.at, self.number, ORIGIN)
        apply_entry(twin, milliseconds, sequence, tick)
        twin.digest = self.program.digest
        assert twin.state_digest() == self.program.state_digest(), f"{outcome} changed something"
        return outcome

    def wait(self, milliseconds: int) -> None:
        """Lets time pass; nothing happens before the next entry."""
        self.at += milliseconds

    def tick(self, at: int | None = None) -> list[Event]:
        """Ticks at ``at`` until nothing is due, as the keeper does; returns what happened."""
        self.at = self.at if at is None else at
        happened: list[Event] = []
        due = True
        while due:
            due = self.do(Tick()).due
            happened += self.last.events
        return happened

    # What most tests begin with.

    def member(self, id: str, points: int = 10_000, *, expires_at: int = 0, **given: Any) -> None:
        """Makes a member known, with ``points`` in one lot."""
        self.do(
            UpsertMember(
                id,
                given.get("tier", "gold"),
                given.get("market", "north"),
                given.get("segments", ()),
                given.get("staff", False),
            )
        )
        if points:
            self.do(CreditPoints(id, points, expires_at))

    def members(self, *ids: str, points: int = 10_000) -> None:
        """Makes several members known."""
        for id in ids:
            self.member(id, points)

    def terms(self, **given: Any) -> AuctionTerms:
        """Terms of an auction of one hour from now: opening 500, increment 100, unless ``given``."""
        defaults: dict[str, Any] = {
            "title": "A thing",
            "opening": 500,
            "starts_at": self.at,
            "ends_at": self.at + HOUR,
            "increments": BY_100,
        }
        return AuctionTerms(**{**defaults, **given})

    def draft(self, id: str = "a", **given: Any) -> Auction:
        """Makes a draft."""
        self.do(CreateAuction(id, self.terms(**given)))
        return self.auction(id)

    def open(self, id: str = "a", **given: Any) -> Auction:
        """Makes an auction and opens it."""
        self.draft(id, **given)
        self.do(OpenAuction(id))
        return self.auction(id)

    def open_format(self, format: Format, id: str = "a", **given: Any) -> Auction:
        """Makes an auction of another format than English, opening 500 unless ``given``, and opens it."""
        self.do(CreateFormatAuction(id, self.terms(increments=(), **given), format))
        self.do(OpenAuction(id))
        return self.auction(id)

    def bid(self, member: str, maximum: int, auction: str = "a") -> BidTaken:
        """A bid that must be taken."""
        taken: BidTaken = self.do(PlaceBid(auction, maximum), member)
        return taken

    def bid_for(
        self, member: str, maximum: int, quantity: int, auction: str = "a", *, partial: bool = False
    ) -> BidTaken:
        """A bid for several pieces that must be taken."""
        taken: BidTaken = self.do(BidForPieces(auction, maximum, quantity, partial), member)
        return taken

    def sales(self, id: str = "a") -> list[tuple[str, int, int, int]]:
        """Who bought how many pieces, at what price each, for how many points in all; refunded ones not."""
        return [
            (sale.member, sale.quantity, sale.price, sale.paid)
            for sale in sales_of(self.auction(id))
            if not sale.refunded_at
        ]

    def close(self, id: str = "a") -> Auction:
        """Goes to the auction's end and ticks."""
        self.tick(self.auction(id).ends_at)
        return self.auction(id)

    # What tests look at.

    def auction(self, id: str = "a") -> Auction:
        """The state of an auction."""
        return self.program.auctions[id]

    def who(self, id: str) -> Member:
        """The state of a member."""
        return self.program.members.get(id)

    def points(self, id: str) -> tuple[int, int, int, int]:
        """A member's available, held, spent and expired points."""
        member = self.who(id)
        return member.available, member.held, member.spent, member.expired

    def standing(self, id: str = "a") -> tuple[str, int]:
        """An auction's leader and price."""
        return self.auction(id).leader, self.auction(id).price

    def held(self, auction: str = "a") -> dict[str, int]:
        """Who holds how much for an auction."""
        ledger = self.program.ledger
        subjects = [subject for subject in ledger.holds if subject.split("/")[0] == auction]
        return {ledger.holds[subject][0].id: ledger.held_for(subject) for subject in subjects}

    def events(self, kind: type[msgspec.Struct]) -> list[Any]:
        """The last entry's events of one kind."""
        return [event for event in self.last.events if type(event) is kind]

    def _apply(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.last = apply_entry(self.program, *entry)


def play(stage: Stage, bids: str) -> str:
    """Places bids written as ``A 500, B 600``; returns leader and price after each, written alike."""
    standing = []
    for bid in filter(None, bids.split(", ")):
        member, maximum = bid.split()
        stage.bid(member, int(maximum))
        standing.append("{} {}".format(*stage.standing()))
    return ", ".join(standing)


def envelope(
    command: Command, actor: str = "", role: int = KEEPER, *, key: str = "", not_after: int = NEVER
) -> Envelope:
    """A command as a gateway would hand it on."""
    return Envelope(actor, role, key, crc32(msgspec.msgpack.encode(command)), not_after, command)


def encode_batch(envelopes: Any, clock: int, number: int, origin: bytes) -> bytes:
    """The payload of an entry."""
    return msgspec.msgpack.encode(Batch(SCHEMA, origin, number, clock, list(envelopes)))


def copy_of(program: Program) -> Program:
    """The program that a snapshot of this one would give."""
    return Program.decode(list(program.encode()))


def replay(entries: list[Entry]) -> Program:
    """The program that these entries make, from the first on."""
    program = start(decode_batch(entries[0][2]))
    for entry in entries:
        apply_entry(program, *entry)
    return program
