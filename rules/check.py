"""What is wrong with a rule set: errors, with the path to the field, and warnings.

A set without errors compiles, and prices any item. Bounds that the shapes in rule.py already have are not
looked at again.
"""

from collections.abc import Collection, Container, Iterator, Mapping
from itertools import pairwise
from typing import Final

import msgspec

from rules.amounts import MAXIMUM_FACTOR, ONE
from rules.compiler import CompiledRules
from rules.conflicts import Finding as Finding, find_conflicts
from rules.rule import PriceRule, RuleSet, Window
from rules.scope import DIMENSIONS, MECHANICS

_UNCOMPILABLE: Final = ("duplicate_group", "duplicate_rule", "unknown_group")

NAMES_TOLD: Final = 20
"""How many names there may be for words to list them."""

_SINGULAR: Final = {
    "mechanics": "mechanic",
    "tiers": "tier",
    "markets": "market",
    "channels": "channel",
    "segments": "segment",
    "campaigns": "campaign",
    "kinds": "kind",
    "experiences": "experience",
}


class Vocabulary(msgspec.Struct, frozen=True):
    """The names that a program knows, by dimension of a scope; None admits any.

    ``over`` are campaigns that will not be in force again; ``kinds_of`` has the kinds of experiences, of
    those that are known. What rules list as experiences that speak for mechanics ``elsewhere`` alone is not
    in the catalogue: auctions, raffles.
    """

    tiers: Collection[str] | None = None
    markets: Collection[str] | None = None
    channels: Collection[str] | None = None
    segments: Collection[str] | None = None
    campaigns: Collection[str] | None = None
    kinds: Collection[str] | None = None
    experiences: Collection[str] | None = None
    budgets: Collection[str] | None = None
    mechanics: Collection[str] | None = MECHANICS
    over: Collection[str] = ()
    kinds_of: Mapping[str, str] = {}
    elsewhere: Collection[str] = ("auction",)


def check(rule_set: RuleSet, vocabulary: Vocabulary, *, at: int = 0) -> list[Finding]:
    """Everything that is wrong at ``at`` ms, errors first.

    Errors: ``duplicate_group``, ``duplicate_rule``, ``unknown_group``, ``unknown_`` and a dimension or
    ``budget``, ``factor_out_of_bounds``, ``number_out_of_bounds``, ``window_ends_before_it_starts``,
    ``windows_overlap``, ``budget_needs_points``, ``settlement_needs_factor``, ``mixed_parts``,
    ``floor_above_cap``. Warnings: ``never_applies``, ``changes_nothing``, ``hidden_by_another``,
    ``falls_below_floor``, and ``not_all_checked`` where floors, caps and windows are too many to look at all.
    """
    errors = [*_find_duplicates(rule_set)]
    warnings: list[Finding] = []
    groups = {group.id for group in rule_set.groups}
    for number, rule in enumerate(rule_set.rules):
        path = f"rules[{number}]"
        errors += check_rule(rule, path, groups, vocabulary)
        warnings += _find_idle(rule, path, vocabulary, at)
    errors += _find_mixed_parts(rule_set)
    if not any(error.code in _UNCOMPILABLE for error in errors):
        numbers = {rule.id: number for number, rule in enumerate(rule_set.rules)}
        for finding in find_conflicts(CompiledRules(rule_set), numbers):
            (errors if finding.severity == "error" else warnings).append(finding)
    return errors + warnings


def check_rule(
    rule: PriceRule, path: str, groups: Container[str], vocabulary: Vocabulary
) -> Iterator[Finding]:
    """What is wrong with one rule by itself, in a set that has these ``groups``: errors alone."""
    if rule.group not in groups:
        yield Finding(f"{path}.group", "unknown_group", f"There is no group {rule.group!r}.")
    yield from _check_names(rule, path, vocabulary)
    yield from _check_effect(rule, path)
    yield from _check_windows(rule.windows, path)


def _find_duplicates(rule_set: RuleSet) -> Iterator[Finding]:
    groups, rules = [group.id for group in rule_set.groups], [rule.id for rule in rule_set.rules]
    for kind, ids in (("group", groups), ("rule", rules)):
        seen: set[str] = set()
        for number, id in enumerate(ids):
            if id in seen:
                words = f"There is another {kind} {id!r}; ids are unique."
                yield Finding(f"{kind}s[{number}].id", f"duplicate_{kind}", words)
            seen.add(id)


