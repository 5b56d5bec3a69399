"""A comparison for people: a table in the terminal, or a page that shows both runs in the same plots."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup
from rich.console import Console
from rich.markup import escape
from rich.table import Table as TerminalTable

from loadtests.comparison import Comparison, Row, compare, word_change, word_value
from loadtests.distributions import plot_distribution
from loadtests.markup import (
    Cell,
    Table,
    join,
    write_document,
    write_facts,
    write_list,
    write_paragraph,
    write_section,
    write_table,
)
from loadtests.plots import draw
from loadtests.result import Result
from loadtests.timelines import plot_both
from loadtests.wording import word_instant, word_place, word_seconds

HEADINGS: Final = ("", "before", "after", "change (99 % interval)", "")

COLOURS: Final = {"better": "green", "worse": "red", "changed": "yellow"}

METHOD: Final = (
    "A difference is larger than the noise where the 99 % interval of the change leaves out “no change”. "
    "The intervals come from resampling blocks of neighbouring seconds (moving block bootstrap, Künsch "
    "1989) and, for percentiles, from their order statistics as well; the wider one counts. Of a hundred "
    "figures that have not changed, about one is told to be different all the same. This is the noise "
    "within a run. What differs from run to run is not in it: measure each side several times, in turn, "
    "before you trust a small difference (Kalibera and Jones, ISMM 2013)."
)


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Prints warnings, then rows."""
    for warning in comparison.warnings:
        console.print(f"[yellow]{escape(warning)}[/]", highlight=False)
    table = TerminalTable(title="Before and after", title_justify="left")
    for column, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if 0 < column < 4 else "left", no_wrap=column in (1, 2))
    group = ""
    for row in comparison.rows:
        if row.group != group:
            group = row.group
            table.add_row(f"[bold]{escape(group)}[/]", "", "", "", "")
        colour = COLOURS.get(row.judgement, "dim")
        table.add_row(*map(escape, list_cells(row)[:-1]), f"[{colour}]{row.judgement}[/]")
    console.print(table)
    console.print(f"[dim]{METHOD}[/]", highlight=False)


def list_cells(row: Row) -> list[str]:
    """A row under ``HEADINGS``."""
    before, after = word_value(row, row.before), word_value(row, row.after)
    return [row.name, before, after, word_change(row), row.judgement]


def render_comparison(before: Result, after: Result) -> str:
    """The whole page."""
    comparison = compare(before, after)
    header = Markup("<header><p class='over'>Livelot, two load tests</p><h1>{}</h1>{}</header>\n").format(
        before.scenario if before.scenario == after.scenario else f"{before.scenario}, {after.scenario}",
        write_facts([("Before", _describe(before)), ("After", _describe(after))]),
    )
    plots = [*plot_both(before, after)]
    distribution = plot_distribution(before, after)
    if distribution is not None:
        plots.append(distribution)
    drawings = write_section("plots", "Side by side", *map(draw, plots))
    body = join((header, Markup("<main>"), write_comparison(comparison), drawings, Markup("</main>\n")))
    return write_document(f"{before.scenario}: before and after", body)


def write_comparison(comparison: Comparison) -> Markup:
    """The section: what is beyond the noise, warnings, a table for each group of rows, the method."""
    tables = [_write_group(rows) for rows in _group(comparison.rows)]
    warnings = Markup("")
    if comparison.warnings:
        warnings = Markup(
            '<div class="panel warn"><p><strong>These runs differ in more than their figures.</strong></p>'
            "{}</div>\n"
        ).format(write_list(comparison.warnings))
    return write_section(
        "comparison",
        "Before and after",
        _write_headline(comparison),
        warnings,
        *tables,
        write_paragraph(METHOD, "quiet"),
    )


def _write_headline(comparison: Comparison) -> Markup:
    """How many figures became better and worse, and which."""
    lines: list[Cell] = []
    for judgement in ("worse", "better", "changed"):
        rows = [row for row in comparison.rows if row.judgement == judgement]
        if rows:
            names = ", ".join(f"{row.group} {row.name} {word_change(row)}" for row in rows)
            lines.append(Markup("<strong>{} {}:</strong> {}").format(len(rows), judgement, names))
    if not lines:
        lines.append("No difference is larger than the noise.")
    kind = "bad" if any(row.judgement == "worse" for row in comparison.rows) else "plain"
    return Markup('<div class="panel {}">{}</div>\n').format(kind, write_list(lines))


def _write_group(rows: Sequence[Row]) -> Markup:
    def write_cells(row: Row) -> list[Cell]:
        kind = {"better": "good", "worse": "bad"}.get(row.judgement, "quiet")
        judgement = Markup('<strong class="{}">{}</strong>').format(kind, row.judgement)
        return [*list_cells(row)[:-1], judgement]

    return write_table(
        Table(
            caption=rows[0].group.capitalize(),
            headings=HEADINGS,
            rows=[write_cells(row) for row in rows],
            words=frozenset({0, 4}),
        )
    )


def _group(rows: Sequence[Row]) -> list[list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    return list(groups.values())


def _describe(result: Result) -> str:
    length = word_seconds(result.seconds)
    return f"{word_instant(result.started_at)}, {length}, {word_place(result.url)}"
