"""Clients that want too much, one function each, in a process of their own.

``python -m tests.hostile.rudeness NAME PORT SECONDS TOKEN…`` runs one.

Each goes on for its time whatever the gateway does to it, comes back when it is thrown out, and ends with 0.
Tokens are of members of its own; what it asks for is what any member may ask for.
"""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from websockets.frames import Frame, Opcode

from gateway.operations.socket import Subscribe
from gateway.wire import FRAME_LIMIT

TEXT, CONT, PING = Opcode.TEXT, Opcode.CONT, Opcode.PING
SHAKE: Final = (
    "GET /v1/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
ENDINGS: Final = (ConnectionError, EOFError, TimeoutError)
"""What it is to be thrown out."""


class Target:
    """Where it goes, and as whom."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self.port = port
        self.tokens = itertools.cycle(tokens)

    @property
    def bearer(self) -> str:
        """An Authorization header of the next of its members."""
        return f"Authorization: Bearer {next(self.tokens)}\r\n"

    @asynccontextmanager
    async def connect(
        self, start: str = ""
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection that has sent ``start``."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(start.encode())
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    @asynccontextmanager
    async def socket(
        self, *, reads: bool = True
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A socket of one of its members; what comes is thrown away, or left lying where it does not read."""
        async with self.connect(f"{SHAKE}{self.bearer}\r\n") as (reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            swallowing = asyncio.create_task(_swallow(reader)) if reads else None
            if not reads:
                writer.transport.pause_reading()  # type: ignore[attr-defined]
            try:
                yield reader, writer
            finally:
                if swallowing is not None:
                    swallowing.cancel()


Rude = Callable[[Target], Awaitable[None]]


async def flood_with_calls(target: Target) -> None:
    """Calls as fast as the network takes them."""
    async with target.socket() as (_, writer):
        await _send_for_ever(writer, [call("me")] * 100)


async def flood_with_pings_and_fragments(target: Target) -> None:
    """Control frames, and a message that is sent byte by byte."""
    async with target.socket() as (_, writer):
        first = Frame(TEXT, b"{", fin=False).serialize(mask=True)
        pieces = [Frame(CONT, b" ", fin=False).serialize(mask=True)] * 100
        await _send_for_ever(writer, [first, *pieces], [Frame(PING, b"x" * 125).serialize(mask=True)] * 20)


async def ask_and_never_read(target: Target) -> None:
    """The longest lists, of which nothing is taken."""
    async with target.socket(reads=False) as (_, writer):
        await _send_for_ever(writer, [call("auction.list", limit=100)] * 10)


async def send_the_largest_frames(target: Target) -> None:
    """Whole legal frames of 64 KB, each as much work to read as can be."""
    names = [f"auction:{number:053}" for number in range(1_000)]
    whole = [call("subscribe", topics=names)]
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        half = (FRAME_LIMIT - 100) // (len(opening) + len(closing) + 1)
        deep = opening * half + b"1" + closing * half
        whole.append(
            Frame(TEXT, b'{"jsonrpc":"2.0","id":1,"method":"me","params":%b}' % deep).serialize(mask=True)
        )
    whole.append(call("me", more="x" * (FRAME_LIMIT - 100)))
    async with target.socket() as (_, writer):
        await _send_for_ever(writer, whole)


async def subscribe_to_everything(target: Target) -> None:
    """All topics there are, given up and taken again."""
    names = ["auctions", "raffles", "me", *(f"auction:a{number:03}" for number in range(190))]
    assert len(Subscribe(topics=names).topics) < 200
    async with target.socket() as (_, writer):
        await _send_for_ever(writer, [call("subscribe", topics=names), call("unsubscribe", topics=names)])


async def never_finish_the_handshake(target: Target) -> None:
    """Hundreds of connections that have said half of it, or nothing."""
    async with contextlib.AsyncExitStack() as stack:
        for start in ("", SHAKE, SHAKE + "X: ", f"{SHAKE}X: {'x' * 20_000}") * 50:
            await stack.enter_async_context(target.connect(start))
        await asyncio.sleep(60)


async def dribble_headers(target: Target) -> None:
    """Byte by byte, many at a time."""

    async def dribble() -> None:
        async with target.connect() as (_, writer):
            for byte in itertools.chain(SHAKE.encode(), itertools.cycle(b"X: xxxxxxxx\r\n")):
                writer.write(bytes((byte,)))
                await writer.drain()
                await asyncio.sleep(0.001)

    await asyncio.gather(*(dribble() for _ in range(100)))


async def flood_with_requests(target: Target) -> None:
    """HTTP in a pipeline: thousands of requests in one piece of the network's."""
    request = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    async with target.connect() as (reader, writer):
        swallowing = asyncio.create_task(_swallow(reader))
        try:
            await _send_for_ever(writer, [request] * 8_000)
        finally:
            swallowing.cancel()


async def request_and_never_read(target: Target) -> None:
    """Pages that nobody takes."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(50):
            request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20
            _, writer = await stack.enter_async_context(target.connect(request))
            writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(60)


async def send_the_largest_bodies(target: Target) -> None:
    """64 KB of JSON an HTTP request, which then turn out to be for staff."""
    body = '{"contexts":[' + ",".join(['{"tier":"gold","market":"north"}'] * 1_900) + "]}"
    head = (
        "POST /v1/prices/table HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{target.bearer}\r\n"
    )
    async with target.connect() as (reader, writer):
        swallowing = asyncio.create_task(_swallow(reader))
        try:
            await _send_for_ever(writer, [(head + body).encode()])
        finally:
            swallowing.cancel()


async def guess_tokens(target: Target) -> None:
    """Large tokens that are none, one after the other."""
    guess = call("authenticate", token=f"eyJhbGciOiJIUzI1NiJ9.{'A' * 16_000}.{'A' * 43}")
    async with target.connect(f"{SHAKE}\r\n") as (reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        swallowing = asyncio.create_task(_swallow(reader))
        try:
            await _send_for_ever(writer, [guess])
        finally:
            swallowing.cancel()


async def come_and_go(target: Target) -> None:
    """Connections that are gone as soon as they are there."""
    while True:
        for start in (
            "",
            f"{SHAKE}\r\n",
            f"{SHAKE}{target.bearer}\r\n",
            "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
        ):
            async with target.connect(start):
                await asyncio.sleep(0)


RUDE: Final[dict[str, Rude]] = {
    rude.__name__: rude
    for rude in (
        flood_with_calls,
        flood_with_pings_and_fragments,
        ask_and_never_read,
        send_the_largest_frames,
        subscribe_to_everything,
        never_finish_the_handshake,
        dribble_headers,
        flood_with_requests,
        request_and_never_read,
        send_the_largest_bodies,
        guess_tokens,
        come_and_go,
    )
}
"""By name."""


def call(method: str, **parameters: object) -> bytes:
    """A whole call, masked."""
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    return Frame(TEXT, msgspec.json.encode(message)).serialize(mask=True)


async def _send_for_ever(writer: asyncio.StreamWriter, *bunches: list[bytes]) -> None:
    for bunch in itertools.cycle([b"".join(bunch) for bunch in bunches]):
        writer.write(bunch)
        await writer.drain()
        await asyncio.sleep(0)


async def _swallow(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(*ENDINGS):
        while await reader.read(1 << 16):
            pass


async def be_rude(name: str, target: Target, seconds: float) -> None:
    """Again and again, until the time is over."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(*ENDINGS):
                    await RUDE[name](target)
                await asyncio.sleep(0)


if __name__ == "__main__":
    asyncio.run(be_rude(sys.argv[1], Target(int(sys.argv[2]), sys.argv[4:]), float(sys.argv[3])))
