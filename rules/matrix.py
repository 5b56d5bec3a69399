"""Prices of many items in many cells at once, in numpy: equal to pricing.py to the last point.

Rules are taken in the order of their evaluation, each on the items and cells that it admits. Numbers must be
within the bounds that check.py holds rule sets to, and amounts at most ``MAXIMUM_POINTS``: a product with a
factor then stays below 2⁶³.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rules.amounts import MAXIMUM_POINTS, ONE
from rules.compiler import CompiledRules
from rules.pricing import Terms
from rules.rule import Effect, PriceRule, is_open
from rules.scope import DIMENSIONS, Cell, Item

Amounts = NDArray[np.int64]
"""Points or minor units of cash, flat: all items of the first cell, then all of the second, and so on."""

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
"""Indexes into ``Amounts``."""

REMEMBERED = 256
"""Lists of items, and of cells, that are kept during one look: rules that list the same share theirs."""

_NO_OFFER = MAXIMUM_POINTS + 1
"""What a price is in a group of which the best applies, until a rule offers one: more than any."""

_BOUNDS = ("floor", "cap")

_EXPERIENCES = [dimension.field for dimension in DIMENSIONS].index("experiences")


class Base(NamedTuple):
    """Prices before rules: one row an item, one column a cell. ``there``, where given, is false for what is
    no price: nothing that happens to it counts as a bound that was met."""

    points: NDArray[np.int64]
    cash: NDArray[np.int64]
    there: Flags | None = None


class Bound(NamedTuple):
    """How many prices a floor raised or a cap lowered on their way, and the row and column of the first."""

    prices: int
    row: int
    column: int


class Prices(NamedTuple):
    """The final prices: one row an item, one column a cell. ``bounds`` has the floors and caps that any of
    them met, by the rule's id."""

    points: NDArray[np.int64]
    cash: NDArray[np.int64]
    bounds: dict[str, Bound]


def price_all(
    rules: CompiledRules,
    items: Sequence[Item],
    cells: Sequence[Cell],
    terms: Terms,
    base: Base | None = None,
) -> Prices:
    """The price of each item in each cell, at ``terms.at``.

    ``base``, where given, has what the items cost before rules, which may differ from cell to cell; else it
    is what they say themselves. ``terms.left`` is what every single price may take from budgets: no price
    takes from another's. Raises ``ValueError`` for points or cash that are out of bounds.
    """
    evaluation = _begin(items, cells, terms, base)
    for number, places in _take_turns(rules, items, cells, terms):
        evaluation.apply(rules, rules.rules[number], number, places)
    return evaluation.finish(len(items), len(cells))


def price_both(
    rules: CompiledRules,
    tuned: PriceRule,
    items: Sequence[Item],
    cells: Sequence[Cell],
    terms: Terms,
    base: Base | None = None,
) -> tuple[Prices, Prices]:
    """What ``price_all`` gives, and what it would with ``tuned`` instead of the rule of its id, from which it
    differs in its number alone. What comes before that rule is worked out once."""
    before = _begin(items, cells, terms, base)
    after: _Evaluation | None = None
    place = rules.places[tuned.id]
    for number, places in _take_turns(rules, items, cells, terms):
        if number == place:
            after = before.copy()
        before.apply(rules, rules.rules[number], number, places)
        if after is not None:
            after.apply(rules, tuned if number == place else rules.rules[number], number, places)
    prices = before.finish(len(items), len(cells))
    return prices, prices if after is None else after.finish(len(items), len(cells))


def _begin(items: Sequence[Item], cells: Sequence[Cell], terms: Terms, base: Base | None) -> "_Evaluation":
    if base is None:
        base = _base_of(items, len(cells))
    if any(part.size and (part.min() < 0 or part.max() > MAXIMUM_POINTS) for part in base[:2]):
        raise ValueError(f"points and cash are 0 to {MAXIMUM_POINTS}: their products must stay below 2⁶³")
    return _Evaluation(base, terms)


def _take_turns(
    rules: CompiledRules, items: Sequence[Item], cells: Sequence[Cell], terms: Terms
) -> Iterator[tuple[int, Places]]:
    """The rules that apply somewhere, in the order of evaluation: each with the prices that it is about."""
    classes, class_of = _sort_into_classes(rules, items)
    admitted_classes = _unpack(classes, len(rules.rules))
    admitted_cells = _unpack([rules.match_cell(cell) for cell in cells], len(rules.rules))

    # Many rules list the same kinds, or the same tiers and markets: what they admit is looked up once.
    @lru_cache(REMEMBERED)
    def find_items(admitted: bytes) -> Places:
        found: Places = np.frombuffer(admitted, bool)[class_of].nonzero()[0]
        return found

    @lru_cache(REMEMBERED)
    def find_firsts(admitted: bytes) -> Places:
        found: Places = np.frombuffer(admitted, bool).nonzero()[0] * len(items)
        return found[:, None]

    somewhere = np.flatnonzero(admitted_classes.any(axis=1) & admitted_cells.any(axis=1)).tolist()
    for number in sorted(somewhere, key=rules.keys.__getitem__):
        rule = rules.rules[number]
        if is_open(rule, terms.at) and not (rule.limit and rule.id in terms.used_up):
            firsts = find_firsts(admitted_cells[number].tobytes())
            yield number, (firsts + find_items(admitted_classes[number].tobytes())).ravel()


