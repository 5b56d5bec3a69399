"""What does a ticket cost in a raffle that has a million entries, and what do its lock and its draw?

Entries are measured in turns on two raffles of one program, one of which has a thousand times the entries.
The draw is measured entry by entry of the log, as every replica applies it, against what one would write
without a thought, a list with every ticket's owner, shuffled; and against numpy's weighted choice without
replacement (https://numpy.org/doc/stable/reference/random/generated/numpy.random.Generator.choice.html). Ours
also closes the raffle for good, under a Merkle tree of its entries, and can be verified: the lock is in the
one row and not in the other. What the verifier needs for the evidence is reported.
"""

import gc
import random
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.raffling import SECRET, build_program, make_entries, play, send
from benchmarks.results import choose_size, compare, record, record_at_least, record_at_most
from benchmarks.workload import BATCH, START
from engine.commands import Draw, PublishDrawKey, SignLock, Tick
from engine.draw.entries import entrant_of
from engine.draw.places import draw_places
from engine.draw.verification import verify_evidence
from engine.evidence import write_raffle
from engine.ledger import check_conservation
from engine.program import Program
from engine.raffles.state import Raffle
from engine.units import HOUR
from engine.vault import Vault

MEMBERS = choose_size(200_000, 500)
FEW = choose_size(1_000, 100)
MANY = choose_size(1_000_000, 3_000)
ENTRIES = choose_size(20_000, 1_000)
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = SIGNER.public_key().public_bytes_raw()
CHOICES = 5
CHUNK = 5
"""Batches that are measured together, before it is the other raffle's turn."""


