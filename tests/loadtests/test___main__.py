"""What the command line says when it cannot storm, and its exit codes."""

import asyncio

import pytest
from typer.testing import CliRunner

import loadtests.__main__ as command_line
from benchmarks.livelot import PROGRAM, Livelot
from benchmarks.servers import find_free_port
from loadtests.api import Api
from loadtests.findings import Verification
from loadtests.measures import Measures
from loadtests.preparation import end_auctions, find_open_auctions, prepare_auctions
from loadtests.report import Options, Report, make_report
from loadtests.sockets import Counts


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
        (["--demo", "--prepare"], "a demo gateway gives no tokens to a service: give --token-secret"),
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


def test_a_broken_acknowledgement_is_told_by_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    verification = Verification(acknowledged=1, auctions=1)
    verification.report("a1 bid 7 of m1: not in the history")

    async def storm(options: Options, *_: object) -> Report:
        outcome = {"started_at": 0, "seconds": 1.0, "unanswered": 0, "verification": verification}
        return make_report(options, Measures(), Counts(), **outcome)

    monkeypatch.setattr(command_line, "storm", storm)
    code, printed = run("--demo")
    assert code == 1
    assert "1 acknowledgements were broken: a1 bid 7 of m1: not in the history" in printed
