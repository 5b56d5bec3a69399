"""Sockets over the network: frames of every kind, flow control, and clients that are slow, rude, huge or half
gone.

The first test guards what ``gateway/sockets.py`` uses of uvicorn's and websockets' inside: should an upgrade
change it, that test says so before the others fail in ways that are hard to read.
"""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import OPEN, Protocol
from websockets.server import ServerProtocol

from engine.commands import CreditPoints
from engine.replica import ReplicaStopped
from gateway.sockets import Connection
from gateway.wire import TOO_SLOW
from tests.gateway.harness import (
    ASK,
    BINARY,
    CONT,
    PING,
    PONG,
    TEXT,
    Eventually,
    OpenWorld,
    Run,
    World,
    connections,
    raw_socket,
)

LIMIT = 64 * 1024


def test_what_is_used_of_uvicorns_inside() -> None:
    assert uvicorn.__version__ == "0.54.0"
    for name in (
        "connection_made",
        "connection_lost",
        "data_received",
        "eof_received",
        "handle_close",
        "handle_connect",
        "handle_parser_exception",
        "keepalive_timeout",
        "pause_writing",
        "resume_writing",
        "schedule_ping",
        "send_receive_event_to_app",
        "shutdown",
    ):
        assert inspect.isfunction(getattr(WebSocketsSansIOProtocol, name)), name
        own = getattr(Connection, name)
        assert list(inspect.signature(own).parameters) == list(
            inspect.signature(getattr(WebSocketsSansIOProtocol, name)).parameters
        )
    source = inspect.getsource(WebSocketsSansIOProtocol)
    for name in (
        "self.close_sent",
        "self.close_timer",
        "self.curr_msg_data_type",
        "self.frames",
        "self.handshake_initiated",
        "if not self.handshake_complete:\n                self.logger.error(",
        "self.pending_ping_payload",
        "self.pong_timer",
        "self.scope",
        "self.config.ws_max_size",
        "if self.close_timer is None:\n            self.transport.close()",
    ):
        assert name in source, name
    conn = ServerProtocol()
    assert conn.state is not OPEN
    for method in ("receive_data", "data_to_send", "send_close"):
        assert inspect.isfunction(getattr(Protocol, method))


