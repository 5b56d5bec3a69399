"""The last minute of many auctions that end together: does every bid count that came in time?

Auctions come with their past, and their last minute is shaped like real ones (492 of eBay's in shared/data/
ebay_bids.csv): on average 17 bids by 8 bidders, 3 % of them in the last 60 s, and one in 32 % of the
auctions. Then all end at the same instant; each must be sold to whom, and for what, its acknowledged bids
make. ``--seconds`` other than 60 stretch or squeeze that minute.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from functools import partial

import msgspec

from loadtests.arrivals import Profile, draw_times
from loadtests.bidding import BID, BiddingScenario, gather_crowd
from loadtests.hammer import check_released, check_sales, read_all_ended
from loadtests.ledger import check_ledger
from loadtests.preparation import gather_bounded
from loadtests.result import Check
from loadtests.sales import wait_for_ends
from loadtests.scenario import Defaults, Due, Setting
from loadtests.schedule import choose_watched
from loadtests.staging import make_members, open_auctions
from loadtests.tally import Tally
from loadtests.verdicts import Threshold
from loadtests.visitors import reach
from loadtests.wire import AuctionState, StormError

CLOSE = "close"
"""From the end of an auction until an onlooker who follows it is shown that it is sold. Our clock and the
gateway's have to agree."""

BIDS, BIDDERS = 17, 8
LATE_BIDS, LATE_AUCTIONS = 0.03, 0.32
"""Of an auction, and of all."""

INCREMENT = 10

PAST_RATE = 400
"""Bids a second that a gateway is trusted to take of the past: by then the minute begins."""

LEAD_SECONDS = 5

SHOWING_SECONDS = 5
"""How long the ends may take to be shown; what was not shown by then counts as unanswered."""


class Closing(BiddingScenario):
    """See the file's docstring. The rate follows from auctions and seconds."""

    name = "closing"
    defaults = Defaults(
        members=200,
        rate=1,
        seconds=60,
        profile=Profile.CLOSING,
        own={"auctions": Setting(400, "Auctions that end together.")},
    )
    thresholds = (Threshold(BID, "p99", 150), Threshold(CLOSE, "longest", 1_000))
    climbs = False

    ends_at = 0
    """When all end, in ms."""

    async def prepare(self) -> None:
        """See ``Scenario``: the end is fixed now, and the past has to fit in before it."""
        stage, count = self.stage, self.stage.own("auctions")
        await make_members(stage)
        seconds = stage.plan.seconds + LEAD_SECONDS + len(stage.members) / 200 + BIDS * count / PAST_RATE
        terms = {"increments": [{"below": 0, "increment": INCREMENT}]}
        names = await open_auctions(stage, count, seconds=seconds, **terms)
        token = await stage.tokens.get(stage.members[0], "member")
        last = await stage.api.get(f"/v1/auctions/{names[-1]}", token)
        self.ends_at = msgspec.json.decode(last.body, type=AuctionState).ends_at
        watched = -(-BIDDERS * count // (len(stage.members) * stage.plan.parts))
        self.crowd = gather_crowd(stage, names, watched)
        self.bidders: dict[int, list[int]] = defaultdict(list)
        for member in range(len(stage.members)):
            for auction in choose_watched(member, count, watched):
                self.bidders[auction].append(member)

    async def begin(self) -> None:
        """See ``Scenario``: the bids of the past, and then the minute begins."""
        await super().begin()
        await gather_bounded(map(self.bid_before, self.bidders), 64)
        left = self.ends_at / 1000 - self.stage.plan.seconds - self.stage.clock.now()
        if left < 0:
            raise StormError(f"the past took {-left:.1f} s too long: fewer --auctions, or another machine")
        await asyncio.sleep(left)

    async def bid_before(self, auction: int) -> None:
        """This part's bids of the past in an auction, one after the other."""
        share = (1 - LATE_BIDS) * BIDS / self.stage.plan.parts
        for _ in range(self.stage.draw.randint(1, max(1, round(2 * share) - 1))):
            await self.crowd.bid(self.bidder(auction), auction, asyncio.get_running_loop().time())

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """In an auction that is bid on so late, others follow: 1.6 bids on average."""
        draw, plan = self.stage.draw, self.stage.plan
        others = 1 - LATE_AUCTIONS / (LATE_BIDS * BIDS)
        late = []
        for auction in self.bidders:
            if draw.random() < LATE_AUCTIONS:
                late.append(auction)
                while draw.random() < others:
                    late.append(auction)
        draw.shuffle(late)
        mine = late[plan.part - 1 :: plan.parts]
        for at, auction in zip(draw_times(plan.profile, len(mine), plan.seconds, draw), mine, strict=True):
            yield Due(at, BID, partial(self.crowd.bid, self.bidder(auction), auction))

    def bidder(self, auction: int) -> int:
        """One of the auction's bidders."""
        return self.stage.draw.choice(self.bidders[auction])

    async def settle(self, tally: Tally, start: float) -> None:
        """See ``Scenario``: all auctions end, and it is counted when that was shown."""
        stage = self.stage
        # Whatever has to be counted takes the crowd's time: it would be shown the ends later than they came.
        await reach(self.all_are_shown, SHOWING_SECONDS)
        await super().settle(tally, start)
        await wait_for_ends(stage.api, stage.tokens, self.crowd.auctions)
        self.ended = await read_all_ended(stage, self.crowd.auctions)
        end = asyncio.get_running_loop().time() + self.ends_at / 1000 - self.stage.clock.now()
        for auction in self.crowd.auctions:
            shown = self.crowd.ended.get(auction)
            tally.count(CLOSE, stage.plan.seconds, None if shown is None else max(0.0, shown - end))

    def all_are_shown(self) -> bool:
        """Whether onlookers were shown the end of every auction."""
        return len(self.crowd.ended) == len(self.crowd.auctions)

    async def check(self) -> list[Check]:
        """See ``Scenario``."""
        unanswered = {bid.auction for bid in self.crowd.unanswered.values()}
        acknowledged = self.crowd.measures.acknowledged
        known = [one for one in self.ended if self.stage.alone and one.state.id not in unanswered]
        return [
            await self.check_bids(),
            check_sales(self.ended, known, acknowledged, INCREMENT),
            await check_released(self.stage, self.crowd.auctions),
            await check_ledger(self.stage),
        ]

    async def finish(self) -> None:
        """See ``Scenario``: nothing is open."""