class _Evaluation:
    """All prices on their way through the groups."""

    def __init__(self, base: Base, terms: Terms) -> None:
        self.points: Amounts = base.points.T.flatten()
        self.cash: Amounts = base.cash.T.flatten()
        self.there = None if base.there is None else base.there.T.flatten()
        self.terms = terms
        # By the id of a floor or cap: how many prices it changed, and the first of these places.
        self.bounds: dict[str, tuple[int, int]] = {}
        self.given: dict[str, Amounts] = {}
        self.rank, self.mode = -1, "stack"
        self.taken: Flags = np.zeros(0, bool)
        # Of a group of which the best applies: its number + 1 (0: none yet), and the price that it leaves.
        self.chosen: Places = np.zeros(0, np.int64)
        self.best_points = self.best_cash = self.chosen
        self.offered: dict[int, PriceRule] = {}

    def copy(self) -> "_Evaluation":
        """Another, which goes on apart from this one."""
        other = copy(self)
        other.points, other.cash, other.taken = self.points.copy(), self.cash.copy(), self.taken.copy()
        other.chosen = self.chosen.copy()
        other.best_points, other.best_cash = self.best_points.copy(), self.best_cash.copy()
        other.bounds, other.offered = self.bounds.copy(), self.offered.copy()
        other.given = {budget: points.copy() for budget, points in self.given.items()}
        return other

    def finish(self, items: int, cells: int) -> Prices:
        """The prices, once every rule had its turn."""
        self._begin_group("stack")
        bounds = {
            id: Bound(count, first % items, first // items) for id, (count, first) in self.bounds.items()
        }
        return Prices(self.points.reshape(cells, items).T, self.cash.reshape(cells, items).T, bounds)

    def _begin_group(self, mode: str) -> None:
        """Applies the best of the group before, and begins one."""
        if self.mode == "best":
            self._take_best()
        self.mode = mode
        if mode == "first":
            self.taken = np.zeros(self.points.shape, bool)
        elif mode == "best":
            self.chosen = np.zeros(self.points.shape, np.int64)
            self.best_points, self.best_cash = np.full_like(self.points, _NO_OFFER), self.cash.copy()
            self.offered = {}

    def apply(self, rules: CompiledRules, rule: PriceRule, number: int, places: Places) -> None:
        """Applies one rule where it can, or tries it in a group of which the best applies."""
        rank = rules.keys[number][0]
        if rank != self.rank:
            self.rank = rank
            self._begin_group(rules.modes[rank])
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
        if rule.effect.operation in _BOUNDS:
            self._note_bound(rule, places[after != before])
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
        better = (points < least) | ((points == least) & (cash < self.best_cash[places]))
        places = places[better]
        self.best_points[places] = points[better]
        self.best_cash[places] = cash[better]
        self.chosen[places] = number + 1
        if rule.budget or rule.effect.operation in _BOUNDS:
            self.offered[number] = rule

    def _take_best(self) -> None:
        """Applies what was chosen; the budgets and bounds of what was not are as they were."""
        np.copyto(self.best_points, self.points, where=self.chosen == 0)
        discounts = self.points - self.best_points
        changed = (discounts != 0) | (self.cash != self.best_cash)
        for number, rule in self.offered.items():
            places = (self.chosen == number + 1).nonzero()[0]
            if rule.budget:
                self._give(rule.budget, places, discounts[places])
            if rule.effect.operation in _BOUNDS:
                self._note_bound(rule, places[changed[places]])
        self.points, self.cash = self.best_points, self.best_cash

    def _note_bound(self, rule: PriceRule, places: Places) -> None:
        if self.there is not None:
            places = places[self.there[places]]
        if len(places):
            self.bounds[rule.id] = (len(places), int(places[0]))


def _change(effect: Effect, amounts: Amounts) -> Amounts:
    """``rule.change``, of many amounts: each is kept within the bound that it can pass."""
    operation, number = effect.operation, effect.number
    if operation == "factor":
        changed = (amounts * number + ONE // 2) // ONE
        return np.minimum(changed, MAXIMUM_POINTS, out=changed) if number > ONE else changed
    if operation == "add":
        changed = amounts + number
        # Not np.clip, which looks up the limits of the type with every call.
        if number < 0:
            return np.maximum(changed, 0, out=changed)
        return np.minimum(changed, MAXIMUM_POINTS, out=changed)
    if operation == "set":
        return np.full_like(amounts, number)
    return np.maximum(amounts, number) if operation == "floor" else np.minimum(amounts, number)


def _base_of(items: Sequence[Item], cells: int) -> Base:
    """What the items cost before rules, the same in all cells."""
    shape = (len(items), cells)
    points, cash = (
        np.broadcast_to(np.array(amounts, np.int64)[:, None], shape)
        for amounts in ([item.points for item in items], [item.cash for item in items])
    )
    return Base(points, cash)


def _sort_into_classes(rules: CompiledRules, items: Sequence[Item]) -> tuple[list[int], Places]:
    """Classes of items which the same rules admit, as masks of these rules, and the class of each item: of
    one kind those differ only that a rule names."""
    listed = rules.listing[_EXPERIENCES]
    numbers: dict[tuple[str, str], int] = {}
    masks: list[int] = []
    class_of = []
    for item in items:
        key = (item.kind, item.experience if item.experience in listed else "")
        number = numbers.get(key)
        if number is None:
            number = numbers[key] = len(masks)
            masks.append(rules.match_item(item))
        class_of.append(number)
    return masks, np.array(class_of, np.int64)


def _unpack(masks: list[int], rules: int) -> Flags:
    """Bit masks as flags: one row a rule, one column a mask."""
    width = rules // 8 + 1
    packed = np.frombuffer(b"".join([mask.to_bytes(width, "little") for mask in masks]), np.uint8)
    flags = np.unpackbits(packed.reshape(len(masks), width), axis=1, count=rules, bitorder="little")
    return np.ascontiguousarray(flags.T).view(bool)
