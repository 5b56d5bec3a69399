"""Commands on price rules: a draft is put in chunks and compiled as it is put; publishing turns to it.

Each rule is checked by itself as it comes. What is wrong between rules (a floor above a cap) takes a look at
the whole set: the gateway does that before it asks to publish, and names the version that it has looked at.
"""

from itertools import islice

import msgspec

from engine.agenda import Duty
from engine.commands import (
    RAFFLES_SINCE,
    ApproveRules,
    BeginDraft,
    DropDraft,
    PublishRules,
    PutRules,
    RollBackRules,
    TuneRule,
)
from engine.errors import Rejection
from engine.events import DraftChanged, RulesPublished, RulesTurned, RuleTuned
from engine.prices.state import DRAFTS, WINDOWS, Draft, Revision, Tuning, Wish
from engine.program import Program
from engine.results import DraftSet, RuleSetTo, RulesSet
from engine.units import MAXIMUM_TIME
from rules.check import Finding, Vocabulary, check_rule
from rules.compiler import CompiledRules
from rules.conflicts import find_crossing
from rules.rule import RULE_LIMIT, Effect, PriceRule
from rules.scope import count_values

VALUES = 10_000
"""Values in the scopes of all rules that one command puts, replaces or removes: each is work."""

FINDINGS_TOLD = 20
"""How many things that are wrong a refusal names."""


def begin_draft(program: Program, command: BeginDraft, actor: str, at: int) -> DraftSet:
    """Begins a draft. Raises ``Rejection``: ``draft_exists``, ``too_many_drafts``, ``unknown_revision``."""
    book = program.book
    if command.draft in book.drafts:
        raise Rejection("draft_exists", f"There is a draft {command.draft!r} already.", draft=command.draft)
    if len(book.drafts) >= DRAFTS:
        raise Rejection("too_many_drafts", f"There may be {DRAFTS} drafts at once; publish or drop one.")
    rules = CompiledRules()
    if command.revision:
        # What runs may be tuned: a draft that is published must not undo that in silence.
        kept = _rules_of(program, command.revision)
        rules = (book.running if command.revision == book.current else kept).copy()
    windows = sum(len(rule.windows) for rule in rules.rules)
    draft = Draft(command.draft, actor, command.revision, 1, at, windows, begun_at=at)
    book.drafts[draft.id] = (draft, rules)
    return _changed(program, draft, rules)


def put_rules(program: Program, command: PutRules, actor: str, at: int) -> DraftSet:
    """Changes a draft. Raises ``Rejection``: ``unknown_draft``, ``unknown_rule``, ``too_many_rules``,
    ``too_many_windows``, ``too_large``, and the code of the first thing that is wrong with a rule, with all
    of them in ``findings``."""
    draft, rules = find_draft(program, command.draft)
    draft.windows = change_rules(program, command, draft, rules, at)
    draft.version += 1
    draft.changed_at = at
    draft.wish = None
    return _changed(program, draft, rules)


def change_rules(program: Program, command: PutRules, draft: Draft, rules: CompiledRules, at: int) -> int:
    """Puts into ``rules``, which are the draft's or a copy of them, what a command says: how many windows
    they have then. Raises as ``put_rules`` does, before anything changes."""
    _check_rules(program, command, rules, at)
    ids = {rule.id for rule in command.rules}
    gone = [id for id in dict.fromkeys(command.removed) if id not in rules.places]
    if gone:
        raise Rejection("unknown_rule", f"There is no rule {gone[0]!r} in this draft.", rule=gone[0])
    replaced = [rules.rules[rules.places[id]] for id in {*ids, *command.removed} if id in rules.places]
    if len(rules.rules) - len(replaced) + len(ids) > RULE_LIMIT:
        raise Rejection("too_many_rules", f"A rule set may have at most {RULE_LIMIT} rules.")
    values = sum(
        map(count_values, (*(rule.scope for rule in replaced), *(rule.scope for rule in command.rules)))
    )
    if values > VALUES and len(command.rules) + len(command.removed) > 1:
        raise Rejection(
            "too_large",
            f"These rules list {values} values together; put or remove fewer at a time.",
            limit=VALUES,
        )
    windows = draft.windows - sum(len(rule.windows) for rule in replaced)
    windows += sum(len(rule.windows) for rule in command.rules)
    if windows > WINDOWS:
        raise Rejection("too_many_windows", f"All rules of a set may have {WINDOWS} windows together.")
    if command.groups is not None:
        _check_orphans(command, rules)
    for id in dict.fromkeys(command.removed):
        rules.remove(id)
    if command.groups is not None:
        groups = {group.id for group in command.groups}
        for rule in command.rules:
            if rule.id in rules.places and rules.rules[rules.places[rule.id]].group not in groups:
                rules.remove(rule.id)
        rules.set_groups(command.groups)
    for rule in command.rules:
        rules.put(rule)
    return windows


