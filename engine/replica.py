"""A replica: reads the log, applies it, hands on what happened; stops rather than being wrong.

Every process that serves a program holds one. All compute the same state from the same entries. It stops,
with words that say what to do, when the log is not the one that it has read, when an entry cannot be read or
its apply raises, and when its running digest is not the one that the keeper published.
"""

import asyncio
import heapq
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from engine.commands import Batch
from engine.log.contract import Entry, EntryId, Log, LogGap, LogUnavailable, backoff, format_id, parse_id
from engine.machine import Applied, LevelUnknown, apply_entry, decode_batch, start
from engine.position import START, Position
from engine.program import Program
from engine.snapshot import SnapshotError, load_newest, payload_hash, write_snapshot
from engine.vault import Vault, VaultError

READ_COUNT = 500
"""Entries that one read asks for."""

BLOCK = 1_000
"""How long a read waits for an entry, in ms."""

SLICE_SECONDS = 0.005
"""How long a replica that catches up keeps the event loop to itself."""

DIGESTS_KEPT = 10_000
"""Positions whose running digest is remembered, to be compared with what the keeper publishes."""

CURSOR_TTL = 30_000
"""Milliseconds for which trimming waits for a replica that does not publish its cursor any more."""

CURSOR_ROUNDS = 5
"""The cursor is published at every so manieth look at the digest, a second apart."""

DIGEST = "digest"
"""The named value beside the log that holds the keeper's position and running digest."""

LOSS = "loss:{}"
"""The named value beside the log of an epoch that says how it lost entries which had been acknowledged: then
nothing goes on in it. Whoever was there when they were lost puts it, since nobody can tell it afterwards."""

TRIMMED = "trimmed:{}"
"""The named value beside the log of an epoch below which everything was taken out on purpose."""

_log = structlog.get_logger("livelot.replica")


class ReplicaStopped(Exception):  # noqa: N818 - the name says what is the case
    """The replica cannot go on; its words say why, and what to do."""


