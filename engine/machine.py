"""``apply``: the only way in which a program's state changes, and the only dispatcher.

``apply_entry`` takes one entry of the log: a batch of commands, with the stamp that the log's server gave it.
Nothing here reads a clock, a random source, the environment or a file. Any command that can be decoded yields
exactly one outcome: a result, or a rejection that changed nothing. An exception out of here is a bug, and
stops the replica.
"""

from hashlib import sha256
from typing import Any, Final, NamedTuple
from zlib import crc32

import msgspec

from engine import administration
from engine.agenda import Duty
from engine.audit import AUDITED
from engine.commands import (
    AUDIT_SINCE,
    LEVEL,
    MEMBER,
    SCHEMA,
    Batch,
    EndEpoch,
    Envelope,
    Genesis,
    RaiseLevel,
    Tick,
)
from engine.errors import Rejected, Rejection
from engine.events import Event
from engine.handlers import COMMANDS, DUTIES, Handler
from engine.keys import WINDOW, owner_of
from engine.members import SHARD_MASK, Remembered
from engine.position import Position
from engine.program import Origin, Program
from engine.results import Result, Ticked
from engine.units import DAY, SECOND

CLOCK_TOLERANCE = 5 * SECOND
"""How far a writer's clock and the entry's stamp may differ, in ms, before the batch is refused."""

SLICE = 64
"""Units of due work that are done before a command. A unit is one deadline, one expiring member or one
forgotten key."""

ORIGIN_RETENTION = DAY
"""How long a writer that is not heard of is remembered, in ms: until then a batch that it repeats is known.
"""


Outcome = Result | Rejected | dict[str, Any]
"""What a command answers. A dict is a result once more, of a command whose key was known."""

decode_batch = msgspec.msgpack.Decoder(Batch).decode
_encode = msgspec.msgpack.Encoder().encode


class Applied(NamedTuple):
    """What one entry did. ``outcomes`` are in the order of its commands; none for a batch that was applied
    before."""

    position: Position
    origin: bytes
    number: int
    outcomes: list[Outcome]
    events: list[Event]


class LevelUnknown(Exception):  # noqa: N818
    """The program was raised to a level that this code does not know."""


def start(batch: Batch) -> Program:
    """The program that a log's first entry makes.

    Raises ``ValueError`` when that entry is not the genesis command, and ``LevelUnknown``.
    """
    command = batch.commands[0].command if batch.commands else None
    if not isinstance(command, Genesis):
        raise ValueError("the log's first entry is not a genesis command")
    if command.epoch > 1:
        raise ValueError(f"epoch {command.epoch} of the log continues from a snapshot")
    _check_level(command.level)
    return Program(command)


def apply_entry(
    program: Program, milliseconds: int, sequence: int, payload: bytes, batch: Batch | None = None
) -> Applied:
    """Applies one entry, stamped (``milliseconds``, ``sequence``).

    ``batch`` is the decoded payload where the caller has it. Raises ``msgspec.DecodeError`` for a payload
    that this code cannot read, and ``LevelUnknown``.
    """
    if batch is None:
        batch = decode_batch(payload)
    if batch.schema != SCHEMA:
        raise msgspec.DecodeError(f"the batch has schema {batch.schema}, this code reads {SCHEMA}")
    events: list[Event] = []
    program.events = program.ledger.events = events
    position = Position(program.epoch, milliseconds, sequence)
    outcomes: list[Outcome] = []
    if not _seen_before(program, batch):
        agrees = program.recorded or abs(milliseconds - batch.clock) <= CLOCK_TOLERANCE
        if agrees and milliseconds > program.at:
            program.at = milliseconds
        _note_origin(program, batch)
        if agrees or _concerns_the_log(batch):
            apply(program, batch.commands, outcomes)
        else:
            outcomes += [_clock_refusal(batch, milliseconds)] * len(batch.commands)
    digest = sha256(program.digest)
    digest.update(_encode((milliseconds, sequence)))
    digest.update(payload)
    digest.update(_encode(outcomes))
    digest.update(_encode(events))
    program.digest = digest.digest()
    program.position = position
    return Applied(position, batch.origin, batch.number, outcomes, events)


