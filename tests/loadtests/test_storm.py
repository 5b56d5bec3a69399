"""Small storms against everything that `livelot up` starts."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from benchmarks.livelot import PROGRAM, Livelot
from benchmarks.servers import REPOSITORY
from loadtests.__main__ import app
from loadtests.api import Api
from loadtests.formats import Format
from loadtests.measures import find_outbid
from loadtests.preparation import (
    announce_auctions,
    end_auctions,
    name_members,
    open_announced,
    prepare_members,
)
from loadtests.report import read_json
from loadtests.result import read_result

DEADLINE = 60

MEMBERS = 8
SOCKETS = MEMBERS + 1
"""One each, and the observer's."""

Until = Callable[[Callable[[], bool]], None]


def options_of(livelot: Livelot, json: Path, **more: object) -> list[str]:
    """The command line's options for a storm that prepares its own stage."""
    given = {"url": livelot.url, "program": PROGRAM, "members": MEMBERS, "auctions": 3, "json": json, **more}
    return ["--prepare", *(word for name, value in given.items() for word in (f"--{name}", str(value)))]


@contextmanager
def storming(livelot: Livelot, json: Path, **options: object) -> Iterator["subprocess.Popen[str]"]:
    """A storm in a process of its own; on the way out it has to end well."""
    storm = subprocess.Popen(
        [sys.executable, "-m", "loadtests", *options_of(livelot, json, **options)],
        cwd=REPOSITORY,
        env={**os.environ, "LIVELOT_TOKEN_SECRET": livelot.secret},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield storm
        _, words = storm.communicate(timeout=DEADLINE)
        assert storm.returncode == 0, words
        assert "acknowledged bids are in the histories" in words
    finally:
        storm.kill()
        storm.communicate()


def test_a_storm_is_answered_verified_and_reported(livelot: Livelot, tmp_path: Path) -> None:
    options = options_of(livelot, tmp_path / "report.json", rate=100, seconds=2)
    finished = CliRunner().invoke(app, options, env={"LIVELOT_TOKEN_SECRET": livelot.secret})
    assert finished.exit_code == 0, finished.output
    report = read_json(tmp_path / "report.json")
    assert report.held
    assert report.due == report.sent == report.acknowledged + sum(report.refused.values())
    assert report.acknowledged > 50
    assert set(report.refused) <= {"bid_too_low", "already_leading"}
    assert (report.unanswered, report.lost, report.resent, report.passed) == (0, 0, 0, 0)
    assert report.latency.count == report.sent
    assert report.push_auction.count == report.acknowledged
    assert 0 < report.push_own.count <= len(find_outbid(report.acknowledgements))
    assert report.verification is not None
    assert report.verification.acknowledged == report.acknowledged


def test_a_storm_leaves_what_every_scenario_leaves(livelot: Livelot, tmp_path: Path) -> None:
    options = options_of(
        livelot, tmp_path / "report.json", rate=60, seconds=1, result=tmp_path / "result.json"
    )
    finished = CliRunner().invoke(app, options, env={"LIVELOT_TOKEN_SECRET": livelot.secret})
    assert finished.exit_code == 0, finished.output
    report, result = read_json(tmp_path / "report.json"), read_result(tmp_path / "result.json")
    assert result.held
    assert (result.scenario, result.sockets) == ("bids", SOCKETS)
    bid = result.actions["bid"]
    assert (bid.due, bid.acknowledged, bid.refused) == (report.due, report.acknowledged, report.refused)
    assert sum(second.due for second in result.timeline) == report.due
    assert result.lateness.count == report.due
    assert [check.checked for check in result.checks] == [report.acknowledged]


def count_bids(livelot: Livelot) -> float:
    """How many bids this gateway has accepted, by its metrics."""
    metrics = httpx.get(f"{livelot.url}/metrics", trust_env=False).text
    name = 'livelot_calls_total{operation="auction.bid",outcome="ok"} '
    return sum(float(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(name))


def test_a_storm_outlives_its_gateway(livelot: Livelot, tmp_path: Path, until: Until) -> None:
    before = count_bids(livelot)
    with storming(livelot, tmp_path / "report.json", rate=100, seconds=4):
        until(lambda: count_bids(livelot) > before + 50)
        os.kill(livelot.gateway, signal.SIGKILL)
    report = read_json(tmp_path / "report.json")
    assert report.held
    assert report.lost >= SOCKETS
    assert report.connected >= 2 * SOCKETS
    assert report.unanswered == 0


REFUSALS = {
    Format.DUTCH: {"bid_too_low", "too_many_pieces"},
    Format.SEALED: set(),
    Format.VICKREY: set(),
    Format.UNIFORM: {"bid_too_low", "bid_not_raised"},
    Format.PAY_AS_BID: {"bid_too_low", "bid_not_raised"},
    Format.CLOCK: {"entry_is_over", "bid_not_raised", "not_in"},
}
"""What a format's crowd may be told: it was a moment too early, too late, or too low."""


@pytest.mark.parametrize("format", REFUSALS)
def test_a_storm_of_another_format_ends_with_the_sales_that_its_bids_make(
    livelot: Livelot, tmp_path: Path, format: Format
) -> None:
    options = options_of(livelot, tmp_path / "report.json", rate=80, seconds=2, members=12, format=format)
    finished = CliRunner().invoke(app, options, env={"LIVELOT_TOKEN_SECRET": livelot.secret})
    assert finished.exit_code == 0, finished.output
    report = read_json(tmp_path / "report.json")
    assert report.held
    assert report.sent == report.acknowledged + report.left + sum(report.refused.values())
    assert report.acknowledged > 20
    assert set(report.refused) <= REFUSALS[format] | {"auction_closed"}
    assert report.verification is not None
    assert report.verification.sales >= 3
    assert report.verification.acknowledged == report.acknowledged
    assert "sales are what these bids make" in finished.output
    assert {(bid.quantity > 1) for bid in report.acknowledgements} == (
        {True, False} if format in (Format.DUTCH, Format.UNIFORM, Format.PAY_AS_BID) else {False}
    )


@pytest.mark.parametrize(("format", "is_secret"), [(Format.SEALED, True), (Format.UNIFORM, False)])
def test_a_storm_on_auctions_of_others_checks_what_it_is_shown(
    livelot: Livelot, tmp_path: Path, format: Format, is_secret: bool
) -> None:
    async def open_one() -> list[str]:
        async with Api(livelot.url) as api:
            members = name_members("storm-", MEMBERS)
            await prepare_members(api, livelot.tokens, members, tier="gold", market="eu")
            auctions = await announce_auctions(api, livelot.tokens, 1, format, seconds=60, crowd=MEMBERS)
            await open_announced(api, livelot.tokens, auctions, format, seconds=60)
            return auctions

    async def end(auctions: list[str]) -> None:
        async with Api(livelot.url) as api:
            await end_auctions(api, livelot.tokens, auctions)

    auctions = asyncio.run(open_one())
    options = options_of(
        livelot, tmp_path / "report.json", rate=60, seconds=1, format=format, prefix="storm-"
    )
    finished = CliRunner().invoke(app, options[1:], env={"LIVELOT_TOKEN_SECRET": livelot.secret})
    asyncio.run(end(auctions))
    assert finished.exit_code == 0, finished.output
    report = read_json(tmp_path / "report.json")
    assert report.verification is not None
    assert report.acknowledged > 3
    assert report.verification.secret == (report.acknowledged if is_secret else 0)
    assert report.verification.acknowledged == (0 if is_secret else report.acknowledged)
