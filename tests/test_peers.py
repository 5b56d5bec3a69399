"""The peers of the end-to-end benchmark do what they are compared for: a wrong peer would prove nothing."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from redis.asyncio import Redis

from benchmarks.peers import lua_gateway
from benchmarks.peers.socket_gateway import INCREMENTS, Bid, Place
from benchmarks.postgres import Missing, PostgreSQL
from benchmarks.servers import Server, find_free_port
from benchmarks.sockets import ask, open_socket
from engine.auction.increments import DEFAULT_STEPS
from engine.embedded import EmbeddedServer

POINTS = 1_000_000
HUNDREDS = ((2**53, 100),)

Row = tuple[int, str, int, int]
"""A bid in a history: number, member, maximum, price after it."""


class Peer(NamedTuple):
    """A peer with auction a1 open from 500 points, and members A and B with points."""

    place: Place
    read_history: Callable[[], Awaitable[list[Row]]]
    read_points: Callable[[str], Awaitable[tuple[int, int]]]
    """Available and held, of a member."""

    async def bid(self, member: str, maximum: int, key: str = "") -> dict[str, dict[str, Any]]:
        """One bid's decoded reply. Without ``key`` the key is made of member and maximum."""
        reply = await self.place(member, Bid("a1", maximum, key or f"{member}{maximum}"))
        decoded: dict[str, dict[str, Any]] = msgspec.json.decode(reply)
        return decoded


@asynccontextmanager
async def stage_lua(url: str, ends_at: int) -> AsyncIterator[Peer]:
    """The Lua script."""
    async with Redis.from_url(url) as valkey:
        await valkey.flushall()
        await lua_gateway.set_stage(valkey, ["a1"], ["A", "B"], 500, POINTS, ends_at)

        async def read_history() -> list[Row]:
            return [row[:4] for row in await lua_gateway.read_history(valkey, "a1")]

        async def read_points(member: str) -> tuple[int, int]:
            values = await valkey.hmget(f"{{demo}}:member:{member}", "available", "held")
            return int(values[0] or 0), int(values[1] or 0)

        yield Peer(lua_gateway.Bids(valkey, HUNDREDS).place, read_history, read_points)


@asynccontextmanager
async def stage_sql(address: str, ends_at: int, way: str) -> AsyncIterator[Peer]:
    """PostgreSQL, by rows or by the function."""
    from benchmarks.peers import sql_gateway

    members = ["A", "B"]
    await sql_gateway.set_stage(address, ["a1"], members, 500, POINTS, ends_at, increments=HUNDREDS)
    async with sql_gateway.open_pool(address) as pool:

        async def read_points(member: str) -> tuple[int, int]:
            row = await pool.fetchrow("SELECT available, held FROM members WHERE id = $1", member)
            return row["available"], row["held"]

        bids = sql_gateway.RowLocks(pool, HUNDREDS) if way == "rows" else sql_gateway.Function(pool)
        yield Peer(bids.place, lambda: sql_gateway.read_history(pool, "a1"), read_points)


Stage = Callable[..., Any]


