"""What does a bid cost with a million members and 10 000 open auctions, against 1 000 and 10?

Engine CPU, measured in turns on both programs in one run. Drawn by Zipf's law (s = 1), as people crowd, and
uniformly, where nearly everything that a bid touches comes from main memory.

Among so many, more of the bids are a member's first, or an auction's. What that costs is told apart: the same
bids are played to a third program, which has those members and auctions that they touch, and nothing else.
"""

import gc
import time
from collections.abc import Sequence
from statistics import median

import pytest

from benchmarks.results import choose_size, record, record_at_most
from benchmarks.workload import (
    BATCH,
    Bids,
    Draw,
    build_program,
    check_played,
    copy_program,
    draw_by_zipf,
    draw_uniformly,
    find_bids,
    make_batches,
    play,
    renumber,
)
from engine.program import Program

SMALL = (1_000, 10)
LARGE = choose_size((1_000_000, 10_000), (2_000, 20))
BIDS = choose_size(20_000, 1_000)
ROUNDS = choose_size(5, 1)
CHUNK = 10
"""Batches that are measured together, before it is the other program's turn."""


@pytest.fixture(scope="module")
def programs() -> tuple[Program, Program]:
    """The small and the large one."""
    return build_program(*SMALL), build_program(*LARGE)


@pytest.mark.parametrize(
    ("draw", "name", "most"), [(draw_by_zipf, "Zipf", 1.25), (draw_uniformly, "uniform", 2.5)]
)
def test_scale(programs: tuple[Program, Program], draw: Draw, name: str, most: float) -> None:
    bids = [find_bids(copy_program(program), BIDS, draw) for program in programs]
    alone, members, auctions = renumber(bids[1])
    compared = (*programs, build_program(members, auctions))
    costs: list[list[float]] = [[] for _ in compared]
    for _ in range(ROUNDS):
        for own, measured in zip(costs, measure_in_turns(compared, [*bids, alone]), strict=True):
            own += measured
    small, large, touched = (median(measured) for measured in costs)
    record_at_most(f"scale: cost of a bid, 1 000 times the members, {name}", large / small, "×", most)
    record(f"scale: against the same bids where there is nothing else, {name}", large / touched, "×")
    record(f"scale: engine CPU a bid in the large program, {name}", large * 1e6, "µs")


def measure_in_turns(programs: Sequence[Program], bids: list[Bids]) -> list[list[float]]:
    """CPU seconds a bid, by chunk, for each program."""
    copies = [copy_program(program) for program in programs]
    payloads = [make_batches(own.commands, at=program.at) for own, program in zip(bids, copies, strict=True)]
    costs: list[list[float]] = [[] for _ in copies]
    gc.collect()
    gc.freeze()
    gc.disable()
    for first in range(0, len(payloads[0]), CHUNK):
        for program, entries, own in zip(copies, payloads, costs, strict=True):
            chunk = entries[first : first + CHUNK]
            started = time.process_time()
            play(program, chunk, first=first + 1)
            own.append((time.process_time() - started) / (len(chunk) * BATCH))
    gc.enable()
    gc.unfreeze()
    for program, own_bids in zip(copies, bids, strict=True):
        check_played(program, own_bids)
    return costs