@pytest.fixture(scope="module")
def program() -> Program:
    """Two open raffles, one with few entries and one with many."""
    program = build_program(MEMBERS, "few", "many")
    play(program, make_entries("few", MEMBERS, FEW, origin=b"f" * 16, seed=2, keys=False))
    for number in range(max(1, MANY // 100_000)):
        count = min(MANY, 100_000)
        origin = number.to_bytes(16, "big")
        play(program, make_entries("many", MEMBERS, count, origin=origin, seed=100 + number, keys=False))
    return program


def test_entries(program: Program) -> None:
    payloads = [
        make_entries("few", MEMBERS, ENTRIES, origin=b"x" * 16, seed=3, keys=False),
        make_entries("many", MEMBERS, ENTRIES, origin=b"y" * 16, seed=4, keys=False),
    ]
    before = [program.raffles.by_id[id].entries for id in ("few", "many")]
    costs: list[list[float]] = [[], []]
    gc.collect()
    gc.freeze()
    gc.disable()
    for first in range(0, len(payloads[0]), CHUNK):
        for own, costs_of in zip(payloads, costs, strict=True):
            started = time.process_time()
            play(program, own[first : first + CHUNK])
            costs_of.append((time.process_time() - started) / (CHUNK * BATCH))
    gc.enable()
    gc.unfreeze()
    after = [program.raffles.by_id[id].entries for id in ("few", "many")]
    assert [late - early for early, late in zip(before, after, strict=True)] == [ENTRIES, ENTRIES]
    few, many = (median(measured) for measured in costs)
    record_at_most("raffle: cost of an entry, 1 000 times the entries", many / few, "×", 1.25)
    record("raffle: engine CPU an entry, among a million", many * 1e6, "µs")


def test_draw(program: Program, tmp_path: Path) -> None:
    raffle = program.raffles.by_id["many"]
    at = START + HOUR
    gc.collect()
    gc.disable()
    lock = measure_until_done(program, at)
    signature = SIGNER.sign(program.raffles.locks[raffle.lock - 1].text.encode()).hex()
    sign = SignLock(raffle.lock, KEY.hex(), signature)
    drawing = [measure(program, at, PublishDrawKey(KEY.hex()), sign)]
    drawing.append(measure(program, at, Draw("many", secret=SECRET.hex())))
    drawing += measure_until_done(program, at)
    gc.enable()
    assert (raffle.status, len(raffle.places)) == ("drawn", 100)
    slices = [*lock, *drawing]
    naive = shuffle_all(raffle)
    record_at_most("raffle: longest slice of apply in lock and draw", max(slices) * 1e3, "ms", 10)
    record_at_most("raffle: lock and draw of 100 places, in all", sum(slices) * 1e3, "ms", 250)
    record_at_least("raffle: faster than expanding and shuffling", naive / sum(slices), "×", 20)
    peers = {"expand and shuffle": naive * 1e3, "numpy's choice": median(choose_all(raffle)) * 1e3}
    compare("100 places among a million entries, with the lock", sum(slices) * 1e3, "ms", peers=peers)
    compare("100 places among a million entries, the draw alone", sum(drawing) * 1e3, "ms", peers=peers)
    record("raffle: tickets", raffle.tickets, "")
    check_draw(program, raffle)
    verify(program, raffle, tmp_path)


def verify(program: Program, raffle: Raffle, folder: Path) -> None:
    """What writing the evidence takes, and whoever verifies it."""
    started = time.process_time()
    write_raffle(Vault(folder), program, raffle)
    record("raffle: writing the evidence", time.process_time() - started, "s")
    (path,) = (folder / "evidence").iterdir()
    evidence = path.read_bytes()
    started = time.process_time()
    report = verify_evidence(evidence, keys=[KEY])
    record("raffle: verifying the evidence, every step", time.process_time() - started, "s")
    record("raffle: size of the evidence", len(evidence) / 1e6, "MB")
    assert report.passed, report.failed


def measure(program: Program, at: int, *commands: object) -> float:
    """CPU seconds of one entry of the log."""
    started = time.process_time()
    send(program, *commands, at=at)  # type: ignore[arg-type]
    return time.process_time() - started


def measure_until_done(program: Program, at: int) -> list[float]:
    """CPU seconds of ticks until nothing is due."""
    costs = []
    while program.agenda.next_at <= at:
        costs.append(measure(program, at, Tick()))
    return costs


def shuffle_all(raffle: Raffle) -> float:
    """CPU seconds of the plain way: every ticket's owner in one list, shuffled, and the first hundred
    owners."""
    entries = [
        (raffle.entry(number).member, raffle.entry(number).tickets) for number in range(raffle.entries)
    ]
    started = time.process_time()
    tickets = [member for member, count in entries for _ in range(count)]
    random.Random(1).shuffle(tickets)
    placed = list(dict.fromkeys(tickets))[:100]
    seconds = time.process_time() - started
    assert len(placed) == 100
    return seconds


def choose_all(raffle: Raffle) -> list[float]:
    """CPU seconds of numpy's way, over and over: each member's share of the tickets, and a hundred members
    chosen by it."""
    entries = [raffle.entry(number) for number in range(raffle.entries)]
    numbers = {member: number for number, member in enumerate(dict.fromkeys(one.member for one in entries))}
    members = np.array([numbers[one.member] for one in entries])
    bought = np.array([one.tickets for one in entries])
    generator = np.random.default_rng(1)
    costs = []
    for _ in range(CHOICES):
        started = time.process_time()
        tickets = np.bincount(members, weights=bought)
        placed = generator.choice(len(tickets), size=100, replace=False, p=tickets / tickets.sum())
        costs.append(time.process_time() - started)
        assert len(set(placed.tolist())) == 100
    assert int(tickets.sum()) == raffle.tickets
    return costs


def check_draw(program: Program, raffle: Raffle) -> None:
    """Raises ``AssertionError`` unless the verifier's own implementation draws the same, and no point is
    missing."""
    entries = (raffle.entry(number) for number in range(raffle.entries))
    drawn = draw_places(
        raffle.seed, [(entrant_of(raffle.salt, one.member), one.tickets) for one in entries], 100
    )
    assert [(place.ticket, place.entry) for place in raffle.places] == [
        (place.ticket, place.entry) for place in drawn
    ]
    check_conservation(program.members, program.ledger)
