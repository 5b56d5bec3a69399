"""Handshakes that no browser would send: origins that look right, headers twice, headers without measure,
upgrades to something else. What is refused is told why, logged as nobody's error, and never stays."""

import asyncio
import contextlib
import json
from typing import Any

import pytest
import websockets

from tests.gateway.harness import Eventually, OpenWorld, Run, World

SHOP = "https://shop.example"
SHAKE = (
    "GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
ORIGINS = (
    *("null", "", "https://", "shop.example", "//shop.example", "file://", "https://shop.example/"),
    *("http://shop.example", "HTTPS://shop.example", "https://SHOP.example", "wss://shop.example"),
    *("https://www.shop.example", "https://evilshop.example", "https://shop.example.evil.example"),
    *(
        "https://shop.example:443",
        "https://shop.example:8443",
        "https://shop.example.",
        "https://shop.exampl",
    ),
    *("https://shop.example@evil.example", "https://evil.example/https://shop.example"),
    *("https://evil.example#https://shop.example", "https://evil.example?https://shop.example"),
    *("https://shop.example https://evil.example", "https://evil.example, https://shop.example"),
    *("https://shop%2eexample", "https://shop.example%00.evil.example", "https://ѕhop.example", "*"),
    *("https://127.0.0.1", "http://localhost", "x" * 4_000),
)
"""None of them is the one origin that is allowed."""


def test_origins_that_are_not_the_one(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(origins=(SHOP,)) as here:
            for origin in ORIGINS:
                status, answer = await shake(here, f"Origin: {origin}\r\n")
                assert (status, problem_of(answer)) == (403, "origin_not_allowed"), origin
                preflight = {"Origin": origin.encode(), "Access-Control-Request-Method": "POST"}
                response = await here.http.options("/v1/redemptions", headers=preflight)
                assert "access-control-allow-origin" not in response.headers, origin
            assert (await shake(here, f"Origin: {SHOP}\r\n"))[0] == 101
            # No browser leaves it out; what is no browser proves itself by its token alone.
            assert (await shake(here, ""))[0] == 101

    run(body())


@pytest.mark.parametrize("others", [f"Origin: {SHOP}\r\n", "Origin: https://evil.example\r\n"])
def test_two_origins_are_none(run: Run, world: OpenWorld, others: str) -> None:
    async def body() -> None:
        async with world(origins=(SHOP,)) as here:
            for headers in (f"Origin: {SHOP}\r\n{others}", f"{others}Origin: {SHOP}\r\n"):
                assert (await shake(here, headers))[0] == 400

    run(body())


def test_every_write_is_open_to_the_pages_that_are_allowed(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(origins=(SHOP,)) as here:
            for method in ("GET", "POST", "PUT", "DELETE"):
                preflight = {"Origin": SHOP, "Access-Control-Request-Method": method}
                response = await here.http.options("/v1/experiences/spa", headers=preflight)
                assert response.is_success, method
            preflight = {"Origin": SHOP, "Access-Control-Request-Method": "PATCH"}
            assert (await here.http.options("/v1/experiences/spa", headers=preflight)).status_code == 400

    run(body())


UNREADABLE = {
    "a long line": (f"X: {'x' * 9_000}\r\n", 431, "headers_too_large"),
    "many headers": ("X: x\r\n" * 200, 431, "headers_too_large"),
}


@pytest.mark.parametrize(("headers", "status", "code"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_handshake_that_cannot_be_read_is_refused_and_ends(
    run: Run, world: OpenWorld, eventually: Eventually, headers: str, status: int, code: str
) -> None:
    """uvicorn waits for the rest of such a handshake, without a deadline."""

    async def body() -> None:
        async with world(limits={"close_seconds": 0.1}) as here:
            told, answer = await shake(here, headers)
            assert (told, problem_of(answer)) == (status, code)
            await eventually(lambda: not sockets(here))

    run(body())


def test_a_refused_handshake_is_nobodys_error(
    run: Run, world: OpenWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever is not let in cannot fill the log either."""

    async def body() -> None:
        async with world(origins=(SHOP,)) as here:
            for headers in (
                "Origin: null\r\n",
                "Authorization: Bearer x\r\n",
                "Sec-WebSocket-Protocol: x\r\n",
            ):
                status, _ = await shake(here, headers)
                assert status in (400, 401, 403)

    run(body())
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_what_is_no_handshake(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world() as here:
            plain = SHAKE.replace("Upgrade: websocket", "Upgrade: h2c")
            for asked, statuses in (
                (SHAKE.replace("Version: 13", "Version: 8"), (400, 426)),
                (SHAKE.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"), (400,)),
                (SHAKE.replace("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""), (400,)),
                (SHAKE.replace("GET", "POST") + "Content-Length: 0\r\n", (400, 404, 405)),
                (SHAKE.replace("/v1/socket", "/v1/auctions"), (403, 404)),
                (SHAKE.replace("/v1/socket", "/v1/socket/../me"), (403, 404)),
                (plain, (404,)),
                (SHAKE + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", (400,)),
            ):
                status, answer = await shake(here, "", asked)
                assert status in statuses, (asked, status, answer)
                assert b"Traceback" not in answer
            await eventually(lambda: not sockets(here))
            assert (await here.http.get("/health")).is_success

    run(body())


def test_compression_is_not_taken_up(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            async with websockets.connect(
                f"ws://127.0.0.1:{here.port}/v1/socket", compression="deflate"
            ) as offered:
                assert offered.response is not None
                assert "sec-websocket-extensions" not in offered.response.headers
                await offered.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
                assert '"time"' in str(await offered.recv())

    run(body())


async def shake(here: World, headers: str, start: str = SHAKE) -> tuple[int, bytes]:
    """The status of a handshake, and what came with it until the gateway ended it, or had no more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    writer.write(start.encode() + headers.encode() + b"\r\n")
    answer = b""
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(1 << 16):
                answer += chunk
                if b" 101 " in answer or answer.endswith(b"}"):
                    break
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return int(answer.split(b" ", 2)[1]), answer


def problem_of(answer: bytes) -> Any:
    return json.loads(answer.partition(b"\r\n\r\n")[2])["code"]


def sockets(here: World) -> list[Any]:
    """All connections but those of the polite client."""
    own = here.http._transport._pool.connections  # type: ignore[attr-defined]
    return list(here.gateway.server.server_state.connections)[len(own) :]