def _check_names(rule: PriceRule, path: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    for dimension in DIMENSIONS:
        known = getattr(vocabulary, dimension.field)
        if known is None or (dimension.field == "experiences" and _is_elsewhere(rule, vocabulary)):
            continue
        name = _SINGULAR[dimension.field]
        for number, value in enumerate(getattr(rule.scope, dimension.field)):
            if value not in known:
                words = f"There is no {name} {value!r} in this program.{_list_names(known)}"
                yield Finding(f"{path}.scope.{dimension.field}[{number}]", f"unknown_{name}", words)
    if rule.budget and vocabulary.budgets is not None and rule.budget not in vocabulary.budgets:
        yield Finding(f"{path}.budget", "unknown_budget", f"There is no budget {rule.budget!r}.")


def _is_elsewhere(rule: PriceRule, vocabulary: Vocabulary) -> bool:
    mechanics = rule.scope.mechanics
    return bool(mechanics) and all(mechanic in vocabulary.elsewhere for mechanic in mechanics)


def _list_names(known: Collection[str]) -> str:
    """The names that there are, where they are few; a program's own tuples stand in its order."""
    if not 0 < len(known) <= NAMES_TOLD:
        return ""
    return f" There are {', '.join(known if isinstance(known, tuple) else sorted(known))}."


def _check_effect(rule: PriceRule, path: str) -> Iterator[Finding]:
    operation, number = rule.effect.operation, rule.effect.number
    path_of_number = f"{path}.effect.number"
    if operation == "factor" and not 1 <= number <= MAXIMUM_FACTOR:
        words = f"A factor is 1 to {MAXIMUM_FACTOR} basis points (10000 is ×1); to make it free, set it to 0."
        yield Finding(path_of_number, "factor_out_of_bounds", words)
    if operation in ("set", "floor", "cap") and number < 0:
        yield Finding(path_of_number, "number_out_of_bounds", f"A price to {operation} is 0 or more.")
    if "auction" in rule.scope.mechanics and (operation != "factor" or rule.budget or rule.limit):
        words = "What a winner pays is fixed with the bid: such a rule is a factor, without budget or limit."
        yield Finding(f"{path}.effect.operation", "settlement_needs_factor", words)
    if "auction" in rule.scope.mechanics and rule.effect.part == "cash":
        words = "A winner pays in points alone: such a rule is on the points."
        yield Finding(f"{path}.effect.part", "settlement_needs_factor", words)
    if rule.budget and rule.effect.part == "cash":
        words = "A budget is in points given away; a rule on the cash part takes none."
        yield Finding(f"{path}.budget", "budget_needs_points", words)


def _check_windows(windows: tuple[Window, ...], path: str) -> Iterator[Finding]:
    for number, (start, end) in enumerate(windows):
        if end <= start:
            words = "A window ends after it starts."
            yield Finding(f"{path}.windows[{number}]", "window_ends_before_it_starts", words)
    for number, (earlier, later) in enumerate(pairwise(windows), 1):
        if later[0] < earlier[1]:
            words = "Windows stand in order of time, each after the end of the one before."
            yield Finding(f"{path}.windows[{number}]", "windows_overlap", words)


def _find_idle(rule: PriceRule, path: str, vocabulary: Vocabulary, at: int) -> Iterator[Finding]:
    if rule.windows and all(end <= at for _, end in rule.windows):
        words = "All its windows are over: it can never apply."
        yield Finding(f"{path}.windows", "never_applies", words, "warning")
    scope, kinds = rule.scope, vocabulary.kinds_of
    if scope.campaigns and all(campaign in vocabulary.over for campaign in scope.campaigns):
        words = "All its campaigns have ended: it can never apply."
        yield Finding(f"{path}.scope.campaigns", "never_applies", words, "warning")
    listed = scope.kinds and [kinds.get(id) for id in scope.experiences]
    if listed and not any(kind is None or kind in scope.kinds for kind in listed):
        words = "None of its experiences is of one of its kinds: it can never apply."
        yield Finding(f"{path}.scope.kinds", "never_applies", words, "warning")
    if (rule.effect.operation, rule.effect.number) in (("factor", ONE), ("add", 0)):
        yield Finding(f"{path}.effect.number", "changes_nothing", "It changes no price.", "warning")


def _find_mixed_parts(rule_set: RuleSet) -> Iterator[Finding]:
    """Of a price in points and one in cash nobody can say which is the better."""
    best = {group.id for group in rule_set.groups if group.mode == "best"}
    parts: dict[str, str] = {}
    for number, rule in enumerate(rule_set.rules):
        if rule.group in best and parts.setdefault(rule.group, rule.effect.part) != rule.effect.part:
            words = f"Group {rule.group!r} chooses the best among rules on {parts[rule.group]}: use another."
            yield Finding(f"rules[{number}].effect.part", "mixed_parts", words)
