"""Wiring: a replica and a writer get their doors.

``Gateway`` builds the ASGI application and the server; ``run`` serves until it is told to stop, or until the
replica cannot go on: then every socket is closed with a code that says to come back, and the process should
end and be started afresh.
"""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.log.table import Table
from engine.machine import Applied
from engine.replica import Replica
from engine.vault import Vault
from engine.writer import Writer
from gateway import problems
from gateway.clock import now
from gateway.connections import Config, HttpConnection
from gateway.demo.tokens import Mint, demo_route
from gateway.desk import Desk
from gateway.directory import Directory
from gateway.evidence import evidence_route
from gateway.handshake import socket_route
from gateway.http import KEY_HEADER, NOT_AFTER_HEADER, POSITION_HEADER, operation_routes
from gateway.hub import Hub
from gateway.identity import Verifier
from gateway.limits import Limits
from gateway.lobby import Lobby
from gateway.metrics import Metrics
from gateway.operations import OPERATIONS
from gateway.pages import page_routes
from gateway.pulse import Meter, feel_pulse
from gateway.sockets import Connection, Turn
from gateway.wire import REBUILDING

SECURITY_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator chooses.

    ``origins``: the pages, as ``scheme://host:port``, whose scripts may use this gateway. ``tls``:
    certificate and key files. ``mint`` makes tokens for the demo's members and staff, and is there with
    ``--demo`` alone.
    """

    origins: tuple[str, ...] = ()
    limits: Limits = Limits()
    tls: tuple[str, str] | None = None
    mint: Mint | None = None


class Gateway:
    """One process's doors. Build it in the event loop that it will serve from. ``vault`` is where the
    evidence of draws comes from, ``table`` where its directory is."""

    def __init__(
        self,
        replica: Replica,
        writer: Writer,
        verifier: Verifier,
        settings: Settings,
        vault: Vault | None = None,
        table: Table | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self.replica = replica
        self.writer = writer
        self.settings = settings
        self._vault = vault
        self.metrics = Metrics()
        connections = self.metrics.connections
        self.hub = Hub(replica, settings.limits, loop, count_sockets=lambda: connections["socket"])
        replica.listeners.append(self.hub.minutes.take)
        directory = Directory(table, now) if table is not None else None
        self.desk = Desk(replica, writer, settings.limits, directory)
        self.lobby = Lobby(self.desk, self.hub, verifier, self.metrics)
        self.application = self._build_application(Turn(loop))
        self.server = Server(self._build_config(), self.desk)
        replica.listeners += [self.hub.take, self._count]
        writer.listeners.append(self.metrics.count_append)

    async def run(self, listening: socket.socket, *beside: Coroutine[Any, Any, None]) -> None:
        """Serves on ``listening``, runs replica and writer, feels their pulse, and runs whatever stands
        ``beside`` them.

        Returns after a signal or ``stop``, when all that was taken has been answered. Raises what ended
        replica or writer (``ReplicaStopped``, ``LogRefused``).
        """
        serving = asyncio.create_task(self.server.serve([listening]))
        meter = Meter()
        own = (self.replica.run(), self.writer.run(), feel_pulse(self.metrics.count_pause, meter))
        running = [asyncio.create_task(one) for one in (*own, *beside)]
        try:
            await asyncio.wait([serving, *running], return_when=asyncio.FIRST_COMPLETED)
            if not serving.done():
                self.send_away()
            self.server.should_exit = True
            await serving
        finally:
            for task in (serving, *running):
                task.cancel()
            outcomes = await asyncio.gather(serving, *running, return_exceptions=True)
            meter.close()
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    def stop(self) -> None:
        """Asks ``run`` to end, gracefully."""
        self.server.should_exit = True

    def send_away(self) -> None:
        """The state cannot be trusted any more: nobody is served from it, or waits for it."""
        self.desk.give_up()
        for connection in self.server.server_state.connections:
            if isinstance(connection, Connection):
                connection.close(REBUILDING)

    def _count(self, applied: Applied) -> None:
        """Counts a batch of our own."""
        if applied.origin == self.writer.origin and applied.outcomes:
            self.metrics.count_batch(len(applied.outcomes))

    def _build_application(self, turn: Turn) -> Starlette:
        origins = self.settings.origins
        routes = [
            socket_route(self.lobby, turn, origins),
            *operation_routes(self.lobby),
            evidence_route(self.lobby, self._vault),
        ]
        if self.settings.mint is not None:
            routes.append(demo_route(self.desk, self.settings.mint, origins))
        application = Starlette(
            routes=[*page_routes(self.lobby), *routes],
            middleware=[
                Middleware(
                    CORSMiddleware,
                    allow_origins=origins,
                    allow_methods=sorted({operation.method for operation in OPERATIONS}),
                    allow_headers=("Authorization", KEY_HEADER, NOT_AFTER_HEADER, POSITION_HEADER),
                    expose_headers=(POSITION_HEADER, "Retry-After", "ETag", "Content-Disposition"),
                )
            ],
            exception_handlers={
                HTTPException: problems.take_http_exception,
                Exception: problems.take_exception,
            },
        )
        application.router.redirect_slashes = False
        return application

    def _build_config(self) -> Config:
        limits = self.settings.limits
        certificate, key = self.settings.tls or (None, None)
        return Config(
            _forget_unless_told(self.application),
            limits=limits,
            metrics=self.metrics,
            http=HttpConnection,
            ws=Connection,
            loop="uvloop",
            lifespan="off",
            ws_max_size=limits.frame,
            ws_per_message_deflate=False,
            ws_ping_interval=limits.ping_seconds,
            ws_ping_timeout=limits.ping_seconds,
            timeout_keep_alive=limits.keep_alive_seconds,
            timeout_graceful_shutdown=limits.drain_seconds,
            headers=list(SECURITY_HEADERS),
            server_header=False,
            proxy_headers=False,
            access_log=False,
            log_config=None,
            log_level="warning",
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )


class Server(uvicorn.Server):
    """uvicorn's server; the desk takes nothing more once it begins to shut down."""

    def __init__(self, config: Config, desk: Desk) -> None:
        super().__init__(config)
        self._desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._desk.draining = True
        await super().shutdown(sockets)


def _forget_unless_told(application: ASGIApp) -> ASGIApp:
    """Nothing that is answered is kept by a cache, unless the answer itself says how."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        await application(scope, receive, send_on)

    return answer
