"""What is wrong with a rule set is found, where it is; and what is right is let be."""

from random import Random

import msgspec
import pytest
from hypothesis import given, settings

from benchmarks.rule_sets import make_workload
from rules.amounts import MAXIMUM_POINTS
from rules.check import PAIR_LIMIT, Vocabulary, check
from rules.compiler import CompiledRules, walk_bits
from rules.pricing import Terms, quote
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Cell, Item, Scope
from tests.rules.strategies import questions

KNOWN = Vocabulary(
    tiers=frozenset({"silver", "gold"}),
    markets=frozenset({"fr", "jp"}),
    channels=frozenset({"app"}),
    segments=frozenset({"vip", "new"}),
    campaigns=frozenset({"spring"}),
    kinds=frozenset({"travel"}),
    experiences=frozenset({"spa"}),
    budgets=frozenset({"b"}),
)
GROUPS = (Group("a"), Group("best", "best"), Group("first", "first"))


def rule(id="r", operation="add", number=-5, group="a", *, part="points", **given):
    scope = Scope(**{name: given.pop(name) for name in Scope.__struct_fields__ if name in given})
    return PriceRule(id, scope, Effect(operation, number, part), group, **given)


def findings(*rules, groups=GROUPS, at=100):
    found = check(RuleSet(groups, rules), KNOWN, at=at)
    assert all(finding.words.endswith(".") for finding in found)
    return [(finding.path, finding.code) for finding in found]


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        (rule(group="z"), "rules[1].group", "unknown_group"),
        (rule("good"), "rules[1].id", "duplicate_rule"),
        (rule(tiers=("gold", "pink")), "rules[1].scope.tiers[1]", "unknown_tier"),
        (rule(markets=("de",)), "rules[1].scope.markets[0]", "unknown_market"),
        (rule(channels=("app", "fax")), "rules[1].scope.channels[1]", "unknown_channel"),
        (rule(segments=("old",)), "rules[1].scope.segments[0]", "unknown_segment"),
        (rule(campaigns=("peak",)), "rules[1].scope.campaigns[0]", "unknown_campaign"),
        (rule(kinds=("dining",)), "rules[1].scope.kinds[0]", "unknown_kind"),
        (rule(experiences=("spa", "opera")), "rules[1].scope.experiences[1]", "unknown_experience"),
        (rule(mechanics=("barter",)), "rules[1].scope.mechanics[0]", "unknown_mechanic"),
        (rule(budget="c"), "rules[1].budget", "unknown_budget"),
        (rule(budget="b", part="cash"), "rules[1].budget", "budget_needs_points"),
        (rule(operation="factor", number=0), "rules[1].effect.number", "factor_out_of_bounds"),
        (rule(operation="factor", number=10**9), "rules[1].effect.number", "factor_out_of_bounds"),
        (rule(operation="factor", number=-1), "rules[1].effect.number", "factor_out_of_bounds"),
        (rule(operation="set", number=-1), "rules[1].effect.number", "number_out_of_bounds"),
        (rule(operation="floor", number=-1), "rules[1].effect.number", "number_out_of_bounds"),
        (rule(windows=((500, 200),)), "rules[1].windows[0]", "window_ends_before_it_starts"),
        (rule(windows=((200, 300), (400, 400))), "rules[1].windows[1]", "window_ends_before_it_starts"),
        (rule(windows=((200, 300), (299, 400))), "rules[1].windows[1]", "windows_overlap"),
        (rule(windows=((300, 400), (200, 250))), "rules[1].windows[1]", "windows_overlap"),
        (rule(windows=((10, 20), (30, 100))), "rules[1].windows", "never_applies"),
        (rule(operation="factor", number=10_000), "rules[1].effect.number", "changes_nothing"),
        (rule(number=0), "rules[1].effect.number", "changes_nothing"),
    ],
)
def test_a_fault_and_its_place(wrong, path, code):
    assert findings(rule("good"), wrong) == [(path, code)]


