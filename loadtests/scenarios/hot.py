"""Everybody on one auction: how many bids does the hottest object take, and what does a bid cost then?

All members follow the same auction and bid on it, as much above its price as they like. One object cannot be
sharded: this is where a program bends first. Beside the reply to a bid, it is measured how long whoever was
outbid, and an onlooker, waited for the news.
"""

from collections.abc import Iterator
from functools import partial

from loadtests.bidding import BID, OUTBID, PUSH, BiddingScenario
from loadtests.scenario import Defaults, Due
from loadtests.verdicts import Threshold


class Hot(BiddingScenario):
    """See the file's docstring."""

    name = "hot"
    defaults = Defaults(members=200, rate=300, seconds=60)
    thresholds = (Threshold(BID, "p99", 100), Threshold(OUTBID, "p99", 150), Threshold(PUSH, "p99", 250))

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Any member is as likely as any other."""
        for at in instants:
            member = self.stage.turns.choose(at)
            yield Due(at, BID, partial(self.crowd.bid, member, 0))
