"""Known bugs, each planted by changing a line of the product, and what the simulator needs to find them.

python -m tests.engine.simulator.planting            a table: the median of commands until each was found
"""

import inspect
import statistics
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import NamedTuple

from engine import administration, machine
from engine.auction import english, lifecycle, second_chance, void, win_limits
from engine.keeper import Keeper
from engine.ledger import Ledger
from engine.log import contract
from engine.program import Program
from engine.raffles import tickets
from engine.rewards import redemption
from engine.simulator.faults import GRAVE, MILD
from engine.simulator.world import play
from engine.writer import Writer
from rules import amounts

FAULTS = frozenset((*MILD, *GRAVE))
CHAPTER = 1_500
CHAPTERS = 24
"""How far a simulation goes at most to find one."""


class Bug(NamedTuple):
    """In ``place``, ``right`` is written as ``wrong``. ``seed`` is where it is found soon."""

    name: str
    place: Callable[..., object]
    right: str
    wrong: str
    seed: int = 0


BUGS = (
    Bug(
        "a hold is not released when outbid",
        Ledger.pass_hold,
        "self._release(self.holds[subject], at)",
        "pass",
        seed=2,
    ),
    Bug(
        "a tie goes to the later bid",
        english.place_bid,
        "if maximum <= highest:",
        "if maximum < highest:",
        seed=3,
    ),
    Bug(
        "a lot is spent after its expiry",
        Ledger.expire,
        "lots[0].expires_at > at and",
        "lots[0].expires_at + 600_000 > at and",
        seed=1,
    ),
    Bug(
        "a float in a price",
        amounts.apply_factor,
        "(amount * factor + ONE // 2) // ONE",
        "round(amount * factor / ONE)",
        seed=4,
    ),
    Bug(
        "iteration over a set",
        administration.expire_next,
        # Each process hashes strings in its own way; here, each program does.
        "ids.pop()",
        "ids.pop(ids.index(min({*ids}, key=lambda one: hash((one, id(program))))))",
        seed=3,
    ),
    Bug(
        "a clock read in apply",
        lifecycle.close_softly,
        "later = min(later,",
        "later = min(later + __import__('time').time_ns() % 2,",
        seed=4,
    ),
    Bug(
        "applied before it is durable",
        Writer._append,
        "await self._log.append(payload)",
        "self._replica.apply(type(self._replica.cursor)((self._clock(), 99), payload))",
    ),
    Bug(
        "a repeated batch is applied again",
        machine._seen_before,
        "batch.number <= origin.number",
        "False",
        seed=4,
    ),
    Bug(
        "clocks that disagree are believed",
        machine.apply_entry,
        "abs(milliseconds - batch.clock) <= CLOCK_TOLERANCE",
        "True",
    ),
    Bug(
        "a key is forgotten too early",
        machine.apply,
        "keys.await_end(due_from // SECOND)",
        "keys.await_end(due_from // SECOND - 30)",
        seed=3,
    ),
    Bug("a key answers another command", machine._repeat, "first.body_hash != body_hash", "False"),
    Bug("a snapshot forgets who wrote", Program.decode, "header.origins", "{}", seed=1),
    Bug(
        "a replica does not look at its cursor",
        contract.check_cursor,
        "if not found:",
        "if True:\n        return\n    if not found:",
    ),
    Bug(
        "the log is trimmed too far",
        Keeper._oldest_needed,
        "min([(snapshots[0].milliseconds, snapshots[0].sequence), *cursors.values()])",
        "(snapshots[-1].milliseconds, snapshots[-1].sequence)",
        seed=1,
    ),
    Bug("a late bid is let in", english.place_bid, "or at >= auction.ends_at", ""),
    Bug("the last piece is sold twice", redemption._check_taker, "== 0", "== -1", seed=2),
    Bug("more is charged than was agreed to", redemption.redeem, "points > command.most or ", "", seed=1),
    Bug(
        "a raffle's cap is one too high",
        tickets._check_caps,
        "cap.had + tickets > cap.limit",
        "cap.had + tickets > cap.limit + 1",
        seed=1,
    ),
    Bug("what operators do leaves no trace", machine.apply, "role in AUDITED", "role == AUDITED[0]"),
    Bug("a void leaves the price as it was", void.void_bid, "_find_price(auction)", "pass", seed=3),
    Bug("a limit of wins is one too high", win_limits.WinLimits.may_win, "< limit", "<= limit", seed=2),
    Bug(
        "a second chance costs the hammer price",
        second_chance.offer_second_chance,
        "Offer(bid.member, bid.maximum,",
        "Offer(bid.member, auction.price,",
        seed=4,
    ),
    Bug(
        "refunded points get a lot of their own",
        Ledger._put,
        "self._merge(lots, lot)",
        "(*lots, lot)",
        seed=2,
    ),
)
"""Each was made, or nearly, by somebody somewhere."""


def bug_named(name: str) -> Bug:
    """One of ``BUGS``."""
    return next(bug for bug in BUGS if bug.name == name)


@contextmanager
def planted(bug: Bug) -> Iterator[None]:
    """The product with the bug in it, whoever holds the function already."""
    function = getattr(bug.place, "__func__", bug.place)
    assert isinstance(function, FunctionType)
    source = textwrap.dedent(inspect.getsource(function)).replace("@classmethod\n", "")
    assert source.count(bug.right) >= 1, f"{bug.right!r} is not in {function.__qualname__} any more"
    names: dict[str, FunctionType] = {}
    exec(
        compile(source.replace(bug.right, bug.wrong), function.__qualname__, "exec"),
        function.__globals__,
        names,
    )
    code, function.__code__ = function.__code__, names[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = code


@contextmanager
def untraced() -> Iterator[None]:
    """No coverage is measured, which takes three times as long: not of a product with a bug in it, nor of a
    long run through what other tests cover."""
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(trace)


def hunt(bug: Bug, seed: int) -> tuple[int, str]:
    """How many commands it took to find the bug, and in which words; 0 where it was not found."""
    commands = 0
    with planted(bug), untraced():
        for chapter in range(CHAPTERS):
            judge = play(f"hunt {seed}/{chapter}", CHAPTER, FAULTS).judge
            commands += judge.commands
            if judge.violation is not None:
                return commands, str(judge.violation)
    return 0, ""


def main(seeds: int = 5) -> None:
    """Prints the table."""
    for bug in BUGS:
        found = [hunt(bug, seed) for seed in range(seeds)]
        counts = sorted(count or CHAPTERS * CHAPTER for count, _ in found)
        missed = sum(count == 0 for count, _ in found)
        words = next((words for _, words in found if words), "not found")
        line = f"{statistics.median(counts):>8,.0f}  {missed or '':>2} {bug.name:<45} {words[:110]}"
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
