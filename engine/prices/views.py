"""What can be asked of prices and price rules. See engine/views.py."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from msgspec.structs import astuple

from engine.campaigns.state import BEFORE_END
from engine.errors import Rejection
from engine.members import Member
from engine.prices.answers import (
    DraftView,
    Findings,
    FindingView,
    NotAppliedView,
    PriceTable,
    QuoteView,
    RevisionView,
    RuleHistory,
    RulePage,
    TuningView,
)
from engine.prices.quotes import cell_of, check_money, item_of, share_of, terms_of, used_up
from engine.prices.revisions import find_draft, vocabulary_of
from engine.prices.state import flatten
from engine.program import Program
from engine.rewards.answers import PriceView, StepView
from engine.rewards.catalogue import find, is_shown
from engine.rewards.views import price_view
from engine.units import ONE
from rules.check import Vocabulary, check
from rules.compiler import CompiledRules
from rules.matrix import price_all
from rules.pricing import Terms, explain, quote, quote_matching
from rules.rule import RuleSet
from rules.scope import Cell, Item, find_failed

PRICES_LIMIT = 50_000
"""Prices in a table."""

TUNINGS_TOLD = 100

CHANNELS, SEGMENTS, EXPERIENCES = 3, 4, 7
"""Dimensions' places in ``rules.scope.DIMENSIONS``."""


class Context(msgspec.Struct, frozen=True):
    """Who asks, and where. ``campaigns`` None: those that are in force."""

    tier: str
    market: str
    channel: str = ""
    segments: tuple[str, ...] = ()
    campaigns: tuple[str, ...] | None = None
    mechanic: str = "redemption"


class Audience(NamedTuple):
    """Members who see the same prices: of channels, segments and used-up rules, what running rules name."""

    tier: str
    market: str
    channel: str
    segments: tuple[str, ...]
    used_up: tuple[str, ...]


def audience_of(program: Program, member: Member, channel: str) -> Audience:
    """The audience that a member belongs to now."""
    listing = program.book.running.listing
    segments = tuple(sorted({segment for segment in member.segments if segment in listing[SEGMENTS]}))
    channel = channel if channel in listing[CHANNELS] else ""
    return Audience(member.tier, member.market, channel, segments, used_up(program, member))


def prices_for(program: Program, audience: Audience, ids: Iterable[str]) -> dict[str, PriceView | None]:
    """What these experiences cost an audience now, at the greatest share in points; None for what it cannot
    see, or cannot pay."""
    at, rules = program.at, program.book.running
    tier, market, channel, segments, used = audience
    cell = cell_of(program, tier, market, channel=channel, segments=segments, at=at)
    terms = Terms(at, program.campaigns.left, used)
    matching = rules.match_cell(cell)
    payable = market in program.settings.money
    prices: dict[str, PriceView | None] = {}
    for id in ids:
        prices[id] = None
        experience = program.experiences.get(id)
        if experience is None or not is_shown(experience.terms, tier, market, at):
            continue
        share = share_of(experience.terms, None)
        if share != ONE and not payable:
            continue
        item = item_of(program, experience, market, share)
        found = quote_matching(rules, rules.sort(matching & rules.match_item(item)), item, terms)
        if payable or not found.cash:
            prices[id] = price_view(program, market, found.points, found.cash)
    return prices


def concerns(program: Program, rule: str, audience: Audience, ids: Iterable[str]) -> list[str]:
    """Those of the experiences whose price for an audience a running rule can change, whenever it is open."""
    place = program.book.running.places.get(rule)
    if place is None:
        return []
    scope = program.book.running.rules[place].scope
    tier, market, channel, segments, _ = audience
    cell = Cell("redemption", tier, market, channel, segments, scope.campaigns)
    if find_failed(scope, cell, Item("", "", 0)) not in ("", "kinds", "experiences"):
        return []
    experiences = program.experiences
    return [
        id
        for id in ids
        if id in experiences
        and (not scope.experiences or id in scope.experiences)
        and (not scope.kinds or experiences[id].terms.kind in scope.kinds)
    ]


def quote_for_member(
    program: Program, member: str, experience: str, *, share: int | None, channel: str, why_not: bool
) -> QuoteView:
    """What a member would pay. Raises ``Rejection``: ``unknown_member``, ``unknown_experience``,
    ``split_out_of_bounds``, ``no_conversion_rate``."""
    who = program.members.get(member)
    cell = cell_of(program, who.tier, who.market, channel=channel, segments=who.segments, at=program.at)
    return _quote(program, cell, experience, share, terms_of(program, who, program.at), why_not)


def quote_in_context(
    program: Program, context: Context, experience: str, *, share: int | None, why_not: bool
) -> QuoteView:
    """What somebody in this context would pay. Raises as ``quote_for_member`` does."""
    terms = terms_of(program, None, program.at)
    return _quote(program, _cell(program, context), experience, share, terms, why_not)


def price_table(program: Program, experiences: list[str], contexts: list[Context]) -> PriceTable:
    """All prices of these experiences (none: all of them) in these contexts. Raises ``Rejection``:
    ``unknown_experience``, ``too_large``."""
    ids = experiences or list(program.experiences)
    if len(ids) * len(contexts) > PRICES_LIMIT:
        raise Rejection(
            "too_large",
            f"A table has at most {PRICES_LIMIT} prices; ask for fewer at a time.",
            limit=PRICES_LIMIT,
        )
    found = [find(program, id) for id in ids]
    terms = terms_of(program, None, program.at)
    points: list[list[int]] = [[] for _ in ids]
    cash: list[list[int]] = [[] for _ in ids]
    for context in contexts:
        # Cash differs by market: one item a market.
        items = [
            item_of(program, experience, context.market, share_of(experience.terms, None))
            for experience in found
        ]
        prices = price_all(program.book.running, items, [_cell(program, context)], terms)
        for row in range(len(ids)):
            points[row].append(int(prices.points[row, 0]))
            cash[row].append(int(prices.cash[row, 0]))
    return PriceTable(ids, points, cash)


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
    rule_set: RuleSet
    vocabulary: Vocabulary
    at: int


def draw_draft(program: Program, id: str) -> Draught:
    """Takes a draft's rules out for a look at them. Raises ``Rejection("unknown_draft")``."""
    draft, rules = find_draft(program, id)
    vocabulary = vocabulary_of(program)
    return Draught(
        draft.id,
        draft.version,
        flatten(rules),
        Vocabulary(
            tiers=vocabulary.tiers,
            markets=vocabulary.markets,
            campaigns=frozenset(program.campaigns.by_id),
            experiences=frozenset(program.experiences),
            budgets=frozenset(program.campaigns.left),
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
    )


def find_faults(draught: Draught) -> Findings:
    """Everything that is wrong with a draft: a look at the whole set, which may take a second."""
    found = check(draught.rule_set, draught.vocabulary, at=draught.at)
    views = [FindingView(one.path, one.code, one.words, one.severity) for one in found]
    return Findings(draught.draft, draught.version, views)


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
        steps=[StepView(*astuple(step)) for step in found.steps],
        not_applied=[NotAppliedView(one.rule, one.reason) for one in not_applied],
        campaigns=cell.campaigns,
    )


def _cell(program: Program, context: Context) -> Cell:
    campaigns = program.campaigns.in_force(program.at) if context.campaigns is None else context.campaigns
    return Cell(context.mechanic, context.tier, context.market, context.channel, context.segments, campaigns)
