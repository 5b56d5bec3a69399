"""A run's own price rules stand beside those that run, and go again."""

import asyncio

import msgspec
import pytest

from benchmarks.livelot import PROGRAM, Livelot
from loadtests.api import Api
from loadtests.findings import Verification
from loadtests.runner import open_doors
from loadtests.scenario import Plan, Scenario, Stage
from loadtests.shelves import publish_rules, retract_rules, verify_tunings
from loadtests.wire import StormError
from tests.loadtests.test_scenario import PLAN


def rule(name: str) -> dict[str, object]:
    return {"id": name, "scope": {"kinds": ["storm"]}, "effect": {"operation": "factor", "number": 9_000}}


async def list_rules(stage: Stage) -> tuple[set[str], set[str]]:
    """The ids of running rules and groups."""
    message = await stage.managers.ask("rules.get", limit=200)
    page = msgspec.json.decode(message.result)
    return {one["id"] for one in page["rules"]}, {one["id"] for one in page["groups"]}


def plan(livelot: Livelot, run: str) -> Plan:
    return msgspec.structs.replace(PLAN, url=livelot.url, program=PROGRAM, run=run, members=1)


def test_rules_are_added_to_those_that_run_and_taken_out_again(livelot: Livelot) -> None:
    async def body() -> None:
        async with Api(livelot.url) as api:
            older, newer = (Stage(plan(livelot, run), api, livelot.tokens) for run in ("older", "newer"))
            async with open_doors(Scenario(older)), open_doors(Scenario(newer)):
                before = await list_rules(older)
                await publish_rules(older, [rule("r-older")])
                await publish_rules(newer, [rule("r-newer")])
                rules, groups = await list_rules(older)
                assert rules == before[0] | {"r-older", "r-newer"}
                assert groups == before[1] | {"storm-older-0000", "storm-newer-0000"}
                await retract_rules(older, ["r-older"])
                assert await list_rules(older) == (
                    before[0] | {"r-newer"},
                    before[1] | {"storm-newer-0000"},
                )
                await retract_rules(newer, ["r-newer"])
                assert await list_rules(older) == before

    asyncio.run(body())


def test_a_rule_that_is_none_is_told(livelot: Livelot) -> None:
    async def body() -> None:
        async with Api(livelot.url) as api:
            stage = Stage(plan(livelot, "wrong"), api, livelot.tokens)
            async with open_doors(Scenario(stage)):
                with pytest.raises(StormError, match=r"rules\.put: invalid_parameters"):
                    await publish_rules(stage, [{"id": "r"}])

    asyncio.run(body())


@pytest.mark.parametrize(
    ("told", "found", "strays", "words"),
    [
        ([9, 8, 7], [9, 8, 7], 0, []),
        ([9, 8, 7], [8, 7], 0, []),
        ([], [], 0, []),
        ([9, 8, 7], [9, 8], 0, ["the history ends with [9, 8], acknowledged were [9, 8, 7]"]),
        ([9, 8, 7], [9, 7, 8], 0, ["the history ends with [9, 7, 8], acknowledged were [9, 8, 7]"]),
        ([9, 8, 7], [9, 8, 7, 7], 0, ["the history ends with [9, 8, 7, 7], acknowledged were [9, 8, 7]"]),
        ([9], [], 0, ["the history ends with [], acknowledged were [9]"]),
        ([9, 8, 7], [9, 8, 6, 7], 1, []),
        ([9, 8, 7], [9, 8, 6], 1, ["tunings to [7] are not in the history"]),
    ],
)
def test_a_move_that_is_missing_doubled_or_out_of_order_is_found(
    told: list[int], found: list[int], strays: int, words: list[str]
) -> None:
    verification = Verification()
    verify_tunings(verification, told, found, strays)
    assert verification.findings == words
