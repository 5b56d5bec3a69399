"""Entries for the raffles' benchmarks: a program with members and open raffles, and batches that buy tickets.

Everything is drawn from one generator with a seed, so that two runs do the same.
"""

from hashlib import sha256

import numpy as np

from benchmarks.workload import BATCH, EXPIRES_AT, POINTS, START, encode
from engine.commands import (
    KEEPER,
    LEVEL,
    MEMBER,
    OPERATOR,
    SCHEMA,
    Batch,
    BuyTickets,
    Command,
    CommitSecret,
    CreateRaffle,
    Envelope,
    Genesis,
    OpenRaffle,
    Prize,
    ProgramSettings,
    RaffleTerms,
)
from engine.machine import apply_entry
from engine.members import Lot, Member
from engine.position import Position
from engine.program import Program
from engine.units import DAY, HOUR, MINUTE

SECRET = bytes(range(32))

PRIZES = 20
RESERVES = 80


def build_program(members: int, *raffles: str) -> Program:
    """A program whose members have one lot each, and whose raffles are open for an hour: 20 prizes and 80
    reserves, drawn from ``SECRET``."""
    program = Program(Genesis("bench", settings=ProgramSettings(), level=LEVEL))
    program.at = START
    for number in range(members):
        member = Member(f"m{number:07d}", "gold", "north", (), False, ())
        program.members.add(member)
        program.ledger.credit(member, Lot(START - START % DAY, EXPIRES_AT, POINTS))
    terms = RaffleTerms(
        {},
        (Prize("car"), Prize("mug", PRIZES - 1)),
        10,
        START,
        START + HOUR,
        reserves=RESERVES,
        randomness="commitment",
    )
    commands: list[Command] = []
    for raffle in raffles:
        commitment = CommitSecret(raffle, sha256(SECRET).hexdigest())
        commands += [CreateRaffle(raffle, terms), OpenRaffle(raffle), commitment]
    send(program, *commands)
    return program


def send(program: Program, *commands: Command, at: int = 0) -> list[object]:
    """Applies commands without keys as one entry, at the program's own instant or ``at`` ms; returns the
    outcomes."""
    at = at or program.at
    keyless = [Envelope("bench", OPERATOR, "", 0, 0, command) for command in commands]
    number = program.position.sequence + 1
    batch = encode(Batch(SCHEMA, sha256(f"{at}:{number}".encode()).digest()[:16], 1, at, keyless))
    outcomes = apply_entry(program, at, number, batch).outcomes
    program.position = Position(1, at, number)
    return [*outcomes]


def make_entries(
    raffle: str,
    members: int,
    count: int,
    *,
    origin: bytes,
    tickets: int = 10,
    seed: int = 1,
    keys: bool = True,
) -> list[bytes]:
    """The payloads of ``count`` purchases of 1 to 2 · ``tickets`` − 1 tickets by members drawn uniformly;
    with ``keys``, each under one of its own that is remembered for ten minutes."""
    random = np.random.default_rng(seed)
    buyers = random.integers(0, members, count).tolist()
    bought = random.integers(1, 2 * tickets, count).tolist()
    envelopes = [
        Envelope(
            f"m{buyer:07d}",
            MEMBER if keys else KEEPER,
            f"key-{seed}-{number:09d}" if keys else "",
            number,
            START + 10 * MINUTE,
            BuyTickets(raffle, amount, 10**9, "", "" if keys else f"m{buyer:07d}"),
        )
        for number, (buyer, amount) in enumerate(zip(buyers, bought, strict=True))
    ]
    return [
        encode(Batch(SCHEMA, origin, number // BATCH + 1, START, envelopes[number : number + BATCH]))
        for number in range(0, count, BATCH)
    ]


def play(program: Program, payloads: list[bytes]) -> None:
    """Applies entries in the program's own instant: what a replica does, without the reading."""
    for payload in payloads:
        number = program.position.sequence + 1
        apply_entry(program, START, number, payload)
