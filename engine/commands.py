"""Everything that can be asked of a program: one tagged struct a command, and the batch that carries them in
the log.

Shapes here are the log's schema. They are array-like and refuse unknown fields, so a field may only be added
at the end, with a default, and gated by the program's level (design.md §1, 8). Tags are numbers and are never
given away twice. The field ``member`` names on whose behalf a service asks; empty means the actor itself.
"""

from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.units import (
    BasisPoints,
    Count,
    Duration,
    Identifier,
    Name,
    Points,
    PositivePoints,
    Reference,
    SignedPoints,
    Text,
    Time,
)

SCHEMA = 1
"""The number of the batch format."""

LEVEL = 1
"""The highest program level that this code knows."""

MEMBER, MANAGER, OPERATOR, SERVICE, KEEPER = range(5)
"""Roles, as they stand in an envelope."""

Role = Annotated[int, Meta(ge=MEMBER, le=KEEPER)]

ROLES = {"member": MEMBER, "manager": MANAGER, "operator": OPERATOR, "service": SERVICE, "keeper": KEEPER}

Behalf = Annotated[str, Meta(max_length=64)]
"""The member on whose behalf a service asks, or empty for the actor itself."""

Number = Annotated[int, Meta(ge=1, le=10**6)]
"""A bid's number in its auction, from 1."""


