"""``livelot inspect``: what is shown is what is there, and looking changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.embedded import EmbeddedServer
from engine.log.contract import FIRST_ID, LAST_ID
from engine.log.redis_stream import RedisStreamLog, connect
from engine.snapshot import payload_hash, write_snapshot
from engine.vault import Vault
from gateway.failures import MaintenanceError
from gateway.inspection import inspect, render
from tests.engine.running import running


@asynccontextmanager
async def opened(server: EmbeddedServer, program: str) -> AsyncIterator[RedisStreamLog]:
    log = await connect(server.url, program)
    try:
        yield log
    finally:
        await log.close()


def test_an_inspection_tells_what_a_replica_holds(
    valkey: EmbeddedServer, program: str, tmp_path: Path
) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        async with opened(valkey, program) as log, running(log, vault) as node:
            await node.furnish()
            assert node.replica.cursor is not None
            write_snapshot(vault, node.replica.program, payload_hash(node.replica.cursor.payload))
            snapshot = str(node.replica.position)
            await node.bid("m1", "a1", 700)
            before = await log.range(FIRST_ID, LAST_ID, count=1_000)
            async with opened(valkey, program) as other:
                seen = await inspect(other, vault, program)
            assert await log.range(FIRST_ID, LAST_ID, count=1_000) == before
            state = node.replica.program
            assert seen.position == str(state.position)
            assert seen.digest == state.digest.hex()
            assert seen.state_digest == state.state_digest().hex()
            assert (seen.members, seen.auctions) == (4, {"open": 1})
            ledger = seen.ledger
            assert (ledger.issued, ledger.available, ledger.held) == (40_000, 39_300, 700)
            assert ledger.adds_up
            assert (seen.log.entries, seen.log.first) == (len(before), "0-1")
            assert seen.snapshots == [snapshot]
            assert seen.stopped == ""
            words = render(seen)
            assert "40,000 issued = 39,300 available + 700 held + 0 spent + 0 expired\n" in words
            assert "auctions      1 open\n" in words

    asyncio.run(body())


def test_a_replica_that_stopped_says_why(valkey: EmbeddedServer, program: str, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(valkey, program) as log:
            async with running(log) as node:
                await node.furnish()
                position = str(node.replica.position)
            await log.append(b"nobody can read this")
            seen = await inspect(log, Vault(tmp_path), program)
            assert seen.position == position
            assert "cannot be decoded" in seen.stopped
            assert render(seen).splitlines()[-1] == f"stopped       {seen.stopped}"

    asyncio.run(body())


def test_a_program_that_is_not_there(valkey: EmbeddedServer, program: str, tmp_path: Path) -> None:
    async def body() -> None:
        async with opened(valkey, program) as log:
            with pytest.raises(MaintenanceError, match=f"no program '{program}'"):
                await inspect(log, Vault(tmp_path), program)

    asyncio.run(body())
