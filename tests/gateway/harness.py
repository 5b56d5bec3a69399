"""A whole gateway over real sockets, on a log in memory or a real server, and clients of it, polite and raw.

``LocalReplica`` and ``LocalWriter`` stand in for a log where a test wants to say when something is applied.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from socket import SO_RCVBUF, SOL_SOCKET, socket
from typing import Any

import httpx
import msgspec
import websockets
from websockets.frames import Close, Frame, Opcode

from engine.commands import (
    LEVEL,
    MANAGER,
    SCHEMA,
    AuctionTerms,
    Batch,
    Command,
    CreateAuction,
    CreditPoints,
    Envelope,
    Genesis,
    OpenAuction,
    UpsertMember,
)
from engine.founding import found
from engine.genesis import encode_genesis
from engine.log.contract import Log
from engine.log.memory import MemoryLog
from engine.log.table import MemoryTable, Table
from engine.machine import Applied, apply_entry, decode_batch, start
from engine.position import Position
from engine.replica import Replica, ReplicaStopped
from engine.vault import Vault
from engine.writer import Writer
from gateway.app import Gateway, Settings
from gateway.clock import now
from gateway.identity import SharedSecret, Verifier, mint_token
from gateway.limits import Limits
from gateway.ports import listen
from gateway.sockets import Connection

PROGRAM = "demo"
SECRET = "a secret of more than thirty-two bytes, for tests"
HOUR = 3_600_000
DEADLINE = 10.0
TEXT, BINARY, CONT, PING, PONG = Opcode.TEXT, Opcode.BINARY, Opcode.CONT, Opcode.PING, Opcode.PONG
ASK = b'{"jsonrpc":"2.0","id":7,"method":"ping"}'


class Socket:
    """A client's end of a socket: calls by id, and the pushes that came in between."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection
        self.pushes: list[dict[str, Any]] = []
        self._ids = itertools.count(1)

    async def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """The whole reply: with ``result`` or with ``error``."""
        identifier = next(self._ids)
        await self.send({"jsonrpc": "2.0", "id": identifier, "method": method, "params": parameters})
        while True:
            message = await self.receive()
            if message.get("method") == "push":
                self.pushes.append(message["params"])
            else:
                assert message["id"] == identifier
                return message

    async def send(self, message: Any) -> None:
        binary = self.connection.subprotocol == "livelot.v1.msgpack"
        await self.connection.send(
            msgspec.msgpack.encode(message) if binary else msgspec.json.encode(message).decode()
        )

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(DEADLINE):
            message = await self.connection.recv()
        return msgspec.msgpack.decode(message) if isinstance(message, bytes) else msgspec.json.decode(message)

    async def push(self, topic: str, holds: Callable[[Any], bool] = lambda state: True) -> dict[str, Any]:
        """The next push of ``topic`` whose state ``holds``."""
        while True:
            while self.pushes:
                push = self.pushes.pop(0)
                if push["topic"] == topic and holds(push["state"]):
                    return push
            message = await self.receive()
            if message.get("method") == "push":
                self.pushes.append(message["params"])

    async def closed(self) -> int:
        """The close code, once the server has closed."""
        async with asyncio.timeout(DEADLINE):
            await self.connection.wait_closed()
        assert self.connection.close_code is not None
        return self.connection.close_code


class LocalReplica:
    """A replica without a log: it applies what it is given, at once, on its own clock."""

    def __init__(self) -> None:
        self.ready = True
        self.stopped = ""
        self.clock = 1_700_000_000_000
        self.listeners: list[Callable[[Applied], None]] = []
        self.reached = asyncio.Event()
        genesis = decode_batch(encode_genesis(Genesis(PROGRAM, level=LEVEL)))
        self.program = start(genesis)
        self._apply(genesis)
        for member in ("m1", "m2", "m3", "s1"):
            self.apply(UpsertMember(member, "gold", "north", (), member == "s1"))
            self.apply(CreditPoints(member, 1_000_000))

    @property
    def position(self) -> Position:
        return self.program.position

    def apply(self, command: Command, *, actor: str = "test", role: int = MANAGER) -> Any:
        """The command's outcome; listeners are told."""
        envelope = Envelope(actor, role, "", 0, self.clock, command)
        applied = self._apply(Batch(SCHEMA, b"test", self.clock, self.clock, [envelope]))
        for listener in self.listeners:
            listener(applied)
        return applied.outcomes[0]

    def open_auction(self, auction: str, **terms: Any) -> None:
        defaults = {"title": auction, "opening": 500, "starts_at": self.clock, "ends_at": self.clock + HOUR}
        self.apply(CreateAuction(auction, AuctionTerms(**(defaults | terms))))
        assert self.apply(OpenAuction(auction)).status == "open"

    async def wait_for(self, position: Position) -> None:
        while self.position < position:
            self.reached.clear()
            await self.reached.wait()

    def _apply(self, batch: Batch) -> Applied:
        self.clock += 1
        applied = apply_entry(self.program, self.clock, 0, msgspec.msgpack.encode(batch), batch)
        self.reached.set()
        return applied