def test_frames_in_every_cut(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, raw_socket(here) as raw:
            whole = Frame(TEXT, ASK).serialize(mask=True)
            for byte in whole:
                await raw.send(bytes((byte,)))
                await asyncio.sleep(0)
            assert (await raw.message())["id"] == 7
            await raw.send(whole * 40 + whole[:10])
            for _ in range(40):
                assert "result" in await raw.message()
            await raw.send(whole[10:])
            assert "result" in await raw.message()
            # A message in three fragments, with a ping in between and a long one after it.
            await raw.send(
                Frame(TEXT, ASK[:5], fin=False),
                Frame(PING, b"now"),
                Frame(CONT, ASK[5:9], fin=False),
                Frame(CONT, ASK[9:]),
                Frame(TEXT, ASK + b" " * 300),
                Frame(TEXT, ASK + b" " * (LIMIT - len(ASK))),
            )
            assert await raw.frame() == (PONG, b"now")
            for _ in range(3):
                assert "result" in await raw.message()

    run(body())


@pytest.mark.parametrize("subprotocol", ["livelot.v1", "livelot.v1.msgpack"])
def test_what_breaks_the_protocol_ends_that_socket_alone(
    run: Run, world: OpenWorld, subprotocol: str
) -> None:
    other, own = (BINARY, TEXT) if subprotocol == "livelot.v1" else (TEXT, BINARY)
    cases: list[tuple[int, list[Frame | bytes]]] = [
        (1003, [Frame(other, ASK)]),
        (1003, [Frame(other, ASK[:5], fin=False), Frame(CONT, ASK[5:])]),
        (1009, [Frame(own, b" " * (LIMIT + 1))]),
        (1009, [Frame(own, b" " * (10 * 1024 * 1024))]),
        (1009, [Frame(own, b" " * LIMIT, fin=False), Frame(CONT, b" ")]),
        (1002, [Frame(CONT, ASK)]),
        (1002, [Frame(own, ASK[:5], fin=False), Frame(own, ASK)]),
        (1002, [Frame(own, ASK).serialize(mask=False)]),
        (1002, [bytes((0xC0 | own,)) + Frame(own, ASK).serialize(mask=True)[1:]]),
        (1002, [bytes((0x83,)) + Frame(own, ASK).serialize(mask=True)[1:]]),
        (1002, [bytes((0x89, 0xFE, 0, 126)) + bytes(4 + 126)]),
        (1002, [bytes((0x09, 0x80)) + bytes(4)]),
    ]
    if own is TEXT:
        cases += [
            (1007, [Frame(TEXT, b'{"jsonrpc":"2.0","id":7,"method":"\xff"}')]),
            (1007, [Frame(TEXT, b"\xc3", fin=False), Frame(CONT, b"\x28")]),
        ]

    async def body() -> None:
        async with world() as here, here.socket("m2") as neighbour:
            for code, frames in cases:
                async with raw_socket(here, subprotocol=subprotocol) as raw:
                    with contextlib.suppress(ConnectionError):
                        await raw.send(*frames, Frame(own, ASK))
                    assert await raw.close_code() == code, frames
                assert "result" in await neighbour.call("me")

    run(body())


def test_frames_that_come_with_the_handshake_do_no_harm(run: Run, world: OpenWorld) -> None:
    """uvicorn drops what comes in one read with it."""

    async def body() -> None:
        early = Frame(TEXT, ASK).serialize(mask=True)
        async with world() as here, raw_socket(here, early=early) as raw:
            await raw.send(Frame(TEXT, ASK))
            assert "result" in await raw.message()

    run(body())


class Wire(asyncio.Transport):
    """A transport that keeps what is written; ``size`` is its backlog."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.size = 0
        self.aborted = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return self.size

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def is_closing(self) -> bool:
        return self.aborted

    def can_write_eof(self) -> bool:
        return False

    def abort(self) -> None:
        self.aborted = True

    def close(self) -> None:
        self.aborted = True


HANDSHAKE = (
    b"GET /v1/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@asynccontextmanager
async def wired(here: World) -> AsyncIterator[tuple[Connection, Wire]]:
    """A connection on a transport of ours, with its handshake received and not answered yet."""
    server = here.gateway.server
    connection = Connection(server.config, server.server_state, {})
    wire = Wire()
    connection.connection_made(wire)
    connection.data_received(HANDSHAKE)
    yield connection, wire
    if not connection.disconnected:
        connection.connection_lost(None)
    await asyncio.gather(*server.server_state.tasks)


def test_frames_before_the_session_wait_for_it(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        frame = Frame(TEXT, ASK).serialize(mask=True)
        async with world() as here:
            async with wired(here) as (connection, wire):
                connection.data_received(frame[:9])
                connection.data_received(frame[9:])
                assert wire.written == b""
                await eventually(lambda: b'"time"' in wire.written)
            async with wired(here) as (connection, wire):
                connection.data_received(bytes(LIMIT))
                assert not wire.aborted
                connection.data_received(b"x")
                assert wire.aborted

    run(body())


@asynccontextmanager
async def wired_listener(here: World, eventually: Eventually) -> AsyncIterator[tuple[Connection, Wire]]:
    """A connection that listens to what m1 has; nothing of it is unsent."""
    async with wired(here) as (connection, wire):
        calls = (("authenticate", {"token": here.token("m1")}), ("subscribe", {"topics": ["me"]}))
        for method, parameters in calls:
            call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
            connection.data_received(Frame(TEXT, msgspec.json.encode(call)).serialize(mask=True))
        await eventually(lambda: b'"method":"push"' in wire.written)
        assert connection._listener.direct
        wire.written = b""
        yield connection, wire


def test_a_push_goes_behind_a_reply(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world() as here, wired_listener(here, eventually) as (connection, wire):
            ping = Frame(TEXT, ASK).serialize(mask=True)
            # The hub has heard of the change, and will send it in the next turn; the reply waits for its end.
            here.gateway.replica.listeners.append(lambda applied: connection.data_received(ping))
            await here.apply(CreditPoints("m1", 1))
            await eventually(lambda: b"1000001" in wire.written)
            assert 0 < wire.written.index(b'"time"') < wire.written.index(b"1000001")
            here.gateway.replica.listeners.pop()
            await here.apply(CreditPoints("m1", 1))
            await eventually(lambda: b"1000002" in wire.written)
            assert connection._listener.direct

    run(body())


@pytest.mark.parametrize("end", ["close", "connection_lost", "data_received"])
def test_nothing_is_pushed_once_it_ends(run: Run, world: OpenWorld, eventually: Eventually, end: str) -> None:
    """The server closes, the network is gone, the client breaks the protocol."""
    unasked = Frame(CONT, ASK).serialize(mask=True)
    argument = {"close": TOO_SLOW, "connection_lost": None, "data_received": unasked}[end]

    async def body() -> None:
        async with world() as here, wired_listener(here, eventually) as (connection, wire):
            here.gateway.replica.listeners.append(lambda applied: getattr(connection, end)(argument))
            await here.apply(CreditPoints("m1", 1))
            here.gateway.replica.listeners.pop()
            for _ in range(3):
                await asyncio.sleep(0)
            assert not connection._listener.direct
            last = wire.written
            assert (last[:1] == b"\x88") == (end != "connection_lost")
            await here.apply(CreditPoints("m1", 1))
            for _ in range(3):
                await asyncio.sleep(0)
            assert wire.written == last
            assert b"push" not in last

    run(body())


def test_replies_that_nobody_takes_have_an_end(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world(limits={"hard_backlog": 1_000}) as here, wired(here) as (connection, wire):
            await eventually(lambda: b" 101 " in wire.written)
            wire.size = 1_001
            connection.data_received(Frame(TEXT, ASK).serialize(mask=True))
            await eventually(lambda: wire.aborted)

    run(body())


def test_closing_politely(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world() as here:
            async with raw_socket(here) as raw:
                await raw.send(
                    Frame(TEXT, b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topics":["me"]}}')
                )
                await raw.message()
                await raw.send(Frame(Opcode.CLOSE, Close(1000, "").serialize()))
                assert await raw.close_code() == 1000
                await raw.cut_off()
            await eventually(lambda: not connections(here))
            assert here.gateway.metrics.connections["socket"] == 0
            assert not here.gateway.hub._members.topics

    run(body())


def test_times_that_are_over(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"authentication_seconds": 0.1}) as here:
            async with here.socket() as socket:
                assert await socket.closed() == 4001
            async with here.socket() as socket:
                reply = await socket.call("authenticate", token=here.token("m1", lives=1_500))
                assert reply["result"]["actor"] == "m1"
                assert await socket.closed() == 4002
            async with here.socket("m1") as socket:
                await socket.call("authenticate", token=here.token("m1"))
                await asyncio.sleep(0.2)
                assert "result" in await socket.call("me")

    run(body())


def test_a_token_for_ever(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, here.socket() as socket:
            reply = await socket.call("authenticate", token=here.token("m1", lives=2**52))
            assert reply["result"]["expires_at"] > 2**52
            await asyncio.sleep(0.05)
            assert "result" in await socket.call("me")

    run(body())


def test_shutting_down_answers_first(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            log = here.gateway.replica._log
            async with here.socket("m1") as busy, here.socket("m2") as idle:
                log.replies.clear()
                log.unavailable = True
                await busy.send(
                    {
                        "jsonrpc": "2.0",
                        "id": 1,
                        "method": "auction.bid",
                        "params": {"auction": "a1", "maximum": 600},
                    }
                )
                await eventually(lambda: here.gateway.metrics.in_flight == 1)
                here.gateway.stop()
                assert await idle.closed() == 4100
                log.unavailable = False
                log.replies.set()
                assert "result" in await busy.receive()
                assert await busy.closed() == 4100
            await here.running

    run(body())


def test_a_replica_that_stops_sends_everybody_away(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, here.socket("m1") as socket:
            await here.gateway.replica._log.append(b"no batch at all")
            assert await socket.closed() == 4101
            with pytest.raises(ReplicaStopped, match="cannot be decoded"):
                await here.running

    run(body())
