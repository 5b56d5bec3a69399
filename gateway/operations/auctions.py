"""Operations on the program, its members and their points, and on auctions."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import msgspec
from iso4217 import Currency
from msgspec import Meta

from engine import answers, commands, results, views
from engine.auction.views import list_sales
from engine.commands import Behalf
from engine.errors import Rejection
from engine.program import Program
from engine.units import Reference
from gateway.operations.row import (
    BIDDERS,
    EVERYBODY,
    MANAGERS,
    OPERATORS,
    STEWARDS,
    OwnState,
    ViewRequest,
    command_row,
    view_row,
)

_CURRENCIES: Final = {currency.code for currency in Currency}


class OneAuction(ViewRequest):
    """Names an auction; a member, or a service for one, is also told on which terms it would win."""

    auction: Reference
    member: Behalf = ""


class NamedAuction(ViewRequest):
    """Names an auction."""

    auction: Reference


class ListAuctions(ViewRequest):
    """Filters and a cursor: ``after`` is the ``next`` of the page before, in the same ``order``: all of them,
    newest first, or the scheduled, open and paused ones, those first that end soonest."""

    status: Annotated[
        str, Meta(pattern="^(draft|scheduled|open|paused|closing|settled|unsold|cancelled)?$")
    ] = ""
    campaign: Behalf = ""
    order: Literal["newest", "soonest"] = "newest"
    after: Annotated[str, Meta(max_length=100)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    member: Behalf = ""


class ListBids(ViewRequest):
    """Bids of one auction, newest first; ``before`` is the lowest number of the page before."""

    auction: Reference
    member: Behalf = ""
    before: Annotated[int, Meta(ge=0, le=10**6)] = 0
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class ListSales(ViewRequest):
    """Sales of one auction, in the order of selling; ``after`` is the ``next`` of the page before."""

    auction: Reference
    after: Annotated[int, Meta(ge=0, le=10**6)] = 0
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class OneMember(ViewRequest):
    """Names a member."""

    member: Reference


def _list_auctions(program: Program, request: ListAuctions, member: str) -> msgspec.Struct:
    asked: dict[str, Any] = {
        name: getattr(request, name) for name in ("status", "campaign", "after", "limit")
    }
    if request.order == "soonest":
        return views.list_soonest_auctions(program, **asked)
    return views.list_auctions(program, viewer=member, **asked)


def _list_bids(program: Program, request: ListBids, member: str) -> msgspec.Struct:
    return views.list_bids(
        program, request.auction, viewer=member, before=request.before, limit=request.limit
    )


def _narrow_create(command: commands.CreateFormatAuction) -> commands.Command:
    if command.format is not None:
        return command
    return commands.CreateAuction(command.auction, command.terms)


def _narrow_update(command: commands.UpdateFormatAuction) -> commands.Command:
    if command.format is not None:
        return command
    return commands.UpdateAuction(command.auction, command.terms)


def _narrow_refund(command: commands.RefundSale) -> commands.Command:
    return command if command.bid else commands.RefundAuction(command.auction, command.reason)


def _build_bid(request: Any, member: str) -> commands.Command:
    if request.quantity > 1 or request.partial:
        return commands.BidForPieces(
            request.auction, request.maximum, request.quantity, request.partial, member
        )
    return commands.PlaceBid(request.auction, request.maximum, member)


def _check_currencies(program: Program, request: Any) -> Callable[[], None]:
    def check() -> None:
        for market, money in request.settings.money.items():
            exponent = Currency(money.currency).exponent if money.currency in _CURRENCIES else None
            if money.exponent != exponent:
                right = (
                    f"{money.currency} has {exponent} decimals" if exponent is not None else "use ISO 4217's"
                )
                raise Rejection(
                    "unknown_currency",
                    f"settings.money.{market}: {money.currency} with {money.exponent} decimals: {right}.",
                    field=f"settings.money.{market}",
                )

    return check


AUCTION_OPERATIONS: Final = (
    view_row(
        "program.get",
        "/v1/program",
        lambda program, request, member: views.view_program(program),
        ViewRequest,
        answers.ProgramView,
        MANAGERS,
    ),
    command_row(
        "program.configure",
        "PUT /v1/program",
        commands.Configure,
        results.ProgramSet,
        OPERATORS,
        preflight=_check_currencies,
    ),
    command_row(
        "program.raise_level", "POST /v1/program/level", commands.RaiseLevel, results.ProgramSet, OPERATORS
    ),
    command_row(
        "member.upsert", "PUT /v1/members/{member}", commands.UpsertMember, results.MemberSet, STEWARDS
    ),
    view_row(
        "member.get",
        "/v1/members/{member}",
        lambda program, request, member: views.view_member(program, request.member),
        OneMember,
        answers.MemberView,
        STEWARDS,
    ),
    command_row(
        "points.credit",
        "POST /v1/members/{member}/credits",
        commands.CreditPoints,
        results.PointsSet,
        STEWARDS,
    ),
    command_row(
        "points.adjust",
        "POST /v1/members/{member}/adjustments",
        commands.AdjustPoints,
        results.PointsSet,
        MANAGERS,
    ),
    view_row(
        "auction.list",
        "/v1/auctions",
        _list_auctions,
        ListAuctions,
        answers.AuctionPage,
        EVERYBODY,
        behalf=True,
        behalf_optional=True,
    ),
    view_row(
        "auction.get",
        "/v1/auctions/{auction}",
        lambda program, request, member: views.view_auction(program, request.auction, member),
        OneAuction,
        answers.AuctionView,
        EVERYBODY,
        behalf=True,
        behalf_optional=True,
    ),
    view_row(
        "auction.terms",
        "/v1/auctions/{auction}/terms",
        lambda program, request, member: views.view_terms(program, request.auction),
        NamedAuction,
        answers.AuctionRecord,
        MANAGERS,
    ),
    view_row(
        "auction.bids",
        "/v1/auctions/{auction}/bids",
        _list_bids,
        ListBids,
        answers.BidPage,
        EVERYBODY,
        behalf=True,
        behalf_optional=True,
    ),
    view_row(
        "auction.sales",
        "/v1/auctions/{auction}/sales",
        lambda program, request, member: list_sales(
            program, request.auction, after=request.after, limit=request.limit
        ),
        ListSales,
        answers.SalePage,
        MANAGERS,
    ),
    command_row(
        "auction.create",
        "POST /v1/auctions",
        commands.CreateFormatAuction,
        results.AuctionSet,
        MANAGERS,
        narrow=_narrow_create,
        older=commands.CreateAuction,
    ),
    command_row(
        "auction.update",
        "PUT /v1/auctions/{auction}",
        commands.UpdateFormatAuction,
        results.AuctionSet,
        MANAGERS,
        narrow=_narrow_update,
        older=commands.UpdateAuction,
    ),
    command_row(
        "auction.refund",
        "POST /v1/auctions/{auction}/refund",
        commands.RefundSale,
        results.Refunded,
        MANAGERS,
        narrow=_narrow_refund,
        older=commands.RefundAuction,
    ),
    *(
        command_row(f"auction.{verb}", f"POST /v1/auctions/{{auction}}/{verb}", command, reply, MANAGERS)
        for verb, command, reply in (
            ("schedule", commands.ScheduleAuction, results.AuctionSet),
            ("open", commands.OpenAuction, results.AuctionSet),
            ("extend", commands.ExtendAuction, results.AuctionSet),
            ("pause", commands.PauseAuction, results.AuctionSet),
            ("resume", commands.ResumeAuction, results.AuctionSet),
            ("lower_reserve", commands.LowerReserve, results.AuctionSet),
            ("lower_supply", commands.LowerSupply, results.AuctionSet),
            ("void_bid", commands.VoidBid, results.BidVoided),
            ("cancel", commands.CancelAuction, results.AuctionSet),
            ("offer_second_chance", commands.OfferSecondChance, results.OfferMade),
        )
    ),
    command_row(
        "auction.bid",
        "POST /v1/auctions/{auction}/bids",
        commands.BidForPieces,
        results.BidTaken,
        BIDDERS,
        behalf=True,
        build=_build_bid,
        older=commands.PlaceBid,
    ),
    *(
        command_row(
            f"auction.{verb}", f"POST /v1/auctions/{{auction}}/{path}", command, reply, BIDDERS, behalf=True
        )
        for verb, path, command, reply in (
            ("leave", "leave", commands.LeaveAuction, results.AuctionLeft),
            ("buy_now", "buy_now", commands.BuyNow, results.Purchased),
            ("accept_second_chance", "second_chance/accept", commands.AcceptSecondChance, results.Purchased),
            (
                "decline_second_chance",
                "second_chance/decline",
                commands.DeclineSecondChance,
                results.OfferDeclined,
            ),
        )
    ),
    *(
        view_row(name, path, look, OwnState, reply, BIDDERS, behalf=True)
        for name, path, look, reply in (
            ("me", "/v1/me", lambda program, request, member: views.view_me(program, member), answers.MeView),
            (
                "me.points",
                "/v1/me/points",
                lambda program, request, member: views.view_points(program, member),
                answers.PointsView,
            ),
            (
                "me.bids",
                "/v1/me/bids",
                lambda program, request, member: views.list_member_bids(program, member),
                answers.MemberBids,
            ),
        )
    ),
)
