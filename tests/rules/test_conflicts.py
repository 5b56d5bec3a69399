"""What is wrong between rules is told, and whatever is told to be without effect is."""

from functools import partial
from random import Random

import msgspec
import pytest
from hypothesis import given, settings

from benchmarks.rule_sets import make_workload
from rules import conflicts
from rules.check import Vocabulary, check
from rules.compiler import CompiledRules
from rules.conflicts import PAIR_LIMIT
from rules.pricing import quote
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Scope
from tests.rules.counting import count_calls
from tests.rules.strategies import questions

GROUPS = (Group("a"), Group("best", "best"), Group("first", "first"), Group("z"))


def rule(id="r", operation="add", number=-5, group="a", *, part="points", **given):
    scope = Scope(**{name: given.pop(name) for name in Scope.__struct_fields__ if name in given})
    return PriceRule(id, scope, Effect(operation, number, part), group, **given)


def findings(*rules, groups=GROUPS):
    found = check(RuleSet(groups, rules), Vocabulary(), at=100)
    assert all(finding.words.endswith(".") for finding in found)
    return [(finding.path, finding.code) for finding in found]


@pytest.mark.parametrize(
    ("floor", "cap", "faulty"),
    [
        ({}, {}, True),
        ({"tiers": ("gold",)}, {"markets": ("fr",)}, True),
        ({"tiers": ("gold",)}, {"tiers": ("gold", "silver")}, True),
        ({"tiers": ("gold",)}, {"tiers": ("silver",)}, False),
        ({"kinds": ("travel",), "tiers": ("gold",)}, {"tiers": ("silver",)}, False),
        # A member may be of both segments.
        ({"segments": ("vip",)}, {"segments": ("new",)}, True),
        ({"windows": ((200, 300),)}, {"windows": ((300, 400),)}, False),
        ({"windows": ((200, 301),)}, {"windows": ((300, 400),)}, True),
        ({"windows": ((200, 300),)}, {}, True),
        ({"part": "cash"}, {}, False),
        ({"part": "cash"}, {"part": "cash"}, True),
    ],
)
def test_a_floor_above_a_cap(floor, cap, faulty):
    expected = [("rules[1].effect.number", "floor_above_cap")] if faulty else []
    assert findings(rule("f", "floor", 600, **floor), rule("c", "cap", 599, **cap)) == expected
    assert findings(rule("c", "cap", 599, **cap), rule("f", "floor", 600, **floor)) == expected
    assert findings(rule("f", "floor", 600, **floor), rule("c", "cap", 600, **cap)) == []


@pytest.mark.parametrize(
    ("earlier", "later", "hidden"),
    [
        ({}, {}, True),
        ({}, {"tiers": ("gold",)}, True),
        ({"tiers": ("gold",)}, {}, False),
        ({"tiers": ("gold", "silver")}, {"tiers": ("gold",), "markets": ("fr",)}, True),
        ({"tiers": ("gold",)}, {"tiers": ("gold", "silver")}, False),
        ({"segments": ("vip", "new")}, {"segments": ("vip",)}, True),
        ({"budget": "b"}, {}, False),
        ({"limit": 1}, {}, False),
        ({"windows": ((200, 300),)}, {}, False),
        ({}, {"windows": ((200, 300),)}, True),
    ],
)
def test_a_rule_that_another_always_hides(earlier, later, hidden):
    both = (rule("later", group="first", **later), rule("earlier", group="first", priority=1, **earlier))
    assert findings(*both) == ([("rules[0]", "hidden_by_another")] if hidden else [])
    assert findings(*(msgspec.structs.replace(one, group="a") for one in both)) == []


