"""Commands on the catalogue and on redemptions."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.commands.base import Behalf, Command, Reason
from engine.units import (
    Cash,
    Count,
    Duration,
    Identifier,
    Locale,
    LongText,
    Name,
    Points,
    Reference,
    Text,
    Time,
)

Share = Annotated[int, Meta(ge=0, le=10_000)]
"""The part of a price that is paid in points, in basis points; the rest is cash."""

Titles = Annotated[dict[Locale, Text], Meta(max_length=64)]
"""Words by locale (BCP 47)."""


class Payment(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """The least and the greatest part of its price that a member may pay in points; equal: a fixed split.

    The rest is cash, at the market's conversion rate.
    """

    least: Share
    greatest: Share = 10_000


class ExperienceTerms(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A reward in the catalogue.

    ``points`` is its base price. ``markets`` empty: everywhere. ``stock`` None: without limit;
    ``stock_by_market`` limits a market further. A member may have ``limit`` of it within any ``limit_period``
    ms (0: ever); ``limit`` 0: any number. What was taken and not undone counts, under whatever limit that
    was, but for what was taken while there was none: nothing is kept of that. A higher limit or a longer
    period than before counts what was taken within the program's redemption_retention. It is shown from
    ``visible_from`` (0: now) until ``visible_until`` (0: for good); ``early_access`` says by tier how many ms
    earlier. Other tiers than ``tiers`` (empty: all) do not see it where its ``gate`` is hidden, and see it
    without being able to take it where it is locked. To whoever does not see it, one whose gate is hidden is
    unknown for any reason; of a locked one it is told in which markets it is, and when it opens. ``booked``:
    a redemption is pending until staff confirms it. ``payment`` None: points alone.
    """

    kind: Name
    points: Points
    titles: Titles = {}
    texts: Annotated[dict[Locale, LongText], Meta(max_length=64)] = {}
    markets: Annotated[tuple[Name, ...], Meta(max_length=256)] = ()
    stock: Count | None = None
    stock_by_market: Annotated[dict[Name, Count], Meta(max_length=256)] = {}
    limit: Annotated[int, Meta(ge=0, le=1_000)] = 0
    limit_period: Duration = 0
    visible_from: Time = 0
    visible_until: Time = 0
    tiers: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()
    gate: Literal["hidden", "locked"] = "locked"
    early_access: Annotated[dict[Name, Duration], Meta(max_length=64)] = {}
    fulfilment: Literal["instant", "booked"] = "instant"
    payment: Payment | None = None


class PutExperience(Command, frozen=True, tag=60):
    """Puts an experience into the catalogue, or replaces its terms; what was taken of its stock stays so."""

    experience: Identifier
    terms: ExperienceTerms


class RemoveExperience(Command, frozen=True, tag=61):
    """Takes an experience out of the catalogue. Redemptions of it stay as they are. One that is put under
    its id again is another: of its stock nothing was taken, and nothing counts towards its limit."""

    experience: Reference


class Redeem(Command, frozen=True, tag=70):
    """Redeems an experience for at most ``most`` points and ``most_cash`` minor units of the market's
    currency; at a lower price the member pays less.

    ``share`` is what the member pays in points where it may choose; None: as much as it may. ``channel`` is
    where it asks, such as app or web.
    """

    experience: Reference
    most: Points
    most_cash: Cash = 0
    share: Share | None = None
    channel: Behalf = ""
    member: Behalf = ""


class ReportPayment(Command, frozen=True, tag=71):
    """The cash of a redemption was paid: ``cash`` minor units, under the payment's ``reference``."""

    redemption: Reference
    reference: Annotated[str, Meta(min_length=1, max_length=100)]
    cash: Cash


class ConfirmRedemption(Command, frozen=True, tag=72):
    """pending → confirmed: what was booked is certain."""

    redemption: Reference


class CancelRedemption(Command, frozen=True, tag=73):
    """Cancels a member's own redemption that is not confirmed yet: points, stock and shares of budgets go
    back, and cash that was paid is noted as refunded and given back by whoever took it. Staff refunds."""

    redemption: Reference
    reason: Text = ""
    member: Behalf = ""


class RefundRedemption(Command, frozen=True, tag=74):
    """Gives points of a redemption back to the lots that they came from.

    ``points`` None: all that is left, and then stock, limits and shares of budgets go back too; a number
    takes a part of those shares back alone, 0 none. ``cash`` in minor units is noted here, and given back by
    whoever took it.
    """

    redemption: Reference
    reason: Reason
    points: Points | None = None
    cash: Cash | None = None
