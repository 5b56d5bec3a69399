"""``livelot inspect``: what a program holds, computed by a replica that only reads."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from engine.ledger import check_conservation
from engine.log.contract import format_id
from engine.log.redis_stream import RedisStreamLog
from engine.program import Program
from engine.replica import Replica
from engine.vault import Vault
from gateway.failures import MaintenanceError


class LedgerTotals(msgspec.Struct, frozen=True):
    """Points over all members. ``adds_up``: every member's sums and these are those of its lots and holds."""

    issued: int
    available: int
    held: int
    spent: int
    expired: int
    adds_up: bool


class LogTotals(msgspec.Struct, frozen=True):
    """What the log's server holds of the program: entries, about how many bytes, the oldest and the newest
    ID."""

    entries: int
    bytes: int
    first: str
    last: str


class Inspection(msgspec.Struct, frozen=True):
    """A program at one position.

    ``digest`` is the running digest over all entries and outcomes, ``state_digest`` that of the state itself;
    both are hex. ``at`` is the program's time in ms. ``stopped`` says why the replica could not read on, if
    it could not. Auctions, campaigns, redemptions and raffles are counted by status; ``entries`` are those of
    all raffles, ``locks`` those ever published; of the price rules ``revision`` runs, with so many ``rules``.
    """

    program: str
    position: str
    digest: str
    state_digest: str
    at: int
    level: int
    recorded: bool
    stopped: str
    members: int
    auctions: dict[str, int]
    keys: int
    writers: int
    ledger: LedgerTotals
    log: LogTotals
    snapshots: list[str]
    experiences: int
    campaigns: dict[str, int]
    redemptions: dict[str, int]
    revision: int
    rules: int
    raffles: dict[str, int]
    entries: int
    locks: int


async def inspect(log: RedisStreamLog, vault: Vault, program: str) -> Inspection:
    """Reads the newest snapshot and the log behind it, and changes nothing.

    Raises ``MaintenanceError`` where there is no such program, and ``ReplicaStopped`` where there is nothing
    that it could start from.
    """
    if await log.last() is None:
        raise MaintenanceError(f"There is no program {program!r} on this server: its log is empty.")
    replica = Replica(log, vault)
    reading = asyncio.create_task(replica.run())
    reached = asyncio.create_task(replica.reached.wait())
    try:
        await asyncio.wait([reading, reached], return_when=asyncio.FIRST_COMPLETED)
        if reading.done() and replica.cursor is None:
            reading.result()
        return describe(replica, await _describe_log(log), vault)
    finally:
        for task in (reading, reached):
            task.cancel()
        await asyncio.gather(reading, reached, return_exceptions=True)


def render(inspection: Inspection) -> str:
    """The same for people."""
    ledger, log = inspection.ledger, inspection.log
    time = datetime.fromtimestamp(inspection.at / 1000, UTC).isoformat(sep=" ", timespec="milliseconds")
    recorded = " (recorded)" if inspection.recorded else ""
    lines = {
        "program": f"{inspection.program}{recorded}, level {inspection.level}",
        "position": inspection.position,
        "time": time,
        "digest": inspection.digest,
        "state digest": inspection.state_digest,
        "members": f"{inspection.members:,}",
        "auctions": _list_counts(inspection.auctions),
        "experiences": f"{inspection.experiences:,}",
        "campaigns": _list_counts(inspection.campaigns),
        "price rules": f"{inspection.rules:,} in revision {inspection.revision}",
        "redemptions": _list_counts(inspection.redemptions),
        "raffles": f"{_list_counts(inspection.raffles)}; "
        f"{inspection.entries:,} entries, {inspection.locks:,} locks",
        "keys": f"{inspection.keys:,} remembered, of {inspection.writers:,} writers heard of within a day",
        "points": f"{ledger.issued:,} issued = {ledger.available:,} available + {ledger.held:,} held + "
        f"{ledger.spent:,} spent + {ledger.expired:,} expired"
        + ("" if ledger.adds_up else ", BUT MEMBERS' LOTS AND HOLDS ADD UP TO SOMETHING ELSE"),
        "log": f"{log.entries:,} entries, {log.bytes:,} bytes, {log.first} to {log.last}",
        "snapshots": ", ".join(inspection.snapshots) or "none",
    }
    if inspection.stopped:
        lines["stopped"] = inspection.stopped
    return "\n".join(f"{name:13} {value}" for name, value in lines.items())


def describe(replica: Replica, log: LogTotals, vault: Vault) -> Inspection:
    """The replica's state as it is now."""
    program = replica.program
    return Inspection(
        program=program.id,
        position=str(program.position),
        digest=program.digest.hex(),
        state_digest=program.state_digest().hex(),
        at=program.at,
        level=program.level,
        recorded=program.recorded,
        stopped=replica.stopped,
        members=program.members.count,
        auctions=_count(auction.status for auction in program.auctions.values()),
        keys=program.keys.count,
        writers=len(program.origins),
        ledger=_describe_ledger(program),
        log=log,
        snapshots=[str(position) for position in vault.snapshots()],
        experiences=len(program.experiences),
        campaigns=_count(campaign.status_at(program.at) for campaign in program.campaigns.by_id.values()),
        redemptions=_count(redemption.status for redemption in program.redemptions.values()),
        revision=program.book.current,
        rules=len(program.book.running.rules),
        raffles=_count(raffle.status for raffle in program.raffles.by_id.values()),
        entries=program.raffles.entries,
        locks=len(program.raffles.locks),
    )


def _count(statuses: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(statuses).items()))


def _list_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {status}" for status, count in counts.items()) or "none"


def _describe_ledger(program: Program) -> LedgerTotals:
    totals = program.ledger.totals
    try:
        check_conservation(program.members, program.ledger)
        adds_up = True
    except AssertionError:
        adds_up = False
    return LedgerTotals(totals.issued, totals.available, totals.held, totals.spent, totals.expired, adds_up)


async def _describe_log(log: RedisStreamLog) -> LogTotals:
    entries, size = await log.size()
    first, last = await log.first(), await log.last()
    if first is None or last is None:
        return LogTotals(entries, size, "", "")
    return LogTotals(entries, size, format_id(first.id), format_id(last.id))
