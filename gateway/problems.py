"""Refusals over HTTP: problem details (RFC 9457) with our code.

``type`` points at the code's entry on the reference page. A refusal's own details stand beside the standard
members; one that has the name of a standard member gets the prefix ``detail_``.
"""

from typing import Any, Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from engine.errors import Rejected
from gateway.desk import INTERNAL
from gateway.wire import ALL_CODES

MEDIA_TYPE: Final = "application/problem+json"

RETRY_SECONDS: Final = 1
"""What ``Retry-After`` says with 429 and 503."""

_NOTHING_HERE: Final = Rejected(
    "unknown_operation", "There is nothing at this path; /reference lists what there is."
)


def problem_of(rejected: Rejected) -> dict[str, Any]:
    """The problem object."""
    code = ALL_CODES[rejected.code]
    problem: dict[str, Any] = {
        "type": f"/reference#{code.name}",
        "title": code.name.replace("_", " ").capitalize(),
        "status": code.status,
        "detail": rejected.message,
        "code": code.name,
    }
    for name, value in (rejected.details or {}).items():
        problem[f"detail_{name}" if name in problem else name] = value
    return problem


def headers_of(rejected: Rejected) -> dict[str, str]:
    """The headers that go with it: when to come back, how to authenticate (RFC 6750 §3)."""
    status = ALL_CODES[rejected.code].status
    if status in (429, 503):
        return {"Retry-After": str(RETRY_SECONDS)}
    if status == 401:
        return {
            "WWW-Authenticate": 'Bearer error="invalid_token"'
            if rejected.code != "unauthenticated"
            else "Bearer"
        }
    return {}


def respond(rejected: Rejected, headers: dict[str, str] | None = None) -> Response:
    """The response."""
    return Response(
        msgspec.json.encode(problem_of(rejected)),
        ALL_CODES[rejected.code].status,
        headers={**headers_of(rejected), **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def raw(rejected: Rejected) -> bytes:
    """The response as it goes over the wire, for what is refused before there is a request; the connection
    ends."""
    body = msgspec.json.encode(problem_of(rejected))
    code = ALL_CODES[rejected.code]
    headers = {
        **headers_of(rejected),
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {code.status} {code.name}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join((*lines, "", "")).encode("ascii") + body


async def take_exception(request: Request, error: Exception) -> Response:
    """A bug. The server logs it."""
    return respond(INTERNAL)


async def take_http_exception(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: unknown paths and other methods."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return respond(_NOTHING_HERE)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "GET, HEAD")
        words = f"{request.method} is not for this path; it takes {allowed}."
        return respond(Rejected("method_not_allowed", words), {"Allow": allowed})
    return respond(Rejected("invalid_request", error.detail))
