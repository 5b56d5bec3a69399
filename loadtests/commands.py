"""The command line of each scenario: what all have in common, and the numbers that are its own.

Exit code 0: everything was checked, nothing was found, every threshold was kept. 1: not so. 2: it could not
be run.
"""

import inspect
import os
import sys
import time
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table

from loadtests.api import Api
from loadtests.arrivals import Profile
from loadtests.live import LiveView
from loadtests.page import render_page
from loadtests.parts import run_parts
from loadtests.printing import print_result
from loadtests.result import Result, write_result
from loadtests.runner import Barrier, no_barrier, run
from loadtests.sampling import CROWD, Sampler
from loadtests.scenario import Plan, Scenario, Stage
from loadtests.scenarios import SCENARIOS
from loadtests.sockets import allow_sockets
from loadtests.telling import Teller, tell_note, wait_for_others
from loadtests.tokens import SignedTokens
from loadtests.verdicts import Threshold, override, read_threshold
from loadtests.watching import View, Watch
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
Part = Annotated[str, typer.Option(metavar="K/N", help="Part K of N that are started together.")]
Processes = Annotated[
    int, typer.Option(min=1, help="In how many processes: one keeps a core busy at some point.")
]

COMMON = {
    "think": (Think, 0.0),
    "token_secret": (Secret, ""),
    "prefix": (Prefix, "storm-"),
    "tier": (Tier, "gold"),
    "market": (Market, "eu"),
    "patience": (Patience, 30.0),
    "seed": (Seed, 1),
    "run_id": (RunId, ""),
    "part": (Part, "1/1"),
    "processes": (Processes, 1),
    "barrier": (Annotated[bool, typer.Option("--barrier", hidden=True)], False),
    "json": (Json, None),
    "html": (Html, None),
}
"""Options that are the same for all scenarios, and their defaults."""


def add_scenarios(app: typer.Typer) -> None:
    """Adds a command for each scenario."""
    for scenario in SCENARIOS.values():
        command = _make_command(scenario)
        app.command(scenario.name, help=scenario.describe())(command)


def print_scenarios(console: Console) -> None:
    """Tells what scenarios there are: the question of each, and how big it is by default."""
    table = Table(title="livelot storm SCENARIO --help", title_justify="left")
    for heading in ("scenario", "question", "members", "a second", "seconds"):
        table.add_column(heading)
    table.add_row("bids", "Bids on open auctions of any format; also without a name.", "100", "50", "30")
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
        console.print(f"[red]{words}[/]", highlight=False)
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


def _make_command(scenario: type[Scenario]) -> Callable[..., None]:
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
    own = {
        name.replace("-", "_"): (Annotated[type(one.default), typer.Option(help=one.words)], one.default)
        for name, one in defaults.own.items()
    }
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
    }


def _storm(scenario: type[Scenario], given: dict[str, Any]) -> None:
    """Runs a scenario with the options that were given."""
    console = Console(stderr=True)
    limits = given.pop("limit") or []
    thresholds = override(scenario.thresholds, read_limits(limits))
    secret, processes, barrier = map(given.pop, ("token_secret", "processes", "barrier"))
    json, html = given.pop("json"), given.pop("html")
    plan = make_plan(scenario, given)
    view = LiveView(console, scenario.name, plan.seconds)
    if processes > 1:
        if plan.parts > 1:
            raise typer.BadParameter("give --part or --processes, not both", param_hint="--processes")
        command = write_command(scenario, plan, limits)
        say = partial(console.print, highlight=False)
        work = run_parts(command, processes, {"LIVELOT_TOKEN_SECRET": secret}, view, say=say)
    elif barrier:
        work = play(scenario, plan, secret, thresholds, Teller(), tell_note, wait_for_others)
    else:
        work = play(scenario, plan, secret, thresholds, view, partial(console.print, highlight=False))
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


async def play(
    scenario: type[Scenario],
    plan: Plan,
    secret: str,
    thresholds: list[Threshold],
    view: View,
    say: Callable[[str], object],
    barrier: Barrier = no_barrier,
) -> Result:
    """One part of a run, or a whole one, in this process; it is shown in ``view``, and ``say`` is given what
    could not be sampled."""
    if not secret:
        raise StormError("give --token-secret: a scenario needs managers and services beside members")
    async with Api(plan.url) as api:
        stage = Stage(plan, api, SignedTokens(secret, plan.program))
        sampler = Sampler([plan.url], own={CROWD: os.getpid()})
        watch = Watch(view, sampler)
        result = await run(scenario(stage), thresholds, observers=[watch], barrier=barrier)
    for note in sampler.notes:
        say(note)
    return result


def make_plan(scenario: type[Scenario], given: dict[str, Any]) -> Plan:
    """The plan that options come to. Raises ``typer.BadParameter``."""
    names = [name.replace("-", "_") for name in scenario.defaults.own]
    own = {name: given.pop(name) for name in names}
    part, parts = read_part(given.pop("part"))
    run_id = given.pop("run_id") or f"{time.time_ns() // 1_000_000:x}"
    return msgspec.convert({**given, "run": run_id, "part": part, "parts": parts, "own": own}, Plan)


def write_command(scenario: type[Scenario], plan: Plan, limits: list[str]) -> list[str]:
    """The command line of a part of a run, but for which part it is."""
    options = msgspec.to_builtins(plan)
    own = {name.replace("_", "-"): value for name, value in options.pop("own").items()}
    del options["part"], options["parts"]
    words = [f"--{name}={value}" for name, value in (options | own).items()]
    words += [f"--limit={limit}" for limit in limits]
    return [sys.executable, "-m", "loadtests", scenario.name, *words]


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
