"""How much memory does a member take, how fast is a program loaded, and how fast is its log replayed?

A process of its own loads a snapshot of members with one lot each, and then replays 200 000 bids from a real
Valkey stream, as a gateway does when it starts.
"""

import asyncio
import gc
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
import uvloop

from benchmarks.bench_stream import append_all, begin_with
from benchmarks.results import choose_size, record, record_at_least, record_at_most
from benchmarks.servers import REPOSITORY, read_resident_bytes
from benchmarks.workload import build_program, check_played, copy_program, draw_uniformly, find_bids
from engine.embedded import EmbeddedServer
from engine.log.redis_stream import connect
from engine.machine import Applied
from engine.program import Program
from engine.replica import Replica
from engine.vault import Vault
from engine.writer import wall_clock

BIDS = choose_size(200_000, 1_000)
MOST_BYTES = 700
MOST_SECONDS = 4.0
LEAST_RATE = 150_000


class Report(msgspec.Struct, frozen=True):
    """What the loading process found. ``key_bytes`` are those of a bid with its remembered key."""

    member_bytes: float
    load_seconds: float
    replay_rate: float
    key_bytes: float


@pytest.mark.parametrize("members", [choose_size(1_000_000, 1_000), choose_size(2_300_000, 2_000)])
def test_memory(disk_folder: Path, members: int) -> None:
    start = build_program(members, 100, at=wall_clock())
    bids = find_bids(copy_program(start), BIDS, draw_uniformly)
    name = f"bench{members}"
    vault = disk_folder / f"vault{members}"
    with EmbeddedServer(disk_folder / f"valkey{members}") as server:
        uvloop.run(fill(server.url, name, vault, start))
        append_all(server.url, name, bids.commands)
        del start
        report = load_apart(server.url, name, vault, members)
        replica = uvloop.run(replay(server.url, name, vault))
    check_played(replica.program, bids)
    promised = members <= 1_000_000
    label = f"{members:,}".replace(",", " ")
    if promised:
        record_at_most(f"memory: a member, of {label}", report.member_bytes, "bytes", MOST_BYTES)
        record_at_most(f"load: {label} members from a snapshot", report.load_seconds, "s", MOST_SECONDS)
        record_at_least(f"replay: with {label} members", report.replay_rate, "commands/s", LEAST_RATE)
    else:
        record(f"memory: a member, of {label}", report.member_bytes, "bytes")
        record(f"load: {label} members from a snapshot", report.load_seconds, "s")
        record(f"replay: with {label} members", report.replay_rate, "commands/s")
    record(f"memory: a bid and its remembered key, {label} members", report.key_bytes, "bytes")


async def fill(url: str, name: str, vault: Path, start: Program) -> None:
    """Begins the log with ``start`` as its snapshot."""
    log = await connect(url, name)
    try:
        await begin_with(log, name, Vault(vault), start)
    finally:
        await log.close()


def load_apart(url: str, name: str, vault: Path, members: int) -> Report:
    """Loads and replays in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_memory", url, name, str(vault), str(members)]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Report)


async def replay(url: str, name: str, vault: Path) -> Replica:
    """A replica that has caught up."""
    log = await connect(url, name)
    replica = Replica(log, Vault(vault))
    reading = asyncio.create_task(replica.run())
    try:
        await asyncio.wait_for(replica.reached.wait(), 120)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await log.close()
    return replica


async def report_on(url: str, name: str, vault: Path, members: int) -> Report:
    """What this process finds."""
    log = await connect(url, name)
    replica = Replica(log, Vault(vault))
    gc.collect()
    before = read_resident_bytes()
    started = time.perf_counter()
    await replica.load()
    load_seconds = time.perf_counter() - started
    loaded = read_resident_bytes()
    instants: list[float] = []

    def note(applied: Applied) -> None:
        instants.append(time.perf_counter())

    replica.listeners.append(note)
    started = time.perf_counter()
    reading = asyncio.create_task(replica.run())
    await replica.reached.wait()
    rate = BIDS / (instants[-1] - started)
    replayed = read_resident_bytes()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await log.close()
    return Report((loaded - before) / members, load_seconds, rate, (replayed - loaded) / BIDS)


if __name__ == "__main__":
    found = uvloop.run(report_on(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
