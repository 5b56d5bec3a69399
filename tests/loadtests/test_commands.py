"""The command line of scenarios: what it tells, takes and refuses."""

import pytest
import typer
from typer.testing import CliRunner

from loadtests.__main__ import app
from loadtests.arrivals import Profile
from loadtests.commands import make_plan, read_limits, read_part
from loadtests.scenarios import SCENARIOS
from loadtests.scenarios.flash import Flash
from loadtests.verdicts import Threshold


def run(*arguments: str) -> tuple[int, str]:
    """The exit code, and what is printed, on one line."""
    environment = {"LIVELOT_TOKEN_SECRET": "", "COLUMNS": "200"}
    finished = CliRunner().invoke(app, arguments, env=environment)
    return finished.exit_code, " ".join(finished.output.split())


@pytest.mark.parametrize("arguments", [("--list",), ("--help",)])
def test_all_scenarios_are_told(arguments: tuple[str, ...]) -> None:
    code, printed = run(*arguments)
    assert code == 0
    for name, scenario in SCENARIOS.items():
        assert name in printed
        assert scenario.describe()[:30] in printed


def test_a_scenario_tells_its_question_its_options_and_its_thresholds() -> None:
    code, printed = run("flash", "--help")
    assert code == 0
    assert "what does a sale do that is over as it begins?" in printed
    assert "--stock" in printed
    assert "Pieces that there are." in printed
    assert "redeem.p99=1000" in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("hot",), "give --token-secret: a scenario needs managers"),
        (
            ("hot", "--token-secret", "s" * 32, "--url", "ftp://x"),
            "--url must start with http:// or https://",
        ),
        (("hot", "--members", "0"), "Invalid value for '--members'"),
        (("hot", "--limit", "bid=3"), "give ACTION.MEASURE=MS, such as bid.p99=250"),
        (("hot", "--part", "3/2"), "give K/N, such as 2/4, not '3/2'"),
        (("hot", "--part", "2/2"), "Invalid value for --run: give the one that the first part tells"),
        (("hot", "--at", "noon"), "Invalid value for --at: give an instant such as 2026-11-26T12:00:00Z"),
        (("hot", "--at", "2026-11-26T12:00:00"), "say in which zone 2026-11-26T12:00:00 is"),
        (
            ("hot", "--part", "2/2", "--run", "r1", "--at", "+30s"),
            "+30s counts from now, here: give the instant that the first part tells",
        ),
        (("hot", "--part", "1/2", "--processes", "2"), "give --part or --processes, not both"),
        (("hot", "--profile", "wavy"), "'wavy' is not one of"),
        (("hotter",), "No such command 'hotter'"),
    ],
)
def test_options_that_make_no_sense_are_told(arguments: tuple[str, ...], words: str) -> None:
    code, printed = run(*arguments)
    assert code == 2
    assert words in printed


def test_a_plan_is_what_was_given() -> None:
    given = {
        "url": "http://h",
        "program": "p",
        "members": 5,
        "rate": 2.0,
        "seconds": 1.0,
        "profile": Profile.OPENING,
        "prefix": "x-",
        "tier": "gold",
        "market": "eu",
        "patience": 3.0,
        "seed": 4,
        "stock": 9,
        "run_id": "r1",
        "part": "2/3",
        "at": "2026-11-26T12:00:00Z",
    }
    plan = make_plan(Flash, dict(given))
    assert (plan.members, plan.profile, plan.own, plan.part, plan.parts) == (
        5,
        Profile.OPENING,
        {"stock": 9},
        2,
        3,
    )
    assert (plan.run, plan.at) == ("r1", "2026-11-26T12:00:00Z")
    assert "at" not in plan.settings, "when a run was is no setting of it"
    assert plan.settings["part"] == 2
    alone = make_plan(Flash, {**given, "run_id": "", "part": "1/1", "at": "+5m"})
    assert len(alone.run) > 8
    assert alone.at == "+5m"


def test_parts_and_limits_are_read() -> None:
    assert read_part("2/4") == (2, 4)
    assert read_limits(["bid.p99=5"]) == [Threshold("bid", "p99", 5.0)]
    assert read_limits(None) == []
    for text in ("", "1", "0/2", "x/2", "-1/2"):
        with pytest.raises(typer.BadParameter):
            read_part(text)
