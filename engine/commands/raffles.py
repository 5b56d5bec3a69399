"""Commands on raffles, and what entrants ask."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.commands.auctions import Eligibility
from engine.commands.base import Behalf, Command, Reason
from engine.commands.rewards import Titles
from engine.units import (
    DAY,
    MINUTE,
    Identifier,
    LongText,
    Name,
    Points,
    Reference,
    Time,
)

Tickets = Annotated[int, Meta(ge=0, le=10**9)]
"""Tickets that somebody may have."""

TicketsAtOnce = Annotated[int, Meta(ge=1, le=10_000)]
"""Tickets that one entry may hold."""

Places = Annotated[int, Meta(ge=0, le=10_000)]

Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""32 bytes in lower-case hex."""


class Prize(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What is won: ``quantity`` entrants win one each."""

    id: Identifier
    quantity: Annotated[int, Meta(ge=1, le=10_000)] = 1
    titles: Titles = {}


class Bundle(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """So many ``tickets`` cost what ``pays`` of them cost alone."""

    tickets: Annotated[int, Meta(ge=2, le=10_000)]
    pays: Annotated[int, Meta(ge=1, le=10_000)]


class RaffleTerms(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a raffle is, apart from its state.

    ``prizes`` stand in the order in which they are drawn, ``reserves`` counts those who are drawn behind
    them. A ticket costs ``price`` points before price rules of the mechanic raffle; None: tickets are granted
    only. Of ``bundles`` the largest that fits counts first, as often as it fits, then the next. At most
    ``most`` tickets are given out in all, ``most_by_tier`` to the members of a tier together, ``most_each``
    to each member, and to each of a tier what ``most_each_by_tier`` says instead; None, and tiers that are
    not named: no limit. Winners claim within ``claim_within`` ms. ``randomness``: ``beacon`` is drand's
    quicknet; ``commitment`` a secret that is fixed when the raffle opens, for networks without a way out (see
    draw.md, 7). ``campaign`` groups raffles.
    """

    titles: Titles
    prizes: Annotated[tuple[Prize, ...], Meta(min_length=1, max_length=200)]
    price: Points | None
    opens_at: Time
    closes_at: Time
    reserves: Places = 0
    bundles: Annotated[tuple[Bundle, ...], Meta(max_length=10)] = ()
    most: Tickets | None = None
    most_by_tier: Annotated[dict[Name, Tickets], Meta(max_length=64)] = {}
    most_each: Tickets | None = None
    most_each_by_tier: Annotated[dict[Name, Tickets], Meta(max_length=64)] = {}
    eligibility: Eligibility | None = None
    claim_within: Annotated[int, Meta(ge=MINUTE, le=366 * DAY)] = 7 * DAY
    randomness: Literal["beacon", "commitment"] = "beacon"
    campaign: Behalf = ""
    texts: Annotated[dict[str, LongText], Meta(max_length=64)] = {}


class CreateRaffle(Command, frozen=True, tag=100):
    """Makes a draft."""

    raffle: Identifier
    terms: RaffleTerms


class UpdateRaffle(Command, frozen=True, tag=101):
    """Replaces the terms of a raffle that has not opened."""

    raffle: Reference
    terms: RaffleTerms


class ScheduleRaffle(Command, frozen=True, tag=102):
    """draft → scheduled: it opens by itself at ``opens_at``."""

    raffle: Reference


class OpenRaffle(Command, frozen=True, tag=103):
    """draft or scheduled → open, now; one with a commitment opens as soon as the keeper has published it."""

    raffle: Reference


class MoveClose(Command, frozen=True, tag=104):
    """Moves the close of an open raffle to an earlier instant. It never moves later: by then the randomness
    of its round could be known."""

    raffle: Reference
    closes_at: Time


class VoidRaffle(Command, frozen=True, tag=105):
    """Ends a raffle without prizes, openly: every ticket is refunded to the lots that paid it. After the lock
    its evidence is published all the same, with the places that it would have given. A draft is forgotten."""

    raffle: Reference
    reason: Reason


class GrantTickets(Command, frozen=True, tag=106):
    """Gives a member tickets for nothing; why is kept with the entry."""

    raffle: Reference
    member: Reference
    tickets: TicketsAtOnce
    reason: Reason


class BuyTickets(Command, frozen=True, tag=107):
    """Buys tickets for at most ``most`` points in all; at a lower price the member pays less.

    ``channel`` is where it asks, such as app or web.
    """

    raffle: Reference
    tickets: TicketsAtOnce
    most: Points
    channel: Behalf = ""
    member: Behalf = ""


class ClaimPrize(Command, frozen=True, tag=108):
    """The winner takes its prize."""

    raffle: Reference
    member: Behalf = ""


class DeclinePrize(Command, frozen=True, tag=109):
    """The winner does not want its prize: it goes to the next reserve."""

    raffle: Reference
    member: Behalf = ""


class ForfeitPrize(Command, frozen=True, tag=110):
    """Takes an unclaimed prize from a winner, for a reason: it goes to the next reserve."""

    raffle: Reference
    place: Annotated[int, Meta(ge=1, le=20_000)]
    reason: Reason


class Draw(Command, frozen=True, tag=111):
    """Draws a locked raffle from its round's beacon: ``signature`` is drand's for ``round``, in hex. A raffle
    with a commitment is drawn from its ``secret`` instead."""

    raffle: Reference
    round: Annotated[int, Meta(ge=0, le=2**53 - 1)] = 0
    signature: Annotated[str, Meta(pattern=r"^([0-9a-f]{96})?$(?!\n)")] = ""
    secret: Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$(?!\n)")] = ""


class ChangeDrawKey(Command, frozen=True, tag=112):
    """Replaces the public key (Ed25519, 32 bytes in hex) that locks are signed with from now on."""

    public_key: Digest
    reason: Reason


class PublishDrawKey(Command, frozen=True, tag=120):
    """The keeper's: its public key, where the program has none yet."""

    public_key: Digest


class CommitSecret(Command, frozen=True, tag=121):
    """The keeper's: the SHA-256 of the secret that a raffle will be drawn from."""

    raffle: Reference
    commitment: Digest


class SignLock(Command, frozen=True, tag=122):
    """The keeper's: the signature (Ed25519, 64 bytes in hex) of lock ``number`` under ``public_key``."""

    number: Annotated[int, Meta(ge=1, le=10**9)]
    public_key: Digest
    signature: Annotated[str, Meta(pattern=r"^[0-9a-f]{128}$(?!\n)")]


class StampLock(Command, frozen=True, tag=123):
    """The keeper's: an outside authority's time stamp over lock ``number``, as base64 of an RFC 3161
    response."""

    number: Annotated[int, Meta(ge=1, le=10**9)]
    token: Annotated[str, Meta(min_length=1, max_length=32_768, pattern=r"^[A-Za-z0-9+/=]+$(?!\n)")]
