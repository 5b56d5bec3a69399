"""Locust's users against a real gateway, in a process of their own: Locust patches sockets and threads, which
must not happen to whoever runs the tests."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.livelot import PROGRAM, Livelot
from loadtests.api import Api
from loadtests.preparation import find_open_auctions, name_members, prepare_auctions, prepare_members
from loadtests.verification import read_history

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("locust") is None,
    reason="Locust is not installed: pip install -c constraints.txt -e '.[loadtest]'",
)

ROOT = Path(__file__).parent.parent.parent


ENOUGH = 8

STOP = f"""
import gevent
from locust import events

@events.init.add_listener
def watch(environment, **_):
    bids = []

    @environment.events.request.add_listener
    def stop(name, exception, **_):
        bids.append(name)
        if exception or bids.count("auction.bid") == {ENOUGH}:
            gevent.spawn(environment.runner.quit)
"""
"""A second locustfile: ends the run after so many bids, however long they take, or after a failure."""


def run_locust(
    livelot: Livelot, folder: Path, *more: str, secret: str
) -> tuple[int, list[dict[str, Any]], str]:
    """Four users: the exit code, Locust's rows, and what it said."""
    (folder / "stop.py").write_text(STOP)
    command = [sys.executable, "-m", "locust", "-f", f"loadtests/locustfile.py,{folder / 'stop.py'}"]
    command += ["--headless", "--users", "4", "--spawn-rate", "20", "--stop-timeout", "20", "--json"]
    command += [
        "--run-time",
        "90s",
        "--host",
        livelot.url,
        "--livelot-program",
        PROGRAM,
        "--livelot-prefix",
        "locust-",
        *more,
    ]
    environment = {**os.environ, "LIVELOT_TOKEN_SECRET": secret, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100)
    return done.returncode, json.loads(done.stdout or "[]"), done.stderr


def test_members_bid_and_what_locust_counts_is_in_the_histories(livelot: Livelot, tmp_path: Path) -> None:
    async def prepare() -> None:
        async with Api(livelot.url) as api:
            members = name_members("locust-", 4)
            await prepare_members(api, livelot.tokens, members, tier="gold", market="eu")
            await prepare_auctions(api, livelot.tokens, 3, seconds=120)

    async def count() -> int:
        """The bids in all open auctions: other tests may have left some open, and members choose any."""
        async with Api(livelot.url) as api:
            reader = await livelot.tokens.get("reader", "service")
            auctions = await find_open_auctions(api, reader, 1_000)
            return sum([len(await read_history(api, reader, auction, "")) for auction in auctions])

    asyncio.run(prepare())
    before = asyncio.run(count())
    options = ("--livelot-members", "4", "--tags", "bid")
    code, rows, said = run_locust(livelot, tmp_path, *options, secret=livelot.secret)
    assert code == 0, said
    counts = {f"{row['method']} {row['name']}": row for row in rows}
    assert {row["num_failures"] for row in rows} == {0}
    assert counts["socket connect"]["num_requests"] == 4
    assert counts["push me"]["num_none_requests"] == counts["push me"]["num_requests"] >= 4
    assert counts["socket auction.bid"]["num_requests"] == asyncio.run(count()) - before >= ENOUGH


def test_a_user_that_cannot_sign_in_is_a_failure(livelot: Livelot, tmp_path: Path) -> None:
    code, rows, said = run_locust(livelot, tmp_path, secret="")
    assert code == 1
    assert "set LIVELOT_TOKEN_SECRET to the gateway's secret, or give --livelot-demo" in said
    assert {row["name"] for row in rows} == {"connect"}
