"""What a replica, a writer and the keeper ask of a log, and how a log can fail them.

A log is an ordered sequence of entries with small named values beside it. An entry has an ID that the log's
server stamps and a payload that the log does not look into. ``memory.py`` and ``redis_stream.py`` implement
it; the same tests run against both. The errors:

    LogError
    ├─ LogUnavailable   the server was not reached, or did not answer: try again
    │  └─ LogFull       it has no memory left: nothing is added until something was taken out
    ├─ LogGap           the log is not the one that the reader has read so far: rebuild from the vault
    └─ LogRefused       trying again will not help: someone has to change something first
"""

import asyncio
import random
from collections.abc import Sequence
from typing import NamedTuple, Protocol

EntryId = tuple[int, int]
"""(milliseconds since the epoch, sequence number in that millisecond), as the server stamped it."""

FIRST_ID: EntryId = (0, 0)
"""Before every entry."""

LAST_ID: EntryId = (2**64 - 1, 2**64 - 1)
"""After every entry."""


class Entry(NamedTuple):
    """One batch of the log."""

    id: EntryId
    payload: bytes


class LogError(Exception):
    """The base of all errors of a log; its words say what to do."""


class LogUnavailable(LogError):  # noqa: N818 - the name says what is the case
    """The server was not reached or did not answer in time. An append may have happened all the same."""


class LogFull(LogUnavailable):
    """The server has no memory left. What takes something out of the log still works."""


class LogGap(LogError):  # noqa: N818
    """The entry at the reader's cursor is missing, or another stands in its place."""


class LogRefused(LogError):  # noqa: N818
    """The server refused, or is set up in a way that would lose acknowledged commands."""


class Log(Protocol):
    """One epoch of one program's log. Safe to use from several tasks of one event loop.

    Every method raises ``LogUnavailable`` while the server cannot be reached and connects anew when called
    again, and ``LogRefused`` where trying again is of no use. None retries by itself. Times to live are
    milliseconds.
    """

    epoch: int

    async def append(self, payload: bytes, *, id: str = "*") -> EntryId:
        """Adds an entry and returns its ID once the server has made it durable.

        ``id`` is ``*`` (the server's clock), ``5-*`` (that millisecond, next number) or ``5-3``; one that is
        not above the log's last raises ``LogRefused``. After ``LogUnavailable`` nobody knows whether the
        entry is in the log.
        """
        ...

    async def append_all(self, entries: Sequence[tuple[str, bytes]]) -> EntryId:
        """Adds entries, each an ID as for ``append`` and a payload, in one round trip; returns the last's ID.

        After ``LogUnavailable`` nobody knows how many of them are in the log.
        """
        ...

    async def read(self, after: Entry | None, *, count: int, block: int) -> list[Entry]:
        """At most ``count`` entries after the cursor ``after`` (``None``: from the start), oldest first.

        Waits up to ``block`` ms for one (0: not at all) and returns ``[]`` if there was none. Raises
        ``LogGap`` unless the log still holds the cursor's own entry, with equal content. Where replica
        servers are configured, what is returned has reached them. One task reads at a time.
        """
        ...

    async def first(self) -> Entry | None:
        """The oldest entry."""
        ...

    async def last(self) -> Entry | None:
        """The newest entry."""
        ...

    async def range(self, start: EntryId, end: EntryId, *, count: int) -> list[Entry]:
        """At most ``count`` entries from ``start`` to ``end``, both included, oldest first."""
        ...

    async def trim(self, below: EntryId, *, count: int) -> int:
        """Removes about ``count`` of the entries below ``below``, oldest first, and returns how many.

        0 says that none is left there.
        """
        ...

    async def remove(self, id: EntryId) -> bool:
        """Takes a single entry out; false if there is none with this ID."""
        ...

    async def size(self) -> tuple[int, int]:
        """How many entries the log holds, and about how many bytes of memory they take."""
        ...

    async def publish_cursor(self, origin: bytes, id: EntryId, *, ttl: int) -> None:
        """Tells that the reader ``origin`` needs ``id`` and what comes after it, for the next ``ttl`` ms."""
        ...

    async def cursors(self) -> dict[bytes, EntryId]:
        """The published cursors that have not expired, by origin."""
        ...

    async def put(self, name: str, value: bytes, *, ttl: int = 0, if_absent: bool = False) -> bool:
        """Keeps a small value beside the log (``ttl`` 0: for good).

        With ``if_absent`` it leaves a value that is there already alone, and returns false.
        """
        ...

    async def get(self, name: str) -> bytes | None:
        """The value that ``put`` kept."""
        ...

    async def take_lease(self, name: str, owner: bytes, *, ttl: int) -> bool:
        """Takes the lease, or renews it; true if ``owner`` holds it for the next ``ttl`` ms."""
        ...

    async def release_lease(self, name: str, owner: bytes) -> None:
        """Gives the lease back if ``owner`` holds it."""
        ...

    async def close(self) -> None:
        """Lets go of all connections."""
        ...


def format_id(id: EntryId) -> str:
    """``(5, 3)`` as ``5-3``, the way that people and servers write it."""
    return f"{id[0]}-{id[1]}"


def parse_id(text: str | bytes) -> EntryId:
    """The ID that ``format_id`` wrote. Raises ``ValueError`` for anything else."""
    milliseconds, _, sequence = (
        text.decode().partition("-") if isinstance(text, bytes) else text.partition("-")
    )
    return int(milliseconds), int(sequence)


def check_cursor(after: Entry, found: list[Entry]) -> None:
    """Raises ``LogGap`` unless ``found``, what the log holds at the ID of ``after``, is that very entry."""
    if not found:
        raise LogGap(
            f"The log no longer holds entry {format_id(after.id)}, which was read before: it was trimmed, "
            "or its newest entries were lost. Start again from the newest snapshot in the vault. If the "
            "log's own last entry is older than that snapshot, the log's server has lost data."
        )
    if found[0].payload != after.payload:
        raise LogGap(
            f"The log holds another entry at {format_id(after.id)} than was read before: it was replaced. "
            "Find out which log is the right one, then start again from the newest snapshot that fits it."
        )


def backoff_seconds(attempt: int, *, least: float = 0.02, most: float = 2.0) -> float:
    """How long to wait before attempt ``attempt``, from 0: twice as long each time, and half of it by chance.

    Chance keeps many processes that lost one server from coming back in step.
    """
    longest = min(most, least * 2.0 ** min(attempt, 30))
    return longest * random.uniform(0.5, 1.0)


async def backoff(attempt: int) -> None:
    """Waits ``backoff_seconds(attempt)``."""
    await asyncio.sleep(backoff_seconds(attempt))
