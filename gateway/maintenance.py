"""What an operator does to a log by hand: take an entry out, start the next epoch.

Both are written to be run again after they were interrupted at any point, and to refuse rather than to lose
what was acknowledged. Neither needs the program's processes to be stopped; they notice by themselves.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_bytes
from typing import Any, Final

import msgspec

from engine.commands import KEEPER, EndEpoch
from engine.errors import Rejected
from engine.founding import FIRST_ENTRY, begin_epoch
from engine.log.contract import FIRST_ID, LAST_ID, Entry, EntryId, format_id
from engine.log.redis_stream import RedisStreamLog
from engine.position import Position
from engine.program import Program
from engine.replica import DIGEST, TRIMMED, Replica, ReplicaStopped
from engine.results import Result
from engine.snapshot import load_newest
from engine.units import NEVER
from engine.vault import Vault
from engine.writer import Writer, wall_clock
from gateway.failures import MaintenanceError

ROTATION: Final = "rotation"
"""The lease that one rotation at a time holds."""

ROTATION_TTL: Final = 120_000
"""Milliseconds for which the lease of a rotation that was killed keeps the next one waiting."""

CHUNK: Final = 1_000
"""Entries that are archived at a time."""


class Dropped(msgspec.Struct, frozen=True):
    """What the vault keeps of an entry that was taken out of the log. ``at`` is ms since the epoch, UTC."""

    position: str
    by: str
    reason: str
    at: int
    payload: bytes


class Rotated(msgspec.Struct, frozen=True):
    """What a rotation did: where the old epoch ended, and the first position of the new one."""

    ended: str
    began: str


async def drop_entry(log: RedisStreamLog, vault: Vault, position: Position, *, by: str, reason: str) -> str:
    """Archives the entry at ``position``, takes it out of the log, and returns its file's name in the vault.

    Raises ``MaintenanceError`` where there is no such entry, or where any replica has applied it: the others
    would differ from that one for ever.
    """
    id = (position.milliseconds, position.sequence)
    if position.epoch != log.epoch:
        raise MaintenanceError(f"The log is in epoch {log.epoch}; {position} is in another one.")
    entries = await log.range(id, id, count=1)
    if not entries:
        raise MaintenanceError(f"The log has no entry at {position}.")
    first = await log.first()
    if first is not None and first.id == id:
        raise MaintenanceError(f"The entry at {position} is the log's first: replicas start from it.")
    await _require_not_applied(log, vault, position)
    name = f"dropped/{position.epoch}-{id[0]}-{id[1]}.json"
    dropped = Dropped(str(position), by, reason, wall_clock(), entries[0].payload)
    with vault.open_for_write(name) as file:
        file.write(msgspec.json.encode(dropped))
    await log.remove(id)
    return name


async def rotate_log(log: RedisStreamLog, vault: Vault, *, by: str, from_vault: bool = False) -> Rotated:
    """Starts the next epoch's log, from the state at this one's end, or ``from_vault`` from the newest
    snapshot; ``log`` speaks of the new one afterwards.

    The order makes each step safe to be the last: the old log ends (nothing is decided in it any more), the
    new state is in the vault, the new log has its first entry, the old one is archived, and only then is the
    new epoch the one that everybody takes. Raises ``MaintenanceError``, ``ReplicaStopped`` and others.
    """
    async with _lease(log):
        program = await _read_newest_snapshot(log, vault) if from_vault else await _end_epoch(log, vault, by)
        old_epoch, ended = log.epoch, program.position
        new_epoch = max(program.epoch, old_epoch) + 1
        log.choose_epoch(new_epoch)
        await _begin(log, vault, program, new_epoch)
        if not from_vault:
            log.choose_epoch(old_epoch)
            await _archive(log, vault)
            log.choose_epoch(new_epoch)
        await log.put("epoch", str(new_epoch).encode())
        if not from_vault:
            log.choose_epoch(old_epoch)
            await _trim(log, (ended.milliseconds, ended.sequence))
            log.choose_epoch(new_epoch)
    return Rotated(str(ended), str(Position(new_epoch, 0, 1)))


async def _require_not_applied(log: RedisStreamLog, vault: Vault, position: Position) -> None:
    """Cursors are forgotten after a while; the keeper's digest and the snapshots are not."""
    id = (position.milliseconds, position.sequence)
    passed = [f"the replica {origin.hex()[:8]}" for origin, at in (await log.cursors()).items() if at >= id]
    published = await log.get(DIGEST)
    if published is not None and Position.parse(published.decode().split()[0]) >= position:
        passed.append("a keeper")
    passed += [f"the snapshot at {at}" for at in vault.snapshots(position.epoch) if at >= position]
    if passed:
        raise MaintenanceError(
            f"The entry at {position} stays: {', '.join(passed)} passed it already, so it counts. Only an "
            "entry at which every replica stops can be dropped."
        )


