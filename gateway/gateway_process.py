"""One gateway as a process: what it is wired from, when it stops, how it ends."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog

from engine.log.server_table import ServerTable
from engine.replica import ReplicaStopped
from engine.units import DAY
from gateway import app
from gateway.clock import now
from gateway.core import Stopped, judge, open_core, report
from gateway.directory import TABLE
from gateway.identity import Keys, KeySet, SharedSecret, Verifier, mint_token
from gateway.key_files import read_secret
from gateway.logs import configure_logs, is_readable
from gateway.ports import take_port
from gateway.processes import Leash, stop_on_signals
from gateway.settings import LOOPBACK_HOSTS, Settings, SettingsError

KEY_SET_SECONDS: Final = 300.0
"""A key set is read again after so long, or when a token names a key that is not in it."""

KEY_SET_PAUSE: Final = 5.0
"""Strangers can name keys that do not exist: between two readings for such a token lies at least this."""

_log = structlog.get_logger("livelot.process")


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
                    report(core.replica, leash, place),
                    _stop_when(stop, gateway.stop),
                    core.replica.watch(),
                )
                try:
                    await gateway.run(listening, *beside, _keep_fresh(keys))
                except ReplicaStopped as error:
                    core.replica.save_lost_state()
                    raise judge(error, core.replica) from error
    except Stopped:
        pass
    finally:
        leash.close()


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


async def _stop_when(stop: asyncio.Event, action: Callable[[], None]) -> None:
    await stop.wait()
    action()
    await asyncio.Event().wait()