@pytest.mark.parametrize(
    ("earlier", "later", "hidden"),
    [
        ({}, {}, True),
        ({"tiers": ("gold",)}, {}, True),
        ({}, {"tiers": ("gold",)}, False),
        ({"windows": ((200, 300),), "limit": 2, "budget": "b"}, {}, True),
        ({}, {"windows": ((200, 300),)}, False),
        ({}, {"limit": 1}, False),
        ({"part": "cash"}, {}, False),
        ({"part": "cash"}, {"part": "cash"}, True),
        ({}, {"group": "z"}, True),
        ({"group": "z"}, {}, False),
        ({"group": "first"}, {"group": "z"}, True),
        ({"group": "best"}, {"group": "z"}, True),
        ({}, {"group": "best"}, False),
        ({}, {"group": "first"}, False),
    ],
)
def test_a_rule_whose_price_is_always_set_anew(earlier, later, hidden):
    both = (rule("one", "factor", 9_000, priority=1, **earlier), rule("two", "set", 100, **later))
    assert findings(*both) == ([("rules[0]", "hidden_by_another")] if hidden else [])


def test_one_of_a_first_group_that_keeps_another_part_from_changing_is_not_hidden():
    both = (rule("one", "factor", 9_000, "first", priority=1), rule("fee", "add", 5, "first", part="cash"))
    assert findings(*both, rule("two", "set", 100, "z", tiers=("gold",))) == [
        ("rules[1]", "hidden_by_another")
    ]
    assert (
        findings(*(msgspec.structs.replace(one, limit=1) for one in both), rule("two", "set", 1, "z")) == []
    )


@pytest.mark.parametrize(
    ("worse", "better", "hidden"),
    [
        ({"number": 9_000}, {"number": 8_000}, True),
        ({"number": 8_000}, {"number": 8_000}, True),
        ({"number": 9_000, "tiers": ("gold",)}, {"number": 8_000}, True),
        ({"number": 9_000}, {"number": 8_000, "tiers": ("gold",)}, False),
        ({"number": 9_000, "windows": ((200, 300),)}, {"number": 8_000}, True),
        ({"number": 9_000}, {"number": 8_000, "windows": ((200, 300),)}, False),
        ({"number": 9_000}, {"number": 8_000, "budget": "b"}, False),
        ({"number": 9_000}, {"number": 8_000, "operation": "cap"}, False),
        ({"number": 9_000, "operation": "set"}, {"number": 8_000, "operation": "set"}, True),
    ],
)
def test_in_a_group_of_which_the_best_applies_a_better_one_hides(worse, better, hidden):
    better, worse = {"operation": "factor"} | better, {"operation": "factor"} | worse
    both = (rule("worse", group="best", **worse), rule("better", group="best", **better))
    assert findings(*both) == ([("rules[0]", "hidden_by_another")] if hidden else [])


@pytest.mark.parametrize(
    ("lower", "given", "falls"),
    [
        (("factor", 5_000), {}, True),
        (("factor", 20_000), {}, False),
        (("add", -1), {}, True),
        (("add", 1), {}, False),
        (("set", 799), {"limit": 1}, True),
        (("set", 800), {"limit": 1}, False),
        (("add", -1), {"priority": 9}, False),
        (("add", -1), {"part": "cash"}, False),
        (("add", -1), {"tiers": ("silver",)}, False),
        (("add", -1), {"segments": ("vip",)}, True),
        (("add", -1), {"windows": ((300, 400),)}, False),
        (("add", -1), {"windows": ((150, 160), (250, 400))}, True),
        (("add", -1), {"group": "z"}, True),
        (("add", -1), {"group": "before"}, False),
    ],
)
def test_a_price_that_can_fall_below_a_floor(lower, given, falls):
    groups = (Group("before"), *GROUPS)
    floor = rule("floor", "floor", 800, priority=5, tiers=("gold",), windows=((200, 300),))
    other = rule("lower", *lower, **({"group": "a"} | given))
    expected = [("rules[1].effect.number", "falls_below_floor")] if falls else []
    assert findings(floor, other, groups=groups) == expected
    assert findings(msgspec.structs.replace(floor, effect=Effect("floor", 0)), other, groups=groups) == []
    # A floor at the end makes good what came before it, unless it is lower, or not always there.
    last = rule("last", "floor", 800, "z", priority=-1)
    assert findings(floor, other, last, groups=groups) == []
    limited = msgspec.structs.replace(last, limit=1)
    assert (expected[0] in findings(floor, other, limited, groups=groups)) if falls else True


