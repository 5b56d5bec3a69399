"""What a good engineer would build without Livelot: a socket gateway that runs each bid as one Lua script in
Valkey.

Everything that a bid needs happens in place_bid.lua, in one round trip: idempotency key, status and deadline,
the least bid by the increment table, automatic bidding, the hold of the whole maximum and the release of the
outbid one, the history, and the publication of the new price. The script runs on a server with the same
settings as Livelot's log (appendonly yes, appendfsync always), through redis-py's asyncio client with hiredis
and a connection pool.

It does less than Livelot: no lots, reserve, soft close, eligibility, pseudonyms, settlement, several
replicas, or clients' deadlines; and nobody is subscribed to its channels here, so it pays for the publication
only.

    python -m benchmarks.peers.lua_gateway --port 8091 --valkey unix:///tmp/valkey.sock --secret …
"""

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from redis.asyncio import Redis
from redis.typing import EncodableT
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from benchmarks.peers.echo import serve
from benchmarks.peers.socket_gateway import INCREMENTS, PROGRAM, Bid, SocketGateway

KEY_LIFETIME = 120_000
"""For how many ms a bid's key is remembered."""


def write_script(increments: Sequence[tuple[int, int]]) -> str:
    """The script with its increment table."""
    rows = ", ".join(f"{{{below}, {increment}}}" for below, increment in increments)
    return Path(__file__).with_name("place_bid.lua").read_text().replace("--[[INCREMENTS]]", rows)


class Bids:
    """Places bids through the script."""

    def __init__(self, valkey: Redis, increments: Sequence[tuple[int, int]] = INCREMENTS) -> None:
        self._script = valkey.register_script(write_script(increments))

    async def place(self, member: str, bid: Bid) -> str:
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
        return reply.decode()


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
    # redis-py's default pool: a connection for every bid under way. Its blocking pool costs 20 µs more.
    valkey = Redis.from_url(options.valkey)
    gateway = SocketGateway(Bids(valkey).place, options.secret)

    @asynccontextmanager
    async def run(_: Starlette) -> AsyncIterator[None]:
        await valkey.ping()
        yield
        await valkey.aclose()

    serve(Starlette(routes=[WebSocketRoute("/v1/socket", gateway.serve_socket)], lifespan=run), options.port)


if __name__ == "__main__":
    main()
