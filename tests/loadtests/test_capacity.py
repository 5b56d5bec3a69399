"""The climb: which rates are tried, what they come to, and one on a real gateway."""

import asyncio

import msgspec
import pytest

from benchmarks.livelot import PROGRAM, Livelot
from loadtests.api import Api
from loadtests.bottleneck import Cause
from loadtests.capacity import Capacity, Climb, Climber, Step, choose_next, conclude_climb, make_step
from loadtests.scenario import Stage
from loadtests.scenarios.hot import Hot
from loadtests.tally import ACKNOWLEDGED, Tally
from loadtests.verdicts import Threshold
from tests.loadtests.test_bottleneck import load
from tests.loadtests.test_scenario import PLAN

LIMIT = Threshold("bid", "p99", 100.0)
CLIMB = Climb(threshold=LIMIT, first=100, factor=2, steps=6, halvings=2)


def step(rate: float, held: bool) -> Step:
    return Step(rate=rate, due=1, acknowledged=1, unanswered=0, load=load(p99=50 if held else 500), held=held)


def try_rates(knee: float, climb: Climb = CLIMB) -> list[float]:
    """What is tried where all up to ``knee`` hold."""
    steps: list[Step] = []
    while (rate := choose_next(climb, steps)) is not None:
        steps.append(step(rate, rate <= knee))
    return [one.rate for one in steps]


@pytest.mark.parametrize(
    ("knee", "rates"),
    [
        (500, [100, 200, 400, 800, 600, 500]),
        (650, [100, 200, 400, 800, 600, 700]),
        (50, [100, 50, 75]),
        (10_000, [100, 200, 400, 800, 1_600, 3_200]),
    ],
)
def test_the_knee_is_looked_for_upwards_and_then_in_between(knee: float, rates: list[float]) -> None:
    assert try_rates(knee) == rates


def test_it_is_as_far_as_was_asked() -> None:
    assert try_rates(500, msgspec.structs.replace(CLIMB, halvings=0)) == [100, 200, 400, 800]
    assert try_rates(10_000, msgspec.structs.replace(CLIMB, steps=2)) == [100, 200]


def conclude(*steps: Step) -> Capacity:
    return conclude_climb(CLIMB, list(steps))


def test_the_cause_is_that_of_the_lowest_rate_that_did_not_hold() -> None:
    first = msgspec.structs.replace(step(800, False), load=load(gateway=0.99))
    lower = msgspec.structs.replace(step(600, False), load=load(append=0.2))
    found = conclude(step(400, True), first, lower, step(500, True))
    assert (found.holds, found.breaks) == (500, 600)
    assert found.bottleneck is not None
    assert found.bottleneck.cause == Cause.LOG


def test_where_all_held_there_is_no_knee() -> None:
    found = conclude(step(100, True), step(200, True))
    assert (found.holds, found.breaks, found.bottleneck) == (200, None, None)


def test_a_rate_that_holds_by_luck_above_one_that_does_not_is_none() -> None:
    found = conclude(step(100, True), step(200, False), step(400, True))
    assert (found.holds, found.breaks) == (100, 200)


def test_a_step_holds_if_all_is_answered_within_the_limit() -> None:
    tally = Tally()
    tally.begin("bid", 0.1)
    tally.end("bid", 0.1, ACKNOWLEDGED, 0.01)
    assert make_step(1.0, tally, load(p99=50), LIMIT).held
    assert not make_step(1.0, tally, load(p99=500), LIMIT).held
    tally.begin("bid", 0.2)
    made = make_step(1.0, tally, load(p99=50), LIMIT)
    assert (made.due, made.acknowledged, made.unanswered, made.held) == (2, 1, 1, False)


def test_a_real_gateway_is_climbed_and_what_was_done_is_checked(livelot: Livelot) -> None:
    changes = {"url": livelot.url, "program": PROGRAM, "run": "climb", "members": 4, "patience": 20.0}
    climb = Climb(threshold=Threshold("bid", "p99", 600_000.0), first=30, factor=2, steps=2, seconds=0.6)
    told: list[Step] = []

    async def body() -> None:
        async with Api(livelot.url) as api:
            stage = Stage(msgspec.structs.replace(PLAN, **changes), api, livelot.tokens)
            climber = Climber(Hot(stage), climb, told.append)
            result = await climber.run()
        assert [one.rate for one in told] == [30, 60]
        assert result.held
        assert result.scenario == "capacity hot"
        assert result.settings["capacity"]["holds"] == 60
        bid = result.actions["bid"]
        assert bid.due == sum(one.due for one in told) > 20
        assert result.checks[0].checked == bid.acknowledged
        assert all(one.load.spent.cores > 0 for one in told)
        assert max(second.at for second in result.timeline if second.due) >= 1, "steps follow each other"

    asyncio.run(body())
