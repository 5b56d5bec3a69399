"""Who gets a socket: where it comes from, which encoding it speaks, who it says it is.

A handshake that is refused gets a problem over HTTP. A gateway that cannot serve now accepts and closes at
once, with a code that says to come back: a browser's page sees close codes, but never the status of a
handshake.
"""

from collections.abc import Collection

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from engine.errors import Rejection
from gateway import problems
from gateway.identity import Caller
from gateway.lobby import Lobby
from gateway.sockets import EXTENSION, Connection, Turn
from gateway.wire import ENCODINGS, JSON, REBUILDING, SHUTTING_DOWN, Encoding


def socket_route(lobby: Lobby, turn: Turn, origins: Collection[str]) -> WebSocketRoute:
    """``/v1/socket``; browsers may come from ``origins`` only."""

    async def shake_hands(websocket: WebSocket) -> None:
        connection: Connection = websocket.scope["extensions"][EXTENSION]
        try:
            _check_origin(websocket.headers.get("origin"), origins)
            encoding = _choose_encoding(websocket.scope["subprotocols"])
            caller = _find_caller(websocket.headers.getlist("authorization"), lobby)
        except Rejection as rejection:
            await websocket.send_denial_response(problems.respond(rejection.rejected))
            connection.deny()
            return
        await websocket.accept(encoding.subprotocol if websocket.scope["subprotocols"] else None)
        if connection.gone.is_set():
            return
        connection.attach(lobby, turn, encoding, caller)
        if lobby.desk.refusal() is not None:
            connection.close(SHUTTING_DOWN if lobby.desk.draining else REBUILDING)
        await connection.gone.wait()

    return WebSocketRoute("/v1/socket", shake_hands)


def _check_origin(origin: str | None, origins: Collection[str]) -> None:
    if origin is not None and origin not in origins:
        raise Rejection("origin_not_allowed", f"Pages from {origin[:200]} may not open sockets here.")


def _choose_encoding(offered: list[str]) -> Encoding:
    """The first subprotocol that we know; JSON for a client that offers none."""
    if not offered:
        return JSON
    for subprotocol in offered:
        if subprotocol in ENCODINGS:
            return ENCODINGS[subprotocol]
    raise Rejection("invalid_request", f"The subprotocols here are {' and '.join(ENCODINGS)}.")


def _find_caller(authorization: list[str], lobby: Lobby) -> Caller | None:
    return lobby.verifier.bearer(authorization) if authorization else None
