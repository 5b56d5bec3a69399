"""For hours: does anything creep up that a minute does not show?

Members bid, ask for quotes, look at themselves and redeem at a steady rate, on auctions that stay. What is
compared at the end is the last tenth with the first: p99 of everything, and by how much the gateway has grown
for each action that it acknowledged (bids and redemptions are kept, so it must grow by something).
"""

from loadtests.bidding import BID, call
from loadtests.drift import judge_latency, judge_memory
from loadtests.mixing import MixedScenario
from loadtests.result import Action, Sample, Second, Verdict
from loadtests.scenario import Defaults, Setting
from loadtests.tally import ACKNOWLEDGED
from loadtests.verdicts import Threshold

QUOTE, LOOK, REDEEM = "quote", "look", "redeem"
MIX = {BID: 50, QUOTE: 25, LOOK: 15, REDEEM: 10}

LATENCY_DRIFT = 1.5
"""p99 in the last tenth may be so many times that of the first."""

MEMORY_DRIFT = 2_000
"""Bytes that a gateway may grow by for each acknowledged action."""


class Soak(MixedScenario):
    """See the file's docstring."""

    name = "soak"
    defaults = Defaults(
        members=200, rate=100, seconds=7_200, own={"auctions": Setting(50, "Auctions to bid on.")}
    )
    thresholds = (Threshold(BID, "p99", 100), Threshold(QUOTE, "p99", 50))
    mix = MIX

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

    def judge(
        self, actions: dict[str, Action], timeline: list[Second], samples: list[Sample]
    ) -> list[Verdict]:
        """See ``Scenario``: what has crept up."""
        acknowledged = sum(action.acknowledged for action in actions.values())
        return [judge_latency(timeline, LATENCY_DRIFT), judge_memory(samples, acknowledged, MEMORY_DRIFT)]
