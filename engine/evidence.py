"""The evidence of draws: a file in the vault for each lock whose places are drawn, written by a forked child.

    evidence/<lock number>-<raffle>.json        a draw
    evidence/<lock number>-<raffle>.void.json   the same of a raffle that is void

A raffle that is voided after its draw so gets a second file, and no file ever changes. A million entries take
seconds to write, which the keeper's other duties would have to wait for; in the child they see the raffle as
it was at the fork.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, repeat

import structlog

from engine.draw.entries import entrant_of
from engine.draw.evidence import BeaconEvidence, Evidence, PlaceEvidence, Void, write_evidence
from engine.draw.lock import decode_lock
from engine.events import RaffleChanged
from engine.forking import fork, wait_for
from engine.machine import Applied
from engine.patience import Patience
from engine.program import Program
from engine.raffles.state import SETTLED, VOID, LockRecord, Raffle
from engine.replica import Replica
from engine.vault import Vault, VaultError

FOLDER = "evidence"

FILES_A_CHILD = 64
"""Draws that one child writes down: a fork costs something too."""

_LONGEST_PAUSE = 1.0
_UNFINISHED = ".part"

_log = structlog.get_logger("livelot.keeper")


def evidence_name(number: int, record: LockRecord) -> str:
    """The name in the vault of the evidence on lock ``number``, as things stand with its raffle."""
    void = ".void" if record.fate == VOID else ""
    return f"{FOLDER}/{number}-{record.raffle}{void}.json"


def write_raffle(vault: Vault, program: Program, raffle: Raffle) -> None:
    """Writes the evidence of a raffle whose places are all drawn, unless it is there. Raises
    ``VaultError``."""
    record = program.raffles.locks[raffle.lock - 1]
    name = evidence_name(raffle.lock, record)
    if vault.look_at(name) is None:
        head = describe(program, raffle)
        with vault.open_for_write(name) as file:
            write_evidence(file, head, _list_entries(raffle), _list_places(raffle, record.text))


def describe(program: Program, raffle: Raffle) -> Evidence:
    """The evidence without entries and places."""
    record = program.raffles.locks[raffle.lock - 1]
    return Evidence(
        program=program.id,
        lock=record.text,
        signature=record.signature,
        key=record.key or program.raffles.key,
        beacon=BeaconEvidence(raffle.round, raffle.signature) if raffle.round else None,
        secret=raffle.secret or None,
        timestamp=record.token or None,
        void=Void(raffle.ended_at, raffle.reason) if raffle.status == VOID else None,
        entries=[],
        places=[],
    )


class EvidenceDuty:
    """The keeper's: every draw has its file. ``is_leading`` says whether it is this keeper's turn;
    ``stopwatch`` tells seconds."""

    def __init__(
        self,
        replica: Replica,
        vault: Vault,
        is_leading: Callable[[], bool],
        *,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._replica = replica
        self._vault = vault
        self._is_leading = is_leading
        self._stopwatch = stopwatch
        self._there: set[str] | None = None
        self._looked_at = 0
        self._open: set[int] = set()
        self._patience = Patience()
        self._changed = asyncio.Event()
        replica.listeners.append(self._on_applied)

    async def run(self) -> None:
        """Writes what is lacking, until cancelled."""
        while True:
            self._changed.clear()
            written = 0
            try:
                written = await self.write_due()
            except Exception as error:
                # One vault that cannot be reached takes no other duty down.
                _log.error("evidence duty failed", kind=type(error).__name__, reason=str(error))
                await asyncio.sleep(_LONGEST_PAUSE)
            if not written:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LONGEST_PAUSE):
                        await self._changed.wait()

    async def write_due(self) -> int:
        """Writes down the draws that are over and have no file, some at a time; returns how many. Raises
        ``VaultError`` where the vault cannot be looked into."""
        program = self._replica.program
        if program.recorded or not program.raffles.locks:
            return 0
        if not self._is_leading():
            self._there = None  # by the next time another keeper may have written some
            return 0
        if self._there is None:
            self._there = await asyncio.to_thread(self._look)
        due = self._find_due(program, self._there, self._stopwatch())
        if not due:
            return 0
        return await self._write(program, due)

    async def _write(self, program: Program, due: Sequence[Raffle]) -> int:
        names = {raffle.id: evidence_name(raffle.lock, _record_of(program, raffle)) for raffle in due}
        status = await wait_for(fork("evidence", lambda: _write_all(self._vault, program, due)))
        self._there = (self._there or set()) | set(names.values())
        if status != 0:
            self._there = await asyncio.to_thread(self._look)
        written = 0
        for name in names.values():
            if name in self._there:
                self._patience.forget(name)
                written += 1
                _log.info("evidence", file=name)
            else:
                seconds = self._patience.fail(name, self._stopwatch())
                _log.error("evidence not written", file=name, status=status, again_in=seconds)
        return written

    def _find_due(self, program: Program, there: set[str], now: float) -> list[Raffle]:
        """The raffles whose draw is over and not written down. A raffle that was forgotten, or of which
        nothing can change any more, is not looked at again."""
        raffles = program.raffles
        self._open.update(range(self._looked_at + 1, len(raffles.locks) + 1))
        self._looked_at = len(raffles.locks)
        due: list[Raffle] = []
        for number in sorted(self._open):
            record = raffles.locks[number - 1]
            raffle = raffles.by_id.get(record.raffle)
            name = evidence_name(number, record)
            if raffle is None or raffle.lock != number:
                if self._patience.has_failed(name):
                    _log.error(
                        "evidence lost: the raffle was forgotten before it could be written", file=name
                    )
                self._open.discard(number)
            elif name in there:
                if raffle.status in (SETTLED, VOID):
                    self._open.discard(number)
            elif raffle.finished and self._patience.allows(name, now) and len(due) < FILES_A_CHILD:
                due.append(raffle)
        return due

    def _look(self) -> set[str]:
        """What is in the vault. What was left unfinished of a file that is there is deleted."""
        found = {f"{FOLDER}/{name}" for name in self._vault.names(FOLDER)}
        for name in found:
            if name.endswith(_UNFINISHED) and name.removesuffix(_UNFINISHED).rpartition(".")[0] in found:
                with suppress(VaultError):  # somebody else did it
                    self._vault.delete(name)
        return found

    def _on_applied(self, applied: Applied) -> None:
        if any(type(event) is RaffleChanged for event in applied.events):
            self._changed.set()


def _write_all(vault: Vault, program: Program, raffles: Sequence[Raffle]) -> None:
    """In the child. One that fails does not keep the others from being written."""
    failures = []
    for raffle in raffles:
        try:
            write_raffle(vault, program, raffle)
        except Exception as error:
            failures.append(error)
            os.write(2, f"evidence of {raffle.id} failed: {error!r}\n".encode())
    if failures:
        raise failures[0]


def _list_entries(raffle: Raffle) -> Iterator[tuple[str, int]]:
    salt = raffle.salt
    for stretch in raffle.stretches:
        for entry in stretch.entries:
            yield entrant_of(salt, entry.member), entry.tickets


def _list_places(raffle: Raffle, lock: str) -> Iterator[PlaceEvidence]:
    """As the draw gave them: what was passed on to a reserve later is not its matter."""
    prizes = chain.from_iterable(
        repeat(prize.id, prize.quantity) for prize in decode_lock(lock.encode()).prizes
    )
    named = zip(raffle.places, chain(prizes, repeat("")), strict=False)
    for number, (place, prize) in enumerate(named, 1):
        entrant = entrant_of(raffle.salt, place.member)
        yield PlaceEvidence(number, place.ticket, place.entry, entrant, prize)


def _record_of(program: Program, raffle: Raffle) -> LockRecord:
    return program.raffles.locks[raffle.lock - 1]
