"""Small storms against everything that `livelot up` starts."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from typer.testing import CliRunner

from benchmarks.livelot import PROGRAM, Livelot
from benchmarks.servers import REPOSITORY
from loadtests.__main__ import app
from loadtests.api import Api
from loadtests.bidding import BID, OUTBID, PUSH, gather_crowd
from loadtests.crowd import Bid, Crowd, Leave
from loadtests.findings import Verification
from loadtests.formats import Format
from loadtests.measures import Acknowledgement
from loadtests.preparation import (
    announce_auctions,
    find_open_auctions,
    name_members,
    open_announced,
    prepare_members,
)
from loadtests.result import Result, read_result
from loadtests.sales import Ended
from loadtests.scenario import MANAGERS, SERVICES
from loadtests.scenarios.bids import Bids
from loadtests.schedule import choose_watched
from loadtests.wording import THIN
from tests.loadtests.clearing import end_auctions
from tests.loadtests.test_scenario import PLAN, stage

DEADLINE = 60

MEMBERS = 8
SOCKETS = MEMBERS + 1 + SERVICES + MANAGERS
"""One each, the observer's, and those of who prepares."""

STAND = "acknowledged bids stand, once and in order"

Until = Callable[[Callable[[], bool]], None]


def options_of(livelot: Livelot, json: Path, **more: object) -> list[str]:
    """The command line's options for a storm that prepares its own stage."""
    given = {"url": livelot.url, "program": PROGRAM, "members": MEMBERS, "auctions": 3, "json": json, **more}
    return ["--prepare", *(word for name, value in given.items() for word in (f"--{name}", str(value)))]


def storm(livelot: Livelot, json: Path, *more: str, **options: object) -> tuple[Result, str]:
    """What a storm leaves that ends well, and what it prints."""
    arguments = options_of(livelot, json, **options)
    if "--no-preparation" in more:
        arguments.remove("--prepare")
    finished = CliRunner().invoke(app, arguments, env={"LIVELOT_TOKEN_SECRET": livelot.secret})
    assert finished.exit_code == 0, finished.output
    result = read_result(json)
    assert result.held
    return result, finished.output


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
        assert f"{STAND}: " in words
    finally:
        storm.kill()
        storm.communicate()


def test_a_storm_is_answered_verified_and_reported(livelot: Livelot, tmp_path: Path) -> None:
    result, printed = storm(livelot, tmp_path / "bids.json", rate=100, seconds=2)
    assert (result.scenario, result.sockets) == ("bids", SOCKETS)
    bid = result.actions[BID]
    assert bid.due == bid.acknowledged + sum(bid.refused.values())
    assert bid.acknowledged > 50
    assert set(bid.refused) <= {"bid_too_low", "already_leading"}
    assert (bid.unanswered, bid.passed) == (0, 0)
    assert (result.counts["lost"], result.counts["resent"], result.counts["left"]) == (0, 0, 0)
    assert result.counts["connected"] == SOCKETS
    assert bid.latency.count == result.lateness.count == bid.due
    assert result.actions[PUSH].acknowledged == bid.acknowledged
    assert 0 < result.actions[OUTBID].acknowledged < bid.acknowledged
    assert sum(second.due for second in result.timeline) == sum(one.due for one in result.actions.values())
    assert [(check.name, check.checked) for check in result.checks] == [
        (STAND, bid.acknowledged),
        ("points add up", 1 + MEMBERS),
    ]
    assert "bids 1 s of 2 s" in printed.replace(THIN, " ")
    assert result.samples


def test_its_result_is_drawn_and_compared_like_any_other(livelot: Livelot, tmp_path: Path) -> None:
    page, json = tmp_path / "bids.html", tmp_path / "bids.json"
    storm(livelot, json, rate=40, seconds=1, watched=2, html=page)
    words = page.read_text()
    assert "--auctions 3 --watched 2 --format english --prepare" in words, "the page says how to run it again"
    assert STAND in words
    compared = CliRunner().invoke(app, ["compare", str(json), str(json)], env={"COLUMNS": "200"})
    assert compared.exit_code == 0
    assert "latency of bid" in compared.output


def test_a_storm_of_a_format_runs_in_processes(livelot: Livelot, tmp_path: Path) -> None:
    """The first opens what both bid on; none knows all bids, so each looks after its own."""
    result, _ = storm(
        livelot, tmp_path / "bids.json", rate=60, seconds=1.5, format=Format.UNIFORM, processes=2
    )
    assert result.settings["processes"] == 2
    assert result.settings["own"]["format"] == "uniform"
    stand, points = result.checks
    assert stand.checked == result.actions[BID].acknowledged > 20
    assert points.checked == 2 + MEMBERS


