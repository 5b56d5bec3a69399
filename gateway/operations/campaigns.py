"""Operations on campaigns. A schedule is checked here, and stands as text in the log: the keeper expands it.

So the same request makes the same command whenever it is sent, and a key finds it again.
"""

import time
from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from engine import commands, results
from engine.commands import Behalf, CampaignTerms, Command, PutCampaign, Rotation, Shelf
from engine.errors import Rejection
from engine.prices.table import Context
from engine.program import Program
from engine.rewards import answers, showcase, views
from engine.units import Name, Reference, Time
from gateway.operations.calendar import refuse_faults, write_schedule
from gateway.operations.rewards import After, Limit
from gateway.operations.row import (
    ENVELOPE,
    MANAGERS,
    POSITION,
    STEWARDS,
    Operation,
    ViewRequest,
    command_row,
    view_row,
)
from gateway.shapes import derive, object_shape, objectify, rebuilder
from rules.schedule import Schedule

_TermsObject: Final = derive(
    CampaignTerms, (("schedule", Schedule | None, None),), without=("schedule", "expanded_until")
)

_PutObject: Final = derive(PutCampaign, (("terms", _TermsObject), *ENVELOPE, POSITION), without=("terms",))

_RecordObject: Final = derive(answers.CampaignRecord, (("terms", _TermsObject),), without=("terms",))

_ListObject: Final = derive(
    answers.CampaignList,
    (("campaigns", list[_RecordObject]),),  # type: ignore[valid-type]
    without=("campaigns",),
)


class OneCampaign(ViewRequest):
    """Names a campaign."""

    campaign: Reference


class _Turning(msgspec.Struct, array_like=True, frozen=True):
    """What turns in a campaign's terms."""

    shelves: Annotated[tuple[Shelf, ...], Meta(max_length=100)] = ()
    rotation: Rotation | None = None


_turning_of: Final = rebuilder(_Turning)


class PreviewShelf(ViewRequest, kw_only=True):
    """A campaign, for whom its shelf is looked at, and the instant ``at`` (ms). ``turning``: as if the
    campaign had these shelves and this rotation; left out: with its own."""

    campaign: Reference
    tier: Name
    market: Name
    at: Time
    channel: Behalf = ""
    segments: Annotated[tuple[Name, ...], Meta(max_length=64)] = ()
    turning: object_shape(_Turning) | None = None  # type: ignore[valid-type]


class ListCampaigns(ViewRequest):
    """Filters and a cursor: ``after`` is the ``next`` of the page before."""

    status: Annotated[str, Meta(pattern="^(draft|scheduled|running|paused|ended|archived)?$")] = ""
    after: After = ""
    limit: Limit = 50


def _build_put(request: Any, member: str) -> Command:
    """Raises ``Rejection`` with the code of what is wrong with the schedule."""
    text = ""
    if request.terms.schedule is not None:
        refuse_faults(request.terms.schedule, "terms.schedule")
        text = write_schedule(request.terms.schedule, "terms.schedule")
    return PutCampaign(request.campaign, CampaignTerms(*_terms_of(request.terms), text))


def _check_end(program: Program, request: Any) -> Callable[[], None]:
    """An end that has passed would end the campaign as it is put. Under ``apply`` it is allowed: older logs
    have such campaigns."""
    ends_at = request.terms.ends_at

    def check() -> None:
        now = time.time_ns() // 1_000_000
        if 0 < ends_at <= now:
            raise Rejection(
                "already_past",
                "terms.ends_at: the end has passed; name a later one, or 0 for none. A campaign that runs "
                "is ended by campaign.end.",
                field="terms.ends_at",
                ends_at=ends_at,
                now=now,
            )

    return check


_terms_of = rebuilder(CampaignTerms, without=("schedule", "expanded_until"))


def _record_object(record: answers.CampaignRecord) -> dict[str, Any]:
    found: dict[str, Any] = objectify(record)
    text = found["terms"].pop("schedule")
    del found["terms"]["expanded_until"]
    found["terms"]["schedule"] = msgspec.json.decode(text) if text else None
    return found


def _get(program: Program, request: OneCampaign, member: str) -> Any:
    return _record_object(views.view_campaign(program, request.campaign))


def _preview_shelf(program: Program, request: PreviewShelf, member: str) -> answers.ShelfPreview:
    context = Context(request.tier, request.market, request.channel, request.segments)
    turning = None if request.turning is None else _turning_of(request.turning)
    return showcase.preview_shelf(program, request.campaign, context, request.at, turning)


def _list(program: Program, request: ListCampaigns, member: str) -> Any:
    found = views.list_campaigns(program, status=request.status, after=request.after, limit=request.limit)
    return {"campaigns": [_record_object(record) for record in found.campaigns], "next": found.next}


CAMPAIGN_OPERATIONS: Final = (
    view_row("campaign.list", "/v1/campaigns", _list, ListCampaigns, _ListObject, STEWARDS),
    view_row("campaign.get", "/v1/campaigns/{campaign}", _get, OneCampaign, _RecordObject, STEWARDS),
    view_row(
        "campaign.preview",
        "/v1/campaigns/{campaign}/preview",
        _preview_shelf,
        PreviewShelf,
        answers.ShelfPreview,
        STEWARDS,
        method="POST",
    ),
    Operation(
        name="campaign.put",
        method="PUT",
        path="/v1/campaigns/{campaign}",
        words="Makes a draft of a campaign, or replaces the terms of one that has not ended.\n\nIts "
        "``schedule`` has windows and recurrences in a named time zone, and celebrations by country; it is "
        "expanded 60 days ahead, and extended while it runs.",
        roles=MANAGERS,
        request=_PutObject,
        reply=results.CampaignSet,
        build=_build_put,
        preflight=_check_end,
        commands=(PutCampaign,),
    ),
    *(
        command_row(
            f"campaign.{verb}",
            f"POST /v1/campaigns/{{campaign}}/{verb}",
            command,
            results.CampaignSet,
            MANAGERS,
        )
        for verb, command in (
            ("schedule", commands.ScheduleCampaign),
            ("pause", commands.PauseCampaign),
            ("resume", commands.ResumeCampaign),
            ("end", commands.EndCampaign),
            ("archive", commands.ArchiveCampaign),
        )
    ),
)
