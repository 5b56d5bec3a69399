"""The lock: what is drawn from, written down, signed and published before the randomness exists.

Locks are numbered without a gap, and each names the one before: a draw that was held back or repeated leaves
a hole that everybody can see. A lock that is stamped, or signed, at or after its round's time voids the
raffle.
"""

from engine.agenda import Duty
from engine.commands import ChangeDrawKey, PublishDrawKey, SignLock, StampLock
from engine.draw.beacon import CHAIN, time_of_round
from engine.draw.lock import ALGORITHM, NO_PREVIOUS, Beacon, Lock, PrizeLine, encode_lock, hash_lock
from engine.errors import Rejection
from engine.events import DrawKeyChanged, LockSigned, RaffleChanged, RaffleLocked
from engine.program import Program
from engine.raffles import refunds
from engine.raffles.state import LOCKED, LockRecord, Raffle
from engine.results import DrawKeySet, LockSet

TOO_LATE = "The lock came at or after its round's time."
UNSIGNED = "The lock was not signed before its round's time."


def lock(program: Program, raffle: Raffle, at: int) -> None:
    """The raffle's close was reached: nothing changes its entries any more."""
    locks = program.raffles.locks
    previous = hash_lock(locks[-1].text.encode()) if locks else NO_PREVIOUS
    root = raffle.root().hex()
    text = encode_lock(
        Lock(
            algorithm=ALGORITHM,
            beacon=Beacon(CHAIN, raffle.round) if raffle.round else Beacon(commitment=raffle.commitment),
            closed_at=raffle.closes_at,
            entries=raffle.entries,
            number=len(locks) + 1,
            previous=previous,
            prizes=tuple([PrizeLine(prize.id, prize.quantity) for prize in raffle.terms.prizes]),
            raffle=raffle.id,
            reserves=raffle.terms.reserves,
            root=root,
            tickets=raffle.tickets,
        )
    )
    locks.append(LockRecord(raffle.id, text.decode(), at))
    raffle.lock = len(locks)
    raffle.status = LOCKED
    program.events.append(RaffleLocked(raffle.id, raffle.lock, root))
    program.events.append(RaffleChanged(raffle.id, LOCKED))
    if not raffle.round:
        return
    if at >= time_of_round(raffle.round):
        refunds.void(program, raffle, TOO_LATE, at)
    else:
        program.agenda.post(time_of_round(raffle.round), Duty.LAPSE_LOCK, raffle.id)


def check_signed_in_time(program: Program, raffle: Raffle, at: int) -> None:
    """Voids a locked raffle whose round's time came before its signature."""
    if raffle.status != LOCKED or not raffle.round or at < time_of_round(raffle.round):
        return
    if not program.raffles.locks[raffle.lock - 1].signature:
        refunds.void(program, raffle, UNSIGNED, at)


def publish_key(program: Program, command: PublishDrawKey, actor: str, at: int) -> DrawKeySet:
    """Sets the program's key where it has none. Raises ``Rejection("draw_key_differs")``."""
    raffles = program.raffles
    if raffles.key and raffles.key != command.public_key:
        raise Rejection(
            "draw_key_differs",
            "The program's locks are signed with another key; give the keeper that key's file, or change it.",
            key=raffles.key,
        )
    return _set_key(program, command.public_key, actor)


def change_key(program: Program, command: ChangeDrawKey, actor: str, at: int) -> DrawKeySet:
    """Replaces the program's key."""
    return _set_key(program, command.public_key, actor)


def sign(program: Program, command: SignLock, actor: str, at: int) -> LockSet:
    """Takes a lock's signature. Raises ``Rejection``: ``unknown_lock``, ``draw_key_differs``,
    ``lock_signed``."""
    record = _find_lock(program, command.number)
    if command.public_key != program.raffles.key:
        raise Rejection(
            "draw_key_differs", "Locks are signed with the program's own key.", key=program.raffles.key
        )
    if record.signature:
        raise Rejection("lock_signed", "This lock has its signature.")
    raffle = program.raffles.by_id.get(record.raffle)
    if raffle is not None and raffle.lock == command.number:
        # Where the agenda is behind: too late is too late, and the signature is kept all the same.
        check_signed_in_time(program, raffle, at)
    record.key = command.public_key
    record.signature = command.signature
    program.events.append(LockSigned(record.raffle, command.number))
    return LockSet(record.raffle, command.number)


def stamp(program: Program, command: StampLock, actor: str, at: int) -> LockSet:
    """Takes an outside authority's time stamp over a lock; the first one stays. Raises ``Rejection``:
    ``unknown_lock``, ``lock_signed``."""
    record = _find_lock(program, command.number)
    if record.token:
        raise Rejection("lock_signed", "This lock has its time stamp.")
    record.token = command.token
    program.events.append(LockSigned(record.raffle, command.number))
    return LockSet(record.raffle, command.number)


def _set_key(program: Program, key: str, actor: str) -> DrawKeySet:
    if key != program.raffles.key:
        program.raffles.key = key
        program.events.append(DrawKeyChanged(key, actor))
    return DrawKeySet(key)


def _find_lock(program: Program, number: int) -> LockRecord:
    if number > len(program.raffles.locks):
        raise Rejection(
            "unknown_lock",
            f"There is no lock {number}; the last is {len(program.raffles.locks)}.",
            last=len(program.raffles.locks),
        )
    return program.raffles.locks[number - 1]
