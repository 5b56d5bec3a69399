"""What a fuzzer feeds, and what must hold of it: both decoders of sockets, the one of HTTP, the log's with
``apply``.

Each target takes any bytes; for the gateway's, the first one says in which role. A target raises where the
gateway or the engine did what it never may: an answer without a code, an error of its own, points that are
lost.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Final, NamedTuple

import httpx
import msgspec
from hypothesis import strategies as st

from engine.commands import SCHEMA
from engine.errors import CODES, Rejected
from engine.ledger import check_conservation
from engine.machine import LevelUnknown, apply_entry, decode_batch
from engine.program import Program
from engine.units import SECOND
from gateway.clock import now
from gateway.identity import TOKEN_ROLES, Caller
from gateway.operations import BY_NAME, OPERATIONS
from gateway.operations.socket import SOCKET_METHODS
from gateway.wire import ALL_CODES, JSON, MESSAGEPACK, Encoding
from tests.engine.harness import MIDNIGHT
from tests.engine.test_totality import lively
from tests.gateway.harness import HOUR, World, open_world
from tests.gateway.test_operations import ALLOWED
from tests.gateway.test_session import Peer
from tests.hostile.planting import STRANGER, plant_beginnings

LIMITS = {"calls_per_second": 0, "service_calls_per_second": 0, "position_seconds": 0.01}
ROLES: Final = (*TOKEN_ROLES, "")
"""By the first byte of what is fed; empty: nobody has said who it is."""

WRITES: Final = [operation for operation in OPERATIONS if operation.method != "GET"]
RENEW: Final = 2_000
"""After so many inputs the gateway is another: what was made stays in its log."""

Feed = Callable[[bytes], None]


class Target(NamedTuple):
    """``seeds`` are inputs that mean something, to begin from."""

    feed: Feed
    seeds: list[bytes]


class Gatehouse:
    """A gateway in an event loop of its own, made anew now and then."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._left = 0
        self._here: World
        self._client: httpx.AsyncClient

    def feed_session(self, encoding: Encoding, data: bytes) -> None:
        """One message over a socket."""
        self._enter()
        self._runner.run(self._receive(encoding, data))

    def feed_request(self, data: bytes) -> None:
        """One body to the write that the second byte names."""
        self._enter()
        self._runner.run(self._request(data))

    def close(self) -> None:
        """Lets the gateway go."""
        self._runner.run(self._stack.aclose())
        self._left = 0

    def _enter(self) -> None:
        if not self._left:
            self._runner.run(self._renew())
            self._left = RENEW
        self._left -= 1

    async def _renew(self) -> None:
        await self._stack.aclose()
        self._here = await self._stack.enter_async_context(open_world(limits=LIMITS))
        await plant_beginnings(self._here)
        transport = httpx.ASGITransport(self._here.gateway.application, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://gateway")
        self._client = await self._stack.enter_async_context(client)

    async def _receive(self, encoding: Encoding, data: bytes) -> None:
        role = ROLES[data[0] % len(ROLES)] if data else ""
        caller = Caller(STRANGER, TOKEN_ROLES[role], role, now() + HOUR) if role else None
        peer = Peer(self._here.gateway.lobby, encoding, caller, now())
        session = peer.session
        session.receive(data[1:], now())
        while session.in_flight:
            await asyncio.sleep(0)
        for message in peer.hear():
            if "error" in message:
                assert message["error"]["data"]["code"] in ALL_CODES
                assert message["error"]["data"]["code"] != "internal", message
                assert message["error"]["message"]
            else:
                assert message["jsonrpc"] == "2.0"
                assert "result" in message or message["method"] == "push"
        session.lose()

    async def _request(self, data: bytes) -> None:
        role = ROLES[data[0] % len(ROLES)] if data else ""
        operation = WRITES[data[1] % len(WRITES)] if len(data) > 1 else WRITES[0]
        there = ALLOWED[operation.name][1]
        path = operation.path.format(**{name: there[name] for name in operation.path_names})
        headers = {"Content-Type": "application/json"}
        if role:
            headers["Authorization"] = f"Bearer {self._here.token(STRANGER, role)}"
        response = await self._client.request(operation.method, path, content=data[2:], headers=headers)
        content = response.json()
        assert response.status_code < 500, content
        assert response.is_success or content["code"] in ALL_CODES


_gatehouse = Gatehouse()


def feed_json(data: bytes) -> None:
    """A text frame's message."""
    _gatehouse.feed_session(JSON, data)


def feed_messagepack(data: bytes) -> None:
    """A binary frame's message."""
    _gatehouse.feed_session(MESSAGEPACK, data)


def feed_http(data: bytes) -> None:
    """A request's body."""
    _gatehouse.feed_request(data)


def feed_log(data: bytes) -> None:
    """An entry of the log, applied to a program in which much is going on."""
    try:
        batch = decode_batch(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    program = Program.decode(lively())
    at = min(max(batch.clock, MIDNIGHT), MIDNIGHT + HOUR)
    try:
        applied = apply_entry(program, at, 2, data, batch)
    except (msgspec.DecodeError, LevelUnknown):
        return
    assert len(applied.outcomes) in (0, len(batch.commands))
    for outcome in applied.outcomes:
        assert not isinstance(outcome, Rejected) or (outcome.code in CODES and outcome.message)
        msgspec.json.encode(outcome)
    check_conservation(program.members, program.ledger)
    assert list(Program.decode(program.encode()).encode()) == list(program.encode())


def close() -> None:
    """Ends what the targets have opened."""
    _gatehouse.close()


def _calls() -> list[dict[str, Any]]:
    asked = [(name, parameters) for name, (_, parameters) in ALLOWED.items()]
    asked += [(method.name, {}) for method in SOCKET_METHODS]
    asked += [("subscribe", {"topics": ["me", "auction:a1", "prices"], "experiences": ["spa"]})]
    return [
        {"jsonrpc": "2.0", "id": number, "method": name, "params": parameters}
        for number, (name, parameters) in enumerate(asked)
    ]


def _message_seeds(encoding: Encoding) -> list[bytes]:
    return [bytes((role,)) + encoding.encode(call) for role in range(len(ROLES)) for call in _calls()]


def _body_seeds() -> list[bytes]:
    seeds = []
    for number, operation in enumerate(WRITES):
        asked = ALLOWED[operation.name][1]
        body = {name: value for name, value in asked.items() if name not in operation.path_names}
        seeds += [bytes((role, number)) + msgspec.json.encode(body) for role in range(len(ROLES))]
    return seeds


def _batch_seeds() -> list[bytes]:
    """A batch for each write of the table, by each role, on what there is in that program."""
    there = {"member": "ben", **dict.fromkeys(("auction", "raffle", "experience", "draft"), "a")}
    seeds = []
    for operation in WRITES:
        if operation.build is None:
            continue
        asked = ALLOWED[operation.name][1]
        asked = asked | {name: id for name, id in there.items() if name in asked}
        request = msgspec.convert(asked, operation.request)
        body = msgspec.Raw(msgspec.msgpack.encode(operation.build(request, "anna")))
        for role in range(5):
            sent = ["anna", role, f"k{role}", 7, MIDNIGHT + SECOND, body]
            seeds.append(msgspec.msgpack.encode([SCHEMA, b"another writer", 2, MIDNIGHT, [sent]]))
    return seeds


TARGETS: Final = {
    "json": Target(feed_json, _message_seeds(JSON)),
    "messagepack": Target(feed_messagepack, _message_seeds(MESSAGEPACK)),
    "http": Target(feed_http, _body_seeds()),
    "log": Target(feed_log, _batch_seeds()),
}
assert len(_message_seeds(JSON)) >= len(BY_NAME)


@st.composite
def damaged(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with pieces overwritten, left out, doubled, or taken from another seed."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 8))
        match draw(st.sampled_from(("overwrite", "leave out", "double", "splice", "bit"))):
            case "overwrite":
                data[at : at + size] = draw(st.binary(max_size=9))
            case "leave out":
                del data[at : at + size]
            case "double":
                data[at:at] = data[at : at + size] * draw(st.integers(1, 50))
            case "splice":
                other = draw(st.sampled_from(seeds))
                data[at:] = other[draw(st.integers(0, len(other))) :]
            case _:
                data[at : at + 1] = bytes(byte ^ 1 << draw(st.integers(0, 7)) for byte in data[at : at + 1])
    return bytes(data)
