"""What one would build on the database that is there already: a socket gateway whose bid is a row lock in
PostgreSQL, through asyncpg.

Two ways, each as its own users write it. ``rows`` is a transaction in the gateway: `SELECT … FOR UPDATE` on
the auction, then a statement for each thing that changes ("Explicit Locking" in PostgreSQL's documentation,
https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS; the pool and the transaction as in
asyncpg's own example of a web service, https://magicstack.github.io/asyncpg/current/usage.html). ``function``
is the same behind one call of a PL/pgSQL function, which saves nine round trips. Commits are synced to disk
before they return (``synchronous_commit`` on).

What a careful user would also do is done: asyncpg keeps each statement prepared; the pool does not reset
sessions that nobody changes; hot rows have room for their next versions (tables.sql); what many bids touch is
locked in one order, so that there are no deadlocks.

It does less than Livelot, as lua_gateway.py says, and it announces no price: `NOTIFY` would let commits past
one at a time (``PreCommit_Notify`` in PostgreSQL's src/backend/commands/async.c), so one would announce by
other means.

    python -m benchmarks.peers.sql_gateway --port 8092 --database postgresql://… --secret … --way function
"""

import argparse
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from benchmarks.peers.echo import serve
from benchmarks.peers.socket_gateway import INCREMENTS, Bid, SocketGateway

Increments = Sequence[tuple[int, int]]

POOL = 10
"""Connections: asyncpg's default."""

LOCK_AUCTION = (
    "SELECT status, ends_at, opening, price, leader, maximum, bids FROM auctions WHERE id = $1 FOR UPDATE"
)
FIND_KEY = "SELECT reply FROM keys WHERE member = $1 AND key = $2"
LOCK_MEMBERS = "SELECT id, available FROM members WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE"
MOVE_POINTS = "UPDATE members SET available = available - $2, held = held + $2 WHERE id = $1"
SET_AUCTION = "UPDATE auctions SET price = $2, leader = $3, maximum = $4, bids = $5 WHERE id = $1"
ADD_BID = "INSERT INTO bids (auction, number, member, maximum, price) VALUES ($1, $2, $3, $4, $5)"
ADD_KEY = "INSERT INTO keys (member, key, reply) VALUES ($1, $2, $3)"


class RowLocks:
    """Places bids in transactions of the gateway's."""

    def __init__(self, pool: asyncpg.Pool, increments: Increments = INCREMENTS) -> None:
        self._pool = pool
        self._increments = increments

    async def place(self, member: str, bid: Bid) -> str:
        """The reply, `{"result":…}` or `{"error":…}` as JSON; the same again for a known key."""
        async with self._pool.acquire() as connection, connection.transaction():
            lot = await connection.fetchrow(LOCK_AUCTION, bid.auction)
            # A key belongs to one auction: behind its lock, whoever came first with this key has committed.
            known: str | None = await connection.fetchval(FIND_KEY, member, bid.key)
            return known or await self._decide(connection, member, bid, lot)

    async def _decide(
        self, connection: asyncpg.Connection, member: str, bid: Bid, lot: asyncpg.Record | None
    ) -> str:
        now = time.time_ns() // 1_000_000
        if lot is None:
            return refuse("unknown_auction", "at", now)
        if lot["status"] != "open":
            return refuse("auction_not_open", "at", now)
        if now >= lot["ends_at"]:
            return refuse("auction_closed", "at", now)
        leader, standing = lot["leader"], lot["maximum"]
        minimum = self._find_minimum(lot, member)
        if bid.maximum < minimum:
            return refuse("bid_too_low", "minimum", minimum)
        needed = bid.maximum - standing if leader == member else bid.maximum
        locked = await connection.fetch(LOCK_MEMBERS, [member, leader])
        available = {row["id"]: row["available"] for row in locked}.get(member, 0)
        if available < needed:
            return refuse("insufficient_points", "missing", needed - available)
        price, leads = self._find_price(lot, member, bid.maximum)
        if leads:
            await connection.execute(MOVE_POINTS, member, needed)
            if leader not in ("", member):
                await connection.execute(MOVE_POINTS, leader, -standing)
            leader, standing = member, bid.maximum
        number, minimum = lot["bids"] + 1, price + self._increment(price)
        await connection.execute(SET_AUCTION, bid.auction, price, leader, standing, number)
        await connection.execute(ADD_BID, bid.auction, number, member, bid.maximum, price)
        reply = (
            f'{{"result":{{"number":{number},"leading":{"true" if leads else "false"},"price":{price},'
            f'"maximum":{bid.maximum},"minimum":{minimum},"ends_at":{lot["ends_at"]}}}}}'
        )
        await connection.execute(ADD_KEY, member, bid.key, reply)
        return reply

    def _find_minimum(self, lot: asyncpg.Record, member: str) -> int:
        if lot["leader"] == member:
            return int(lot["maximum"]) + 1
        return int(lot["price"] + self._increment(lot["price"]) if lot["leader"] else lot["opening"])

    def _find_price(self, lot: asyncpg.Record, member: str, maximum: int) -> tuple[int, bool]:
        """The price after a bid that will do, and whether the bid leads."""
        standing = lot["maximum"]
        if not lot["leader"]:
            return lot["opening"], True
        if lot["leader"] == member:
            return lot["price"], True
        if maximum > standing:
            return min(maximum, standing + self._increment(standing)), True
        return min(standing, maximum + self._increment(maximum)), False

    def _increment(self, price: int) -> int:
        return next(increment for below, increment in self._increments if price < below)


