"""How long does it take from the start of a process until it serves?

A gateway with an empty log, beside a bare echo on the same web stack (what Python and the libraries take by
themselves); one that replays a log of five hundred entries, 200 bids each; one that finds a snapshot at the
end of the same log; and `livelot up` on that folder, whose own server first loads its file. A gateway counts
as ready when ``/ready`` says so: its replica has caught up. Whether it has is checked by its auctions. Beside
the seconds stands the CPU time that was used until then, which hangs less on who else uses the machine.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
import uvloop

from benchmarks.bench_memory import replay
from benchmarks.bench_stream import append_all, begin_with
from benchmarks.livelot import PROGRAM, Livelot
from benchmarks.results import FULL, choose_size, compare, format_value, record
from benchmarks.servers import Server, find_free_port, read_family_cpu_seconds
from benchmarks.workload import BATCH, Bids, build_program, copy_program, draw_uniformly, find_bids
from engine.embedded import EmbeddedServer
from engine.log.redis_stream import connect
from engine.snapshot import payload_hash, write_snapshot
from engine.vault import Vault
from engine.writer import wall_clock
from loadtests.api import Api
from loadtests.verification import read_history

MEMBERS = choose_size(1_000, 100)
AUCTIONS = choose_size(100, 10)
BIDS = choose_size(100_000, 1_000)
ROUNDS = choose_size(3, 1)


class Start(NamedTuple):
    """Seconds until a process was ready, and seconds of CPU that it and all below it had used by then."""

    seconds: float
    cpu: float


@pytest.mark.skipif(not FULL, reason="an empty log has no answers to check")
def test_empty(disk_folder: Path) -> None:
    echo = measure(lambda: start_echo(disk_folder))
    with EmbeddedServer(disk_folder / "valkey") as server:
        empty = measure(lambda: Livelot(disk_folder, "gateway", ["--log-url", server.url]))
    compare("start of a gateway, empty log", empty.seconds, "s", limit=("JSON echo", echo.seconds))
    compare("start of a gateway, empty log, CPU", empty.cpu, "s", limit=("JSON echo", echo.cpu))


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_full(disk_folder: Path) -> None:
    bids, folder = prepare(disk_folder / "full")
    label = f"{format_value(BIDS)} bids in {BIDS // BATCH} entries"
    with EmbeddedServer(folder / "data" / "valkey") as server:

        def start_gateway() -> Livelot:
            return Livelot(folder, "gateway", ["--log-url", server.url])

        record_start(f"a gateway that replays {label}", measure(start_gateway, bids))
        uvloop.run(take_snapshot(server.url, folder))
        if FULL:
            record_start("a gateway with a snapshot of them", measure(start_gateway, bids))
    record_start("`livelot up` with a snapshot of them", measure(lambda: Livelot(folder), bids))


def record_start(name: str, start: Start) -> None:
    """Adds both figures to the run's table."""
    record(f"start: {name}", start.seconds, "s")
    record(f"start: {name}, CPU", start.cpu, "s")


def measure(start: Callable[[], Server], bids: Bids | None = None) -> Start:
    """The medians of what ``start`` takes. Asserts that what was started knows of the ``bids``."""
    seconds, cpu = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        with start() as server:
            seconds.append(time.perf_counter() - began)
            cpu.append(read_family_cpu_seconds(server.process.pid))
            if bids is not None:
                assert isinstance(server, Livelot)
                asyncio.run(check(server, bids))
    return Start(median(seconds), median(cpu))


def start_echo(folder: Path) -> Server:
    """The web stack alone."""
    port = find_free_port()
    return Server(["-m", "benchmarks.peers.echo", "--port", str(port)], port, folder / "echo.log")


def prepare(folder: Path) -> tuple[Bids, Path]:
    """A data folder below ``folder`` with a log of bids, and no snapshot but that of its beginning."""
    start = build_program(MEMBERS, AUCTIONS, at=wall_clock())
    bids = find_bids(copy_program(start), BIDS, draw_uniformly)
    with EmbeddedServer(folder / "data" / "valkey") as server:

        async def begin() -> None:
            log = await connect(server.url, PROGRAM)
            await begin_with(log, PROGRAM, Vault(place_of_vault(folder)), start)
            await log.close()

        uvloop.run(begin())
        append_all(server.url, PROGRAM, bids.commands)
    return bids, folder


async def take_snapshot(url: str, folder: Path) -> None:
    """A snapshot at the log's end, as the keeper takes it."""
    vault = place_of_vault(folder)
    replica = await replay(url, PROGRAM, vault)
    assert replica.cursor is not None
    write_snapshot(Vault(vault), replica.program, payload_hash(replica.cursor.payload))


def place_of_vault(folder: Path) -> Path:
    """Where Livelot looks for snapshots."""
    return folder / "data" / "vault" / PROGRAM


async def check(livelot: Livelot, bids: Bids) -> None:
    """Raises ``AssertionError`` unless the first and the last auction have every bid, and the right price."""
    reader = await livelot.tokens.get("reader", "service")
    async with Api(livelot.url) as api:
        for auction in (min(bids.prices), max(bids.prices)):
            history = await read_history(api, reader, auction)
            made = sum(command.auction == auction for _, command in bids.commands)
            assert (len(history), history[-1].price) == (made, bids.prices[auction])