class LocalWriter:
    """Takes commands, and answers them when it is told to."""

    def __init__(self, replica: LocalReplica) -> None:
        self.submitted: list[dict[str, Any]] = []
        self._replica = replica

    def submit(self, **submitted: Any) -> None:
        self.submitted.append(submitted)

    def answer(self) -> None:
        """Applies what was submitted, in order."""
        submitted, self.submitted = self.submitted, []
        for one in submitted:
            outcome = self._replica.apply(one["command"], actor=one["actor"], role=one["role"])
            one["done"](self._replica.position, outcome)


class World:
    """A gateway that serves, with members m1 to m3 (1 000 000 points each) and staff s1."""

    def __init__(self, gateway: Gateway, port: int, http: httpx.AsyncClient) -> None:
        self.gateway = gateway
        self.port = port
        self.http = http
        self.running: asyncio.Task[None]
        self._keys = itertools.count(1)

    def token(self, subject: str, role: str = "member", *, lives: int = HOUR, program: str = PROGRAM) -> str:
        return mint_token(program, subject, role, key=SECRET, expires_at=now() + lives)

    async def ask(
        self, subject: str, role: str, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One HTTP request."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Authorization"] = f"Bearer {self.token(subject, role)}"
        return await self.http.request(method, path, json=body, headers=headers)

    @asynccontextmanager
    async def socket(
        self, subject: str = "", role: str = "member", *, subprotocol: str = "livelot.v1", **options: Any
    ) -> AsyncIterator[Socket]:
        """A socket, authenticated by header if there is a ``subject``."""
        headers = {"Authorization": f"Bearer {self.token(subject, role)}"} if subject else {}
        headers |= options.pop("headers", {})
        async with websockets.connect(
            f"ws://127.0.0.1:{self.port}/v1/socket",
            subprotocols=[websockets.Subprotocol(subprotocol)],
            additional_headers=headers,
            compression=None,
            **options,
        ) as connection:
            yield Socket(connection)

    async def apply(self, command: Command) -> Any:
        """Puts a command through the log, past the doors."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.gateway.writer.submit(
            actor="test",
            role=MANAGER,
            key=f"test-{next(self._keys)}",
            not_after=now() + 60_000,
            command=command,
            done=lambda position, outcome: done.set_result(outcome),
        )
        async with asyncio.timeout(DEADLINE):
            return await done

    async def open_auction(self, auction: str, **terms: Any) -> None:
        """An auction that takes bids for an hour."""
        defaults = {"title": auction, "opening": 500, "starts_at": now(), "ends_at": now() + HOUR}
        await self.apply(CreateAuction(auction, AuctionTerms(**(defaults | terms))))
        outcome = await self.apply(OpenAuction(auction))
        assert outcome.status == "open", outcome

    async def populate(self) -> None:
        for member in ("m1", "m2", "m3", "s1"):
            await self.apply(UpsertMember(member, "gold", "north", (), member == "s1"))
            await self.apply(CreditPoints(member, 1_000_000))


@asynccontextmanager
async def open_world(
    log: Log | None = None, vault: Vault | None = None, table: Table | None = None, **settings: Any
) -> AsyncIterator[World]:
    """Starts a gateway on ``log`` (a fresh one in memory), and stops it afterwards."""
    log = log or MemoryLog()
    await found(log, PROGRAM)
    replica = Replica(log)
    writer = Writer(log, replica)
    limits = Limits(**settings.pop("limits", {}))
    verifier = Verifier(PROGRAM, SharedSecret(SECRET))
    gateway = Gateway(
        replica, writer, verifier, Settings(limits=limits, **settings), vault, table or MemoryTable()
    )
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    running = asyncio.create_task(gateway.run(listening))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE) as http:
        world = World(gateway, port, http)
        world.running = running
        try:
            async with asyncio.timeout(DEADLINE):
                await replica.reached.wait()
            if not replica.program.members.count:
                await world.populate()
            yield world
        finally:
            gateway.stop()
            with contextlib.suppress(ReplicaStopped):
                await running


def unframe(frame: bytes) -> Any:
    """The message in a server's frame."""
    payload = frame[2 if frame[1] < 126 else 4 if frame[1] == 126 else 10 :]
    return (msgspec.json if frame[0] & 0x0F == TEXT else msgspec.msgpack).decode(payload)


