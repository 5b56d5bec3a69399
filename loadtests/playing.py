"""How a scenario is played: whole or as one of several hosts' parts, as the part of a run in several
processes, or in such processes."""

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec
from rich.console import Console

from loadtests.api import Api
from loadtests.appointment import Appointment
from loadtests.clocks import measure_clock
from loadtests.instants import read_instant, write_instant
from loadtests.live import LiveView
from loadtests.parts import run_parts
from loadtests.result import Result
from loadtests.runner import Barrier, no_barrier, run
from loadtests.sampling import CROWD, Sampler
from loadtests.scenario import Plan, Scenario, Stage
from loadtests.telling import Teller, tell_note, wait_for_others
from loadtests.tokens import DemoTokens, SignedTokens, Tokens
from loadtests.verdicts import Threshold
from loadtests.watching import View, Watch
from loadtests.wire import StormError


class Performance(msgspec.Struct, frozen=True):
    """What is to be played: a scenario by a plan, with the gateway's secret, judged by thresholds."""

    scenario: type[Scenario]
    plan: Plan
    secret: str
    thresholds: Sequence[Threshold]


async def play(performance: Performance, console: Console) -> Result:
    """The run, or one host's part of it, in this process. Raises an exception group of ``StormError``, or one
    alone."""
    plan, name = performance.plan, performance.scenario.name
    say = partial(console.print, highlight=False, soft_wrap=True)
    async with _staged(performance) as scenario:
        barrier = no_barrier
        if scenario.stage.begins_at is not None:
            appointment = Appointment(name, scenario.stage.clock, scenario.stage.begins_at, console)
            appointment.announce()
            barrier = appointment.keep
        for line in list_hints(scenario.stage):
            say(line)
        view = LiveView(console, name, plan.seconds)
        # Whoever is not waited for is left what all share; it ends by itself.
        return await _run(performance, scenario, view, say, barrier, finish=plan.parts == 1)


async def play_part(performance: Performance) -> Result:
    """A part of a run in several processes, in this one: it waits for the others, and tells how it goes.
    Raises as ``play`` does."""
    async with _staged(performance) as scenario:
        return await _run(performance, scenario, Teller(), tell_note, wait_for_others, finish=True)


async def play_in_processes(performance: Performance, count: int, console: Console) -> Result:
    """The run in so many processes. Raises as ``play`` does."""
    plan, name, barrier = performance.plan, performance.scenario.name, no_barrier
    if plan.at:
        async with Api(plan.url) as api:
            clock = await measure_clock(api.socket_url)
        begins_at = read_instant(plan.at).by(clock.now())
        appointment = Appointment(name, clock, begins_at, console)
        appointment.announce()
        barrier = appointment.keep
        plan = msgspec.structs.replace(plan, at=write_instant(begins_at))
    return await run_parts(
        write_command(performance.scenario, plan, performance.thresholds),
        count,
        {"LIVELOT_TOKEN_SECRET": performance.secret},
        LiveView(console, name, plan.seconds),
        say=partial(console.print, highlight=False, soft_wrap=True),
        barrier=barrier,
    )


def write_command(scenario: type[Scenario], plan: Plan, thresholds: Sequence[Threshold]) -> list[str]:
    """The command line of a part of a run, but for which part it is."""
    options = msgspec.to_builtins(plan)
    own = {name.replace("_", "-"): value for name, value in options.pop("own").items()}
    del options["part"], options["parts"]
    words = [word for name, value in (options | own).items() for word in write_option(name, value)]
    words += [f"--limit={one.action}.{one.measure}={one.limit:f}" for one in thresholds]
    return [sys.executable, "-m", "loadtests", scenario.name, *words]


@asynccontextmanager
async def _staged(performance: Performance) -> AsyncIterator[Scenario]:
    """The scenario on its stage, which has greeted the gateway."""
    plan = performance.plan
    async with Api(plan.url) as api:
        stage = Stage(plan, api, _find_tokens(performance, api))
        scenario = performance.scenario(stage)
        await stage.greet()
        yield scenario


def _find_tokens(performance: Performance, api: Api) -> Tokens:
    """Signed ones, or a demo gateway's where that was asked for. Raises ``StormError``."""
    if performance.plan.own.get("demo"):
        return DemoTokens(api)
    if performance.secret:
        return SignedTokens(performance.secret, performance.plan.program)
    if "demo" in performance.scenario.defaults.own:
        raise StormError("give --token-secret, or --demo for a gateway that was started with --demo")
    raise StormError("give --token-secret: a scenario needs managers and services beside members")


async def _run(
    performance: Performance,
    scenario: Scenario,
    view: View,
    say: Callable[[str], object],
    barrier: Barrier,
    *,
    finish: bool,
) -> Result:
    """Runs it, shown in ``view``; ``say`` is given what could not be sampled."""
    sampler = Sampler([performance.plan.url], own={CROWD: os.getpid()})
    watch = Watch(view, sampler)
    result = await run(scenario, performance.thresholds, observers=[watch], barrier=barrier, finish=finish)
    for note in sampler.notes:
        say(note)
    return result


def write_option(name: str, value: object) -> list[str]:
    """An option as a command line has it; a flag is there or not."""
    if isinstance(value, bool):
        return [f"--{name}"] if value else []
    return [f"--{name}={value}"]


def list_hints(stage: Stage) -> list[str]:
    """What whoever starts the parts of a run on several hosts has to know, a line each."""
    plan, hints = stage.plan, []
    if stage.alone or not stage.first:
        return hints
    options = f"--run {plan.run} --part 2/{plan.parts}"
    if stage.begins_at is None:
        hints.append("Each begins when it is ready. With --at, the same for all, they begin together.")
    else:
        options += f" --at {write_instant(stage.begins_at)}"
    return [f"The other parts are given the same, but {options}", *hints]
