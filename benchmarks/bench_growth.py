"""How does the cost of the common commands grow with members, auctions and price rules?

Engine CPU of a bid, a redemption, a credit, a purchase of tickets (each in batches of 200, under remembered
keys) and a quote, in programs of four sizes each. All members, auctions and experiences are drawn uniformly,
so that nearly everything comes from main memory, which larger programs pay for. Of the rules about five match
whatever there are. Sizes are measured in turns; the exponent is the slope of a least-squares line through the
logarithms of size and cost: 0 where the cost stays as it is, 1 where it grows as the program does.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator
from itertools import count
from statistics import median

import numpy as np
import pytest

from benchmarks.raffling import SECRET, send
from benchmarks.results import choose_size, record
from benchmarks.workload import BATCH, EXPIRES_AT, build_program, make_batches
from engine.commands import (
    MEMBER,
    SERVICE,
    BuyTickets,
    Command,
    CommitSecret,
    CreateRaffle,
    CreditPoints,
    ExperienceTerms,
    OpenRaffle,
    PlaceBid,
    Prize,
    PutExperience,
    RaffleTerms,
    Redeem,
)
from engine.errors import Rejected
from engine.ledger import check_conservation
from engine.machine import apply_entry
from engine.prices.state import Revision
from engine.prices.views import quote_for_member
from engine.program import Program
from engine.units import DAY
from rules.compiler import CompiledRules
from rules.rule import Effect, Group, PriceRule, RuleSet
from rules.scope import Scope

MEMBERS = choose_size((1_000, 10_000, 100_000, 1_000_000), (100, 200))
AUCTIONS = choose_size((10, 100, 1_000, 10_000), (10, 20))
RULES = choose_size((10, 100, 1_000, 10_000), (10, 20))
USUAL = choose_size((10_000, 100, 100), (100, 10, 10))
"""Members, auctions and rules, where it is another one that grows."""

EXPERIENCES = choose_size(1_000, 20)
CALLS = choose_size(4_000, 200)
"""Of each kind in each program."""

CHUNK = 400
"""Calls that are measured together, before it is the next program's turn."""

KINDS = ("travel", "dining", "leisure", "wellness", "lifestyle", "voucher", "merchandise", "service")
TIERS = ("silver", "gold", "platinum")
"""Those of ``build_program``."""

RULES_A_SEGMENT = 10
RAFFLE = "raffle"
TICKETS = 3
STEP = 20_000
"""Each bid is so much above the one before: it takes the lead."""

Ask = Callable[[random.Random, Program, int], tuple[str, Command]]
"""Who asks for what, as the n-th call."""


