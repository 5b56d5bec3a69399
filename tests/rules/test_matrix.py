"""The matrix agrees with the scalar path to the last point, whatever the rules."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rules.amounts import MAXIMUM_FACTOR, MAXIMUM_POINTS
from rules.compiler import CompiledRules
from rules.matrix import Base, price_all, price_both
from rules.pricing import Terms, quote
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Cell, Item, Scope
from tests.rules.strategies import cells, items, questions


@settings(max_examples=150, deadline=None)
@given(questions(), st.lists(items, max_size=4), st.lists(cells, max_size=3))
def test_every_price_is_the_scalar_one(question, more_items, more_cells):
    rule_set, cell, item, terms = question
    items, cells = [item, *more_items], [cell, *more_cells]
    rules = CompiledRules(rule_set)
    prices = price_all(rules, items, cells, terms)
    assert prices.points.shape == prices.cash.shape == (len(items), len(cells))
    for row, item in enumerate(items):
        for column, cell in enumerate(cells):
            found = quote(rules, cell, item, terms)
            assert (found.points, found.cash) == (prices.points[row, column], prices.cash[row, column])


@settings(max_examples=150, deadline=None)
@given(questions(), st.lists(items, max_size=4), st.lists(cells, max_size=3))
def test_floors_and_caps_that_are_met_are_those_of_the_scalar_path(question, more_items, more_cells):
    rule_set, cell, item, terms = question
    items, cells = [item, *more_items], [cell, *more_cells]
    rules = CompiledRules(rule_set)
    met = {}
    for column, cell in enumerate(cells):
        for row, item in enumerate(items):
            for step in quote(rules, cell, item, terms).steps:
                bounds = rules.rules[rules.places[step.rule]].effect.operation in ("floor", "cap")
                if bounds and step.before != step.after:
                    met.setdefault(step.rule, []).append((row, column))
    bounds = price_all(rules, items, cells, terms).bounds
    assert bounds == {id: (len(places), *places[0]) for id, places in met.items()}


@settings(max_examples=150, deadline=None)
@given(questions(), st.lists(items, max_size=4), st.lists(cells, max_size=3), st.data())
def test_both_prices_of_a_rule_that_is_tuned_are_those_of_two_sets(question, more_items, more_cells, data):
    rule_set, cell, item, terms = question
    if not rule_set.rules:
        return
    items, cells = [item, *more_items], [cell, *more_cells]
    rule = data.draw(st.sampled_from(rule_set.rules))
    effect = msgspec.structs.replace(rule.effect, number=data.draw(st.integers(1, 20_000)))
    tuned = msgspec.structs.replace(rule, effect=effect)
    before, after = CompiledRules(rule_set), CompiledRules(rule_set)
    after.put(tuned)
    for found, rules in zip(price_both(before, tuned, items, cells, terms), (before, after), strict=True):
        wanted = price_all(rules, items, cells, terms)
        assert (found.points.tolist(), found.cash.tolist()) == (wanted.points.tolist(), wanted.cash.tolist())
        assert found.bounds == wanted.bounds


@pytest.mark.parametrize(
    ("mode", "before", "after"),
    [("stack", [60, 80], [20, 40]), ("best", [80, 80], [40, 40]), ("first", [80, 80], [80, 40])],
)
def test_a_rule_that_is_tuned_in_the_midst_of_its_group(mode, before, after):
    near = PriceRule("near", Scope(kinds=("travel",)), Effect("add", -20), "a", 2, budget="x")
    tuned = PriceRule("tuned", Scope(), Effect("add", -20), "a", 1)
    rules = CompiledRules(RuleSet((Group("a", mode),), (near, tuned)))
    items = [Item("cruise", "travel", 100), Item("spa", "wellness", 100)]
    more = msgspec.structs.replace(tuned, effect=Effect("add", -60))
    found = price_both(rules, more, items, [Cell()], Terms(0, left={"x": 30}))
    assert [prices.points[:, 0].tolist() for prices in found] == [before, after]


@settings(max_examples=50, deadline=None)
@given(questions(), st.lists(items, max_size=3), cells)
def test_what_it_costs_before_rules_may_differ_by_cell(question, more_items, another):
    rule_set, cell, item, terms = question
    rules = CompiledRules(rule_set)
    here = [item, *more_items]
    there = [msgspec.structs.replace(one, points=one.cash, cash=one.points) for one in here]
    points = np.array([[one.points, one.cash] for one in here], np.int64)
    both = price_all(rules, here, [cell, another], terms, Base(points, points[:, ::-1]))
    for column, (priced, asking) in enumerate(((here, cell), (there, another))):
        alone = price_all(rules, priced, [asking], terms)
        assert both.points[:, column].tolist() == alone.points[:, 0].tolist()
        assert both.cash[:, column].tolist() == alone.cash[:, 0].tolist()


def test_rules_that_a_member_has_used_up_are_left_out():
    rule = PriceRule("once", Scope(), Effect("set", 5), "a", limit=1)
    rules = CompiledRules(RuleSet((Group("a"),), (rule,)))
    items, cells = [Item("spa", "travel", 100)], [Cell()]
    assert price_all(rules, items, cells, Terms(0)).points.tolist() == [[5]]
    assert price_all(rules, items, cells, Terms(0, used_up={"once"})).points.tolist() == [[100]]


def test_a_worked_table():
    rules = CompiledRules(
        RuleSet(
            (Group("tier"), Group("guard", "first")),
            (
                PriceRule("gold", Scope(tiers=("gold",)), Effect("factor", 9_000), "tier"),
                PriceRule("travel", Scope(kinds=("travel",)), Effect("add", -30), "tier", priority=1),
                PriceRule("least", Scope(), Effect("floor", 75), "guard"),
            ),
        )
    )
    items = [Item("spa", "wellness", 100), Item("cruise", "travel", 105)]
    cells = [Cell(tier="silver"), Cell(tier="gold")]
    prices = price_all(rules, items, cells, Terms(0))
    assert prices.points.tolist() == [[100, 90], [75, 75]]
    assert prices.points.dtype == np.int64


@pytest.mark.parametrize(
    "rules", [(), tuple(PriceRule(str(n), Scope(tiers=("none",)), Effect("set", 1), "a") for n in range(9))]
)
def test_without_a_rule_that_matches_the_base_stays(rules):
    compiled = CompiledRules(RuleSet((Group("a", "best"),), rules))
    prices = price_all(compiled, [Item("spa", "travel", 7, 9)], [Cell(), Cell(tier="gold")], Terms(0))
    assert (prices.points.tolist(), prices.cash.tolist()) == ([[7, 7]], [[9, 9]])


def test_the_largest_amounts_and_factors_do_not_overflow():
    rules = (PriceRule("c", Scope(), Effect("factor", MAXIMUM_FACTOR, "cash"), "a"),)
    compiled = CompiledRules(RuleSet((Group("a"),), rules))
    item = Item("spa", "travel", MAXIMUM_POINTS, MAXIMUM_POINTS)
    found = quote(compiled, Cell(), item, Terms(0))
    prices = price_all(compiled, [item], [Cell()], Terms(0))
    assert (prices.points.item(), prices.cash.item()) == (found.points, found.cash) == (10**12, 10**12)


@pytest.mark.parametrize("item", [Item("spa", "travel", 0, 10**14), Item("spa", "travel", 10**12 + 1, 0)])
def test_amounts_out_of_bounds_are_refused(item):
    with pytest.raises(ValueError, match="below 2⁶³"):
        price_all(CompiledRules(RuleSet((), ())), [item], [Cell()], Terms(0))
