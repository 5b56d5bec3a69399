"""How much a deployment holds: the rate is raised step by step until a latency crosses its limit; then the
knee is looked for in between.

All steps are on one stage, with one crowd. Each has its own latencies; what is done in them is checked once,
at the end.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from random import Random

import msgspec

from loadtests.arrivals import Profile, draw_instants
from loadtests.bottleneck import Bottleneck, Load, count_busy, find_bottleneck, read_cores
from loadtests.machine import read_machine
from loadtests.pauses import feel_own
from loadtests.readings import Reader
from loadtests.result import Result
from loadtests.runner import act, connected, open_doors, uncollected
from loadtests.scenario import Scenario
from loadtests.tally import Tally
from loadtests.verdicts import Threshold
from loadtests.vitals import SECONDS, compare, read_vitals

PAUSE = 0.5
"""Seconds between steps."""


class Climb(msgspec.Struct, frozen=True, kw_only=True):
    """How to go about it: from ``first`` actions a second upwards by ``factor``, at most ``steps`` times,
    each for ``seconds``; then ``halvings`` between the last that held and the first that did not."""

    threshold: Threshold
    first: float = 50.0
    factor: float = 1.5
    steps: int = 12
    seconds: float = 10.0
    halvings: int = 2


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one rate: how many actions were due, acknowledged and without an answer, the ``load``
    with the latency of the one that the limit is on, and whether that was kept."""

    rate: float
    due: int
    acknowledged: int
    unanswered: int
    load: Load
    held: bool


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """The highest rate that held (0: none did), the lowest that did not (None: all did), and why not."""

    threshold: Threshold
    steps: list[Step]
    holds: float
    breaks: float | None
    bottleneck: Bottleneck | None


def choose_next(climb: Climb, steps: list[Step]) -> float | None:
    """The next rate to try, in actions a second; None: enough is known."""
    if not steps:
        return climb.first
    first_break = next((number for number, step in enumerate(steps) if not step.held), None)
    if first_break is None:
        return steps[-1].rate * climb.factor if len(steps) < climb.steps else None
    holds, breaks = find_knee(steps)
    assert breaks is not None
    return (holds + breaks) / 2 if len(steps) - 1 - first_break < climb.halvings else None


def find_knee(steps: list[Step]) -> tuple[float, float | None]:
    """The highest rate that held, below the lowest that did not."""
    breaks = min((step.rate for step in steps if not step.held), default=None)
    holds = [step.rate for step in steps if step.held and (breaks is None or step.rate < breaks)]
    return max(holds, default=0.0), breaks


def conclude_climb(climb: Climb, steps: list[Step]) -> Capacity:
    """What the steps come to: the cause is looked for in the lowest rate that did not hold."""
    holds, breaks = find_knee(steps)
    broken = min((step for step in steps if not step.held), key=lambda step: step.rate, default=None)
    return Capacity(
        threshold=climb.threshold,
        steps=steps,
        holds=holds,
        breaks=breaks,
        bottleneck=find_bottleneck(broken.load) if broken is not None else None,
    )


class Climber:
    """One climb: its stage, and all that was done on it."""

    def __init__(self, scenario: Scenario, climb: Climb, say: Callable[[Step], None]) -> None:
        self.steps: list[Step] = []
        self._scenario, self._climb, self._say = scenario, climb, say
        self._whole = Tally()
        plan = scenario.stage.plan
        self._draw = Random(plan.seed)
        self._reader = Reader(plan.url, SECONDS)
        self._cores = read_machine().cores

    async def run(self) -> Result:
        """Raises an exception group of ``StormError`` where it cannot go on."""
        scenario, whole = self._scenario, self._whole
        await scenario.stage.greet()
        async with open_doors(scenario):
            await scenario.prepare()
            async with connected(scenario.sockets):
                with closing(self._reader), uncollected():
                    await scenario.begin()
                    started_at, start = int(time.time() * 1000), asyncio.get_running_loop().time()
                    while (rate := choose_next(self._climb, self.steps)) is not None:
                        await asyncio.sleep(PAUSE)
                        await self._try(rate, start)
                    seconds = asyncio.get_running_loop().time() - start
                    await scenario.settle(whole, start)
            checks = await scenario.check()
            await scenario.finish()
        capacity = conclude_climb(self._climb, self.steps)
        settings = msgspec.to_builtins(scenario.stage.plan)
        return Result(
            scenario=f"capacity {scenario.name}",
            url=scenario.stage.plan.url,
            started_at=started_at,
            seconds=seconds,
            sockets=len(scenario.stage.doors) + len(scenario.sockets),
            settings={**settings, "capacity": msgspec.to_builtins(capacity)},
            machine=read_machine(),
            actions=whole.list_actions(),
            lateness=whole.lateness.summarize(),
            timeline=whole.list_seconds(),
            checks=checks,
            lateness_histogram=whole.lateness.encode(),
        )

    async def _try(self, rate: float, start: float) -> None:
        """One step."""
        loop, climb, tally = asyncio.get_running_loop(), self._climb, Tally()
        vitals, cores = await read_vitals(self._reader), read_cores()
        begun = loop.time()
        instants = draw_instants(Profile.STEADY, rate, climb.seconds, self._draw)
        async with feel_own() as own_pauses:
            await act(self._scenario.draw_actions(instants), tally, begun, self._scenario.stage.plan.patience)
        after, busy = await read_vitals(self._reader), read_cores()
        load = Load(
            latency=tally.summarize(climb.threshold.action),
            lateness=tally.lateness.summarize(),
            spent=compare(vitals, after),
            cores=self._cores,
            busy=count_busy(cores, busy, self._cores),
            own_pauses=own_pauses,
        )
        step = make_step(rate, tally, load, climb.threshold)
        self.steps.append(step)
        self._whole.absorb(tally, begun - start)
        self._say(step)


def make_step(rate: float, tally: Tally, load: Load, threshold: Threshold) -> Step:
    """A step holds if everything was answered, and the limit kept."""
    counts = tally.actions.values()
    unanswered = sum(count.open for count in counts)
    value = getattr(load.latency, threshold.measure)
    return Step(
        rate=rate,
        due=sum(count.due for count in counts),
        acknowledged=sum(count.acknowledged for count in counts),
        unanswered=unanswered,
        load=load,
        held=not unanswered and bool(load.latency.count) and value <= threshold.limit,
    )
