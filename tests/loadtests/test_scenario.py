"""What scenarios stand on: parts that share members and rate, and names that they agree on."""

import msgspec
import pytest

from loadtests.api import Api
from loadtests.arrivals import Profile
from loadtests.scenario import Defaults, Plan, Scenario, Stage
from loadtests.scenarios import SCENARIOS
from loadtests.tokens import SignedTokens

PLAN = Plan(
    url="http://127.0.0.1:9",
    program="p",
    members=10,
    rate=100.0,
    seconds=20.0,
    profile=Profile.STEADY,
    prefix="storm-",
    tier="gold",
    market="eu",
    patience=1.0,
    seed=1,
    run="r1",
    own={"stock": 3},
)


def stage(**changes: object) -> Stage:
    plan = msgspec.structs.replace(PLAN, **changes)
    return Stage(plan, Api(plan.url), SignedTokens("s" * 32, "p"))


def test_parts_share_members_and_rate() -> None:
    parts = [stage(part=part, parts=3) for part in (1, 2, 3)]
    members = [member for part in parts for member in part.members]
    assert sorted(members) == sorted(stage().members)
    assert len(members) == 10
    counts = [len(list(part.instants())) for part in parts]
    # Five standard deviations of a Poisson count of 667; the seed is fixed.
    assert all(abs(count - 667) < 130 for count in counts)
    assert len(set(counts)) == 3, "each has a seed of its own"
    assert [part.first for part in parts] == [True, False, False]
    assert not parts[0].alone


def test_parts_agree_on_names() -> None:
    assert stage(part=1, parts=2).name(7) == stage(part=2, parts=2).name(7) == "storm-r1-0007"
    assert stage(run="r2").name(7) != stage().name(7)


def test_what_is_open_for_a_run_is_so_from_when_it_begins() -> None:
    class Clock:
        def now(self) -> float:
            return 1_000.0

    made = stage()
    made.clock = Clock()
    assert made.end_after(60) == 1_060_000
    made.begins_at = 1_600.0
    assert made.end_after(60) == 1_660_000
    made.begins_at = 900.0
    assert made.end_after(60) == 1_060_000


def test_a_setting_of_its_own_is_found() -> None:
    assert stage().own("stock") == 3
    assert stage().alone


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_every_scenario_asks_a_question_and_knows_its_size(scenario: type[Scenario]) -> None:
    assert "?" in scenario.describe().split("\n\n")[0]
    assert isinstance(scenario.defaults, Defaults)
    # Those of `bids` are the caller's: it bids on whatever there is.
    assert scenario.thresholds or scenario.judge is not Scenario.judge or scenario.name == "bids"
    assert SCENARIOS[scenario.name] is scenario