def publish(program: Program, command: PublishRules, actor: str, at: int) -> RulesSet:
    """Publishes a draft, or asks for approval. Raises ``Rejection``: ``unknown_draft``, ``draft_changed``."""
    draft, rules = find_version(program, command.draft, command.version)
    if program.settings.needs_approval:
        draft.wish = Wish(actor, command.why, draft.version)
        program.events.append(DraftChanged(draft.id, draft.version))
        return RulesSet(program.book.current, draft.id)
    return _publish_draft(program, draft, rules, actor, "", command.why, at)


def approve(program: Program, command: ApproveRules, actor: str, at: int) -> RulesSet:
    """Publishes what another asked for. Raises ``Rejection``: ``unknown_draft``, ``draft_changed``,
    ``approval_not_asked``, ``approval_by_another``."""
    draft, rules = find_version(program, command.draft, command.version)
    wish = draft.wish
    if wish is None:
        raise Rejection("approval_not_asked", "Nobody has asked to publish this draft yet.", draft=draft.id)
    if wish.by == actor:
        raise Rejection("approval_by_another", "Another than who asked to publish it approves.", by=wish.by)
    return _publish_draft(program, draft, rules, wish.by, actor, wish.why, at)


def drop_draft(program: Program, command: DropDraft, actor: str, at: int) -> DraftSet:
    """Throws a draft away. Raises ``Rejection("unknown_draft")``."""
    draft, _ = find_draft(program, command.draft)
    del program.book.drafts[draft.id]
    program.events.append(DraftChanged(draft.id, 0))
    return DraftSet(draft.id, 0, 0)


def roll_back(program: Program, command: RollBackRules, actor: str, at: int) -> RulesSet:
    """Runs an earlier revision, under a new number. Raises ``Rejection("unknown_revision")``."""
    rules = _rules_of(program, command.revision)
    return _publish(program, rules, actor, "", command.why, f"revision {command.revision}", at)


def tune(program: Program, command: TuneRule, actor: str, at: int) -> RuleSetTo:
    """Changes a running rule's number. Raises as ``retune`` does."""
    book = program.book
    rule, tuned = retune(book.running, command.rule, command.number)
    before = rule.effect.number
    book.tune(tuned, Tuning(at, actor, book.current, rule.id, before, command.number, command.why))
    program.events.append(RuleTuned(rule.id, before, command.number, actor))
    return RuleSetTo(rule.id, before, command.number, book.current)


def retune(running: CompiledRules, id: str, number: int) -> tuple[PriceRule, PriceRule]:
    """A running rule, and what it would be with another number. Raises ``Rejection``: ``unknown_rule``,
    ``factor_out_of_bounds``, ``number_out_of_bounds``, ``floor_above_cap``."""
    place = running.places.get(id)
    if place is None:
        raise Rejection("unknown_rule", f"There is no rule {id!r} in the running revision.", rule=id)
    rule = running.rules[place]
    effect = Effect(rule.effect.operation, number, rule.effect.part)
    tuned = msgspec.structs.replace(rule, effect=effect)
    groups = {group.id for group in running.groups}
    _refuse(list(check_rule(tuned, "rule", groups, Vocabulary(mechanics=None))))
    crossing = find_crossing(running, tuned)
    if crossing is not None:
        words = f"Rule {crossing.id!r} is a {crossing.effect.operation} of {crossing.effect.number}."
        raise Rejection("floor_above_cap", f"A floor would be above a cap: {words}", rule=crossing.id)
    return rule, tuned


def do_turn(program: Program, subject: str, at: int) -> None:
    """The agenda's ``TURN_RULES``: a window began or ended, or this entry is out of date."""
    book = program.book
    if book.awaited <= at:
        program.events.append(RulesTurned(book.current))
        _await_edge(program, at)


