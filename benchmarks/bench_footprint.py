"""How much memory does a price rule take, an auction, a raffle's entry; and what takes it elsewhere?

Each is loaded in a process of its own, from a file with what the log would hold, read entry by entry so that
the reading itself leaves little behind. Counted is by how much the process has grown (its resident memory,
after it has given back what it does not need), for each rule, auction or entry: with all indexes and
histories, and whatever else a program keeps. Rules stand beside the same rules in the ZEN engine, in
rule-engine and in a plain list (see peers/rule_loops.py), entries beside a list of tuples.
"""

import ctypes
import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec
import zen
from msgspec.structs import replace

from benchmarks import raffling, workload
from benchmarks.peers.rule_loops import ExpressionRules, PlainRules
from benchmarks.results import FULL, choose_size, compare, record
from benchmarks.rule_sets import make_decision_table, make_question, make_workload
from benchmarks.servers import REPOSITORY, read_resident_bytes
from benchmarks.workload import START, encode
from engine.commands import (
    OPERATOR,
    SCHEMA,
    AuctionTerms,
    Batch,
    BeginDraft,
    BuyTickets,
    Command,
    CreateAuction,
    Envelope,
    OpenAuction,
    PublishRules,
    PutRules,
)
from engine.errors import Rejected
from engine.machine import apply_entry, decode_batch
from engine.program import Program
from engine.units import DAY
from rules.rule import RuleSet

RULES = choose_size(10_000, 400)
AUCTIONS = choose_size(10_000, 200)
MEMBERS = choose_size(100_000, 500)
ENTRIES = choose_size(200_000, 2_000)
CHUNK = 200
"""Commands in an entry of the log, or rules in a command."""

Parts = Iterator[bytes]
"""What a file holds, read one after the other."""


class Found(msgspec.Struct, frozen=True):
    """By how many bytes the loading process has grown, and how many things it had in the end."""

    grown: int
    count: int


class Subject(NamedTuple):
    """What is loaded: ``begin`` makes what is there before, ``load`` takes the parts into it, ``count`` says
    how many things it has then."""

    begin: Callable[[], object]
    load: Callable[..., object]
    count: Callable[..., int]


def apply_all(program: Program, parts: Parts) -> Program:
    """The program after these entries of the log. Raises ``AssertionError`` where a command is refused."""
    for number, payload in enumerate(parts, 1):
        outcomes = apply_entry(program, START, 1_000 + number, payload).outcomes
        assert not any(isinstance(outcome, Rejected) for outcome in outcomes), outcomes
    return program


def load_rules(make: Callable[[RuleSet], object]) -> Callable[[None, Parts], list[tuple[object, int]]]:
    """Loads rule sets elsewhere, one after the other."""

    def load(_: None, parts: Parts) -> list[tuple[object, int]]:
        rule_sets = (msgspec.msgpack.decode(part, type=RuleSet) for part in parts)
        return [(make(rule_set), len(rule_set.rules)) for rule_set in rule_sets]

    return load


def load_table(_: None, parts: Parts) -> tuple[zen.ZenDecision, int]:
    """Loads a decision table; it is compiled when it is asked first."""
    text = next(parts).decode()
    decision = zen.ZenEngine().create_decision(text)
    made = make_workload(1, items=1)
    decision.evaluate(make_question(made.cells[0], made.items[0]))
    return decision, text.count('"_id"')


def load_tuples(_: None, parts: Parts) -> list[tuple[str, int]]:
    """Who bought how many tickets."""
    return [
        (one.command.member, one.command.tickets)
        for payload in parts
        for one in decode_batch(payload).commands
        if isinstance(one.command, BuyTickets)
    ]


def count_rules(loaded: list[tuple[object, int]]) -> int:
    """How many rules were loaded elsewhere."""
    return sum(count for _, count in loaded)


def build_bare() -> Program:
    """A program with a few members, and any tiers."""
    return raffling.build_program(10)


def build_roomy() -> Program:
    """A program with an auction and room for more."""
    return workload.build_program(10, 1, room=AUCTIONS)


def build_raffle() -> Program:
    """A program with an open raffle."""
    return raffling.build_program(MEMBERS, "raffle")


SUBJECTS = {
    "rules": Subject(build_bare, apply_all, lambda program: len(program.book.running.rules)),
    "the ZEN engine": Subject(lambda: None, load_table, lambda loaded: loaded[1]),
    "rule-engine": Subject(lambda: None, load_rules(ExpressionRules), count_rules),
    "a plain list": Subject(lambda: None, load_rules(PlainRules), count_rules),
    "auctions": Subject(build_roomy, apply_all, lambda program: len(program.auctions) - 1),
    "entries": Subject(build_raffle, apply_all, lambda program: program.raffles.by_id["raffle"].entries),
    "a list of tuples": Subject(lambda: None, load_tuples, len),
}


