"""What several test files stand on: a real Valkey server on disk, and a log of each kind."""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from typing import Protocol

import pytest
import redis

from engine.embedded import EmbeddedServer
from engine.log.contract import EntryId, Log, format_id
from engine.log.memory import MemoryLog
from engine.log.redis_stream import connect


@pytest.fixture(autouse=True)
def unmeasured_where_time_counts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that a test starts count for coverage, but not under load: it would halve their pace."""
    if {"faults", "loadtests"} & set(request.path.parts):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits until a condition holds; fails if it does not in 20 s."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < deadline, "what was waited for did not happen"
            time.sleep(0.005)

    return wait


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A Valkey server for all tests; each takes a program of its own on it."""
    with EmbeddedServer(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def program() -> str:
    """A program's name that no other test uses."""
    return f"test-{secrets.token_hex(8)}"


class Logs(Protocol):
    """One program's log, to open any number of times, and what can happen to it behind its readers' backs."""

    def open(self) -> AbstractAsyncContextManager[Log]: ...

    def drop_tail(self, count: int) -> None: ...

    def replace(self, id: EntryId, payload: bytes) -> None: ...


class MemoryLogs:
    def __init__(self) -> None:
        self._log = MemoryLog()
        self.drop_tail = self._log.drop_tail
        self.replace = self._log.replace

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Log]:
        yield self._log


class ValkeyLogs:
    def __init__(self, url: str, program: str) -> None:
        self._url = url
        self._program = program

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Log]:
        log = await connect(self._url, self._program)
        try:
            yield log
        finally:
            await log.close()

    def drop_tail(self, count: int) -> None:
        self._rewrite(drop=count)

    def replace(self, id: EntryId, payload: bytes) -> None:
        self._rewrite(other={format_id(id).encode(): payload})

    def _rewrite(self, drop: int = 0, other: dict[bytes, bytes] | None = None) -> None:
        """Makes the stream anew: an ID cannot be used again, or taken back, in the same stream."""
        key = f"{{{self._program}}}:log"
        with closing(redis.Redis.from_url(self._url)) as client:
            entries = client.xrange(key)
            client.delete(key)
            for entry_id, fields in entries[: len(entries) - drop]:
                client.xadd(key, {b"b": (other or {}).get(entry_id, fields[b"b"])}, id=entry_id)


@pytest.fixture(params=["memory", "valkey"])
def logs(request: pytest.FixtureRequest, program: str) -> Logs:
    """The log of a fresh program, in memory and on a real server in turn."""
    if request.param == "memory":
        return MemoryLogs()
    return ValkeyLogs(request.getfixturevalue("valkey").url, program)
