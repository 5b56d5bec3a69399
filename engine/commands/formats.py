"""Auctions of the other formats: their settings, and the commands that only they have.

English auctions are made by ``CreateAuction``; that command's bytes stay as they are, so that English
auctions can still be made while processes of two versions run side by side.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.commands.auctions import AuctionTerms
from engine.commands.base import Behalf, Command, Reason
from engine.units import BasisPoints, Duration, Identifier, Points, PositivePoints, Reference

SUPPLY_LIMIT = 1_000
"""Pieces that one auction may sell."""

Pieces = Annotated[int, Meta(ge=1, le=SUPPLY_LIMIT)]
"""A number of pieces."""

Interval = Annotated[int, Meta(ge=100, le=366 * 86_400_000)]
"""Milliseconds between two steps of a price clock."""


class Settings(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The base of a format's settings."""


class Dutch(Settings, frozen=True, tag="dutch"):
    """A descending clock: the price falls from the terms' ``opening`` to ``floor`` by a step every
    ``interval`` ms; who takes a piece pays the price of that instant.

    A step is ``step`` points, or ``step_share`` basis points of the opening price; give one of the two. The
    terms' ``ends_at`` says how long the floor stands; it lies at or after the instant that reaches it.
    """

    floor: PositivePoints
    interval: Interval
    step: Points = 0
    step_share: BasisPoints = 0
    supply: Pieces = 1


class Sealed(Settings, frozen=True, tag="sealed"):
    """One piece, one sealed bid a member: the highest wins. It pays its own bid (``first``), or the greater
    of the second bid and the reserve (``second``: Vickrey). A bid may be raised until the close, and lowered
    if ``may_lower``."""

    pricing: Literal["first", "second"]
    may_lower: bool = False


class MultiUnit(Settings, frozen=True, tag="multi_unit"):
    """``supply`` equal pieces, one bid a member: a price each, and a quantity.

    Everybody pays the lowest winning bid, or the highest losing one, or each its own (``pay_as_bid``). Equal
    prices are ordered by larger quantity and then by earlier ``time``, or by time alone. Open: everybody sees
    the price to be in. Only sealed bids may be lowered, if ``may_lower``.
    """

    supply: Pieces
    pricing: Literal["lowest_winning", "highest_losing", "pay_as_bid"] = "lowest_winning"
    order: Literal["quantity", "time"] = "quantity"
    sealed: bool = False
    may_lower: bool = False


class AscendingClock(Settings, frozen=True, tag="clock"):
    """A rising clock: for ``entry`` ms the price stands at the terms' ``opening``, and members join; then it
    rises by a step every ``interval`` ms until no more members are in than there are pieces.

    A step is ``step`` points, or ``step_share`` basis points of the opening price; give one of the two.
    """

    entry: Duration
    interval: Interval
    step: Points = 0
    step_share: BasisPoints = 0
    supply: Pieces = 1


Format = Dutch | Sealed | MultiUnit | AscendingClock
"""The settings of every format but English, which has none."""


class CreateFormatAuction(Command, frozen=True, tag=42):
    """Makes a draft. ``format`` is that of another auction than an English one."""

    auction: Identifier
    terms: AuctionTerms
    format: Format | None = None


class UpdateFormatAuction(Command, frozen=True, tag=43):
    """Replaces the terms of an auction that has not opened, and its format where one is given."""

    auction: Reference
    terms: AuctionTerms
    format: Format | None = None


class LowerSupply(Command, frozen=True, tag=44):
    """Lowers the number of pieces of a running auction, until its first bid."""

    auction: Reference
    supply: Pieces


class RefundSale(Command, frozen=True, tag=45):
    """Gives a winner its points back, to the lots that they came from. ``bid`` is the number of the bid that
    won, where there are several winners."""

    auction: Reference
    reason: Reason
    bid: Annotated[int, Meta(ge=0, le=10**6)] = 0


class BidForPieces(Command, frozen=True, tag=54):
    """A bid of at most ``maximum`` points. What that means, the auction's format says.

    English: an automatic bid. Dutch: takes pieces now, if their price is not above it. Sealed: what the
    member offers, or its most. Several pieces: ``maximum`` points each for ``quantity`` of them; ``partial``
    accepts fewer. Ascending clock: joins, or stays in, until the price is above it.
    """

    auction: Reference
    maximum: PositivePoints
    quantity: Pieces = 1
    partial: bool = False
    member: Behalf = ""


class LeaveAuction(Command, frozen=True, tag=55):
    """The member says out: it leaves an ascending clock at the price that the clock shows."""

    auction: Reference
    member: Behalf = ""
