"""The whole state of a program, and how it is written down.

The encoding is canonical: the same state gives the same bytes, in every process and on every Python version,
however it came about; ``snapshot(N)`` equals ``replay(0..N)`` byte for byte. It is a sequence of sections,
each one msgpack value, so that a snapshot can be written and read without a second copy of the state in
memory.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from engine.agenda import Agenda, Deadline
from engine.auction.increments import DEFAULT_TABLE, IncrementTable, compile_steps
from engine.auction.state import Auction, subject_of
from engine.auction.win_limits import WinLimits
from engine.audit import Action, Audit
from engine.campaigns.state import Campaign, Campaigns
from engine.commands import Genesis, ProgramSettings
from engine.errors import Rejection
from engine.events import Event
from engine.keys import Keys
from engine.ledger import Ledger, Totals
from engine.members import SHARDS, Lot, Member, Members, Remembered
from engine.position import Position
from engine.prices.state import BookRecord, RuleBook, flatten
from engine.raffles.state import STRETCH, LockRecord, Raffle, Raffles, RafflesRecord, Stretch
from engine.rewards.state import Experience, Redemption
from rules.compiler import CompiledRules
from rules.rule import RuleSet

FORMAT = 2
"""The number of the state's encoding. Format 1 was never released, and is not read any more."""

_SECTION = 500
"""Auctions, experiences, campaigns, redemptions or actions in one section."""

_STRETCHES = 16
"""Stretches of a raffle's entries in one section."""

_encode = msgspec.msgpack.Encoder().encode

_T = TypeVar("_T")


class FormatUnknown(ValueError):  # noqa: N818
    """A state in an encoding that this code does not know."""


class Origin(msgspec.Struct, array_like=True, gc=False):
    """A writing process: the number of its last batch, and when that was applied (ms)."""

    number: int
    seen_at: int


class _Header(msgspec.Struct, array_like=True, frozen=True):
    """The first section: everything that is small."""

    format: int
    id: str
    epoch: int
    recorded: bool
    level: int
    settings: ProgramSettings
    at: int
    position: tuple[int, int, int]
    digest: bytes
    serial: int
    totals: Totals
    sequence: int
    heap: list[tuple[int, int, int, str]]
    expiries: dict[int, list[str]]
    keys_due: dict[int, list[str]]
    origins: dict[bytes, Origin]
    wins: dict[str, dict[str, int]]
    live: list[str]
    auctions: int
    ended: bool = False
    experiences: int = 0
    campaigns: int = 0
    redemptions: int = 0
    redeemed: int = 0
    book: BookRecord | None = None
    forgets_at: int = 0
    raffles: int = 0
    locks: int = 0
    raffle_book: RafflesRecord | None = None
    audit: tuple[int, int, int] = (0, 0, 0)


_decode_header = msgspec.msgpack.Decoder(_Header).decode
_decode_members = msgspec.msgpack.Decoder(list[Member]).decode
_decode_keys = msgspec.msgpack.Decoder(dict[str, dict[str, Remembered]]).decode
_decode_holds = msgspec.msgpack.Decoder(dict[str, tuple[str, tuple[Lot, ...]]]).decode
_decode_auctions = msgspec.msgpack.Decoder(list[Auction]).decode
_decode_experiences = msgspec.msgpack.Decoder(list[Experience]).decode
_decode_campaigns = msgspec.msgpack.Decoder(list[Campaign]).decode
_decode_redemptions = msgspec.msgpack.Decoder(list[Redemption]).decode
_decode_raffles = msgspec.msgpack.Decoder(list[Raffle]).decode
_decode_stretches = msgspec.msgpack.Decoder(list[Stretch]).decode
_decode_locks = msgspec.msgpack.Decoder(list[LockRecord]).decode
_decode_actions = msgspec.msgpack.Decoder(list[Action]).decode
_decode_rules = msgspec.msgpack.Decoder(RuleSet).decode


