"""`livelot storm compare` and `livelot storm page`: what results that were written before tell.

They import what compares when they are run: no storm compares, and every part of one would load it.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from loadtests.commands import UNFIT
from loadtests.merge_command import read
from loadtests.page import render_page
from loadtests.wire import StormError

Before = Annotated[Path, typer.Argument(metavar="A.json", help="A result, from --json.")]
After = Annotated[Path, typer.Argument(metavar="B.json", help="Another one of the same scenario.")]
Page = Annotated[Path | None, typer.Option("--html", help="Write the comparison as a page to this file.")]


def compare_files(before: Before, after: After, html: Page = None) -> None:
    """Tell what became faster or slower from A to B, and what is only noise."""
    from loadtests.comparison import compare
    from loadtests.comparison_page import print_comparison, render_comparison

    console = Console()
    try:
        earlier, later = read(before), read(after)
        if html is not None:
            html.write_text(render_comparison(earlier, later))
    except (StormError, OSError) as error:
        _give_up(error)
    print_comparison(console, compare(earlier, later))


def write_page(
    file: Annotated[Path, typer.Argument(metavar="RESULT.json", help="A result, from --json.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Write the page here.")],
) -> None:
    """Make the page with plots of a result that was written before, a merged one perhaps."""
    try:
        output.write_text(render_page(read(file)))
    except (StormError, OSError) as error:
        _give_up(error)


def _give_up(error: Exception) -> NoReturn:
    Console(stderr=True).print(f"[red]{error}[/]", highlight=False)
    raise typer.Exit(UNFIT) from error
