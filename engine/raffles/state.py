"""What a raffle is while it lives: terms, entries, lock, places.

Entries stand in stretches of a fixed length, each a complete subtree of the raffle's Merkle tree once it is
full. So the root, an inclusion proof and the place of a ticket are found by looks at all stretches and at one
stretch's entries, however many entries there are; and a snapshot is written by the stretch.
"""

from typing import Final

import msgspec

from engine.commands import RaffleTerms
from engine.draw.merkle import CompactRange, root_of
from engine.members import Lot

DRAFT: Final = "draft"
SCHEDULED: Final = "scheduled"
OPEN: Final = "open"
LOCKED: Final = "locked"
DRAWN: Final = "drawn"
SETTLED: Final = "settled"
VOID: Final = "void"

STRETCH: Final = 1_024
"""Entries in a stretch: a power of two, so that it is a subtree."""

OFFERED: Final = "offered"
RESERVE: Final = "reserve"
CLAIMED: Final = "claimed"
DECLINED: Final = "declined"
FORFEITED: Final = "forfeited"
LAPSED: Final = "lapsed"
WITHDRAWN: Final = "withdrawn"


class Entry(msgspec.Struct, array_like=True, gc=False):
    """Tickets that came together, from number ``first`` on, at ``at`` ms.

    ``parts`` are the parts of lots that paid them, ``given`` the points that they took from budgets by
    campaign, ``uses`` how often they used a price rule with a limit. Granted ones have a ``reason``, and
    ``by`` whom.
    """

    member: str
    first: int
    tickets: int
    at: int
    parts: tuple[Lot, ...] = ()
    given: dict[str, int] | None = None
    uses: dict[str, int] | None = None
    by: str = ""
    reason: str = ""

    @property
    def points(self) -> int:
        """What they cost."""
        return sum([part.points for part in self.parts])


class Stretch(msgspec.Struct, array_like=True):
    """Consecutive entries. ``left`` counts their tickets that are not placed, ``placed`` the entries that are
    (their index here, rising); ``hashes`` is their part of the Merkle tree as a compact range: the one root
    once the stretch is full."""

    left: int = 0
    hashes: list[bytes] = []
    placed: list[int] = []
    entries: list[Entry] = []


class Place(msgspec.Struct, array_like=True, gc=False):
    """Somebody who was drawn: by which ticket of which entry. ``prize`` is the number of the prize in the
    terms, −1 for none (yet); ``claim_until`` and ``ended_at`` are ms."""

    member: str
    entry: int
    ticket: int
    fate: str
    prize: int = -1
    claim_until: int = 0
    ended_at: int = 0
    reason: str = ""


class LockRecord(msgspec.Struct, array_like=True):
    """A lock that was published: its exact ``text``, when (ms), and who signed it (hex). ``token`` is an
    outside authority's time stamp in base64; ``fate`` is locked, drawn or void."""

    raffle: str
    text: str
    at: int
    key: str = ""
    signature: str = ""
    token: str = ""
    fate: str = LOCKED


