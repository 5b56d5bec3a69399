"""The log's server of a simulation, and the connections to it with all that can happen on the way.

The server itself is the log in memory; each epoch has one. A connection delays, loses and repeats what goes
through it, and ends with its process; an append that is on its way arrives all the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from engine.log.contract import Entry, EntryId, LogUnavailable
from engine.log.memory import MemoryLog
from engine.simulator.clock import Clock

T = TypeVar("T")


@dataclass
class Weather:
    """What happens on a connection. Latencies are seconds, the others how often in 1."""

    latency: float = 0.0
    requests_lost: float = 0.0
    replies_lost: float = 0.0
    appends_repeated: float = 0.0


class Server:
    """Keeps the logs of a program, one an epoch. ``clock`` stamps; with ``lease_for_all`` whoever asks for a
    lease gets it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lease_for_all = False
        self.logs = {1: MemoryLog(epoch=1, clock=clock)}

    @property
    def epoch(self) -> int:
        """The newest."""
        return max(self.logs)

    @property
    def log(self) -> MemoryLog:
        """Of the newest epoch."""
        return self.logs[self.epoch]

    def begin_epoch(self) -> MemoryLog:
        """A fresh log under the next epoch."""
        epoch = self.epoch + 1
        self.logs[epoch] = MemoryLog(epoch=epoch, clock=self.clock)
        return self.logs[epoch]


class Connection:
    """A ``Log`` as one process sees it. While ``stalled`` is cleared, nothing goes through."""

    def __init__(self, server: Server, random: Random, weather: Weather) -> None:
        self.epoch = server.epoch
        self.weather = weather
        self.stalled = asyncio.Event()
        self.stalled.set()
        self._server = server
        self._log = server.log
        self._random = random
        self._arriving: set[asyncio.Task[EntryId]] = set()

    async def append(self, payload: bytes, *, id: str = "*") -> EntryId:
        """See ``Log.append``."""
        await self._go()
        arriving = asyncio.get_running_loop().create_task(self._arrive(payload, id))
        self._arriving.add(arriving)
        arriving.add_done_callback(self._forget)
        entry_id = await asyncio.shield(arriving)
        await self._come_back()
        return entry_id

    async def append_all(self, entries: Sequence[tuple[str, bytes]]) -> EntryId:
        """See ``Log.append_all``."""
        return await self._call(lambda: self._log.append_all(entries))

    async def read(self, after: Entry | None, *, count: int, block: int) -> list[Entry]:
        """See ``Log.read``."""
        return await self._call(lambda: self._log.read(after, count=count, block=block))

    async def first(self) -> Entry | None:
        """See ``Log.first``."""
        return await self._call(self._log.first)

    async def last(self) -> Entry | None:
        """See ``Log.last``."""
        return await self._call(self._log.last)

    async def range(self, start: EntryId, end: EntryId, *, count: int) -> list[Entry]:
        """See ``Log.range``."""
        return await self._call(lambda: self._log.range(start, end, count=count))

    async def trim(self, below: EntryId, *, count: int) -> int:
        """See ``Log.trim``."""
        return await self._call(lambda: self._log.trim(below, count=count))

    async def remove(self, id: EntryId) -> bool:
        """See ``Log.remove``."""
        return await self._call(lambda: self._log.remove(id))

    async def size(self) -> tuple[int, int]:
        """See ``Log.size``."""
        return await self._call(self._log.size)

    async def publish_cursor(self, origin: bytes, id: EntryId, *, ttl: int) -> None:
        """See ``Log.publish_cursor``."""
        await self._call(lambda: self._log.publish_cursor(origin, id, ttl=ttl))

    async def cursors(self) -> dict[bytes, EntryId]:
        """See ``Log.cursors``."""
        return await self._call(self._log.cursors)

    async def put(self, name: str, value: bytes, *, ttl: int = 0, if_absent: bool = False) -> bool:
        """See ``Log.put``."""
        return await self._call(lambda: self._log.put(name, value, ttl=ttl, if_absent=if_absent))

    async def get(self, name: str) -> bytes | None:
        """See ``Log.get``."""
        return await self._call(lambda: self._log.get(name))

    async def take_lease(self, name: str, owner: bytes, *, ttl: int) -> bool:
        """See ``Log.take_lease``."""
        if self._server.lease_for_all:
            return True
        return await self._call(lambda: self._log.take_lease(name, owner, ttl=ttl))

    async def release_lease(self, name: str, owner: bytes) -> None:
        """See ``Log.release_lease``."""
        await self._call(lambda: self._log.release_lease(name, owner))

    async def close(self) -> None:
        """See ``Log.close``; the server stays."""

    async def _call(self, request: Callable[[], Awaitable[T]]) -> T:
        await self._go()
        answer = await request()
        await self._come_back()
        return answer

    async def _go(self) -> None:
        await self._travel()
        if self._happens(self.weather.requests_lost):
            raise LogUnavailable("The request was lost.")

    async def _come_back(self) -> None:
        await self._travel()
        if self._happens(self.weather.replies_lost):
            raise LogUnavailable("The reply was lost.")

    async def _travel(self) -> None:
        if not self.stalled.is_set():
            await self.stalled.wait()
        if self.weather.latency:
            await asyncio.sleep(self.weather.latency * self._random.random())

    async def _arrive(self, payload: bytes, id: str) -> EntryId:
        entry_id = await self._log.append(payload, id=id)
        if id == "*" and self._happens(self.weather.appends_repeated):
            await asyncio.sleep(self._random.random())
            await self._log.append(payload)
        return entry_id

    def _happens(self, likelihood: float) -> bool:
        return likelihood > 0 and self._random.random() < likelihood

    def _forget(self, arrived: asyncio.Task[EntryId]) -> None:
        self._arriving.discard(arrived)
        # Its process may be gone, and nobody else asks how it went.
        if not arrived.cancelled():
            arrived.exception()
