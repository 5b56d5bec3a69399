"""Commands on the program itself, its members and their points."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.commands.auctions import IncrementStep
from engine.commands.base import Command, Reason
from engine.units import (
    MAXIMUM_FACTOR,
    Count,
    Currency,
    Duration,
    Identifier,
    Name,
    PositivePoints,
    Reference,
    SignedPoints,
    Text,
    Time,
)


class MarketMoney(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What points are worth in a market.

    ``exponent``: how many decimals the ``currency`` has (ISO 4217); a minor unit is the last of them.
    10 000 points are worth ``rate`` minor units. ``tax`` is the part of a price without tax, in basis points,
    that is added: prices here include it.
    """

    currency: Currency
    exponent: Annotated[int, Meta(ge=0, le=4)]
    rate: Annotated[int, Meta(ge=1, le=MAXIMUM_FACTOR)]
    tax: Annotated[int, Meta(ge=0, le=10_000)] = 0


class ProgramSettings(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a program's operator chooses.

    ``tiers`` (lowest first) and ``markets``: empty admits any name. ``earned_period``: points earned
    within one such period (ms) and expiring together share a lot. ``spending_order``: ``expiry`` or
    ``earned``; fixed once points were issued. ``release_grace``: ms for which released points live on
    although their lot has expired. ``win_limits``: the most wins of a member by campaign id.
    ``offer_lapses_after``: ms until a second-chance offer lapses. ``auction_retention``: ms for which
    an ended auction stays in memory. ``keys_per_actor``, ``keys_per_member`` and ``keys``: how many
    idempotency keys are remembered at once. ``members``: how many there may be; so ``auctions``,
    ``experiences``, ``campaigns`` and ``redemptions``. ``money`` by market: without it nothing can be paid in
    cash there. ``payment_deadline``: ms within which cash that is due must be reported as paid.
    ``redemption_retention``: ms for which a redemption stays in memory, and can be refunded.
    ``raffles`` and ``raffle_entries`` (of all together) limit how many there may be in memory,
    ``raffle_retention``: ms after its end for which a raffle stays there. The list of locks is kept for good.
    ``needs_approval``: a rule set is published by two managers; one may tune it, and roll back to what was
    approved before. ``sealed_counts``: managers see how many members have bid in a sealed auction.
    ``audit_entries``: how many actions of managers and operators are kept, and how many imports beside them.
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
    money: Annotated[dict[Name, MarketMoney], Meta(max_length=256)] = {}
    payment_deadline: Annotated[int, Meta(ge=1_000, le=30 * 86_400_000)] = 900_000
    redemption_retention: Duration = 400 * 86_400_000
    needs_approval: bool = False
    experiences: Annotated[int, Meta(ge=1, le=10**6)] = 20_000
    campaigns: Annotated[int, Meta(ge=1, le=10_000)] = 1_000
    redemptions: Annotated[int, Meta(ge=1, le=10**8)] = 5_000_000
    raffles: Annotated[int, Meta(ge=1, le=10**5)] = 1_000
    raffle_entries: Annotated[int, Meta(ge=1, le=10**8)] = 5_000_000
    raffle_retention: Duration = 400 * 86_400_000
    sealed_counts: bool = False
    audit_entries: Annotated[int, Meta(ge=100, le=10**5)] = 10_000


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
    level: Annotated[int, Meta(ge=1, le=10**6)] = 1


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
    reason: Reason
    expires_at: Time = 0
