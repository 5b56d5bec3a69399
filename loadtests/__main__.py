"""The command line of storms: `python -m loadtests`, or `livelot storm`. Without a name, it is `bids`.

Exit code 0: everything acknowledged is there, and a scenario's thresholds were kept. 1: not so. 2: the storm
could not be run.
"""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from loadtests.api import Api
from loadtests.capacity_command import capacity
from loadtests.commands import add_scenarios, print_scenarios, run_or_exit
from loadtests.formats import Format
from loadtests.merge_command import merge_files
from loadtests.report import Options, Report, make_result, print_report, write_json
from loadtests.report_commands import compare_files, write_page
from loadtests.result import write_result
from loadtests.storm import storm
from loadtests.tally import Tally
from loadtests.tokens import DemoTokens, SignedTokens, Tokens
from loadtests.wire import StormError

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


@app.command()
def bids(
    url: Annotated[str, typer.Option(envvar="LIVELOT_URL", help="The gateway.")] = "http://127.0.0.1:8080",
    program: Annotated[str, typer.Option(envvar="LIVELOT_PROGRAM", help="The program's id.")] = "main",
    members: Annotated[
        int, typer.Option(min=1, help="How many members bid, each on a socket of its own.")
    ] = 100,
    auctions: Annotated[int, typer.Option(min=1, help="On how many auctions, at most.")] = 10,
    rate: Annotated[float, typer.Option(min=0.01, help="Bids a second, by all members together.")] = 50.0,
    seconds: Annotated[float, typer.Option(min=0.1, help="For how long.")] = 30.0,
    watched: Annotated[
        int, typer.Option(min=1, help="How many auctions each member follows and bids on.")
    ] = 1,
    format: Annotated[Format, typer.Option(help="The format of the auctions to bid on.")] = Format.ENGLISH,
    token_secret: Annotated[
        str,
        typer.Option(envvar="LIVELOT_TOKEN_SECRET", help="Sign tokens with the gateway's secret (HS256)."),
    ] = "",
    demo: Annotated[
        bool, typer.Option("--demo", help="Ask a gateway with --demo for tokens instead.")
    ] = False,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Make members, points and auctions first. Needs --token-secret.")
    ] = False,
    prefix: Annotated[str, typer.Option(help="What member ids start with: m0001. [--prepare: storm-]")] = "",
    tier: Annotated[str, typer.Option(help="The tier of members made with --prepare.")] = "gold",
    market: Annotated[str, typer.Option(help="The market of members made with --prepare.")] = "eu",
    patience: Annotated[float, typer.Option(min=0, help="Seconds to wait for the last answers.")] = 30.0,
    seed: Annotated[int, typer.Option(help="The schedule's seed.")] = 1,
    json: Annotated[Path | None, typer.Option(help="Write the whole report to this file.")] = None,
    result: Annotated[
        Path | None, typer.Option(help="Write what every scenario leaves to this file, to merge and compare.")
    ] = None,
) -> None:
    """Lets a crowd of members bid over real sockets, measures, and checks that every acknowledged bid stands.

    Auctions of another format than English that it made itself end with it: what was sold is checked too.

    Bids come at a set rate whatever the gateway does; latencies count from when a bid was due.
    """
    options = Options(
        url=url,
        program=program,
        members=members,
        auctions=auctions,
        rate=rate,
        seconds=seconds,
        watched=watched,
        prepare=prepare,
        prefix=prefix or ("storm-" if prepare else "m"),
        tier=tier,
        market=market,
        patience=patience,
        seed=seed,
        format=format,
    )
    console, tally = Console(stderr=True), Tally()
    report = run_or_exit(_storm(options, token_secret, demo, console, tally), console)
    print_report(console, report)
    if json is not None:
        write_json(json, report)
    if result is not None:
        write_result(result, make_result(report, tally))
    if not report.held:
        raise typer.Exit(1)


async def _storm(options: Options, token_secret: str, demo: bool, console: Console, tally: Tally) -> Report:
    if not token_secret and not demo:
        raise StormError("give --token-secret, or --demo for a gateway that was started with --demo")
    async with Api(options.url) as api:
        tokens: Tokens = DemoTokens(api) if demo else SignedTokens(token_secret, options.program)
        return await storm(options, api, tokens, console, tally)


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


app.callback(invoke_without_command=True, help=HELP)(_or(bids))
add_scenarios(app)
app.command()(capacity)
app.command("merge")(merge_files)
app.command("compare")(compare_files)
app.command("page")(write_page)

if __name__ == "__main__":
    sys.exit(app())
