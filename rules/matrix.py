"""Prices of many items in many cells at once, in numpy: equal to pricing.py to the last point.

Rules are taken in the order of their evaluation, each on the items and cells that it admits. Numbers must be
within the bounds that check.py holds rule sets to, and amounts at most ``MAXIMUM_POINTS``: a product with a
factor then stays below 2⁶³.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.amounts import MAXIMUM_POINTS, ONE
from rules.compiler import CompiledRules
from rules.pricing import Terms
from rules.rule import Effect, PriceRule, is_open
from rules.scope import Cell, Item

Amounts = NDArray[np.int64]
"""Points or minor units of cash, flat: all items of the first cell, then all of the second, and so on."""

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
"""Indexes into ``Amounts``."""


class Prices(NamedTuple):
    """The final prices: one row an item, one column a cell."""

    points: NDArray[np.int64]
    cash: NDArray[np.int64]


def price_all(rules: CompiledRules, items: Sequence[Item], cells: Sequence[Cell], terms: Terms) -> Prices:
    """The price of each item in each cell, at ``terms.at``.

    ``terms.left`` is what every single price may take from budgets: no price takes from another's. Raises
    ``ValueError`` for an item whose points or cash are out of bounds.
    """
    if any(not (0 <= item.points <= MAXIMUM_POINTS and 0 <= item.cash <= MAXIMUM_POINTS) for item in items):
        raise ValueError(f"points and cash are 0 to {MAXIMUM_POINTS}: their products must stay below 2⁶³")
    evaluation = _Evaluation(items, len(cells), terms)
    admitted_items = _unpack([rules.match_item(item) for item in items], len(rules.rules))
    admitted_cells = _unpack([rules.match_cell(cell) for cell in cells], len(rules.rules))
    rank = -1
    admitted = np.flatnonzero(admitted_items.any(axis=1) & admitted_cells.any(axis=1)).tolist()
    for number in sorted(admitted, key=rules.keys.__getitem__):
        rule = rules.rules[number]
        if not is_open(rule, terms.at) or (rule.limit and rule.id in terms.used_up):
            continue
        if rules.keys[number][0] != rank:
            rank = rules.keys[number][0]
            evaluation.begin_group(rules.modes[rank])
        first_of_cells = np.flatnonzero(admitted_cells[number]) * len(items)
        places = (first_of_cells[:, None] + np.flatnonzero(admitted_items[number])).ravel()
        evaluation.apply(rule, number, places)
    evaluation.begin_group("stack")
    shape = (len(cells), len(items))
    return Prices(evaluation.points.reshape(shape).T, evaluation.cash.reshape(shape).T)


class _Evaluation:
    """All prices on their way through the groups."""

    def __init__(self, items: Sequence[Item], cells: int, terms: Terms) -> None:
        self.points: Amounts = np.tile(np.array([item.points for item in items], np.int64), cells)
        self.cash: Amounts = np.tile(np.array([item.cash for item in items], np.int64), cells)
        self.terms = terms
        self.given: dict[str, Amounts] = {}
        self.mode = "stack"
        self.taken: Flags = np.zeros(0, bool)
        # Of a group of which the best applies: its number + 1 (0: none yet), and the price that it leaves.
        self.chosen: Places = np.zeros(0, np.int64)
        self.best_points = self.best_cash = self.chosen
        self.budgets: dict[int, str] = {}

    def begin_group(self, mode: str) -> None:
        """Applies the best of the group before, and begins one."""
        if self.mode == "best":
            self._take_best()
        self.mode = mode
        if mode == "first":
            self.taken = np.zeros(self.points.shape, bool)
        elif mode == "best":
            self.chosen = np.zeros(self.points.shape, np.int64)
            self.best_points, self.best_cash = self.points.copy(), self.cash.copy()
            self.budgets = {}

    def apply(self, rule: PriceRule, number: int, places: Places) -> None:
        """Applies one rule where it can, or tries it in a group of which the best applies."""
        if self.mode == "first":
            places = places[~self.taken[places]]
        amounts = self.points if rule.effect.part == "points" else self.cash
        before = amounts[places]
        after = _change(rule.effect, before)
        if rule.budget and rule.budget in self.terms.left and rule.effect.part == "points":
            able = before - after <= self._left(rule.budget, places)
            places, before, after = places[able], before[able], after[able]
        if self.mode == "best":
            self._offer(rule, number, places, after)
            return
        amounts[places] = after
        if self.mode == "first":
            self.taken[places] = True
        if rule.budget and rule.effect.part == "points":
            self._give(rule.budget, places, before - after)

    def _left(self, budget: str, places: Places) -> Amounts:
        given = self.given[budget][places] if budget in self.given else np.zeros(len(places), np.int64)
        left: Amounts = np.maximum(self.terms.left[budget] - given, 0)
        return left

    def _give(self, budget: str, places: Places, discounts: Amounts) -> None:
        if budget not in self.given:
            self.given[budget] = np.zeros(self.points.shape, np.int64)
        self.given[budget][places] += np.maximum(discounts, 0)

    def _offer(self, rule: PriceRule, number: int, places: Places, after: Amounts) -> None:
        """Keeps the rule's result where it is the best so far: the least points, then the least cash."""
        points, cash = self.points[places], self.cash[places]
        if rule.effect.part == "points":
            points = after
        else:
            cash = after
        least = self.best_points[places]
        better = (points < least) | (self.chosen[places] == 0)
        better |= (points == least) & (cash < self.best_cash[places])
        places = places[better]
        self.best_points[places] = points[better]
        self.best_cash[places] = cash[better]
        self.chosen[places] = number + 1
        if rule.budget:
            self.budgets[number] = rule.budget

    def _take_best(self) -> None:
        discounts = self.points - self.best_points
        for number, budget in self.budgets.items():
            places = np.flatnonzero(self.chosen == number + 1)
            self._give(budget, places, discounts[places])
        self.points, self.cash = self.best_points, self.best_cash


def _change(effect: Effect, amounts: Amounts) -> Amounts:
    """``rule.change``, of many amounts."""
    operation, number = effect.operation, effect.number
    if operation == "factor":
        changed = (amounts * number + ONE // 2) // ONE
    elif operation == "add":
        changed = amounts + number
    elif operation == "set":
        changed = np.full_like(amounts, number)
    elif operation == "floor":
        changed = np.maximum(amounts, number)
    else:
        changed = np.minimum(amounts, number)
    return np.clip(changed, 0, MAXIMUM_POINTS)


def _unpack(masks: list[int], rules: int) -> Flags:
    """Bit masks as flags: one row a rule, one column a mask."""
    width = rules // 8 + 1
    packed = np.frombuffer(b"".join([mask.to_bytes(width, "little") for mask in masks]), np.uint8)
    flags = np.unpackbits(packed.reshape(len(masks), width), axis=1, count=rules, bitorder="little")
    return np.ascontiguousarray(flags.T).view(bool)
