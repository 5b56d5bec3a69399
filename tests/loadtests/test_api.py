"""HTTP as a crowd uses it: what is tried again, what is not, and what is said then."""

import asyncio
from typing import Any

import pytest

from benchmarks.servers import find_free_port
from loadtests.api import Answer, Api, RequestError
from loadtests.wire import StormError

PROBLEM = (
    b'{"type":"/x","title":"x","status":404,"detail":"There is no auction a9.","code":"unknown_auction"}'
)


async def get(url: str, **query: Any) -> Answer:
    async with Api(url) as api:
        return await api.get("/v1/auctions", "token", **query)


def test_a_question_carries_its_token_position_and_query(script: Any) -> None:
    script.answers = [(200, b"[]")]
    assert asyncio.run(get(script.url, position="1:1-1", limit=5)) == Answer(b"[]", "1:2-3")
    [received] = script.received
    assert (received.method, received.path) == ("GET", "/v1/auctions?limit=5")
    assert received.headers["Authorization"] == "Bearer token"
    assert received.headers["Livelot-Position"] == "1:1-1"


def test_a_command_is_sent_again_under_its_key_until_it_is_taken(script: Any) -> None:
    script.answers = [(503, b"{}"), (429, b"{}"), (200, b"{}")]

    async def body() -> None:
        async with Api(script.url) as api:
            await api.send("PUT", "/v1/members/m1", "token", {"tier": "gold"})
            script.answers = [(200, b"{}")]
            await api.send("PUT", "/v1/members/m1", "token", {"tier": "gold"})

    asyncio.run(body())
    keys = [received.headers["Idempotency-Key"] for received in script.received]
    assert keys[0] == keys[1] == keys[2] != keys[3]
    assert {received.body for received in script.received} == {b'{"tier":"gold"}'}


def test_a_refusal_is_quoted(script: Any) -> None:
    script.answers = [(404, PROBLEM)]
    with pytest.raises(RequestError) as raised:
        asyncio.run(get(script.url))
    assert raised.value.code == "unknown_auction"
    assert str(raised.value) == "GET /v1/auctions: 404 unknown_auction: There is no auction a9."


def test_what_is_not_from_a_gateway_is_quoted_too(script: Any) -> None:
    script.answers = [(418, b"<html>a teapot</html>")]
    with pytest.raises(RequestError, match="418 : <html>a teapot</html>"):
        asyncio.run(get(script.url))


def test_patience_ends(script: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadtests.api.PATIENCE", 0)
    script.answers = [(503, b'{"code":"not_ready","detail":"Still reading."}')]
    with pytest.raises(RequestError, match="503 not_ready: Still reading"):
        asyncio.run(get(script.url))
    url = f"http://127.0.0.1:{find_free_port()}"
    with pytest.raises(StormError, match=f"{url} cannot be reached"):
        asyncio.run(get(url))


@pytest.mark.parametrize(
    ("url", "socket_url"),
    [("http://h:1/", "ws://h:1/v1/socket"), ("https://h", "wss://h/v1/socket")],
)
def test_the_socket_is_beside_it(url: str, socket_url: str) -> None:
    async def body() -> None:
        async with Api(url) as api:
            assert api.socket_url == socket_url

    asyncio.run(body())


def test_another_scheme_is_refused() -> None:
    with pytest.raises(StormError, match="must start with http"):
        Api("ws://127.0.0.1")
