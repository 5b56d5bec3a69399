"""What an operator does to a log by hand: refused where something would be lost, and safe to interrupt."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from engine.commands import CreditPoints, Tick
from engine.embedded import EmbeddedServer
from engine.founding import FoundingError, found
from engine.log.contract import FIRST_ID, LAST_ID, Entry
from engine.log.redis_stream import RedisStreamLog, connect
from engine.machine import decode_batch
from engine.position import Position
from engine.replica import DIGEST, Replica
from engine.snapshot import payload_hash, write_snapshot
from engine.units import HOUR
from engine.vault import Vault
from engine.writer import wall_clock
from gateway.failures import MaintenanceError
from gateway.maintenance import ROTATION, Dropped, drop_entry, rotate_log
from tests.engine.running import Node, running, stopped

POINTS = 40_000
"""What `Node.furnish` issues."""


class Crash(Exception):  # noqa: N818 - it stands for the end of the process
    """The process is gone."""


class Fragile:
    """A log or vault that dies right before, or right after, its n-th change together with the others of its
    kind that share ``fuse``."""

    CHANGES = ("append", "put", "trim", "write_archive", "open_snapshot_for_write")

    def __init__(self, whole: Any, fuse: list[int], *, after: bool) -> None:
        self._whole = whole
        self._fuse = fuse
        self._after = after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._whole, name)
        if name not in self.CHANGES:
            return found
        return self._burn_asynchronously(found) if name in self.CHANGES[:3] else self._burn(found)

    def _count(self) -> bool:
        self._fuse[0] -= 1
        return self._fuse[0] == 0

    def _burn_asynchronously(self, change: Any) -> Any:
        async def attempt(*positional: Any, **named: Any) -> Any:
            last = self._count()
            if last and not self._after:
                raise Crash
            outcome = await change(*positional, **named)
            if last:
                raise Crash
            return outcome

        return attempt

    def _burn(self, change: Any) -> Any:
        def attempt(*positional: Any, **named: Any) -> Any:
            last = self._count()
            if last and not self._after:
                raise Crash
            outcome = change(*positional, **named)
            if last:
                raise Crash
            return outcome

        return attempt


@asynccontextmanager
async def opened(server: EmbeddedServer, program: str) -> AsyncIterator[RedisStreamLog]:
    log = await connect(server.url, program)
    try:
        yield log
    finally:
        await log.close()


async def entries_of(log: RedisStreamLog) -> list[Entry]:
    return await log.range(FIRST_ID, LAST_ID, count=10_000)


def take_snapshot(node: Node, vault: Vault) -> Position:
    assert node.replica.cursor is not None
    write_snapshot(vault, node.replica.program, payload_hash(node.replica.cursor.payload))
    return node.replica.position


async def require_all_points(server: EmbeddedServer, program: str, vault: Vault, epoch: int) -> None:
    """The program goes on in ``epoch``, with everything that was there, and takes commands."""
    async with opened(server, program) as log:
        assert log.epoch == epoch
        async with running(log, vault, begin=False) as node:
            assert node.replica.position >= Position(epoch, 0, 1)
            assert node.replica.program.ledger.totals.issued == POINTS
            await node.do(CreditPoints("m0", 1))
            await node.bid("m1", "a1", 700)
            assert node.replica.program.auctions["a1"].leader == "m1"


def test_a_rotation_goes_on_where_the_old_log_ended(
    valkey: EmbeddedServer, program: str, tmp_path: Path
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with opened(valkey, program) as log:
            async with running(log, vault) as node:
                await node.furnish()
                before = await entries_of(log)
                async with opened(valkey, program) as other:
                    rotated = await rotate_log(other, vault, by="me")
                assert "ended at" in await stopped(node.replica)
                assert rotated.began == "2:0-1"
                assert rotated.ended == str(node.replica.position)
            archived = list(vault.read_archive(1))
            assert archived[:-1] == before
            assert [entry.id for entry in await entries_of(log)] == [archived[-1].id]
        await require_all_points(valkey, program, vault, 2)

    asyncio.run(body())


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_rotation_may_be_interrupted_anywhere(
    valkey: EmbeddedServer, program: str, tmp_path: Path, after: bool
) -> None:
    async def interrupt(name: str, vault: Vault, change: int) -> bool:
        """Rotates until before or after the given change; whether there were as many."""
        fuse = [change]
        async with opened(valkey, name) as log:
            fragile_log: Any = Fragile(log, fuse, after=after)
            fragile_vault: Any = Fragile(vault, fuse, after=after)
            try:
                await rotate_log(fragile_log, fragile_vault, by="me")
            except Crash:
                return True
        return False

    async def body() -> None:
        change = 0
        interrupted = True
        while interrupted:
            change += 1
            name, vault = f"{program}-{change}", Vault(tmp_path / str(change))
            async with opened(valkey, name) as log, running(log, vault) as node:
                await node.furnish()
            interrupted = await interrupt(name, vault, change)
            async with opened(valkey, name) as log:
                epoch = log.epoch
                if epoch == 1:
                    await rotate_log(log, vault, by="me")
            await require_all_points(valkey, name, vault, 2)
        assert change > 6

    asyncio.run(body())


def test_one_rotation_at_a_time(valkey: EmbeddedServer, program: str, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(valkey, program) as log:
            await found(log, program)
            await log.take_lease(ROTATION, b"another", ttl=HOUR)
            with pytest.raises(MaintenanceError, match="Another rotation is under way"):
                await rotate_log(log, Vault(tmp_path), by="me")
            assert len(await entries_of(log)) == 1

    asyncio.run(body())


def test_an_empty_log_is_not_rotated(valkey: EmbeddedServer, program: str, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(valkey, program) as log:
            with pytest.raises(MaintenanceError, match="The log is empty"):
                await rotate_log(log, Vault(tmp_path), by="me")
            assert await log.first() is None

    asyncio.run(body())


def test_a_rotation_leaves_a_clock_that_ran_ahead_behind(
    valkey: EmbeddedServer, program: str, tmp_path: Path
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with opened(valkey, program) as log:
            async with running(log, vault) as node:
                await node.furnish()
                tick = decode_batch((await entries_of(log))[-1].payload)
                ahead = msgspec.structs.replace(tick, origin=b"ahead" * 3, number=1, commands=[])
                await log.append(msgspec.msgpack.encode(ahead), id=f"{wall_clock() + HOUR}-*")
            await rotate_log(log, vault, by="me")
        async with opened(valkey, program) as log, running(log, vault, begin=False) as node:
            assert node.replica.program.at <= wall_clock()
            assert node.replica.program.auctions["a1"].status == "open"
        await require_all_points(valkey, program, vault, 2)

    asyncio.run(body())


def test_a_lost_log_goes_on_from_the_vault(valkey: EmbeddedServer, program: str, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with opened(valkey, program) as log, running(log, vault) as node:
            await node.furnish()
            position = take_snapshot(node, vault)
            with pytest.raises(MaintenanceError, match="Leave --from-vault out"):
                await rotate_log(log, vault, by="me", from_vault=True)
        with closing(redis.Redis.from_url(valkey.url)) as client:
            client.delete(f"{{{program}}}:log")
        async with opened(valkey, program) as log:
            with pytest.raises(FoundingError, match="--from-vault"):
                await found(log, program, vault)
            with pytest.raises(MaintenanceError, match="no snapshot to start from"):
                await rotate_log(log, Vault(tmp_path / "empty"), by="me", from_vault=True)
            rotated = await rotate_log(log, vault, by="me", from_vault=True)
            assert (rotated.ended, rotated.began) == (str(position), "2:0-1")
        await require_all_points(valkey, program, vault, 2)

    asyncio.run(body())


def test_only_what_nobody_applied_can_be_dropped(
    valkey: EmbeddedServer, program: str, tmp_path: Path
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with opened(valkey, program) as log, running(log, vault) as node:
            await node.furnish()
            at = node.replica.position
            id = (at.milliseconds, at.sequence)

            async def refusal(position: Position) -> str:
                with pytest.raises(MaintenanceError) as refused:
                    await drop_entry(log, vault, position, by="me", reason="test")
                return str(refused.value)

            assert "in epoch 1" in await refusal(at._replace(epoch=2))
            assert "no entry" in await refusal(at._replace(sequence=999))
            assert "log's first" in await refusal(Position(1, 0, 1))
            await log.publish_cursor(b"r" * 16, id, ttl=HOUR)
            assert "the replica 72727272 passed it" in await refusal(at)
            await log.publish_cursor(b"r" * 16, (1, 0), ttl=HOUR)
            await log.put(DIGEST, f"{at} {node.replica.digest.hex()}".encode())
            assert "a keeper passed it" in await refusal(at)
            await log.put(DIGEST, f"{Position(1, 1, 0)} 00".encode())
            take_snapshot(node, vault)
            assert f"the snapshot at {at} passed it" in await refusal(at)
            assert len(await log.range(id, id, count=1)) == 1
            assert vault.names("dropped") == []

    asyncio.run(body())


def test_a_dropped_entry_is_kept_and_the_others_stay(
    valkey: EmbeddedServer, program: str, tmp_path: Path
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with opened(valkey, program) as log:
            async with running(log, vault) as node:
                await node.furnish()
            id = await log.append(b"nobody can read this")
            position = Position(1, *id)
            replica = Replica(log, vault)
            reading = asyncio.create_task(replica.run())
            assert f"livelot log drop {position}" in await stopped(replica)
            await asyncio.gather(reading, return_exceptions=True)

            name = await drop_entry(log, vault, position, by="me", reason="a broken build")
            with vault.open_for_read(name) as file:
                kept = msgspec.json.decode(file.read(), type=Dropped)
            assert (kept.position, kept.by, kept.reason) == (str(position), "me", "a broken build")
            assert kept.payload == b"nobody can read this"
            async with running(log, vault, begin=False) as node:
                assert node.replica.program.ledger.totals.issued == POINTS
                await node.do(Tick(), key="")

    asyncio.run(body())