class Program:
    """The state that ``apply`` changes.

    ``at`` is the program's time in ms, ``position`` that of the last applied entry, ``digest`` the running
    digest over entries and outcomes. ``serials`` lists auctions in the order of their making, ``live`` those
    that are scheduled, open or paused. ``redeemed`` counts redemptions, ``references`` finds one by its
    payment's reference; ``forgets_at`` is the instant (ms) of the agenda's entry that counts, for the oldest.
    ``ended``: nothing may be applied in this epoch any more.

    Not encoded: ``events`` collects what the entry being applied leaves behind, ``caller`` is the member
    whose own command is being applied.
    """

    __slots__ = (
        "agenda",
        "at",
        "auctions",
        "audit",
        "book",
        "caller",
        "campaigns",
        "digest",
        "ended",
        "epoch",
        "events",
        "experiences",
        "forgets_at",
        "id",
        "increments",
        "keys",
        "ledger",
        "level",
        "live",
        "members",
        "origins",
        "position",
        "raffles",
        "recorded",
        "redeemed",
        "redemptions",
        "references",
        "serial",
        "serials",
        "settings",
        "wins",
    )

    def __init__(self, genesis: Genesis) -> None:
        self.id = genesis.program
        self.epoch = genesis.epoch
        self.recorded = genesis.recorded
        self.level = genesis.level
        self.ended = False
        self.at = 0
        self.position = Position(genesis.epoch, 0, 0)
        self.digest = bytes(32)
        self.serial = 0
        self.agenda = Agenda()
        self.events: list[Event] = []
        self.members = Members()
        self.ledger = Ledger(self.agenda, self.events)
        self.keys = Keys(self.agenda, self.members)
        self.caller: Member | None = None
        self.auctions: dict[str, Auction] = {}
        self.serials: dict[int, str] = {}
        self.live: dict[str, None] = {}
        self.origins: dict[bytes, Origin] = {}
        self.wins = WinLimits()
        self.experiences: dict[str, Experience] = {}
        self.campaigns = Campaigns()
        self.book = RuleBook()
        self.redemptions: dict[str, Redemption] = {}
        self.references: dict[str, str] = {}
        self.redeemed = 0
        self.forgets_at = 0
        self.raffles = Raffles()
        self.audit = Audit()
        self.increments: IncrementTable = DEFAULT_TABLE
        self.configure(genesis.settings)

    def configure(self, settings: ProgramSettings) -> None:
        """Takes new settings.

        Raises ``Rejection``: ``setting_is_fixed`` for the spending order once points were issued,
        ``invalid_auction`` for an increment table that does not rise.
        """
        increments = compile_steps(settings.increments) if settings.increments else DEFAULT_TABLE
        if settings.spending_order != self.ledger.order_name and self.ledger.totals.issued:
            raise Rejection("setting_is_fixed", "The spending order cannot change once points were issued.")
        self.settings = settings
        self.increments = increments
        self.ledger.configure(settings.spending_order, settings.release_grace)
        self.keys.configure(settings)
        self.wins.limits = settings.win_limits
        self.audit.limit = settings.audit_entries

    def encode(self) -> Iterator[bytes]:
        """The state's sections: header, 256 of members, holds, the others' keys; auctions, experiences,
        campaigns and redemptions by the 500; one for the rules of each draft and of each revision; raffles
        by the 500, then their stretches by the 16; locks, actions and imports by the 500."""
        header = _Header(
            format=FORMAT,
            id=self.id,
            epoch=self.epoch,
            recorded=self.recorded,
            level=self.level,
            settings=self.settings,
            at=self.at,
            position=self.position,
            digest=self.digest,
            serial=self.serial,
            totals=self.ledger.totals,
            sequence=self.agenda.sequence,
            heap=self.agenda.heap,  # type: ignore[arg-type]
            expiries=self.ledger.expiries,
            keys_due=self.keys.due,
            origins=self.origins,
            wins=self.wins.counts,
            live=list(self.live),
            auctions=len(self.auctions),
            ended=self.ended,
            experiences=len(self.experiences),
            campaigns=len(self.campaigns.by_id),
            redemptions=len(self.redemptions),
            redeemed=self.redeemed,
            book=self.book.record(),
            forgets_at=self.forgets_at,
            raffles=len(self.raffles.by_id),
            locks=len(self.raffles.locks),
            raffle_book=self.raffles.record(),
            audit=(self.audit.number, len(self.audit.actions), len(self.audit.imports)),
        )
        yield _encode(header)
        for members in self.members.shards:
            yield _encode(list(members.values()))
        yield _encode({subject: (member.id, parts) for subject, (member, parts) in self.ledger.holds.items()})
        yield _encode(self.keys.others)
        for things in (self.auctions, self.experiences, self.campaigns.by_id, self.redemptions):
            yield from _encode_sections(things.values(), _SECTION)
        for rules in self.book.rule_sets():
            yield _encode(flatten(rules))
        yield from _encode_raffles(self.raffles)
        for actions in (self.audit.actions, self.audit.imports):
            yield from _encode_sections(actions, _SECTION)

    @classmethod
    def decode(cls, sections: Iterable[bytes]) -> "Program":
        """The state that ``encode`` wrote.

        Raises ``FormatUnknown``, and ``msgspec.DecodeError`` or ``ValueError`` for anything else.
        """
        iterator = iter(sections)
        header = _decode_header(next(iterator, b""))
        if header.format != FORMAT:
            remedy = "upgrade" if header.format > FORMAT else "start with a new data folder"
            raise FormatUnknown(f"it has format {header.format}; this code reads {FORMAT}: {remedy}")
        program = cls(Genesis(header.id, header.epoch, header.recorded, settings=header.settings))
        program.level = header.level
        program.ended = header.ended
        program.at = header.at
        program.position = Position(*header.position)
        program.digest = header.digest
        program.serial = header.serial
        agenda = Agenda([Deadline(*entry) for entry in header.heap], header.sequence)
        program.agenda = agenda
        program.origins = header.origins
        program.wins.counts = header.wins
        program.live = dict.fromkeys(header.live)
        instants: dict[int, int] = {}
        for number in range(SHARDS):
            program.members.adopt_shard(number, _decode_members(next(iterator, b"")), instants)
        for ids in header.expiries.values():
            ids[:] = map(program.members.share_id, ids)
        program.ledger = Ledger(agenda, program.events, header.totals, header.expiries)
        for subject, (holder, parts) in _decode_holds(next(iterator, b"")).items():
            program.ledger.holds[subject] = (program.members.get(holder), parts)
        program.keys = Keys(agenda, program.members, _decode_keys(next(iterator, b"")), header.keys_due)
        shared: dict[Any, Any] = {program.increments: program.increments}
        for auction in _read(iterator, _decode_auctions, header.auctions, "auctions"):
            program.auctions[auction.id] = auction
            program.serials[auction.serial] = auction.id
            _share_values(auction, program.members, shared)
        for experience in _read(iterator, _decode_experiences, header.experiences, "experiences"):
            program.experiences[experience.id] = experience
        program.campaigns = Campaigns([*_read(iterator, _decode_campaigns, header.campaigns, "campaigns")])
        program.redeemed = header.redeemed
        program.forgets_at = header.forgets_at
        for redemption in _read(iterator, _decode_redemptions, header.redemptions, "redemptions"):
            program.redemptions[redemption.id] = redemption
            redemption.member = program.members.share_id(redemption.member)
            if redemption.reference:
                program.references[redemption.reference] = redemption.id
        program.book = _read_book(iterator, header.book)
        program.raffles = _read_raffles(iterator, header, program.members, instants)
        program.audit.number, *counts = header.audit
        for count, actions in zip(counts, (program.audit.actions, program.audit.imports), strict=True):
            actions.extend(_read(iterator, _decode_actions, count, "actions"))
        if next(iterator, None) is not None:
            raise ValueError("this state has more than its header says")
        _count_sealed(program)
        program.ledger.configure(header.settings.spending_order, header.settings.release_grace)
        program.keys.configure(header.settings)
        return program

    def state_digest(self) -> bytes:
        """32 bytes over the whole encoded state: what two replicas at one position must agree on."""
        digest = sha256()
        for section in self.encode():
            digest.update(len(section).to_bytes(8, "big"))
            digest.update(section)
        return digest.digest()


