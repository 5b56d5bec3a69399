"""What a good engineer would build without Livelot: a socket gateway that runs each bid as one Lua script in
Valkey.

Everything that a bid needs happens in place_bid.lua, in one round trip: idempotency key, status and deadline,
the least bid by the increment table, automatic bidding, the hold of the whole maximum and the release of the
outbid one, the history, and the publication of the new price. The script runs on a server with the same
settings as Livelot's log (appendonly yes, appendfsync always), through redis-py's asyncio client with hiredis
and a connection pool; uvicorn's settings are Livelot's.

It does less than Livelot: no lots, reserve, soft close, eligibility, pseudonyms, settlement, several
replicas, or clients' deadlines; and nobody is subscribed to its channels here, so it pays for the publication
only.

    python -m benchmarks.peers.lua_gateway --port 8091 --valkey unix:///tmp/valkey.sock --secret …
"""

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jwt
import msgspec
from redis.asyncio import Redis
from redis.typing import EncodableT
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.peers.echo import SUBPROTOCOL, serve

PROGRAM = "demo"
KEY_LIFETIME = 120_000
"""For how many ms a bid's key is remembered."""

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


def write_script(increments: Sequence[tuple[int, int]]) -> str:
    """The script with its increment table."""
    rows = ", ".join(f"{{{below}, {increment}}}" for below, increment in increments)
    return Path(__file__).with_name("place_bid.lua").read_text().replace("--[[INCREMENTS]]", rows)


class Bids:
    """Places bids through the script."""

    def __init__(self, valkey: Redis, increments: Sequence[tuple[int, int]] = INCREMENTS) -> None:
        self._script = valkey.register_script(write_script(increments))

    async def place(self, member: str, bid: Bid) -> bytes:
        """The reply, `{"result":…}` or `{"error":…}` as JSON; the same again for a known key."""
        tag = f"{{{PROGRAM}}}"
        keys = [
            f"{tag}:auction:{bid.auction}",
            f"{tag}:member:{member}",
            f"{tag}:key:{member}:{bid.key}",
            f"{tag}:bids:{bid.auction}",
        ]
        arguments: list[str | int] = [
            member,
            bid.maximum,
            KEY_LIFETIME,
            f"{tag}:price:{bid.auction}",
            f"{tag}:member:",
        ]
        reply: bytes = await self._script(keys, arguments)
        return reply


class Gateway:
    """The sockets. A socket's calls are answered in their order; different sockets run side by side."""

    def __init__(self, valkey_url: str, secret: str) -> None:
        # redis-py's default pool: a connection for every bid under way. Its blocking pool costs 20 µs more.
        self._valkey = Redis.from_url(valkey_url)
        self._bids = Bids(self._valkey)
        self._secret = secret
        self._decode_call = msgspec.json.Decoder(Call).decode
        self._decode_bid = msgspec.json.Decoder(Bid).decode

    @asynccontextmanager
    async def run(self, _: Starlette) -> AsyncIterator[None]:
        """For as long as the server lives."""
        await self._valkey.ping()
        yield
        await self._valkey.aclose()

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
        reply = await self._bids.place(member, self._decode_bid(call.params))
        return f'{{"jsonrpc":"2.0","id":{call.id},{reply[1:].decode()}'


async def set_stage(
    valkey: Redis, auctions: list[str], members: list[str], opening: int, points: int, ends_at: int
) -> None:
    """Opens auctions and gives members points, as a manager's tool would."""
    pipeline = valkey.pipeline(transaction=False)
    for auction in auctions:
        fields: dict[EncodableT, EncodableT] = {
            "status": "open",
            "ends_at": ends_at,
            "opening": opening,
            "price": 0,
            "leader": "",
            "maximum": 0,
            "bids": 0,
        }
        pipeline.hset(f"{{{PROGRAM}}}:auction:{auction}", mapping=fields)
    for member in members:
        pipeline.hset(f"{{{PROGRAM}}}:member:{member}", mapping={"available": points, "held": 0})
    await pipeline.execute()


async def read_history(valkey: Redis, auction: str) -> list[tuple[int, str, int, int, int]]:
    """An auction's bids, oldest first: number, member, maximum, price after it, ms since the epoch."""
    rows = await valkey.lrange(f"{{{PROGRAM}}}:bids:{auction}", 0, -1)
    return [msgspec.json.decode(row, type=tuple[int, str, int, int, int]) for row in rows]


def main() -> None:
    """Reads the options and serves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8091)
    parser.add_argument("--valkey", required=True, help="the server's URL")
    parser.add_argument("--secret", required=True, help="what tokens are signed with (HS256)")
    options = parser.parse_args()
    gateway = Gateway(options.valkey, options.secret)
    routes = [WebSocketRoute("/v1/socket", gateway.serve_socket)]
    serve(Starlette(routes=routes, lifespan=gateway.run), options.port)


if __name__ == "__main__":
    main()
