"""What can be asked of prices and price rules. See engine/views.py."""

import re
from collections.abc import Iterator

import msgspec

from engine.campaigns.state import BEFORE_END
from engine.commands import PutRules
from engine.errors import Rejection
from engine.prices.answers import (
    DraftView,
    Findings,
    FindingView,
    NotAppliedView,
    QuoteView,
    RevisionView,
    RuleHistory,
    RulePage,
    TuningView,
)
from engine.prices.quotes import cell_of, check_money, item_of, share_of, terms_of
from engine.prices.revisions import change_rules, find_draft, find_version, vocabulary_of
from engine.prices.state import Draft, flatten
from engine.prices.table import Context, cell_in
from engine.program import Program
from engine.rewards.catalogue import find
from engine.rewards.views import find_shown, price_view, step_view
from rules.check import Vocabulary, check
from rules.compiler import CompiledRules
from rules.pricing import Terms, explain, quote
from rules.rule import RuleSet
from rules.scope import Cell, Item

TUNINGS_TOLD = 100

EXPERIENCES = 7
"""The dimension of experiences, in ``rules.scope.DIMENSIONS``."""


def quote_for_member(
    program: Program, member: str, experience: str, *, share: int | None, channel: str, why_not: bool
) -> QuoteView:
    """What a member would pay for what it sees. Raises ``Rejection``: ``unknown_member``,
    ``unknown_experience``, ``split_out_of_bounds``, ``no_conversion_rate``."""
    who = program.members.get(member)
    find_shown(program, who, experience)
    cell = cell_of(program, who.tier, who.market, channel=channel, segments=who.segments, at=program.at)
    return _quote(program, cell, experience, share, terms_of(program, who, program.at), why_not)


def quote_in_context(
    program: Program, context: Context, experience: str, *, share: int | None, why_not: bool
) -> QuoteView:
    """What somebody in this context would pay. Raises as ``quote_for_member`` does."""
    terms = terms_of(program, None, program.at)
    return _quote(program, cell_in(program, context), experience, share, terms, why_not)


def list_rules(
    program: Program, *, draft: str = "", revision: int = 0, after: int = 0, limit: int = 50
) -> RulePage:
    """Rules of a draft, of a revision as it was published, or (neither named) those that run. Raises
    ``Rejection``: ``unknown_draft``, ``unknown_revision``."""
    book = program.book
    rules, number, version = book.running, book.current, 0
    if draft:
        known, rules = find_draft(program, draft)
        number, version = known.based_on, known.version
    elif revision and revision != book.current:
        if revision not in book.revisions:
            raise Rejection("unknown_revision", f"There is no revision {revision}.")
        rules, number = book.revisions[revision].rules, revision
    total = len(rules.rules)
    end = after + limit
    page = tuple(rules.in_order()[after:end])
    return RulePage(number, draft, version, rules.groups, page, total, end if end < total else 0)


def view_history(program: Program) -> RuleHistory:
    """Revisions, tunings, drafts."""
    book = program.book
    revisions = [
        RevisionView(one.number, one.at, one.by, one.approved_by, one.why, one.source, len(rules.rules))
        for one, rules in reversed(book.revisions.values())
    ]
    tunings = [
        TuningView(one.at, one.by, one.revision, one.rule, one.before, one.after, one.why)
        for one in book.tunings[: -TUNINGS_TOLD - 1 : -1]
    ]
    drafts = [
        DraftView(
            one.id,
            one.version,
            one.by,
            one.based_on,
            one.changed_at,
            len(rules.rules),
            one.wish.by if one.wish else "",
            one.wish.why if one.wish else "",
        )
        for one, rules in book.drafts.values()
    ]
    return RuleHistory(book.current, revisions, tunings, drafts)


class Draught(msgspec.Struct, frozen=True):
    """A draft as it is at one version: what a look at the whole set needs, apart from the program."""

    draft: str
    version: int
    rules: CompiledRules
    vocabulary: Vocabulary
    at: int
    undone: tuple[FindingView, ...]


