"""Makes a failed chapter small: the shortest history that still fails, or the fewest faults that are needed.

Most violations follow from the log alone: then its commands, one an entry, are played through one program
beside the auditor, and whatever is not needed is left out. The others need processes and faults: those are
left out by kind.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from engine.commands import SCHEMA, Batch, Envelope
from engine.ledger import check_conservation
from engine.machine import apply_entry, decode_batch, start
from engine.program import Program
from engine.simulator.auditor.journal import Journal
from engine.simulator.judge import Verdict, Violation, compare_states, note_salts, timing_of

T = TypeVar("T")

TRIES = 400
"""Histories that are played at most."""


class Moment(NamedTuple):
    """A command, and the log's time (ms) at which it is applied."""

    at: int
    envelope: Envelope


def moments_of(verdicts: Iterable[tuple[int, Verdict]]) -> list[Moment]:
    """The commands of a log's entries, each with its time, without their keys."""
    return [
        Moment(at, msgspec.structs.replace(envelope, key=""))
        for at, verdict in verdicts
        for envelope in decode_batch(verdict.payload).commands
    ]


def find_fault(moments: Sequence[Moment]) -> str:
    """What is wrong when these commands, of which the first is the genesis, are applied one after the other;
    ``""`` where nothing is."""
    program: Program | None = None
    salts: dict[str, bytes] = {}
    journal = Journal(salts)
    for number, moment in enumerate(moments, 1):
        batch = Batch(SCHEMA, bytes(16), number, moment.at, [moment.envelope])
        payload = msgspec.msgpack.encode(batch)
        program = program or start(batch)
        try:
            applied = apply_entry(program, moment.at, number, payload)
            note_salts(batch, program, salts)
            journal.take(moment.at, batch, applied.outcomes, timing_of(applied.events))
            check_conservation(program.members, program.ledger)
            compare_states(program, journal.model)
            twin = Program.decode(list(program.encode()))
            if twin.state_digest() != program.state_digest():
                raise Violation("a snapshot reads back as another state")
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return ""


def shrink(whole: Sequence[T], fails: Callable[[list[T]], bool], tries: int = TRIES) -> list[T]:
    """The fewest of ``whole`` that were found, in their order, with which it still ``fails``; the first is
    always among them. Leaves out halves, then quarters, and so on (Zeller's ddmin)."""
    first, kept = whole[0], list(whole[1:])
    size = max(1, len(kept) // 2)
    while tries > 0 and kept:
        for begin in range(0, len(kept), size):
            fewer = kept[:begin] + kept[begin + size :]
            tries -= 1
            if fails([first, *fewer]):
                kept = fewer
                break
            if tries <= 0:
                break
        else:
            if size == 1:
                break
            size = max(1, size // 2)
    return [first, *kept]


def shrink_history(moments: list[Moment]) -> tuple[list[Moment], str]:
    """The commands that are needed, and what is wrong with them; none where the log alone does not fail."""
    words = find_fault(moments)
    if not words:
        return [], ""
    fewest = shrink(moments, lambda some: bool(find_fault(some)))
    return fewest, find_fault(fewest)


def tell(moments: Sequence[Moment]) -> list[str]:
    """A history in lines, with the time since the first command that has one."""
    begin = moments[1].at if len(moments) > 1 else 0
    return [f"+{one.at - begin:>8} ms  {one.envelope.actor:<5} {one.envelope.command}" for one in moments[1:]]
