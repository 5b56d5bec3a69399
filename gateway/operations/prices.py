"""Operations on prices and price rules."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from engine import commands, results
from engine.commands import Behalf, CampaignTerms
from engine.commands.rewards import Share
from engine.errors import Rejection
from engine.prices import answers, foresight, preview, table, views
from engine.program import Program
from engine.units import Name, Reference
from gateway.operations.row import (
    EVERYBODY,
    MANAGERS,
    POSITION,
    STEWARDS,
    ViewRequest,
    command_row,
    view_row,
)
from gateway.shapes import derive, rebuilder
from rules.rule import Number
from rules.schedule import LONGEST, Schedule, expand

Names = Annotated[tuple[Name, ...], Meta(max_length=64)]


class Context(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who would ask, and where. ``campaigns`` None: those that are in force."""

    tier: Name
    market: Name
    channel: Behalf = ""
    segments: Names = ()
    campaigns: Annotated[tuple[Reference, ...], Meta(max_length=1_000)] | None = None
    mechanic: Annotated[str, Meta(pattern="^(redemption|raffle|auction|earning)$")] = "redemption"


class AskQuote(ViewRequest):
    """What a member would pay for an experience, or somebody in a stated ``context``.

    ``share``: how much of it in points, in basis points; None: as much as may be. ``why_not``: also each rule
    that did not apply, and why.
    """

    experience: Reference
    member: Behalf = ""
    share: Share | None = None
    channel: Behalf = ""
    why_not: bool = False
    context: Context | None = None


class AskTable(ViewRequest, kw_only=True):
    """Prices of ``experiences`` (none: all) in ``contexts``: at most 50 000."""

    experiences: Annotated[tuple[Reference, ...], Meta(max_length=5_000)] = ()
    contexts: Annotated[tuple[Context, ...], Meta(min_length=1, max_length=500)]


class ListRules(ViewRequest):
    """Rules of a ``draft``, of a ``revision`` as it was published, or those that run; from number ``after``
    on."""

    draft: Behalf = ""
    revision: Annotated[int, Meta(ge=0, le=10**9)] = 0
    after: Annotated[int, Meta(ge=0, le=10_000)] = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class OneDraft(ViewRequest):
    """Names a draft."""

    draft: Reference


class AskPreview(ViewRequest):
    """Names a draft. ``scheduled`` is a campaign that is a draft itself, and is looked at as if it were
    scheduled: what launching both together would do, also where its schedule is not worked out so far ahead.
    """

    draft: Reference
    scheduled: Behalf = ""


class AskForesight(ViewRequest, kw_only=True):
    """What ``number`` would do if the running ``rule`` were tuned to it, for who asks in ``channel`` and is
    of ``segment`` (empty: the first that the rule names, if it names any).

    ``order`` change: experiences whose prices change most come first; catalogue: in their own order, behind
    the first ``after`` of them. ``search``: those alone that have this in their id or in a title. A page has
    at most 50 000 prices.
    """

    rule: Reference
    number: Number
    channel: Behalf = ""
    segment: Behalf = ""
    order: Literal["change", "catalogue"] = "change"
    search: Annotated[str, Meta(max_length=100)] = ""
    after: Annotated[int, Meta(ge=0, le=10**6)] = 0
    limit: Annotated[int, Meta(ge=1, le=5_000)] = 200


def _context(stated: Context) -> table.Context:
    return table.Context(
        stated.tier, stated.market, stated.channel, stated.segments, stated.campaigns, stated.mechanic
    )


def _quote(program: Program, request: AskQuote, member: str) -> msgspec.Struct:
    context = request.context
    if context is not None and member:
        words = (
            "context: a member asks for itself; only staff, or a service that names no member, states one."
        )
        raise Rejection("invalid_parameters", words, field="context")
    if context is not None:
        return views.quote_in_context(
            program,
            _context(context),
            request.experience,
            share=request.share,
            why_not=request.why_not,
        )
    if not member:
        raise Rejection("invalid_parameters", "context: say for whom: a tier and a market.", field="context")
    return views.quote_for_member(
        program,
        member,
        request.experience,
        share=request.share,
        channel=request.channel,
        why_not=request.why_not,
    )


def _table(program: Program, request: AskTable, member: str) -> Callable[[], msgspec.Struct]:
    contexts = [_context(one) for one in request.contexts]
    sheet = table.draw_table(program, list(request.experiences), contexts)
    return lambda: table.price_table(sheet)


def _list_rules(program: Program, request: ListRules, member: str) -> msgspec.Struct:
    return views.list_rules(
        program, draft=request.draft, revision=request.revision, after=request.after, limit=request.limit
    )


def _find_faults(program: Program, request: OneDraft, member: str) -> Callable[[], msgspec.Struct]:
    draught = views.draw_draft(program, request.draft)
    return lambda: views.find_faults(draught)


