"""What does a bid cost in apply in each auction format, against an English one; and what does a close cost?

Bids of all formats are found good against a copy of the program, and then played in turns, a chunk of each,
in one run. The close is measured entry by entry of the log, as every replica applies it.
"""

import gc
import random
import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import NamedTuple

from benchmarks.results import choose_size, record, record_at_most
from benchmarks.workload import (
    BATCH,
    START,
    build_program,
    copy_program,
    draw_uniformly,
    encode,
    find_bids,
    make_batches,
    play,
)
from engine.commands import (
    MEMBER,
    OPERATOR,
    SCHEMA,
    AscendingClock,
    AuctionTerms,
    Batch,
    BidForPieces,
    Command,
    CreateFormatAuction,
    Dutch,
    Envelope,
    Format,
    MultiUnit,
    OpenAuction,
    PlaceBid,
    Sealed,
    Tick,
)
from engine.errors import Rejected
from engine.ledger import check_conservation
from engine.machine import apply_entry
from engine.program import Program
from engine.units import DAY, HOUR

MEMBERS = choose_size(100_000, 500)
AUCTIONS = choose_size(50, 5)
BIDS = choose_size(20_000, 400)
CLOSING = choose_size(100_000, 400)
SUPPLY = choose_size(100, 10)
MOST = 1.5
CHUNK = 5
"""Batches that are measured together, before it is the next format's turn."""

Ask = Callable[[Program, str, random.Random], Command]
"""The next bid in an auction."""


_numbers = count(1)
"""Those of the entries that ``send`` makes."""


class Case(NamedTuple):
    """A format, and how its bids are made up."""

    name: str
    format: Format
    ask: Ask


def ask_price(least: int) -> Ask:
    """A price by chance, and a quantity."""
    return lambda program, id, chance: BidForPieces(id, least + chance.randrange(10**6), chance.randint(1, 3))


def ask_to_be_in(program: Program, id: str, chance: random.Random) -> Command:
    """The price to be in, and a little more."""
    return BidForPieces(id, program.auctions[id].minimum + chance.randrange(500), chance.randint(1, 3), True)


def ask_for_one(program: Program, id: str, chance: random.Random) -> Command:
    """A price by chance."""
    return PlaceBid(id, 10_000 + chance.randrange(10**6))


CASES = (
    Case("Dutch", Dutch(1_000, HOUR, step=100, supply=1_000), ask_for_one),
    Case("sealed, first price", Sealed("first", may_lower=True), ask_for_one),
    Case("Vickrey", Sealed("second", may_lower=True), ask_for_one),
    Case("uniform, open", MultiUnit(SUPPLY), ask_to_be_in),
    Case(
        "pay as bid, sealed", MultiUnit(SUPPLY, "pay_as_bid", sealed=True, may_lower=True), ask_price(10_000)
    ),
    Case("ascending clock", AscendingClock(DAY, HOUR, step=100), ask_for_one),
)


def test_a_bid_in_each_format() -> None:
    program = build_program(MEMBERS, AUCTIONS, room=AUCTIONS * len(CASES))
    for number, case in enumerate(CASES):
        for place in range(AUCTIONS):
            open_auction(program, f"f{number}-{place}", case.format)
    finder = copy_program(program)
    english = find_bids(finder, BIDS, draw_uniformly, auctions=AUCTIONS).commands
    kinds = [make_batches(english, at=program.at, origin=b"e" * 16)]
    for number, case in enumerate(CASES):
        bids = find_format_bids(finder, case, number)
        kinds.append(make_batches(bids, at=program.at, origin=bytes([number]) * 16, prefix=case.name))
    costs = measure_in_turns(program, kinds)
    record("formats: an English bid in apply", costs[0] * 1e6, "µs")
    for case, cost in zip(CASES, costs[1:], strict=True):
        record_at_most(f"formats: a bid, {case.name}, against English", cost / costs[0], "×", MOST)
    for number in range(len(CASES)):
        bids = sum(len(program.auctions[f"f{number}-{place}"].history) for place in range(AUCTIONS))
        assert bids == BIDS
    check_conservation(program.members, program.ledger)


