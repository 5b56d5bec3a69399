"""How a log begins: once, and never over what was lost."""

import asyncio
from pathlib import Path

import pytest

from engine.founding import FoundingError, found
from engine.log.contract import FIRST_ID, LAST_ID
from engine.machine import decode_batch, start
from engine.snapshot import payload_hash, write_snapshot
from engine.vault import Vault
from tests.conftest import Logs
from tests.engine.test_snapshot import small_program


def test_of_several_founders_one_succeeds(logs: Logs) -> None:
    async def body() -> None:
        async with logs.open() as log, logs.open() as other:
            done = await asyncio.gather(found(log, "test"), found(other, "test"), found(log, "test"))
            assert sorted(done) == [False, False, True]
            entries = await log.range(FIRST_ID, LAST_ID, count=10)
            assert [entry.id for entry in entries] == [(0, 1)]
            assert start(decode_batch(entries[0].payload)).id == "test"

    asyncio.run(body())


def test_an_empty_log_beside_a_vault_with_snapshots_was_lost(logs: Logs, tmp_path: Path) -> None:
    async def body() -> None:
        vault = Vault(tmp_path)
        write_snapshot(vault, small_program(), payload_hash(b"entry"))
        async with logs.open() as log:
            with pytest.raises(FoundingError, match="log rotate"):
                await found(log, "test", vault)
            assert await log.last() is None

    asyncio.run(body())
