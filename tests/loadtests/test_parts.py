"""Parts of a run in processes of their own: they wait for each other, and what they leave is merged."""

import asyncio
import io
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console

from loadtests.live import LiveView
from loadtests.parts import run_parts
from loadtests.result import Result, write_result
from loadtests.runner import Barrier, no_barrier
from loadtests.wording import THIN
from tests.loadtests.conftest import Play
from tests.loadtests.test_merging import FAST, make

SCRIPT = """
import os, sys, shutil
order, failing, code = sys.argv[1:4]
file, number = (sys.argv[sys.argv.index(option) + 1] for option in ("--json", "--part"))
def tell(message):
    print(message, flush=True)
if failing == number:
    print("nothing is here\\nthe gateway is not there", file=sys.stderr)
    sys.exit(2)
for point in ("connected", "checked"):
    with open(order, "a") as lines:
        lines.write(f"{point} {number}\\n")
    tell('{"type":"waiting","point":"%s"}' % point)
    if not sys.stdin.readline():
        sys.exit("gone")
    if point == "connected":
        for at in range(3):
            tell('{"type":"told","second":{"at":%d,"due":10,"acknowledged":7,"refused":{"no":3}}}' % at)
        tell('{"type":"over"}')
tell('{"type":"note","words":"part %s has no gauges"}' % number)
shutil.copy(order + ".json", file)
if int(code) < 0:
    os.kill(os.getpid(), -int(code))
sys.exit(int(code))
"""


class Ran(NamedTuple):
    """What came of parts: their result, what was shown as they went, and what was said."""

    result: Result
    shown: str
    said: list[str]


def run(tmp_path: Path, *, failing: str = "none", code: int = 0, barrier: Barrier = no_barrier) -> Ran:
    """Three parts that note in a file when they come to a point."""
    (tmp_path / "part.py").write_text(SCRIPT)
    write_result(tmp_path / "order.json", make(FAST))
    command = [sys.executable, str(tmp_path / "part.py"), str(tmp_path / "order"), failing, str(code)]
    text, said = io.StringIO(), []
    view = LiveView(Console(file=text, width=100), "hot", 3)
    work = run_parts(command, 3, {}, view, say=said.append, barrier=barrier)
    result = asyncio.run(asyncio.wait_for(work, 30))
    return Ran(result, text.getvalue().replace(THIN, " "), said)


def read_points(tmp_path: Path) -> list[str]:
    """The points that parts have come to so far, in order."""
    return [line.split()[0] for line in (tmp_path / "order").read_text().splitlines()]


def test_parts_wait_for_each_other_and_are_merged(tmp_path: Path) -> None:
    result = run(tmp_path).result
    assert result.actions["bid"].due == 3 * len(FAST)
    assert result.machine.cores == 2, "it is one machine"
    assert read_points(tmp_path) == ["connected"] * 3 + ["checked"] * 3


def test_parts_are_shown_as_one_run_while_they_go_on(tmp_path: Path) -> None:
    _, shown, said = run(tmp_path)
    assert shown.splitlines() == ["hot 1 s of 3 s, 30 due/s, 21 acknowledged/s, 9 no"]
    assert said == ["part 1/3 has no gauges"], "the others have nothing to add"


def test_parts_go_on_once_the_barrier_lets_them(tmp_path: Path) -> None:
    passed = []

    async def note(point: str) -> None:
        passed.append((point, len(read_points(tmp_path))))

    run(tmp_path, barrier=note)
    assert passed == [("connected", 3), ("checked", 6)]


def test_thresholds_that_a_part_has_not_kept_are_judged_for_all(tmp_path: Path) -> None:
    assert run(tmp_path, code=1).result.held


def test_a_part_that_cannot_run_is_quoted_and_ends_the_others(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        run(tmp_path, failing="2/3")
    assert [str(error) for error in caught.value.exceptions] == ["the gateway is not there"]


def test_a_part_that_is_gone_without_a_word_ends_the_others(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        run(tmp_path, code=-9)
    assert [str(error) for error in caught.value.exceptions] == ["a part ended without a word, with code -9"]


def test_a_scenario_runs_in_two_processes(play: Play) -> None:
    code, result, printed = play("hot", members=6, rate=60, seconds=1.5, processes=2)
    assert code == 0, printed
    bid = result.actions["bid"]
    assert bid.due == bid.acknowledged + sum(bid.refused.values()) > 20
    assert result.settings["processes"] == 2
    stand, points = result.checks
    assert stand.checked == bid.acknowledged
    assert points.checked == 2 + 6
    assert "hot 1 s of 1.5 s" in printed.replace(THIN, " ")
