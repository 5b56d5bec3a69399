"""The keeper: prompt ticks, checked snapshots, archive and trim, the lease, the published digest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.auction.state import SETTLED
from engine.campaigns.extension import extend
from engine.commands import CampaignTerms, ExtendSchedule, PutCampaign, ScheduleCampaign
from engine.keeper import Keeper, SnapshotPolicy
from engine.ledger import check_conservation
from engine.log.contract import FIRST_ID, LAST_ID, Log, LogFull, parse_id
from engine.log.memory import MemoryLog
from engine.replica import DIGEST, TRIMMED
from engine.snapshot import load_snapshot
from engine.vault import Vault
from tests.conftest import Logs
from tests.engine.running import DEADLINE, Node, running


@asynccontextmanager
async def keeping(
    log: Log, vault: Vault, policy: SnapshotPolicy | None = None
) -> AsyncIterator[tuple[Node, Keeper]]:
    async with running(log, vault) as node:
        keeper = Keeper(node.replica, node.writer, log, vault, policy=policy)
        task = asyncio.create_task(keeper.run())
        try:
            yield node, keeper
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await keeper.close()


def test_an_auction_closes_by_itself_and_settles(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        async with logs.open() as log, keeping(log, Vault(tmp_path)) as (node, _):
            await node.furnish(lasts=400)
            await node.bid("m1", "a1", 800)
            await node.bid("m2", "a1", 900)
            program = node.replica.program
            async with asyncio.timeout(DEADLINE):
                while program.auctions["a1"].status != SETTLED:
                    await asyncio.sleep(0.005)
            assert program.members.get("m2").spent == 850
            assert program.ledger.totals.held == 0
            check_conservation(program.members, program.ledger)

    asyncio.run(body())


def test_schedules_of_campaigns_are_expanded(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        async with logs.open() as log, keeping(log, Vault(tmp_path)) as (node, _):
            schedule = '{"zone":"UTC","recurrences":[{"at":"00:00","minutes":1440}]}'
            await node.do(PutCampaign("always", CampaignTerms(schedule=schedule)))
            await node.do(PutCampaign("broken", CampaignTerms(schedule="every full moon")))
            await node.do(ScheduleCampaign("always"))
            campaigns = node.replica.program.campaigns
            async with asyncio.timeout(DEADLINE):
                while not campaigns.by_id["always"].terms.windows:
                    await asyncio.sleep(0.02)
            assert campaigns.in_force(node.replica.program.at) == ("always",)
            assert campaigns.by_id["broken"].terms.windows == ()

    asyncio.run(body())


def test_a_schedule_that_cannot_be_expanded_takes_nothing_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that an older gateway took: windows before 1970, and what nobody has thought of."""

    def surprise(campaign: str, schedule: str, now: int) -> ExtendSchedule:
        if campaign == "odd":
            raise RuntimeError("the moon is full")
        return extend(campaign, schedule, now)

    async def body() -> None:
        monkeypatch.setattr("engine.keeper.extend", surprise)
        async with keeping(MemoryLog(), Vault(tmp_path)) as (node, _):
            old = '{"zone":"UTC","windows":[{"starts":"1960-01-01T00:00","ends":"2050-01-01T00:00"}]}'
            daily = '{"zone":"UTC","recurrences":[{"at":"00:00","minutes":0}]}'
            await node.do(PutCampaign("odd", CampaignTerms(schedule=daily)))
            await node.do(PutCampaign("old", CampaignTerms(schedule=old)))
            await node.do(PutCampaign("whole", CampaignTerms(schedule=daily)))
            campaigns = node.replica.program.campaigns.by_id
            async with asyncio.timeout(DEADLINE):
                while not campaigns["whole"].terms.windows:
                    await asyncio.sleep(0.02)
            assert not campaigns["old"].terms.windows
            assert not campaigns["odd"].terms.windows
            await node.do(PutCampaign("later", CampaignTerms()))

    asyncio.run(body())


