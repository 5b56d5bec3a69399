"""Bids for the engine's benchmarks: a program with members and open auctions, and batches that bid there.

A bid names the least that would do plus a little by chance, so that some take the lead and some are answered
by the leader's own automatic bid. The bids are found once, against one copy of the program, and then played
to another.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec
import numpy as np

from engine.commands import (
    LEVEL,
    MEMBER,
    OPERATOR,
    SCHEMA,
    AuctionTerms,
    Batch,
    Command,
    CreateAuction,
    Envelope,
    Genesis,
    OpenAuction,
    PlaceBid,
    ProgramSettings,
)
from engine.ledger import check_conservation
from engine.machine import apply_entry
from engine.members import Lot, Member
from engine.position import Position
from engine.program import Program
from engine.units import DAY, MINUTE

BATCH = 200
"""Bids in a batch."""

START = 1_700_000_000_000
"""The program's first instant, in ms."""

EXPIRES_AT = START + 365 * DAY
POINTS = 10**11

Draw = Callable[[np.random.Generator, int, int], list[int]]
"""Draws ``count`` numbers below ``among``."""

encode = msgspec.msgpack.encode


class Bids(NamedTuple):
    """Bids in the order in which they were found good, and each auction's price after all of them."""

    commands: list[tuple[str, PlaceBid]]
    prices: dict[str, int]


def build_program(members: int, auctions: int, *, at: int = START, room: int = 1) -> Program:
    """A program whose members have one lot each and whose auctions are open, at ``at`` ms, with ``room`` for
    more auctions."""
    settings = ProgramSettings(tiers=("silver", "gold", "platinum"), auctions=auctions + room)
    program = Program(Genesis("bench", settings=settings, level=LEVEL))
    program.at = at
    for number in range(members):
        tier = settings.tiers[number % 3]
        member = Member(f"m{number:07d}", tier, f"market{number % 3}", (), False, ())
        program.members.add(member)
        program.ledger.credit(member, Lot(at - at % DAY, at + 365 * DAY, POINTS))
    terms = AuctionTerms("An evening", 500, at, at + 30 * DAY)
    commands: list[Command] = []
    for number in range(auctions):
        commands += [CreateAuction(f"a{number:05d}", terms), OpenAuction(f"a{number:05d}")]
    keyless = [Envelope("bench", OPERATOR, "", 0, 0, command) for command in commands]
    apply_entry(program, at, 0, encode(Batch(SCHEMA, b"b" * 16, 1, at, keyless)))
    program.position = Position(1, at, 0)
    return program


def copy_program(program: Program) -> Program:
    """The same state once more, by way of its encoding."""
    return Program.decode(program.encode())


def draw_uniformly(random: np.random.Generator, count: int, among: int) -> list[int]:
    """Everybody is as likely."""
    drawn: list[int] = random.integers(0, among, count).tolist()
    return drawn


def draw_by_zipf(random: np.random.Generator, count: int, among: int) -> list[int]:
    """Zipf's law, s = 1: the n-th is drawn in proportion to 1/n."""
    weights = 1.0 / np.arange(1, among + 1)
    edges = np.cumsum(weights / weights.sum())
    drawn: list[int] = np.minimum(np.searchsorted(edges, random.random(count)), among - 1).tolist()
    return drawn


def find_bids(
    program: Program, count: int, draw: Draw, *, seed: int = 1, auctions: int | None = None
) -> Bids:
    """``count`` bids that are all accepted when ``program`` gets them in this order; it has got them
    afterwards. They go to its first ``auctions`` (None: to all)."""
    random = np.random.default_rng(seed)
    members = draw(random, count, program.members.count)
    places = draw(random, count, auctions or len(program.auctions))
    extras = random.exponential(1.5, count).tolist()
    found: list[tuple[str, PlaceBid]] = []
    for number, (member, auction, extra) in enumerate(zip(members, places, extras, strict=True)):
        state = program.auctions[f"a{auction:05d}"]
        actor = f"m{member:07d}"
        step = state.increments.at(state.price)
        least = state.leader_maximum + 1 if state.leader == actor else state.minimum
        command = PlaceBid(state.id, least + int(extra * step))
        found.append((actor, command))
        batch = Batch(SCHEMA, b"f" * 16, number + 1, program.at, [Envelope(actor, MEMBER, "", 0, 0, command)])
        applied = apply_entry(program, program.at, number + 1, encode(batch))
        assert len(applied.events) == 1, applied
    return Bids(found, {auction.id: auction.price for auction in program.auctions.values()})


def renumber(bids: Bids) -> tuple[Bids, int, int]:
    """The same bids by the first members and on the first auctions of a program, as many as there are in
    them; and how many that is."""
    members = {actor: f"m{number:07d}" for number, actor in enumerate(dict(bids.commands))}
    touched = dict.fromkeys(command.auction for _, command in bids.commands)
    auctions = {auction: f"a{number:05d}" for number, auction in enumerate(touched)}
    commands = [
        (members[actor], PlaceBid(auctions[command.auction], command.maximum))
        for actor, command in bids.commands
    ]
    prices = {auctions[auction]: bids.prices[auction] for auction in touched}
    return Bids(commands, prices), len(members), len(auctions)


def make_batches(
    bids: Iterable[tuple[str, Command]],
    *,
    at: int,
    origin: bytes = b"w" * 16,
    size: int = BATCH,
    prefix: str = "key",
    role: int = MEMBER,
) -> list[bytes]:
    """The entries' payloads: ``size`` commands each, by actors in ``role``, each under a key of its own,
    behind ``prefix``, that is remembered for ten minutes."""
    envelopes = [
        Envelope(actor, role, f"{prefix}-{number:09d}", number, at + 10 * MINUTE, command)
        for number, (actor, command) in enumerate(bids)
    ]
    return [
        encode(Batch(SCHEMA, origin, number // size + 1, at, envelopes[number : number + size]))
        for number in range(0, len(envelopes), size)
    ]


def play(program: Program, payloads: Iterable[bytes], *, first: int = 1) -> None:
    """Applies entries in the program's own instant: what a replica does, without the reading."""
    at = program.at
    for sequence, payload in enumerate(payloads, first):
        apply_entry(program, at, 1_000_000 + sequence, payload)


def check_played(program: Program, bids: Bids) -> None:
    """Raises ``AssertionError`` unless the program is where the bids lead to, and no point is missing."""
    assert {auction.id: auction.price for auction in program.auctions.values()} == bids.prices
    assert sum(len(auction.history) for auction in program.auctions.values()) == len(bids.commands)
    check_conservation(program.members, program.ledger)
