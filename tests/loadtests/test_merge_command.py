"""`livelot storm merge`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from loadtests.__main__ import app
from loadtests.result import read_result, write_result
from tests.loadtests.test_merging import FAST, SLOW, make


def run(*files: Path | str) -> tuple[int, str]:
    finished = CliRunner().invoke(app, ["merge", *map(str, files)], env={"COLUMNS": "200"})
    return finished.exit_code, " ".join(finished.output.split())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two results: a fast and a slow one."""
    for name, latencies in (("a", FAST), ("b", SLOW)):
        write_result(tmp_path / f"{name}.json", make(latencies))
    return [tmp_path / "a.json", tmp_path / "b.json"]


def test_results_are_put_together_printed_and_written(files: list[Path], tmp_path: Path) -> None:
    code, printed = run(*files, "-o", tmp_path / "c.json")
    assert code == 1, "p99 of all is over the limit"
    assert "p99 of bid, ms: 200.1, at most 100: NOT KEPT" in printed
    assert read_result(tmp_path / "c.json").actions["bid"].due == 100


def test_what_is_kept_by_all_is_well(files: list[Path]) -> None:
    code, _ = run(files[0], files[0])
    assert code == 0


def test_what_cannot_be_merged_is_told(files: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    code, printed = run(files[0], other)
    assert code == 2
    assert f"{other} is no result of a scenario" in printed
    code, printed = run(files[0], tmp_path / "none.json")
    assert code == 2
    assert "none.json" in printed
    write_result(other, make(FAST, scenario="flash"))
    code, printed = run(files[0], other)
    assert code == 2
    assert "results of one scenario can be merged" in printed