class Function:
    """Places bids by one call of ``place_bid`` (tables.sql)."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def place(self, member: str, bid: Bid) -> str:
        """See ``RowLocks.place``."""
        reply: str = await self._pool.fetchval(
            "SELECT place_bid($1, $2, $3, $4)", member, bid.auction, bid.maximum, bid.key
        )
        return reply


def refuse(code: str, name: str, value: int) -> str:
    """A refusal as JSON, with one detail."""
    return f'{{"error":{{"code":"{code}","data":{{"{name}":{value}}}}}}}'


async def leave_session(_: Any) -> None:
    """Resets nothing: no bid changes its session, and asyncpg's own reset is a round trip for each bid."""


def open_pool(database: str) -> Any:
    """The gateway's pool, to be entered with `async with`."""
    return asyncpg.create_pool(database, min_size=POOL, max_size=POOL, reset=leave_session)


def read_tables(increments: Increments = INCREMENTS) -> str:
    """tables.sql with its increment table."""
    rows = " ".join(f"WHEN price < {below} THEN {increment}" for below, increment in increments)
    return Path(__file__).with_name("tables.sql").read_text().replace("/*INCREMENTS*/", rows)


async def make_database(address: str, name: str) -> str:
    """Makes an empty database on the server at ``address``; returns where it is."""
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return urlsplit(address)._replace(path=f"/{name}").geturl()


async def set_stage(
    database: str,
    auctions: list[str],
    members: list[str],
    opening: int,
    points: int,
    ends_at: int,
    *,
    increments: Increments = INCREMENTS,
) -> None:
    """Makes the tables anew, opens auctions and gives members points, as a manager's tool would."""
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await connection.execute(read_tables(increments))
        open_one = "INSERT INTO auctions (id, status, ends_at, opening) VALUES ($1, 'open', $2, $3)"
        await connection.executemany(open_one, [(auction, ends_at, opening) for auction in auctions])
        enrol = "INSERT INTO members (id, available) VALUES ($1, $2)"
        await connection.executemany(enrol, [(member, points) for member in members])
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def read_history(pool: asyncpg.Pool, auction: str) -> list[tuple[int, str, int, int]]:
    """An auction's bids, oldest first: number, member, maximum, price after it."""
    query = "SELECT number, member, maximum, price FROM bids WHERE auction = $1 ORDER BY number"
    return [tuple(row) for row in await pool.fetch(query, auction)]


def main() -> None:
    """Reads the options and serves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8092)
    parser.add_argument("--database", required=True, help="PostgreSQL's address")
    parser.add_argument("--secret", required=True, help="what tokens are signed with (HS256)")
    parser.add_argument("--way", choices=("rows", "function"), default="rows")
    options = parser.parse_args()

    @asynccontextmanager
    async def run(app: Starlette) -> AsyncIterator[None]:
        async with open_pool(options.database) as pool:
            bids = RowLocks(pool) if options.way == "rows" else Function(pool)
            gateway = SocketGateway(bids.place, options.secret)
            app.router.routes.append(WebSocketRoute("/v1/socket", gateway.serve_socket))
            yield

    serve(Starlette(lifespan=run), options.port)


if __name__ == "__main__":
    main()
