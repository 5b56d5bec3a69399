"""The command line of each scenario: what all have in common, and the numbers that are its own.

Exit code 0: everything was checked, nothing was found, every threshold was kept. 1: not so. 2: it could not
be run.
"""

import inspect
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from loadtests.arrivals import Profile
from loadtests.instants import read_instant
from loadtests.page import render_page
from loadtests.playing import Performance, play, play_in_processes, play_part
from loadtests.printing import print_result
from loadtests.result import Result, write_result
from loadtests.scenario import Plan, Scenario, Setting
from loadtests.scenarios import SCENARIOS
from loadtests.sockets import allow_sockets
from loadtests.verdicts import Threshold, override, read_threshold
from loadtests.wire import StormError

Outcome = TypeVar("Outcome")

UNFIT = 2
"""The exit code where a run cannot be run."""

Url = Annotated[str, typer.Option(envvar="LIVELOT_URL", help="The gateway.")]
Program = Annotated[str, typer.Option(envvar="LIVELOT_PROGRAM", help="The program's id.")]
Secret = Annotated[
    str,
    typer.Option(
        envvar="LIVELOT_TOKEN_SECRET",
        help="The gateway's secret, to sign tokens with (HS256). `livelot storm` finds it in --data.",
    ),
]
Json = Annotated[Path | None, typer.Option(help="Write the whole result to this file.")]
Html = Annotated[
    Path | None, typer.Option(help="Write a page with plots to this file; it needs nothing else.")
]
Members = Annotated[int, typer.Option(min=1, help="How many members.")]
Rate = Annotated[float, typer.Option(min=0.01, help="Actions a second at most, by all together.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="For how long.")]
ProfileName = Annotated[
    Profile,
    typer.Option(
        help=f"How the rate goes. {'; '.join(f'{profile}: {profile.words}' for profile in Profile)}."
    ),
]
Think = Annotated[float, typer.Option(min=0, help="Seconds that a member thinks between two actions.")]
Prefix = Annotated[str, typer.Option(help="What member ids start with.")]
Tier = Annotated[str, typer.Option(help="The members' tier.")]
Market = Annotated[str, typer.Option(help="The members' market.")]
Patience = Annotated[float, typer.Option(min=0, help="Seconds to wait for the last answers.")]
Seed = Annotated[int, typer.Option(help="What the crowd does hangs on it.")]
RunId = Annotated[
    str,
    typer.Option("--run", help="Names what the run makes. Give all parts the same.", show_default="the time"),
]
Part = Annotated[
    str,
    typer.Option(metavar="K/N", help="Part K of N, each on a host of its own. The first tells what to give."),
]
At = Annotated[
    str,
    typer.Option(
        metavar="INSTANT",
        help="Begin at this instant of the gateway's clock, such as 2026-11-26T12:00:00Z, or +30s from now. "
        "Parts that are given the same begin together.",
        show_default="when it is ready",
    ),
]
Processes = Annotated[
    int, typer.Option(min=1, help="In how many processes: one keeps a core busy at some point.")
]

COMMON = {
    "think": (Think, 0.0),
    "token_secret": (Secret, ""),
    "tier": (Tier, "gold"),
    "market": (Market, "eu"),
    "patience": (Patience, 30.0),
    "seed": (Seed, 1),
    "run_id": (RunId, ""),
    "part": (Part, "1/1"),
    "at": (At, ""),
    "processes": (Processes, 1),
    "barrier": (Annotated[bool, typer.Option("--barrier", hidden=True)], False),
    "json": (Json, None),
    "html": (Html, None),
}
"""Options that are the same for all scenarios, and their defaults."""


def add_scenarios(app: typer.Typer) -> None:
    """Adds a command for each scenario."""
    for scenario in SCENARIOS.values():
        command = make_command(scenario)
        app.command(scenario.name, help=scenario.describe())(command)


def print_scenarios(console: Console) -> None:
    """Tells what scenarios there are: the question of each, and how big it is by default."""
    table = Table(title="livelot storm SCENARIO --help", title_justify="left")
    for heading in ("scenario", "question", "members", "a second", "seconds"):
        table.add_column(heading)
    for name, scenario in SCENARIOS.items():
        defaults = scenario.defaults
        question = scenario.describe().split("\n\n")[0].replace("\n", " ")
        sizes = (f"{defaults.members}", f"{defaults.rate:g}", f"{defaults.seconds:g}")
        table.add_row(name, question, *sizes)
    console.print(table)


def run_or_exit(work: Coroutine[Any, Any, Outcome], console: Console) -> Outcome:
    """What the work comes to; exits with ``UNFIT`` and one line a cause if it cannot be done."""
    causes: list[BaseException] = []
    allow_sockets()
    try:
        return uvloop.run(work)
    except StormError as error:
        causes.append(error)
    except BaseExceptionGroup as group:
        causes += _flatten(group)
    for words in sorted({str(cause) for cause in causes})[:5]:
        console.print(f"[red]{words}[/]", highlight=False, soft_wrap=True)
    raise typer.Exit(UNFIT)


def _flatten(group: BaseExceptionGroup) -> list[BaseException]:
    """The causes in a group, if all are ``StormError``; anything else is a bug, and is raised as it is."""
    expected, other = group.split(StormError)
    if other is not None or expected is None:
        raise group
    causes: list[BaseException] = []
    for error in expected.exceptions:
        causes += _flatten(error) if isinstance(error, BaseExceptionGroup) else [error]
    return causes


def make_command(scenario: type[Scenario]) -> Callable[..., None]:
    """A function with the scenario's options, as typer reads them off a signature."""

    def command(**given: Any) -> None:
        _storm(scenario, given)

    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _options(scenario).items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _options(scenario: type[Scenario]) -> dict[str, tuple[Any, Any]]:
    """Name → type and default of every option."""
    defaults = scenario.defaults
    kept = ", ".join(f"{one.action}.{one.measure}={one.limit:g}" for one in scenario.thresholds)
    limit = typer.Option(
        metavar="ACTION.MEASURE=MS",
        help=f"A threshold, or another one than {kept or 'none'}. May be given again.",
    )
    own = {name.replace("-", "_"): _own_option(name, one) for name, one in defaults.own.items()}
    return {
        "url": (Url, "http://127.0.0.1:8080"),
        "program": (Program, "main"),
        "members": (Members, defaults.members),
        "rate": (Rate, defaults.rate),
        "seconds": (Seconds, defaults.seconds),
        "profile": (ProfileName, defaults.profile),
        **own,
        "limit": (Annotated[list[str] | None, limit], None),
        **COMMON,
        "prefix": (Prefix, defaults.prefix),
    }


def _own_option(name: str, setting: Setting) -> tuple[Any, Any]:
    """Type and default of an option of a scenario's own: a flag, a number from 1, or a choice."""
    kind = type(setting.default)
    words: dict[str, Any] = {"help": setting.words}
    if kind is int:
        words["min"] = 1
    option = typer.Option(f"--{name}", **words)
    return Annotated[kind, option], setting.default


def _storm(scenario: type[Scenario], given: dict[str, Any]) -> None:
    """Runs a scenario with the options that were given."""
    console = Console(stderr=True)
    limits = given.pop("limit") or []
    thresholds = override(scenario.thresholds, read_limits(limits))
    secret, processes, barrier = map(given.pop, ("token_secret", "processes", "barrier"))
    json, html = given.pop("json"), given.pop("html")
    plan = make_plan(scenario, given)
    performance = Performance(scenario, plan, secret, thresholds)
    if processes > 1:
        if plan.parts > 1:
            raise typer.BadParameter("give --part or --processes, not both", param_hint="--processes")
        work = play_in_processes(performance, processes, console)
    elif barrier:
        work = play_part(performance)
    else:
        work = play(performance, console)
    result = run_or_exit(work, console)
    print_result(console, result)
    write_files(result, json, html, console)
    if not result.held:
        raise typer.Exit(1)


def write_files(result: Result, json: Path | None, html: Path | None, console: Console) -> None:
    """Writes the result where it was asked for; exits with ``UNFIT`` where it cannot be."""
    try:
        if json is not None:
            write_result(json, result)
        if html is not None:
            html.write_text(render_page(result))
    except OSError as error:
        console.print(f"[red]The result cannot be written: {error}[/]", highlight=False)
        raise typer.Exit(UNFIT) from error


def make_plan(scenario: type[Scenario], given: dict[str, Any]) -> Plan:
    """The plan that options come to. Raises ``typer.BadParameter``."""
    names = [name.replace("-", "_") for name in scenario.defaults.own]
    own = {name: given.pop(name) for name in names}
    part, parts = read_part(given.pop("part"))
    at = read_at(given.pop("at", ""), part)
    run_id = given.pop("run_id")
    if part > 1 and not run_id:
        raise typer.BadParameter("give the one that the first part tells", param_hint="--run")
    run = run_id or f"{time.time_ns() // 1_000_000:x}"
    whole = {**given, "run": run, "part": part, "parts": parts, "at": at, "own": own}
    return scenario.complete(msgspec.convert(whole, Plan))


def read_at(text: str, part: int) -> str:
    """The instant as it was given, for the part with this number. Raises ``typer.BadParameter``."""
    if not text:
        return ""
    try:
        instant = read_instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--at") from error
    if instant.relative and part > 1:
        words = f"{text} counts from now, here: give the instant that the first part tells"
        raise typer.BadParameter(words, param_hint="--at")
    return text


def read_part(text: str) -> tuple[int, int]:
    """K and N of "K/N". Raises ``typer.BadParameter``."""
    number, _, parts = text.partition("/")
    if number.isdigit() and parts.isdigit() and 1 <= int(number) <= int(parts):
        return int(number), int(parts)
    raise typer.BadParameter(f"give K/N, such as 2/4, not {text!r}", param_hint="--part")


def read_limits(texts: list[str] | None) -> list[Threshold]:
    """Thresholds as they were given. Raises ``typer.BadParameter``."""
    try:
        return [read_threshold(text) for text in texts or ()]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--limit") from error
