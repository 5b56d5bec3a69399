"""HTML that cannot forget to escape: everything is made by ``Markup.format``, which escapes what is not
markup itself (MarkupSafe, https://markupsafe.palletsprojects.com).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from markupsafe import Markup

STYLE: Final = Path(__file__).with_name("page.css")

Cell = str | Markup
"""A table's cell: text, which is escaped, or markup."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table with a ``caption``. Cells of the columns in ``words`` are text, all others figures; the first
    column names its row. Rows in ``marked`` (by index) stand out."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    words: frozenset[int] = frozenset({0})
    marked: frozenset[int] = frozenset()


def join(parts: Iterable[Cell]) -> Markup:
    """One after the other."""
    return Markup("").join(parts)


def write_table(table: Table) -> Markup:
    """The table, in a frame that scrolls where the screen is too narrow for it."""
    head = join(
        Markup('<th scope="col"{}>{}</th>').format(_class_of(table, column), heading)
        for column, heading in enumerate(table.headings)
    )
    body = join(_write_row(table, number, row) for number, row in enumerate(table.rows))
    return Markup(
        '<div class="scroll" role="region" aria-label="{}" tabindex="0"><table>'
        "<caption><span>{}</span></caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>\n"
    ).format(table.caption, table.caption, head, body)


def _write_row(table: Table, number: int, row: Sequence[Cell]) -> Markup:
    cells = join(
        Markup("<td{}>{}</td>").format(_class_of(table, column), cell)
        for column, cell in enumerate(row)
        if column
    )
    mark = Markup(' class="marked"') if number in table.marked else ""
    return Markup('<tr{}><th scope="row">{}</th>{}</tr>').format(mark, row[0], cells)


def _class_of(table: Table, column: int) -> Markup:
    return Markup("") if column in table.words else Markup(' class="figure"')


def write_section(identifier: str, heading: str, *parts: Cell) -> Markup:
    """A section below a heading, which can be linked to."""
    return Markup('<section id="{}" aria-labelledby="{}-h"><h2 id="{}-h">{}</h2>\n{}</section>\n').format(
        identifier, identifier, identifier, heading, join(parts)
    )


def write_paragraph(words: Cell, kind: str = "") -> Markup:
    """A paragraph; ``kind`` is its class in the style sheet."""
    return Markup("<p{}>{}</p>\n").format(Markup(' class="{}"').format(kind) if kind else "", words)


def write_list(items: Iterable[Cell]) -> Markup:
    """Items, each on a line of its own."""
    return Markup("<ul>{}</ul>\n").format(join(Markup("<li>{}</li>").format(item) for item in items))


def write_facts(facts: Iterable[tuple[str, Cell]]) -> Markup:
    """Names and what they stand for."""
    rows = join(Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value) for name, value in facts)
    return Markup('<dl class="facts">{}</dl>\n').format(rows)


def write_document(title: str, body: Markup) -> str:
    """A whole page that needs nothing from elsewhere; it says so to the browser as well."""
    style = Markup(STYLE.read_text(encoding="utf-8"))
    page = Markup(
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<style>\n{}</style></head>\n<body>\n{}</body></html>\n"
    )
    return str(page.format(title, style, body))
