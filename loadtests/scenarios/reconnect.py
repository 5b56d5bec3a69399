"""Everyone drops and comes back: how long is a crowd away, and is anything lost or done twice meanwhile?

Members bid at a steady rate. At a third and at two thirds of the time all connections break at once, as when
a gateway or a proxy is changed; everybody comes back by itself, subscribes again, and sends what had no
answer again under its old key. No acknowledged bid may be missing, and none may count twice.
"""

from collections.abc import Iterator
from functools import partial
from heapq import merge

from loadtests.bidding import BID, BiddingScenario
from loadtests.scenario import Defaults, Due, Setting
from loadtests.tally import ACKNOWLEDGED
from loadtests.verdicts import Threshold

RETURN = "return"
"""From when a connection broke until its member was told its points again."""

BREAKS = (1 / 3, 2 / 3)
"""When, as shares of the time."""


class Reconnect(BiddingScenario):
    """See the file's docstring."""

    name = "reconnect"
    defaults = Defaults(
        members=500, rate=150, seconds=60, own={"auctions": Setting(20, "Auctions to bid on.")}
    )
    thresholds = (Threshold(RETURN, "p99", 5_000), Threshold(BID, "p50", 100))
    climbs = False

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Anybody bids on its auction, and now and then all break off."""
        return merge(self.draw_bids(instants), self.draw_breaks(), key=lambda due: due.at)

    def draw_bids(self, instants: Iterator[float]) -> Iterator[Due]:
        """Any member is as likely as any other."""
        for at in instants:
            member = self.stage.turns.choose(at)
            yield Due(at, BID, partial(self.crowd.bid, member, member % self.auctions))

    def draw_breaks(self) -> Iterator[Due]:
        """All connections, at one instant."""
        for share in BREAKS:
            for member in range(len(self.stage.members)):
                yield Due(share * self.stage.plan.seconds, RETURN, partial(self.break_off, member))

    async def break_off(self, member: int, due: float) -> str:
        """One member is gone, and back once it is told its points."""
        bidder = self.crowd.bidders[member]
        bidder.socket.drop()
        await bidder.socket.ready.wait()
        bidder.informed.clear()
        await bidder.informed.wait()
        return ACKNOWLEDGED
