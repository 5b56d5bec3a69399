"""How many automatic bids a second does one core apply: decode, decide, encode the outcome, digest?

100 auctions, 100 000 members drawn uniformly, batches of 200, every bid under a remembered key.
"""

import gc
import time
from statistics import median

from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.results import choose_size, record, record_at_least
from benchmarks.workload import (
    build_program,
    check_played,
    copy_program,
    draw_uniformly,
    find_bids,
    make_batches,
    play,
)
from engine.program import Program

MEMBERS = choose_size(100_000, 1_000)
BIDS = choose_size(100_000, 2_000)
ROUNDS = choose_size(7, 1)
LEAST = 150_000
"""Bids a second."""


def test_apply(benchmark: BenchmarkFixture) -> None:
    start = build_program(MEMBERS, 100)
    bids = find_bids(copy_program(start), BIDS, draw_uniformly)
    payloads = make_batches(bids.commands, at=start.at)
    seconds: list[float] = []

    def prepare() -> tuple[tuple[Program], dict[str, object]]:
        program = copy_program(start)
        gc.collect()
        gc.freeze()
        gc.disable()
        return (program,), {}

    def run(program: Program) -> None:
        started = time.process_time()
        play(program, payloads)
        seconds.append(time.process_time() - started)
        gc.enable()
        check_played(program, bids)

    benchmark.pedantic(run, setup=prepare, rounds=ROUNDS)
    record_at_least("apply: bids a second on one core", BIDS / median(seconds), "bids/s", LEAST)
    record("apply: the same, best round", BIDS / min(seconds), "bids/s")
