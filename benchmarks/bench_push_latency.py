"""How long from a bid to the push on another socket, at 1 000 bids a second with every one fsynced?

A storm (see loadtests/) against `livelot up` on a real disk: `me` is pushed to whoever was outbid, at once;
`auction:…` to onlookers, 20 times a second at most. Latencies count from when the bid was due. The storm
checks every acknowledgement.
"""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.livelot import PROGRAM, Livelot
from benchmarks.results import choose_size, record
from benchmarks.servers import REPOSITORY
from loadtests.bidding import BID, OUTBID, PUSH
from loadtests.measures import Summary
from loadtests.result import Result, read_result

RATE = choose_size(1_000, 100)
SECONDS = choose_size(20, 1)
MEMBERS = choose_size(100, 10)
AUCTIONS = choose_size(20, 3)


def storm(livelot: Livelot, file: Path) -> Result:
    """Runs a storm in a process of its own, as `livelot storm` does, and returns what it leaves."""
    options = {
        "url": livelot.url,
        "program": PROGRAM,
        "members": MEMBERS,
        "auctions": AUCTIONS,
        "rate": RATE,
        "seconds": SECONDS,
        "json": file,
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    finished = subprocess.run(
        [sys.executable, "-m", "loadtests", "--prepare", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, "LIVELOT_TOKEN_SECRET": livelot.secret},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return read_result(file)


def record_distribution(name: str, summary: Summary) -> None:
    """Adds a distribution's middle and tail to the run's table."""
    record(f"{name}, p50", summary.p50, "ms")
    record(f"{name}, p99", summary.p99, "ms")


def test_latency_from_bid_to_push(disk_folder: Path) -> None:
    with Livelot(disk_folder) as livelot:
        result = storm(livelot, disk_folder / "storm.json")
    bid, outbid, push = (result.actions[name] for name in (BID, OUTBID, PUSH))
    assert result.held
    assert bid.acknowledged == push.acknowledged
    assert outbid.acknowledged > 0
    record("push: bids acknowledged a second", bid.acknowledged / result.seconds, "1/s")
    record_distribution("push: bid to its reply", bid.latency)
    record_distribution("push: bid to `me` of who was outbid", outbid.latency)
    record_distribution("push: bid to `auction:…` of an onlooker", push.latency)
    record("push: the crowd's own lateness, p99", result.lateness.p99, "ms")
