"""What does it cost to make a command durable, beside redis-py and beside the bare protocol?

A thousand bids at a time, each thousand durable before the next (``appendfsync always``, one server on one
disk, in turns): through our own writer, which makes one entry of them, reads it back as a gateway does, and
appends it; as a pipeline of XADDs by redis-py, an entry a bid, as its documentation has it
(https://redis.readthedocs.io/en/stable/advanced_features.html#default-pipelines; by its synchronous client,
which takes half of the asyncio one's CPU); and as the same XADDs, put into bytes beforehand and sent over a
socket, as redis-benchmark does with -P (https://valkey.io/topics/benchmark/): the least that an entry a bid
can cost.

The second question leaves gathering out: one entry of 200 bids, the same bytes for everybody, one in flight,
by our connection, by redis-py's asyncio client and by the bare socket.

Counted is the CPU time of client and server together; what the disk made of it is reported as rates.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import NamedTuple, cast

import msgspec
import pytest
import uvloop
from redis import Redis
from redis.asyncio import Redis as AsyncioRedis

from benchmarks.results import choose_size, compare, record
from benchmarks.servers import read_cpu_seconds
from benchmarks.workload import encode
from engine.commands import LEVEL, MEMBER, SCHEMA, Batch, Envelope, PlaceBid
from engine.embedded import EmbeddedServer
from engine.log.contract import EntryId, Log
from engine.log.redis_stream import connect
from engine.machine import Applied, Outcome, decode_batch
from engine.position import Position
from engine.replica import Replica
from engine.units import MINUTE
from engine.writer import Writer, wall_clock

AT_A_TIME = 1_000
CHUNKS = choose_size(20, 2)
"""Thousands of bids in a round."""

ENTRY = 200
ENTRIES = choose_size(250, 5)
"""Entries in a round of the second question."""

ROUNDS = choose_size(7, 1)


class Contender(NamedTuple):
    """Somebody who appends to the stream ``key``: as many commands as it is given, then returns. ``prepare``
    makes what it is given then, which is not measured."""

    name: str
    key: str
    append: Callable[[object], Awaitable[None]]
    prepare: Callable[[list[Envelope]], object] = lambda commands: commands


class Cost(NamedTuple):
    """What a round took: µs of CPU a unit, and units a second."""

    client: float
    server: float
    rate: float


class LoneReplica:
    """Stands for a replica that applies each entry at once: the writer's part is measured, not the apply."""

    def __init__(self, log: Log) -> None:
        self.seen = SimpleNamespace(
            ready=True, stopped="", program=SimpleNamespace(level=LEVEL), listeners=[], expected={}
        )
        self._log = log

    async def append(self, payload: bytes) -> EntryId:
        """Appends to the log, and reports the batch as applied."""
        id = await self._log.append(payload)
        batch: Batch = self.seen.expected.pop(payload)
        outcomes: list[Outcome] = [{}] * len(batch.commands)
        for listener in self.seen.listeners:
            listener(Applied(Position(1, *id), batch.origin, batch.number, outcomes, []))
        return id


@asynccontextmanager
async def open_writer(url: str) -> AsyncIterator[Contender]:
    """Ours: the writer of every gateway."""
    log = await connect(url, "writer")
    lone = LoneReplica(log)
    writer = Writer(cast(Log, lone), cast(Replica, lone.seen))
    running = asyncio.create_task(writer.run())

    async def append(commands: object) -> None:
        finished = asyncio.Event()
        waiting = AT_A_TIME

        def note(_: Position, __: object) -> None:
            nonlocal waiting
            waiting -= 1
            if not waiting:
                finished.set()

        for one in cast(list[Envelope], commands):
            writer.submit(
                actor=one.actor,
                role=one.role,
                key=one.key,
                not_after=one.not_after,
                command=one.command,
                done=note,
            )
        await finished.wait()

    try:
        yield Contender("our writer", "{writer}:log", append)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await log.close()


@asynccontextmanager
async def open_pipeline(url: str) -> AsyncIterator[Contender]:
    """redis-py, with the commands encoded as one would."""
    with closing(Redis.from_url(url)) as client:

        async def append(commands: object) -> None:
            with client.pipeline(transaction=False) as pipeline:
                for one in cast(list[Envelope], commands):
                    pipeline.xadd("pipeline", {"b": encode(one)})
                pipeline.execute()

        yield Contender("XADD pipelined by redis-py", "pipeline", append)


