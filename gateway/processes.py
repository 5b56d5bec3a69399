"""One gateway process, one keeper process: what they are wired from, when they stop, how they end.

Both open the log, found the program if nobody has, and run a replica and a writer. SIGTERM, SIGINT, or the
end of the supervisor stop them gracefully: a gateway answers what it has taken, a keeper hands its lease on.
"""

import asyncio
import contextlib
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from secrets import token_bytes
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import structlog

from engine.draws import DrawTerms
from engine.embedded import EmbeddedServer, EmbeddedServerError
from engine.founding import found
from engine.keeper import Keeper, SnapshotPolicy
from engine.log.contract import Log, LogError, LogUnavailable, backoff
from engine.log.redis_stream import RedisStreamLog, connect
from engine.log.table import ServerTable
from engine.replica import Replica, ReplicaStopped
from engine.units import DAY
from engine.vault import Vault
from engine.writer import Writer
from gateway import app
from gateway.clock import now
from gateway.collector import spare_survivors
from gateway.directory import TABLE
from gateway.failures import judge, unwrap
from gateway.identity import Keys, KeySet, SharedSecret, Verifier, mint_token
from gateway.logs import configure_logs
from gateway.ports import take_port
from gateway.settings import LOOPBACK_HOSTS, Settings, SettingsError, read_or_make_draw_key, read_secret

KEY_SET_SECONDS: Final = 300.0
"""A key set is read again after so long, or when a token names a key that is not in it."""

KEY_SET_PAUSE: Final = 5.0
"""Strangers can name keys that do not exist: between two readings for such a token lies at least this."""

_POLL: Final = 0.2

_T = TypeVar("_T")

_log = structlog.get_logger("livelot.process")


class Core(NamedTuple):
    """What every process of a program has."""

    log: Log
    vault: Vault
    replica: Replica
    writer: Writer


class Leash:
    """The other end of a socket that the supervisor holds: it hears when this process is ready, and this
    process hears when the supervisor is gone."""

    def __init__(self, descriptor: int | None, stop: asyncio.Event) -> None:
        self._stop = stop
        self._socket = socket.socket(fileno=descriptor) if descriptor is not None else None
        if self._socket is not None:
            self._socket.setblocking(False)
            asyncio.get_running_loop().add_reader(self._socket, self._on_end)

    def report_ready(self, place: str) -> None:
        """Tells the supervisor, and where this process serves."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is gone: the reader hears of that
                self._socket.send(f"{place}\n".encode())

    def close(self) -> None:
        """Lets go."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def _on_end(self) -> None:
        # The supervisor never sends: what can be read is its end. It stays readable, so this is once only.
        self._stop.set()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)


async def run_keeper(settings: Settings, leash_descriptor: int | None = None) -> None:
    """Runs a keeper until it is told to stop. Raises what ended it (see ``gateway.failures``)."""
    configure_logs(settings.log_level, readable=is_readable(settings))
    draws = DrawTerms(read_or_make_draw_key(settings), settings.drand, settings.timestamp_url)
    stop = stop_on_signals()
    leash = Leash(leash_descriptor, stop)
    policy = SnapshotPolicy(settings.snapshot_megabytes * 1024 * 1024, settings.snapshot_minutes * 60)
    try:
        async with open_core(settings, stop) as core:
            core.vault.require_writable()
            keeper = Keeper(core.replica, core.writer, core.log, core.vault, policy=policy, draws=draws)
            duties = (core.replica.run(), core.replica.watch(), core.writer.run(), keeper.run())
            try:
                await run_until(stop, _report(core.replica, leash, settings.vault_place), *duties)
            except ReplicaStopped as error:
                core.replica.save_lost_state()
                raise judge(error, core.replica) from error
            finally:
                await _hand_on(keeper)
    except _Stopped:
        pass
    finally:
        leash.close()


async def run_gateway(settings: Settings, leash_descriptor: int | None = None) -> None:
    """Runs a gateway until it is told to stop. Raises what ended it (see ``gateway.failures``)."""
    configure_logs(settings.log_level, readable=is_readable(settings))
    keys = await _open_keys(settings)
    stop = stop_on_signals()
    leash = Leash(leash_descriptor, stop)
    try:
        with take_port(settings.host, settings.port) as listening:
            async with open_core(settings, stop) as core, open_directory(settings) as table:
                verifier = Verifier(settings.program, keys)
                place = settings.url_at(listening.getsockname()[1])
                doors = _door_settings(settings, listening, keys)
                gateway = app.Gateway(core.replica, core.writer, verifier, doors, core.vault, table)
                beside = (
                    _report(core.replica, leash, place),
                    _stop_when(stop, gateway.stop),
                    core.replica.watch(),
                )
                try:
                    await gateway.run(listening, *beside, _keep_fresh(keys))
                except ReplicaStopped as error:
                    core.replica.save_lost_state()
                    raise judge(error, core.replica) from error
    except _Stopped:
        pass
    finally:
        leash.close()


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
async def open_directory(settings: Settings) -> AsyncIterator[ServerTable]:
    """Where the directory is; the server is reached when it is needed."""
    table = ServerTable(
        settings.log_place,
        settings.program,
        TABLE,
        replicas=settings.replicas,
        trust_server=settings.trust_server,
    )
    try:
        yield table
    finally:
        await table.close()


