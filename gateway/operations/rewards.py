"""Operations on the catalogue and on redemptions."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from engine import commands, results
from engine.commands import Behalf
from engine.program import Program
from engine.rewards import answers, views
from engine.units import Reference
from gateway.operations.row import (
    BIDDERS,
    EVERYBODY,
    MANAGERS,
    STEWARDS,
    OwnState,
    ViewRequest,
    command_row,
    view_row,
)

After = Annotated[str, Meta(max_length=20)]
"""The ``next`` of the page before."""

Limit = Annotated[int, Meta(ge=1, le=100)]


class ListOffers(ViewRequest):
    """What the member sees: all of it, or of one ``kind``, or what is on a campaign's shelf now."""

    member: Behalf = ""
    campaign: Behalf = ""
    kind: Behalf = ""
    channel: Behalf = ""
    after: After = ""
    limit: Limit = 50


class OneOffer(ViewRequest):
    """Names an experience, as the member sees it."""

    experience: Reference
    member: Behalf = ""
    channel: Behalf = ""


class OneExperience(ViewRequest):
    """Names an experience."""

    experience: Reference


class Page(ViewRequest):
    """A page of a list: ``after`` is the ``next`` of the page before."""

    after: After = ""
    limit: Limit = 50


class ListRedemptions(Page):
    """Everybody's redemptions of one ``status`` and ``experience`` (empty: any)."""

    status: Annotated[
        str, Meta(pattern="^(awaiting_payment|pending|confirmed|cancelled|lapsed|refunded)?$")
    ] = ""
    experience: Behalf = ""


class OneRedemption(ViewRequest):
    """Names a redemption."""

    redemption: Reference
    member: Behalf = ""


def _list_offers(program: Program, request: ListOffers, member: str) -> msgspec.Struct:
    return views.list_offers(
        program,
        member,
        campaign=request.campaign,
        kind=request.kind,
        channel=request.channel,
        after=request.after,
        limit=request.limit,
    )


def _get_offer(program: Program, request: OneOffer, member: str) -> msgspec.Struct:
    return views.get_offer(program, member, request.experience, request.channel)


def _list_experiences(program: Program, request: Page, member: str) -> msgspec.Struct:
    return views.list_experiences(program, after=request.after, limit=request.limit)


def _list_redemptions(program: Program, request: ListRedemptions, member: str) -> msgspec.Struct:
    return views.list_all_redemptions(
        program,
        status=request.status,
        experience=request.experience,
        after=request.after,
        limit=request.limit,
    )


def _own_redemptions(program: Program, request: Any, member: str) -> msgspec.Struct:
    return views.list_redemptions(program, member)


REWARD_OPERATIONS: Final = (
    view_row(
        "catalogue.list",
        "/v1/catalogue",
        _list_offers,
        ListOffers,
        answers.CataloguePage,
        BIDDERS,
        behalf=True,
    ),
    view_row(
        "catalogue.get",
        "/v1/catalogue/{experience}",
        _get_offer,
        OneOffer,
        answers.OfferView,
        BIDDERS,
        behalf=True,
    ),
    view_row("experience.list", "/v1/experiences", _list_experiences, Page, answers.ExperiencePage, STEWARDS),
    view_row(
        "experience.get",
        "/v1/experiences/{experience}",
        lambda program, request, member: views.view_experience(program, request.experience),
        OneExperience,
        answers.ExperienceRecord,
        STEWARDS,
    ),
    command_row(
        "experience.put",
        "PUT /v1/experiences/{experience}",
        commands.PutExperience,
        results.ExperienceSet,
        MANAGERS,
    ),
    command_row(
        "experience.remove",
        "DELETE /v1/experiences/{experience}",
        commands.RemoveExperience,
        results.ExperienceSet,
        MANAGERS,
    ),
    command_row(
        "redemption.redeem",
        "POST /v1/redemptions",
        commands.Redeem,
        results.Redeemed,
        BIDDERS,
        behalf=True,
    ),
    view_row(
        "redemption.list",
        "/v1/redemptions",
        _list_redemptions,
        ListRedemptions,
        answers.RedemptionPage,
        STEWARDS,
    ),
    view_row(
        "redemption.get",
        "/v1/redemptions/{redemption}",
        lambda program, request, member: views.view_redemption(program, request.redemption, member),
        OneRedemption,
        answers.RedemptionView,
        EVERYBODY,
        behalf=True,
        behalf_optional=True,
    ),
    command_row(
        "redemption.paid",
        "POST /v1/redemptions/{redemption}/paid",
        commands.ReportPayment,
        results.Redeemed,
        STEWARDS,
    ),
    command_row(
        "redemption.confirm",
        "POST /v1/redemptions/{redemption}/confirm",
        commands.ConfirmRedemption,
        results.Redeemed,
        STEWARDS,
    ),
    command_row(
        "redemption.cancel",
        "POST /v1/redemptions/{redemption}/cancel",
        commands.CancelRedemption,
        results.Redeemed,
        BIDDERS,
        behalf=True,
    ),
    command_row(
        "redemption.refund",
        "POST /v1/redemptions/{redemption}/refund",
        commands.RefundRedemption,
        results.RedemptionRefunded,
        STEWARDS,
    ),
    view_row(
        "me.redemptions",
        "/v1/me/redemptions",
        _own_redemptions,
        OwnState,
        answers.RedemptionList,
        BIDDERS,
        behalf=True,
    ),
)
