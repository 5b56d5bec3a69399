"""The demo's own client: calls, refusals, pushes, and coming back after the connection was lost."""

import asyncio
from typing import Any

import pytest

from gateway.demo.connection import DemoSocket, Lost, Place, Refused, stay_connected
from gateway.wire import REBUILDING
from tests.gateway.harness import DEADLINE, SECRET, OpenWorld, Run, World, connections


def place_of(here: World) -> Place:
    return Place(f"http://127.0.0.1:{here.port}", "demo", SECRET)


def test_the_socket_is_where_the_gateway_is() -> None:
    assert Place("http://127.0.0.1:8080", "demo", SECRET).socket_url == "ws://127.0.0.1:8080/v1/socket"
    assert Place("https://x.example/", "demo", SECRET).socket_url == "wss://x.example/v1/socket"


def test_calls_are_answered_or_refused_with_their_code(run: Run, world: OpenWorld) -> None:
    async def speak(socket: DemoSocket) -> None:
        assert (await socket.call("me"))["available"] == 1_000_000
        with pytest.raises(Refused) as raised:
            await socket.call("auction.bid", auction="a1", maximum=1)
        assert raised.value.code == "bid_too_low"
        results = await asyncio.gather(*(socket.call("auction.get", auction="a1") for _ in range(20)))
        assert {result["id"] for result in results} == {"a1"}

    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            await stay_connected(place_of(here), "m1", "member", speak)

    run(body())


def test_what_says_nothing_of_the_call_counts_as_lost(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:

            async def speak(socket: DemoSocket) -> None:
                here.gateway.replica.ready = False
                with pytest.raises(Lost):
                    await socket.call("me")
                here.gateway.replica.ready = True

            await stay_connected(place_of(here), "m1", "member", speak)

    with_deadline(run, body())


def test_a_state_is_watched_for(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")

            async def speak(socket: DemoSocket) -> None:
                await socket.call("subscribe", topics=["auction:a1"])
                bidding = asyncio.create_task(socket.watch("auction:a1", lambda state: state["price"] == 500))
                await socket.call("auction.bid", auction="a1", maximum=900)
                await bidding
                await socket.watch("auction:a1", lambda state: state["bids"] == 1)

            await stay_connected(place_of(here), "m1", "member", speak)

    with_deadline(run, body())


def test_a_lost_connection_is_opened_again(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            spoken: list[DemoSocket] = []

            async def speak(socket: DemoSocket) -> None:
                spoken.append(socket)
                await socket.call("me")
                if len(spoken) == 1:
                    for connection in connections(here):
                        connection.close(REBUILDING)
                    await socket.watch("me", lambda state: False)

            await stay_connected(place_of(here), "m1", "member", speak)
            assert len(spoken) == 2

    with_deadline(run, body())


def with_deadline(run: Run, body: Any) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(DEADLINE):
            await body

    run(bounded())
