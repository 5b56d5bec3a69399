"""Compares everything that happens with what must happen.

The first replica that applies an entry is compared with the auditor: each outcome with the prediction, the
ledger with itself, the state with the auditor's picture of it. Every other replica is compared with the
first. What a client is told must be in the log, and the same whenever its key is asked for.
"""

from collections import Counter
from typing import Any, NamedTuple, Protocol

import msgspec

from engine.commands import Batch, CreateRaffle
from engine.events import Event, PrizeOffered, RaffleLocked
from engine.ledger import check_conservation
from engine.machine import Applied, decode_batch
from engine.position import Position
from engine.program import Program
from engine.replica import Replica
from engine.simulator.auditor.journal import Journal, Timing
from engine.simulator.auditor.model import Model
from engine.simulator.pictures import picture_of
from engine.simulator.server import Server

NO_TIMING = Timing([], {})

LOOK_EVERY = 16
"""Entries between two looks at the whole state; ``shrinking.py`` looks after each."""


class Violation(Exception):  # noqa: N818 - the name says what is the case
    """A promise that was not kept."""


class Party(Protocol):
    """Whoever applies entries."""

    name: str
    misled: bool
    replica: Replica


class Verdict(NamedTuple):
    """What the first replica made of an entry."""

    payload: bytes
    digest: bytes
    outcomes: list[Any]
    timing: Timing = NO_TIMING


class Judge:
    """``violation`` is the first that was found. ``verdicts`` are all entries that count, in the log's order;
    ``dropped`` are entries that the server lost. ``happened`` counts events, refusals and whatever else is
    worth having seen; ``commands`` are those that were decided, which clocks that disagree prevent."""

    def __init__(self, server: Server) -> None:
        self.violation: Violation | None = None
        self.verdicts: dict[Position, Verdict] = {}
        self.happened: Counter[str] = Counter()
        self.commands = 0
        self.dropped: set[tuple[Position, bytes]] = set()
        self.salts: dict[str, bytes] = {}
        self.journal = Journal(self.salts)
        self._server = server
        self._shelf: list[dict[Position, Verdict]] = []
        self._entries = 0

    @property
    def position(self) -> Position:
        """Of the newest entry that anybody has applied."""
        return next(reversed(self.verdicts), Position(1, 0, 0))

    def fail(self, words: str, cause: BaseException | None = None) -> None:
        """Notes a violation; the first one counts."""
        if self.violation is None:
            self.violation = Violation(words)
            self.violation.__cause__ = cause

    def hear(self, party: Party, applied: Applied) -> None:
        """An entry was applied by ``party``."""
        verdict = self.verdicts.get(applied.position)
        cursor = party.replica.cursor
        try:
            if cursor is not None and (applied.position, cursor.payload) in self.dropped:
                # It was on its way when the server lost it.
                party.misled = True
                self._shelve(party.replica, cursor.payload, applied)
            if party.misled:
                return
            if verdict is None:
                self._judge(party.replica, applied)
            elif verdict.digest != party.replica.digest:
                raise Violation(f"{party.name} differs from the first replica at {applied.position}")
        except Exception as error:
            self.fail(f"at {applied.position}: {error}", error)

    def hear_answer(self, position: Position, key: str, outcome: Any) -> None:
        """A client was told an ``outcome``, decided at ``position``."""
        verdict = self.verdicts.get(position)
        if verdict is None:
            self.fail(f"{key} was acknowledged at {position}, where the log holds nothing that was applied")
        elif outcome not in verdict.outcomes and not _is_repeated(outcome, verdict.outcomes):
            self.fail(f"{key} was told {outcome}, and {position} says {verdict.outcomes}")

    def lose(self, beyond: Position) -> set[Position]:
        """The server lost what stood beyond a position: it does not count any more. Returns what that was."""
        lost = {position for position in self.verdicts if position > beyond}
        self._shelf.append(self.verdicts)
        self._go_back(self.verdicts, beyond)
        return lost

    def return_to(self, position: Position, digest: bytes) -> set[Position]:
        """A snapshot that was taken at ``position`` is where everybody begins again. Returns what does not
        count any more. Raises ``Violation`` where nobody ever had that state."""
        for verdicts in (self.verdicts, *self._shelf):
            if position in verdicts and verdicts[position].digest == digest:
                before = set(self.verdicts)
                self._go_back(verdicts, position)
                return before - set(self.verdicts)
        raise Violation(f"the snapshot at {position} holds a state that no replica ever had")

    def note(self, position: Position, verdict: Verdict) -> None:
        """An entry that ends or begins a log, of which no listener is told."""
        self.verdicts[position] = verdict
        self.journal.take(
            position.milliseconds, decode_batch(verdict.payload), verdict.outcomes, verdict.timing
        )

    def look(self, program: Program) -> None:
        """Compares the whole state with the auditor's. Raises ``Violation``."""
        compare_states(program, self.journal.model)

    def _judge(self, replica: Replica, applied: Applied) -> None:
        if applied.position < self.position:
            raise Violation(f"applied after {self.position}, which comes later")
        cursor = replica.cursor
        assert cursor is not None
        self._require_in_log(applied.position, cursor.payload)
        batch = decode_batch(cursor.payload)
        timing = timing_of(applied.events)
        self.verdicts[applied.position] = Verdict(cursor.payload, replica.digest, applied.outcomes, timing)
        note_salts(batch, replica.program, self.salts)
        self.journal.take(cursor.id[0], batch, applied.outcomes, timing)
        self._count(applied)
        check_conservation(replica.program.members, replica.program.ledger)
        if replica.program.agenda.next_at <= replica.program.at:
            self.happened["work left for later"] += 1
        self._entries += 1
        if self._entries % LOOK_EVERY == 0:
            self.look(replica.program)

    def _shelve(self, replica: Replica, payload: bytes, applied: Applied) -> None:
        """Keeps what a replica made of a lost entry: a snapshot of it may be what everybody goes on from."""
        verdict = Verdict(payload, replica.digest, applied.outcomes, timing_of(applied.events))
        note_salts(decode_batch(payload), replica.program, self.salts)
        self._shelf[-1].setdefault(applied.position, verdict)

    def _require_in_log(self, position: Position, payload: bytes) -> None:
        id = (position.milliseconds, position.sequence)
        if self._server.logs[position.epoch].payload_at(id) != payload:
            raise Violation("it was applied, and is not in the log")

    def _count(self, applied: Applied) -> None:
        codes = [getattr(outcome, "code", "") for outcome in applied.outcomes]
        self.commands += len(codes) - codes.count("clock_disagrees")
        if not applied.outcomes:
            self.happened["batch seen before"] += 1
        for event in applied.events:
            self.happened[type(event).__name__] += 1
        for code in codes:
            self.happened[code or "accepted"] += 1
        self.happened["key repeated"] = self.journal.repeats

    def _go_back(self, verdicts: dict[Position, Verdict], last: Position) -> None:
        self.verdicts = {position: one for position, one in verdicts.items() if position <= last}
        self.journal = Journal(self.salts)
        for position, verdict in self.verdicts.items():
            batch = decode_batch(verdict.payload)
            self.journal.take(position.milliseconds, batch, verdict.outcomes, verdict.timing)


