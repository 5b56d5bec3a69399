"""The figures of a run: benchmarks record them here, `make bench` prints them as one table and writes them as
JSON.

Benchmarks run in two sizes. Without the environment variable LIVELOT_BENCH they are small: seconds for all of
them, enough to check their answers within `make test`; their figures mean nothing. With LIVELOT_BENCH=full
they are measurements.
"""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from rich.table import Table

FULL = os.environ.get("LIVELOT_BENCH", "") == "full"
"""Whether this run measures (or only checks that the benchmarks work)."""

Size = TypeVar("Size")


class Figure(msgspec.Struct, frozen=True):
    """One figure. ``target`` is in words ("≥ 150 000", or empty for none), ``held`` says whether it was
    met."""

    name: str
    value: float
    unit: str
    target: str = ""
    held: bool | None = None


class Comparison(msgspec.Struct, frozen=True):
    """Ours beside ``peers`` (each as its own users would write it) and a ``limit`` (what the machine itself
    gives), all in one ``unit``, measured in one run. ``most`` is what our ratio to the limit may be."""

    name: str
    ours: float
    unit: str
    peers: dict[str, float]
    limit_name: str = ""
    limit: float | None = None
    most: float | None = None
    more_is_better: bool = False

    def ratio_to(self, other: float) -> float:
        """How many times as dear as ``other`` ours is: above 1, ours is the worse one."""
        return other / self.ours if self.more_is_better else self.ours / other

    @property
    def held(self) -> bool | None:
        """Whether the ratio to the limit is what it may be; None where nothing is demanded."""
        if self.most is None or self.limit is None:
            return None
        return self.ratio_to(self.limit) <= self.most


class Report(msgspec.Struct, frozen=True):
    """What the JSON file holds."""

    size: str
    machine: str
    python: str
    cores: int
    figures: list[Figure]
    comparisons: list[Comparison] = []
    left_out: list[str] = []


FIGURES: list[Figure] = []
"""The figures of this process so far, in the order in which they were recorded."""

COMPARISONS: list[Comparison] = []
"""Likewise."""

LEFT_OUT: list[str] = []
"""What could not be measured here, and why, a line each."""


def choose_size(full: Size, small: Size) -> Size:
    """``full`` in a run that measures, else ``small``."""
    return full if FULL else small


def record(name: str, value: float, unit: str, target: str = "", held: bool | None = None) -> None:
    """Adds a figure to this run's table."""
    FIGURES.append(Figure(name, value, unit, target, held))


def record_at_least(name: str, value: float, unit: str, least: float) -> None:
    """Adds a figure that should be ``least`` or more."""
    record(name, value, unit, f"≥ {format_value(least)}", value >= least)


def record_at_most(name: str, value: float, unit: str, most: float) -> None:
    """Adds a figure that should be ``most`` or less."""
    record(name, value, unit, f"≤ {format_value(most)}", value <= most)


def compare(
    name: str,
    ours: float,
    unit: str,
    *,
    peers: dict[str, float] | None = None,
    limit: tuple[str, float] | None = None,
    most: float | None = None,
    more_is_better: bool = False,
) -> None:
    """Adds a row of ours beside others to this run's table; ``limit`` is a name and a value."""
    limit_name, value = limit if limit is not None else ("", None)
    COMPARISONS.append(Comparison(name, ours, unit, peers or {}, limit_name, value, most, more_is_better))


def leave_out(words: str) -> None:
    """Says under this run's table, whatever its size, what could not be measured here, and why."""
    LEFT_OUT.append(words)


def format_value(value: float) -> str:
    """Three or four significant digits, thousands apart.

    >>> format_value(185_234.4), format_value(0.19999), format_value(12.345), format_value(150_000)
    ('185 234', '0.2', '12.3', '150 000')
    """
    if abs(value) >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def render_table(figures: list[Figure]) -> Table:
    """All figures, one a row."""
    table = Table(
        title="Benchmarks" if FULL else "Benchmarks (small: these figures mean nothing)", title_justify="left"
    )
    for heading in ("name", "value", "unit", "target", "held"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    words = {None: "", True: "[green]held[/]", False: "[red]not held[/]"}
    for figure in figures:
        table.add_row(figure.name, format_value(figure.value), figure.unit, figure.target, words[figure.held])
    return table


def render_comparisons(comparisons: list[Comparison]) -> Table:
    """One row a peer; ratios above 1 say that ours is the dearer one."""
    title = "Beside peers" if FULL else "Beside peers (small: these figures mean nothing)"
    table = Table(title=title, title_justify="left")
    for heading in ("question", "ours", "unit", "peer", "its value", "ratio", "limit", "its value", "ratio"):
        table.add_column(heading, justify="right" if heading in ("ours", "its value", "ratio") else "left")
    table.add_column("target")
    for row in comparisons:
        limit = ["", "", ""]
        if row.limit is not None:
            limit = [row.limit_name, format_value(row.limit), format_value(row.ratio_to(row.limit))]
        words = "" if row.most is None else f"≤ {format_value(row.most)} × the limit"
        target = {None: words, True: f"{words} [green]held[/]", False: f"{words} [red]not held[/]"}[row.held]
        first = [row.name, format_value(row.ours), row.unit]
        peers = [
            [peer, format_value(value), format_value(row.ratio_to(value))]
            for peer, value in row.peers.items()
        ]
        for number, peer in enumerate(peers or [["", "", ""]]):
            if number:
                table.add_row("", "", "", *peer, "", "", "", "")
            else:
                table.add_row(*first, *peer, *limit, target)
    return table


def write_json(
    path: Path, figures: list[Figure], comparisons: list[Comparison], left_out: Sequence[str] = ()
) -> None:
    """Writes all figures, and the machine that they were taken on, to ``path``."""
    report = Report(
        size="full" if FULL else "small",
        machine=platform.platform(),
        python=platform.python_version(),
        cores=os.cpu_count() or 1,
        figures=figures,
        comparisons=comparisons,
        left_out=[*left_out],
    )
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
