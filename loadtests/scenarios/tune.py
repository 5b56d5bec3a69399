"""A manager moves a slider while thousands watch: how long until everybody sees the new price?

One price rule concerns every experience. It is tuned again and again, and each time everybody who looks at
the catalogue is pushed what has changed; members of one segment see the same prices, those of another have
others. In the end every page must show what the price table says, and a quote the same.
"""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from loadtests.arrivals import draw_moves
from loadtests.measures import find_first
from loadtests.result import Check
from loadtests.scenario import Defaults, Due, Setting, Stage
from loadtests.shelves import check_tunings
from loadtests.shopping import SETTLING_SECONDS, ShoppingScenario
from loadtests.tally import ACKNOWLEDGED, Tally
from loadtests.verdicts import Threshold
from loadtests.visitors import reach
from loadtests.wire import NOWHERE, Place, read_place

TUNE = "tune"

PUSH = "price push"
"""From when the slider was due to move until a page shows what it made of the prices."""

STEP, STEPS = 100, 40
"""The slider goes down in basis points, so many times, and starts again at the top: within a flush it never
comes back to where it was."""


class Tuned(NamedTuple):
    """An acknowledged move: where it is in the log, when it was due by the loop's clock, and to what."""

    place: Place
    due: float
    number: int


class Tune(ShoppingScenario):
    """See the file's docstring. The rate is the slider's."""

    name = "tune"
    defaults = Defaults(
        members=1_000,
        rate=2,
        seconds=60,
        own={
            "experiences": Setting(200, "Experiences in the catalogue."),
            "shown": Setting(20, "How many of them a page shows."),
            "segments": Setting(12, "Segments with prices of their own."),
        },
    )
    thresholds = (Threshold(TUNE, "p99", 100), Threshold(PUSH, "p99", 500))

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.tuned: list[Tuned] = []
        self.open = 0

    def instants(self) -> Iterator[float]:
        """See ``Scenario``: there is one slider, which one hand moves, and the first part has it."""
        plan = self.stage.plan
        if not self.stage.first:
            return iter(())
        return draw_moves(plan.profile, plan.rate, plan.seconds, self.stage.draw)

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """It never comes back to where it just was."""
        for number, at in enumerate(instants, 1):
            yield Due(at, TUNE, partial(self.move, 10_000 - STEP * (number % STEPS)))

    async def move(self, number: int, due: float) -> str:
        """One move of the slider."""
        self.open += 1
        message, _ = await self.stage.managers.command("rules.tune", rule=self.slider, number=number)
        self.open -= 1
        if message.error is not None:
            return message.error.code
        self.tuned.append(Tuned(read_place(message.position), due, number))
        return ACKNOWLEDGED

    async def settle(self, tally: Tally, start: float) -> None:
        """See ``Scenario``: everybody sees the last move, and it is counted when each saw which."""
        # Other parts than the first do not know what the last move was.
        await reach(lambda: self.stage.first and self.all_have_seen(), SETTLING_SECONDS)
        for one in self.tuned:
            for shopper in self.shoppers:
                came = find_first(shopper.pushed, one.place)
                tally.count(PUSH, one.due - start, None if came is None else came - one.due)

    def all_have_seen(self) -> bool:
        """Whether everybody was pushed something since the last move."""
        last = max((one.place for one in self.tuned), default=NOWHERE)
        return all(shopper.pushed and shopper.pushed[-1][0] >= last for shopper in self.shoppers)

    async def check(self) -> list[Check]:
        """See ``Scenario``: and every acknowledged move is in the history."""
        prices = await super().check()
        if not self.stage.first:
            return prices
        numbers = [one.number for one in sorted(self.tuned)]
        return [*prices, await check_tunings(self.stage, self.slider, numbers, self.open)]
