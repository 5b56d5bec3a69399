"""Price rules: scope → effect, in an evaluation group, with priority, windows, a budget and a limit.

The shapes here are part of the log's schema: array-like, and refusing unknown fields.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rules.amounts import MAXIMUM_POINTS, apply_factor
from rules.scope import Scope, Value

RULE_LIMIT = 10_000
"""Rules in a set."""

GROUP_LIMIT = 64
"""Evaluation groups in a set."""

WINDOW_LIMIT = 1_000
"""Windows of a rule."""

Instant = Annotated[int, Meta(ge=0, le=2**53 - 1)]

Window = tuple[Instant, Instant]
"""From the first instant (ms since the epoch, UTC) up to, and without, the second."""

Number = Annotated[int, Meta(ge=-MAXIMUM_POINTS, le=MAXIMUM_POINTS)]


class Effect(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a rule does to one part of a price.

    ``factor`` multiplies by basis points, ``add`` adds (a negative number is a discount), ``set`` replaces,
    ``floor`` and ``cap`` bound. Points are points, cash is minor units of the market's currency.
    """

    operation: Literal["factor", "add", "set", "floor", "cap"]
    number: Number
    part: Literal["points", "cash"] = "points"


class PriceRule(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """One rule.

    Of one group, higher ``priority`` comes first, then the lower id. ``windows`` empty: always. ``budget``
    names what the points that it gives away are taken from (empty: from nothing): a discount that is larger
    than what is left does not apply. ``limit``: how often one member may profit (0: without limit).
    """

    id: Value
    scope: Scope
    effect: Effect
    group: Value
    priority: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    windows: Annotated[tuple[Window, ...], Meta(max_length=WINDOW_LIMIT)] = ()
    budget: Annotated[str, Meta(max_length=64)] = ""
    limit: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    title: Annotated[str, Meta(max_length=500)] = ""


class Group(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Rules that are evaluated together.

    ``stack``: each that matches applies, in order, to what the one before left. ``best``: the one that leaves
    the least points, then the least cash; of equal ones the first. ``first``: the first that matches.
    """

    id: Value
    mode: Literal["stack", "best", "first"] = "stack"


class RuleSet(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """Groups in the order of their evaluation, and rules in any."""

    groups: Annotated[tuple[Group, ...], Meta(max_length=GROUP_LIMIT)]
    rules: Annotated[tuple[PriceRule, ...], Meta(max_length=RULE_LIMIT)]


def change(effect: Effect, amount: int) -> int:
    """``amount`` after ``effect``; never below 0 or above ``MAXIMUM_POINTS``."""
    operation, number = effect.operation, effect.number
    if operation == "factor":
        changed = apply_factor(amount, number)
    elif operation == "add":
        changed = amount + number
    elif operation == "set":
        changed = number
    elif operation == "floor":
        changed = max(amount, number)
    else:
        changed = min(amount, number)
    if 0 <= changed <= MAXIMUM_POINTS:
        return changed
    return 0 if changed < 0 else MAXIMUM_POINTS


def is_open(rule: PriceRule, at: int) -> bool:
    """Whether one of the rule's windows holds at ``at`` ms."""
    return not rule.windows or any(start <= at < end for start, end in rule.windows)
