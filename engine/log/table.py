"""A table beside the log, for what must not be in it: values that can be changed, and taken out for good.

One is on the log's server (``engine/log/server_table.py``); ``MemoryTable`` is for tests. The same tests run
against both. Values are small and never empty. Every method raises ``LogUnavailable`` while the server cannot
be reached (a change may have happened), and ``LogRefused``.
"""

from typing import Final, Protocol

from engine.log.contract import LogUnavailable

REWRITE_SECONDS: Final = 30.0
"""How long ``forget`` waits for the server's file."""


class Table(Protocol):
    """Values by field. Safe to use from several tasks of one event loop."""

    async def get(self, field: str) -> bytes | None:
        """The value."""
        ...

    async def replace(self, field: str, old: bytes | None, value: bytes) -> bool:
        """Puts ``value`` in the place of ``old`` (None: of nothing), durably; false, and nothing happens,
        where another stands there."""
        ...

    async def scan(self, cursor: int, count: int) -> tuple[int, list[tuple[str, bytes]]]:
        """About ``count`` fields with their values, and the cursor of the next ones: 0 at the end, as at the
        beginning. A field that stands in the table all the while comes at least once, perhaps twice."""
        ...

    async def forget(self) -> bool:
        """Has the server write its file anew, without what was replaced before; false where it cannot be told
        to, or has not done it within ``REWRITE_SECONDS``."""
        ...

    async def close(self) -> None:
        """Lets go of the connection."""
        ...


class MemoryTable:
    """A table in memory. ``unavailable``: nothing answers."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.unavailable = False

    async def get(self, field: str) -> bytes | None:
        """See ``Table.get``."""
        self._require_server()
        return self.values.get(field)

    async def replace(self, field: str, old: bytes | None, value: bytes) -> bool:
        """See ``Table.replace``."""
        self._require_server()
        if self.values.get(field) != old:
            return False
        self.values[field] = value
        return True

    async def scan(self, cursor: int, count: int) -> tuple[int, list[tuple[str, bytes]]]:
        """See ``Table.scan``."""
        self._require_server()
        found = [*self.values.items()][cursor : cursor + count]
        return (cursor + count if cursor + count < len(self.values) else 0), found

    async def forget(self) -> bool:
        """See ``Table.forget``: there is no file."""
        self._require_server()
        return True

    async def close(self) -> None:
        """See ``Table.close``."""

    def _require_server(self) -> None:
        if self.unavailable:
            raise LogUnavailable("The server does not answer.")
