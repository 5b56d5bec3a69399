"""The command line of storms: `python -m loadtests`, or `livelot storm`. Without a name, it is `bids`.

Exit code 0: everything acknowledged is there, and the thresholds were kept. 1: not so. 2: the storm could not
be run.
"""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from loadtests.capacity_command import capacity
from loadtests.commands import add_scenarios, make_command, print_scenarios
from loadtests.merge_command import merge_files
from loadtests.report_commands import compare_files, write_page
from loadtests.scenarios.bids import Bids

app = typer.Typer(add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})

HELP = """Lets crowds of members loose on a gateway over real sockets, measures, and checks the results.

Name a scenario; each has options of its own: `livelot storm hot --help`. Without one the options below are
those of `bids`.

Actions come at a set rate whatever the gateway does; latencies count from when an action was due.
"""

ListScenarios = Annotated[
    bool, typer.Option("--list", help="Tell the scenarios: what each asks, and how big it is.")
]

CompareFiles = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        "--compare", metavar="A.json B.json", help="The same as `livelot storm compare A.json B.json`."
    ),
]


def _or(command: Callable[..., None]) -> Callable[..., None]:
    """What runs before a scenario's command, and in its place where none is named: ``command``."""

    def choose(
        context: typer.Context, list_scenarios: bool, compare: tuple[Path, Path] | None, **given: Any
    ) -> None:
        if list_scenarios:
            print_scenarios(Console())
            raise typer.Exit
        if compare is not None:
            compare_files(*compare)
            raise typer.Exit
        if context.invoked_subcommand is None:
            command(**given)

    parameter = inspect.Parameter
    own = [
        parameter("context", parameter.KEYWORD_ONLY, annotation=typer.Context),
        parameter("list_scenarios", parameter.KEYWORD_ONLY, default=False, annotation=ListScenarios),
        parameter("compare", parameter.KEYWORD_ONLY, default=None, annotation=CompareFiles),
    ]
    rest = [
        one.replace(kind=parameter.KEYWORD_ONLY) for one in inspect.signature(command).parameters.values()
    ]
    choose.__signature__ = inspect.Signature([*own, *rest])  # type: ignore[attr-defined]
    choose.__annotations__ = {one.name: one.annotation for one in (*own, *rest)}
    return choose


app.callback(invoke_without_command=True, help=HELP)(_or(make_command(Bids)))
add_scenarios(app)
app.command()(capacity)
app.command("merge")(merge_files)
app.command("compare")(compare_files)
app.command("page")(write_page)

if __name__ == "__main__":
    sys.exit(app())