def test_a_snapshot_lets_the_log_be_archived_and_trimmed_and_a_replica_start_from_it(
    logs: Logs, tmp_path: Path
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with logs.open() as log:
            async with keeping(log, vault) as (node, keeper):
                await node.furnish()
                whole = await log.range(FIRST_ID, LAST_ID, count=10_000)
                assert await keeper.take_snapshot()
                for maximum in (800, 900, 1_000):
                    await node.bid("m1", "a1", maximum)
                assert await keeper.take_snapshot()
                assert len(vault.snapshots(1)) == 2
                removed = await keeper.trim()
                kept = await log.range(FIRST_ID, LAST_ID, count=10_000)
                older = vault.snapshots(1)[0]
                assert kept[0].id <= (older.milliseconds, older.sequence)
                assert removed > 0 or kept[0].id == whole[0].id
                archived = list(vault.read_archive(1))
                told = await log.get(TRIMMED.format(1))
                assert told is not None
                assert parse_id(told) > archived[-1].id
                entries = dict(archived) | dict(kept)
                assert [entries[entry.id] for entry in whole] == [entry.payload for entry in whole]
                lived = node.replica
            async with running(log, vault) as again:
                assert again.replica.digest == lived.digest
                assert again.replica.program.state_digest() == lived.program.state_digest()

    asyncio.run(body())


def test_trimming_spares_what_a_slow_replica_still_reads(tmp_path: Path) -> None:
    async def body() -> None:
        log, vault = MemoryLog(), Vault(tmp_path)
        async with keeping(log, vault) as (node, keeper):
            await node.furnish()
            slow = (await log.range(FIRST_ID, LAST_ID, count=3))[-1].id
            await log.publish_cursor(b"s" * 16, slow, ttl=60_000)
            for maximum in (800, 900):
                assert await keeper.take_snapshot()
                await node.bid("m1", "a1", maximum)
            await keeper.trim()
            first = await log.first()
            assert first is not None
            assert first.id == slow

    asyncio.run(body())


def test_without_a_snapshot_nothing_is_trimmed(tmp_path: Path) -> None:
    async def body() -> None:
        log, vault = MemoryLog(), Vault(tmp_path)
        async with keeping(log, vault) as (node, keeper):
            await node.furnish()
            assert await keeper.trim() == 0

    asyncio.run(body())


def test_with_an_only_snapshot_nothing_is_trimmed_while_there_is_room(tmp_path: Path) -> None:
    """Its file may be damaged: then the log is read from its beginning."""

    async def body() -> None:
        log, vault = MemoryLog(), Vault(tmp_path)
        async with keeping(log, vault) as (node, keeper):
            await node.furnish()
            assert await keeper.take_snapshot()
            assert await keeper.trim() == 0
            keeper.cramped = True
            assert await keeper.trim() > 0

    asyncio.run(body())


def test_a_snapshot_that_cannot_be_written_is_reported_and_leaves_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async def body() -> None:
        blocked = tmp_path / "vault"
        log = MemoryLog()
        async with keeping(log, Vault(blocked)) as (node, keeper):
            await node.furnish()
            (blocked).mkdir(exist_ok=True)
            (blocked / "snapshots").write_text("a file where a folder should be")
            assert not await keeper.take_snapshot()
            assert keeper.snapshot_position is None
        assert "snapshot failed" in capfd.readouterr().err

    asyncio.run(body())


def test_the_snapshot_is_of_the_moment_of_the_fork_while_the_parent_goes_on(tmp_path: Path) -> None:
    async def body() -> None:
        log, vault = MemoryLog(), Vault(tmp_path)
        async with keeping(log, vault) as (node, keeper):
            await node.furnish()
            position, digest = node.replica.position, node.replica.program.state_digest()
            taking = asyncio.create_task(keeper.take_snapshot())
            await asyncio.sleep(0)
            await node.bid("m1", "a1", 800)
            assert await taking
            program, _ = load_snapshot(vault, position)
            assert program.state_digest() == digest
            assert node.replica.program.state_digest() != digest

    asyncio.run(body())


def test_snapshots_come_by_themselves_as_the_log_grows(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with logs.open() as log, keeping(log, vault, SnapshotPolicy(bytes=1)) as (node, keeper):
            await node.furnish()
            async with asyncio.timeout(DEADLINE):
                while keeper.snapshot_position is None:
                    await asyncio.sleep(0.02)
            assert keeper.snapshot_position in vault.snapshots(1)

    asyncio.run(body())


class FullLog(MemoryLog):
    """Where nothing can be added, a lease neither."""

    async def take_lease(self, name: str, owner: bytes, *, ttl: int) -> bool:
        raise LogFull("the server has no memory left")


def test_without_memory_a_keeper_that_does_not_lead_makes_room(tmp_path: Path) -> None:
    async def body() -> None:
        log = FullLog()
        async with keeping(log, Vault(tmp_path)) as (node, keeper):
            await node.furnish()
            entries, _ = await log.size()
            async with asyncio.timeout(DEADLINE):
                while (await log.size())[0] == entries:
                    await asyncio.sleep(0.02)
            assert not keeper.leading
            assert keeper.snapshot_position is not None

    asyncio.run(body())


def test_one_keeper_leads_and_another_takes_over_at_once_when_it_leaves(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with logs.open() as log, logs.open() as other_log:
            async with keeping(other_log, vault) as (_, second):
                async with keeping(log, vault) as (_, first):
                    async with asyncio.timeout(DEADLINE):
                        while not (first.leading or second.leading):
                            await asyncio.sleep(0.005)
                    assert first.leading != second.leading
                async with asyncio.timeout(DEADLINE):
                    while not second.leading:
                        await asyncio.sleep(0.02)

    asyncio.run(body())


def test_the_published_digest_is_that_of_the_published_position(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        async with logs.open() as log, keeping(log, Vault(tmp_path)) as (node, _):
            await node.furnish()
            async with asyncio.timeout(DEADLINE):
                while (
                    await log.get(DIGEST) != f"{node.replica.position} {node.replica.digest.hex()}".encode()
                ):
                    await asyncio.sleep(0.02)

    asyncio.run(body())
