"""Thousands of listeners in one process: sockets that come back when they are lost, as a member's app does.

A handshake and a few kinds of frames by hand: a library's work for each socket would take the whole machine.
"""

import asyncio
import random
import threading
import time
from collections.abc import Sequence

from websockets.frames import Frame, Opcode

SUBSCRIBE = b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topics":["auction:%s"]}}'

PAUSES = (0.2, 2.0)
"""Seconds between two attempts: the first comes at once, the others are spread."""

ANSWER_SECONDS = 30.0
"""After so long without its auction's state a listener comes anew."""


class Listener:
    """One socket, authenticated by ``token``, that listens to ``auction``; ``heard`` is set while it is
    connected and has had the auction's state."""

    def __init__(self, port: int, token: str, auction: str) -> None:
        self.heard = asyncio.Event()
        self.attempts = 0
        self._port = port
        self._subscribe = Frame(Opcode.TEXT, SUBSCRIBE % auction.encode()).serialize(mask=True)
        self._hello = (
            f"GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: livelot.v1\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self.attempts += 1
            try:
                await self._listen()
            except (OSError, EOFError, TimeoutError):
                self.heard.clear()
            await asyncio.sleep(random.uniform(*PAUSES))

    async def _listen(self) -> None:
        """One connection, until it is lost or refused, which raises."""
        async with asyncio.timeout(ANSWER_SECONDS) as patience:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                writer.write(self._hello)
                if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
                    raise ConnectionRefusedError
                writer.write(self._subscribe)
                while True:
                    opcode, payload = await read_frame(reader)
                    if opcode == Opcode.PING:
                        writer.write(Frame(Opcode.PONG, payload).serialize(mask=True))
                    elif opcode == Opcode.CLOSE or b'"error"' in payload:
                        raise ConnectionResetError
                    elif b'"push"' in payload:
                        patience.reschedule(None)
                        self.heard.set()
            finally:
                writer.transport.abort()


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """A server's frame: its opcode and payload."""
    first, length = await reader.readexactly(2)
    if length >= 126:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    return first & 0x0F, await reader.readexactly(length)


class Audience:
    """All of them, in a thread of its own. Used as a context manager."""

    def __init__(self, port: int, tokens: Sequence[str], auction: str) -> None:
        self._listeners = [Listener(port, token, auction) for token in tokens]
        self._stop = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))

    @property
    def hearing(self) -> int:
        """How many have heard what they listen to, on the connection that they have."""
        return sum(one.heard.is_set() for one in self._listeners)

    @property
    def attempts(self) -> int:
        """How many connections all of them have tried."""
        return sum(one.attempts for one in self._listeners)

    def wait_until_all_hear(self, *, within: float) -> float:
        """Returns how many seconds that took; fails after ``within``."""
        began = time.monotonic()
        while (hearing := self.hearing) < len(self._listeners):
            waited = time.monotonic() - began
            assert waited < within, f"{hearing} of {len(self._listeners)} hear after {within:g} s"
            time.sleep(0.05)
        return time.monotonic() - began

    def __enter__(self) -> "Audience":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _run(self) -> None:
        tasks = [asyncio.create_task(one.run()) for one in self._listeners]
        await self._stop.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
