"""HTTP connections: half-open and slow clients, headers without end, too many of them, requests sent ahead,
what is no HTTP."""

import asyncio
import contextlib
import json
from typing import Any

import pytest

from gateway.connections import HttpConnection
from tests.gateway.harness import Eventually, OpenWorld, Run, World

HALF = b"GET /health HTTP/1.1\r\nHost: x\r\n"
POST = (
    b"POST /v1/auctions/a1/bids HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer TOKEN\r\n"
    b"Content-Type: application/json\r\nContent-Length: 20\r\n\r\n"
)


async def open_raw(here: World) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", here.port)


async def read_all(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server ends the connection."""
    async with asyncio.timeout(10):
        received = b""
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(1 << 16):
                received += chunk
        return received


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


@pytest.mark.parametrize(
    "sent", [b"", HALF, POST, POST + b'{"max'], ids=["nothing", "headers", "no body", "body"]
)
def test_half_open_clients_are_cut_off(run: Run, world: OpenWorld, sent: bytes) -> None:
    async def body() -> None:
        async with world(limits={"request_seconds": 0.1}) as here:
            reader, writer = await open_raw(here)
            writer.write(sent.replace(b"TOKEN", here.token("m1").encode()))
            assert await read_all(reader) == b""
            await close(writer)
            assert (await here.http.get("/health")).status_code == 200

    run(body())


def test_slow_but_whole_requests_are_served(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"request_seconds": 5}) as here:
            reader, writer = await open_raw(here)
            for byte in HALF + b"\r\n":
                writer.write(bytes((byte,)))
                await asyncio.sleep(0.001)
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
            await close(writer)

    run(body())


def test_a_kept_connection_may_rest_between_requests(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"request_seconds": 0.1}) as here:
            reader, writer = await open_raw(here)
            for _ in range(2):
                writer.write(HALF + b"\r\n")
                assert b'"ok"' in await asyncio.wait_for(reader.readuntil(b"}"), 10)
                await asyncio.sleep(0.2)
            writer.write(HALF)
            assert await read_all(reader) == b""
            await close(writer)

    run(body())


def problem_in(response: bytes) -> Any:
    head, _, content = response.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    problem = json.loads(content)
    assert head.startswith(f"HTTP/1.1 {problem['status']} ".encode())
    return problem


def test_headers_without_end(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"headers": 4_096}) as here:
            for rest in (b"X: " + b"x" * 10_000, b"".join(b"X%d: x\r\n" % n for n in range(2_000))):
                reader, writer = await open_raw(here)
                writer.write(HALF + rest)
                assert problem_in(await read_all(reader))["code"] == "headers_too_large"
                await close(writer)

    run(body())


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
)
def test_what_is_no_http(run: Run, world: OpenWorld, sent: bytes) -> None:
    async def body() -> None:
        async with world() as here:
            reader, writer = await open_raw(here)
            writer.write(sent)
            assert problem_in(await read_all(reader))["code"] == "malformed"
            await close(writer)

    run(body())


def test_too_many_connections(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world(limits={"connections": 3}) as here, here.socket("m1") as socket:
            await here.http.get("/health")
            _, waiting = await open_raw(here)
            reader, writer = await open_raw(here)
            writer.write(HALF + b"\r\n")
            problem = problem_in(await read_all(reader))
            assert (problem["code"], problem["status"]) == ("too_many_connections", 503)
            await close(writer)
            assert "result" in await socket.call("me")
            assert here.gateway.metrics.connections_refused == 1
            await close(waiting)
            await eventually(lambda: here.gateway.metrics.connections == {"http": 1, "socket": 1})
            reader, writer = await open_raw(here)
            writer.write(HALF + b"\r\n")
            assert (await reader.readline()) == b"HTTP/1.1 200 OK\r\n"
            await close(writer)

    run(body())


def test_a_client_that_does_not_take_its_response(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world(limits={"request_seconds": 0.3}) as here:
            _, writer = await open_raw(here)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            kept = here.gateway.server.server_state.connections
            writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
            await eventually(lambda: len(kept) == 1)
            await eventually(lambda: len(kept) == 0)
            await close(writer)

    run(body())


def test_what_is_sent_ahead_is_left_unread(run: Run, world: OpenWorld) -> None:
    """Every request is answered, in its turn, and only a few of them are ever in memory."""

    async def body() -> None:
        async with world(limits={"calls_per_second": 0}) as here:
            reader, writer = await open_raw(here)
            content = b'{"maximum":1,"more":"' + b"x" * 60_000 + b'"}'
            request = (
                POST.replace(b"TOKEN", here.token("m1").encode()).replace(b"20", b"%d" % len(content))
                + content
            )
            sending = asyncio.create_task(write_all(writer, request * 200))
            connections = here.gateway.server.server_state.connections
            most, answers = 0, b""
            while answers.count(b"HTTP/1.1 422 ") < 200:
                answers += await asyncio.wait_for(reader.read(1 << 16), 10)
                most = max(
                    most, *(len(one.pipeline) for one in connections if isinstance(one, HttpConnection))
                )
            await sending
            assert 0 < most <= 8
            await close(writer)

    run(body())


def test_far_too_many_requests_ahead_end_the_connection(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"pipelined": 10}) as here:
            for sent, served in ((11, True), (5_000, False)):
                reader, writer = await open_raw(here)
                writer.write((HALF + b"\r\n") * sent)
                writer.write_eof()
                answers = (await read_all(reader)).count(b"HTTP/1.1 200 OK\r\n")
                assert (answers == sent) == served
                await close(writer)
            assert (await here.http.get("/health")).status_code == 200

    run(body())


async def write_all(writer: asyncio.StreamWriter, content: bytes) -> None:
    writer.write(content)
    await writer.drain()
