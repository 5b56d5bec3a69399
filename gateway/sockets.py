"""Sockets: a session's messages and frames, between uvicorn's WebSocket protocol and the network.

uvicorn's sans-I/O protocol does the handshake, control frames, fragments, pings and whatever breaks the
protocol. Once a route has attached a session, whole data frames, which is nearly all there is, take a short
way past its queue and task: out of the read buffer, unmasked, into the session; one that has much to say
takes turns with the others. Replies of one turn of the event loop leave in one write. The hub writes its
frames, encoded once for everybody, straight to the transport; where replies wait, they go behind them.

Flow control: while a session has too many calls in flight, or its network takes nothing, its frames are left
unread, so that the client's own sending comes to a stop. Nothing here grows without a limit.

What is used of uvicorn's inside: ``conn`` (the websockets ``ServerProtocol``), ``close_sent``, ``transport``,
``loop``, ``data_received``, ``eof_received``, ``handle_close``, ``handle_parser_exception``,
``keepalive_timeout``, ``send_receive_event_to_app``, ``shutdown``, ``handshake_initiated``,
``handshake_complete``, ``scope`` and the asyncio callbacks. ``tests/gateway/test_sockets.py`` guards it.
"""

import asyncio
import time
from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import SecurityError
from websockets.frames import Frame, apply_mask  # type: ignore[attr-defined]
from websockets.http11 import Request
from websockets.protocol import OPEN

from engine.errors import Rejected
from engine.units import SECOND
from gateway import problems
from gateway.clock import now
from gateway.identity import Caller
from gateway.lobby import Lobby
from gateway.session import Session
from gateway.topics import Listener
from gateway.wire import PROTOCOL_ABUSE, TOO_SLOW, UNSUPPORTED_DATA, Close, Encoding

EXTENSION: Final = "livelot.connection"
"""Under this name the ASGI scope's extensions hold the connection, for the route that accepts it."""

SLICE_SECONDS: Final = 0.005
"""How long one socket's frames are worked on before others get their turn."""

_FINAL: Final = 0x80
_MASKED: Final = 0x80
_LENGTH: Final = 0x7F
_OPCODE: Final = 0x0F
_TEXT: Final = 0x1
_CLOSE: Final = 0x8


