"""Item, cell and instant + compiled rules → a quote with its trace; and, asked, why a rule did not apply.

engine/simulator/auditor/quotes.py is a second interpreter, and matrix.py prices everything at once: all
three agree to the last point.
"""

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from rules.compiler import CompiledRules, walk_bits
from rules.rule import PriceRule, change, is_open
from rules.scope import DIMENSIONS, Cell, Item, values_of

Price = tuple[int, int]
"""Points, and minor units of cash."""


class Step(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One rule that applied, with the part of the price that it concerns before and after."""

    rule: str
    part: str
    before: int
    after: int


class Quote(msgspec.Struct, frozen=True, gc=False):
    """The final price, and how it came about.

    ``given`` are the points that it takes from budgets, by name.
    """

    points: int
    cash: int
    steps: list[Step]
    given: dict[str, int]


class NotApplied(msgspec.Struct, frozen=True):
    """A rule that did not apply: the first dimension that failed (a field of ``Scope``), or ``schedule``,
    ``limit``, ``budget``, or ``group`` where another of its group was taken."""

    rule: str
    reason: str


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What beside the item and the cell decides: the instant in ms, the points that are ``left`` of each
    budget (one that is not named is unlimited), and the rules that this member has ``used_up``."""

    at: int
    left: Mapping[str, int] = {}
    used_up: Collection[str] = ()


def quote(rules: CompiledRules, cell: Cell, item: Item, terms: Terms) -> Quote:
    """The price of ``item`` for who is in ``cell``."""
    return quote_matching(rules, rules.sort(rules.match_cell(cell) & rules.match_item(item)), item, terms)


def quote_matching(
    rules: CompiledRules,
    places: list[int],
    item: Item,
    terms: Terms,
    obstacles: dict[int, str] | None = None,
) -> Quote:
    """The price under the rules at these places, which stand in the order of evaluation.

    ``obstacles``, where given, takes what kept each place's rule from applying when its turn came: nothing is
    entered for those that applied, and for those that only another of the group was taken before.
    """
    points, cash = item.points, item.cash
    steps: list[Step] = []
    given: dict[str, int] = {}
    rank, mode, taken = -1, "", False
    best: PriceRule | None = None
    best_price: Price = (0, 0)
    for place in places:
        rule = rules.rules[place]
        own = rules.keys[place][0]
        if own != rank:
            if best is not None:
                _note_step(best, (points, cash), best_price, steps, given)
                (points, cash), best = best_price, None
            rank, mode, taken = own, rules.modes[own], False
        elif taken and mode == "first" and obstacles is None:
            continue
        if (rule.windows or rule.limit or rule.budget) and (
            obstacle := _find_obstacle(rule, points, terms, given)
        ):
            if obstacles is not None:
                obstacles[place] = obstacle
            continue
        if taken and mode == "first":
            continue
        effect = rule.effect
        if effect.part == "points":
            after = (change(effect, points), cash)
        else:
            after = (points, change(effect, cash))
        if mode == "best":
            if best is None or after < best_price:
                best, best_price = rule, after
            continue
        _note_step(rule, (points, cash), after, steps, given)
        (points, cash), taken = after, True
    if best is not None:
        _note_step(best, (points, cash), best_price, steps, given)
        points, cash = best_price
    return Quote(points, cash, steps, given)


def explain(rules: CompiledRules, cell: Cell, item: Item, terms: Terms) -> list[NotApplied]:
    """Each rule that did not apply, in the order of evaluation, and why."""
    reasons: dict[int, str] = {}
    matching = _match(rules, cell, item, reasons)
    found = quote_matching(rules, rules.sort(matching), item, terms, reasons)
    applied = {step.rule for step in found.steps}
    return [
        NotApplied(rule.id, reasons.get(rules.places[rule.id], "group"))
        for rule in rules.in_order()
        if rule.id not in applied
    ]


def _match(rules: CompiledRules, cell: Cell, item: Item, reasons: dict[int, str]) -> int:
    """The rules that match; of the others ``reasons`` takes the first dimension that failed, by place."""
    matching = (1 << len(rules.rules)) - 1
    for number, dimension in enumerate(DIMENSIONS):
        admitting = rules.open[number]
        for value in values_of(dimension, cell, item):
            admitting |= rules.listing[number].get(value, 0)
        reasons |= dict.fromkeys(walk_bits(matching & ~admitting), dimension.field)
        matching &= admitting
    return matching


def _note_step(
    rule: PriceRule,
    before: Price,
    after: Price,
    steps: list[Step],
    given: dict[str, int],
) -> None:
    """A rule applies: what it did, and what that takes from its budget."""
    part = 0 if rule.effect.part == "points" else 1
    steps.append(Step(rule.id, rule.effect.part, before[part], after[part]))
    if rule.budget and before[0] > after[0]:
        given[rule.budget] = given.get(rule.budget, 0) + before[0] - after[0]


def _find_obstacle(
    rule: PriceRule, points: int, terms: Terms, given: Mapping[str, int]
) -> Literal["", "schedule", "limit", "budget"]:
    """What keeps a rule whose scope matches from applying at a price of ``points``."""
    if rule.windows and not is_open(rule, terms.at):
        return "schedule"
    if rule.limit and rule.id in terms.used_up:
        return "limit"
    if rule.budget and rule.budget in terms.left and rule.effect.part == "points":
        discount = points - change(rule.effect, points)
        if discount > max(0, terms.left[rule.budget] - given.get(rule.budget, 0)):
            return "budget"
    return ""
