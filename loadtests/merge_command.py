"""`livelot storm merge`: one result of several hosts'."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from loadtests.commands import UNFIT
from loadtests.merging import merge
from loadtests.printing import print_result
from loadtests.result import Result, read_result, write_result
from loadtests.wire import StormError


def merge_files(
    files: Annotated[list[Path], typer.Argument(metavar="A.json B.json …", help="Results, from --json.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the result here.")] = None,
) -> None:
    """Put results of one scenario together: counts, distributions, timelines, checks, thresholds.

    Start a run's parts on several hosts with the same --run, and --part 1/2, --part 2/2.
    """
    console = Console(stderr=True)
    try:
        result = merge([read(file) for file in files])
        if output is not None:
            write_result(output, result)
    except (StormError, OSError) as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise typer.Exit(UNFIT) from error
    print_result(console, result)
    if not result.held:
        raise typer.Exit(1)


def read(file: Path) -> Result:
    """A result. Raises ``StormError`` for another file, and ``OSError``."""
    try:
        return read_result(file)
    except msgspec.DecodeError as error:
        raise StormError(f"{file} is no result of a scenario: {error}") from error
