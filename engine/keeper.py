"""The keeper: a replica with duties and no sockets. It ticks, takes snapshots, archives and trims, publishes
its digest, expands the schedules of campaigns before they run out, and does for raffles what needs a key or
the world outside (``engine/draws.py``).

Nothing that it does is needed for being right, and all of it may be done twice: several keepers share the
work by a lease that only saves effort. Ticks come at the agenda's next deadline; a snapshot whenever the log
has grown by so many bytes or minutes; the log is trimmed only below the older of the two snapshots that are
kept, and below what any replica still reads.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple

import structlog

from engine.campaigns.extension import SchedulesAhead, extend, is_news
from engine.commands import KEEPER, Command, Tick
from engine.draws import DrawDuty, DrawTerms
from engine.errors import Rejected, Rejection
from engine.evidence import EvidenceDuty
from engine.forking import wait_for
from engine.log.contract import FIRST_ID, EntryId, Log, LogError, LogFull, format_id
from engine.machine import Applied
from engine.position import Position
from engine.replica import DIGEST, TRIMMED, Replica
from engine.snapshot import fork_snapshot, payload_hash
from engine.units import NEVER
from engine.vault import Vault, VaultError
from engine.writer import Writer, wall_clock

LEASE = "lease"
LEASE_TTL = 5_000
"""Milliseconds after which another keeper takes over."""

SNAPSHOTS_KEPT = 2

ARCHIVE_CHUNK = 1_000
"""Entries that are archived and trimmed at a time."""

TICKS_A_BATCH = 16
"""Ticks in one batch while much is due: each does a slice of the work."""

_LEAST_PAUSE = 0.01
_LONGEST_PAUSE = 1.0
_SCHEDULE_PAUSE = 0.5

_log = structlog.get_logger("livelot.keeper")


class SnapshotPolicy(NamedTuple):
    """When a snapshot is due: the log grew by ``bytes``, or ``seconds`` passed in which it grew at all."""

    bytes: int = 64 * 1024 * 1024
    seconds: float = 600.0


class Keeper:
    """The duties around one replica. ``leading`` says whether this keeper holds the lease, ``cramped``
    whether the log's server had no memory left to give it."""

    def __init__(
        self,
        replica: Replica,
        writer: Writer,
        log: Log,
        vault: Vault,
        *,
        policy: SnapshotPolicy | None = None,
        draws: DrawTerms | None = None,
        clock: Callable[[], int] = wall_clock,
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self.leading = False
        self.cramped = False
        self.snapshot_position: Position | None = None
        self._replica = replica
        self._writer = writer
        self._log = log
        self._vault = vault
        self._policy = policy or SnapshotPolicy()
        self._clock = clock
        self._stopwatch = stopwatch
        self._grown = 0
        self._snapshot_at = stopwatch()
        self._applied = asyncio.Event()
        replica.listeners.append(self._on_applied)
        self._evidence = EvidenceDuty(replica, vault, lambda: self.leading)
        self._draws: DrawDuty | None = None
        if draws is not None:
            self._draws = DrawDuty(replica, self._submit, draws, clock=clock, is_leading=lambda: self.leading)

    async def run(self) -> None:
        """Does all duties until cancelled. The replica and the writer run beside it."""
        await self._replica.reached.wait()
        async with asyncio.TaskGroup() as tasks:
            for duty in self.duties():
                tasks.create_task(duty())

    def duties(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What ``run`` does side by side; each goes on until it is cancelled."""
        return [
            self._hold_lease,
            self._tick,
            self._publish_digest,
            self._keep_snapshots,
            self._extend_schedules,
            self._evidence.run,
            *([self._draws.run] if self._draws is not None else []),
        ]

    async def close(self) -> None:
        """Lets another keeper take over at once."""
        await self._log.release_lease(LEASE, self._writer.origin)

    async def take_snapshot(self) -> bool:
        """Writes and checks a snapshot of the state as it is now; whether that went well."""
        cursor = self._replica.cursor
        assert cursor is not None
        position = self._replica.position
        self._grown = 0
        self._snapshot_at = started = self._stopwatch()
        status = await self.write_snapshot(payload_hash(cursor.payload))
        if status != 0:
            _log.error("snapshot failed", position=str(position), status=status)
            return False
        self.snapshot_position = position
        _log.info("snapshot", position=str(position), seconds=round(self._stopwatch() - started, 3))
        return True

    async def write_snapshot(self, entry_hash: bytes) -> int:
        """Writes the state as it is now, in a child of its own; 0 if that went well."""
        return await wait_for(fork_snapshot(self._vault, self._replica.program, entry_hash))

    async def trim(self) -> int:
        """Archives and removes what nothing needs any more; returns how many entries."""
        needed = await self._oldest_needed()
        removed = 0
        while True:
            entries = await self._log.range(FIRST_ID, needed, count=ARCHIVE_CHUNK)
            entries = [entry for entry in entries if entry.id < needed]
            if not entries:
                break
            self._vault.write_archive(self._log.epoch, entries)
            above = (entries[-1].id[0], entries[-1].id[1] + 1)
            with suppress(LogFull):
                await self._log.put(TRIMMED.format(self._log.epoch), format_id(above).encode())
            while count := await self._log.trim(above, count=ARCHIVE_CHUNK):
                removed += count
        if removed:
            _log.info("trimmed", entries=removed)
        return removed

    async def _oldest_needed(self) -> EntryId:
        """The entry that the older kept snapshot ends with, or an older one that a replica stands at.

        An only snapshot may be damaged, and then the log from its beginning is what there is to start from;
        unless the server has no room left for anything else.
        """
        snapshots = self._vault.snapshots(self._log.epoch)[-SNAPSHOTS_KEPT:]
        if not snapshots or (len(snapshots) < SNAPSHOTS_KEPT and not self.cramped):
            return FIRST_ID
        cursors = await self._log.cursors()
        return min([(snapshots[0].milliseconds, snapshots[0].sequence), *cursors.values()])

    async def _hold_lease(self) -> None:
        while True:
            try:
                leading = await self._log.take_lease(LEASE, self._writer.origin, ttl=LEASE_TTL)
                self.cramped = False
            except LogError as error:
                self.cramped = isinstance(error, LogFull)
                _log.warning("lease not renewed", reason=str(error))
                leading = False
            if leading != self.leading:
                _log.info("leading" if leading else "not leading")
            self.leading = leading
            await asyncio.sleep(LEASE_TTL / 3_000)

    async def _tick(self) -> None:
        ticks = 1
        while True:
            program = self._replica.program
            wait = (program.agenda.next_at - self._clock()) / 1_000
            if wait > 0 or not self.leading or program.recorded:
                self._applied.clear()
                pause = min(max(wait, _LEAST_PAUSE), _LONGEST_PAUSE)
                await _wait_at_most(self._applied, pause)
                continue
            due = await self._submit_ticks(ticks)
            ticks = TICKS_A_BATCH if due else 1
            if not due and self._replica.program.agenda.next_at <= self._clock():
                # The log server's clock is a little behind ours: the deadline has not come for it.
                await asyncio.sleep(_LEAST_PAUSE)

    async def _submit_ticks(self, count: int) -> bool:
        """Sends ticks; whether more is due after them."""
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def finish(position: Position, outcome: object) -> None:
            if not done.done():
                done.set_result(not isinstance(outcome, Rejected) and getattr(outcome, "due", False))

        def ignore(position: Position, outcome: object) -> None:
            """Only the last tick of a batch tells whether more is due."""

        try:
            for number in range(count):
                self._writer.submit(
                    actor="keeper",
                    role=KEEPER,
                    key="",
                    not_after=NEVER,
                    command=Tick(),
                    done=finish if number == count - 1 else ignore,
                )
        except Rejection as rejection:
            _log.warning("tick not taken", reason=str(rejection))
            await asyncio.sleep(_LEAST_PAUSE)
            return False
        return await done

    async def _publish_digest(self) -> None:
        published = None
        while True:
            position = self._replica.position
            if self.leading and position != published:
                value = f"{position} {self._replica.digest.hex()}".encode()
                try:
                    await self._log.put(DIGEST, value)
                    published = position
                except LogError as error:
                    _log.warning("digest not published", reason=str(error))
            await asyncio.sleep(_LONGEST_PAUSE)

    async def _keep_snapshots(self) -> None:
        while True:
            await asyncio.sleep(_LONGEST_PAUSE)
            if not self._is_snapshot_due():
                continue
            try:
                if await self.take_snapshot():
                    self._vault.keep(SNAPSHOTS_KEPT)
                    await self.trim()
            except (LogError, VaultError) as error:
                _log.error("snapshot duty failed", reason=str(error))

    def _is_snapshot_due(self) -> bool:
        if self.cramped:
            # Nobody gets the lease now, and only a trimmed log makes room again.
            return self.snapshot_position != self._replica.position
        old = self._stopwatch() - self._snapshot_at >= self._policy.seconds and self._grown
        return self.leading and bool(old or self._grown >= self._policy.bytes)

    async def _extend_schedules(self) -> None:
        ahead = SchedulesAhead()
        while True:
            await asyncio.sleep(_SCHEDULE_PAUSE)
            program = self._replica.program
            if not self.leading or program.recorded:
                continue
            now = self._clock()
            for id, schedule in list(ahead.find_due(program.campaigns, now)):
                try:
                    command = await asyncio.to_thread(extend, id, schedule, now)
                    if not is_news(self._replica.program.campaigns, command, now):
                        continue
                    outcome = await self._submit(command)
                except Exception as error:
                    # One campaign's schedule takes no duty down: that campaign is left alone for a minute
                    # (``SchedulesAhead`` sees to it), and the others go on.
                    kind = type(error).__name__
                    _log.error("schedule not extended", campaign=id, kind=kind, reason=str(error))
                else:
                    refused = outcome.code if isinstance(outcome, Rejected) else ""
                    _log.info("schedule extended", campaign=id, refused=refused)

    async def _submit(self, command: Command) -> object:
        """The outcome of a command of the keeper's own. Raises ``Rejection`` where it is not taken."""
        done: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        def finish(position: Position, outcome: object) -> None:
            if not done.done():
                done.set_result(outcome)

        self._writer.submit(
            actor="keeper", role=KEEPER, key="", not_after=NEVER, command=command, done=finish
        )
        return await done

    def _on_applied(self, applied: Applied) -> None:
        cursor = self._replica.cursor
        self._grown += len(cursor.payload) if cursor is not None else 0
        self._applied.set()


async def _wait_at_most(event: asyncio.Event, seconds: float) -> None:
    # Not wait_for, which swallows a cancellation that comes together with the event (Python 3.11).
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
