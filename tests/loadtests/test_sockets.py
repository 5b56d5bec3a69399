"""A member's socket over real connections: what happens to calls when the connection goes, and when it
must stay gone."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from loadtests.sockets import LONGEST_PAUSE, Counts, MemberSocket, allow_sockets, draw_pause
from loadtests.wire import SUBPROTOCOL, PushParameters, StormError

DEADLINE = 20

Handler = Callable[[ServerConnection], Awaitable[None]]


async def get_token() -> str:
    return "token"


class Member:
    """A socket that runs, and what it got."""

    def __init__(self, port: int, topics: list[str]) -> None:
        self.counts = Counts()
        self.pushes: list[PushParameters] = []
        self.socket = MemberSocket(
            f"ws://127.0.0.1:{port}/",
            get_token,
            topics,
            lambda push, at: self.pushes.append(push),
            self.counts,
        )


@asynccontextmanager
async def connected(
    *handlers: Handler, topics: tuple[str, ...] = (), refusals: list[HTTPStatus] | None = None
) -> AsyncIterator[tuple[Member, "asyncio.Task[None]"]]:
    """A member whose first connection meets the first handler, and so on; the first handshakes get
    ``refusals``."""
    waiting, refused = list(handlers), list(refusals or [])

    async def handle(connection: ServerConnection) -> None:
        await waiting.pop(0)(connection)

    def check(connection: ServerConnection, request: Request) -> Response | None:
        assert request.headers["Authorization"] == "Bearer token"
        return connection.respond(refused.pop(0), "no\n") if refused else None

    subprotocols = [Subprotocol(SUBPROTOCOL)]
    async with (
        asyncio.timeout(DEADLINE),
        serve(handle, "127.0.0.1", 0, subprotocols=subprotocols, process_request=check) as server,
    ):
        member = Member(server.sockets[0].getsockname()[1], list(topics))
        running = asyncio.create_task(member.socket.run())
        yield member, running
        running.cancel()
        with suppress(asyncio.CancelledError, StormError):
            await running


async def answer_next(connection: ServerConnection) -> dict[str, object]:
    """Answers the next call with its own parameters and returns it."""
    call: dict[str, object] = msgspec.json.decode(await connection.recv())
    reply = {"jsonrpc": "2.0", "id": call["id"], "result": call["params"], "position": "1:2-3"}
    await connection.send(msgspec.json.encode(reply), text=True)
    return call


def test_a_call_is_sent_again_as_it_was_when_the_connection_is_lost() -> None:
    frames: list[bytes] = []

    async def lose(connection: ServerConnection) -> None:
        frames.append(await connection.recv(decode=False))
        connection.transport.abort()

    async def answer(connection: ServerConnection) -> None:
        frames.append(await connection.recv(decode=False))
        reply = {"jsonrpc": "2.0", "id": msgspec.json.decode(frames[-1])["id"], "result": {"number": 1}}
        await connection.send(msgspec.json.encode(reply), text=True)
        await connection.wait_closed()

    async def body() -> None:
        async with connected(lose, answer) as (member, _):
            await member.socket.ready.wait()
            message, sent = await member.socket.call("auction.bid", {"auction": "a1", "key": "k"})
            assert sent == 2
            assert msgspec.json.decode(message.result) == {"number": 1}
            assert frames[0] == frames[1]
            assert (member.counts.connected, member.counts.lost, member.counts.resent) == (2, 1, 1)

    asyncio.run(body())


def test_a_call_before_the_connection_waits_for_it() -> None:
    async def answer(connection: ServerConnection) -> None:
        await answer_next(connection)
        await connection.wait_closed()

    async def body() -> None:
        async with connected(answer, refusals=[HTTPStatus.SERVICE_UNAVAILABLE] * 2) as (member, _):
            message, sent = await member.socket.call("auction.bid", {"auction": "a1"})
            assert sent == 1
            assert msgspec.json.decode(message.result) == {"auction": "a1"}
            assert member.counts.connected == 1

    asyncio.run(body())


def test_every_connection_subscribes_and_pushes_arrive() -> None:
    subscribed: list[object] = []

    async def push(connection: ServerConnection) -> None:
        subscribed.append((await answer_next(connection))["params"])
        state = {"topic": "me", "position": "1:2-3", "state": {"available": 5}}
        await connection.send(
            msgspec.json.encode({"jsonrpc": "2.0", "method": "push", "params": state}), text=True
        )
        await connection.close(4100)

    async def stay(connection: ServerConnection) -> None:
        subscribed.append((await answer_next(connection))["params"])
        await answer_next(connection)
        await connection.wait_closed()

    async def body() -> None:
        async with connected(push, stay, topics=("me", "auctions")) as (member, _):
            await member.socket.call("auction.bid", {})
            assert subscribed == [{"topics": ["me", "auctions"]}] * 2
            assert [push.topic for push in member.pushes] == ["me"]

    asyncio.run(body())


@pytest.mark.parametrize(("code", "reason"), [(4001, "Authenticate first"), (1009, "frame too large")])
def test_a_close_code_that_says_so_ends_it(code: int, reason: str) -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(code, reason)

    async def body() -> None:
        async with connected(close) as (_, running):
            with pytest.raises(StormError, match=f"{code} {reason}"):
                await running

    asyncio.run(body())


def test_a_socket_that_drops_comes_back_with_what_it_shows() -> None:
    subscribed: list[object] = []

    async def serve_one(connection: ServerConnection) -> None:
        subscribed.append((await answer_next(connection))["params"])
        with suppress(ConnectionClosed):
            while True:
                call = await answer_next(connection)
                if call["method"] == "subscribe":
                    subscribed.append(call["params"])

    async def body() -> None:
        async with connected(serve_one, serve_one, topics=("prices",)) as (member, _):
            socket = member.socket
            await socket.ready.wait()
            reply = await socket.show(["e2", "e3"])
            assert msgspec.json.decode(reply.result)["experiences"] == ["e2", "e3"]
            socket.drop()
            assert not socket.ready.is_set(), "it is gone at once"
            await socket.ready.wait()
            await socket.call("ping", {})
            assert (member.counts.connected, member.counts.lost) == (2, 1)

    asyncio.run(body())
    shown = {"topics": ["prices"], "experiences": ["e2", "e3"]}
    assert subscribed == [{"topics": ["prices"]}, shown, shown]


def test_a_refusal_that_passes_is_asked_again_until_the_deadline() -> None:
    async def refuse(connection: ServerConnection) -> None:
        error = {"code": 902, "message": "Later.", "data": {"code": "unavailable"}}
        async for frame in connection:
            reply = {"jsonrpc": "2.0", "id": msgspec.json.decode(frame)["id"], "error": error}
            await connection.send(msgspec.json.encode(reply), text=True)

    async def body() -> None:
        async with connected(refuse) as (member, _):
            now = int(time.time() * 1000)
            message, sent = await member.socket.persist("auction.bid", {}, now + 100)
            assert message.error is not None
            assert message.error.code == "unavailable"
            assert sent == member.counts.deferred + 1 >= 2
            _, sent = await member.socket.persist("auction.bid", {}, now + 60_000, passing=())
            assert sent == 1

    asyncio.run(body())


@pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND])
def test_a_refused_handshake_ends_it(status: HTTPStatus) -> None:
    async def body() -> None:
        async with connected(refusals=[status]) as (_, running):
            with pytest.raises(StormError, match=str(status.value)):
                await running

    asyncio.run(body())


def test_a_refused_subscription_ends_it() -> None:
    async def refuse(connection: ServerConnection) -> None:
        call = msgspec.json.decode(await connection.recv())
        error = {"code": 124, "message": "There is no topic x.", "data": {"code": "unknown_topic"}}
        await connection.send(
            msgspec.json.encode({"jsonrpc": "2.0", "id": call["id"], "error": error}), text=True
        )
        await connection.wait_closed()

    async def body() -> None:
        async with connected(refuse, topics=("x",)) as (_, running):
            with pytest.raises(StormError, match="unknown_topic: There is no topic x"):
                await running

    asyncio.run(body())


def test_a_subscription_that_comes_too_early_is_made_again() -> None:
    async def refuse(connection: ServerConnection) -> None:
        call = msgspec.json.decode(await connection.recv())
        error = {"code": 901, "message": "Still reading.", "data": {"code": "not_ready"}}
        await connection.send(msgspec.json.encode({"id": call["id"], "error": error}), text=True)
        await connection.wait_closed()

    async def answer(connection: ServerConnection) -> None:
        assert (await answer_next(connection))["method"] == "subscribe"
        await answer_next(connection)
        await connection.wait_closed()

    async def body() -> None:
        async with connected(refuse, answer, topics=("me",)) as (member, _):
            await member.socket.call("auction.bid", {})
            assert (member.counts.connected, member.counts.lost) == (2, 0)

    asyncio.run(body())


def test_pauses_grow_and_stay_bounded() -> None:
    for attempt in range(1, 100):
        assert 0 < draw_pause(attempt) <= LONGEST_PAUSE
    assert draw_pause(50) >= LONGEST_PAUSE / 2


def test_a_crowd_may_have_as_many_sockets_as_the_system_allows() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        allow_sockets()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
