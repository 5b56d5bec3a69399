"""What the processes of a program have in common, opened: its log, its vault, a replica and a writer.

Whoever comes first founds the program. A command that looks at a program, or mends it, opens the log alone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from secrets import token_bytes
from typing import Any, NamedTuple, TypeVar

import structlog

from engine.embedded import EmbeddedServer
from engine.founding import found
from engine.log.contract import Log, LogGap, LogUnavailable, backoff
from engine.log.redis_stream import RedisStreamLog, connect
from engine.replica import Replica, ReplicaStopped
from engine.vault import Vault
from engine.writer import Writer
from gateway.collector import spare_survivors
from gateway.failures import RebuildNeeded
from gateway.logs import configure_logs
from gateway.processes import Leash
from gateway.settings import Settings

_T = TypeVar("_T")

_log = structlog.get_logger("livelot.process")


class Core(NamedTuple):
    """What every process of a program has."""

    log: Log
    vault: Vault
    replica: Replica
    writer: Writer


class Stopped(Exception):  # noqa: N818
    """Told to stop before there was anything to stop."""


@asynccontextmanager
async def open_core(settings: Settings, stop: asyncio.Event) -> AsyncIterator[Core]:
    """Opens the log and the vault, and founds the program if that has not happened.

    Raises ``LogUnavailable`` where the server was not reached within ``settings.wait`` seconds,
    ``LogRefused``, ``VaultError`` and ``FoundingError``.
    """
    origin = token_bytes(16)
    vault = Vault(settings.vault_place)
    log = await _with_patience(lambda: open_log(settings, origin), settings.wait, stop)
    try:
        await _with_patience(lambda: found(log, settings.program, vault), settings.wait, stop)
        replica = Replica(log, vault, origin=origin)
        yield Core(log, vault, replica, Writer(log, replica))
    finally:
        await log.close()


async def open_log(settings: Settings, origin: bytes = b"reader") -> RedisStreamLog:
    """The program's log. Raises ``LogUnavailable`` and ``LogRefused``."""
    return await connect(
        settings.log_place,
        settings.program,
        replicas=settings.replicas,
        origin=origin,
        trust_server=settings.trust_server,
    )


@asynccontextmanager
async def reach_log(settings: Settings) -> AsyncIterator[RedisStreamLog]:
    """The program's log, for a command that looks at it or mends it, and says itself what is to be said.

    Where it is in the data folder and nobody runs its server, that server runs for as long as the command.
    Raises ``LogUnavailable``, ``LogRefused`` and ``EmbeddedServerError``.
    """
    configure_logs("critical", readable=True)
    with contextlib.ExitStack() as stack:
        try:
            log = await open_log(settings)
        except LogUnavailable:
            if settings.log_url or not settings.server_folder.exists():
                raise
            stack.enter_context(EmbeddedServer(settings.server_folder))
            log = await open_log(settings)
        try:
            yield log
        finally:
            await log.close()


async def report(replica: Replica, leash: Leash, place: str) -> None:
    """Tells the supervisor once the replica has caught up, and the collector leaves its state alone."""
    await replica.reached.wait()
    spare_survivors()
    leash.report_ready(place)
    await asyncio.Event().wait()


def judge(error: ReplicaStopped, replica: Replica) -> Exception:
    """``RebuildNeeded`` where a fresh start of the process helps by itself, else ``error``.

    It helps where the log was trimmed beyond what was read, and at an epoch's end. It does not where the log
    lost something, where an entry cannot be applied, where the snapshot and the log do not fit, or where two
    replicas differ: there a start now and then does no harm, but a person has to look.
    """
    if replica.lost:
        return error
    if isinstance(error.__cause__, LogGap) or (replica.cursor is not None and replica.program.ended):
        return RebuildNeeded(str(error))
    return error


async def _with_patience(
    action: Callable[[], Coroutine[Any, Any, _T]], seconds: float, stop: asyncio.Event
) -> _T:
    """What ``action`` returns; ``LogUnavailable`` is raised only after so long."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    attempt = 0
    while True:
        try:
            return await action()
        except LogUnavailable as error:
            if loop.time() >= deadline:
                raise
            if not attempt:
                _log.info("waiting for the log's server", reason=str(error))
        if stop.is_set():
            raise Stopped
        await backoff(attempt)
        attempt += 1
