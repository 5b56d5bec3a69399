"""Parts of a run in processes of their own: they wait for each other, and what they leave is merged."""

import asyncio
import sys
from pathlib import Path

import pytest

from loadtests.parts import run_parts
from loadtests.result import Result, write_result
from loadtests.wire import StormError
from tests.loadtests.conftest import Play
from tests.loadtests.test_merging import FAST, make

SCRIPT = """
import sys, time, shutil
order, failing, code = sys.argv[1:4]
file, number = (sys.argv[sys.argv.index(option) + 1] for option in ("--json", "--part"))
if failing == number:
    print("nothing is here\\nthe gateway is not there", file=sys.stderr)
    sys.exit(2)
for point in ("connected", "checked"):
    with open(order, "a") as lines:
        lines.write(f"{point} {number}\\n")
    print(point, flush=True)
    if not sys.stdin.readline():
        sys.exit("gone")
shutil.copy(order + ".json", file)
sys.exit(int(code))
"""


def run(tmp_path: Path, *, failing: str = "none", code: int = 0) -> Result:
    """Three parts that note in a file when they come to a point."""
    (tmp_path / "part.py").write_text(SCRIPT)
    write_result(tmp_path / "order.json", make(FAST))
    command = [sys.executable, str(tmp_path / "part.py"), str(tmp_path / "order"), failing, str(code)]
    return asyncio.run(asyncio.wait_for(run_parts(command, 3, {}), 30))


def test_parts_wait_for_each_other_and_are_merged(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.actions["bid"].due == 3 * len(FAST)
    assert result.machine.cores == 2, "it is one machine"
    points = [line.split()[0] for line in (tmp_path / "order").read_text().splitlines()]
    assert points == ["connected"] * 3 + ["checked"] * 3


def test_thresholds_that_a_part_has_not_kept_are_judged_for_all(tmp_path: Path) -> None:
    assert run(tmp_path, code=1).held


def test_a_part_that_cannot_run_is_quoted_and_ends_the_others(tmp_path: Path) -> None:
    with pytest.raises(StormError, match=r"^the gateway is not there$"):
        run(tmp_path, failing="2/3")


def test_a_scenario_runs_in_two_processes(play: Play) -> None:
    code, result, printed = play("hot", members=6, rate=60, seconds=1, processes=2)
    assert code == 0, printed
    bid = result.actions["bid"]
    assert bid.due == bid.acknowledged + sum(bid.refused.values()) > 20
    assert result.settings["merged"] == 2
    stand, points = result.checks
    assert stand.checked == bid.acknowledged
    assert points.checked == 2 + 6
