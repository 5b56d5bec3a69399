"""A scenario's run, from preparation to result: what is the same for all of them.

Actions start when they are due, whatever the gateway does (an open loop): a gateway, or a client, that stalls
for a second is charged with everything that should have been done during that second.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import chain, islice
from typing import Protocol

import msgspec

from gateway.collector import sparing_survivors
from loadtests.machine import read_machine
from loadtests.result import Result, Sample, Verdict
from loadtests.scenario import Due, Scenario, Stage
from loadtests.schedule import pace
from loadtests.sockets import MemberSocket
from loadtests.tally import Tally
from loadtests.verdicts import UNANSWERED, Threshold, judge
from loadtests.wire import StormError

AT_ONCE = 200
"""How many sockets are opened at a time: a crowd that arrives is not what is measured."""

CONNECTING_SECONDS = 60
"""How long so many may take to come up."""

CONNECTED, BEGUN, ACTED, CHECKED = "connected", "begun", "acted", "checked"
"""The points of a run: everybody is connected; what happens right before the first action has happened; the
actions are over; the results are checked."""

Barrier = Callable[[str], Awaitable[None]]
"""Returns once all parts of a run have come to the point with this name."""


class Observer(Protocol):
    """Looks on while a run goes on: shows it, or takes samples of the deployment."""

    samples: list[Sample]

    async def observe(self, tally: Tally, start: float) -> None:
        """Goes on until it is cancelled. ``start`` is when the run began, by the loop's clock."""
        ...


async def no_barrier(point: str) -> None:
    """There is no other part to wait for."""


async def run(
    scenario: Scenario,
    thresholds: Sequence[Threshold],
    *,
    observers: Sequence[Observer] = (),
    barrier: Barrier = no_barrier,
    finish: bool = True,
) -> Result:
    """Runs a scenario, checks what came of it, and leaves the program as it was, unless it is not to
    ``finish``: others may still go on with what they share. The stage has greeted. Raises an exception group
    of ``StormError`` where it cannot go on."""
    stage, tally = scenario.stage, Tally()
    async with open_doors(scenario):
        await scenario.prepare()
        async with connected(scenario.sockets):
            await barrier(CONNECTED)
            with uncollected():
                due = draw_ahead(scenario)
                await scenario.begin()
                await barrier(BEGUN)
                started_at, start = int(stage.clock.now() * 1000), asyncio.get_running_loop().time()
                async with observed(observers, tally, start):
                    await act(due, tally, start, stage.plan.patience)
                    # A part that has nothing to do is not over before the others.
                    await asyncio.sleep(start + stage.plan.seconds - asyncio.get_running_loop().time())
                    seconds = asyncio.get_running_loop().time() - start
                    await barrier(ACTED)
                    await scenario.settle(tally, start)
        checks = await scenario.check()
        await barrier(CHECKED)
        if finish:
            await scenario.finish()
    actions, timeline = tally.list_actions(), tally.list_seconds()
    samples = [sample for observer in observers for sample in observer.samples]
    return Result(
        scenario=scenario.name,
        url=stage.plan.url,
        started_at=started_at,
        seconds=seconds,
        sockets=len(stage.doors) + len(scenario.sockets),
        settings=stage.plan.settings,
        machine=read_machine(),
        actions=actions,
        lateness=tally.lateness.summarize(),
        timeline=timeline,
        samples=samples,
        checks=checks,
        verdicts=[
            *judge(thresholds, actions),
            judge_answers(tally),
            *judge_thinking(stage),
            *scenario.judge(actions, timeline, samples),
        ],
        lateness_histogram=tally.lateness.encode(),
        counts={**msgspec.to_builtins(stage.counts), **scenario.count()},
    )


def draw_ahead(scenario: Scenario) -> Iterator[Due]:
    """The run's actions. Whatever a scenario has to draw before the first of them is drawn now: for fifty
    thousand takers that is a tenth of a second, by which the crowd would be late from the start."""
    actions = scenario.draw_actions(scenario.instants())
    return chain(list(islice(actions, 1)), actions)


async def act(actions: Iterator[Due], tally: Tally, start: float, patience: float) -> None:
    """Has each action done when it is due, and waits for the outcomes at most ``patience`` seconds longer."""
    loop = asyncio.get_running_loop()

    async def do(due: Due) -> None:
        at = start + due.at
        tally.lateness.add(loop.time() - at)
        outcome = await due.do(at)
        tally.end(due.action, due.at, outcome, loop.time() - at)

    # What has no outcome when patience ends counts as unanswered.
    with suppress(TimeoutError):
        async with asyncio.timeout(None) as limit, asyncio.TaskGroup() as tasks:
            async for due in pace(actions, start):
                tally.begin(due.action, due.at)
                tasks.create_task(do(due))
            limit.reschedule(loop.time() + patience)


@contextmanager
def uncollected() -> Iterator[None]:
    """What is there by now is left alone by the garbage collector, and what gathers up over the run: if it
    looked at all of it, actions would be late by many milliseconds."""
    with sparing_survivors():
        yield


def judge_answers(tally: Tally) -> Verdict:
    """Whether there is any that was not."""
    unanswered = sum(count.open for count in tally.actions.values())
    return Verdict(UNANSWERED, 0, unanswered, unanswered == 0)


def judge_thinking(stage: Stage) -> list[Verdict]:
    """Whether there were enough members for the rate, if they were to think between actions."""
    hurried = stage.turns.hurried
    return (
        [Verdict("actions of members who had not thought", 0, hurried, not hurried)]
        if stage.plan.think
        else []
    )


@asynccontextmanager
async def open_doors(scenario: Scenario) -> AsyncIterator[None]:
    """The sockets of services and managers."""
    async with connected(scenario.stage.doors):
        yield


@asynccontextmanager
async def connected(sockets: Sequence[MemberSocket]) -> AsyncIterator[None]:
    """Keeps sockets up, once all have come up. Raises ``StormError`` if that takes too long."""
    async with asyncio.TaskGroup() as group:
        running = []
        for first in range(0, len(sockets), AT_ONCE):
            some = sockets[first : first + AT_ONCE]
            running += [group.create_task(socket.run()) for socket in some]
            await _wait_until_ready(some, len(sockets))
        yield
        for task in running:
            task.cancel()


async def _wait_until_ready(sockets: Sequence[MemberSocket], all_of_them: int) -> None:
    try:
        async with asyncio.timeout(CONNECTING_SECONDS):
            for socket in sockets:
                await socket.ready.wait()
    except TimeoutError as error:
        up = sum(socket.ready.is_set() for socket in sockets)
        words = f"{up} of {len(sockets)} sockets (of {all_of_them}) came up in {CONNECTING_SECONDS} s"
        raise StormError(f"{words}: is the gateway overloaded, or does it limit connections?") from error


@asynccontextmanager
async def observed(observers: Sequence[Observer], tally: Tally, start: float) -> AsyncIterator[None]:
    """Has observers look on."""
    async with asyncio.TaskGroup() as group:
        watching = [group.create_task(observer.observe(tally, start)) for observer in observers]
        yield
        for task in watching:
            task.cancel()
