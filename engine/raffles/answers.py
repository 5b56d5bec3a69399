"""What a question about raffles answers. See engine/answers.py.

Other members are known by their pseudonym in a raffle only (``entrant``, see draw.md 1).
"""

import msgspec

from engine.answers import EligibilityView, OwnPart
from engine.commands import RaffleTerms
from engine.rewards.answers import StepView


class PrizeView(msgspec.Struct, frozen=True):
    """A prize: ``quantity`` entrants win one each."""

    id: str
    quantity: int
    titles: dict[str, str]


class BundleView(msgspec.Struct, frozen=True):
    """So many ``tickets`` cost what ``pays`` of them cost alone."""

    tickets: int
    pays: int


class PlaceView(msgspec.Struct, frozen=True):
    """A place that was drawn: by which ticket, of which entry (from 0) and entrant.

    ``prize`` is empty for a reserve that has none. ``fate`` is offered, claimed, declined, forfeited, lapsed,
    reserve, or withdrawn where the raffle is void.
    """

    place: int
    ticket: int
    entry: int
    entrant: str
    prize: str
    fate: str


class LockView(msgspec.Struct, frozen=True):
    """A lock: its exact ``text``, the SHA-256 of that (the next lock's ``previous``), its ``signature`` under
    ``key`` (Ed25519; empty until the keeper has signed), all in hex; ``stamped`` by an outside authority.

    ``at`` is when the log took it (ms), ``fate`` locked, drawn or void.
    """

    number: int
    raffle: str
    text: str
    hash: str
    key: str
    signature: str
    stamped: bool
    at: int
    fate: str


class LockPage(msgspec.Struct, frozen=True):
    """Locks in the order of their numbers, which have no gap. ``key`` signs the next one; ``next`` is the
    ``after`` of the page after, 0 at the end."""

    key: str
    locks: list[LockView]
    next: int


class TicketPrice(msgspec.Struct, frozen=True):
    """What one ticket costs a member now, in points; ``base`` is the price before the rules that applied."""

    points: int
    base: int
    steps: list[StepView]


class OwnParts(msgspec.Struct, frozen=True):
    """A member's part in the raffles that it entered last, newest first."""

    member: str
    raffles: list[OwnPart]


class RaffleView(msgspec.Struct, frozen=True):
    """A raffle as everybody may see it.

    ``price`` is a ticket's before rules, None where tickets are only granted. ``randomness`` is beacon, with
    drand's ``round`` and its time ``round_at`` (ms), or commitment. ``lock`` comes with the close,
    ``signature`` or ``secret`` with the draw (hex). ``places`` are the first 100 of ``drawn``. Members that
    ask are told their ``own`` part, and what a ticket costs them (``own_price``). Lists leave out ``texts``,
    ``lock`` and ``places``.
    """

    id: str
    serial: int
    titles: dict[str, str]
    texts: dict[str, str]
    status: str
    prizes: list[PrizeView]
    reserves: int
    price: int | None
    bundles: list[BundleView]
    most: int | None
    most_each: int | None
    eligibility: EligibilityView | None
    campaign: str
    opens_at: int
    closes_at: int
    claim_within: int
    tickets: int
    entries: int
    randomness: str
    round: int
    round_at: int
    commitment: str
    lock: LockView | None
    signature: str
    secret: str
    drawn: int
    places: list[PlaceView]
    drawn_at: int
    ended_at: int
    reason: str
    own: OwnPart | None = None
    own_price: TicketPrice | None = None


class RafflePage(msgspec.Struct, frozen=True):
    """Raffles in the order that was asked for. ``next`` is the cursor of the page after, empty at the end; a
    page may be short of its limit."""

    raffles: list[RaffleView]
    next: str


class LiveRaffles(msgspec.Struct, frozen=True):
    """The raffles that run, or whose prizes are not all settled, those that close soonest first; ``total``
    counts all of them. ``next`` is where ``raffle.list`` goes on with what closes later, empty if this is
    all."""

    raffles: list[RaffleView]
    total: int
    next: str


class PlacePage(msgspec.Struct, frozen=True):
    """Places in order; ``next`` is the ``after`` of the page after, 0 at the end."""

    raffle: str
    places: list[PlaceView]
    next: int


class RaffleRecord(msgspec.Struct, frozen=True):
    """A raffle as staff put it: its terms, its status, and how many tickets each tier has. Of its prizes
    ``offered`` wait to be claimed, and ``claimed`` were. Of a void one's entries ``refunded`` are."""

    raffle: str
    status: str
    terms: RaffleTerms
    tickets_by_tier: dict[str, int]
    refunded: int
    offered: int = 0
    claimed: int = 0


class EntryView(msgspec.Struct, frozen=True):
    """An entry as staff sees it: who has its tickets, since when, for what, or why and by whom granted."""

    entry: int
    member: str
    first: int
    tickets: int
    at: int
    points: int
    by: str
    reason: str


class EntryPage(msgspec.Struct, frozen=True):
    """Entries in log order; ``next`` is the ``after`` of the page after, 0 at the end."""

    raffle: str
    entries: list[EntryView]
    next: int


class WinnerView(msgspec.Struct, frozen=True):
    """A place as staff sees it: who was drawn, and what became of the prize."""

    place: int
    member: str
    ticket: int
    prize: str
    fate: str
    claim_until: int
    ended_at: int
    reason: str


class WinnerPage(msgspec.Struct, frozen=True):
    """Places in order; ``next`` is the ``after`` of the page after, 0 at the end."""

    raffle: str
    winners: list[WinnerView]
    next: int


class ProvenEntry(msgspec.Struct, frozen=True):
    """One entry, and what leads from its leaf to the lock's root (hex, bottom first; RFC 6962 §2.1.1)."""

    entry: int
    first: int
    last: int
    path: list[str]


class EntryProofView(msgspec.Struct, frozen=True):
    """A member's entries, and the proof that the lock's root contains them: what `livelot verify-entry`
    reads. At most 20 at once; ``after`` says from where."""

    format: str
    program: str
    lock: str
    signature: str
    key: str
    entrant: str
    entries: list[ProvenEntry]


class AuditView(msgspec.Struct, frozen=True):
    """For auditors: the salt (hex) that makes pseudonyms of member ids. With it, whoever knows the ids knows
    who entered."""

    raffle: str
    salt: str
