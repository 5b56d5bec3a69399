"""Everything that can be asked of a gateway: one table.

A row names an operation, where HTTP has it, what answers it (a command of the log, or a view of the state),
the shapes of request and reply, and who may ask. HTTP routes, socket methods, the OpenAPI and the AsyncAPI
document and the reference page all come from here. A command's request is derived from the command itself
(see ``shapes.py``).

Beside the fields of its own, every request may carry: ``key``, an idempotency key (commands; HTTP: the
``Idempotency-Key`` header), ``not_after``, the instant after which it must not be applied any more (commands;
HTTP: the ``Livelot-Not-After`` header), and ``position``, which this gateway must have reached first (HTTP:
``Livelot-Position``).
"""

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from engine import answers, commands, results, views
from engine.commands import MANAGER, MEMBER, OPERATOR, ROLES, SERVICE, Behalf, Command
from engine.program import Program
from engine.units import Reference, Time
from gateway.shapes import derive, rebuilder

View = Callable[[Program, Any, str], msgspec.Struct]
"""Answers a question: the state, the request, and the member that asks or is asked for (empty for staff)."""

Key = Annotated[str, Meta(min_length=1, max_length=64)]
PositionText = Annotated[str, Meta(pattern=r"^[0-9]{1,20}:[0-9]{1,20}-[0-9]{1,20}$", max_length=62)]

_ENVELOPE: Final = (("key", Key | None, None), ("not_after", Time | None, None))
_POSITION: Final = ("position", PositionText | None, None)


class Row(msgspec.Struct, kw_only=True):
    """What can be asked, in words, and the shapes of request and reply."""

    name: str
    words: str
    request: type[msgspec.Struct]
    reply: type[msgspec.Struct]


class Operation(Row, kw_only=True):
    """One row. ``roles`` has the bit ``1 << role`` of each role that may ask.

    ``behalf``: it is done for a member, which a service names in ``member`` (it must, unless
    ``behalf_optional``). ``build`` makes the command from a checked request and that member; a view has none.
    """

    method: str
    path: str
    roles: int
    build: Callable[[Any, str], Command] | None = None
    view: View | None = None
    behalf: bool = False
    behalf_optional: bool = False

    @property
    def path_names(self) -> tuple[str, ...]:
        """The request's fields that HTTP has in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def role_names(self) -> tuple[str, ...]:
        """Who may ask."""
        return tuple(name for name, role in ROLES.items() if self.roles >> role & 1)


class ViewRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The base of questions."""

    position: PositionText | None = None


class OneAuction(ViewRequest):
    """Names an auction."""

    auction: Reference


class ListAuctions(ViewRequest):
    """Filters and a cursor: ``after`` is the ``next`` of the page before."""

    status: Annotated[str, Meta(pattern="^(draft|scheduled|open|paused|settled|unsold|cancelled)?$")] = ""
    campaign: Behalf = ""
    after: Annotated[str, Meta(max_length=100)] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class ListBids(ViewRequest):
    """Bids of one auction, newest first; ``before`` is the lowest number of the page before."""

    auction: Reference
    member: Behalf = ""
    before: Annotated[int, Meta(ge=0, le=10**6)] = 0
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class OneMember(ViewRequest):
    """Names a member."""

    member: Reference


class OwnState(ViewRequest):
    """The asking member's own; a service names the member."""

    member: Behalf = ""


def _bits(*roles: int) -> int:
    return sum(1 << role for role in roles)


_OPERATORS: Final = _bits(OPERATOR)
_MANAGERS: Final = _bits(MANAGER, OPERATOR)
_STEWARDS: Final = _bits(MANAGER, OPERATOR, SERVICE)
_BIDDERS: Final = _bits(MEMBER, SERVICE)
_EVERYBODY: Final = _bits(MEMBER, MANAGER, OPERATOR, SERVICE)


def _command(
    name: str,
    route: str,
    command: type[Command],
    reply: type[msgspec.Struct],
    roles: int,
    *,
    behalf: bool = False,
) -> Operation:
    method, _, path = route.partition(" ")
    arguments = rebuilder(command, without="member" if behalf else "")

    def build(request: Any, member: str) -> Command:
        return command(*arguments(request), member) if behalf else command(*arguments(request))

    return Operation(
        name=name,
        method=method,
        path=path,
        words=inspect.cleandoc(command.__doc__ or ""),
        roles=roles,
        request=derive(command, (*_ENVELOPE, _POSITION)),
        reply=reply,
        build=build,
        behalf=behalf,
    )


def _view(
    name: str,
    path: str,
    view: View,
    request: type[ViewRequest],
    reply: type[msgspec.Struct],
    roles: int,
    *,
    behalf: bool = False,
    behalf_optional: bool = False,
) -> Operation:
    return Operation(
        name=name,
        method="GET",
        path=path,
        words=inspect.cleandoc(reply.__doc__ or ""),
        roles=roles,
        request=request,
        reply=reply,
        view=view,
        behalf=behalf,
        behalf_optional=behalf_optional,
    )


def _list_auctions(program: Program, request: ListAuctions, member: str) -> msgspec.Struct:
    return views.list_auctions(
        program, status=request.status, campaign=request.campaign, after=request.after, limit=request.limit
    )