def apply(program: Program, envelopes: list[Envelope], outcomes: list[Outcome]) -> None:
    """Applies commands at the program's time, and appends each one's outcome.

    The hot path: its common case is a member's command under a key that is not known yet.
    """
    at = program.at
    latest = at + WINDOW
    agenda = program.agenda
    keys = program.keys
    due_from, due_until, due = 0, 0, []
    shards = program.members.shards
    for envelope in envelopes:
        if at >= agenda.next_at:
            advance(program, SLICE)
        owner, role, key = envelope.actor, envelope.role, envelope.key
        member = shards[crc32(owner.encode()) & SHARD_MASK].get(owner) if role == MEMBER else None
        program.caller = member
        if member is not None:
            # Its own string rather than the decoded one: sixty bytes less a remembered key.
            owner, known = member.id, member.keys
        else:
            owner = owner_of(owner, role)
            known = keys.others.get(owner)
        outcome: Outcome
        if known is not None and key in known:
            outcomes.append(_repeat(known[key], envelope.body_hash))
            continue
        not_after = envelope.not_after
        if key and not (
            at <= not_after <= latest
            and (known is None or len(known) < keys.limit_of_any)
            and keys.count < keys.limit
        ):
            refusal = keys.check(known, role, not_after, at)
            if refusal is not None:
                outcomes.append(refusal)
                continue
        command = envelope.command
        try:
            outcome = _HANDLERS[type(command)](program, command, envelope.actor, at)
        except Rejection as rejection:
            outcome = rejection.rejected
        outcomes.append(outcome)
        if member is None and role in AUDITED and program.level >= AUDIT_SINCE:
            program.audit.note(envelope, outcome, at)
        if key:
            remembered = Remembered(envelope.body_hash, type(outcome) is Rejected, outcome)
            if known is not None:
                known[key] = remembered
            elif member is not None:
                member.keys = {key: remembered}
            else:
                keys.begin(owner, key, remembered)
            keys.count += 1
            if not due_from <= not_after < due_until:
                due_from = not_after - not_after % SECOND
                due_until = due_from + SECOND
                due = keys.await_end(due_from // SECOND)
            due.append(owner)
            due.append(key)


def advance(program: Program, units: int) -> int:
    """Does at most ``units`` of the work that is due at the program's time, in order; returns how many were
    done."""
    agenda = program.agenda
    at = program.at
    done = 0
    while done < units and agenda.next_at <= at:
        deadline = agenda.heap[0]
        duty, subject = deadline.duty, deadline.subject
        if duty == Duty.FORGET_KEYS:
            finished = not program.keys.forget_next(int(subject))
        elif duty == Duty.EXPIRE_POINTS:
            finished = not administration.expire_next(program, int(subject), at)
        else:
            finished = True
        if finished:
            agenda.drop_first()
            if duty in _DUTIES:
                _DUTIES[duty](program, subject, at)
        done += 1
    return done


def _repeat(first: Remembered, body_hash: int) -> Outcome:
    if first.body_hash != body_hash:
        return Rejected(
            "key_conflict", "This key was used for another command; choose a new key for each command."
        )
    if first.rejected and type(first.outcome) is dict:
        return msgspec.convert(first.outcome, Rejected)
    return first.outcome  # type: ignore[no-any-return]


def _seen_before(program: Program, batch: Batch) -> bool:
    """Whether this is a copy of a batch that was appended twice because the first append's reply was lost."""
    origin = program.origins.get(batch.origin)
    return origin is not None and batch.number <= origin.number


def _concerns_the_log(batch: Batch) -> bool:
    """Whether this begins or ends a log: that must go on, whatever clocks say."""
    return len(batch.commands) == 1 and isinstance(batch.commands[0].command, Genesis | EndEpoch)


def _clock_refusal(batch: Batch, milliseconds: int) -> Rejected:
    return Rejected(
        "clock_disagrees",
        "The log server's clock and the gateway's differ by more than 5 s; send the command again.",
        {"clock": batch.clock, "stamp": milliseconds},
    )


def _note_origin(program: Program, batch: Batch) -> None:
    origin = program.origins.get(batch.origin)
    if origin is None:
        program.origins[batch.origin] = Origin(batch.number, program.at)
        program.agenda.post(program.at + ORIGIN_RETENTION, Duty.FORGET_ORIGIN, batch.origin.hex())
    else:
        origin.number = batch.number
        origin.seen_at = program.at


def _forget_origin(program: Program, subject: str, at: int) -> None:
    key = bytes.fromhex(subject)
    silent_at = program.origins[key].seen_at + ORIGIN_RETENTION
    if silent_at <= at:
        del program.origins[key]
    else:
        program.agenda.post(silent_at, Duty.FORGET_ORIGIN, subject)


def _tick(program: Program, command: Tick, actor: str, at: int) -> Ticked:
    return Ticked(program.agenda.next_at <= at)


def _genesis(program: Program, command: Genesis, actor: str, at: int) -> Result:
    if program.position > Position(command.epoch, 0, 0) or command.epoch != program.epoch:
        raise Rejection("setting_is_fixed", "The program has begun already.")
    return administration.program_set(program)


def _end_epoch(program: Program, command: EndEpoch, actor: str, at: int) -> Result:
    program.ended = True
    return administration.program_set(program)


def _raise_level(program: Program, command: RaiseLevel, actor: str, at: int) -> Result:
    if command.level <= program.level:
        raise Rejection(
            "setting_is_fixed", f"The level is {program.level}; it only rises.", level=program.level
        )
    _check_level(command.level)
    program.level = command.level
    return administration.program_set(program)


def _check_level(level: int) -> None:
    if level > LEVEL:
        raise LevelUnknown(f"the program was raised to level {level}; this code knows {LEVEL}: upgrade it")


_HANDLERS: Final[dict[type, Handler]] = {
    **COMMANDS,
    Genesis: _genesis,
    Tick: _tick,
    RaiseLevel: _raise_level,
    EndEpoch: _end_epoch,
}

_DUTIES: Final = {**DUTIES, Duty.FORGET_ORIGIN: _forget_origin}
