"""The sockets that the peers have in common: a socket gateway as one would write it on Starlette, which hands
each bid to whatever decides it.

A token is checked once a connection; after that each call is a bid. A socket's calls are answered in their
order, different sockets run side by side. uvicorn's settings are Livelot's own (see echo.py).
"""

from collections.abc import Awaitable, Callable
from typing import Any

import jwt
import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.peers.echo import SUBPROTOCOL

PROGRAM = "demo"

INCREMENTS = (
    (100, 5),
    (500, 25),
    (2_500, 50),
    (10_000, 100),
    (25_000, 250),
    (50_000, 500),
    (100_000, 1_000),
    (250_000, 2_500),
    (500_000, 5_000),
    (2**53, 10_000),
)
"""Price below → increment, as Livelot's default."""


class Call(msgspec.Struct):
    """A JSON-RPC call; its parameters are decoded once its method is known."""

    id: int
    method: str
    params: msgspec.Raw
    jsonrpc: str = "2.0"


class Authenticate(msgspec.Struct):
    """The parameters of `authenticate`."""

    token: str


class Bid(msgspec.Struct):
    """The parameters of `auction.bid`."""

    auction: str
    maximum: int
    key: str


Place = Callable[[str, Bid], Awaitable[str]]
"""Decides a member's bid: `{"result":…}` or `{"error":…}` as JSON, the same again for a known key."""


class SocketGateway:
    """The sockets. Tokens are signed with ``secret`` (HS256)."""

    def __init__(self, place: Place, secret: str) -> None:
        self._place = place
        self._secret = secret
        self._decode_call = msgspec.json.Decoder(Call).decode
        self._decode_bid = msgspec.json.Decoder(Bid).decode

    async def serve_socket(self, socket: WebSocket) -> None:
        """One connection: authenticates, then places bids until the client leaves."""
        await socket.accept(subprotocol=SUBPROTOCOL)
        try:
            member = await self._authenticate(socket)
            while True:
                await socket.send_text(await self._answer(member, await socket.receive_text()))
        except WebSocketDisconnect:
            return
        except (msgspec.MsgspecError, jwt.InvalidTokenError):
            await socket.close(4001)

    async def _authenticate(self, socket: WebSocket) -> str:
        call = self._decode_call(await socket.receive_text())
        token = msgspec.json.decode(call.params, type=Authenticate).token
        claims: dict[str, Any] = jwt.decode(token, self._secret, algorithms=["HS256"], audience=PROGRAM)
        await socket.send_text(f'{{"jsonrpc":"2.0","id":{call.id},"result":{{"actor":"{claims["sub"]}"}}}}')
        return str(claims["sub"])

    async def _answer(self, member: str, frame: str) -> str:
        call = self._decode_call(frame)
        if call.method != "auction.bid":
            return f'{{"jsonrpc":"2.0","id":{call.id},"error":{{"code":"unknown_operation"}}}}'
        reply = await self._place(member, self._decode_bid(call.params))
        return f'{{"jsonrpc":"2.0","id":{call.id},{reply[1:]}'
