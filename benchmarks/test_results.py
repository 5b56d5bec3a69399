"""The table of figures, and the JSON beside it."""

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from benchmarks import results
from benchmarks.results import FIGURES, Figure, Report


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


def test_the_json_has_all_digits(recorded: list[Figure], tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    results.write_json(path, recorded)
    report = msgspec.json.decode(path.read_bytes(), type=Report)
    assert report.figures == recorded
    assert report.size in ("small", "full")
