"""How many bids a second become durable and are applied, through the stream?

One process appends batches of 200 to a real Valkey (``appendfsync always``, on a disk), one append in flight
as a gateway has it; another is a replica that reads, checks its cursor, decodes and applies. A bid counts
once the replica has applied it: its entry was durable before that.
"""

import asyncio
import multiprocessing
import time
from pathlib import Path
from secrets import token_bytes
from statistics import median

import msgspec
import uvloop

from benchmarks.results import choose_size, record, record_at_least
from benchmarks.workload import (
    BATCH,
    Bids,
    build_program,
    check_played,
    copy_program,
    draw_uniformly,
    encode,
    find_bids,
)
from engine.commands import (
    KEEPER,
    MEMBER,
    SCHEMA,
    Batch,
    EncodedBatch,
    EncodedEnvelope,
    Envelope,
    PlaceBid,
    Tick,
)
from engine.embedded import EmbeddedServer
from engine.founding import found
from engine.log.redis_stream import RedisStreamLog, connect
from engine.machine import Applied
from engine.position import Position
from engine.program import Program
from engine.replica import Replica
from engine.snapshot import payload_hash, write_snapshot
from engine.units import MINUTE
from engine.vault import Vault
from engine.writer import wall_clock

MEMBERS = choose_size(100_000, 500)
BIDS = choose_size(200_000, 2_000)
ROUNDS = choose_size(5, 1)
LEAST = 100_000
"""Durable bids a second."""


def test_stream(disk_folder: Path) -> None:
    start = build_program(MEMBERS, 100, at=wall_clock())
    bids = find_bids(copy_program(start), BIDS, draw_uniformly)
    rates = []
    with EmbeddedServer(disk_folder / "valkey") as server:
        for number in range(ROUNDS):
            vault = Vault(disk_folder / f"vault{number}")
            rates.append(uvloop.run(run_round(server.url, f"bench{number}", vault, start, bids)))
    record_at_least("stream: durable bids a second, two processes", median(rates), "bids/s", LEAST)
    record("stream: the same, best round", max(rates), "bids/s")


async def run_round(url: str, name: str, vault: Vault, start: Program, bids: Bids) -> float:
    """Plays all bids once; bids a second between the first and the last apply."""
    log = await connect(url, name)
    await begin_with(log, name, vault, start)
    replica = Replica(log, vault)
    reading = asyncio.create_task(replica.run())
    await asyncio.wait([reading, asyncio.create_task(replica.reached.wait())], return_when="FIRST_COMPLETED")
    instants: list[float] = []
    finished = asyncio.Event()

    def note(applied: Applied) -> None:
        instants.append(time.perf_counter())
        if len(instants) == len(bids.commands) // BATCH:
            finished.set()

    replica.listeners.append(note)
    appender = multiprocessing.get_context("spawn").Process(
        target=append_all, args=(url, name, bids.commands)
    )
    appender.start()
    try:
        async with asyncio.timeout(120):
            await finished.wait()
        check_played(replica.program, bids)
    finally:
        appender.join()
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await log.close()
    return (len(bids.commands) - BATCH) / (instants[-1] - instants[0])


async def begin_with(log: RedisStreamLog, name: str, vault: Vault, start: Program) -> None:
    """Begins the log, and keeps ``start`` as the snapshot at its second entry."""
    await found(log, name)
    tick = encode(Batch(SCHEMA, token_bytes(16), 1, 0, [Envelope("bench", KEEPER, "", 0, 0, Tick())]))
    program = copy_program(start)
    program.position = Position(1, *await log.append(tick))
    write_snapshot(vault, program, payload_hash(tick))


def append_all(url: str, name: str, commands: list[tuple[str, PlaceBid]]) -> None:
    """The appending process."""
    not_after = wall_clock() + 10 * MINUTE
    envelopes = [
        EncodedEnvelope(actor, MEMBER, f"key-{number:09d}", number, not_after, msgspec.Raw(encode(command)))
        for number, (actor, command) in enumerate(commands)
    ]
    uvloop.run(append_batches(url, name, envelopes))


async def append_batches(url: str, name: str, envelopes: list[EncodedEnvelope]) -> None:
    """Appends batch after batch, each once the one before is durable."""
    log = await connect(url, name)
    origin = token_bytes(16)
    try:
        for number in range(0, len(envelopes), BATCH):
            batch = envelopes[number : number + BATCH]
            await log.append(encode(EncodedBatch(SCHEMA, origin, number // BATCH + 1, wall_clock(), batch)))
    finally:
        await log.close()
