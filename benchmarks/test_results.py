"""The table of figures, and the JSON beside it."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from benchmarks import results
from benchmarks.results import COMPARISONS, FIGURES, Comparison, Figure, Report


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """Two figures with a target and one without, in a table of their own."""
    figures: list[Figure] = []
    monkeypatch.setattr(results, "FIGURES", figures)
    results.record_at_least("fast", 185_234.4, "1/s", 150_000)
    results.record_at_most("cheap", 2.34567, "×", 2.0)
    results.record("seen", 0.5, "ms")
    return figures


def test_a_target_is_held_or_not(recorded: list[Figure]) -> None:
    assert [(figure.target, figure.held) for figure in recorded] == [
        ("≥ 150 000", True),
        ("≤ 2", False),
        ("", None),
    ]
    assert not set(recorded) & set(FIGURES)


def test_the_table_has_a_row_a_figure(recorded: list[Figure]) -> None:
    text = io.StringIO()
    Console(file=text, width=120).print(results.render_table(recorded))
    rows = [" ".join(line.split()) for line in text.getvalue().splitlines()]
    assert "│ fast │ 185 234 │ 1/s │ ≥ 150 000 │ held │" in rows
    assert "│ cheap │ 2.35 │ × │ ≤ 2 │ not held │" in rows
    assert "│ seen │ 0.5 │ ms │ │ │" in rows


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[Comparison]:
    """One row with two peers and a limit, one where more is better, one alone."""
    rows: list[Comparison] = []
    monkeypatch.setattr(results, "COMPARISONS", rows)
    results.compare("a bid", 30.0, "µs", peers={"Lua": 60.0, "SQL": 90.0}, limit=("echo", 20.0), most=1.6)
    results.compare("appends", 50.0, "1/s", limit=("raw", 100.0), most=1.3, more_is_better=True)
    results.compare("alone", 1.0, "ms")
    return rows


def test_a_ratio_above_one_is_the_worse_one(compared: list[Comparison]) -> None:
    assert [row.held for row in compared] == [True, False, None]
    assert [compared[0].ratio_to(other) for other in (60.0, 20.0)] == [0.5, 1.5]
    assert compared[1].ratio_to(100.0) == 2.0
    assert not set(map(id, compared)) & set(map(id, COMPARISONS))


def test_a_comparison_has_a_row_a_peer(compared: list[Comparison]) -> None:
    text = io.StringIO()
    Console(file=text, width=160).print(results.render_comparisons(compared))
    rows = [" ".join(line.split()) for line in text.getvalue().splitlines()]
    assert "│ a bid │ 30 │ µs │ Lua │ 60 │ 0.5 │ echo │ 20 │ 1.5 │ ≤ 1.6 × the limit held │" in rows
    assert "│ │ │ │ SQL │ 90 │ 0.333 │ │ │ │ │" in rows
    assert "│ appends │ 50 │ 1/s │ │ │ │ raw │ 100 │ 2 │ ≤ 1.3 × the limit not held │" in rows
    assert "│ alone │ 1 │ ms │ │ │ │ │ │ │ │" in rows


def test_the_json_has_all_digits(recorded: list[Figure], compared: list[Comparison], tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    results.write_json(path, recorded, compared, ["a peer is left out: it is not there"])
    report = msgspec.json.decode(path.read_bytes(), type=Report)
    assert report.figures == recorded
    assert report.comparisons == compared
    assert report.left_out == ["a peer is left out: it is not there"]
    assert report.size in ("small", "full")
