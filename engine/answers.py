"""What a question about the state answers, one struct a kind. Clients receive them as JSON objects.

Other members are known by their bidder number in an auction only, and their maxima are in none of these.
Fields are only added, at the end, with defaults. Amounts are points, times milliseconds since the epoch.
"""

import msgspec

from engine.audit import Scalar
from engine.commands import AuctionTerms, Format, ProgramSettings


class SoftCloseView(msgspec.Struct, frozen=True):
    """How late bids move the end: see ``engine.commands.SoftClose``. Durations in ms."""

    flavour: str
    window: int
    extension: int
    hard_stop: int


class EligibilityView(msgspec.Struct, frozen=True):
    """Who may bid: see ``engine.commands.Eligibility``."""

    tiers: tuple[str, ...]
    markets: tuple[str, ...]
    segments: tuple[str, ...]


class PriceClockView(msgspec.Struct, frozen=True):
    """How a price goes on by itself: clients count down without asking.

    n steps after ``opened_at + paused_for + entry`` ms, one an ``interval`` (ms), the price is ``opening``
    ∓ n × ``step``, or ∓ n × ``step_share`` basis points of ``opening``, rounded half up; a falling one stays
    at ``floor``, which is 0 for a rising one. The auction's ``price`` is that of the instant ``at``. While
    the auction is paused, count at its ``paused_at``.
    """

    at: int
    opened_at: int
    paused_for: int
    entry: int
    interval: int
    step: int
    step_share: int
    floor: int


class SaleView(msgspec.Struct, frozen=True):
    """A sale of ``quantity`` pieces at ``price`` each, to the bidder with this number, by the bid with that
    one (0: not by a bid that stood until the close)."""

    bidder: int
    bid: int
    quantity: int
    price: int


class PiecesView(msgspec.Struct, frozen=True):
    """What there is to see of an auction of another format than English; see ``engine.commands`` for the
    settings.

    ``supply`` pieces are for sale, ``sold`` of them are; ``sales`` are the first 100 that stand. Of an
    ascending clock ``bidders_in`` are in at the present price.
    """

    pricing: str
    order: str
    sealed: bool
    may_lower: bool
    supply: int
    sold: int
    bidders_in: int
    clock: PriceClockView | None
    sales: list[SaleView]


class AuctionView(msgspec.Struct, frozen=True):
    """An auction as everybody may see it.

    ``leader`` and ``winner`` are bidder numbers, 0 for none. ``reserve`` is 0 unless the auction shows it;
    ``reserve_met`` is true without one. ``buy_now`` is 0 once it is not open any more. ``hammer_price`` is 0
    until the auction is sold. ``minimum`` is the least maximum that a bid needs now. Only a member that asks
    is told ``own_factor``, what it would pay of the hammer price if it bid now (basis points; 0 once it has
    ended), and ``own_price``, what that is at the present price; terms are fixed with each bid.

    ``format`` is english, dutch, sealed, multi_unit or clock; ``pieces`` tells of the others only. While bids
    are sealed, ``bids`` and ``bidders`` are 0, and ``price`` and ``minimum`` are the opening price.
    """

    id: str
    serial: int
    title: str
    status: str
    price: int
    minimum: int
    leader: int
    bids: int
    bidders: int
    opening: int
    has_reserve: bool
    reserve: int
    reserve_met: bool
    buy_now: int
    starts_at: int
    ends_at: int
    hard_stop: int
    paused_at: int
    ended_at: int
    campaign: str
    soft_close: SoftCloseView | None
    eligibility: EligibilityView | None
    winner: int
    hammer_price: int
    own_factor: int = 0
    own_price: int = 0
    format: str = "english"
    pieces: PiecesView | None = None


class AuctionPage(msgspec.Struct, frozen=True):
    """Auctions in the order that was asked for. ``next`` is the cursor of the page after, empty at the end; a
    page may be short of its limit."""

    auctions: list[AuctionView]
    next: str


class OpenOffer(msgspec.Struct, frozen=True):
    """A second chance that a bidder has until ``lapses_at`` (ms): ``quantity`` pieces at ``price`` points."""

    bidder: int
    price: int
    quantity: int
    lapses_at: int


class AuctionRecord(msgspec.Struct, frozen=True):
    """An auction as staff put it: its terms, those that members are not shown too, and its status.

    ``format`` is null for an English one. ``sealed_bidders`` is how many members have a sealed bid, where
    the program's ``sealed_counts`` tells that before the close. ``reserve`` is the one in force: that of the
    terms, or what it was lowered to. ``offer`` is the second chance that waits for its answer.
    """

    auction: str
    status: str
    terms: AuctionTerms
    format: Format | None = None
    sealed_bidders: int | None = None
    reserve: int = 0
    offer: OpenOffer | None = None


class SaleRecord(msgspec.Struct, frozen=True):
    """A sale as staff see it: who bought, what it paid, and whether it was refunded."""

    member: str
    bidder: int
    bid: int
    quantity: int
    price: int
    paid: int
    refunded: bool


class SalePage(msgspec.Struct, frozen=True):
    """The sales of one auction. ``next`` is the cursor of the page after, 0 at the end."""

    auction: str
    sales: list[SaleRecord]
    next: int


class LiveAuctions(msgspec.Struct, frozen=True):
    """The scheduled, open and paused auctions that end soonest; ``total`` counts all of them. ``next`` is
    where ``auction.list`` goes on with what ends later, empty if this is all."""

    auctions: list[AuctionView]
    total: int
    next: str


