"""A log on a Valkey or Redis Stream: Valkey 8 or newer, Redis 7 or newer.

One stream an epoch, one field ``b`` an entry. All keys of a program carry the hash tag ``{program}``, so that
a Cluster keeps them together:

    {program}:log, {program}:log:2 …   the entries of epoch 1, 2 …
    {program}:epoch                    the newest epoch, once there is a second one
    {program}:cursor:<origin>          what a reader still needs
    {program}:<name>                   small values: leases, the keeper's digest
"""

from collections.abc import Sequence
from typing import Any

from engine.log.contract import (
    FIRST_ID,
    Entry,
    EntryId,
    LogRefused,
    check_cursor,
    format_id,
    parse_id,
)
from engine.log.redis_connection import Argument, Command, ServerConnection, parse_address

TRIM_AT_LEAST = 100
"""Entries in one node of a stream, unless the server is told otherwise; it trims by whole nodes."""

CURSOR_TTL = 60_000
"""Milliseconds for which a reader's cursor counts when it was written together with a WAIT."""

_TAKE_LEASE = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE_LEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
"""


async def connect(
    url: str,
    program: str,
    *,
    epoch: int = 0,
    replicas: int = 0,
    origin: bytes = b"reader",
    wait_timeout: int = 1_000,
    reply_timeout: int = 5_000,
    trust_server: bool = False,
) -> "RedisStreamLog":
    """The log of ``program`` on the server at ``url`` (see ``parse_address``), after a look at that server.

    ``epoch`` 0 is the newest. With ``replicas``, what is read has reached that many replica servers, by WAIT
    on the reading connection under the cursor of ``origin``; each WAIT takes at most ``wait_timeout`` ms and
    is repeated until it succeeds. A call fails after ``reply_timeout`` ms without an answer. With
    ``trust_server`` the server's settings are not looked at. Raises ``LogUnavailable``, or ``LogRefused`` for
    a server that would lose acknowledged commands.
    """
    log = RedisStreamLog(
        url,
        program,
        replicas=replicas,
        origin=origin,
        wait_timeout=wait_timeout,
        reply_timeout=reply_timeout,
        trust_server=trust_server,
    )
    try:
        newest = await log.get("epoch")
        log.choose_epoch(epoch or int(newest or 1))
    except BaseException:
        await log.close()
        raise
    return log


class RedisStreamLog:
    """See ``Log``; made by ``connect``. ``held_back`` is true while a read waits for replica servers."""

    def __init__(
        self,
        url: str,
        program: str,
        *,
        replicas: int,
        origin: bytes,
        wait_timeout: int,
        reply_timeout: int,
        trust_server: bool,
    ) -> None:
        self.epoch = 1
        self.held_back = False
        self._prefix = f"{{{program}}}:"
        self._key = self._name("log")
        self._replicas = replicas
        self._origin = origin
        self._wait_timeout = wait_timeout
        address = parse_address(url)
        self._reader, self._writer = (
            ServerConnection(address, self._key, timeout=reply_timeout / 1000, trust_server=trust_server)
            for _ in range(2)
        )

    def choose_epoch(self, epoch: int) -> None:
        """Speaks of the stream of this epoch from now on."""
        self.epoch = epoch
        self._key = self._name("log" if epoch == 1 else f"log:{epoch}")

    async def append(self, payload: bytes, *, id: str = "*") -> EntryId:
        """See ``Log.append``."""
        return parse_id(await self._write("XADD", self._key, id, b"b", payload))

    async def append_all(self, entries: Sequence[tuple[str, bytes]]) -> EntryId:
        """See ``Log.append_all``. The server syncs its file once for all of them."""
        commands: list[Command] = [("XADD", self._key, id, b"b", payload) for id, payload in entries]
        return parse_id((await self._writer.call(*commands))[-1])

    async def read(self, after: Entry | None, *, count: int, block: int) -> list[Entry]:
        """See ``Log.read``."""
        start = format_id(FIRST_ID if after is None else after.id)
        waiting: Command = ("BLOCK", block) if block else ()
        commands: list[Command] = [("XREAD", "COUNT", count, *waiting, "STREAMS", self._key, start)]
        if after is not None:
            commands.append(("XRANGE", self._key, start, start))
        replies = await self._reader.call(*commands, extra=block / 1000)
        if after is not None:
            check_cursor(after, _decode(replies[1]))
        entries = _decode(replies[0][0][1]) if replies[0] else []
        if entries and self._replicas:
            await self._wait_for_replicas(start)
        return entries

    async def _wait_for_replicas(self, cursor: str) -> None:
        # WAIT speaks of what its own connection wrote, hence the cursor. It is written once: written again
        # before each WAIT, it would never be confirmed by replicas that are always a little behind.
        self.held_back = True
        try:
            key = self._name(f"cursor:{self._origin.hex()}")
            wait: Command = ("WAIT", self._replicas, self._wait_timeout)
            extra = self._wait_timeout / 1000
            replies = await self._reader.call(("SET", key, cursor, "PX", CURSOR_TTL), wait, extra=extra)
            while replies[-1] < self._replicas:
                replies = await self._reader.call(wait, extra=extra)
        finally:
            self.held_back = False

    async def first(self) -> Entry | None:
        """See ``Log.first``."""
        return next(iter(_decode(await self._write("XRANGE", self._key, "-", "+", "COUNT", 1))), None)

    async def last(self) -> Entry | None:
        """See ``Log.last``."""
        return next(iter(_decode(await self._write("XREVRANGE", self._key, "+", "-", "COUNT", 1))), None)

    async def range(self, start: EntryId, end: EntryId, *, count: int) -> list[Entry]:
        """See ``Log.range``."""
        return _decode(
            await self._write("XRANGE", self._key, format_id(start), format_id(end), "COUNT", count)
        )

    async def trim(self, below: EntryId, *, count: int) -> int:
        """See ``Log.trim``."""
        threshold = format_id(below)
        limit = max(count, TRIM_AT_LEAST)
        removed = int(await self._write("XTRIM", self._key, "MINID", "~", threshold, "LIMIT", limit))
        # What is left is less than one node.
        return removed or int(await self._write("XTRIM", self._key, "MINID", "=", threshold))

    async def remove(self, id: EntryId) -> bool:
        """See ``Log.remove``."""
        return bool(await self._write("XDEL", self._key, format_id(id)))

    async def size(self) -> tuple[int, int]:
        """See ``Log.size``."""
        entries, used = await self._writer.call(("XLEN", self._key), ("MEMORY", "USAGE", self._key))
        return int(entries), int(used or 0)

    async def publish_cursor(self, origin: bytes, id: EntryId, *, ttl: int) -> None:
        """See ``Log.publish_cursor``."""
        await self.put(f"cursor:{origin.hex()}", format_id(id).encode(), ttl=ttl)

    async def cursors(self) -> dict[bytes, EntryId]:
        """See ``Log.cursors``."""
        prefix = self._name("cursor:").encode()
        keys: set[bytes] = set()
        scan = b"0"
        while True:
            scan, found = await self._write("SCAN", scan, "MATCH", prefix + b"*", "COUNT", 1000)
            keys.update(found)
            if scan == b"0":
                break
        if not keys:
            return {}
        names = sorted(keys)
        values = await self._write("MGET", *names)
        found_values = zip(names, values, strict=True)
        return {
            bytes.fromhex(name[len(prefix) :].decode()): parse_id(value)
            for name, value in found_values
            if value
        }

    async def put(self, name: str, value: bytes, *, ttl: int = 0, if_absent: bool = False) -> bool:
        """See ``Log.put``."""
        lifetime: Command = ("PX", ttl) if ttl else ()
        condition: Command = ("NX",) if if_absent else ()
        return await self._write("SET", self._name(name), value, *lifetime, *condition) is not None

    async def get(self, name: str) -> bytes | None:
        """See ``Log.get``."""
        value: bytes | None = await self._write("GET", self._name(name))
        return value

    async def take_lease(self, name: str, owner: bytes, *, ttl: int) -> bool:
        """See ``Log.take_lease``."""
        return bool(await self._write("EVAL", _TAKE_LEASE, 1, self._name(name), owner, ttl))

    async def release_lease(self, name: str, owner: bytes) -> None:
        """See ``Log.release_lease``."""
        await self._write("EVAL", _RELEASE_LEASE, 1, self._name(name), owner)

    async def close(self) -> None:
        """See ``Log.close``."""
        await self._reader.close()
        await self._writer.close()

    def _name(self, name: str) -> str:
        return self._prefix + name

    async def _write(self, *command: Argument) -> Any:
        """The reply to one command on the connection that is not held up by a waiting read."""
        return (await self._writer.call(command))[0]


def _decode(items: list[Any]) -> list[Entry]:
    """Entries from a reply of XRANGE. Raises ``LogRefused`` for what Livelot did not write."""
    entries = []
    for id_text, fields in items:
        if len(fields) != 2 or fields[0] != b"b":
            raise LogRefused(
                f"Entry {id_text.decode()} was not written by Livelot: is the key used by others?"
            )
        entries.append(Entry(parse_id(id_text), fields[1]))
    return entries