def split(rule_set: RuleSet) -> Iterator[RuleSet]:
    """The same rules in smaller sets."""
    for first in range(0, len(rule_set.rules), CHUNK):
        yield RuleSet(rule_set.groups, rule_set.rules[first : first + CHUNK])


def publish(rule_set: RuleSet) -> Iterator[Command]:
    """A draft with these rules, published. A program knows its campaigns by name, so theirs stand as
    segments."""
    yield BeginDraft("bench")
    for part in split(rule_set):
        scopes = [replace(rule.scope, campaigns=(), segments=rule.scope.campaigns) for rule in part.rules]
        rules = (replace(rule, scope=scope) for rule, scope in zip(part.rules, scopes, strict=True))
        yield PutRules("bench", tuple(rules), (), rule_set.groups)
    # A draft's version counts its changes, and beginning it is the first.
    yield PublishRules("bench", 1 + len(list(split(rule_set))), "a benchmark")


def open_auctions() -> Iterator[Command]:
    """Drafts, and each opened."""
    for number in range(AUCTIONS):
        terms = AuctionTerms(f"An evening for two, number {number}", 500, START, START + 30 * DAY)
        yield CreateAuction(f"b{number:05d}", terms)
        yield OpenAuction(f"b{number:05d}")


def make_payloads(commands: Iterable[Command], size: int) -> Iterator[bytes]:
    """Entries of the log with ``size`` commands each, without keys."""
    envelopes = [Envelope("bench", OPERATOR, "", 0, 0, command) for command in commands]
    for first in range(0, len(envelopes), size):
        origin = sha256(f"footprint {first}".encode()).digest()[:16]
        yield encode(Batch(SCHEMA, origin, 1, START, envelopes[first : first + size]))


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Writes them to a file, each behind its length."""
    with path.open("wb") as file:
        for part in parts:
            file.write(len(part).to_bytes(8, "big") + part)


def read_parts(path: Path) -> Parts:
    """Reads them again."""
    with path.open("rb") as file:
        while length := file.read(8):
            yield file.read(int.from_bytes(length, "big"))


def measure(subject: str, path: Path, count: int, *, apart: bool = FULL) -> float:
    """Bytes a thing, found by a process of its own (or, not ``apart``, here: then they mean nothing). Asserts
    that there are ``count`` of them."""
    if apart:
        command = [sys.executable, "-m", "benchmarks.bench_footprint", subject, str(path)]
        done = subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.PIPE)
        found = msgspec.json.decode(done.stdout, type=Found)
    else:
        found = find(SUBJECTS[subject], path)
    assert found.count == count
    return found.grown / count


def test_rules(disk_folder: Path) -> None:
    log, table, sets = (disk_folder / name for name in ("rules", "table", "sets"))
    rule_set = make_workload(RULES, items=1).rule_set
    write_parts(log, make_payloads(publish(rule_set), 1))
    write_parts(table, [json.dumps(make_decision_table(rule_set)).encode()])
    write_parts(sets, map(encode, split(rule_set)))
    ours = measure("rules", log, RULES)
    peers = {"the ZEN engine": measure("the ZEN engine", table, RULES)}
    peers |= {name: measure(name, sets, RULES) for name in ("rule-engine", "a plain list")}
    compare("memory of a price rule", ours, "bytes", peers=peers)


def test_auctions(disk_folder: Path) -> None:
    path = disk_folder / "auctions"
    write_parts(path, make_payloads(open_auctions(), CHUNK))
    bytes_each = measure("auctions", path, AUCTIONS, apart=True)
    record("memory: an open auction without a bid", bytes_each, "bytes")


def test_entries(disk_folder: Path) -> None:
    path = disk_folder / "entries"
    write_parts(path, raffling.make_entries("raffle", MEMBERS, ENTRIES, origin=b"r" * 16, keys=False))
    peers = {"a list of tuples": measure("a list of tuples", path, ENTRIES)}
    compare("memory of a raffle's entry", measure("entries", path, ENTRIES), "bytes", peers=peers)


def settle() -> int:
    """This process's memory once it has given back what it can (malloc_trim(3), where there is one)."""
    gc.collect()
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    return read_resident_bytes()


def find(subject: Subject, path: Path) -> Found:
    """What this process finds."""
    begun = subject.begin()
    before = settle()
    loaded = subject.load(begun, read_parts(path))
    return Found(settle() - before, subject.count(loaded))


if __name__ == "__main__":
    found = find(SUBJECTS[sys.argv[1]], Path(sys.argv[2]))
    sys.stdout.buffer.write(msgspec.json.encode(found))
