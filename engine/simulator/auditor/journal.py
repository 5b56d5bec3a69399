"""Reads the log beside the engine: which batches and commands count, and what each must have been answered.

Repeated batches, clocks that disagree and keys are told here, in the plainest way; everything else is the
model's. See model.py.
"""

from typing import Any, NamedTuple

import msgspec

from engine import commands as c
from engine.errors import Rejected
from engine.simulator.auditor.model import Model
from engine.units import DAY, SECOND

TOLERANCE = 5 * SECOND
"""How far a writer's clock and the server's stamp may differ, in ms."""

FURTHEST = 2 * DAY
"""How far ahead a key's end may lie, in ms."""

ABOUT_THE_LOG = (c.Genesis, c.EndEpoch, c.RaiseLevel)


class Timing(NamedTuple):
    """What an entry's events tell of late work: the raffles that were locked, in order, and until when (ms)
    each prize is to be claimed, by raffle and place.

    Both follow from how much else was due, which is for the agenda to decide.
    """

    locked: list[str]
    offered: dict[tuple[str, int], int]


class Told(NamedTuple):
    """What was first answered under a key, as plain data, and until when (ms) the key is known."""

    body_hash: int
    outcome: Any
    not_after: int


class Journal:
    """Everything that has counted so far; ``repeats`` were answered by their key alone. ``salts`` are the
    raffles' random parts, by raffle: what the log's digest decides, which nobody predicts."""

    def __init__(self, salts: dict[str, bytes]) -> None:
        self.model = Model(c.ProgramSettings())
        self.repeats = 0
        self._salts = salts
        self._numbers: dict[bytes, int] = {}
        self._locking = False
        self._told: dict[tuple[str, int, str], Told] = {}

    def take(self, milliseconds: int, batch: c.Batch, outcomes: list[Any], timing: Timing) -> None:
        """The next entry, stamped ``milliseconds``, what it was answered, and when late work was done.

        Raises ``AssertionError`` where that is not what it must have been answered.
        """
        if batch.number <= self._numbers.get(batch.origin, 0):
            # A writer that was silent for a day is not known any more; its copy is refused by its clock.
            codes = {getattr(outcome, "code", "") for outcome in outcomes}
            assert codes <= {"clock_disagrees"}, f"a batch was applied twice: {outcomes}"
            return
        self._numbers[batch.origin] = batch.number
        about_the_log = isinstance(batch.commands[0].command, ABOUT_THE_LOG)
        agree = abs(milliseconds - batch.clock) <= TOLERANCE
        if not agree and not about_the_log:
            codes = {getattr(outcome, "code", "") for outcome in outcomes}
            assert codes == {"clock_disagrees"}, f"decided although clocks disagree: {outcomes}"
            return
        self.model.told_locks = timing.locked
        self._locking = bool(timing.locked)
        assert len(outcomes) == len(batch.commands)
        for envelope, outcome in zip(batch.commands, outcomes, strict=True):
            if agree:
                self.model.pass_time(milliseconds)
            if not self._is_answered_by_key(envelope, outcome):
                self._judge(envelope, outcome)
        for (raffle, place), until in timing.offered.items():
            self._note_offer(raffle, place, until)

    def _note_offer(self, raffle: str, number: int, until: int) -> None:
        """Places are drawn in slices, and who is late with them begins to count from then."""
        places = self.model.raffles[raffle].places
        if number <= len(places) and places[number - 1].fate == "offered":
            assert until >= places[number - 1].until, f"{raffle} {number} is to be claimed too soon: {until}"
            places[number - 1].until = until

    def _is_answered_by_key(self, envelope: c.Envelope, outcome: Any) -> bool:
        """Whether its key alone decides what a command is answered; then that must be the answer."""
        if not envelope.key:
            return False
        owner = (envelope.actor, envelope.role, envelope.key)
        told, at = self._told.get(owner), self.model.at
        code = outcome.code if isinstance(outcome, Rejected) else ""
        late = envelope.not_after < at
        if told is not None:
            same = told.body_hash == envelope.body_hash
            fits = msgspec.to_builtins(outcome) == told.outcome if same else code == "key_conflict"
            # From its end on, a key may be known for a while, or not.
            assert fits or told.not_after < at, f"{told} was told before: {outcome}"
            if fits:
                self.repeats += 1
                return True
        if late:
            assert code == "expired", f"it came too late: {outcome}"
        elif envelope.not_after > at + FURTHEST:
            assert code == "not_after_too_far", f"it lies too far ahead: {outcome}"
        else:
            self._told[owner] = Told(envelope.body_hash, msgspec.to_builtins(outcome), envelope.not_after)
            return False
        return True

    def _judge(self, envelope: c.Envelope, outcome: Any) -> None:
        command, actor = envelope.command, envelope.actor
        if isinstance(command, ABOUT_THE_LOG):
            if isinstance(command, c.Genesis) and command.epoch == 1:
                self.model = Model(command.settings, command.level)
            elif not isinstance(outcome, Rejected):
                self.model.note(envelope, outcome)
            return
        reasons = self.model.reasons(command, actor)
        if isinstance(outcome, Rejected):
            if outcome.code == "unknown_lock" and self._locking:
                # Another command of this very entry may have come before the lock.
                return
            assert outcome.code in reasons, f"{command} by {actor}: {outcome}, not {reasons or 'accepted'}"
            return
        assert not reasons, f"{command} by {actor} was accepted in spite of {reasons}: {outcome}"
        self.model.do(command, actor)
        self.model.note(envelope, outcome)
        if isinstance(command, c.CreateRaffle):
            self.model.raffles[command.raffle].salt = self._salts[command.raffle]