def count_bids(livelot: Livelot) -> float:
    """How many bids this gateway has accepted, by its metrics."""
    metrics = httpx.get(f"{livelot.url}/metrics", trust_env=False).text
    name = 'livelot_calls_total{operation="auction.bid",outcome="ok"} '
    return sum(float(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(name))


def test_a_storm_outlives_its_gateway(livelot: Livelot, tmp_path: Path, until: Until) -> None:
    before = count_bids(livelot)
    with storming(livelot, tmp_path / "bids.json", rate=100, seconds=4):
        until(lambda: count_bids(livelot) > before + 50)
        os.kill(livelot.gateway, signal.SIGKILL)
    result = read_result(tmp_path / "bids.json")
    assert result.held
    assert result.counts["lost"] >= SOCKETS
    assert result.counts["connected"] >= 2 * SOCKETS
    assert result.actions[BID].unanswered == 0


REFUSALS = {
    Format.DUTCH: {"bid_too_low", "too_many_pieces"},
    Format.SEALED: {"bid_not_raised"},
    Format.VICKREY: {"bid_not_raised"},
    Format.UNIFORM: {"bid_too_low", "bid_not_raised"},
    Format.PAY_AS_BID: {"bid_too_low", "bid_not_raised"},
    Format.CLOCK: {"entry_is_over", "bid_not_raised", "not_in"},
}
"""What a format's crowd may be told: it was a moment too early, too late, or too low."""


@pytest.mark.parametrize("format", REFUSALS)
def test_a_storm_of_another_format_ends_with_the_sales_that_its_bids_make(
    livelot: Livelot, tmp_path: Path, format: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Bid] = []
    write = Crowd._write

    def note(self: Crowd, *arguments: Any) -> Bid | Leave:
        call = write(self, *arguments)
        if isinstance(call, Bid):
            asked.append(call)
        return call

    monkeypatch.setattr(Crowd, "_write", note)
    result, _ = storm(livelot, tmp_path / "bids.json", rate=80, seconds=2, members=12, format=format)
    bid = result.actions[BID]
    assert bid.due == bid.acknowledged + sum(bid.refused.values()) + bid.passed
    assert bid.acknowledged > 20
    assert set(bid.refused) <= REFUSALS[format] | {"auction_closed"}
    stand, sold, points = result.checks
    assert (stand.name, stand.checked) == (STAND, bid.acknowledged - result.counts["left"])
    assert sold.name == "what was sold is what the bids make"
    assert sold.checked >= 3
    assert points.checked == 13
    assert OUTBID not in result.actions
    assert (PUSH in result.actions) is (format.kind != "sealed")
    assert {(call.quantity > 1) for call in asked} == (
        {True, False} if format in (Format.DUTCH, Format.UNIFORM, Format.PAY_AS_BID) else {False}
    )


def test_a_sale_that_no_bid_makes_is_a_finding_about_sales(
    livelot: Livelot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify_takes(verification: Verification, ended: Ended, bids: list[Acknowledgement]) -> None:
        verification.report(f"{ended.state.id}: {len(bids)} takes, none of them a sale")

    monkeypatch.setattr("loadtests.verification.verify_takes", verify_takes)
    arguments = options_of(livelot, tmp_path / "bids.json", rate=40, seconds=1, format=Format.DUTCH)
    finished = CliRunner().invoke(app, arguments, env={"LIVELOT_TOKEN_SECRET": livelot.secret})
    assert finished.exit_code == 1, finished.output
    stand, sold, points = read_result(tmp_path / "bids.json").checks
    assert (stand.findings, points.findings) == ([], [])
    assert 0 < len(sold.findings) <= 3
    assert all("none of them a sale" in finding for finding in sold.findings)


@pytest.mark.parametrize(("format", "is_secret"), [(Format.SEALED, True), (Format.UNIFORM, False)])
def test_a_storm_on_auctions_of_others_checks_what_it_is_shown(
    livelot: Livelot, tmp_path: Path, format: Format, is_secret: bool
) -> None:
    auctions = [f"others-{format}"]

    async def open_one() -> None:
        async with Api(livelot.url) as api:
            members = name_members("storm-", MEMBERS)
            await prepare_members(api, livelot.tokens, members, tier="gold", market="eu")
            await announce_auctions(api, livelot.tokens, auctions, format, seconds=60, crowd=MEMBERS)
            ends_at = int((time.time() + 60) * 1000)
            await open_announced(api, livelot.tokens, auctions, format, ends_at=ends_at)

    async def end() -> list[str]:
        async with Api(livelot.url) as api:
            reader = await livelot.tokens.get("reader", "manager")
            found = await find_open_auctions(api, reader, 10_000, format)
            await end_auctions(api, livelot.tokens, auctions)
            return found

    asyncio.run(open_one())
    json = tmp_path / "bids.json"
    result, _ = storm(livelot, json, "--no-preparation", rate=60, seconds=1, format=format, prefix="storm-")
    assert auctions[0] in asyncio.run(end()), "what others opened is not ended"
    bid = result.actions[BID]
    assert bid.acknowledged > 3
    (check,) = result.checks
    assert check.checked == bid.acknowledged
    assert check.name == ("sealed bids are as their members are told" if is_secret else STAND)


def test_who_the_members_are_hangs_on_whether_they_are_made() -> None:
    def complete(prepare: bool, prefix: str = "") -> str:
        return Bids.complete(msgspec.structs.replace(PLAN, prefix=prefix, own={"prepare": prepare})).prefix

    assert (complete(prepare=False), complete(prepare=True)) == ("m", "storm-")
    assert complete(prepare=True, prefix="x-") == "x-"


@pytest.mark.parametrize("watched", [1, 2])
def test_every_member_bids_on_every_auction_that_it_follows_and_no_other(watched: int) -> None:
    own = {"auctions": 4, "watched": watched, "format": "english", "prepare": False, "demo": False}
    bids = Bids(stage(own=own))
    bids.crowd = gather_crowd(bids.stage, [f"a{number}" for number in range(4)], watched)
    chosen = {due.do.args for due in bids.draw_actions(iter([0.1] * 2_000))}
    assert chosen == {
        (member, auction) for member in range(10) for auction in choose_watched(member, 4, watched)
    }
