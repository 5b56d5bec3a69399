"""The bit index finds what a look at every rule finds, and a rule can be tuned in its place."""

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from rules.compiler import BITS, CompiledRules, walk_bits
from rules.matrix import price_all
from rules.pricing import Terms, explain, quote
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Cell, Item, Scope, find_failed
from tests.rules.strategies import questions


@settings(max_examples=150, deadline=None)
@given(questions())
def test_a_rule_matches_where_no_dimension_fails(question):
    rule_set, cell, item, _ = question
    rules = CompiledRules(rule_set)
    found = {rules.rules[place].id for place in walk_bits(rules.match_cell(cell) & rules.match_item(item))}
    assert found == {rule.id for rule in rule_set.rules if not find_failed(rule.scope, cell, item)}


@settings(deadline=None)
@given(questions())
def test_rules_stand_in_the_order_of_their_evaluation(question):
    rule_set = question[0]
    rules = CompiledRules(rule_set)
    order = [group.id for group in rule_set.groups]
    assert [rule.id for rule in rules.rules] == [
        rule.id
        for rule in sorted(rule_set.rules, key=lambda one: (order.index(one.group), -one.priority, one.id))
    ]
    assert rules.in_order() == rules.rules
    assert [order[rank] for rank, _, _ in rules.keys] == [rule.group for rule in rules.rules]
    assert {id: rules.rules[place].id for id, place in rules.places.items()} == {
        id: id for id in rules.places
    }


@given(st.sets(st.integers(0, 12_000), max_size=30))
def test_bits_are_walked_in_order(places):
    assert list(walk_bits(sum(1 << place for place in places))) == sorted(places)


def test_bits_at_the_edges_of_a_word():
    places = [0, BITS - 1, BITS, 2 * BITS - 1, 2 * BITS, 20 * BITS]
    assert list(walk_bits(sum(1 << place for place in places))) == places


def number_of(rule, number):
    return msgspec.structs.replace(rule, effect=Effect(rule.effect.operation, number, rule.effect.part))


@settings(deadline=None)
@given(questions(), st.integers(1, 20_000), st.data())
def test_a_tuned_rule_prices_like_a_new_set(question, number, data):
    rule_set, cell, item, terms = question
    if not rule_set.rules:
        return
    rules = CompiledRules(rule_set)
    tuned = number_of(data.draw(st.sampled_from(rule_set.rules)), number)
    rules.put(tuned)
    others = [rule for rule in rule_set.rules if rule.id != tuned.id]
    anew = CompiledRules(RuleSet(rule_set.groups, (tuned, *others)))
    assert quote(rules, cell, item, terms) == quote(anew, cell, item, terms)


RULE = PriceRule("r", Scope(tiers=("gold",)), Effect("set", 1), "a")


def test_a_copy_changes_apart():
    rules = CompiledRules(RuleSet((Group("a"), Group("b")), (RULE,)))
    other = rules.copy()
    other.put(msgspec.structs.replace(RULE, effect=Effect("set", 2), scope=Scope(), group="b"))
    other.put(msgspec.structs.replace(RULE, id="s"))
    other.remove("s")
    assert [rule.id for rule in other.rules] == ["r"]
    prices = [
        quote(one, Cell(tier=tier), Item("spa", "leisure", 9), Terms(0)).points
        for one in (rules, other)
        for tier in ("gold", "blue")
    ]
    assert prices == [1, 9, 2, 2]


@settings(max_examples=150, deadline=None)
@given(questions(), questions())
def test_rules_that_were_put_and_removed_price_like_a_new_set(question, other):
    """From one set to another, by way of any order: nothing of the first is left."""
    before, cell, item, terms = question
    after = other[0]
    rules = CompiledRules(RuleSet(after.groups, before.rules)).copy()
    for rule in before.rules[::-1]:
        if rule.id not in {one.id for one in after.rules}:
            rules.remove(rule.id)
    for rule in after.rules[::-1]:
        rules.put(rule)
    anew = CompiledRules(after)
    assert rules.in_order() == anew.in_order()
    assert quote(rules, cell, item, terms) == quote(anew, cell, item, terms)
    assert explain(rules, cell, item, terms) == explain(anew, cell, item, terms)
    matrix = price_all(rules, [item], [cell], terms)
    assert (matrix.points[0, 0], matrix.cash[0, 0]) == (
        (found := quote(anew, cell, item, terms)).points,
        found.cash,
    )
    for id in list(rules.places):
        rules.remove(id)
    assert (rules.open, rules.listing) == ([0] * 8, [{}] * 8)


def test_a_rule_of_no_group_is_not_compiled():
    with pytest.raises(KeyError):
        CompiledRules(RuleSet((Group("b"),), (RULE,)))
    rules = CompiledRules(RuleSet((Group("a"),), (RULE,)))
    with pytest.raises(KeyError):
        rules.set_groups((Group("b"),))
    assert (rules.groups, rules.in_order()) == ((Group("a"),), [RULE])
