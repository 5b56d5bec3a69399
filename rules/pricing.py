"""Item, cell and instant + compiled rules → a quote with its trace; and, asked, why a rule did not apply.

tests/rules/naive.py is a second interpreter, and matrix.py prices everything at once: all three agree to the
last point.
"""

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from rules.compiler import CompiledRules
from rules.rule import PriceRule, change, is_open
from rules.scope import Cell, Item, find_failed

Price = tuple[int, int]
"""Points, and minor units of cash."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """One rule that applied, with the part of the price that it concerns before and after."""

    rule: str
    part: str
    before: int
    after: int


class Quote(msgspec.Struct, frozen=True):
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


class Terms(msgspec.Struct, frozen=True):
    """What beside the item and the cell decides: the instant in ms, the points that are ``left`` of each
    budget (one that is not named is unlimited), and the rules that this member has ``used_up``."""

    at: int
    left: Mapping[str, int] = {}
    used_up: Collection[str] = ()


def quote(rules: CompiledRules, cell: Cell, item: Item, terms: Terms) -> Quote:
    """The price of ``item`` for who is in ``cell``."""
    return quote_matching(rules, rules.sort(rules.match_cell(cell) & rules.match_item(item)), item, terms)


def quote_matching(rules: CompiledRules, places: list[int], item: Item, terms: Terms) -> Quote:
    """The price under the rules at these places, which stand in the order of evaluation."""
    evaluation = _Evaluation(item, terms)
    rank = -1
    mode = ""
    for place in places:
        rule = rules.rules[place]
        if rules.keys[place][0] != rank:
            evaluation.end_group()
            rank = rules.keys[place][0]
            mode = rules.modes[rank]
        if mode == "first" and evaluation.taken:
            continue
        if (rule.windows or rule.limit or rule.budget) and evaluation.obstacle(rule):
            continue
        candidate = _after(rule, evaluation.price)
        if mode == "best":
            evaluation.offer(rule, candidate)
        else:
            evaluation.take(rule, candidate)
    evaluation.end_group()
    return Quote(*evaluation.price, evaluation.steps, evaluation.given)


def explain(rules: CompiledRules, cell: Cell, item: Item, terms: Terms) -> list[NotApplied]:
    """Each rule that did not apply, in the order of evaluation, and why."""
    matching = rules.sort(rules.match_cell(cell) & rules.match_item(item))
    applied = {step.rule for step in quote_matching(rules, matching, item, terms).steps}
    return [
        NotApplied(
            rule.id,
            find_failed(rule.scope, cell, item)
            or _obstacle(rules, matching, rules.places[rule.id], item, terms),
        )
        for rule in rules.in_order()
        if rule.id not in applied
    ]


class _Evaluation:
    """A price on its way through the groups."""

    __slots__ = ("best", "given", "price", "steps", "taken", "terms")

    def __init__(self, item: Item, terms: Terms) -> None:
        self.price: Price = (item.points, item.cash)
        self.terms = terms
        self.steps: list[Step] = []
        self.given: dict[str, int] = {}
        self.taken = False
        self.best: tuple[Price, PriceRule] | None = None

    def obstacle(self, rule: PriceRule) -> Literal["", "schedule", "limit", "budget"]:
        """What keeps a rule whose scope matches from applying."""
        terms = self.terms
        if rule.windows and not is_open(rule, terms.at):
            return "schedule"
        if rule.limit and rule.id in terms.used_up:
            return "limit"
        if rule.budget and rule.budget in terms.left:
            discount = self.price[0] - _after(rule, self.price)[0]
            if discount > max(0, terms.left[rule.budget] - self.given.get(rule.budget, 0)):
                return "budget"
        return ""

    def offer(self, rule: PriceRule, candidate: Price) -> None:
        """Remembers the best so far of a group of which one applies."""
        if self.best is None or candidate < self.best[0]:
            self.best = (candidate, rule)

    def take(self, rule: PriceRule, after: Price) -> None:
        """Applies a rule."""
        part = 0 if rule.effect.part == "points" else 1
        self.steps.append(Step(rule.id, rule.effect.part, self.price[part], after[part]))
        discount = self.price[0] - after[0]
        if rule.budget and discount > 0:
            self.given[rule.budget] = self.given.get(rule.budget, 0) + discount
        self.price = after
        self.taken = True

    def end_group(self) -> None:
        """Applies the best of the group that ends."""
        if self.best is not None:
            after, rule = self.best
            self.take(rule, after)
        self.best = None
        self.taken = False


def _after(rule: PriceRule, price: Price) -> Price:
    points, cash = price
    if rule.effect.part == "points":
        return change(rule.effect, points), cash
    return points, change(rule.effect, cash)


def _obstacle(rules: CompiledRules, matching: list[int], place: int, item: Item, terms: Terms) -> str:
    """What kept a rule from applying although its scope matches."""
    # The price when its turn came is that of all rules before it.
    key = rules.keys[place]
    turn = key[:1] if rules.modes[key[0]] == "best" else key
    before = [other for other in matching if rules.keys[other] < turn]
    reached = quote_matching(rules, before, item, terms)
    evaluation = _Evaluation(item, terms)
    evaluation.price = (reached.points, reached.cash)
    evaluation.given = reached.given
    return evaluation.obstacle(rules.rules[place]) or "group"
