"""What is wrong with a rule set is found, where it is; and what is right is let be."""

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from rules.amounts import MAXIMUM_POINTS
from rules.check import Vocabulary, check
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
        (
            rule(operation="factor", number=9_000, part="cash", mechanics=("auction",)),
            "rules[1].effect.part",
            "settlement_needs_factor",
        ),
        (rule(mechanics=("auction",)), "rules[1].effect.operation", "settlement_needs_factor"),
        (rule(operation="factor", number=10_000), "rules[1].effect.number", "changes_nothing"),
        (rule(number=0), "rules[1].effect.number", "changes_nothing"),
    ],
)
def test_a_fault_and_its_place(wrong, path, code):
    assert findings(rule("good", part="cash"), wrong) == [(path, code)]


def test_a_rule_on_auctions_lists_auctions():
    terms = {"operation": "factor", "number": 9_000, "experiences": ("lisbon",)}
    assert findings(rule(mechanics=("auction",), **terms)) == []
    both = rule(mechanics=("auction", "redemption"), **terms)
    assert findings(both) == [("rules[0].scope.experiences[0]", "unknown_experience")]


def test_a_rule_on_raffles_lists_raffles():
    of_raffles = rule(mechanics=("raffle",), experiences=("car",))
    of_both = rule(mechanics=("auction", "raffle"), operation="factor", number=9_000, experiences=("car",))
    before = [("rules[0].scope.experiences[0]", "unknown_experience")]
    assert findings(of_raffles) == findings(of_both) == before
    known = replace(KNOWN, elsewhere=("auction", "raffle"))
    for one in (of_raffles, of_both):
        assert check(RuleSet(GROUPS, (one,)), known) == []


def test_a_set_without_faults():
    rules = (
        rule("one", "factor", 9_000, tiers=("gold",), markets=("fr", "jp"), budget="b", limit=3),
        rule("two", "set", 5, "first", windows=((200, 300), (300, 400)), experiences=("spa",)),
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
    mixed = (
        rule("one", group="best", tiers=("gold",)),
        rule("two", group="best", tiers=("silver",)),
        rule("three", part="cash", group="best"),
    )
    assert findings(*mixed) == [("rules[2].effect.part", "mixed_parts")]
    assert findings(rule("one"), rule("two", part="cash")) == []


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"campaigns": ("autumn",)}, "rules[0].scope.campaigns"),
        ({"campaigns": ("autumn", "winter")}, "rules[0].scope.campaigns"),
        ({"campaigns": ("autumn", "spring")}, ""),
        ({"kinds": ("travel",), "experiences": ("spa",)}, "rules[0].scope.kinds"),
        ({"kinds": ("travel", "wellness"), "experiences": ("spa",)}, ""),
        ({"kinds": ("travel",), "experiences": ("spa", "cruise")}, ""),
        # of what is not known nothing is said
        ({"kinds": ("travel",), "experiences": ("spa", "opera")}, ""),
        ({"kinds": ("travel",)}, ""),
        ({"experiences": ("spa",)}, ""),
    ],
)
def test_a_rule_that_can_never_apply(given, path):
    known = Vocabulary(over={"autumn", "winter"}, kinds_of={"spa": "wellness", "cruise": "travel"})
    found = check(RuleSet(GROUPS, (rule(**given),)), known)
    expected = [(path, "never_applies", "warning")] if path else []
    assert [(one.path, one.code, one.severity) for one in found] == expected


def test_warnings_come_last():
    found = check(RuleSet(GROUPS, (rule("one", number=0), rule("two", tiers=("pink",)))), KNOWN)
    assert [finding.severity for finding in found] == ["error", "warning"]


@settings(max_examples=200, deadline=None)
@given(questions())
def test_what_has_no_error_prices_anything(question):
    rule_set, cell, item, terms = question
    if any(finding.severity == "error" for finding in check(rule_set, Vocabulary())):
        return
    found = quote(CompiledRules(rule_set), cell, item, terms)
    assert 0 <= found.points <= MAXIMUM_POINTS
    assert 0 <= found.cash <= MAXIMUM_POINTS


@settings(max_examples=150, deadline=None)
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
