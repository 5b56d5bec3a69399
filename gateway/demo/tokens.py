"""Tokens for the demo's pages: whoever sits at this machine may be any demo member, or one of its staff.

The route exists with ``--demo`` alone, and answers nobody but this machine's own pages: the peer must be a
loopback address and the ``Host`` a loopback name (a page elsewhere that points its own name here has
another).
"""

import ipaddress
import secrets
from collections.abc import Callable, Collection
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine import views
from engine.errors import Rejection
from gateway import problems
from gateway.desk import Desk
from gateway.http import read_body
from gateway.wire import UNREADABLE, explain

MEMBERS: Final = 2_000
"""The demo program's members are m0001 to m2000."""

STAFF: Final = {"maria": "manager", "omar": "manager", "olga": "operator"}
"""The demo's staff by role: two managers, so that one can approve what the other asks for."""

Mint = Callable[[str, str], str]
"""Makes a token for somebody (the first) in a role (the second)."""

_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class DemoRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The member to be (any, if it is left out), or who of the ``STAFF``."""

    member: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    staff: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class DemoToken(msgspec.Struct, frozen=True):
    """A token, and whose it is."""

    token: str
    member: str
    tier: str
    market: str


class StaffToken(msgspec.Struct, frozen=True):
    """A token of somebody of the staff, and its role."""

    token: str
    staff: str
    role: str


_decode_request = msgspec.json.Decoder(DemoRequest).decode


def demo_route(desk: Desk, mint: Mint, origins: Collection[str]) -> Route:
    """``POST /demo/token``."""

    async def give_token(request: Request) -> Response:
        try:
            _check_neighbour(request, origins)
            refusal = desk.refusal()
            if refusal is not None:
                raise refusal
            wanted = _decode_request(await read_body(request) or b"{}")
            token: DemoToken | StaffToken
            if wanted.staff:
                token = _staff_token(mint, wanted.staff)
            else:
                token = _member_token(desk, mint, wanted.member)
        except Rejection as rejection:
            return problems.respond(rejection.rejected)
        except UNREADABLE as error:
            return problems.respond(explain(error).rejected)
        return Response(msgspec.json.encode(token), media_type="application/json")

    return Route("/demo/token", give_token, methods=["POST"])


def _member_token(desk: Desk, mint: Mint, wanted: str | None) -> DemoToken:
    member = wanted or f"m{secrets.randbelow(MEMBERS) + 1:04d}"
    view = views.view_member(desk.replica.program, member)
    return DemoToken(mint(view.member, "member"), view.member, view.tier, view.market)


def _staff_token(mint: Mint, wanted: str) -> StaffToken:
    role = STAFF.get(wanted)
    if role is None:
        raise Rejection("invalid_parameters", f"staff: the demo has {', '.join(STAFF)}.", field="staff")
    return StaffToken(mint(wanted, role), wanted, role)


def _check_neighbour(request: Request, origins: Collection[str]) -> None:
    peer = request.client.host if request.client else ""
    origin = request.headers.get("origin")
    if not _is_loopback(peer) or request.url.hostname not in _LOOPBACK_NAMES:
        raise Rejection("forbidden", "Demo tokens are given to this machine only.")
    if origin is not None and origin not in origins:
        raise Rejection("origin_not_allowed", f"Pages from {origin[:200]} get no demo tokens.")


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