def _list_bids(program: Program, request: ListBids, member: str) -> msgspec.Struct:
    return views.list_bids(
        program, request.auction, viewer=member, before=request.before, limit=request.limit
    )


OPERATIONS: Final = (
    _command("program.configure", "PUT /v1/program", commands.Configure, results.ProgramSet, _OPERATORS),
    _command(
        "program.raise_level", "POST /v1/program/level", commands.RaiseLevel, results.ProgramSet, _OPERATORS
    ),
    _command(
        "member.upsert", "PUT /v1/members/{member}", commands.UpsertMember, results.MemberSet, _STEWARDS
    ),
    _view(
        "member.get",
        "/v1/members/{member}",
        lambda program, request, member: views.view_member(program, request.member),
        OneMember,
        answers.MemberView,
        _STEWARDS,
    ),
    _command(
        "points.credit",
        "POST /v1/members/{member}/credits",
        commands.CreditPoints,
        results.PointsSet,
        _STEWARDS,
    ),
    _command(
        "points.adjust",
        "POST /v1/members/{member}/adjustments",
        commands.AdjustPoints,
        results.PointsSet,
        _MANAGERS,
    ),
    _view("auction.list", "/v1/auctions", _list_auctions, ListAuctions, answers.AuctionPage, _EVERYBODY),
    _view(
        "auction.get",
        "/v1/auctions/{auction}",
        lambda program, request, member: views.view_auction(program, request.auction),
        OneAuction,
        answers.AuctionView,
        _EVERYBODY,
    ),
    _view(
        "auction.bids",
        "/v1/auctions/{auction}/bids",
        _list_bids,
        ListBids,
        answers.BidPage,
        _EVERYBODY,
        behalf=True,
        behalf_optional=True,
    ),
    _command("auction.create", "POST /v1/auctions", commands.CreateAuction, results.AuctionSet, _MANAGERS),
    _command(
        "auction.update", "PUT /v1/auctions/{auction}", commands.UpdateAuction, results.AuctionSet, _MANAGERS
    ),
    *(
        _command(f"auction.{verb}", f"POST /v1/auctions/{{auction}}/{verb}", command, reply, _MANAGERS)
        for verb, command, reply in (
            ("schedule", commands.ScheduleAuction, results.AuctionSet),
            ("open", commands.OpenAuction, results.AuctionSet),
            ("extend", commands.ExtendAuction, results.AuctionSet),
            ("pause", commands.PauseAuction, results.AuctionSet),
            ("resume", commands.ResumeAuction, results.AuctionSet),
            ("lower_reserve", commands.LowerReserve, results.AuctionSet),
            ("void_bid", commands.VoidBid, results.BidVoided),
            ("cancel", commands.CancelAuction, results.AuctionSet),
            ("refund", commands.RefundAuction, results.Refunded),
            ("offer_second_chance", commands.OfferSecondChance, results.OfferMade),
        )
    ),
    *(
        _command(
            f"auction.{verb}", f"POST /v1/auctions/{{auction}}/{path}", command, reply, _BIDDERS, behalf=True
        )
        for verb, path, command, reply in (
            ("bid", "bids", commands.PlaceBid, results.BidTaken),
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
        _view(name, path, look, OwnState, reply, _BIDDERS, behalf=True)
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
"""All of them, in the order of the reference page."""

BY_NAME: Final = {operation.name: operation for operation in OPERATIONS}


class Authenticate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Says who speaks on this socket. A later call may bring a fresher token of the same caller."""

    token: Annotated[str, Meta(min_length=1, max_length=16_384, pattern=r"^[\x21-\x7e]+$")]


class Authenticated(msgspec.Struct, frozen=True):
    """Who the token speaks for, and until when (ms); then the socket is closed with 4002."""

    actor: str
    role: str
    program: str
    expires_at: int


class Topics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Topics: ``auctions``, ``auction:ID``, ``me``."""

    topics: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=80)]], Meta(min_length=1, max_length=1000)
    ]


class Subscribed(msgspec.Struct, frozen=True):
    """All topics of this socket after the call."""

    topics: list[str]


class Ping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing: asks whether the gateway answers, and what time it is there."""


class Pong(msgspec.Struct, frozen=True):
    """The gateway's clock, in ms: what is left of an auction's time is counted from it."""

    time: int


class SocketMethod(Row, kw_only=True):
    """What only a socket understands. ``anonymous``: also before ``authenticate``."""

    anonymous: bool = False


SOCKET_METHODS: Final = tuple(
    SocketMethod(name=name, words=words, request=request, reply=reply, anonymous=anonymous)
    for name, words, request, reply, anonymous in (
        ("authenticate", "Says who speaks on this socket.", Authenticate, Authenticated, True),
        (
            "subscribe",
            "Listens to topics; the latest state of each comes at once.",
            Topics,
            Subscribed,
            False,
        ),
        ("unsubscribe", "Stops listening to topics.", Topics, Subscribed, False),
        ("ping", "Asks whether the gateway answers, and what time it is there.", Ping, Pong, True),
    )
)
