"""Members that do one thing or another, each as often as a mix says."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import ClassVar, NamedTuple

from loadtests.bidding import BiddingScenario
from loadtests.result import Check
from loadtests.scenario import Due, Stage
from loadtests.till import Till


class Drawn(NamedTuple):
    """Which ``action`` the member with this number does ``at`` seconds after the start."""

    at: float
    action: str
    member: int


def draw_mix(stage: Stage, instants: Iterator[float], mix: Mapping[str, int]) -> Iterator[Drawn]:
    """What is done at each of ``instants`` and by whom: an action with weight 2 comes twice as often as one
    with weight 1, whoever's turn it is."""
    actions, weights = list(mix), list(mix.values())
    for at in instants:
        (action,) = stage.draw.choices(actions, weights)
        yield Drawn(at, action, stage.turns.choose(at))


class MixedScenario(BiddingScenario):
    """Members that bid, redeem at the run's till, and do whatever else is in the ``mix``: the weight of each
    action."""

    mix: ClassVar[Mapping[str, int]]

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.till = Till(stage)

    async def do(self, action: str, member: int, due: float) -> str:
        """One action of the mix by the member with this number; its outcome as a tally has it."""
        raise NotImplementedError

    async def prepare(self) -> None:
        """See ``Scenario``: auctions, and something to redeem."""
        await super().prepare()
        await self.till.prepare()

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Anybody does anything, as often as the mix says."""
        for at, action, member in draw_mix(self.stage, instants, self.mix):
            yield Due(at, action, partial(self.do, action, member))

    async def check(self) -> list[Check]:
        """See ``Scenario``: bids and points, and redemptions."""
        return [*await super().check(), await self.till.check()]

    async def finish(self) -> None:
        """See ``Scenario``."""
        await super().finish()
        await self.till.finish()