async def eventually(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Returns once ``holds`` does."""
    async with asyncio.timeout(DEADLINE):
        while True:
            held = holds()
            if await held if isinstance(held, Awaitable) else held:
                return
            await asyncio.sleep(0.005)


class Raw:
    """A client that writes whatever bytes it likes, and reads frames when it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, *frames: Frame | bytes) -> None:
        self.writer.write(
            b"".join(frame if isinstance(frame, bytes) else frame.serialize(mask=True) for frame in frames)
        )
        await self.writer.drain()

    def stop_reading(self) -> None:
        """From here on the network's buffers fill up."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def frame(self) -> tuple[int, bytes]:
        """The next frame's opcode and payload."""
        async with asyncio.timeout(10):
            first, second = await self.reader.readexactly(2)
            length = second
            if length >= 126:
                length = int.from_bytes(await self.reader.readexactly(2 if length == 126 else 8), "big")
            return first & 0x0F, await self.reader.readexactly(length)

    async def message(self) -> Any:
        """The next JSON message; pings are answered on the way."""
        while True:
            opcode, payload = await self.frame()
            if opcode == PING:
                await self.send(Frame(PONG, payload))
            else:
                assert opcode == TEXT, (opcode, payload)
                return msgspec.json.decode(payload)

    async def close_code(self) -> int:
        """The code with which the server closes; whatever comes before is read past."""
        while True:
            opcode, payload = await self.frame()
            if opcode == Opcode.CLOSE:
                with contextlib.suppress(ConnectionError):
                    await self.send(Frame(Opcode.CLOSE, payload))
                return Close.parse(payload).code

    async def cut_off(self) -> None:
        """Returns once the server has ended the connection."""
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                while await self.reader.read(1 << 16):
                    pass


@asynccontextmanager
async def raw_socket(
    here: Any,
    subject: str = "m1",
    *,
    subprotocol: str = "livelot.v1",
    early: bytes = b"",
    narrow: bool = False,
) -> AsyncIterator[Raw]:
    """``narrow``: the network takes no more than a few KB for it."""
    plain = socket()
    if narrow:
        plain.setsockopt(SOL_SOCKET, SO_RCVBUF, 4_096)
    plain.setblocking(False)
    await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", here.port))
    reader, writer = await asyncio.open_connection(sock=plain)
    authorization = f"Authorization: Bearer {here.token(subject)}\r\n" if subject else ""
    writer.write(
        (
            f"GET /v1/socket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {subprotocol}\r\n{authorization}\r\n"
        ).encode()
        + early
    )
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    try:
        yield Raw(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def connections(here: Any) -> list[Connection]:
    return [one for one in here.gateway.server.server_state.connections if isinstance(one, Connection)]


def connection_of(here: Any, subject: str) -> Connection:
    """The server's end of a member's socket."""
    return next(one for one in connections(here) if one._session.caller.actor == subject)  # type: ignore[union-attr]


Run = Callable[[Coroutine[Any, Any, None]], None]
OpenWorld = Callable[..., AbstractAsyncContextManager[World]]
Livelot = Callable[..., tuple[int, str, str]]
Eventually = Callable[[Callable[[], bool | Awaitable[bool]]], Awaitable[None]]
