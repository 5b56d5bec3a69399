"""What the command line says when it cannot storm, and its exit codes."""

import asyncio
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

import loadtests.__main__ as command_line
from benchmarks.livelot import PROGRAM, Livelot
from benchmarks.servers import find_free_port
from loadtests import commands
from loadtests.api import Api
from loadtests.playing import Performance
from loadtests.preparation import find_open_auctions, prepare_auctions
from loadtests.result import Check, Result, read_result
from loadtests.scenarios.bids import Bids
from tests.loadtests.clearing import end_auctions
from tests.loadtests.runs import make_run


def run(*arguments: str) -> tuple[int, str]:
    """The exit code, and what is printed, on one line."""
    finished = CliRunner().invoke(
        command_line.app, arguments, env={"LIVELOT_TOKEN_SECRET": "", "COLUMNS": "200"}
    )
    return finished.exit_code, " ".join(finished.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give --token-secret, or --demo"),
        (["--demo", "--url", "ftp://x"], "--url must start with http:// or https://, not 'ftp://x'"),
        (["--demo", "--prepare"], "a demo gateway gives no tokens to services and managers: give"),
        (["--demo", "--auctions", "0"], "Invalid value for '--auctions'"),
        (["--demo", "--format", "open"], "'open' is not one of 'english', 'dutch'"),
        (["--rate", "0", "--demo"], "Invalid value for '--rate'"),
    ],
)
def test_options_that_make_no_sense_are_told(arguments: list[str], words: str) -> None:
    code, printed = run(*arguments)
    assert code == 2
    assert words in printed


@pytest.mark.parametrize(
    ("secret", "words"),
    [("another secret of more than 32 bytes, surely", "401 token_invalid"), ("", "404 unknown_operation")],
)
def test_a_gateway_that_refuses_is_quoted(livelot: Livelot, secret: str, words: str) -> None:
    how = ["--token-secret", secret] if secret else ["--demo"]
    code, printed = run("--url", livelot.url, "--program", PROGRAM, *how)
    assert code == 2
    assert words in printed


def test_a_gateway_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadtests.api.PATIENCE", 0)
    url = f"http://127.0.0.1:{find_free_port()}"
    code, printed = run("--url", url, "--demo")
    assert code == 2
    assert f"{url} cannot be reached" in printed


def test_no_open_auction_is_told(livelot: Livelot) -> None:
    async def end_all() -> None:
        async with Api(livelot.url) as api:
            reader = await livelot.tokens.get("reader", "service")
            await end_auctions(api, livelot.tokens, await find_open_auctions(api, reader, 1_000))

    asyncio.run(end_all())
    code, printed = run("--url", livelot.url, "--program", PROGRAM, "--token-secret", livelot.secret)
    assert code == 2
    assert "no auction is open" in printed


def test_members_that_are_not_known_are_told(livelot: Livelot) -> None:
    async def open_one() -> None:
        async with Api(livelot.url) as api:
            await prepare_auctions(api, livelot.tokens, 1, seconds=60)

    asyncio.run(open_one())
    known = ("--url", livelot.url, "--program", PROGRAM, "--token-secret", livelot.secret)
    code, printed = run(*known, "--members", "2", "--prefix", "nobody-")
    assert code == 2
    assert "the gateway refused a subscription: unknown_member: There is no member 'nobody-0001'" in printed


def test_without_a_name_it_is_bids_and_what_is_broken_is_told_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    played: list[Performance] = []

    async def play(performance: Performance, console: Console) -> Result:
        played.append(performance)
        return make_run(3, scenario="bids", checks=[Check("bids stand", 9, ["a1 bid 7 of m1: not there"])])

    monkeypatch.setattr(commands, "play", play)
    files = ("--json", str(tmp_path / "bids.json"), "--html", str(tmp_path / "bids.html"))
    code, printed = run("--demo", "--format", "dutch", "--watched", "2", *files)
    assert code == 1
    assert "bids stand: 1 findings a1 bid 7 of m1: not there" in printed
    (performance,) = played
    own = {"auctions": 10, "watched": 2, "format": "dutch", "prepare": False, "demo": True}
    assert (performance.scenario, performance.plan.own, performance.plan.prefix) == (Bids, own, "m")
    assert not read_result(tmp_path / "bids.json").held
    assert "a1 bid 7 of m1: not there" in (tmp_path / "bids.html").read_text()
