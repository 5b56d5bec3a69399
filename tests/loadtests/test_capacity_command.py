"""`livelot storm capacity`: its options, and what it prints."""

import io

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from loadtests.__main__ import app
from loadtests.capacity import conclude_climb
from loadtests.capacity_command import (
    CLIMBING,
    find_scenario,
    print_capacity,
    read_limit,
    read_own,
    word_step,
)
from loadtests.scenarios.browse import Browse
from loadtests.scenarios.hot import Hot
from loadtests.verdicts import Threshold
from tests.loadtests.test_capacity import CLIMB, LIMIT, step


def run(*arguments: str) -> tuple[int, str]:
    environment = {"LIVELOT_TOKEN_SECRET": "", "COLUMNS": "200"}
    finished = CliRunner().invoke(app, ["capacity", *arguments], env=environment)
    return finished.exit_code, " ".join(finished.output.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give --token-secret"),
        (("flash",), "'flash' is none of hot, nexmark"),
        (("hot", "--limit", "bid"), "give ACTION.MEASURE=MS"),
        (("browse", "--set", "stock=3"), "browse has no 'stock', only experiences, shown, segments"),
        (("browse", "--set", "shown=many"), "shown: 'many' is no number"),
        (("hot", "--factor", "1"), "Invalid value for '--factor'"),
    ],
)
def test_options_that_make_no_sense_are_told(arguments: tuple[str, ...], words: str) -> None:
    code, printed = run(*arguments)
    assert code == 2
    assert words in printed


def test_scenarios_whose_rate_is_not_theirs_do_not_climb() -> None:
    assert set(CLIMBING) == {"hot", "nexmark", "auctionmark", "browse", "tune", "soak"}
    assert find_scenario("hot") is Hot
    with pytest.raises(typer.BadParameter):
        find_scenario("closing")


def test_limits_and_settings_have_the_scenarios_defaults() -> None:
    assert read_limit(Hot, "") == Hot.thresholds[0]
    assert read_limit(Hot, "bid.p50=7") == Threshold("bid", "p50", 7.0)
    assert read_own(Browse, ["shown=5"]) == {"experiences": 200, "shown": 5, "segments": 12}


def printed(*steps: tuple[float, bool]) -> str:
    text = io.StringIO()
    found = conclude_climb(CLIMB, [step(rate, held) for rate, held in steps])
    print_capacity(Console(file=text, width=160), found)
    return " ".join(text.getvalue().split())


def test_the_knee_and_its_cause_are_told() -> None:
    words = printed((100, True), (200, False))
    assert "p99 of bid, ms stays within 100 up to 100 a second, and not at 200." in words
    assert "What it waits for is not known: the gateway used 0.30 of a core" in words
    assert "no knee was found" in printed((100, True))


def test_a_step_is_told_as_it_is_done() -> None:
    words = word_step(step(200, False), LIMIT)
    assert "200.0 a second: p99 of bid, ms    500.0, NOT held; gateway 0.30, crowd 0.30 cores" in words
