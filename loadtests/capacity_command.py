"""`livelot storm capacity`: how much a deployment holds, and what it waits for beyond."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from loadtests.api import Api
from loadtests.bottleneck import Cause
from loadtests.capacity import Capacity, Climb, Climber, Step, conclude_climb
from loadtests.commands import (
    Json,
    Market,
    Patience,
    Prefix,
    Program,
    Secret,
    Seed,
    Tier,
    Url,
    make_plan,
    run_or_exit,
)
from loadtests.printing import print_checks
from loadtests.result import Result, write_result
from loadtests.scenario import Scenario, Stage
from loadtests.scenarios import SCENARIOS
from loadtests.tokens import SignedTokens
from loadtests.verdicts import Threshold, read_threshold
from loadtests.wire import StormError
from loadtests.wording import word_figure

CLIMBING = tuple(name for name, scenario in SCENARIOS.items() if scenario.climbs)


def capacity(
    scenario: Annotated[str, typer.Argument(help=f"What is done: {', '.join(CLIMBING)}.")] = "hot",
    url: Url = "http://127.0.0.1:8080",
    program: Program = "main",
    members: Annotated[int, typer.Option(min=0, help="How many members; 0: as the scenario says.")] = 0,
    set_own: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=NUMBER", help="A number of the scenario's own. May be repeated."),
    ] = None,
    limit: Annotated[
        str,
        typer.Option(
            metavar="ACTION.MEASURE=MS", help="Which latency may be how long.", show_default="the scenario's"
        ),
    ] = "",
    first: Annotated[float, typer.Option("--from", min=0.1, help="Actions a second to begin with.")] = 50.0,
    factor: Annotated[float, typer.Option(min=1.01, help="How many times more each step.")] = 1.5,
    steps: Annotated[int, typer.Option(min=1, help="Upwards at most so often.")] = 12,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long a step is.")] = 10.0,
    halvings: Annotated[int, typer.Option(min=0, help="How often the knee is looked for in between.")] = 2,
    token_secret: Secret = "",
    prefix: Prefix = "storm-",
    tier: Tier = "gold",
    market: Market = "eu",
    patience: Patience = 30.0,
    seed: Seed = 1,
    json: Json = None,
) -> None:
    """How much does a deployment hold, and what does it wait for beyond?

    The rate of a scenario's actions is raised by steps until a latency crosses its limit, and then looked for
    in between. What it waits for there (the gateway's CPU, a pause of its event loop, the log's disk, the
    crowd itself, this machine) is told from the gateway's /metrics and the crowd's own lateness.
    """
    kind = find_scenario(scenario)
    threshold = read_limit(kind, limit)
    climb = Climb(
        threshold=threshold, first=first, factor=factor, steps=steps, seconds=seconds, halvings=halvings
    )
    given = {"url": url, "program": program, "prefix": prefix, "tier": tier, "market": market, "seed": seed}
    given |= {"members": members or kind.defaults.members, "patience": patience, "run_id": "", "part": "1/1"}
    # What is open for a run has to stay so for all steps.
    given |= {"rate": first, "seconds": (steps + halvings) * (seconds + patience), "profile": "steady"}
    plan = make_plan(kind, {**given, **read_own(kind, set_own or [])})
    console = Console(stderr=True)

    async def go() -> tuple[Result, Capacity]:
        if not token_secret:
            raise StormError("give --token-secret: a scenario needs managers and services beside members")
        async with Api(url) as api:
            stage = Stage(plan, api, SignedTokens(token_secret, program))
            climber = Climber(kind(stage), climb, lambda step: console.print(word_step(step, threshold)))
            return await climber.run(), conclude_climb(climb, climber.steps)

    result, found = run_or_exit(go(), console)
    print_capacity(console, found)
    print_checks(console, result)
    if json is not None:
        write_result(json, result)
    if not result.held:
        raise typer.Exit(1)


def find_scenario(name: str) -> type[Scenario]:
    """The scenario, if its rate can be raised. Raises ``typer.BadParameter``."""
    if name not in CLIMBING:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(CLIMBING)}", param_hint="SCENARIO")
    return SCENARIOS[name]


def read_limit(scenario: type[Scenario], text: str) -> Threshold:
    """The limit that was given, or the scenario's first. Raises ``typer.BadParameter``."""
    try:
        return read_threshold(text) if text else scenario.thresholds[0]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--limit") from error


def read_own(scenario: type[Scenario], texts: list[str]) -> dict[str, Any]:
    """The scenario's own settings, those that were given among them. Raises ``typer.BadParameter``."""
    own = {name: setting.default for name, setting in scenario.defaults.own.items()}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in own:
            known = ", ".join(own) or "none"
            raise typer.BadParameter(f"{scenario.name} has no {name!r}, only {known}", param_hint="--set")
        try:
            own[name] = type(own[name])(value)
        except ValueError as error:
            raise typer.BadParameter(f"{name}: {value!r} is no number", param_hint="--set") from error
    return {name.replace("-", "_"): value for name, value in own.items()}


def word_step(step: Step, threshold: Threshold) -> str:
    """A step in a line, as it is done."""
    value = getattr(step.load.latency, threshold.measure)
    held = "held" if step.held else "NOT held"
    spent = step.load.spent
    words = f"{step.rate:8.1f} a second: {threshold.name} {value:8.1f}, {held}"
    cores = f"gateway {spent.cores:.2f}, crowd {spent.own_cores:.2f} cores"
    return (
        f"{words}; {cores}; append {1000 * spent.append:.1f} ms, crowd late {step.load.lateness.p99:.1f} ms"
    )


def print_capacity(console: Console, found: Capacity) -> None:
    """Prints the steps by rate, and what they come to."""
    title = f"Capacity by {found.threshold.name}: ms, cores, ms of an append, a slow one, the gateway's pause"
    table = Table(title=title, title_justify="left")
    headings = ("rate", "taken", "p50", "p99", "late", "gateway", "crowd", "busy", "append", "slow", "pause")
    for heading in headings:
        table.add_column(heading, justify="right")
    for step in sorted(found.steps, key=lambda step: step.rate):
        load, spent = step.load, step.load.spent
        cells = [load.latency.p50, load.latency.p99, load.lateness.p99]
        cells += [spent.cores, spent.own_cores, load.busy, 1000 * spent.append, 1000 * spent.slow_append]
        cells.append(1000 * max((found.longest for found in spent.pauses.values()), default=0.0))
        style = "" if step.held else "red"
        table.add_row(*map(word_figure, (step.rate, step.acknowledged, *cells)), style=style)
    console.print(table)
    limit = f"{found.threshold.name} stays within {found.threshold.limit:g}"
    if found.breaks is None:
        console.print(
            f"{limit} up to {found.holds:.0f} a second, and no knee was found: more --steps, or --from."
        )
        return
    console.print(f"{limit} up to {found.holds:.0f} a second, and not at {found.breaks:.0f}.")
    if found.bottleneck is not None:
        cause = "not known" if found.bottleneck.cause is Cause.UNKNOWN else f"the {found.bottleneck.cause}"
        console.print(f"What it waits for is {cause}: {found.bottleneck.words}.")
