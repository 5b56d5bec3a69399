"""Comparing and drawing results that were written before."""

from pathlib import Path

from typer.testing import CliRunner

from loadtests.__main__ import app
from loadtests.result import write_result
from tests.loadtests.runs import make_run

RUNNER = CliRunner()


def test_two_results_are_compared(tmp_path: Path) -> None:
    before, after, page = (tmp_path / name for name in ("a.json", "b.json", "c.html"))
    write_result(before, make_run(60))
    write_result(after, make_run(60, rate=80))
    long = RUNNER.invoke(app, ["compare", str(before), str(after), "--html", str(page)])
    short = RUNNER.invoke(app, ["--compare", str(before), str(after)])
    assert (long.exit_code, short.exit_code) == (0, 0)
    assert long.output == short.output
    assert "Before and after" in long.output
    assert "<h1>" in page.read_text()


def test_a_page_of_a_result(tmp_path: Path) -> None:
    file, page = tmp_path / "a.json", tmp_path / "a.html"
    write_result(file, make_run(5))
    assert RUNNER.invoke(app, ["page", str(file), "-o", str(page)]).exit_code == 0
    assert page.read_text().startswith("<!doctype html>")


def test_what_is_no_result_is_told_in_a_line(tmp_path: Path) -> None:
    nothing, other = tmp_path / "nothing.json", tmp_path / "other.json"
    other.write_text("{}")
    for file, words in ((nothing, "No such file"), (other, "is no result of a scenario")):
        for command in (["compare", str(file), str(file)], ["page", str(file), "-o", str(tmp_path / "x")]):
            ended = RUNNER.invoke(app, command)
            assert ended.exit_code == 2
            assert words in " ".join(ended.stderr.split())
