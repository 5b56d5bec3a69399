"""Everything that can have happened: the facts that accepted commands and due deadlines leave behind.

Events tell listeners (the hub, later the outbox) what changed, and they are part of the running digest. They
are not the state: a replica never rebuilds anything from them. Times are milliseconds, amounts points.
"""

import msgspec


class Event(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The base of all events."""


class ProgramConfigured(Event, frozen=True, tag=1):
    """The program's settings or level changed."""

    level: int


class MemberChanged(Event, frozen=True, tag=10):
    """A member was made known or changed."""

    member: str


class PointsIssued(Event, frozen=True, tag=20):
    """``amount`` points were credited to ``member``."""

    member: str
    amount: int
    reason: str


class PointsWithdrawn(Event, frozen=True, tag=21):
    """A correction took ``amount`` available points from ``member``; they count as spent."""

    member: str
    amount: int
    reason: str


class PointsExpired(Event, frozen=True, tag=22):
    """``amount`` points of ``member`` expired."""

    member: str
    amount: int


class PointsRefunded(Event, frozen=True, tag=23):
    """``amount`` spent points went back to the lots of ``member``."""

    member: str
    amount: int


class AuctionChanged(Event, frozen=True, tag=30):
    """An auction changed other than by a bid: its terms, its status, its end or its reserve."""

    auction: str
    status: str


class BidPlaced(Event, frozen=True, tag=31):
    """Bid ``number`` was accepted; ``leader`` leads at ``price`` after it.

    ``outbid`` led before and does not any more, or is empty; its hold is released.
    """

    auction: str
    number: int
    member: str
    leader: str
    price: int
    outbid: str = ""


class LeadLost(Event, frozen=True, tag=32):
    """``member`` led, and does not any more, other than by a bid: its hold is released.

    ``voided``: its bid was taken out or the auction cancelled; otherwise another bought at once.
    """

    auction: str
    member: str
    price: int
    voided: bool = False


class LeadGained(Event, frozen=True, tag=33):
    """``member`` leads because another's bid was voided."""

    auction: str
    member: str
    price: int


class AuctionWon(Event, frozen=True, tag=34):
    """``member`` won at the hammer price ``price`` and paid ``paid``."""

    auction: str
    member: str
    price: int
    paid: int


class AuctionUnsold(Event, frozen=True, tag=35):
    """It closed without a sale. ``leader`` is the highest bidder below the reserve, or empty."""

    auction: str
    leader: str


class AuctionRefunded(Event, frozen=True, tag=36):
    """The winner got its points back."""

    auction: str
    member: str
    amount: int


class SecondChanceOffered(Event, frozen=True, tag=37):
    """The runner-up may take it at ``price`` until ``lapses_at``."""

    auction: str
    member: str
    price: int
    lapses_at: int


class SecondChanceEnded(Event, frozen=True, tag=38):
    """An offer was declined, or lapsed."""

    auction: str
    member: str
    lapsed: bool


class BidSealed(Event, frozen=True, tag=90):
    """``member`` has a new sealed bid: nobody else may learn where."""

    member: str


class BidLost(Event, frozen=True, tag=91):
    """The bid of ``member`` did not win, or its auction was cancelled: its hold is released."""

    auction: str
    member: str


class BidLeft(Event, frozen=True, tag=92):
    """``member`` is out of an ascending clock: its hold is released."""

    auction: str
    member: str


class BidOvertaken(Event, frozen=True, tag=93):
    """As things stand the bid of ``member`` gets nothing any more; it stands, and so does its hold."""

    auction: str
    member: str


class CatalogueChanged(Event, frozen=True, tag=40):
    """An experience was put, replaced or removed, or it opened or closed to somebody."""

    experience: str


class StockChanged(Event, frozen=True, tag=41):
    """Some of an experience's stock was taken, or came back."""

    experience: str


class RedemptionChanged(Event, frozen=True, tag=50):
    """A redemption of ``member`` was made, or has another status; ``cash`` minor units are due, or were paid.
    ``cash_refunded`` of it is to be given back, or was, by whoever took it."""

    redemption: str
    member: str
    status: str
    cash: int
    cash_refunded: int = 0


class CampaignChanged(Event, frozen=True, tag=60):
    """A campaign's terms or status changed, or it came into force or went out of it, or its shelf turned."""

    campaign: str
    status: str


class BudgetChanged(Event, frozen=True, tag=61):
    """Of what a campaign may give away ``left`` points are left."""

    campaign: str
    left: int


class DraftChanged(Event, frozen=True, tag=70):
    """A draft of price rules was begun, changed or dropped."""

    draft: str
    version: int


class RulesPublished(Event, frozen=True, tag=71):
    """``revision`` runs."""

    revision: int
    actor: str


class RuleTuned(Event, frozen=True, tag=72):
    """A running rule has another number."""

    rule: str
    before: int
    after: int
    actor: str


class RulesTurned(Event, frozen=True, tag=73):
    """A window of a running rule began or ended."""

    revision: int


class RaffleChanged(Event, frozen=True, tag=80):
    """A raffle was made, or its terms, close or status changed."""

    raffle: str
    status: str


class TicketsIssued(Event, frozen=True, tag=81):
    """``member`` has ``tickets`` more tickets; it paid ``points``, or was granted them for ``reason``."""

    raffle: str
    member: str
    tickets: int
    points: int
    reason: str = ""


class RaffleLocked(Event, frozen=True, tag=82):
    """Lock ``number`` stands; its entries cannot change any more."""

    raffle: str
    number: int
    root: str


class LockSigned(Event, frozen=True, tag=83):
    """Lock ``number`` was signed, or stamped by an outside authority."""

    raffle: str
    number: int


class PlaceDrawn(Event, frozen=True, tag=84):
    """``member`` was drawn at ``place`` (from 1); ``prize`` is what that wins, empty for a reserve and where
    the raffle is void."""

    raffle: str
    member: str
    place: int
    prize: str


class PrizeOffered(Event, frozen=True, tag=85):
    """``prize`` is for ``member`` to claim until ``claim_until`` (ms)."""

    raffle: str
    member: str
    place: int
    prize: str
    claim_until: int


class PrizeSettled(Event, frozen=True, tag=86):
    """What became of ``prize``: ``fate`` is claimed, declined, forfeited, lapsed or withdrawn."""

    raffle: str
    member: str
    place: int
    prize: str
    fate: str


class TicketsRefunded(Event, frozen=True, tag=87):
    """A void raffle gave ``member`` back what ``tickets`` cost: ``points``."""

    raffle: str
    member: str
    tickets: int
    points: int


class DrawKeyChanged(Event, frozen=True, tag=88):
    """Locks are signed with this key (Ed25519, hex) from now on."""

    key: str
    actor: str


AnyEvent = (
    ProgramConfigured
    | MemberChanged
    | PointsIssued
    | PointsWithdrawn
    | PointsExpired
    | PointsRefunded
    | AuctionChanged
    | BidPlaced
    | BidSealed
    | BidLost
    | BidLeft
    | BidOvertaken
    | LeadLost
    | LeadGained
    | AuctionWon
    | AuctionUnsold
    | AuctionRefunded
    | SecondChanceOffered
    | SecondChanceEnded
    | CatalogueChanged
    | StockChanged
    | RedemptionChanged
    | CampaignChanged
    | BudgetChanged
    | DraftChanged
    | RulesPublished
    | RuleTuned
    | RulesTurned
    | RaffleChanged
    | TicketsIssued
    | RaffleLocked
    | LockSigned
    | PlaceDrawn
    | PrizeOffered
    | PrizeSettled
    | TicketsRefunded
    | DrawKeyChanged
)
