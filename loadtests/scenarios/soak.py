"""For hours: does anything creep up that a minute does not show?

Members bid, ask for quotes, look at themselves and redeem at a steady rate, on auctions that stay. What is
compared at the end is the last tenth with the first: p99 of everything, and by how much the gateway has grown
for each action that it acknowledged (bids and redemptions are kept, so it must grow by something).
"""

from collections.abc import Iterator
from functools import partial

from loadtests.bidding import BID, BiddingScenario, call
from loadtests.drift import judge_latency, judge_memory
from loadtests.result import Action, Check, Sample, Second, Verdict
from loadtests.scenario import Defaults, Due, Setting, Stage
from loadtests.tally import ACKNOWLEDGED
from loadtests.till import Till
from loadtests.verdicts import Threshold

QUOTE, LOOK, REDEEM = "quote", "look", "redeem"
MIX = {BID: 50, QUOTE: 25, LOOK: 15, REDEEM: 10}

LATENCY_DRIFT = 1.5
"""p99 in the last tenth may be so many times that of the first."""

MEMORY_DRIFT = 2_000
"""Bytes that a gateway may grow by for each acknowledged action."""


class Soak(BiddingScenario):
    """See the file's docstring."""

    name = "soak"
    defaults = Defaults(
        members=200, rate=100, seconds=7_200, own={"auctions": Setting(50, "Auctions to bid on.")}
    )
    thresholds = (Threshold(BID, "p99", 100), Threshold(QUOTE, "p99", 50))

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.till = Till(stage)

    async def prepare(self) -> None:
        """See ``Scenario``: auctions, and something to redeem."""
        await super().prepare()
        await self.till.prepare()

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Anybody does anything, as often as the mix says."""
        draw = self.stage.draw
        for at in instants:
            (action,) = draw.choices(list(MIX), list(MIX.values()))
            yield Due(at, action, partial(self.do, action, self.stage.turns.choose(at)))

    async def do(self, action: str, member: int, due: float) -> str:
        """One action."""
        bidder = self.crowd.bidders[member]
        if action == BID:
            return await self.crowd.bid(member, member % self.auctions, due)
        if action == REDEEM:
            return await self.till.redeem(bidder)
        if action == QUOTE:
            message = await call(bidder, "price.quote", experience=self.till.experience)
        else:
            message = await call(bidder, "me")
        return message.error.code if message.error is not None else ACKNOWLEDGED

    async def check(self) -> list[Check]:
        """See ``Scenario``: bids and points, and redemptions."""
        return [*await super().check(), await self.till.check()]

    def judge(
        self, actions: dict[str, Action], timeline: list[Second], samples: list[Sample]
    ) -> list[Verdict]:
        """See ``Scenario``: what has crept up."""
        acknowledged = sum(action.acknowledged for action in actions.values())
        return [judge_latency(timeline, LATENCY_DRIFT), judge_memory(samples, acknowledged, MEMORY_DRIFT)]

    async def finish(self) -> None:
        """See ``Scenario``."""
        await super().finish()
        await self.till.finish()
