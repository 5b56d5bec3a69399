"""What a question about the state answers, one struct a kind. Clients receive them as JSON objects.

Other members are known by their bidder number in an auction only, and their maxima are in none of these.
Fields are only added, at the end, with defaults. Amounts are points, times milliseconds since the epoch.
"""

import msgspec

from engine.commands import AuctionTerms, ProgramSettings


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


class AuctionView(msgspec.Struct, frozen=True):
    """An auction as everybody may see it.

    ``leader`` and ``winner`` are bidder numbers, 0 for none. ``reserve`` is 0 unless the auction shows it;
    ``reserve_met`` is true without one. ``buy_now`` is 0 once it is not open any more. ``hammer_price`` is 0
    until the auction is sold. ``minimum`` is the least maximum that a bid needs now. Only a member that asks
    is told ``own_factor``, what it would pay of the hammer price if it bid now (basis points; 0 once it has
    ended), and ``own_price``, what that is at the present price; terms are fixed with each bid.
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


class AuctionPage(msgspec.Struct, frozen=True):
    """Newest first. ``next`` is the cursor of the page after, empty at the end; a page may be short of its
    limit."""

    auctions: list[AuctionView]
    next: str


class AuctionRecord(msgspec.Struct, frozen=True):
    """An auction as staff put it: its terms, those that members are not shown too, and its status."""

    auction: str
    status: str
    terms: AuctionTerms


class LiveAuctions(msgspec.Struct, frozen=True):
    """The scheduled, open and paused auctions that end soonest; ``total`` counts all of them."""

    auctions: list[AuctionView]
    total: int


class BidView(msgspec.Struct, frozen=True):
    """One bid: ``fate`` is standing, void or dropped; ``maximum`` is 0 unless it is the viewer's own."""

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
    it has none).
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


class Expiry(msgspec.Struct, frozen=True):
    """Points that expire next."""

    at: int
    points: int


class MeView(msgspec.Struct, frozen=True):
    """A member's own state: points, and its part in the auctions that it bid on last.

    Prices and ends are those of this answer's position; an auction's own topic tells what comes after.
    """

    member: str
    tier: str
    market: str
    available: int
    held: int
    expires_next: Expiry | None
    auctions: list[OwnAuction]


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