@asynccontextmanager
async def reach_log(settings: Settings) -> AsyncIterator[RedisStreamLog]:
    """The program's log, for a command that looks at it or mends it.

    Where it is in the data folder and nobody runs its server, that server runs for as long as the command.
    Raises ``LogUnavailable``, ``LogRefused`` and ``EmbeddedServerError``.
    """
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


async def watch_server(server: EmbeddedServer, announce: Callable[[], None]) -> None:
    """Returns when we are told to stop; ``announce`` is called once that would be heard.

    Raises ``EmbeddedServerError`` when the server ends by itself.
    """
    stop = stop_on_signals()
    announce()
    while not stop.is_set():
        if server.process is None or server.process.poll() is not None:
            raise EmbeddedServerError(f"The Valkey server ended:\n{server.last_words()}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _POLL)


def stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run_until(stop: asyncio.Event, *coroutines: Coroutine[Any, Any, None]) -> None:
    """Runs all of them until ``stop`` is set or one of them fails; raises the failure."""
    tasks = [asyncio.create_task(one) for one in (*coroutines, _wait(stop))]
    waiting = tasks[-1]
    try:
        while not waiting.done():
            finished, _ = await asyncio.wait(
                [task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED
            )
            if any(task.exception() for task in finished):
                break
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise unwrap(outcome)


def is_readable(settings: Settings) -> bool:
    """Whether log lines are for people: asked for, or seen on a terminal."""
    if settings.log_format == "auto":
        return sys.stderr.isatty()
    return settings.log_format == "text"


class _Stopped(Exception):  # noqa: N818
    """Told to stop before there was anything to stop."""


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
            raise _Stopped
        await backoff(attempt)
        attempt += 1


async def _open_keys(settings: Settings) -> Keys:
    if not settings.key_set:
        return SharedSecret(read_secret(settings))
    keys = KeySet(settings.key_set)
    try:
        await keys.refresh()
    except ValueError as error:
        raise SettingsError(str(error)) from error
    return keys


async def _keep_fresh(keys: Keys) -> None:
    """Reads a key set again now and then, and when a token names a key that it does not hold."""
    while isinstance(keys, KeySet):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(keys.wanted.wait(), KEY_SET_SECONDS)
        try:
            await keys.refresh()
        except ValueError as error:
            _log.error("key set not read", reason=str(error))
        await asyncio.sleep(KEY_SET_PAUSE)
    await asyncio.Event().wait()


def _door_settings(settings: Settings, listening: socket.socket, keys: Keys) -> app.Settings:
    port = listening.getsockname()[1]
    own = {
        msgspec.structs.replace(settings, host=host).url_at(port) for host in (settings.host, *LOOPBACK_HOSTS)
    }
    tls = (settings.tls_certificate, settings.tls_key) if settings.tls_certificate else None
    if tls is not None:
        _check_tls(*tls)

    def mint(subject: str, role: str) -> str:
        return mint_token(
            settings.program,
            subject,
            role,
            key=keys.find(""),
            expires_at=now() + DAY,
            algorithm=keys.algorithms[0],
        )

    return app.Settings(origins=(*own, *settings.origins), tls=tls, mint=mint if settings.demo else None)


def _check_tls(certificate: str, key: str) -> None:
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError as error:
        raise SettingsError(
            f"The certificate {certificate} and the key {key} cannot be used: {error.strerror or error}."
        ) from error


async def _report(replica: Replica, leash: Leash, place: str) -> None:
    """Tells the supervisor once the replica has caught up, and the collector leaves its state alone."""
    await replica.reached.wait()
    spare_survivors()
    leash.report_ready(place)
    await asyncio.Event().wait()


async def _stop_when(stop: asyncio.Event, action: Callable[[], None]) -> None:
    await stop.wait()
    action()
    await asyncio.Event().wait()


async def _hand_on(keeper: Keeper) -> None:
    try:
        await keeper.close()
    except LogError as error:
        _log.info("lease not handed on", reason=str(error))


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
