"""What does a program at the size of a real one need: how much memory, how long to start, what for a bid and
for a quote?

The program of real_program.py is built and snapshotted by one process; another starts as a gateway's replica
does, from the vault and the log of a real Valkey, and bids and asks for prices there, each time for members,
auctions and experiences drawn uniformly. Its memory is the whole process's, its start counts from the first
instruction of Python. Afterwards the state is added up.
"""

import asyncio
import gc
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import msgspec
import uvloop

from benchmarks.real_program import (
    AUCTIONS,
    REAL,
    REPORTS_EACH,
    SMALL,
    Sizes,
    build_real_program,
    draw_experience,
    name_auction,
    name_member,
)
from benchmarks.results import choose_size, record
from benchmarks.servers import REPOSITORY, read_resident_bytes
from benchmarks.workload import BATCH, encode, make_batches
from engine.commands import KEEPER, SCHEMA, Batch, Envelope, PlaceBid, Tick
from engine.embedded import EmbeddedServer
from engine.errors import Rejected
from engine.founding import found
from engine.ledger import check_conservation
from engine.log.redis_stream import connect
from engine.machine import apply_entry
from engine.position import Position
from engine.prices.views import quote_for_member
from engine.program import Program
from engine.replica import Replica
from engine.snapshot import payload_hash, write_snapshot
from engine.vault import Vault
from engine.writer import wall_clock

NAME = "bench"
SIZES = choose_size(REAL, SMALL)
BIDS = choose_size(40_000, 400)
QUOTES = choose_size(20_000, 100)
CHUNK = 100
"""Quotes that are measured together."""

STEP = 20_000
SECONDS = 300
"""How long each of the processes may take."""


class Report(msgspec.Struct, frozen=True):
    """What the process that was measured has found. Times in seconds."""

    started: float
    resident: int
    bid: float
    quote: float
    steps: float
    redemptions: int
    keys: int


def test_real_size(disk_folder: Path) -> None:
    vault = disk_folder / "vault"
    with EmbeddedServer(disk_folder / "valkey") as server:
        run_apart("build", server.url, vault)
        snapshot = sum(path.stat().st_size for path in vault.rglob("*") if path.is_file())
        report = msgspec.json.decode(run_apart("measure", server.url, vault), type=Report)
    assert report.redemptions == SIZES.redemptions
    assert report.keys == SIZES.stores * REPORTS_EACH + BIDS
    assert 1 < report.steps < 5
    record("real size: memory of a replica", report.resident / 1e9, "GB")
    record("real size: its snapshot", snapshot / 1e9, "GB")
    record("real size: from start to caught up", report.started, "s")
    record("real size: engine CPU a bid", report.bid * 1e6, "µs")
    record("real size: engine CPU a quote", report.quote * 1e6, "µs")


def run_apart(task: str, url: str, vault: Path) -> bytes:
    """Does a task in a process of its own; returns its last line."""
    sizes = [str(size) for size in (*SIZES, BIDS, QUOTES)]
    command = [sys.executable, "-m", "benchmarks.bench_real_size", task, url, str(vault), *sizes]
    done = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE, timeout=SECONDS)
    return done.stdout.splitlines()[-1] if done.stdout else b""


async def build(url: str, vault: Path, sizes: Sizes) -> None:
    """Begins the log with the program as its snapshot."""
    gc.disable()
    log = await connect(url, NAME)
    try:
        await found(log, NAME)
        program = build_real_program(sizes, at=wall_clock())
        tick = encode(Batch(SCHEMA, b"t" * 16, 1, 0, [Envelope("bench", KEEPER, "", 0, 0, Tick())]))
        program.position = Position(1, *await log.append(tick))
        write_snapshot(Vault(vault), program, payload_hash(tick))
    finally:
        await log.close()


async def measure(url: str, vault: Path, sizes: Sizes, bids: int, quotes: int) -> Report:
    """Starts as a gateway's replica does, then bids and asks for prices."""
    log = await connect(url, NAME)
    replica = Replica(log, Vault(vault))
    reading = asyncio.create_task(replica.run())
    await asyncio.wait([reading, asyncio.create_task(replica.reached.wait())], return_when="FIRST_COMPLETED")
    started = read_age()
    resident = read_resident_bytes()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await log.close()
    program = replica.program
    quote, steps = play_quotes(program, sizes, quotes)
    bid = play_bids(program, sizes, bids)
    check_conservation(program.members, program.ledger)
    assert sum(len(auction.history) for auction in program.auctions.values()) == bids
    return Report(started, resident, bid, quote, steps, len(program.redemptions), program.keys.count)


def read_age() -> float:
    """For how many seconds this process has lived (proc(5): the 22nd field of stat, in clock ticks since the
    machine's start)."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return float(Path("/proc/uptime").read_text().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")


def play_quotes(program: Program, sizes: Sizes, quotes: int) -> tuple[float, float]:
    """CPU seconds a quote, the median of the chunks; and how many rules had their part in one."""
    chance = random.Random(2)
    costs, steps = [], 0
    for _ in range(0, quotes, CHUNK):
        asked = [
            (name_member(chance.randrange(sizes.members)), draw_experience(chance, sizes))
            for _ in range(CHUNK)
        ]
        started = time.process_time()
        found = [
            quote_for_member(program, member, experience, share=None, channel="app", why_not=False)
            for member, experience in asked
        ]
        costs.append((time.process_time() - started) / CHUNK)
        steps += sum(len(quote.steps) for quote in found)
    return median(costs), steps / quotes


def play_bids(program: Program, sizes: Sizes, bids: int) -> float:
    """CPU seconds a bid, the median of the entries. Asserts that each bid takes the lead."""
    chance = random.Random(3)
    asked = [
        (
            name_member(chance.randrange(sizes.members)),
            PlaceBid(name_auction(chance.randrange(AUCTIONS)), STEP * number),
        )
        for number in range(1, bids + 1)
    ]
    costs = []
    for number, payload in enumerate(make_batches(asked, at=program.at), program.position.sequence + 1):
        started = time.process_time()
        applied = apply_entry(program, program.at, number, payload)
        costs.append((time.process_time() - started) / BATCH)
        assert not [outcome for outcome in applied.outcomes if isinstance(outcome, Rejected)]
    return median(costs)


def main() -> None:
    """Reads what ``run_apart`` has written, and does it."""
    task, url, vault, *numbers = sys.argv[1:]
    *sizes, bids, quotes = map(int, numbers)
    if task == "build":
        uvloop.run(build(url, Path(vault), Sizes(*sizes)))
    else:
        report = uvloop.run(measure(url, Path(vault), Sizes(*sizes), bids, quotes))
        sys.stdout.write(msgspec.json.encode(report).decode() + "\n")


if __name__ == "__main__":
    main()