async def _end_epoch(log: RedisStreamLog, vault: Vault, by: str) -> Program:
    """The state at the end of the log's epoch, which ends here unless it has ended already."""
    if await log.first() is None:
        raise MaintenanceError(
            "The log is empty: is it the right --program? With --from-vault it goes on from the newest "
            "snapshot; `livelot up` founds a program."
        )
    replica = Replica(log, vault, origin=token_bytes(16))
    writer = Writer(log, replica)
    reading = asyncio.create_task(replica.run())
    writing = asyncio.create_task(writer.run())
    reached = asyncio.create_task(replica.reached.wait())

    def ignore(position: Position, outcome: Result | Rejected | dict[str, Any]) -> None:
        """That the epoch has ended is told by the replica, which stops at it."""

    try:
        await asyncio.wait([reading, reached], return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            writer.submit(actor=by, role=KEEPER, key="", not_after=NEVER, command=EndEpoch(), done=ignore)
            await asyncio.wait([reading, writing], return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            writing.result()
        try:
            await reading
        except ReplicaStopped:
            if replica.cursor is None or not replica.program.ended:
                raise
        return replica.program
    finally:
        for task in (reading, writing, reached):
            task.cancel()
        await asyncio.gather(reading, writing, reached, return_exceptions=True)


async def _read_newest_snapshot(log: RedisStreamLog, vault: Vault) -> Program:
    """The newest state in the vault. Raises ``MaintenanceError`` where the log itself is whole."""
    positions = vault.snapshots()
    if not positions:
        raise MaintenanceError("The vault has no snapshot to start from.")
    if await _is_readable(log, vault):
        raise MaintenanceError(
            "The log can be read to its end, and starting from the vault would lose what it holds beyond the "
            "snapshot. Leave --from-vault out."
        )
    loaded = load_newest(vault, positions[-1].epoch)
    assert loaded is not None
    program, _ = loaded
    return program


async def _is_readable(log: RedisStreamLog, vault: Vault) -> bool:
    if await log.last() is None:
        return False
    replica = Replica(log, vault, origin=token_bytes(16))
    reading = asyncio.create_task(replica.run())
    reached = asyncio.create_task(replica.reached.wait())
    try:
        await asyncio.wait([reading, reached], return_when=asyncio.FIRST_COMPLETED)
        return reached.done() or (replica.cursor is not None and replica.program.ended)
    finally:
        for task in (reading, reached):
            task.cancel()
        await asyncio.gather(reading, reached, return_exceptions=True)


async def _begin(log: RedisStreamLog, vault: Vault, program: Program, epoch: int) -> None:
    """Gives the new log its first entry, unless an earlier rotation came so far."""
    if await log.last() is None:
        program.epoch = epoch - 1
        payload = await asyncio.to_thread(begin_epoch, program, vault)
        await log.append(payload, id=FIRST_ENTRY)
    elif Position(epoch, 0, 1) not in vault.snapshots(epoch):
        raise MaintenanceError(
            f"The log of epoch {epoch} has begun already, and the vault has no snapshot to read it from. "
            "Restore the vault."
        )


async def _archive(log: RedisStreamLog, vault: Vault) -> None:
    after: EntryId = FIRST_ID
    while entries := await log.range(after, LAST_ID, count=CHUNK):
        vault.write_archive(log.epoch, entries)
        after = _next(entries[-1])


async def _trim(log: RedisStreamLog, below: EntryId) -> None:
    """The end's own entry stays: a replica that comes late has to find it."""
    await log.put(TRIMMED.format(log.epoch), format_id(below).encode())
    while await log.trim(below, count=CHUNK):
        pass


def _next(entry: Entry) -> EntryId:
    return entry.id[0], entry.id[1] + 1


@asynccontextmanager
async def _lease(log: RedisStreamLog) -> AsyncIterator[None]:
    owner = token_bytes(16)
    if not await log.take_lease(ROTATION, owner, ttl=ROTATION_TTL):
        raise MaintenanceError("Another rotation is under way, or was killed: try again in two minutes.")
    try:
        yield
    finally:
        await log.release_lease(ROTATION, owner)