def test_a_set_without_faults():
    rules = (
        rule("one", "factor", 9_000, tiers=("gold",), markets=("fr", "jp"), budget="b", limit=3),
        rule("two", "set", 0, "first", windows=((200, 300), (300, 400)), experiences=("spa",)),
        rule("three", "floor", 5, "best", mechanics=("redemption",), segments=("vip",)),
        rule("four", "cap", 5, "a"),
    )
    assert findings(*rules) == []
    assert check(RuleSet((), ()), Vocabulary()) == []


def test_names_are_not_asked_for_where_a_program_has_none():
    assert check(RuleSet(GROUPS, (rule(tiers=("any",), budget="any"),)), Vocabulary()) == []


def test_groups_are_unique():
    assert findings(groups=(Group("a"), Group("b"), Group("a", "best"))) == [
        ("groups[2].id", "duplicate_group")
    ]


def test_the_best_is_chosen_among_one_part():
    mixed = rule("one", group="best"), rule("two", group="best"), rule("three", part="cash", group="best")
    assert findings(*mixed) == [("rules[2].effect.part", "mixed_parts")]
    assert findings(rule("one"), rule("two", part="cash")) == []


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


def test_warnings_come_last():
    found = check(RuleSet(GROUPS, (rule("one", number=0), rule("two", tiers=("pink",)))), KNOWN)
    assert [finding.severity for finding in found] == ["error", "warning"]


def test_large_sets_are_checked_with_bounded_work():
    made = make_workload(10_000, items=1).rule_set
    random = Random(1)
    bounds = [
        rule(f"r{number}", random.choice(("floor", "cap")), random.randrange(1_000), "first")
        for number in range(5_000)
    ]
    rule_set = RuleSet((*made.groups, Group("first", "first")), (*made.rules[:5_000], *bounds))
    found = check(rule_set, Vocabulary())
    codes = [finding.code for finding in found]
    assert codes.count("floor_above_cap") <= PAIR_LIMIT
    assert codes.count("hidden_by_another") >= 4_999


@settings(max_examples=200, deadline=None)
@given(questions())
def test_what_has_no_error_prices_anything(question):
    rule_set, cell, item, terms = question
    if any(finding.severity == "error" for finding in check(rule_set, Vocabulary())):
        return
    found = quote(CompiledRules(rule_set), cell, item, terms)
    assert 0 <= found.points <= MAXIMUM_POINTS
    assert 0 <= found.cash <= MAXIMUM_POINTS


@settings(max_examples=300, deadline=None)
@given(questions())
def test_containing_and_meeting_are_true_of_every_question(question):
    """What contains a scope matches wherever it does; what matches beside it meets it."""
    rule_set, cell, item, _ = question
    rules = CompiledRules(rule_set)
    matching = set(walk_bits(rules.match_cell(cell) & rules.match_item(item)))
    for place in matching:
        scope = rules.rules[place].scope
        assert set(walk_bits(rules.containing(scope))) <= matching
        assert matching <= set(walk_bits(rules.meeting(scope)))


def test_a_scope_contains_itself_and_meets_nothing_apart():
    rules = CompiledRules(
        RuleSet(GROUPS, (rule("g", tiers=("gold",)), rule("s", tiers=("silver",)), rule("x")))
    )

    def ids(mask):
        return [rules.rules[place].id for place in walk_bits(mask)]

    assert ids(rules.containing(Scope(tiers=("gold",)))) == ["g", "x"]
    assert ids(rules.meeting(Scope(tiers=("gold",)))) == ["g", "x"]
    assert ids(rules.containing(Scope())) == ["x"]
    assert ids(rules.meeting(Scope())) == ["g", "s", "x"]
    assert ids(rules.select(lambda one: one.id != "g")) == ["s", "x"]
    assert quote(rules, Cell(tier="gold"), Item("spa", "travel", 50), Terms(0)).points == 40
