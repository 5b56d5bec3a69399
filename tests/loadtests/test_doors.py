"""Calls go through the doors in turn, and a command is the same one however often it is sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from loadtests.doors import Doors
from loadtests.runner import connected
from loadtests.sockets import Counts
from loadtests.wire import SUBPROTOCOL, StormError

Reply = Callable[[dict[str, Any]], dict[str, Any]]


class OneToken:
    async def get(self, actor: str, role: str) -> str:
        return f"{role}/{actor}"


@asynccontextmanager
async def opened(reply: Reply, count: int) -> AsyncIterator[Doors]:
    """Doors to a gateway that answers as ``reply`` says, given a call with its connection's token."""

    async def answer(connection: ServerConnection) -> None:
        assert connection.request is not None
        token = connection.request.headers["Authorization"]
        async for frame in connection:
            call = msgspec.json.decode(frame)
            answer = {"jsonrpc": "2.0", "id": call["id"], **reply({**call, "token": token})}
            await connection.send(msgspec.json.encode(answer), text=True)

    async with serve(answer, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)]) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        doors = Doors(url, OneToken(), "service", "shop", count, Counts())
        async with connected(doors.sockets):
            yield doors


def refuse(code: str) -> dict[str, Any]:
    return {"error": {"code": 121, "message": "Slower.", "data": {"code": code}}}


def test_calls_take_turns_and_commands_have_keys_of_their_own() -> None:
    calls: list[dict[str, Any]] = []

    def reply(call: dict[str, Any]) -> dict[str, Any]:
        calls.append(call)
        return {"result": {}} if call["method"] != "subscribe" else {"result": {"topics": []}}

    async def body() -> None:
        async with opened(reply, 2) as doors:
            for _ in range(4):
                await doors.require("points.credit", member="m1")
            await doors.ask("member.get", member="m1")

    asyncio.run(body())
    assert [call["token"] for call in calls] == [
        f"Bearer service/shop-{number}" for number in (1, 2, 1, 2, 1)
    ]
    keys = [call["params"].get("key") for call in calls]
    assert len(set(keys[:4])) == 4
    assert keys[4] is None, "a question has no key"


@pytest.mark.parametrize("code", ["too_many_calls", "unavailable"])
def test_what_must_not_be_refused_is_asked_again_under_its_key(code: str) -> None:
    calls: list[dict[str, Any]] = []

    def reply(call: dict[str, Any]) -> dict[str, Any]:
        calls.append(call["params"])
        return refuse(code) if len(calls) < 3 else {"result": {}}

    async def body() -> None:
        async with opened(reply, 1) as doors:
            await doors.require("points.credit", member="m1")

    asyncio.run(body())
    assert calls[0] == calls[1] == calls[2]
    assert calls[0]["member"] == "m1"


def test_a_refusal_is_an_error_of_preparation_and_an_outcome_of_an_action() -> None:
    async def attempt(act: Callable[[Doors], Awaitable[object]]) -> object:
        async with opened(lambda call: refuse("unknown_member"), 1) as doors:
            return await act(doors)

    message, sent = asyncio.run(attempt(lambda doors: doors.command("points.credit")))  # type: ignore[misc]
    assert (message.error.code, sent) == ("unknown_member", 1)
    for act in (lambda doors: doors.require("points.credit"), lambda doors: doors.ask("member.get")):
        with pytest.raises(ExceptionGroup) as caught:
            asyncio.run(attempt(act))
        (error,) = caught.value.exceptions
        assert isinstance(error, StormError)
        assert str(error).endswith("unknown_member: Slower.")


def test_too_many_calls_is_an_outcome_of_an_action_too() -> None:
    async def body() -> None:
        async with opened(lambda call: refuse("too_many_calls"), 1) as doors:
            message, _ = await doors.command("redemption.redeem")
            assert message.error is not None
            assert message.error.code == "too_many_calls"

    asyncio.run(body())
