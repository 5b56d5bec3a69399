"""HTTP connections: uvicorn's protocol, with the limits that it lacks.

A request must be read within a deadline, counted from the connection's or the request's first moment (a
client that sends one byte a second would otherwise be a guest for ever); a client that does not take its
response is cut off after as long; headers have a size; connections have a number; of what is sent ahead of
its answers little is read. What breaks HTTP itself gets a problem object too.
"""

import asyncio
from collections.abc import Sized
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from engine.errors import Rejected
from gateway import problems
from gateway.limits import Limits
from gateway.metrics import Metrics

_LINGER: Final = 1.0
"""How long a connection that was refused may take to read why, in seconds."""


class Config(uvicorn.Config):
    """uvicorn's configuration, with what our protocols need beside it."""

    def __init__(self, *positional: Any, limits: Limits, metrics: Metrics, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.limits = limits
        self.metrics = metrics


class PatientFlow(FlowControl):
    """Reads on once the requests that are ``waiting`` for their turn have had it. uvicorn's own reads on
    whenever any request asks for its body, and keeps whatever comes."""

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """See ``FlowControl``."""
        if not self._waiting:
            super().resume_reading()


class HttpConnection(HttpToolsProtocol):
    """One HTTP/1.1 connection, until it becomes a socket."""

    config: Config

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = False
        self._refused = False
        self._cut_off = False
        self._counted = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = PatientFlow(transport, self.pipeline)
        self._count(1)
        if len(self.connections) > self.config.limits.connections:
            self.config.metrics.connections_refused += 1
            self._refuse(
                Rejected("too_many_connections", "This gateway has no room for another connection now.")
            )
        else:
            self._start_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._count(-1)
        self._stop_reading()
        self._stop_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.config.limits.headers:
                limit = self.config.limits.headers
                self._refuse(Rejected("headers_too_large", f"Headers may have at most {limit} bytes."))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0
        if self._reading is None:
            self._start_reading()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.pipeline) >= self.config.limits.pipelined:
            self._cut_off = True
            self.transport.abort()
        if not self._cut_off:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._cut_off:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._cut_off:
            super().on_message_complete()
        self._stop_reading()

    def handle_websocket_upgrade(self) -> None:
        self._stop_reading()
        self._count(-1)
        super().handle_websocket_upgrade()
        # It points back here: only the collector would find the two.
        self.parser = None  # type: ignore[assignment]

    def send_400_response(self, msg: str) -> None:
        self._refuse(Rejected("malformed", "This is not an HTTP/1.1 request."))

    def eof_received(self) -> None:
        self._end_soon()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._end_soon()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._end_soon()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_writing()

    def _end_soon(self) -> None:
        """Unless what is unsent is taken. A transport that is only closed would wait for that for ever."""
        self._stop_writing()
        self._writing = self.loop.call_later(self.config.limits.request_seconds, self.transport.abort)

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def _start_reading(self) -> None:
        self._reading = self.loop.call_later(self.config.limits.request_seconds, self._give_up_reading)

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _give_up_reading(self) -> None:
        if self.flow.read_paused:  # it is we who do not read
            self._start_reading()
        else:
            self.transport.abort()

    def _refuse(self, rejected: Rejected) -> None:
        """Answers without a request. Only our half closes at once, or a reset would overtake the answer."""
        self._refused = True
        self._stop_reading()
        self.transport.write(problems.raw(rejected))
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._reading = self.loop.call_later(_LINGER, self.transport.abort)
        else:
            self.transport.close()

    def _count(self, change: int) -> None:
        if self._counted != (change > 0):
            self._counted = change > 0
            self.config.metrics.connections["http"] += change
