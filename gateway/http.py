"""The operations over HTTP: ``/v1/…``, one route a path of the operations table.

A request's own fields stand in the path, in the query (GET) or in a JSON object (everything else); what
belongs to the call rather than to what is asked stands in headers: ``Authorization``, ``Idempotency-Key``,
``Livelot-Not-After`` and ``Livelot-Position``. Replies are the bare result, with ``Livelot-Position`` saying
which state they speak for; refusals are problem details.
"""

import asyncio
from functools import partial
from itertools import groupby
from typing import Any, Final

import msgspec
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from engine.errors import Rejected, Rejection
from engine.position import Position
from engine.units import DAY, MAXIMUM_TIME
from gateway import problems
from gateway.clock import now
from gateway.desk import CALL_WINDOW, INTERNAL, UNKNOWN_OUTCOME
from gateway.identity import Caller
from gateway.lobby import Lobby
from gateway.operations import OPERATIONS, Operation
from gateway.wire import FRAME_LIMIT, UNREADABLE, explain

POSITION_HEADER: Final = "Livelot-Position"
NOT_AFTER_HEADER: Final = "Livelot-Not-After"
KEY_HEADER: Final = "Idempotency-Key"

KEYED_WINDOW: Final = DAY
"""How long a command with an ``Idempotency-Key`` may still be applied, in ms; never more than the role's own
window."""

_ENVELOPE: Final = {"key": KEY_HEADER, "not_after": NOT_AFTER_HEADER, "position": POSITION_HEADER}

_decode_object = msgspec.json.Decoder(dict[str, Any]).decode
_log = structlog.get_logger("livelot.gateway")


def operation_routes(lobby: Lobby) -> list[Route]:
    """The routes of all operations."""
    by_path = sorted(OPERATIONS, key=lambda operation: operation.path)
    routes = []
    for path, group in groupby(by_path, key=lambda operation: operation.path):
        operations = {operation.method: operation for operation in group}
        routes.append(Route(path, Endpoint(lobby, operations).answer, methods=list(operations)))
    return routes


class Endpoint:
    """The operations of one path, by method."""

    def __init__(self, lobby: Lobby, operations: dict[str, Operation]) -> None:
        self._lobby = lobby
        self._operations = operations

    async def answer(self, request: Request) -> Response:
        """One response a request, never a traceback."""
        operation = self._operations["GET" if request.method == "HEAD" else request.method]
        metrics = self._lobby.metrics
        metrics.in_flight += 1
        position: Position | None = None
        outcome: Any
        try:
            position, outcome = await self._ask(operation, request)
        except Rejection as rejection:
            outcome = rejection.rejected
        except UNREADABLE as error:
            outcome = explain(error).rejected
        except ClientDisconnect:
            outcome = Rejected("malformed", "The body ended early.")
        except Exception:
            _log.exception("call failed", operation=operation.name)
            outcome = INTERNAL
        finally:
            metrics.in_flight -= 1
        headers = {POSITION_HEADER: str(position)} if position is not None else {}
        if type(outcome) is Rejected:
            metrics.count(operation.name, outcome.code)
            return problems.respond(outcome, headers)
        metrics.count(operation.name, "ok")
        return Response(msgspec.json.encode(outcome), headers=headers, media_type="application/json")

    async def _ask(self, operation: Operation, request: Request) -> tuple[Position, Any]:
        lobby = self._lobby
        at = now()
        caller = admit(lobby, request, at)
        given = await _read_parameters(operation, request)
        parameters = msgspec.convert(given, operation.request, strict=operation.method != "GET")
        window = KEYED_WINDOW if "key" in given else CALL_WINDOW
        answered: asyncio.Future[tuple[Position, Any]] = asyncio.get_running_loop().create_future()
        not_after = at + window
        lobby.desk.ask(operation, caller, parameters, not_after, partial(_resolve, answered))
        lobby.desk.unanswered.add(answered)
        try:
            return await asyncio.wait_for(answered, lobby.limits.answer_seconds)
        except TimeoutError as error:
            raise Rejection("unavailable", UNKNOWN_OUTCOME) from error
        finally:
            lobby.desk.unanswered.discard(answered)


def admit(lobby: Lobby, request: Request, at: int) -> Caller:
    """Whoever asks at ``at`` ms, by its token. Raises ``Rejection``: where nothing can be answered now, for a
    token that will not do, and ``too_many_calls``."""
    refusal = lobby.desk.refusal()
    if refusal is not None:
        raise refusal
    caller = lobby.verifier.bearer(request.headers.getlist("authorization"))
    if not lobby.buckets.of(caller, at).take(at):
        raise Rejection("too_many_calls", "Too many calls in a short time. Slow down.")
    return caller


def _resolve(answered: "asyncio.Future[tuple[Position, Any]]", position: Position, outcome: Any) -> None:
    if not answered.done():
        answered.set_result((position, outcome))


async def _read_parameters(operation: Operation, request: Request) -> dict[str, Any]:
    """All fields of the operation's request, from wherever HTTP has them."""
    given = _read_query(operation, request)
    if operation.method != "GET":
        given |= await _read_object(request)
    for name in (*_ENVELOPE, *operation.path_names):
        if name in given:
            place = f"in the header {_ENVELOPE[name]}" if name in _ENVELOPE else "in the path"
            raise Rejection("invalid_parameters", f"{name}: over HTTP it stands {place} alone.", field=name)
    given |= request.path_params
    for name, header in _ENVELOPE.items():
        values = request.headers.getlist(header)
        if len(values) > 1:
            raise Rejection("invalid_parameters", f"{header}: it is given twice.", field=name)
        if values and name in operation.request.__struct_fields__:
            given[name] = _read_header(name, values[0])
    return given


def _read_query(operation: Operation, request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if operation.method != "GET" or name in given:
            words = "it is given twice" if name in given else "only GET takes fields in the query"
            raise Rejection("invalid_parameters", f"{name[:80]}: {words}.", field=name[:80])
        given[name] = value
    return given


async def read_body(request: Request) -> bytes:
    """The whole body. Raises ``Rejection("too_large")`` as soon as it is known to be."""
    length = request.headers.get("content-length", "0")
    body = b""
    if length.isdecimal() and int(length) <= FRAME_LIMIT:
        async for chunk in request.stream():
            body += chunk
            if len(body) > FRAME_LIMIT:
                break
        else:
            return body
    raise Rejection("too_large", f"A body may have at most {FRAME_LIMIT} bytes.", limit=FRAME_LIMIT)


async def _read_object(request: Request) -> dict[str, Any]:
    body = await read_body(request)
    if not body:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Rejection("unsupported_media_type", "A body must be JSON, with Content-Type: application/json.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Rejection(
            "unsupported_media_type", "A body must not be compressed: leave Content-Encoding out."
        )
    return _decode_object(body)


def _read_header(name: str, value: str) -> Any:
    if name == "not_after":
        if not (value.isascii() and value.isdigit() and len(value) <= len(str(MAXIMUM_TIME))):
            raise Rejection(
                "invalid_parameters", f"{NOT_AFTER_HEADER} must be milliseconds since 1970.", field=name
            )
        return int(value)
    # The header's draft standard has the key in quotes; everybody sends it without.
    return value[1:-1] if name == "key" and value[:1] == value[-1:] == '"' else value
