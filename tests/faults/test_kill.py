"""kill -9 of the log's server, the gateway and the keeper, each in turn, under a storm.

Every acknowledged bid is there afterwards, in its order (the storm looks, and exits with 1 otherwise), and
every redemption and raffle ticket of a shop beside it, once and at its price; a raffle that closed meanwhile
was drawn, and its evidence holds. A replica that lives through all of it, and one
that is rebuilt from a snapshot and the tail, agree to the last byte.
"""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from engine.draw.verification import verify_evidence
from engine.ledger import check_conservation
from engine.log.contract import EntryId
from engine.log.redis_stream import connect
from engine.replica import Replica
from engine.signing import read_draw_key
from engine.vault import Vault
from gateway.supervisor import child_environment
from loadtests.result import read_result
from tests.faults.shopping import Shop
from tests.gateway.test_supervisor import Livelot, port, running

DEADLINE = 60
"""Seconds that anything here may take."""

BIDS_A_SECOND = 100
SECONDS = 20
"""How long the storm lasts: a busy machine needs a while for three restarts."""

BIDS_BETWEEN = 100
"""Bids that are applied between two kills."""

__all__ = ["port"]


def start_storm(livelot: Livelot, report: Path) -> subprocess.Popen[bytes]:
    """A crowd that bids, and holds on to its keys when its gateway goes away."""
    secret = (livelot.folder / "secret").read_text().strip()
    options = ["--url", livelot.url, "--program", "main", "--prepare", "--members", "20", "--auctions", "3"]
    pace = [
        "--rate",
        str(BIDS_A_SECOND),
        "--seconds",
        str(SECONDS),
        "--patience",
        str(DEADLINE),
        "--json",
        str(report),
    ]
    return subprocess.Popen(
        [sys.executable, "-m", "loadtests", *options, *pace],
        env=child_environment() | {"LIVELOT_TOKEN_SECRET": secret},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


async def live_through(
    livelot: Livelot, storm: subprocess.Popen[bytes], shop: Shop
) -> tuple[Replica, list[str]]:
    """Kills each process in turn during the storm; the replica that saw it all, and what was killed."""
    log = await connect(f"unix://{livelot.folder}/valkey/valkey.sock", "main")
    # The keeper may have trimmed the log's beginning by now.
    replica = Replica(log, Vault(livelot.folder / "vault" / "main"))
    reading = asyncio.create_task(replica.run())
    shopping = asyncio.create_task(shop.run())
    killed = []
    try:
        for name in ("log", "gateway", "keeper"):
            await wait_for_bids(replica, BIDS_BETWEEN)
            os.kill(livelot.pid_of(name), signal.SIGKILL)
            said = len(livelot.lines)
            await asyncio.to_thread(livelot.wait_for, " is back", said)
            killed.append(name)
        await asyncio.to_thread(storm.wait, DEADLINE)
        shop.close()
        async with asyncio.timeout(DEADLINE):
            await shopping
        end = await last_id(livelot)
        async with asyncio.timeout(DEADLINE):
            while replica.cursor is None or replica.cursor.id < end:
                await asyncio.sleep(0.02)
    finally:
        for task in (reading, shopping):
            task.cancel()
        await asyncio.gather(reading, shopping, return_exceptions=True)
        await log.close()
    return replica, killed


async def last_id(livelot: Livelot) -> EntryId:
    """The newest entry's ID, by a connection that no kill has cut."""
    log = await connect(f"unix://{livelot.folder}/valkey/valkey.sock", "main")
    try:
        last = await log.last()
    finally:
        await log.close()
    assert last is not None
    return last.id


async def wait_for_bids(replica: Replica, more: int) -> None:
    """Until so many more bids than now have been applied."""
    async with asyncio.timeout(DEADLINE):
        await replica.reached.wait()
        goal = count_bids(replica) + more
        while count_bids(replica) < goal:
            await asyncio.sleep(0.02)


def count_bids(replica: Replica) -> int:
    return sum(len(auction.history) for auction in replica.program.auctions.values())


async def rebuild(livelot: Livelot, until: Replica) -> Replica:
    """A replica from the newest snapshot and the log, at the position of ``until``."""
    log = await connect(f"unix://{livelot.folder}/valkey/valkey.sock", "main")
    replica = Replica(log, Vault(livelot.folder / "vault" / "main"))
    try:
        await replica.load()
        assert replica.position.milliseconds > 0
        assert replica.cursor is not None
        assert until.cursor is not None
        for entry in await log.range(replica.cursor.id, until.cursor.id, count=100_000):
            if entry.id > replica.cursor.id:
                replica.apply(entry)
    finally:
        await log.close()
    return replica


def check_evidence(livelot: Livelot) -> None:
    """The short raffle's evidence is in the vault, and holds under the keeper's key."""
    key = read_draw_key(livelot.folder / "draw-key.pem").public
    evidence = (livelot.folder / "vault" / "main" / "evidence" / "1-short.json").read_bytes()
    report = verify_evidence(evidence, keys=[bytes.fromhex(key)])
    assert report.passed, report.failed


def test_what_was_acknowledged_survives_every_kill(tmp_path: Path, port: int) -> None:
    report = tmp_path / "storm.json"
    with running(tmp_path / "data", port, "--snapshot-minutes", "0.02") as livelot:
        shop = Shop(livelot)
        shop.prepare()
        storm = start_storm(livelot, report)
        try:
            lived, killed = asyncio.run(live_through(livelot, storm, shop))
        finally:
            storm.kill()
            output, _ = storm.communicate()
        assert killed == ["log", "gateway", "keeper"]
        assert storm.returncode == 0, output.decode()
        rebuilt = asyncio.run(rebuild(livelot, lived))
        assert rebuilt.position == lived.position
        assert rebuilt.digest == lived.digest
        assert list(rebuilt.program.encode()) == list(lived.program.encode())
        check_conservation(lived.program.members, lived.program.ledger)
        shop.check(lived.program)
        check_evidence(livelot)
        assert len(shop.acknowledged) > 100
    acknowledged = read_result(report).actions["bid"].acknowledged
    assert 3 * BIDS_BETWEEN < acknowledged <= count_bids(lived)