class Raffle(msgspec.Struct, array_like=True):
    """A raffle's whole state.

    ``serial`` numbers raffles in the order of their making. ``salt`` is the key of its entrants' pseudonyms.
    ``closes_at`` starts as the terms' and may move to an earlier instant once it is open. ``round`` is that
    of the beacon, or ``commitment`` stands for the secret; ``signature`` or ``secret`` came at the draw (all
    in hex). ``lock`` is the number of its lock, 0 before. ``seed`` and ``block`` say where the draw stands:
    an empty seed that it has not begun, ``left`` are the tickets of those who have no place, ``finished``
    that all places are drawn. ``reserve`` is the index of the next reserve, ``offers`` counts prizes that may
    still be claimed, ``claimed`` those that were. A void raffle has refunded ``refunded`` entries so far; one
    that is being forgotten has let go of ``forgotten``.
    """

    id: str
    serial: int
    terms: RaffleTerms
    salt: bytes
    closes_at: int
    status: str = DRAFT
    opened_at: int = 0
    round: int = 0
    commitment: str = ""
    signature: str = ""
    secret: str = ""
    tickets: int = 0
    entries: int = 0
    by_tier: dict[str, int] = {}
    stretches: list[Stretch] = []
    lock: int = 0
    seed: bytes = b""
    block: int = 0
    left: int = 0
    finished: bool = False
    places: list[Place] = []
    reserve: int = 0
    offers: int = 0
    claimed: int = 0
    drawn_at: int = 0
    ended_at: int = 0
    reason: str = ""
    refunded: int = 0
    forgotten: int = 0

    def entry(self, number: int) -> Entry:
        """The entry with this number, from 0."""
        return self.stretches[number // STRETCH].entries[number % STRETCH]

    def add(self, entry: Entry, leaf_hash: bytes) -> None:
        """Appends an entry."""
        if self.entries % STRETCH == 0:
            self.stretches.append(Stretch())
        stretch = self.stretches[-1]
        stretch.left += entry.tickets
        tree = CompactRange(len(stretch.entries), stretch.hashes)
        tree.append(leaf_hash)
        stretch.hashes = tree.hashes
        stretch.entries.append(entry)
        self.entries += 1
        self.tickets += entry.tickets

    def stretch_roots(self) -> list[bytes]:
        """The roots of all stretches: their parents are the top of the raffle's tree."""
        roots = [stretch.hashes[0] for stretch in self.stretches[:-1]]
        if self.stretches:
            last = self.stretches[-1]
            roots.append(CompactRange(len(last.entries), last.hashes).root())
        return roots

    def root(self) -> bytes:
        """The Merkle tree hash over all entries (RFC 6962 §2.1)."""
        return root_of(self.stretch_roots())

    @property
    def places_wanted(self) -> int:
        """How many places are drawn, if there are entrants enough."""
        return self.prize_count + self.terms.reserves

    @property
    def prize_count(self) -> int:
        """How many places win a prize."""
        return sum([prize.quantity for prize in self.terms.prizes])

    @property
    def awaits_draw(self) -> bool:
        """Whether its lock stands, and its places are not all drawn; also where it is void."""
        return bool(self.lock) and not self.finished

    @property
    def is_drawing(self) -> bool:
        """Whether the draw has begun and is not over."""
        return bool(self.seed) and not self.finished


class RafflesRecord(msgspec.Struct, array_like=True):
    """All of ``Raffles`` that is neither a raffle nor a lock."""

    serial: int = 0
    entries: int = 0
    key: str = ""


class Raffles:
    """All raffles by id. ``serials`` lists them in the order of their making, ``live`` those that are
    scheduled, open or locked, or whose prizes are not all settled. ``locks`` are all that this program ever
    published: lock n at index n − 1. ``key`` is the public key (hex) that signs them, empty before the
    keeper has published one. ``entries`` counts those of all raffles together."""

    __slots__ = ("by_id", "entries", "key", "live", "locks", "serial", "serials")

    def __init__(self, record: RafflesRecord | None = None) -> None:
        record = record or RafflesRecord()
        self.serial = record.serial
        self.entries = record.entries
        self.key = record.key
        self.by_id: dict[str, Raffle] = {}
        self.serials: dict[int, str] = {}
        self.live: dict[str, None] = {}
        self.locks: list[LockRecord] = []

    def record(self) -> RafflesRecord:
        """What beside raffles and locks is encoded."""
        return RafflesRecord(self.serial, self.entries, self.key)

    def keep(self, raffle: Raffle) -> None:
        """Takes a raffle in that was made, or read."""
        self.by_id[raffle.id] = raffle
        self.serials[raffle.serial] = raffle.id
        if raffle.status in (SCHEDULED, OPEN, LOCKED, DRAWN) or raffle.awaits_draw:
            self.live[raffle.id] = None

    def forget(self, raffle: Raffle) -> None:
        """Lets a raffle go."""
        del self.by_id[raffle.id]
        del self.serials[raffle.serial]
        self.live.pop(raffle.id, None)
