"""What a rule speaks for, and what is asked: dimensions, scopes and contexts.

A scope lists values by dimension; an empty list admits any. A context has one value in most dimensions, and
any number of segments and campaigns, of which one must be listed.
"""

from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

Value = Annotated[str, Meta(min_length=1, max_length=64)]
Values = Annotated[tuple[Value, ...], Meta(max_length=10_000)]

MECHANICS: Final = ("redemption", "raffle", "auction", "earning")
"""Where a price counts: a redemption's cost, a raffle's ticket, an auction's settlement, what is earned."""


class Scope(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """The values that a rule speaks for, by dimension. Of one on auctions alone, experiences are auctions,
    of one on raffles alone they are raffles."""

    mechanics: Values = ()
    tiers: Values = ()
    markets: Values = ()
    channels: Values = ()
    segments: Values = ()
    campaigns: Values = ()
    kinds: Values = ()
    experiences: Values = ()


class Cell(msgspec.Struct, frozen=True, gc=False):
    """Who asks, and where: all of a context that is not the item. Members of one cell see one price."""

    mechanic: str = "redemption"
    tier: str = ""
    market: str = ""
    channel: str = ""
    segments: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()


class Item(msgspec.Struct, frozen=True, gc=False):
    """What is priced: an experience, its kind, and its base price in points and minor units of cash."""

    experience: str
    kind: str
    points: int
    cash: int = 0


class Dimension(NamedTuple):
    """``field`` is the scope's list; ``source`` and ``attribute`` say what of a cell or an item it is
    compared with; ``many``: that is several values, of which one must be listed."""

    field: str
    source: type
    attribute: str
    many: bool = False


DIMENSIONS: Final = (
    Dimension("mechanics", Cell, "mechanic"),
    Dimension("tiers", Cell, "tier"),
    Dimension("markets", Cell, "market"),
    Dimension("channels", Cell, "channel"),
    Dimension("segments", Cell, "segments", many=True),
    Dimension("campaigns", Cell, "campaigns", many=True),
    Dimension("kinds", Item, "kind"),
    Dimension("experiences", Item, "experience"),
)


def values_of(dimension: Dimension, cell: Cell, item: Item) -> tuple[str, ...]:
    """The values that are asked for in one dimension."""
    value = getattr(item if dimension.source is Item else cell, dimension.attribute)
    return value if dimension.many else (value,)


def find_failed(scope: Scope, cell: Cell, item: Item) -> str:
    """The first dimension in which ``scope`` does not admit what is asked; empty if it admits it."""
    for dimension in DIMENSIONS:
        wanted = getattr(scope, dimension.field)
        if wanted and not any(value in wanted for value in values_of(dimension, cell, item)):
            return dimension.field
    return ""


def count_values(scope: Scope) -> int:
    """How many values a scope lists, in all dimensions."""
    return sum(len(getattr(scope, dimension.field)) for dimension in DIMENSIONS)