def _is_repeated(outcome: Any, outcomes: list[Any]) -> bool:
    """Whether it is one of them in another form: what a key is remembered with is a dict."""
    return msgspec.to_builtins(outcome) in msgspec.to_builtins(outcomes)


def timing_of(events: list[Event]) -> Timing:
    """What an entry's events tell of work that may be late."""
    return Timing(
        [event.raffle for event in events if isinstance(event, RaffleLocked)],
        {
            (event.raffle, event.place): event.claim_until
            for event in events
            if isinstance(event, PrizeOffered)
        },
    )


def note_salts(batch: Batch, program: Program, salts: dict[str, bytes]) -> None:
    """Adds the salts of the raffles that a batch made."""
    for envelope in batch.commands:
        if isinstance(envelope.command, CreateRaffle):
            raffle = program.raffles.by_id.get(envelope.command.raffle)
            if raffle is not None:
                salts[raffle.id] = raffle.salt


def compare_states(program: Program, model: Model) -> None:
    """Compares the whole state with the auditor's, unless work is due that nobody has done yet. Raises
    ``Violation``."""
    if program.agenda.next_at <= program.at:
        return
    model.pass_time(program.at)
    ours, expected = picture_of(program), model.picture()
    different = [(key, ours.get(key), expected.get(key)) for key in ours | expected]
    different = [(key, our, other) for key, our, other in different if our != other]
    if different:
        raise Violation(f"the state is not the auditor's: {different[:3]}")