def find_draft(program: Program, id: str) -> tuple[Draft, CompiledRules]:
    """A draft and its rules. Raises ``Rejection("unknown_draft")``."""
    found = program.book.drafts.get(id)
    if found is None:
        raise Rejection("unknown_draft", f"There is no draft {id!r}; begin it first.", draft=id)
    return found


def find_version(program: Program, id: str, version: int) -> tuple[Draft, CompiledRules]:
    """A draft at this version. Raises ``Rejection``: ``unknown_draft``, ``draft_changed``."""
    draft, rules = find_draft(program, id)
    if draft.version != version:
        raise Rejection(
            "draft_changed",
            f"The draft is at version {draft.version} by now: look at it again.",
            version=draft.version,
        )
    return draft, rules


def vocabulary_of(program: Program) -> Vocabulary:
    """The names that rules may use now. Channels, segments and kinds are open lists."""
    settings = program.settings
    return Vocabulary(
        tiers=settings.tiers or None,
        markets=settings.markets or None,
        campaigns=program.campaigns.by_id,
        experiences=program.experiences,
        budgets=program.campaigns.left,
        elsewhere=("auction", "raffle") if program.level >= RAFFLES_SINCE else ("auction",),
    )


def _rules_of(program: Program, number: int) -> CompiledRules:
    kept = program.book.revisions.get(number)
    if kept is None:
        known = ", ".join(map(str, list(program.book.revisions)[-5:])) or "none"
        raise Rejection("unknown_revision", f"There is no revision {number}; the last are {known}.")
    return kept.rules


def _publish_draft(
    program: Program, draft: Draft, rules: CompiledRules, by: str, approved_by: str, why: str, at: int
) -> RulesSet:
    result = _publish(program, rules, by, approved_by, why, draft.id, at)
    del program.book.drafts[draft.id]
    program.events.append(DraftChanged(draft.id, 0))
    return result


def _publish(
    program: Program, rules: CompiledRules, by: str, approved_by: str, why: str, source: str, at: int
) -> RulesSet:
    book = program.book
    number = book.current + 1
    book.publish(Revision(number, at, by, approved_by, why, source), rules)
    program.events.append(RulesPublished(number, by))
    _await_edge(program, at)
    return RulesSet(number)


def _await_edge(program: Program, at: int) -> None:
    book = program.book
    edge = book.next_edge(at)
    if edge < MAXIMUM_TIME and not at < book.awaited <= edge:
        book.awaited = edge
        program.agenda.post(edge, Duty.TURN_RULES)


def _changed(program: Program, draft: Draft, rules: CompiledRules) -> DraftSet:
    program.events.append(DraftChanged(draft.id, draft.version))
    return DraftSet(draft.id, draft.version, len(rules.rules))


def _check_rules(program: Program, command: PutRules, rules: CompiledRules, at: int) -> None:
    groups = [group.id for group in (rules.groups if command.groups is None else command.groups)]
    findings = [
        Finding(f"{kind}s[{number}].id", f"duplicate_{kind}", f"There is another {kind} {id!r} in this call.")
        for kind, ids in (("group", groups), ("rule", [rule.id for rule in command.rules]))
        for number, id in enumerate(ids)
        if id in ids[:number]
    ]
    vocabulary = vocabulary_of(program)
    known = set(groups)
    for number, rule in enumerate(command.rules):
        left = FINDINGS_TOLD - len(findings)
        findings += islice(check_rule(rule, f"rules[{number}]", known, vocabulary), max(0, left))
    _refuse(findings)


def _check_orphans(command: PutRules, rules: CompiledRules) -> None:
    """No rule that stays may lose its group. The first in the order of evaluation is named: places depend on
    how a set came about."""
    lost = {group.id for group in rules.groups} - {group.id for group in command.groups or ()}
    if not lost:
        return
    leaving = {*command.removed, *(rule.id for rule in command.rules)}
    orphans = [
        key
        for rule, key in zip(rules.rules, rules.keys, strict=True)
        if rule.group in lost and rule.id not in leaving
    ]
    if orphans:
        orphan = rules.rules[rules.places[min(orphans)[2]]]
        raise Rejection("unknown_group", f"Rule {orphan.id!r} is of group {orphan.group!r}.", rule=orphan.id)


def _refuse(findings: list[Finding]) -> None:
    if findings:
        first = findings[0]
        raise Rejection(
            first.code,
            f"{first.path}: {first.words}",
            findings=[
                {"path": one.path, "code": one.code, "words": one.words} for one in findings[:FINDINGS_TOLD]
            ],
        )