class BareSocket:
    """Valkey's protocol over a socket, and nothing else (https://valkey.io/topics/protocol/)."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()

    def ask(self, requests: bytes, count: int) -> None:
        """Sends requests, and returns with the last of ``count`` replies of two lines each. Raises
        ``ValueError`` where one is an error."""
        self._socket.sendall(requests)
        replies = b""
        while replies.count(b"\r\n") < 2 * count:
            replies += self._socket.recv(65_536)
            # An error has one line.
            if replies.startswith(b"-") or b"\r\n-" in replies:
                raise ValueError(replies.decode())


def write_xadd(key: str, payload: bytes) -> bytes:
    """One XADD with one field, as a client sends it.

    >>> write_xadd("k", b"xyz")
    b'*5\\r\\n$4\\r\\nXADD\\r\\n$1\\r\\nk\\r\\n$1\\r\\n*\\r\\n$1\\r\\nb\\r\\n$3\\r\\nxyz\\r\\n'
    """
    words = (b"XADD", key.encode(), b"*", b"b", payload)
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


@asynccontextmanager
async def open_bare(path: Path) -> AsyncIterator[Contender]:
    """The limit: nothing is encoded, nothing is decoded."""
    with closing(BareSocket(path)) as connection:

        async def append(requests: object) -> None:
            connection.ask(cast(bytes, requests), AT_A_TIME)

        def prepare(commands: list[Envelope]) -> bytes:
            return b"".join(write_xadd("bare", encode(one)) for one in commands)

        yield Contender("the bare protocol", "bare", append, prepare)


def make_commands(count: int) -> list[Envelope]:
    """Bids as members make them, each under a key of its own."""
    not_after = wall_clock() + 10 * MINUTE
    return [
        Envelope(f"m{number:07d}", MEMBER, f"key-{number:09d}", number, not_after, PlaceBid("a00001", number))
        for number in range(1, count + 1)
    ]


async def measure(contender: Contender, parts: Sequence[list[Envelope]], units: int, server: int) -> Cost:
    """Plays ``parts`` once; ``server`` is its process."""
    prepared = [contender.prepare(part) for part in parts]
    began, client, used = time.perf_counter(), time.process_time(), read_cpu_seconds(server)
    for part in prepared:
        await contender.append(part)
    client, seconds = time.process_time() - client, time.perf_counter() - began
    used = read_cpu_seconds(server) - used
    return Cost(client / units * 1e6, used / units * 1e6, units / seconds)


def check(client: Redis, key: str, commands: list[Envelope], rounds: int, *, gathered: bool) -> None:
    """Raises ``AssertionError`` unless ``commands`` stand in the stream, in their order, once a round."""
    payloads = [
        fields[b"b"] for _, fields in cast(list[tuple[bytes, dict[bytes, bytes]]], client.xrange(key))
    ]
    if gathered:
        found = [one for payload in payloads for one in decode_batch(payload).commands]
    else:
        found = [msgspec.msgpack.decode(payload, type=Envelope) for payload in payloads]
    asked = [(one.actor, one.key, one.command) for one in commands] * rounds
    assert [(one.actor, one.key, one.command) for one in found] == asked


def record_costs(question: str, unit: str, costs: dict[str, list[Cost]]) -> None:
    """The first of ``costs`` is ours, the last is the limit."""
    totals = {name: median(cost.client + cost.server for cost in own) for name, own in costs.items()}
    ours, *peers, limit = costs
    compare(
        f"{question}, CPU of client and server",
        totals[ours],
        "µs",
        peers={peer: totals[peer] for peer in peers},
        limit=(limit, totals[limit]),
    )
    for name, own in costs.items():
        record(f"{question}: {name}, client's CPU", median(cost.client for cost in own), "µs")
        record(f"{question}: {name}, durable", median(cost.rate for cost in own), f"{unit}/s")


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_commands(disk_folder: Path) -> None:
    parts = [make_commands(AT_A_TIME)] * CHUNKS

    async def body(server: EmbeddedServer, process: int) -> dict[str, list[Cost]]:
        async with AsyncExitStack() as stack:
            openings = (open_writer(server.url), open_pipeline(server.url), open_bare(server.socket_path))
            contenders = [await stack.enter_async_context(opening) for opening in openings]
            costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
            for _ in range(ROUNDS):
                for contender in contenders:
                    cost = await measure(contender, parts, AT_A_TIME * CHUNKS, process)
                    costs[contender.name].append(cost)
        with closing(Redis.from_url(server.url)) as client:
            for contender in contenders:
                gathered = contender is contenders[0]
                check(client, contender.key, parts[0], ROUNDS * CHUNKS, gathered=gathered)
        return costs

    with EmbeddedServer(disk_folder / "commands") as server:
        assert server.process is not None
        record_costs("a durable bid", "bids", uvloop.run(body(server, server.process.pid)))


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_entries(disk_folder: Path) -> None:
    commands = make_commands(ENTRY)
    payload = encode(Batch(SCHEMA, b"b" * 16, 1, wall_clock(), commands))
    request = write_xadd("bare", payload)

    async def body(server: EmbeddedServer, process: int) -> dict[str, list[Cost]]:
        log = await connect(server.url, "ours")
        client = AsyncioRedis.from_url(server.url)
        bare = BareSocket(server.socket_path)

        async def append(_: object) -> None:
            await log.append(payload)

        async def add(_: object) -> None:
            await client.xadd("xadd", {"b": payload})

        async def ask(_: object) -> None:
            bare.ask(request, 1)

        contenders = [
            Contender("our log", "{ours}:log", append),
            Contender("XADD by redis-py", "xadd", add),
            Contender("the bare protocol", "bare", ask),
        ]
        costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
        for _ in range(ROUNDS):
            for contender in contenders:
                cost = await measure(contender, [commands] * ENTRIES, ENTRIES, process)
                costs[contender.name].append(cost)
        bare.close()
        await client.aclose()
        await log.close()
        with closing(Redis.from_url(server.url)) as reader:
            for contender in contenders:
                check(reader, contender.key, commands, ROUNDS * ENTRIES, gathered=True)
        return costs

    with EmbeddedServer(disk_folder / "entries") as server:
        assert server.process is not None
        record_costs("a durable entry of 200 bids", "entries", uvloop.run(body(server, server.process.pid)))
