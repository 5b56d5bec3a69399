"""Commands on auctions, and what bidders ask."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.commands.base import Behalf, Command, Reason
from engine.units import (
    BasisPoints,
    Duration,
    Identifier,
    Name,
    Points,
    PositivePoints,
    Reference,
    Text,
    Time,
)

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
    reason: Reason


class CancelAuction(Command, frozen=True, tag=39):
    """Ends an auction without a sale; all holds are released."""

    auction: Reference
    reason: Reason


class RefundAuction(Command, frozen=True, tag=40):
    """Gives the winner of a settled auction its points back, to the lots that they came from."""

    auction: Reference
    reason: Reason


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
