"""Sockets that listen: what each of them has heard, when, and that it was the same for all."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from benchmarks.sockets import Socket, open_socket

AT_ONCE = 100
"""Handshakes under way at a time."""

DEADLINE = 30
"""How long what is expected may take, in seconds."""


class Heard(NamedTuple):
    """A frame, and when it was heard (s, ``time.perf_counter``)."""

    at: float
    payload: bytes


class Audience:
    """The listening sockets of one server."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self._heard: list[list[Heard]] = []
        self._awaited = 0
        self._complete = asyncio.Event()

    async def connect(self, port: int, count: int, path: str = "/v1/socket") -> None:
        """Opens ``count`` more sockets. Raises ``ConnectionError``."""
        for first in range(0, count, AT_ONCE):
            opening = (open_socket(port, path) for _ in range(min(AT_ONCE, count - first)))
            for socket in await asyncio.gather(*opening):
                self.admit(socket)

    def admit(self, socket: Socket) -> None:
        """Listens to one more socket."""
        heard: list[Heard] = []
        self.sockets.append(socket)
        self._heard.append(heard)
        socket.on_frame = partial(self._take, heard)

    async def subscribe(self, port: int, tokens: Sequence[str], topics: list[str]) -> None:
        """Opens one more socket to Livelot's gateway for each of ``tokens``, and subscribes it to ``topics``;
        returns when all answers and first states have come. Asserts that nothing was refused."""
        known = len(self.sockets)
        for first in range(0, len(tokens), AT_ONCE):
            own = tokens[first : first + AT_ONCE]
            await self.connect(port, len(own))
            self.expect(len(own) * (2 + len(topics)))
            for socket, token in zip(self.sockets[-len(own) :], own, strict=True):
                socket.send(call("authenticate", {"token": token}))
                socket.send(call("subscribe", {"topics": topics}))
            await self.wait()
        for heard in self.take()[known:]:
            answers = [frame.payload for frame in heard if b'"method":"push"' not in frame.payload]
            assert len(answers) == 2, answers
            assert all(b'"result"' in answer for answer in answers), answers

    def expect(self, frames: int) -> None:
        """From now on, ``frames`` frames are waited for, on all sockets together."""
        self._awaited = frames
        self._complete.clear()

    async def wait(self) -> None:
        """Returns once they came. Raises ``TimeoutError``."""
        async with asyncio.timeout(DEADLINE):
            await self._complete.wait()

    def take(self) -> list[list[Heard]]:
        """By socket, what it has heard since the last look."""
        taken = [[*heard] for heard in self._heard]
        for heard in self._heard:
            heard.clear()
        return taken

    def close(self) -> None:
        """Drops every connection."""
        for socket in self.sockets:
            socket.transport.abort()

    def _take(self, heard: list[Heard], socket: Socket, payload: bytes) -> None:
        heard.append(Heard(time.perf_counter(), payload))
        self._awaited -= 1
        if self._awaited == 0:
            self._complete.set()


def call(method: str, parameters: dict[str, Any]) -> bytes:
    """A JSON-RPC request."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})