def _try(program: Program, request: Any, member: str) -> Callable[[], msgspec.Struct]:
    trial = views.draw_trial(program, commands.PutRules(*_PUT_ARGUMENTS(request)))
    return lambda: views.find_faults(trial)


def _preview(program: Program, request: AskPreview, member: str) -> Callable[[], msgspec.Struct]:
    outlook = preview.draw_outlook(program, request.draft, request.scheduled)
    launched = outlook.campaigns.get(request.scheduled)

    def look() -> msgspec.Struct:
        if launched is not None and launched.terms.schedule:
            launched.terms = _with_windows(launched.terms, outlook.terms.at)
        return preview.preview(outlook)

    return look


def _with_windows(terms: CampaignTerms, at: int) -> CampaignTerms:
    """Terms with what their schedule comes to in the longest time from ``at`` (ms), or the campaign's start,
    that is expanded at once: a celebration may be further off than what the keeper has expanded."""
    since = max(at, terms.starts_at)
    schedule = msgspec.json.decode(terms.schedule, type=Schedule)
    return msgspec.structs.replace(terms, windows=expand(schedule, since, since + LONGEST))


def _foresee(program: Program, request: AskForesight, member: str) -> Callable[[], msgspec.Struct]:
    prospect = foresight.draw_prospect(
        program, request.rule, request.number, channel=request.channel, segment=request.segment
    )
    return lambda: foresight.foresee(
        prospect, order=request.order, search=request.search, after=request.after, limit=request.limit
    )


def _check_before(program: Program, request: Any) -> Callable[[], None]:
    """A draft with an error is not published: its set is looked at as a whole first, at the very version that
    is to run."""
    draught = views.draw_draft(program, request.draft, request.version)

    def check() -> None:
        errors = [one for one in views.find_faults(draught).findings if one.severity == "error"]
        if errors:
            raise Rejection(
                errors[0].code,
                f"{errors[0].path}: {errors[0].words}",
                findings=[msgspec.to_builtins(one) for one in errors[:20]],
            )

    return check


TryRules = derive(commands.PutRules, (POSITION,), name="TryRules")
_PUT_ARGUMENTS: Final = rebuilder(commands.PutRules)

PRICE_OPERATIONS: Final = (
    view_row(
        "price.quote",
        "/v1/prices/quote",
        _quote,
        AskQuote,
        answers.QuoteView,
        EVERYBODY,
        method="POST",
        behalf=True,
        behalf_optional=True,
    ),
    view_row(
        "price.table",
        "/v1/prices/table",
        _table,
        AskTable,
        answers.PriceTable,
        STEWARDS,
        method="POST",
        background=True,
    ),
    view_row("rules.get", "/v1/rules", _list_rules, ListRules, answers.RulePage, MANAGERS),
    view_row(
        "rules.history",
        "/v1/rules/history",
        lambda program, request, member: views.view_history(program),
        ViewRequest,
        answers.RuleHistory,
        MANAGERS,
    ),
    command_row("rules.begin", "POST /v1/rules/drafts", commands.BeginDraft, results.DraftSet, MANAGERS),
    command_row(
        "rules.put", "POST /v1/rules/drafts/{draft}/rules", commands.PutRules, results.DraftSet, MANAGERS
    ),
    view_row(
        "rules.check",
        "/v1/rules/drafts/{draft}/findings",
        _find_faults,
        OneDraft,
        answers.Findings,
        MANAGERS,
        background=True,
    ),
    view_row(
        "rules.try",
        "/v1/rules/drafts/{draft}/findings",
        _try,
        TryRules,
        answers.Trial,
        MANAGERS,
        method="POST",
        background=True,
    ),
    view_row(
        "rules.preview",
        "/v1/rules/drafts/{draft}/preview",
        _preview,
        AskPreview,
        answers.Preview,
        MANAGERS,
        background=True,
    ),
    command_row(
        "rules.publish",
        "POST /v1/rules/drafts/{draft}/publish",
        commands.PublishRules,
        results.RulesSet,
        MANAGERS,
        preflight=_check_before,
    ),
    command_row(
        "rules.approve",
        "POST /v1/rules/drafts/{draft}/approve",
        commands.ApproveRules,
        results.RulesSet,
        MANAGERS,
        preflight=_check_before,
    ),
    command_row(
        "rules.drop", "DELETE /v1/rules/drafts/{draft}", commands.DropDraft, results.DraftSet, MANAGERS
    ),
    command_row(
        "rules.roll_back", "POST /v1/rules/roll_back", commands.RollBackRules, results.RulesSet, MANAGERS
    ),
    command_row("rules.tune", "POST /v1/rules/tune", commands.TuneRule, results.RuleSetTo, MANAGERS),
    view_row(
        "rules.foresee",
        "/v1/rules/tune/preview",
        _foresee,
        AskForesight,
        answers.Foresight,
        MANAGERS,
        method="POST",
        background=True,
    ),
)