def furnish(program: Program, rules: int) -> None:
    """Adds a catalogue, a raffle and ``rules`` price rules to a program of members and auctions. A member is
    in one segment of as many as there are tens of rules."""
    segments = [f"segment{number}" for number in range(max(1, rules // RULES_A_SEGMENT))]
    for number, member in enumerate(program.members):
        member.segments = (segments[number % len(segments)],)
    generator = random.Random(1)
    commands: list[Command] = [
        PutExperience(
            f"e{number:04d}", ExperienceTerms(generator.choice(KINDS), generator.randrange(500, 20_000))
        )
        for number in range(EXPERIENCES)
    ]
    terms = RaffleTerms({}, (Prize("car"),), 10, program.at, program.at + DAY, randomness="commitment")
    commands += [CreateRaffle(RAFFLE, terms), OpenRaffle(RAFFLE), CommitSecret(RAFFLE, SECRET.hex())]
    assert not [outcome for outcome in send(program, *commands) if isinstance(outcome, Rejected)]
    made = tuple(make_rule(generator, number, segments) for number in range(rules))
    groups = (Group("stack"), Group("best", "best"))
    program.book.publish(
        Revision(1, program.at, "bench", "", "", "draft"), CompiledRules(RuleSet(groups, made))
    )


def make_rule(generator: random.Random, number: int, segments: list[str]) -> PriceRule:
    """A rule that about half of the redemptions and tickets of its segment match."""
    scope = Scope(
        mechanics=("raffle", "redemption"),
        tiers=tuple(sorted(generator.sample(TIERS, 2))),
        segments=(segments[number % len(segments)],),
        kinds=tuple(sorted((*generator.sample(KINDS, 6), "raffle"))),
    )
    effect = Effect("factor", generator.randrange(9_000, 9_999))
    group = generator.choice(("stack", "best"))
    return PriceRule(f"rule{number:05d}", scope, effect, group, generator.randrange(10))


def draw_member(chance: random.Random, program: Program) -> str:
    """Any of them."""
    return f"m{chance.randrange(program.members.count):07d}"


def ask_bid(chance: random.Random, program: Program, number: int) -> tuple[str, Command]:
    """The highest bid so far, in any auction."""
    auction = f"a{chance.randrange(len(program.auctions)):05d}"
    return draw_member(chance, program), PlaceBid(auction, (number + 1) * STEP)


def ask_redeem(chance: random.Random, program: Program, number: int) -> tuple[str, Command]:
    """Any experience."""
    return draw_member(chance, program), Redeem(f"e{chance.randrange(EXPERIENCES):04d}", 10**6, channel="app")


def ask_credit(chance: random.Random, program: Program, number: int) -> tuple[str, Command]:
    """Points that were earned today, by a service."""
    return "till", CreditPoints(draw_member(chance, program), 100 + number, EXPIRES_AT)


def ask_tickets(chance: random.Random, program: Program, number: int) -> tuple[str, Command]:
    """Some tickets."""
    return draw_member(chance, program), BuyTickets(RAFFLE, TICKETS, 10**6, channel="app")


COMMANDS: dict[str, tuple[Ask, int]] = {
    "a bid": (ask_bid, MEMBER),
    "a redemption": (ask_redeem, MEMBER),
    "a credit": (ask_credit, SERVICE),
    "a purchase of tickets": (ask_tickets, MEMBER),
}


def play_commands(program: Program, name: str) -> Iterator[float]:
    """Applies the calls of one kind; after each chunk, its CPU seconds a call. Asserts that none is
    refused."""
    ask, role = COMMANDS[name]
    chance = random.Random(name)
    asked = [ask(chance, program, number) for number in range(CALLS)]
    origin = name.encode().ljust(16)[:16]
    payloads = make_batches(asked, at=program.at, origin=origin, prefix=name[2:6].strip(), role=role)
    size = max(1, CHUNK // BATCH)
    numbers = count(program.position.sequence + 1)
    for first in range(0, len(payloads), size):
        chunk = payloads[first : first + size]
        started = time.process_time()
        applied = [apply_entry(program, program.at, next(numbers), payload) for payload in chunk]
        spent = time.process_time() - started
        outcomes = [outcome for entry in applied for outcome in entry.outcomes]
        assert not [outcome for outcome in outcomes if isinstance(outcome, Rejected)]
        yield spent / len(outcomes)


def play_quotes(program: Program) -> Iterator[float]:
    """Asks for prices; after each chunk, its CPU seconds a quote. Asserts that rules had their part."""
    chance = random.Random(3)
    asked = [(draw_member(chance, program), f"e{chance.randrange(EXPERIENCES):04d}") for _ in range(CALLS)]
    steps = 0
    for first in range(0, CALLS, CHUNK):
        chunk = asked[first : first + CHUNK]
        started = time.process_time()
        quotes = [
            quote_for_member(program, member, experience, share=None, channel="app", why_not=False)
            for member, experience in chunk
        ]
        yield (time.process_time() - started) / len(chunk)
        steps += sum(len(quote.steps) for quote in quotes)
    assert 1 < steps / CALLS < 6


def measure(programs: list[Program]) -> dict[str, list[float]]:
    """By call, its cost (µs) in each program: the median of the chunks, measured in turns."""
    costs: dict[str, list[float]] = {}
    gc.collect()
    gc.freeze()
    gc.disable()
    for name in (*COMMANDS, "a quote"):
        playing = [
            play_quotes(program) if name == "a quote" else play_commands(program, name)
            for program in programs
        ]
        rounds = [*zip(*playing, strict=True)]
        costs[name] = [median(own) * 1e6 for own in zip(*rounds, strict=True)]
    gc.enable()
    gc.unfreeze()
    return costs


def check(program: Program) -> None:
    """All calls are in the state, and no point is missing."""
    assert sum(len(auction.history) for auction in program.auctions.values()) == CALLS
    assert len(program.redemptions) == CALLS
    assert program.raffles.by_id[RAFFLE].entries == CALLS
    assert program.raffles.by_id[RAFFLE].tickets == CALLS * TICKETS
    check_conservation(program.members, program.ledger)


def fit_exponent(sizes: tuple[int, ...], costs: list[float]) -> float:
    """The slope of the line through the logarithms (least squares)."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


@pytest.mark.parametrize(("place", "sizes"), [*enumerate((MEMBERS, AUCTIONS, RULES))])
def test_growth(place: int, sizes: tuple[int, ...]) -> None:
    programs = []
    for size in sizes:
        members, auctions, rules = (*USUAL[:place], size, *USUAL[place + 1 :])
        programs.append(build_program(members, auctions))
        furnish(programs[-1], rules)
    costs = measure(programs)
    for program in programs:
        check(program)
    grown = ("members", "auctions", "rules")[place]
    least, most = (f"{size:,}".replace(",", " ") for size in (sizes[0], sizes[-1]))
    for name, own in costs.items():
        record(f"growth: {name}, {least} to {most} {grown}", fit_exponent(sizes, own), "exponent")
        record(f"growth: {name}, with {most} {grown}", own[-1], "µs")


def test_a_known_exponent_is_found() -> None:
    assert fit_exponent((10, 100, 1_000), [20.0, 40.0, 80.0]) == pytest.approx(np.log10(2))
