"""The peers of the end-to-end benchmark do what they are compared for: a wrong peer would prove nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from redis.asyncio import Redis

from benchmarks.peers.lua_gateway import INCREMENTS, Bid, Bids, read_history, set_stage
from benchmarks.servers import Server, find_free_port
from benchmarks.sockets import ask, open_socket
from engine.auction.increments import DEFAULT_STEPS
from engine.embedded import EmbeddedServer

POINTS = 1_000_000
HUNDREDS = ((2**53, 100),)


@pytest.fixture(scope="module")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with EmbeddedServer(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@asynccontextmanager
async def staged(url: str, *, ends_at: int = 2**52) -> AsyncIterator[Redis]:
    """A server with auction a1 open from 500 points, and members A and B with points."""
    async with Redis.from_url(url) as valkey:
        await valkey.flushall()
        await set_stage(valkey, ["a1"], ["A", "B"], 500, POINTS, ends_at)
        yield valkey


async def place(bids: Bids, member: str, maximum: int, key: str = "") -> dict[str, dict[str, Any]]:
    """One bid's decoded reply. Without ``key`` the key is made of member and maximum."""
    reply = await bids.place(member, Bid("a1", maximum, key or f"{member}{maximum}"))
    decoded: dict[str, dict[str, Any]] = msgspec.json.decode(reply)
    return decoded


async def points(valkey: Redis, member: str) -> tuple[int, int]:
    """Available and held."""
    values = await valkey.hmget(f"{{demo}}:member:{member}", "available", "held")
    return int(values[0]), int(values[1])


def test_lua_has_the_increments_of_the_engine() -> None:
    assert list(INCREMENTS) == [(step.below or 2**53, step.increment) for step in DEFAULT_STEPS]


def test_lua_follows_the_worked_example_of_the_design(valkey_url: str) -> None:
    async def body() -> None:
        async with staged(valkey_url) as valkey:
            bids = Bids(valkey, HUNDREDS)
            steps = [("A", 500, 500), ("B", 601, 600), ("A", 800, 701), ("B", 1500, 900), ("A", 1502, 1502)]
            for number, (member, maximum, price) in enumerate(steps, 1):
                result = (await place(bids, member, maximum))["result"]
                assert result["number"] == number
                assert result["price"] == price
                assert result["leading"] is True
            history = await read_history(valkey, "a1")
            assert [row[:4] for row in history] == [
                (n, member, maximum, price) for n, (member, maximum, price) in enumerate(steps, 1)
            ]
            assert await points(valkey, "A") == (POINTS - 1502, 1502)
            assert await points(valkey, "B") == (POINTS, 0)

    asyncio.run(body())


def test_lua_keeps_the_leader_on_a_tie_and_holds_nothing_of_the_challenger(valkey_url: str) -> None:
    async def body() -> None:
        async with staged(valkey_url) as valkey:
            bids = Bids(valkey, HUNDREDS)
            await place(bids, "A", 1000)
            result = (await place(bids, "B", 1000))["result"]
            assert (result["leading"], result["price"]) == (False, 1000)
            assert await points(valkey, "A") == (POINTS - 1000, 1000)
            assert await points(valkey, "B") == (POINTS, 0)

    asyncio.run(body())


def test_lua_lets_the_leader_raise_without_moving_the_price(valkey_url: str) -> None:
    async def body() -> None:
        async with staged(valkey_url) as valkey:
            bids = Bids(valkey, HUNDREDS)
            await place(bids, "A", 1000)
            result = (await place(bids, "A", 1001))["result"]
            assert (result["number"], result["leading"], result["price"]) == (2, True, 500)
            assert await points(valkey, "A") == (POINTS - 1001, 1001)

    asyncio.run(body())


def test_lua_applies_a_key_once(valkey_url: str) -> None:
    async def body() -> None:
        async with staged(valkey_url) as valkey:
            bids = Bids(valkey, HUNDREDS)
            first = await place(bids, "A", 1000, "key")
            assert await place(bids, "A", 1000, "key") == first
            assert len(await read_history(valkey, "a1")) == 1
            assert await points(valkey, "A") == (POINTS - 1000, 1000)

    asyncio.run(body())


@pytest.mark.parametrize(
    ("member", "maximum", "error"),
    [
        ("A", 499, {"code": "bid_too_low", "data": {"minimum": 500}}),
        ("A", POINTS + 7, {"code": "insufficient_points", "data": {"missing": 7}}),
        ("nobody", 500, {"code": "insufficient_points", "data": {"missing": 500}}),
    ],
)
def test_lua_refuses_and_changes_nothing(
    valkey_url: str, member: str, maximum: int, error: dict[str, object]
) -> None:
    async def body() -> None:
        async with staged(valkey_url) as valkey:
            assert await place(Bids(valkey, HUNDREDS), member, maximum) == {"error": error}
            assert await read_history(valkey, "a1") == []
            assert await points(valkey, "A") == (POINTS, 0)

    asyncio.run(body())


def test_lua_refuses_a_late_bid(valkey_url: str) -> None:
    async def body() -> None:
        async with staged(valkey_url, ends_at=1) as valkey:
            reply = await place(Bids(valkey), "A", 500)
            assert reply["error"]["code"] == "auction_closed"

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
