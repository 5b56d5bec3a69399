"""Quotes and their traces: worked cases from tables, and a naive interpreter beside the compiled one."""

import csv
import re
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings

from engine.simulator.auditor.quotes import naive_quote, naive_reasons
from rules.compiler import CompiledRules
from rules.pricing import Terms, explain, quote
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Cell, Item, Scope
from tests.rules.counting import count_calls
from tests.rules.strategies import questions

CASES = [
    pytest.param(row, id=f"{file.stem}: {row['name']}")
    for file in sorted((Path(__file__).parent / "cases").glob("*.csv"))
    for row in csv.DictReader(file.read_text().splitlines())
]


def read_pairs(text):
    """``tier=gold kind=spa|opera`` as a dict of lists."""
    return {name: values.split("|") for name, values in re.findall(r"(\w+)=(\S+)", text)}


def read_rule(text):
    """``id: tiers=gold -> factor 9000 cash @group priority=1 windows=0-10 budget=b limit=1``."""
    id, scope, operation, number, part, group, rest = re.fullmatch(
        r"(\w+):(.*?)-> (\w+) (-?\d+)( cash)? @(\w+)(.*)", text.strip()
    ).groups()
    more = read_pairs(rest)
    return PriceRule(
        id,
        Scope(**{name: tuple(values) for name, values in read_pairs(scope).items()}),
        Effect(operation, int(number), "cash" if part else "points"),
        group,
        priority=int(more.get("priority", "0")[0]),
        windows=tuple(tuple(map(int, window.split("-"))) for window in more.get("windows", ())),
        budget=more.get("budget", [""])[0],
        limit=int(more.get("limit", "0")[0]),
    )


def read_case(row):
    """A row's rule set, cell, item and terms."""
    groups = tuple(Group(*group.split(":")) for group in row["groups"].split())
    rule_set = RuleSet(groups, tuple(map(read_rule, row["rules"].split(";"))))
    asked = read_pairs(row["asked"])
    many = {name: tuple(asked[name]) for name in ("segments", "campaigns") if name in asked}
    one = {name: asked[name][0] for name in ("mechanic", "tier", "market", "channel") if name in asked}
    points, cash = map(int, row["base"].split("+"))
    item = Item(asked.get("experience", ["spa"])[0], asked.get("kind", ["leisure"])[0], points, cash)
    left = {name: int(number) for name, number in re.findall(r"left:(\w+):(\d+)", row["asked"])}
    terms = Terms(int(asked.get("at", "0")[0]), left, asked.get("used", ()))
    return rule_set, Cell(**one, **many), item, terms


@pytest.mark.parametrize("row", CASES)
def test_a_row(row):
    rule_set, cell, item, terms = read_case(row)
    rules = CompiledRules(rule_set)
    found = quote(rules, cell, item, terms)
    assert f"{found.points}+{found.cash}" == row["price"]
    assert " ".join(step.rule for step in found.steps) == row["applied"]
    assert " ".join(f"{one.rule}:{one.reason}" for one in explain(rules, cell, item, terms)) == row["why not"]


def test_there_are_rows():
    assert len(CASES) >= 30


def test_a_trace_says_what_each_rule_did():
    rule_set = RuleSet(
        (Group("a"),),
        (
            PriceRule("half", Scope(), Effect("factor", 5_000), "a", priority=2, budget="b"),
            PriceRule("fee", Scope(), Effect("add", 120, "cash"), "a", priority=1),
        ),
    )
    found = quote(CompiledRules(rule_set), Cell(), Item("spa", "leisure", 101, 80), Terms(0, {"b": 50}))
    assert [(step.rule, step.part, step.before, step.after) for step in found.steps] == [
        ("half", "points", 101, 51),
        ("fee", "cash", 80, 200),
    ]
    assert (found.points, found.cash, found.given) == (51, 200, {"b": 50})


def test_rules_of_one_budget_take_from_it_together():
    rule_set = RuleSet(
        (Group("a"), Group("c", "best"), Group("d")),
        (
            PriceRule("r1", Scope(), Effect("add", -30), "a", budget="b"),
            PriceRule("r2", Scope(), Effect("add", -20), "a", budget="b"),
            PriceRule("r3", Scope(), Effect("add", -10), "c", budget="b"),
            PriceRule("r4", Scope(), Effect("add", -41), "d", budget="b"),
        ),
    )
    found = quote(CompiledRules(rule_set), Cell(), Item("spa", "leisure", 500), Terms(0, {"b": 100}))
    assert (found.points, found.given) == (440, {"b": 60})


@settings(max_examples=250, deadline=None)
@given(questions())
def test_a_quote_is_the_naive_interpreters(question):
    rule_set, cell, item, terms = question
    rules = CompiledRules(rule_set)
    found = quote(rules, cell, item, terms)
    steps = [(step.rule, step.part, step.before, step.after) for step in found.steps]
    assert (found.points, found.cash, steps, found.given) == naive_quote(rule_set, cell, item, terms)
    reasons = {one.rule: one.reason for one in explain(rules, cell, item, terms)}
    assert reasons == naive_reasons(rule_set, cell, item, terms)
    assert reasons.keys() | {step.rule for step in found.steps} == {rule.id for rule in rule_set.rules}


@pytest.mark.parametrize("mode", ["stack", "best", "first"])
@pytest.mark.parametrize("matches", [True, False])
def test_explaining_a_large_set_takes_one_pass(mode, matches):
    """Ten times the rules are ten times the work, and were a hundred times when each was quoted anew."""
    work = [count_calls(partial(explain_many, mode, matches, rules=number)) for number in (200, 2_000)]
    assert work[1] < 12 * work[0]


def explain_many(mode, matches, rules):
    budget = "b" if mode == "stack" else ""
    scope = Scope() if matches else Scope(tiers=("gold",))
    compiled = CompiledRules(
        RuleSet(
            (Group("a", mode),),
            tuple(
                PriceRule(f"r{number}", scope, Effect("factor", 5_000), "a", budget=budget)
                for number in range(rules)
            ),
        )
    )
    found = explain(compiled, Cell(), Item("spa", "leisure", 1_000), Terms(0, {"b": 0}))
    reason = ("budget" if budget else "group") if matches else "tiers"
    assert {one.reason for one in found} == {reason}
    assert len(found) == (rules if budget or not matches else rules - 1)