class BidView(msgspec.Struct, frozen=True):
    """One bid: ``fate`` is standing, void, dropped, replaced or left; ``maximum`` is 0 unless it is the
    viewer's own."""

    number: int
    bidder: int
    price: int
    at: int
    fate: str
    maximum: int


class BidPage(msgspec.Struct, frozen=True):
    """Newest first. ``next`` is the ``before`` of the page after, 0 at the end."""

    auction: str
    bids: list[BidView]
    next: int


class OwnAuction(msgspec.Struct, frozen=True):
    """A member's part in one auction: its bidder number, its highest standing maximum (0: none), and what it
    won or may take.

    ``paid`` is above 0 for a sale to this member; ``offer`` is the price of an open second chance,
    ``offer_lapses_at`` its end. ``minimum`` is the least maximum that another member's bid needs now.
    ``factor`` is what it would pay of the hammer price, in basis points, as its standing bid has fixed it (0:
    it has none). Of ``quantity`` pieces asked for (``partial``: fewer will do) ``won`` were won; ``share`` it
    would get now, where everybody sees the price to be in. An offer is for ``offered`` pieces at ``offer``
    each.
    """

    auction: str
    title: str
    status: str
    bidder: int
    maximum: int
    leading: bool
    price: int
    ends_at: int
    paid: int
    refunded: bool
    offer: int
    offer_lapses_at: int
    minimum: int
    factor: int = 0
    format: str = "english"
    quantity: int = 0
    won: int = 0
    offered: int = 0
    partial: bool = False
    share: int = 0


class TicketRange(msgspec.Struct, frozen=True):
    """An entry's tickets; ``points`` is what they cost, ``reason`` why they were granted."""

    entry: int
    first: int
    last: int
    points: int
    reason: str


class OwnPart(msgspec.Struct, frozen=True):
    """A member's part in one raffle.

    ``entrant`` is its pseudonym, ``ranges`` its ticket numbers (of its newest 100 of ``entries`` entries).
    ``chance`` is that of the next ticket that is drawn before any other, in millionths. ``place`` 0: not
    drawn. Its ``prize`` can be claimed until ``claim_until`` (ms) while ``fate`` is offered. ``left``: how
    many more tickets the raffle's caps leave it; None: any number.
    """

    raffle: str
    titles: dict[str, str]
    status: str
    closes_at: int
    entrant: str
    tickets: int
    all_tickets: int
    chance: int
    entries: int
    ranges: list[TicketRange]
    place: int
    prize: str
    fate: str
    claim_until: int
    left: int | None


class Expiry(msgspec.Struct, frozen=True):
    """Points that expire next."""

    at: int
    points: int


class MeView(msgspec.Struct, frozen=True):
    """A member's own state: points, and its part in the auctions that it bid on last, and in the raffles that
    are not over (the newest 10 that it entered, without ticket numbers; ``me.raffles`` has all).

    Prices and ends are those of this answer's position; an auction's own topic tells what comes after.
    """

    member: str
    tier: str
    market: str
    available: int
    held: int
    expires_next: Expiry | None
    auctions: list[OwnAuction]
    raffles: list[OwnPart] = []


class MemberView(msgspec.Struct, frozen=True):
    """A member as managers and services see it."""

    member: str
    tier: str
    market: str
    segments: tuple[str, ...]
    staff: bool
    issued: int
    available: int
    held: int
    spent: int
    expired: int


class LotView(msgspec.Struct, frozen=True):
    """Points of one earned period and expiry. ``expires_at`` 0: they do not expire."""

    earned_at: int
    expires_at: int
    points: int


class HoldView(msgspec.Struct, frozen=True):
    """Points that are held for ``subject``: an auction's id, or ``redemption`` and a redemption's."""

    subject: str
    points: int


class PointsView(msgspec.Struct, frozen=True):
    """A member's points in full."""

    member: str
    issued: int
    available: int
    held: int
    spent: int
    expired: int
    lots: list[LotView]
    holds: list[HoldView]


class MemberBids(msgspec.Struct, frozen=True):
    """A member's part in every auction that its list still holds, newest first."""

    member: str
    auctions: list[OwnAuction]


class ActionView(msgspec.Struct, frozen=True):
    """An accepted command of a manager or operator.

    ``number`` counts from 1 over the program's whole life. ``command`` is the operation's name, ``concerns``
    the ids of what it was about, by kind. ``asked`` has what was asked but for what is so by default, under
    names as ``terms.title``, collections as their size; ``result`` likewise what it answered. ``left_out``
    fields had no room.
    """

    number: int
    at: int
    actor: str
    role: str
    command: str
    concerns: dict[str, str]
    asked: dict[str, Scalar]
    result: dict[str, Scalar]
    left_out: int


class ActionPage(msgspec.Struct, frozen=True):
    """Newest first. ``next`` is the cursor of the page after, empty at the end; a page may be short of its
    limit."""

    actions: list[ActionView]
    next: str


class ProgramView(msgspec.Struct, frozen=True):
    """The program and its ledger's totals."""

    program: str
    level: int
    epoch: int
    at: int
    settings: ProgramSettings
    members: int
    auctions: int
    live: int
    keys: int
    issued: int
    available: int
    held: int
    spent: int
    expired: int
