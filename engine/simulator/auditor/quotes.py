"""A second interpreter, written from design.md alone: slow, plain, without a line of the compiled one's."""

from typing import Any

from rules.pricing import Terms
from rules.rule import Group, PriceRule, RuleSet
from rules.scope import Cell, Item

GREATEST = 10**12
"""Points, or minor units of cash: no price is above it."""

Price = dict[str, int]
"""``points`` and ``cash``."""

Step = tuple[str, str, int, int]
"""A rule, the part of the price that it changed, what that was, and what it is."""


def share_of(amount: int, basis_points: int) -> int:
    """So many hundredths of a percent of ``amount``, half up."""
    return (2 * amount * basis_points + 10_000) // 20_000


def naive_quote(
    rule_set: RuleSet, cell: Cell, item: Item, terms: Terms
) -> tuple[int, int, list[Step], dict[str, int]]:
    """Points, cash, the steps as (rule, part, before, after), and the points given away by budget."""
    price = {"points": item.points, "cash": item.cash}
    steps: list[Step] = []
    given: dict[str, int] = {}
    for group in rule_set.groups:
        entering = dict(price)
        able = []
        for rule in in_order(rule_set, group):
            if why_not(rule, cell, item, terms, price if group.mode == "stack" else entering, given):
                continue
            able.append(rule)
            if group.mode == "stack":
                apply(rule, price, steps, given)
        if able and group.mode == "first":
            apply(able[0], price, steps, given)
        elif able and group.mode == "best":
            apply(min(able, key=lambda rule: outcome(rule, entering)), price, steps, given)
    return price["points"], price["cash"], steps, given


def naive_reasons(rule_set: RuleSet, cell: Cell, item: Item, terms: Terms) -> dict[str, str]:
    """Why each rule that did not apply did not, by id."""
    price = {"points": item.points, "cash": item.cash}
    given: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for group in rule_set.groups:
        entering = (price["points"], price["cash"])
        taken: list[Step] = []
        candidates = []
        for rule in in_order(rule_set, group):
            why = why_not(rule, cell, item, terms, price, given)
            if why:
                reasons[rule.id] = why
            elif group.mode == "stack" or (group.mode == "first" and not taken):
                apply(rule, price, taken, given)
            else:
                candidates.append(rule)
        if group.mode == "best" and candidates:
            before = dict(zip(("points", "cash"), entering, strict=True))
            best = min(candidates, key=lambda rule: outcome(rule, before))
            apply(best, price, taken, given)
            candidates.remove(best)
        reasons |= {rule.id: "group" for rule in candidates}
    return reasons


def in_order(rule_set: RuleSet, group: Group) -> list[PriceRule]:
    return sorted(
        (rule for rule in rule_set.rules if rule.group == group.id),
        key=lambda rule: (-rule.priority, rule.id),
    )


def why_not(
    rule: PriceRule, cell: Cell, item: Item, terms: Terms, price: Price, given: dict[str, int]
) -> str:
    asked: dict[str, set[Any]] = {
        "mechanics": {cell.mechanic},
        "tiers": {cell.tier},
        "markets": {cell.market},
        "channels": {cell.channel},
        "segments": set(cell.segments),
        "campaigns": set(cell.campaigns),
        "kinds": {item.kind},
        "experiences": {item.experience},
    }
    for dimension, values in asked.items():
        wanted = set(getattr(rule.scope, dimension))
        if wanted and not wanted & values:
            return dimension
    if rule.windows and not any(start <= terms.at < end for start, end in rule.windows):
        return "schedule"
    if rule.limit and rule.id in terms.used_up:
        return "limit"
    discount = price["points"] - outcome(rule, price)[0]
    limited = rule.budget in terms.left
    left = max(0, terms.left[rule.budget] - given.get(rule.budget, 0)) if limited else discount
    return "budget" if discount > left else ""


def outcome(rule: PriceRule, price: Price) -> tuple[int, int]:
    """The price that the rule leaves, as (points, cash)."""
    number = rule.effect.number
    amount = price[rule.effect.part]
    changed = {
        "factor": lambda: share_of(amount, number),
        "add": lambda: amount + number,
        "set": lambda: number,
        "floor": lambda: max(amount, number),
        "cap": lambda: min(amount, number),
    }[rule.effect.operation]()
    after = price | {rule.effect.part: sorted((0, changed, GREATEST))[1]}
    return after["points"], after["cash"]


def apply(rule: PriceRule, price: Price, steps: list[Step], given: dict[str, int]) -> None:
    part = rule.effect.part
    before = dict(price)
    price["points"], price["cash"] = outcome(rule, price)
    steps.append((rule.id, part, before[part], price[part]))
    discount = before["points"] - price["points"]
    if rule.budget and discount > 0:
        given[rule.budget] = given.get(rule.budget, 0) + discount