def _read(
    sections: Iterator[bytes], decode: Callable[[bytes], list[_T]], count: int, name: str
) -> Iterator[_T]:
    """``count`` things from the sections that hold them."""
    left = count
    while left:
        section = decode(next(sections, b"\x90"))
        if not 0 < len(section) <= left:
            raise ValueError(f"this state has not all of its {count} {name}, or more: it is torn")
        left -= len(section)
        yield from section


def _read_book(sections: Iterator[bytes], record: BookRecord | None) -> RuleBook:
    if record is None:
        return RuleBook()
    count = len(record.drafts) + len(record.revisions)
    return RuleBook.restore(record, [CompiledRules(_decode_rules(next(sections, b""))) for _ in range(count)])


def _share_values(auction: Auction, members: Members, shared: dict[Any, Any]) -> None:
    """Makes an auction hold what others hold already: less memory, and fewer cache misses."""
    auction.status = shared.setdefault(auction.status, auction.status)
    auction.increments = shared.setdefault(auction.increments, auction.increments)
    auction.leader = members.share_id(auction.leader)
    for bid in auction.history:
        bid.member = members.share_id(bid.member)
    auction.bidders = {members.share_id(id): bidder for id, bidder in auction.bidders.items()}


def _count_sealed(program: Program) -> None:
    """Finds again which holds are for sealed bids."""
    for auction in program.auctions.values():
        if auction.pieces is not None and auction.pieces.sealed:
            for id in auction.bidders:
                subject = subject_of(auction, id)
                if subject in program.ledger.holds:
                    program.ledger.count_sealed(subject, 1)


def _encode_sections(things: Iterable[Any], size: int) -> Iterator[bytes]:
    rest = iter(things)
    while section := list(islice(rest, size)):
        yield _encode(section)


def _encode_raffles(raffles: Raffles) -> Iterator[bytes]:
    """The raffles without their entries, each one's entries, and all locks."""
    bare = (replace(raffle, stretches=[]) for raffle in raffles.by_id.values())
    yield from _encode_sections(bare, _SECTION)
    for raffle in raffles.by_id.values():
        yield from _encode_sections(raffle.stretches, _STRETCHES)
    yield from _encode_sections(raffles.locks, _SECTION)


def _read_raffles(
    sections: Iterator[bytes], header: _Header, members: Members, instants: dict[int, int]
) -> Raffles:
    raffles = Raffles(header.raffle_book)
    for raffle in _read(sections, _decode_raffles, header.raffles, "raffles"):
        raffles.keep(raffle)
    for raffle in raffles.by_id.values():
        count = -(-raffle.entries // STRETCH)
        for stretch in _read(sections, _decode_stretches, count, "stretches"):
            for entry in stretch.entries:
                entry.member = members.share_id(entry.member)
                entry.at = instants.setdefault(entry.at, entry.at)
            raffle.stretches.append(stretch)
        for place in raffle.places:
            place.member = members.share_id(place.member)
    raffles.locks = [*_read(sections, _decode_locks, header.locks, "locks")]
    return raffles
