"""A table on the log's server: a hash ``{program}:<name>``, with a connection of its own, so that nobody who
appends or reads waits for it."""

import asyncio
from typing import Final

from engine.log.contract import LogRefused, LogUnavailable
from engine.log.redis_connection import ServerConnection, parse_address
from engine.log.table import REWRITE_SECONDS

_POLL_SECONDS: Final = 0.05

_REPLACE: Final = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""


class ServerTable:
    """A table on the log's server. With ``replicas``, a change counts once that many replica servers have it
    (``wait_timeout`` ms)."""

    def __init__(
        self,
        url: str,
        program: str,
        name: str,
        *,
        replicas: int = 0,
        wait_timeout: int = 1_000,
        reply_timeout: int = 5_000,
        trust_server: bool = False,
    ) -> None:
        self._key = f"{{{program}}}:{name}"
        self._replicas = replicas
        self._wait_timeout = wait_timeout
        self._connection = ServerConnection(
            parse_address(url), self._key, timeout=reply_timeout / 1000, trust_server=trust_server
        )
        self._rewriting = asyncio.Lock()
        self._begun = self._done = 0

    async def get(self, field: str) -> bytes | None:
        """See ``Table.get``."""
        value: bytes | None = (await self._connection.call(("HGET", self._key, field)))[0]
        return value

    async def replace(self, field: str, old: bytes | None, value: bytes) -> bool:
        """See ``Table.replace``."""
        change = ("EVAL", _REPLACE, 1, self._key, field, old or b"", value)
        if not self._replicas:
            return bool((await self._connection.call(change))[0])
        wait = ("WAIT", self._replicas, self._wait_timeout)
        done, confirmed = await self._connection.call(change, wait, extra=self._wait_timeout / 1000)
        if done and confirmed < self._replicas:
            raise LogUnavailable(f"{confirmed} of {self._replicas} replica servers confirmed a change.")
        return bool(done)

    async def scan(self, cursor: int, count: int) -> tuple[int, list[tuple[str, bytes]]]:
        """See ``Table.scan``."""
        scanned = await self._connection.call(("HSCAN", self._key, cursor, "COUNT", count))
        following, parts = scanned[0]
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return int(following), [(field.decode(), value) for field, value in pairs]

    async def forget(self) -> bool:
        """See ``Table.forget``. Those who ask while the file is being written share the next time."""
        wanted = self._begun
        try:
            async with asyncio.timeout(REWRITE_SECONDS), self._rewriting:
                # One that had begun when we asked may hold what was replaced; a later one does not.
                if self._done <= wanted:
                    self._begun += 1
                    begun = self._begun
                    if not await self._rewrite():
                        return False
                    self._done = begun
        except (TimeoutError, LogRefused):
            return False
        return True

    async def close(self) -> None:
        """See ``Table.close``."""
        await self._connection.close()

    async def _rewrite(self) -> bool:
        """Whether the file was written anew, from now on."""
        while True:
            try:
                await self._connection.call(("BGREWRITEAOF",))
                break
            except LogRefused as refused:
                # One that began earlier is under way, for the server's own reasons.
                if "in progress" not in str(refused):
                    raise
            await asyncio.sleep(_POLL_SECONDS)
        while True:
            state = await self._persistence()
            if state["aof_rewrite_in_progress"] == state["aof_rewrite_scheduled"] == "0":
                return state["aof_last_bgrewrite_status"] == "ok"
            await asyncio.sleep(_POLL_SECONDS)

    async def _persistence(self) -> dict[str, str]:
        reply: bytes = (await self._connection.call(("INFO", "persistence")))[0]
        lines = (line.partition(":") for line in reply.decode().splitlines())
        return {name: value for name, _, value in lines}
