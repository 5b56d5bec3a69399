"""A log in memory: for tests and simulations, with the faults that a real one can have.

It lives in one event loop at a time and dies with its process. Several replicas and writers share one object.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from engine.log.contract import (
    FIRST_ID,
    Entry,
    EntryId,
    LogRefused,
    LogUnavailable,
    check_cursor,
    format_id,
    parse_id,
)

ENTRY_OVERHEAD = 64
"""Bytes that an entry is counted with beside its payload."""


def wall_clock() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class MemoryLog:
    """A log that stamps with ``clock`` (milliseconds). Its public attributes are faults for a test to set.

    ``unavailable``: nothing answers. ``lose_reply_of_next_append``: the next append happens, and nobody is
    told. ``fail_next_append``: it does not happen. ``replies``: while cleared, appends happen and their
    answers are held back. ``last_id`` is the newest entry's.
    """

    def __init__(self, *, epoch: int = 1, clock: Callable[[], int] = wall_clock) -> None:
        self.epoch = epoch
        self.unavailable = False
        self.lose_reply_of_next_append = False
        self.fail_next_append = False
        self.replies = asyncio.Event()
        self.replies.set()
        self._clock = clock
        self._entries: dict[EntryId, bytes] = {}
        self.last_id = FIRST_ID
        self._values: dict[str, tuple[bytes, int]] = {}
        self._waiting: dict[asyncio.Future[None], None] = {}

    async def append(self, payload: bytes, *, id: str = "*") -> EntryId:
        """See ``Log.append``."""
        self._require_server()
        if self.fail_next_append:
            self.fail_next_append = False
            raise LogUnavailable("The append was lost on its way.")
        entry_id = self._next_id(id)
        self._entries[entry_id] = bytes(payload)
        self.last_id = entry_id
        self._wake_readers()
        await asyncio.sleep(0)
        await self.replies.wait()
        if self.lose_reply_of_next_append:
            self.lose_reply_of_next_append = False
            raise LogUnavailable("The reply to an append was lost.")
        return entry_id

    async def append_all(self, entries: Sequence[tuple[str, bytes]]) -> EntryId:
        """See ``Log.append_all``."""
        for id, payload in entries:
            last = await self.append(payload, id=id)
        return last

    async def read(self, after: Entry | None, *, count: int, block: int) -> list[Entry]:
        """See ``Log.read``."""
        self._require_server()
        if block and not self._entries_after(after, 1):
            await self._wait_for_arrival(block / 1000)
            self._require_server()
        entries = self._entries_after(after, count)
        if after is not None:
            check_cursor(after, self._entries_at(after.id))
        await asyncio.sleep(0)
        return entries

    async def first(self) -> Entry | None:
        """See ``Log.first``."""
        self._require_server()
        return next((Entry(*item) for item in self._entries.items()), None)

    async def last(self) -> Entry | None:
        """See ``Log.last``."""
        self._require_server()
        return next((Entry(*item) for item in reversed(self._entries.items())), None)

    async def range(self, start: EntryId, end: EntryId, *, count: int) -> list[Entry]:
        """See ``Log.range``."""
        self._require_server()
        return [Entry(*item) for item in self._entries.items() if start <= item[0] <= end][:count]

    async def trim(self, below: EntryId, *, count: int) -> int:
        """See ``Log.trim``."""
        self._require_server()
        doomed = [entry_id for entry_id in self._entries if entry_id < below][:count]
        for entry_id in doomed:
            del self._entries[entry_id]
        return len(doomed)

    async def remove(self, id: EntryId) -> bool:
        """See ``Log.remove``."""
        self._require_server()
        return self._entries.pop(id, None) is not None

    async def size(self) -> tuple[int, int]:
        """See ``Log.size``."""
        self._require_server()
        return len(self._entries), sum(len(payload) + ENTRY_OVERHEAD for payload in self._entries.values())

    async def publish_cursor(self, origin: bytes, id: EntryId, *, ttl: int) -> None:
        """See ``Log.publish_cursor``."""
        await self.put(f"cursor:{origin.hex()}", format_id(id).encode(), ttl=ttl)

    async def cursors(self) -> dict[bytes, EntryId]:
        """See ``Log.cursors``."""
        self._require_server()
        prefix = "cursor:"
        names = [name for name in self._values if name.startswith(prefix)]
        found = {name: await self.get(name) for name in names}
        return {bytes.fromhex(name[len(prefix) :]): parse_id(value) for name, value in found.items() if value}

    async def put(self, name: str, value: bytes, *, ttl: int = 0, if_absent: bool = False) -> bool:
        """See ``Log.put``."""
        if if_absent and await self.get(name) is not None:
            return False
        self._require_server()
        self._values[name] = (bytes(value), self._clock() + ttl if ttl else 0)
        return True

    async def get(self, name: str) -> bytes | None:
        """See ``Log.get``."""
        self._require_server()
        value, expires_at = self._values.get(name, (None, 0))
        if expires_at and self._clock() >= expires_at:
            del self._values[name]
            return None
        return value

    async def take_lease(self, name: str, owner: bytes, *, ttl: int) -> bool:
        """See ``Log.take_lease``."""
        if await self.get(name) not in (None, owner):
            return False
        return await self.put(name, owner, ttl=ttl)

    async def release_lease(self, name: str, owner: bytes) -> None:
        """See ``Log.release_lease``."""
        if await self.get(name) == owner:
            del self._values[name]

    async def close(self) -> None:
        """See ``Log.close``."""
        self._wake_readers()

    def payload_at(self, id: EntryId) -> bytes | None:
        """What stands at ``id``, whatever the faults."""
        return self._entries.get(id)

    # Faults.

    def drop_tail(self, count: int) -> None:
        """Loses the newest ``count`` entries, as a server does that comes back without its last fsync."""
        for entry_id in list(self._entries)[len(self._entries) - count :]:
            del self._entries[entry_id]
        self.last_id = max(self._entries, default=FIRST_ID)

    def replace(self, id: EntryId, payload: bytes) -> None:
        """Puts other content in the place of an entry."""
        self._entries[id] = payload

    # Inside.

    def _require_server(self) -> None:
        if self.unavailable:
            raise LogUnavailable("The log does not answer.")

    def _next_id(self, wanted: str) -> EntryId:
        milliseconds, _, sequence = wanted.partition("-")
        last = self.last_id
        if wanted == "*":
            at = max(self._clock(), last[0])
            entry_id = (at, last[1] + 1 if at == last[0] else 0)
        elif sequence == "*":
            at = int(milliseconds)
            entry_id = (at, last[1] + 1 if at == last[0] else 0)
        else:
            entry_id = parse_id(wanted)
        if entry_id <= last:
            raise LogRefused(
                f"An entry with the ID {wanted} must come after the log's last, {format_id(last)}."
            )
        return entry_id

    def _entries_at(self, id: EntryId) -> list[Entry]:
        payload = self._entries.get(id)
        return [] if payload is None else [Entry(id, payload)]

    def _entries_after(self, after: Entry | None, count: int) -> list[Entry]:
        start = FIRST_ID if after is None else after.id
        newest_first = []
        for entry_id in reversed(self._entries):
            if entry_id <= start:
                break
            newest_first.append(Entry(entry_id, self._entries[entry_id]))
        return newest_first[::-1][:count]

    async def _wait_for_arrival(self, seconds: float) -> None:
        arrival = asyncio.get_running_loop().create_future()
        self._waiting[arrival] = None
        try:
            await asyncio.wait([arrival], timeout=seconds)
        finally:
            del self._waiting[arrival]

    def _wake_readers(self) -> None:
        for arrival in self._waiting:
            if not arrival.done():
                arrival.set_result(None)