class Replica:
    """One copy of a program's state, and the place in the log that it stands for.

    ``stopwatch`` tells seconds, and thereby when a replica that catches up lets others have their turn.
    ``ready`` turns true when it has caught up with the log's end for the first time. ``listeners`` are called
    after each applied entry. ``expected`` are batches that this process sent, decoded already, by their
    bytes. ``lost``: the log does not hold any more what was read from it, so this state has what the log has
    not.
    """

    def __init__(
        self,
        log: Log,
        vault: Vault | None = None,
        *,
        origin: bytes = b"",
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.ready = False
        self.stopped = ""
        self.lost = False
        self.listeners: list[Callable[[Applied], None]] = []
        self.expected: dict[bytes, Batch] = {}
        self.cursor: Entry | None = None
        self.reached = asyncio.Event()
        self._program: Program | None = None
        self._log = log
        self._vault = vault
        self._origin = origin
        self._stopwatch = stopwatch
        self._digests: OrderedDict[Position, bytes] = OrderedDict()
        self._waiting: list[tuple[Position, int, asyncio.Future[None]]] = []
        self._waits = 0

    @property
    def program(self) -> Program:
        """The state. Raises ``ReplicaStopped`` before the first entry was applied or a snapshot loaded."""
        if self._program is None:
            raise ReplicaStopped("the replica has not started")
        return self._program

    @property
    def position(self) -> Position:
        """Of the last applied entry."""
        return self._program.position if self._program is not None else START

    @property
    def digest(self) -> bytes:
        """The running digest at ``position``: 32 bytes."""
        return self.program.digest

    async def load(self) -> None:
        """Takes the newest good snapshot of the vault, if there is one, and finds its place in the log.

        Raises ``ReplicaStopped`` when the log does not hold the entry that the snapshot ends with.
        """
        if self._vault is None:
            return
        while True:
            snapshots = self._vault.snapshots(self._log.epoch)
            try:
                loaded = load_newest(self._vault, self._log.epoch)
            except SnapshotError as error:
                raise self._stop(str(error)) from error
            if loaded is None:
                return
            program, entry_hash = loaded
            id: EntryId = (program.position.milliseconds, program.position.sequence)
            here = program.position.epoch == self._log.epoch
            entries = await self._log.range(id, id, count=1) if here else []
            if entries and payload_hash(entries[0].payload) == entry_hash:
                break
            if self._vault.snapshots(self._log.epoch)[-1:] == snapshots[-1:]:
                raise self._stop(
                    f"the snapshot at {program.position} does not fit the log: the log does not hold the "
                    "entry that the snapshot ends with. The log's server has lost or replaced its data. "
                    "Restore the server's data, or start a new log from the snapshot with `livelot log "
                    "rotate --from-vault`"
                )
            # Loading took so long that newer snapshots were taken, and the log trimmed up to them.
        self._program = program
        self.cursor = entries[0]

    async def run(self) -> None:
        """Reads and applies until cancelled. Raises ``ReplicaStopped``."""
        if self._program is None:
            await self._with_patience(self.load)
        attempt = 0
        while True:
            try:
                entries = await self._log.read(
                    self.cursor, count=READ_COUNT, block=BLOCK if self.ready else 0
                )
            except LogUnavailable as error:
                _log.warning("log unavailable", reason=str(error), attempt=attempt)
                await backoff(attempt)
                attempt += 1
                continue
            except LogGap as gap:
                await self._with_patience(self._look_for_loss)
                raise self._stop(self.stopped or str(gap)) from gap
            attempt = 0
            await self._apply_all(entries)
            if not entries and self._program is not None and not self.ready:
                self.ready = True
                self.reached.set()
                _log.info("caught up", position=str(self.position))
            elif not entries and self._program is None:
                await asyncio.sleep(BLOCK / 10_000)

    async def watch(self) -> None:
        """Compares its digest with the keeper's, and tells trimming what it still needs; until cancelled.

        Raises ``ReplicaStopped`` when the digests differ, and when another replica has found that the log
        lost entries.
        """
        rounds = 0
        while True:
            try:
                loss = await self._log.get(LOSS.format(self._log.epoch))
                if loss is not None and not self.stopped:
                    raise self._stop(loss.decode())
                published = await self._log.get(DIGEST)
                if published is not None:
                    position, digest = published.decode().split()
                    self.compare(Position.parse(position), bytes.fromhex(digest))
                if self.cursor is not None and rounds % CURSOR_ROUNDS == 0:
                    await self._log.publish_cursor(self._origin, self.cursor.id, ttl=CURSOR_TTL)
            except LogUnavailable as error:
                _log.info("not compared", reason=str(error))
            rounds += 1
            await asyncio.sleep(1.0)

    async def wait_for(self, position: Position) -> None:
        """Returns once ``position`` was applied here."""
        if self.position >= position:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waits += 1
        waiting = (position, self._waits, future)
        heapq.heappush(self._waiting, waiting)
        try:
            await future
        except asyncio.CancelledError:
            # Who gives up must not leave anything behind: the position may never come.
            if waiting in self._waiting:
                self._waiting.remove(waiting)
                heapq.heapify(self._waiting)
            raise

    def compare(self, position: Position, digest: bytes) -> None:
        """Compares a published running digest with our own at that position.

        Raises ``ReplicaStopped`` where they differ; says nothing of a position that is not remembered.
        """
        own = self._digests.get(position)
        if own is not None and own != digest:
            raise self._stop(
                f"this replica differs from the keeper's at {position}: its state cannot be trusted. Restart "
                "it, to rebuild it from the vault; if it differs again, compare the Python versions of both"
            )

    async def _apply_all(self, entries: list[Entry]) -> None:
        started = self._stopwatch()
        for entry in entries:
            self.apply(entry)
            if self._stopwatch() - started > SLICE_SECONDS:
                await asyncio.sleep(0)
                started = self._stopwatch()

    def apply(self, entry: Entry) -> None:
        milliseconds, sequence = entry.id
        batch = self.expected.pop(entry.payload, None) if self.expected else None
        try:
            if batch is None:
                batch = decode_batch(entry.payload)
            if self._program is None:
                self._program = start(batch)
            applied = apply_entry(self._program, milliseconds, sequence, entry.payload, batch)
        except LevelUnknown as error:
            position = Position(self._log.epoch, *entry.id)
            raise self._stop(
                f"at {position} {error}. Upgrade, or take the entry out with `livelot log drop {position}`"
            ) from error
        except Exception as error:
            # Whatever it was, the state may be half changed: nothing may be served from it any more.
            _log.exception("apply failed", entry=f"{milliseconds}-{sequence}")
            raise self._stop(self._words_for(entry, error)) from error
        self.cursor = entry
        if self._program.ended:
            epoch = self._program.epoch
            raise self._stop(
                f"epoch {epoch} of the log ended at {applied.position}; restart to go on with the next"
            )
        self._digests[applied.position] = self._program.digest
        if len(self._digests) > DIGESTS_KEPT:
            self._digests.popitem(last=False)
        for listener in self.listeners:
            listener(applied)
        while self._waiting and self._waiting[0][0] <= applied.position:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)

    async def _look_for_loss(self) -> None:
        """Whether the entry at the cursor was lost rather than trimmed, which every process has to know."""
        assert self.cursor is not None
        id = self.cursor.id
        if await self._log.range(id, id, count=1) or await self._is_trimmed(id):
            # Another entry in its place may be the right one, and ours what was altered on its way here.
            return
        last = await self._log.last()
        self.lost = True
        self.stopped = (
            f"the log's server has lost entries that were acknowledged: entry "
            f"{format_id(id)} was read and is gone, the log ends at "
            f"{format_id(last.id) if last is not None else 'nothing'}. Restore the server's data; or start a "
            "new log with `livelot log rotate --from-vault`, from the state that was saved"
        )
        await self._log.put(LOSS.format(self._log.epoch), self.stopped.encode())

    def save_lost_state(self) -> None:
        """Where the log has lost entries that were applied here: puts that state into the vault, for
        ``livelot log rotate --from-vault`` to go on from, unless somebody else did."""
        if not self.lost or self.cursor is None or self._vault is None:
            return
        try:
            if any(position >= self.position for position in self._vault.snapshots(self.position.epoch)):
                return
            write_snapshot(self._vault, self.program, payload_hash(self.cursor.payload))
        except (VaultError, SnapshotError) as error:
            _log.error("state not saved", position=str(self.position), reason=str(error))
        else:
            _log.warning("state saved: the log has lost it", position=str(self.position))

    async def _is_trimmed(self, id: EntryId) -> bool:
        """Whether the entry was taken out in the way that the keeper does it: it says so, or the archive has
        it (where the server had no memory left for the word). A log that merely begins behind it may be
        another one."""
        first = await self._log.first()
        if first is None or first.id <= id:
            return False
        trimmed = await self._log.get(TRIMMED.format(self._log.epoch))
        if trimmed is not None and id < parse_id(trimmed):
            return True
        try:
            ranges = self._vault.archive_ranges(self._log.epoch) if self._vault is not None else []
        except VaultError as error:
            _log.error("archive not looked at", reason=str(error))
            return True
        return any(archived.first <= id <= archived.last for archived in ranges)

    def _words_for(self, entry: Entry, error: Exception) -> str:
        position = Position(self._log.epoch, *entry.id)
        if (
            self._program is None
            and isinstance(error, ValueError)
            and not isinstance(error, msgspec.DecodeError)
        ):
            return (
                f"{error}, and the vault has no snapshot to start from: entries before it are gone. "
                "Restore the vault, or the log's server"
            )
        reason = "cannot be decoded" if isinstance(error, msgspec.DecodeError) else "cannot be applied"
        return (
            f"the entry at {position} {reason} ({error}). Every replica stops here. Upgrade if a newer "
            f"version wrote it; otherwise take it out with `livelot log drop {position}`, which archives it"
        )

    def _stop(self, words: str) -> ReplicaStopped:
        self.stopped = words
        self.ready = False
        _log.error("replica stopped", reason=words)
        return ReplicaStopped(words)

    async def _with_patience(self, action: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while True:
            try:
                await action()
            except LogUnavailable as error:
                _log.warning("log unavailable", reason=str(error), attempt=attempt)
                await backoff(attempt)
                attempt += 1
            else:
                return