def draw_draft(program: Program, id: str, version: int | None = None) -> Draught:
    """Takes a draft's rules out for a look at them. Raises ``Rejection``: ``unknown_draft``, and
    ``draft_changed`` where it is not at ``version``."""
    draft, rules = find_draft(program, id) if version is None else find_version(program, id, version)
    return _draw(program, draft, rules.copy())


def draw_trial(program: Program, command: PutRules) -> Draught:
    """The same of a draft as it would be after a command, which is not done. Raises as ``put_rules``."""
    draft, rules = find_draft(program, command.draft)
    trial = rules.copy()
    change_rules(program, command, draft, trial, program.at)
    return _draw(program, draft, trial)


def _draw(program: Program, draft: Draft, rules: CompiledRules) -> Draught:
    vocabulary = vocabulary_of(program)
    return Draught(
        draft.id,
        draft.version,
        rules,
        Vocabulary(
            tiers=vocabulary.tiers,
            markets=vocabulary.markets,
            campaigns=frozenset(program.campaigns.by_id),
            experiences=frozenset(program.experiences),
            budgets=frozenset(program.campaigns.left),
            elsewhere=vocabulary.elsewhere,
            over=frozenset(
                one.id
                for one in program.campaigns.by_id.values()
                if one.status_at(program.at) not in BEFORE_END
            ),
            kinds_of={
                id: program.experiences[id].terms.kind
                for id in rules.listing[EXPERIENCES]
                if id in program.experiences
            },
        ),
        program.at,
        tuple(_find_undone(program, draft)),
    )


def _find_undone(program: Program, draft: Draft) -> Iterator[FindingView]:
    """What has become of the running rules since a draft was begun, and publishing it would undo."""
    book = program.book
    if draft.based_on not in (0, book.current):
        words = f"It began from revision {draft.based_on}; {book.current} runs by now, and would be undone."
        yield FindingView("", "base_superseded", words, "warning")
    tuned = {one.rule for one in book.tunings if one.at > draft.begun_at and one.revision == book.current}
    if draft.based_on and tuned:
        words = f"Tuned since it was begun, which would be undone: {', '.join(sorted(tuned)[:20])}."
        yield FindingView("", "tuning_undone", words, "warning")


def find_faults(draught: Draught) -> Findings:
    """Everything that is wrong with a draft: a look at the whole set, which may take a second."""
    rule_set = flatten(draught.rules)
    found = check(rule_set, draught.vocabulary, at=draught.at)
    views = [
        FindingView(one.path, one.code, one.words, one.severity, _name_rule(one.path, rule_set))
        for one in found
    ]
    return Findings(draught.draft, draught.version, [*views, *draught.undone])


def _name_rule(path: str, rule_set: RuleSet) -> str:
    """The id of the rule that a finding's path leads to, empty for none."""
    found = re.match(r"rules\[(\d+)\]", path)
    return rule_set.rules[int(found[1])].id if found else ""


def _quote(
    program: Program, cell: Cell, id: str, wanted: int | None, terms: Terms, why_not: bool
) -> QuoteView:
    experience = find(program, id)
    share = share_of(experience.terms, wanted)
    item: Item = item_of(program, experience, cell.market, share)
    rules: CompiledRules = program.book.running
    found = quote(rules, cell, item, terms)
    if found.cash:
        check_money(program, cell.market)
    not_applied = explain(rules, cell, item, terms) if why_not else []
    return QuoteView(
        experience=id,
        base=experience.terms.points,
        share=share,
        split=price_view(program, cell.market, item.points, item.cash),
        price=price_view(program, cell.market, found.points, found.cash),
        steps=[step_view(step, rules) for step in found.steps],
        not_applied=[NotAppliedView(one.rule, one.reason) for one in not_applied],
        campaigns=cell.campaigns,
    )