@pytest.fixture(scope="module", params=["lua", "rows", "function"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Sets a stage on a fresh server: ``async with stage() as peer``."""
    if request.param == "lua":
        with EmbeddedServer(tmp_path_factory.mktemp("valkey")) as valkey:
            yield lambda ends_at=2**52: stage_lua(valkey.url, ends_at)
        return
    pytest.importorskip("asyncpg")
    with ExitStack() as stack:
        try:
            # Where we are root, its own user does not get into pytest's folders.
            server = stack.enter_context(PostgreSQL(Path(tempfile.gettempdir())))
        except Missing as missing:
            pytest.skip(str(missing))
        yield lambda ends_at=2**52: stage_sql(server.address, ends_at, request.param)


def test_peers_have_the_increments_of_the_engine() -> None:
    assert list(INCREMENTS) == [(step.below or 2**53, step.increment) for step in DEFAULT_STEPS]


def test_the_worked_example_of_the_design(stage: Stage) -> None:
    async def body() -> None:
        async with stage() as peer:
            steps = [("A", 500, 500), ("B", 601, 600), ("A", 800, 701), ("B", 1500, 900), ("A", 1502, 1502)]
            for number, (member, maximum, price) in enumerate(steps, 1):
                result = (await peer.bid(member, maximum))["result"]
                assert result["number"] == number
                assert result["price"] == price
                assert result["minimum"] == price + 100
                assert result["leading"] is True
            assert await peer.read_history() == [
                (n, member, maximum, price) for n, (member, maximum, price) in enumerate(steps, 1)
            ]
            assert await peer.read_points("A") == (POINTS - 1502, 1502)
            assert await peer.read_points("B") == (POINTS, 0)

    asyncio.run(body())


def test_a_tie_keeps_the_leader_and_holds_nothing_of_the_challenger(stage: Stage) -> None:
    async def body() -> None:
        async with stage() as peer:
            await peer.bid("A", 1000)
            result = (await peer.bid("B", 1000))["result"]
            assert (result["leading"], result["price"]) == (False, 1000)
            assert await peer.read_points("A") == (POINTS - 1000, 1000)
            assert await peer.read_points("B") == (POINTS, 0)

    asyncio.run(body())


def test_the_leader_raises_without_moving_the_price(stage: Stage) -> None:
    async def body() -> None:
        async with stage() as peer:
            await peer.bid("A", 1000)
            result = (await peer.bid("A", 1001))["result"]
            assert (result["number"], result["leading"], result["price"]) == (2, True, 500)
            assert await peer.read_points("A") == (POINTS - 1001, 1001)

    asyncio.run(body())


def test_a_key_is_applied_once(stage: Stage) -> None:
    async def body() -> None:
        async with stage() as peer:
            first, *others = await asyncio.gather(*(peer.bid("A", 1000, "key") for _ in range(8)))
            assert others == [first] * 7
            assert len(await peer.read_history()) == 1
            assert await peer.read_points("A") == (POINTS - 1000, 1000)

    asyncio.run(body())


def test_bids_side_by_side_lose_nothing(stage: Stage) -> None:
    async def body() -> None:
        async with stage() as peer:
            tries = [("AB"[number % 2], 600 + 7 * number) for number in range(40)]
            replies = await asyncio.gather(*(peer.bid(*one) for one in tries))
            taken = [reply["result"] for reply in replies if "result" in reply]
            history = await peer.read_history()
            assert sorted(result["number"] for result in taken) == [row[0] for row in history]
            assert {reply["error"]["code"] for reply in replies if "error" in reply} <= {"bid_too_low"}
            _, leader, highest, _ = max(history, key=lambda row: row[2])
            assert await peer.read_points(leader) == (POINTS - highest, highest)
            assert await peer.read_points("B" if leader == "A" else "A") == (POINTS, 0)

    asyncio.run(body())


@pytest.mark.parametrize(
    ("member", "maximum", "error"),
    [
        ("A", 499, {"code": "bid_too_low", "data": {"minimum": 500}}),
        ("A", POINTS + 7, {"code": "insufficient_points", "data": {"missing": 7}}),
        ("nobody", 500, {"code": "insufficient_points", "data": {"missing": 500}}),
    ],
)
def test_a_refusal_changes_nothing(stage: Stage, member: str, maximum: int, error: dict[str, object]) -> None:
    async def body() -> None:
        async with stage() as peer:
            assert await peer.bid(member, maximum) == {"error": error}
            assert await peer.read_history() == []
            assert await peer.read_points("A") == (POINTS, 0)

    asyncio.run(body())


def test_a_late_bid_is_refused(stage: Stage) -> None:
    async def body() -> None:
        async with stage(ends_at=1) as peer:
            assert (await peer.bid("A", 500))["error"]["code"] == "auction_closed"

    asyncio.run(body())


def test_a_bid_for_nothing_is_refused(stage: Stage) -> None:
    async def body() -> None:
        async with stage() as peer:
            reply = msgspec.json.decode(await peer.place("A", Bid("a2", 500, "key")))
            assert reply["error"]["code"] == "unknown_auction"

    asyncio.run(body())


def test_echo_returns_every_value(tmp_path: Path) -> None:
    async def body(port: int) -> None:
        socket = await open_socket(port)
        for value in ({"id": 1, "words": "ü" * 200}, [1, 2.5, None, True], "text"):
            assert msgspec.json.decode(await ask(socket, msgspec.json.encode(value))) == value
        socket.transport.abort()

    port = find_free_port()
    with Server(["-m", "benchmarks.peers.echo", "--port", str(port)], port, tmp_path / "echo.log"):
        asyncio.run(body(port))
