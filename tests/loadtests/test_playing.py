"""Scenarios that are played alone, as parts, and in processes."""

import asyncio
import io
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
from rich.console import Console

from benchmarks.livelot import PROGRAM, Livelot
from loadtests.api import Api
from loadtests.instants import read_instant, write_instant
from loadtests.merging import merge
from loadtests.playing import Performance, list_hints, play, write_command
from loadtests.preparation import find_open_auctions
from loadtests.result import Result
from loadtests.scenarios.bids import Bids
from loadtests.scenarios.hot import Hot
from loadtests.verdicts import Threshold
from loadtests.wire import StormError
from tests.loadtests.clearing import end_auctions
from tests.loadtests.conftest import Play, Played
from tests.loadtests.test_scenario import PLAN, stage

Ran = TypeVar("Ran")


def test_the_command_of_a_part_has_all_that_the_plan_says() -> None:
    plan = msgspec.structs.replace(PLAN, at="2026-11-26T12:00:00Z", own={"stock": 3})
    words = write_command(Hot, plan, [Threshold("outbid push", "p99", 250_000.5)])
    assert words[1:4] == ["-m", "loadtests", "hot"]
    given = dict(word.removeprefix("--").split("=", 1) for word in words[4:])
    assert given["limit"] == "outbid push.p99=250000.500000"
    assert (given["run"], given["stock"], given["at"]) == ("r1", "3", "2026-11-26T12:00:00Z")
    assert not {"part", "parts", "own"} & given.keys()


def test_a_flag_is_there_or_not() -> None:
    own = {"prepare": True, "demo": False, "format": "dutch"}
    words = write_command(Bids, msgspec.structs.replace(PLAN, own=own), ())
    assert "--prepare" in words
    assert "--format=dutch" in words
    assert not any(word.startswith("--demo") for word in words)


def test_the_first_part_tells_what_the_others_need() -> None:
    first = stage(part=1, parts=3)
    told, hint = list_hints(first)
    assert told.endswith("--run r1 --part 2/3")
    assert "With --at, the same for all, they begin together." in hint
    first.begins_at = 1_732_233_434.0
    assert [line.partition(" but ")[2] for line in list_hints(first)] == [
        "--run r1 --part 2/3 --at 2024-11-21T23:57:14Z"
    ]
    assert list_hints(stage(part=2, parts=3)) == list_hints(stage()) == []


MOMENTS = (6, 60)
"""In how many seconds a run begins; the second is for a machine on which the first is too soon."""


def soon(seconds: int) -> str:
    return write_instant(read_instant(f"+{seconds}s").by(time.time()))


def appoint(run: Callable[[str], Ran]) -> tuple[str, Ran]:
    """The instant at which it began, and what ``run`` came to with it."""
    for seconds in MOMENTS:
        at = soon(seconds)
        try:
            return at, run(at)
        except (AssertionError, StormError) as error:
            if "name a later --at" not in str(error):
                raise
    raise AssertionError(f"nothing was ready in {MOMENTS[-1]} s")


def test_a_run_in_processes_begins_at_its_instant(play: Play) -> None:
    def run(at: str) -> Played:
        return play("hot", members=4, rate=40, seconds=1, at=at, processes=2)

    at, (code, result, printed) = appoint(run)
    assert code == 0, printed
    assert result.started_at >= 1000 * read_instant(at).seconds
    assert "The gateway's clock agrees with this machine's" in printed
    assert "hot begins at " in printed
    assert "at" not in result.settings


def test_parts_of_several_hosts_begin_together_and_leave_what_they_share(livelot: Livelot) -> None:
    text = io.StringIO()

    def perform(part: int, at: str) -> Performance:
        changes = {"run": at.replace(":", "-"), "rate": 40.0, "seconds": 1.0, "own": {}}
        plan = msgspec.structs.replace(PLAN, url=livelot.url, program=PROGRAM, part=part, parts=2, at=at)
        return Performance(Hot, msgspec.structs.replace(plan, **changes), livelot.secret, ())

    async def go(at: str) -> tuple[list[Result], list[str]]:
        console = Console(file=text, width=200)
        results = await asyncio.gather(*(play(perform(part, at), console) for part in (1, 2)))
        async with Api(livelot.url) as api:
            reader = await livelot.tokens.get("reader", "manager")
            found = await find_open_auctions(api, reader, 10_000)
            mine = [name for name in found if name.startswith(f"storm-{results[0].settings['run']}")]
            await end_auctions(api, livelot.tokens, mine)
        return results, mine

    at, (results, left) = appoint(lambda at: asyncio.run(go(at)))
    assert min(result.started_at for result in results) >= 1000 * read_instant(at).seconds
    assert len(left) == 1, "what the first made is still open when both have ended"
    assert f"--part 2/2 --at {at}" in text.getvalue()
    merged = merge(results)
    assert [check.findings for check in merged.checks] == [[], []]
    assert merged.checks[0].checked == merged.actions["bid"].acknowledged > 0