class IncrementStep(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """At prices below ``below`` points the next bid must be ``increment`` points higher; ``below`` 0 has no
    upper end."""

    below: Points
    increment: PositivePoints


class SoftClose(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """How late bids move the end.

    ``append``: a bid within ``window`` ms before the current end moves that end by ``extension`` ms.
    ``reset``: a bid with less than ``window`` ms left moves the end to the bid's instant plus ``extension``
    ms. Neither moves it past the scheduled end plus ``hard_stop`` ms.
    """

    flavour: Literal["append", "reset"]
    window: Duration
    extension: Duration
    hard_stop: Duration


class Eligibility(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Who may bid: a member must match every list that is not empty; of segments, at least one."""

    tiers: tuple[Name, ...] = ()
    markets: tuple[Name, ...] = ()
    segments: tuple[Name, ...] = ()


class AuctionTerms(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What an auction is, apart from its state.

    ``opening`` is the least first bid; ``reserve`` 0 means none; ``buy_now`` 0 means none; ``increments``
    empty means the program's. ``settlement_factors`` are basis points by tier: what a winner of that tier
    pays of the hammer price. ``starts_at`` and ``ends_at`` are milliseconds since the epoch. ``campaign``
    groups auctions for limits of wins.
    """

    title: Text
    opening: PositivePoints
    starts_at: Time
    ends_at: Time
    reserve: Points = 0
    reserve_shown: bool = False
    buy_now: Points = 0
    increments: Annotated[tuple[IncrementStep, ...], Meta(max_length=64)] = ()
    soft_close: SoftClose | None = None
    eligibility: Eligibility | None = None
    campaign: Behalf = ""
    settlement_factors: Annotated[dict[str, BasisPoints], Meta(max_length=64)] = {}


class ProgramSettings(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a program's operator chooses.

    ``tiers`` (lowest first) and ``markets``: empty admits any name. ``earned_period``: points earned
    within one such period (ms) and expiring together share a lot. ``spending_order``: ``expiry`` or
    ``earned``; fixed once points were issued. ``release_grace``: ms for which released points live on
    although their lot has expired. ``win_limits``: the most wins of a member by campaign id.
    ``offer_lapses_after``: ms until a second-chance offer lapses. ``auction_retention``: ms for which
    an ended auction stays in memory. ``keys_per_actor``, ``keys_per_member`` and ``keys``: how many
    idempotency keys are remembered at once. ``members``: how many there may be.
    """

    tiers: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()
    markets: Annotated[tuple[Name, ...], Meta(max_length=256)] = ()
    increments: Annotated[tuple[IncrementStep, ...], Meta(max_length=64)] = ()
    earned_period: Annotated[int, Meta(ge=1, le=366 * 86_400_000)] = 86_400_000
    spending_order: Literal["expiry", "earned"] = "expiry"
    release_grace: Duration = 0
    win_limits: dict[str, Count] = {}
    offer_lapses_after: Duration = 86_400_000
    auction_retention: Duration = 30 * 86_400_000
    keys_per_actor: Annotated[int, Meta(ge=1, le=10**7)] = 50_000
    keys: Annotated[int, Meta(ge=1, le=10**8)] = 2_000_000
    members: Annotated[int, Meta(ge=1, le=10**7)] = 5_000_000
    auctions: Annotated[int, Meta(ge=1, le=10**6)] = 100_000
    keys_per_member: Annotated[int, Meta(ge=1, le=10**7)] = 5_000


class Command(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """The base of all commands."""


class Genesis(Command, frozen=True, tag=0):
    """The first entry of every log; without it a replica does not start empty.

    ``recorded`` marks a program that replays a recording: its stamps are the recording's times, so there is
    no clock to compare them with. ``epoch`` is 1, or one more than the log that this one continues; then
    ``snapshot`` is the hex digest of the state that it continues from.
    """

    program: Identifier
    epoch: Annotated[int, Meta(ge=1, le=10**6)] = 1
    recorded: bool = False
    snapshot: str = ""
    settings: ProgramSettings = ProgramSettings()


class Tick(Command, frozen=True, tag=1):
    """Nothing but the time of its entry: what is due gets done."""


class RaiseLevel(Command, frozen=True, tag=2):
    """Allows what ``level`` introduced, once every replica runs code that knows it."""

    level: Annotated[int, Meta(ge=1, le=10**6)]


class Configure(Command, frozen=True, tag=3):
    """Replaces the program's settings."""

    settings: ProgramSettings


class EndEpoch(Command, frozen=True, tag=4):
    """The last entry of an epoch's log: no replica applies anything behind it. ``livelot log rotate`` writes
    it."""


class UpsertMember(Command, frozen=True, tag=10):
    """Makes a member known, or changes what is known of it. Staff may not bid."""

    member: Identifier
    tier: Name
    market: Name
    segments: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()
    staff: bool = False


class CreditPoints(Command, frozen=True, tag=20):
    """Issues points to a member. ``expires_at`` 0: they do not expire. ``earned_at`` 0: now."""

    member: Reference
    amount: PositivePoints
    expires_at: Time = 0
    earned_at: Time = 0
    reason: Text = ""


class AdjustPoints(Command, frozen=True, tag=21):
    """A manager's correction: above 0 issues points (they do not expire, unless ``expires_at`` says so);
    below 0 spends available ones in spending order."""

    member: Reference
    amount: SignedPoints
    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    expires_at: Time = 0


class CreateAuction(Command, frozen=True, tag=30):
    """Makes a draft."""

    auction: Identifier
    terms: AuctionTerms


class UpdateAuction(Command, frozen=True, tag=31):
    """Replaces the terms of an auction that has not opened."""

    auction: Reference
    terms: AuctionTerms


class ScheduleAuction(Command, frozen=True, tag=32):
    """draft → scheduled: it opens by itself at ``starts_at``."""

    auction: Reference


class OpenAuction(Command, frozen=True, tag=33):
    """draft or scheduled → open, now."""

    auction: Reference


class ExtendAuction(Command, frozen=True, tag=34):
    """Moves the end of an open or paused auction by ``extension`` ms; its hard stop moves along."""

    auction: Reference
    extension: Annotated[int, Meta(ge=1, le=366 * 86_400_000)]


class PauseAuction(Command, frozen=True, tag=35):
    """open → paused: no bids, and the time left stands still."""

    auction: Reference
    reason: Text = ""


class ResumeAuction(Command, frozen=True, tag=36):
    """paused → open: end and hard stop move by the length of the pause."""

    auction: Reference


class LowerReserve(Command, frozen=True, tag=37):
    """Lowers the reserve of a running auction; 0 removes it."""

    auction: Reference
    reserve: Points


class VoidBid(Command, frozen=True, tag=38):
    """Takes a standing bid out of a running auction; price and leader are found anew from what is left."""

    auction: Reference
    bid: Number
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class CancelAuction(Command, frozen=True, tag=39):
    """Ends an auction without a sale; all holds are released."""

    auction: Reference
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class RefundAuction(Command, frozen=True, tag=40):
    """Gives the winner of a settled auction its points back, to the lots that they came from."""

    auction: Reference
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class OfferSecondChance(Command, frozen=True, tag=41):
    """Offers an unsold or refunded auction to the runner-up at the runner-up's own maximum."""

    auction: Reference


class PlaceBid(Command, frozen=True, tag=50):
    """An automatic (proxy) bid: ``maximum`` is the most the member is willing to pay, in points."""

    auction: Reference
    maximum: PositivePoints
    member: Behalf = ""


class BuyNow(Command, frozen=True, tag=51):
    """Ends the auction at its buy-now price. ``price`` is what the member saw, and the most it will be
    charged."""

    auction: Reference
    price: PositivePoints
    member: Behalf = ""


class AcceptSecondChance(Command, frozen=True, tag=52):
    """The member takes the offer made to it, at its price."""

    auction: Reference
    member: Behalf = ""


class DeclineSecondChance(Command, frozen=True, tag=53):
    """The member does not want the offer made to it."""

    auction: Reference
    member: Behalf = ""


AnyCommand = (
    Genesis
    | Tick
    | RaiseLevel
    | Configure
    | EndEpoch
    | UpsertMember
    | CreditPoints
    | AdjustPoints
    | CreateAuction
    | UpdateAuction
    | ScheduleAuction
    | OpenAuction
    | ExtendAuction
    | PauseAuction
    | ResumeAuction
    | LowerReserve
    | VoidBid
    | CancelAuction
    | RefundAuction
    | OfferSecondChance
    | PlaceBid
    | BuyNow
    | AcceptSecondChance
    | DeclineSecondChance
)


class Envelope(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """A command and who asks.

    ``actor`` is an id within ``role``. ``key`` is the idempotency key (empty only for the keeper),
    ``body_hash`` the hash of the encoded command, ``not_after`` the instant (ms) after which the command must
    not be applied any more.
    """

    actor: str
    role: Role
    key: str
    body_hash: int
    not_after: int
    command: AnyCommand


class Batch(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, gc=False):
    """One entry of the log.

    ``origin`` is 128 random bits of the writing process, ``number`` counts its batches from 1, ``clock`` is
    the writer's time in ms.
    """

    schema: int
    origin: bytes
    number: int
    clock: int
    commands: list[Envelope]


class EncodedEnvelope(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An ``Envelope`` whose command is encoded already: a writer encodes each command once, to hash it and to
    send it."""

    actor: str
    role: int
    key: str
    body_hash: int
    not_after: int
    command: msgspec.Raw


class EncodedBatch(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A ``Batch`` of ``EncodedEnvelope``: the same bytes."""

    schema: int
    origin: bytes
    number: int
    clock: int
    commands: list[EncodedEnvelope]


def hash_body(body: bytes) -> int:
    """What stands for an encoded command under its key: 64 bits of its SHA-256."""
    return int.from_bytes(sha256(body).digest()[:8], "big")