def test_in_a_group_of_which_one_applies_nothing_follows_its_floor():
    both = (rule("floor", "floor", 800, "first", priority=5, limit=1), rule("lower", "add", -1, "first"))
    assert findings(*both) == []
    assert findings(*both, rule("later", "add", -1, "z")) == [("rules[2].effect.number", "falls_below_floor")]


@settings(max_examples=200, deadline=None)
@given(questions())
def test_what_is_told_to_be_hidden_changes_no_price(question):
    rule_set, cell, item, terms = question
    # A hidden rule may still take from a budget that another would have had.
    rules = tuple(msgspec.structs.replace(one, budget="") for one in rule_set.rules)
    rule_set = RuleSet(rule_set.groups, rules)
    found = check(rule_set, Vocabulary())
    if any(finding.severity == "error" for finding in found):
        return
    whole = quote(CompiledRules(rule_set), cell, item, terms)
    for finding in found:
        if finding.code == "hidden_by_another":
            number = int(finding.path[len("rules[") : -1])
            rest = CompiledRules(RuleSet(rule_set.groups, (*rules[:number], *rules[number + 1 :])))
            left = quote(rest, cell, item, terms)
            assert (left.points, left.cash) == (whole.points, whole.cash)


@settings(max_examples=200, deadline=None)
@given(questions())
def test_where_nothing_is_told_floors_hold(question):
    rule_set, cell, item, terms = question
    if any(one.code in ("floor_above_cap", "falls_below_floor") for one in check(rule_set, Vocabulary())):
        return
    rules = CompiledRules(rule_set)
    found = quote(rules, cell, item, terms)
    for step in found.steps:
        effect = rules.rules[rules.places[step.rule]].effect
        if effect.operation == "floor":
            assert (found.points if effect.part == "points" else found.cash) >= effect.number


def test_pairs_that_are_never_open_together_keep_none_from_being_found():
    apart = [
        rule(f"{operation}{number}", operation, 900 if operation == "floor" else 500, windows=windows)
        for number in range(150)
        for operation, windows in (
            ("floor", ((4 * number, 4 * number + 1),)),
            ("cap", ((4 * number + 2, 4 * number + 3),)),
        )
    ]
    both = (rule("zfloor", "floor", 900), rule("zcap", "cap", 500, priority=-5))
    codes = [code for _, code in findings(*apart, *both)]
    assert codes.count("floor_above_cap") == 150 + 150 + 1
    assert "not_all_checked" not in codes


@pytest.mark.parametrize("limit", ["PAIR_LIMIT", "WINDOW_LIMIT"])
def test_what_was_not_looked_at_is_said(limit, monkeypatch):
    twice = {"windows": ((200, 300), (400, 500))}
    both = (rule("floor", "floor", 900, **twice), rule("cap", "cap", 500, **twice))
    assert findings(*both) == [("rules[1].effect.number", "floor_above_cap")]
    monkeypatch.setattr(conflicts, limit, 0)
    assert findings(*both) == [("rules", "not_all_checked")]


def large_set(rules):
    """As many rules, half of which are floors and caps that may contradict each other."""
    made = make_workload(rules, items=1).rule_set
    random = Random(1)
    bounds = [
        rule(f"r{number}", random.choice(("floor", "cap")), random.randrange(1_000), "first")
        for number in range(rules // 2)
    ]
    return RuleSet((*made.groups, Group("first", "first")), (*made.rules[: rules // 2], *bounds))


def test_large_sets_are_checked_with_bounded_work():
    """Twice the rules are twice the work, however many pairs they make."""
    work = [count_calls(partial(check, large_set(rules), Vocabulary())) for rules in (4_000, 8_000)]
    assert work[1] < 2.2 * work[0]


def test_of_many_contradictions_some_are_told():
    found = check(large_set(10_000), Vocabulary())
    codes = [finding.code for finding in found]
    assert codes.count("floor_above_cap") <= PAIR_LIMIT
    assert codes.count("hidden_by_another") >= 4_999
