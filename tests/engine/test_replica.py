"""The replica: same entries, same state; and it stops rather than being wrong."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from engine.commands import (
    LEVEL,
    OPERATOR,
    SCHEMA,
    AuctionTerms,
    Batch,
    CreateAuction,
    Envelope,
    RaiseLevel,
    Tick,
)
from engine.errors import Rejected
from engine.founding import FoundingError, found
from engine.log.contract import FIRST_ID, LAST_ID, Entry, EntryId, format_id
from engine.log.memory import MemoryLog
from engine.position import Position
from engine.replica import DIGEST, LOSS, TRIMMED, Replica, ReplicaStopped
from engine.snapshot import payload_hash, write_snapshot
from engine.units import NEVER
from engine.vault import Vault
from engine.writer import wall_clock
from tests.conftest import Logs
from tests.engine.running import DEADLINE, running, stopped


def test_two_replicas_reach_the_same_digest_and_each_sees_the_others_bids(logs: Logs) -> None:
    async def body() -> None:
        async with (
            logs.open() as log,
            logs.open() as other_log,
            running(log) as one,
            running(other_log) as two,
        ):
            await one.furnish()
            await two.replica.wait_for(one.replica.position)
            assert (await one.bid("m1", "a1", 800)).price == 500
            await two.replica.wait_for(one.last_position)
            assert (await two.bid("m2", "a1", 900)).price == 850
            await one.replica.wait_for(two.last_position)
            assert one.replica.position == two.replica.position
            assert one.replica.digest == two.replica.digest
            assert one.replica.program.state_digest() == two.replica.program.state_digest()

    asyncio.run(body())


def test_a_replica_starts_from_a_snapshot_and_the_tail(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with logs.open() as log:
            async with running(log, vault) as node:
                await node.furnish()
                await node.bid("m1", "a1", 800)
                cursor = node.replica.cursor
                assert cursor is not None
                write_snapshot(vault, node.replica.program, payload_hash(cursor.payload))
                await node.bid("m2", "a1", 900)
                lived = node.replica
            await log.trim(cursor.id, count=1_000_000)
            async with running(log, vault) as again:
                assert again.replica.position == lived.position
                assert again.replica.digest == lived.digest
                assert list(again.replica.program.encode()) == list(lived.program.encode())

    asyncio.run(body())


def test_without_its_past_a_replica_does_not_start(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log:
            async with running(log) as node:
                await node.furnish()
                newest = node.replica.cursor
            assert newest is not None
            while await log.trim(newest.id, count=1_000):
                pass
            with pytest.raises(ReplicaStopped, match="genesis"):
                async with running(log):
                    pass

    asyncio.run(body())


def test_a_snapshot_that_the_log_does_not_fit_is_refused(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with logs.open() as log:
            async with running(log, vault) as node:
                await node.furnish()
                cursor = node.replica.cursor
                assert cursor is not None
                write_snapshot(vault, node.replica.program, payload_hash(b"another entry"))
            with pytest.raises(ReplicaStopped, match="does not fit the log"):
                async with running(log, vault):
                    pass

    asyncio.run(body())


def test_a_log_that_is_trimmed_while_a_snapshot_loads_has_lost_nothing(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with logs.open() as log:
            async with running(log, vault) as node:
                await node.furnish()
                cursor = node.replica.cursor
                assert cursor is not None
                write_snapshot(vault, node.replica.program, payload_hash(cursor.payload))
                late = Replica(log, vault)
                look_up = log.range

                async def trim_first(start: EntryId, end: EntryId, *, count: int) -> list[Entry]:
                    """Meanwhile a keeper takes its next snapshot, and trims below it."""
                    log.range = look_up  # type: ignore[method-assign]
                    await node.do(Tick())
                    newest = node.replica.cursor
                    assert newest is not None
                    write_snapshot(vault, node.replica.program, payload_hash(newest.payload))
                    await log.trim(newest.id, count=10**6)
                    return await look_up(start, end, count=count)

                log.range = trim_first  # type: ignore[assignment]
                await late.load()
                assert late.position == node.replica.position

    asyncio.run(body())


@pytest.mark.parametrize("fault", ["lost tail", "other content"])
def test_a_past_that_changed_stops_the_replica(logs: Logs, fault: str) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            await node.furnish()
            cursor = node.replica.cursor
            assert cursor is not None
            if fault == "lost tail":
                logs.drop_tail(1)
            else:
                logs.replace(cursor.id, b"something else")
            # Two entries, since the first takes the lost one's place in a log that stamps in milliseconds.
            for payload in (b"x", b"y"):
                await log.append(payload, id=f"{cursor.id[0] + 10_000}-*")
            words = "has lost entries" if fault == "lost tail" else "another entry"
            assert words in await stopped(node.replica)
            assert node.replica.lost == (fault == "lost tail")
            assert not node.replica.ready

    asyncio.run(body())


def test_a_loss_stops_those_who_did_not_see_it_too(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            await node.furnish()
            async with logs.open() as other_log:
                other = Replica(other_log)
                watching = asyncio.create_task(other.watch())
                logs.drop_tail(1)
                await log.append(b"x", id=f"{wall_clock() + 10_000}-*")
                words = await stopped(node.replica)
                with pytest.raises(ReplicaStopped, match="has lost entries"):
                    await asyncio.wait_for(watching, DEADLINE)
                assert (other.stopped, other.lost) == (words, False)
                with pytest.raises(FoundingError, match="livelot log rotate --from-vault"):
                    await found(other_log, "test")

    asyncio.run(body())


@pytest.mark.parametrize("told_by", ["archive", "word"])
def test_a_past_that_was_trimmed_is_not_lost(logs: Logs, tmp_path: Path, told_by: str) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with logs.open() as log:
            async with running(log, vault) as node:
                await node.furnish()
            replica = node.replica
            entries = await log.range(FIRST_ID, LAST_ID, count=1_000)
            after = await log.append(b"x", id=f"{entries[-1].id[0] + 10_000}-0")
            if told_by == "archive":
                vault.write_archive(1, entries)
            else:
                await log.put(TRIMMED.format(1), format_id(after).encode())
            for entry in entries:
                await log.remove(entry.id)
            with pytest.raises(ReplicaStopped, match="it was trimmed"):
                await asyncio.wait_for(replica.run(), DEADLINE)
            assert not replica.lost
            assert await log.get(LOSS.format(1)) is None

    asyncio.run(body())


def test_an_entry_that_cannot_be_decoded_stops_every_replica_with_its_position(logs: Logs) -> None:
    async def body() -> None:
        async with (
            logs.open() as log,
            logs.open() as other_log,
            running(log) as one,
            running(other_log) as two,
        ):
            await one.furnish()
            id = await log.append(b"\xc1 poison")
            for node in (one, two):
                words = await stopped(node.replica)
                assert str(Position(1, *id)) in words
                assert "livelot log drop" in words
                assert node.replica.position < Position(1, *id)

    asyncio.run(body())


def test_an_exception_out_of_apply_stops_the_replica(logs: Logs, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            await node.furnish()
            monkeypatch.setattr(node.replica.program, "auctions", None)
            node.submit(CreateAuction("a2", AuctionTerms("x", 1, 1, 2)))
            assert "cannot be applied" in await stopped(node.replica)

    asyncio.run(body())


def test_a_level_that_this_code_does_not_know_stops_it(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            newer = Envelope("olga", OPERATOR, "", 0, NEVER, RaiseLevel(LEVEL + 1))
            batch = Batch(SCHEMA, b"n" * 16, 1, wall_clock(), [newer])
            id = await log.append(msgspec.msgpack.encode(batch))
            words = await stopped(node.replica)
            assert "upgrade" in words
            assert f"livelot log drop {Position(1, *id)}" in words

    asyncio.run(body())


def test_a_differing_digest_stops_the_replica(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            await node.furnish()
            position, digest = node.replica.position, node.replica.digest
            await log.put(DIGEST, f"{position} {digest.hex()}".encode())
            watching = asyncio.create_task(node.replica.watch())
            await node.bid("m1", "a1", 800)
            assert not watching.done()
            await log.put(DIGEST, f"{position} {bytes(32).hex()}".encode())
            with pytest.raises(ReplicaStopped, match="differs from the keeper"):
                await asyncio.wait_for(watching, DEADLINE)

    asyncio.run(body())


def test_a_newer_trailing_field_is_refused_not_ignored() -> None:
    async def body() -> None:
        log = MemoryLog()
        async with running(log) as node:
            await node.furnish()
            batch = msgspec.msgpack.decode(node.replica.cursor.payload)  # type: ignore[union-attr]
            batch[1], batch[4][0][5] = b"o" * 16, [*batch[4][0][5], "a field of a newer version"]
            await log.append(msgspec.msgpack.encode(batch))
            assert "cannot be decoded" in await stopped(node.replica)

    asyncio.run(body())


def test_waiting_for_a_position_ends_when_it_is_applied(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, running(log) as node:
            await node.furnish()
            here = node.replica.position
            await node.replica.wait_for(here)
            later = asyncio.create_task(node.replica.wait_for(Position(here.epoch, here.milliseconds, 2**40)))
            await asyncio.sleep(0)
            assert not later.done()
            outcome = await node.bid("m1", "a1", 1)
            assert isinstance(outcome, Rejected)
            maximum = 900
            while node.replica.position < Position(here.epoch, here.milliseconds + 1, 0):
                assert not later.done()
                maximum += 100
                await node.bid("m1", "a1", maximum)
            await asyncio.wait_for(later, DEADLINE)

    asyncio.run(body())


def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    async def body() -> None:
        async with running(MemoryLog()) as node:
            await node.furnish()
            never = [asyncio.create_task(node.replica.wait_for(Position(9, n, 0))) for n in range(5)]
            kept = asyncio.create_task(node.replica.wait_for(Position(1, 2**41, 0)))
            await asyncio.sleep(0)
            for task in never:
                task.cancel()
            await asyncio.gather(*never, return_exceptions=True)
            assert len(node.replica._waiting) == 1
            kept.cancel()

    asyncio.run(body())


def test_a_replica_that_never_started_has_no_program() -> None:
    with pytest.raises(ReplicaStopped, match="not started"):
        _ = Replica(MemoryLog()).program
