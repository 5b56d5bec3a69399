"""Requests to servers that are not ours: whatever they do ends in a body or in words, and in time."""

import asyncio
import gzip
import time

import httpx
import pytest

from engine.fetching import FetchError, ask, fetch
from tests.engine.drawing import Answer, outside, respond


async def get(url: str, *, limit: int = 1_000, seconds: float = 0.5) -> bytes:
    async with httpx.AsyncClient() as client:
        return await fetch(client, ask(client, "GET", url), limit=limit, seconds=seconds)


def test_a_body_comes_as_it_is() -> None:
    async def body() -> None:
        async with outside(b"x" * 1_000) as server:
            assert await get(server.url) == b"x" * 1_000

    asyncio.run(body())


def drip(path: str, body: bytes) -> bytes:
    """Headers, and the connection's end in the middle of the body."""
    return b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"


async def late(path: str, body: bytes) -> bytes:
    await asyncio.sleep(30)
    return respond(b"")


def moved(path: str, body: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"


def endless(path: str, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000


def packed(path: str, body: bytes) -> bytes:
    small = gzip.compress(bytes(3_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(small)}\r\n\r\n"
    return head.encode() + small


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (drip, "cannot be reached"),
        (late, "took more than 0.5 s"),
        (moved, "status 302"),
        (endless, "more than 1000 bytes"),
        (packed, "more than 1000 bytes"),
        (lambda path, body: b"SSH-2.0-OpenSSH\r\n\r\n", "cannot be reached"),
        (lambda path, body: respond(b"no", "503 Busy"), "status 503"),
    ],
)
def test_what_goes_wrong_is_said_in_time(answer: Answer, words: str) -> None:
    async def body() -> None:
        async with outside(answer) as server:
            started = time.monotonic()
            with pytest.raises(FetchError, match=words):
                await get(server.url)
            assert time.monotonic() - started < 5

    asyncio.run(body())


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://", "http://[x", "http://a.invalid\x00"])
def test_where_nobody_is(url: str) -> None:
    with pytest.raises(FetchError):
        asyncio.run(get(url, seconds=5))
