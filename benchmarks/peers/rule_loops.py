"""Price rules as one would otherwise run them: each question goes through all rules, one after the other.

``ExpressionRules`` are those of rule-engine, written as its documentation does
(https://zerosteiner.github.io/rule-engine/getting_started.html): one expression a rule, its symbols typed,
asked by ``matches``. Alternatives are written with `or`, which takes less than half the time of `in` a list.

``PlainRules`` are what one writes without a library: a list in the order of evaluation and a loop over it,
with a set for each condition, the one that most rules fail first. It gives the price itself, by the same
rules as rules/pricing.py, but without a trace, windows, limits or budgets.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import rule_engine

from rules.rule import Effect, PriceRule, RuleSet

FIELDS = ("tiers", "markets", "channels", "kinds", "campaigns")
"""The dimensions that the benchmark's rules have."""

ONE = 10_000
"""A factor's whole, in basis points."""

Question = dict[str, str]
"""A value for each field."""


class ExpressionRules:
    """A rule set as expressions of rule-engine."""

    def __init__(self, rule_set: RuleSet) -> None:
        types = dict.fromkeys(FIELDS, rule_engine.DataType.STRING)
        context = rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(types))
        self._rules = [
            (rule.id, rule_engine.Rule(write_expression(rule), context)) for rule in rule_set.rules
        ]

    def find_matching(self, question: Question) -> list[str]:
        """The ids of the rules that match."""
        return [id for id, rule in self._rules if rule.matches(question)]


def write_expression(rule: PriceRule) -> str:
    """A rule's scope in rule-engine's language."""
    alternatives = (
        " or ".join(f'{field} == "{value}"' for value in getattr(rule.scope, field)) for field in FIELDS
    )
    return " and ".join(f"({words})" for words in alternatives)


class PlainRule(NamedTuple):
    """One rule: who it is for, and what it does."""

    campaigns: frozenset[str]
    channels: frozenset[str]
    kinds: frozenset[str]
    markets: frozenset[str]
    tiers: frozenset[str]
    change: Callable[[int], int]


class PlainRules:
    """A rule set as lists: for each group its mode, and its rules in the order of evaluation."""

    def __init__(self, rule_set: RuleSet) -> None:
        ordered = sorted(rule_set.rules, key=lambda rule: (-rule.priority, rule.id))
        self._groups = [
            (group.mode, [to_plain(rule) for rule in ordered if rule.group == group.id])
            for group in rule_set.groups
        ]

    def price(self, question: Question, points: int) -> int:
        """What costs ``points`` without a rule."""
        for mode, rules in self._groups:
            matching = find_matching(rules, question)
            if mode == "best":
                points = min((rule.change(points) for rule in matching), default=points)
            else:
                for rule in matching:
                    points = rule.change(points)
                    if mode == "first":
                        break
        return points


def to_plain(rule: PriceRule) -> PlainRule:
    """The same rule, for the loop."""
    sets = {field: frozenset(getattr(rule.scope, field)) for field in FIELDS}
    return PlainRule(**sets, change=to_function(rule.effect))


def to_function(effect: Effect) -> Callable[[int], int]:
    """What an effect makes of an amount of points; factors round half up."""
    number = effect.number
    changes: dict[str, Callable[[int], int]] = {
        "factor": lambda amount: (amount * number + ONE // 2) // ONE,
        "add": lambda amount: max(0, amount + number),
        "floor": lambda amount: max(amount, number),
        "cap": lambda amount: min(amount, number),
    }
    return changes[effect.operation]


def find_matching(rules: list[PlainRule], question: Question) -> Iterator[PlainRule]:
    """Those that match, in their order."""
    tier, market, channel = question["tiers"], question["markets"], question["channels"]
    kind, campaign = question["kinds"], question["campaigns"]
    for rule in rules:
        if (
            kind in rule.kinds
            and market in rule.markets
            and channel in rule.channels
            and tier in rule.tiers
            and campaign in rule.campaigns
        ):
            yield rule
