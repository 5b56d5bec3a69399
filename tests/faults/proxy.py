"""A TCP proxy that fails on command: it cuts, delays, holds up or alters what two processes send each other.

It does exactly what a test tells it, when it is told, and by itself nothing but pass bytes on. It runs in a
thread of its own, so that a test can steer it in plain steps.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

CHUNK = 64 * 1024

REQUESTS = "requests"
REPLIES = "replies"

Damage = Callable[[bytes], bytes]
"""Takes a piece of a stream and gives what arrives in its place."""


class Proxy:
    """Listens on ``port`` of 127.0.0.1 and passes bytes on to ``upstream``, a port there. Used as a context
    manager. ``damaged`` counts the pieces that arrived altered.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.damaged = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=1_024)
        self.port: int = self._listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()
        self._refusing = False
        self._seconds = 0.0
        self._damage: tuple[str, Damage] | None = None
        self._server: asyncio.Server | None = None

    def __enter__(self) -> "Proxy":
        self._thread.start()
        self._run(self._serve())
        return self

    def __exit__(self, *error: object) -> None:
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Every connection breaks, and new ones break too, until ``mend``."""
        self._refusing = True
        self._run(self._break_all())

    def mend(self) -> None:
        """Connections are taken again."""
        self._refusing = False

    def hold(self) -> None:
        """Nothing arrives any more, and nothing breaks, until ``release``."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def release(self) -> None:
        """What was held up arrives."""
        self._loop.call_soon_threadsafe(self._open.set)

    def delay(self, seconds: float) -> None:
        """From now on every piece arrives so much later."""
        self._seconds = seconds

    def switch(self, upstream: int) -> None:
        """Every connection breaks; new ones lead to another port."""
        self.upstream = upstream
        self._run(self._break_all())

    def damage_next(self, direction: str, damage: Damage) -> None:
        """The next piece that ``damage`` makes another of arrives as that; those after it as they were sent.

        ``direction`` is ``REQUESTS`` or ``REPLIES``.
        """
        self._damage = (direction, damage)

    def wait_until_damaged(self, count: int, *, within: float) -> None:
        """Returns once ``count`` pieces arrived altered; fails after ``within`` seconds."""
        deadline = time.monotonic() + within
        while self.damaged < count:
            assert time.monotonic() < deadline, f"nothing was altered in {within:g} s"
            time.sleep(0.01)

    async def _serve(self) -> None:
        self._open.set()
        self._server = await asyncio.start_server(self._connect, sock=self._listening)

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self._open.set()
        await self._break_all()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _break_all(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass_on(REQUESTS, reader, back))
                tasks.create_task(self._pass_on(REPLIES, there, writer))
        finally:
            self._writers -= {writer, back}

    async def _pass_on(
        self, direction: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK):
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                await self._open.wait()
                writer.write(self._alter(direction, piece))
                await writer.drain()
        writer.transport.abort()

    def _alter(self, direction: str, piece: bytes) -> bytes:
        if self._damage is None or self._damage[0] != direction:
            return piece
        altered = self._damage[1](piece)
        if altered != piece:
            self._damage = None
            self.damaged += 1
        return altered

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)