def test_a_close() -> None:
    program = build_program(CLOSING, 0)
    open_auction(program, "f", MultiUnit(SUPPLY, "highest_losing", sealed=True))
    chance = random.Random(5)
    bids = [
        (f"m{number:07d}", BidForPieces("f", 10_000 + chance.randrange(10**6), 1))
        for number in range(CLOSING)
    ]
    chance.shuffle(bids)
    play(program, make_batches(bids, at=program.at))
    auction = program.auctions["f"]
    assert len(auction.standing) == CLOSING
    held = program.ledger.totals.held
    gc.collect()
    gc.freeze()
    gc.disable()
    costs, at = [], auction.ends_at
    while program.agenda.next_at <= at:
        started = time.process_time()
        send(program, Tick(), at=at)
        costs.append(time.process_time() - started)
    gc.enable()
    gc.unfreeze()
    assert auction.pieces is not None
    assert (auction.status, auction.pieces.sold, program.ledger.holds) == ("settled", SUPPLY, {})
    best = sorted((command.maximum for _, command in bids), reverse=True)[: SUPPLY + 1]
    assert {sale.price for sale in auction.pieces.sales} == {best[-1]}
    assert program.ledger.totals.spent == SUPPLY * best[-1]
    assert held > program.ledger.totals.spent
    check_conservation(program.members, program.ledger)
    name = f"formats: close of {CLOSING:,} bids, {SUPPLY} pieces"
    record_at_most(f"{name}: longest command", max(costs) * 1e3, "ms", 20)
    record(f"{name}: all {len(costs)} commands", sum(costs) * 1e3, "ms")


def open_auction(program: Program, id: str, format: Format) -> None:
    """Makes an auction, and opens it."""
    opening = 10_000 if isinstance(format, Dutch | AscendingClock) else 500
    terms = AuctionTerms("An evening", opening, START, START + 30 * DAY)
    send(program, CreateFormatAuction(id, terms, format), OpenAuction(id), at=program.at)


def send(program: Program, *commands: Command, at: int) -> None:
    """Applies an entry of staff's, which must be accepted."""
    number = next(_numbers)
    envelopes = [Envelope("bench", OPERATOR, "", 0, 0, command) for command in commands]
    applied = apply_entry(program, at, number, encode(Batch(SCHEMA, b"s" * 16, number, at, envelopes)))
    assert not any(isinstance(outcome, Rejected) for outcome in applied.outcomes), applied.outcomes


def find_format_bids(program: Program, case: Case, number: int) -> list[tuple[str, Command]]:
    """Bids in one format that are all taken in this order; the program has got them afterwards."""
    chance = random.Random(number)
    found: list[tuple[str, Command]] = []
    for sequence in count(10**6 * (number + 2)):
        if len(found) == BIDS:
            break
        actor = f"m{chance.randrange(MEMBERS):07d}"
        command = case.ask(program, f"f{number}-{len(found) % AUCTIONS}", chance)
        envelope = Envelope(actor, MEMBER, "", 0, 0, command)
        batch = Batch(SCHEMA, bytes([9, number]) * 8, sequence, program.at, [envelope])
        if not isinstance(apply_entry(program, program.at, sequence, encode(batch)).outcomes[0], Rejected):
            found.append((actor, command))
    return found


def measure_in_turns(program: Program, kinds: list[list[bytes]]) -> list[float]:
    """CPU seconds a bid of each kind."""
    costs: list[list[float]] = [[] for _ in kinds]
    gc.collect()
    gc.freeze()
    gc.disable()
    for first in range(0, len(kinds[0]), CHUNK):
        for payloads, costs_of in zip(kinds, costs, strict=True):
            own = payloads[first : first + CHUNK]
            started = time.process_time()
            play(program, own, first=first)
            costs_of.append((time.process_time() - started) / (len(own) * BATCH))
    gc.enable()
    gc.unfreeze()
    return [median(measured) for measured in costs]