class Turn:
    """The connections that have something to send at the end of this turn of the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[Connection] = []

    def add(self, connection: "Connection") -> None:
        """``connection`` flushes when this turn ends. Call it once a turn."""
        if not self._waiting:
            self._loop.call_soon(self._end)
        self._waiting.append(connection)

    def _end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for connection in waiting:
            connection.flush()


class Connection(WebSocketsSansIOProtocol):
    """A client's socket."""

    encoding: Encoding

    def __init__(self, *positional: Any, **named: Any) -> None:
        super().__init__(*positional, **named)
        self.gone = asyncio.Event()
        self._session: Session | None = None
        self._listener: Listener
        self._lobby: Lobby
        self._turn: Turn
        self._woken = False
        self._unread = b""
        self._fragmented = False
        self._deaf = False
        self._write_paused = False
        self._held = False
        self._yielded = False
        self._timer: asyncio.TimerHandle | None = None
        self._armed_for = 0

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    def attach(self, lobby: Lobby, turn: Turn, encoding: Encoding, caller: Caller | None) -> None:
        """Starts the session, as soon as the handshake was accepted."""
        self.encoding = encoding
        self._lobby = lobby
        self._turn = turn
        self._listener = Listener(self.transport, encoding, self.write)
        self._session = Session(lobby, self._listener, self._wake, now(), caller)
        self.transport.set_write_buffer_limits(high=lobby.limits.soft_backlog)
        lobby.metrics.connections["socket"] += 1
        self._arm(self._session)
        self._read(self._session)

    def deny(self) -> None:
        """The handshake was answered with a refusal; uvicorn would log it as an error of ours."""
        self.handshake_complete = True

    def close(self, close: Close) -> None:
        """Ends the session, from outside."""
        if self._session is not None:
            self._session.close(close)

    def write(self, frame: bytes) -> None:
        """See ``Listener``."""
        session = self._session
        if session is None or session.closing is not None:
            return
        if session.outgoing:
            session.outgoing.append(frame)
        else:
            self.transport.write(frame)

    # From the network

    def data_received(self, data: bytes) -> None:
        session = self._session
        if self._deaf:
            return
        if session is not None:
            self._unread = self._unread + data if self._unread else data
            self._read(session)
        elif not self.handshake_initiated:
            super().data_received(data)
            if not self.handshake_initiated:
                self._refuse()
        elif len(self._unread) + len(data) <= self.config.ws_max_size:
            self._unread += data
        else:
            self.transport.abort()

    def _refuse(self) -> None:
        """Ends a handshake that cannot be read. It came whole: uvicorn would wait for the rest for ever."""
        if isinstance(self.conn.handshake_exc, SecurityError):
            rejected = Rejected("headers_too_large", "A handshake may have 128 headers of 8 KB each.")
        else:
            rejected = Rejected("malformed", "This is not a WebSocket's handshake.")
        self._end_with(problems.raw(rejected))

    def _read(self, session: Session) -> None:
        """Takes whole frames from what is unread, until the session has enough of them, or others wait."""
        if self._yielded:
            return
        data = self._unread
        size = len(data)
        start = 0
        at = now()
        until = time.monotonic() + SLICE_SECONDS
        short_way = _FINAL | self.encoding.opcode
        while session.closing is not None or not (session.congested or self._write_paused):
            body, end = _measure(data, start)
            if not end:
                break
            if end - body > self.config.ws_max_size:
                super().data_received(data[start:])
                return
            if end > size:
                break
            head = data[start]
            if head == short_way and not self._fragmented and data[start + 1] & _MASKED:
                session.receive(apply_mask(data[body:end], data[body - 4 : body]), at)
            else:
                self._read_slowly(session, head, data[start:end], at)
                if self._deaf:
                    return
            start = end
            if time.monotonic() > until:
                self._yielded = True
                self.loop.call_soon(self._read_on, session)
                break
        self._unread = data[start:]
        self._hold(session)

    def _read_on(self, session: Session) -> None:
        """After others had their turn."""
        self._yielded = False
        if not (self._deaf or self.gone.is_set()):
            self._read(session)

    def _read_slowly(self, session: Session, head: int, frame: bytes, at: int) -> None:
        """Everything but a whole data frame: uvicorn's way."""
        opcode = head & _OPCODE
        if opcode < _CLOSE:
            self._fragmented = not head & _FINAL
        session.take_control_frame(at)
        super().data_received(frame)

    def send_receive_event_to_app(self) -> None:
        """A message came in the slow way: fragmented, or of the other kind."""
        payload = b"".join(self.frames)
        self.frames = []
        if self._session is None:
            return
        if (self.curr_msg_data_type == "text") != (self.encoding.opcode == _TEXT):
            self._session.close(UNSUPPORTED_DATA)
        else:
            self._session.receive(payload, now())

    def handle_parser_exception(self) -> None:
        """The client broke the protocol, or its frame is too large: 1002, 1007 or 1009, and nothing else is
        heard.

        Only our half of the connection is closed at once: with data of the client's unread, the whole would
        be reset, and the client would not learn why.
        """
        self._unread = b""
        if self._session is not None:
            self._lose(self._session)
            self._hold(self._session)
        self._end_with(b"".join(self.conn.data_to_send()))

    def _end_with(self, last: bytes) -> None:
        """Sends the last bytes, and hears nothing more."""
        self._deaf = True
        self.close_sent = True
        self.transport.write(last)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._abort_soon()
        else:
            self.transport.close()

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._abort_soon()

    def eof_received(self) -> None:
        self._abort_soon()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._write_paused = True
        if self._session is not None:
            self._hold(self._session)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._write_paused = False
        if self._session is not None:
            self._lobby.hub.caught_up(self._listener)
            self._read(self._session)

    def keepalive_timeout(self) -> None:
        """No pong came. It may lie behind calls that were not read yet; otherwise the client is gone or
        stuck."""
        self.pong_timer = None
        self.pending_ping_payload = None
        if self._session is None or self._session.congested:
            self.schedule_ping()
        else:
            self._session.close(TOO_SLOW)

    def shutdown(self) -> None:
        if self._session is None:
            super().shutdown()
        else:
            self._session.drain()

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        if self._timer is not None:
            self._timer.cancel()
        if self._session is not None:
            self._lose(self._session)
            self._lobby.metrics.connections["socket"] -= 1
            self._listener.write = self.transport.write
        super().connection_lost(exc)
        # Nothing points in a circle any more: all of it is freed at once, not by the collector.
        self._session = None
        if self.handshake_initiated:
            self.scope["extensions"].pop(EXTENSION, None)
        self.conn.parser.close()

    # To the network

    def flush(self) -> None:
        """Sends what the session has for the client, and looks at what else has become of it."""
        self._woken = False
        session = self._session
        if session is None or self.transport.is_closing():
            return
        outgoing = session.outgoing
        if outgoing and not self.close_sent:
            self.transport.write(outgoing[0] if len(outgoing) == 1 else b"".join(outgoing))
            outgoing.clear()
            if self.transport.get_write_buffer_size() > self._lobby.limits.hard_backlog:
                self.transport.abort()
                return
        if session.closing is not None:
            self._say_goodbye(session.closing)
        else:
            self._listener.direct = not outgoing
            if session.due_at != self._armed_for:
                self._arm(session)
        if self._held and not self._deaf:
            self._read(session)

    def _lose(self, session: Session) -> None:
        session.lose()
        self._listener.direct = False

    def _wake(self) -> None:
        self._listener.direct = False
        if not self._woken:
            self._woken = True
            self._turn.add(self)

    def _say_goodbye(self, close: Close) -> None:
        if self.close_sent or self.conn.state is not OPEN:
            return
        self.close_sent = True
        self.conn.send_close(close.code, close.words)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self._abort_soon()
        if close is PROTOCOL_ABUSE:
            self._stop_listening()

    def _stop_listening(self) -> None:
        """Whoever floods goes on with it: reading that until the end would be work for nothing."""
        self._deaf = True
        self._unread = b""
        if not self._held:
            self._held = True
            self.transport.pause_reading()

    def _abort_soon(self) -> None:
        """The client gets a while to take what is unsent; a transport that is only closed waits for ever."""
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(self._close_seconds(), self.transport.abort)

    def _close_seconds(self) -> float:
        return self._lobby.limits.close_seconds if self._session is not None else self.close_timeout

    def _hold(self, session: Session) -> None:
        """Stops reading from the network, or goes on, as the session and its client can take it."""
        full = session.closing is None and (session.congested or self._write_paused)
        hold = full or self._yielded
        if hold == self._held or self._deaf or self.transport.is_closing():
            return
        self._held = hold
        if hold:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _arm(self, session: Session) -> None:
        """Sets the alarm for when the session's time is over."""
        if self._timer is not None:
            self._timer.cancel()
        self._armed_for = session.due_at
        self._timer = self.loop.call_later(max(0, session.due_at - now()) / SECOND, self._tick, session)

    def _tick(self, session: Session) -> None:
        session.tick(now())
        if session.closing is None:
            self._arm(session)


def _measure(data: bytes, start: int) -> tuple[int, int]:
    """Where the payload of the frame at ``start`` begins and ends; (0, 0) until its header is there (RFC 6455
    §5.2)."""
    body = start + 2
    size = len(data)
    if size < body:
        return 0, 0
    second = data[start + 1]
    length = second & _LENGTH
    if length == 126:
        body += 2
        if size < body:
            return 0, 0
        length = data[body - 2] << 8 | data[body - 1]
    elif length == 127:
        body += 8
        if size < body:
            return 0, 0
        length = int.from_bytes(data[body - 8 : body], "big")
    if second & _MASKED:
        body += 4
    return body, body + length
