"""What scenarios have in common whose members bid, each on a socket of its own.

At the end every acknowledged bid must be in its auction's history, once and in order, every member is told
its own highest maximum, and nobody's bid was applied twice.
"""

import asyncio
import time
from collections import Counter
from contextlib import suppress
from typing import Any

from loadtests.crowd import Bidder, Crowd
from loadtests.doors import LIFETIME
from loadtests.findings import Verification, conclude
from loadtests.ledger import check_ledger
from loadtests.result import Check
from loadtests.scenario import Scenario, Stage
from loadtests.sockets import MemberSocket
from loadtests.staging import MARGIN_SECONDS, cancel_auctions, make_members, open_auctions
from loadtests.tally import Tally
from loadtests.verification import verify
from loadtests.visitors import reach
from loadtests.wire import Message, StormError

PUSH_SECONDS = 2
"""How long after the last answer the last pushes may come at least: whatever the run's patience is."""

INFORMING_SECONDS = 20
"""How long the first pushes may take."""

BID = "bid"

OUTBID = "outbid push"
"""From when a bid was due until whoever lost the lead by it heard of that."""

PUSH = "auction push"
"""From when a bid was due until another socket had its effect."""


class BiddingScenario(Scenario):
    """Members that follow ``watched`` auctions each, of ``auctions``, and bid on them."""

    crowd: Crowd

    @property
    def auctions(self) -> int:
        """How many there are: the scenario's own setting of that name, or one."""
        return int(self.stage.plan.own.get("auctions", 1))

    @property
    def watched(self) -> int:
        """How many a member follows."""
        return 1

    @property
    def sockets(self) -> list[MemberSocket]:
        """See ``Scenario``: the members', and the onlookers'."""
        return self.crowd.sockets

    async def prepare(self) -> None:
        """See ``Scenario``: members with points, and auctions that outlast the run."""
        await make_members(self.stage)
        seconds = self.stage.plan.seconds + MARGIN_SECONDS
        names = await open_auctions(self.stage, self.auctions, seconds=seconds)
        self.crowd = gather_crowd(self.stage, names, self.watched)

    async def begin(self) -> None:
        """See ``Scenario``: everybody has to know what there is to bid on, and with what."""
        if not await reach(lambda: self.crowd.is_informed, INFORMING_SECONDS):
            words = f"not every member was told its points, or an auction, within {INFORMING_SECONDS} s"
            raise StormError(f"{words}: is the gateway overloaded?")

    async def settle(self, tally: Tally, start: float) -> None:
        """See ``Scenario``: counts the pushes that the bids caused."""
        await self.wait_for_pushes()
        self.count_auction_pushes(tally, start)
        self.count_own_pushes(tally, start)

    async def wait_for_pushes(self) -> None:
        """Waits for what is still on its way, to a socket that has yet to come back perhaps."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(PUSH_SECONDS, self.stage.plan.patience)):
                await self.crowd.wait_for_pushes()

    def count_auction_pushes(self, tally: Tally, start: float) -> None:
        """Of every acknowledged bid, when an onlooker had its effect."""
        for due, latency in self.crowd.measures.time_auction_pushes():
            if due >= start:
                tally.count(PUSH, due - start, latency)

    def count_own_pushes(self, tally: Tally, start: float) -> None:
        """Of every bid that took the lead, when whoever lost it by that heard of it."""
        for due, latency in self.crowd.measures.time_own_pushes():
            # Whoever has outbid back before it was told is shown the lead, and never heard of losing it.
            if latency is not None and due >= start:
                tally.count(OUTBID, due - start, latency)

    async def check(self) -> list[Check]:
        """See ``Scenario``."""
        return [await self.check_bids(), await check_ledger(self.stage)]

    async def check_bids(self) -> Check:
        """Compares acknowledgements with histories and with what members are told."""
        verification = await self.verify(alone=self.stage.alone, exclusive=True)
        return conclude("acknowledged bids stand, once and in order", verification.acknowledged, verification)

    async def verify(self, **how: Any) -> Verification:
        """Looks at all that was acknowledged, as ``verification.verify`` is told ``how``."""
        unanswered = Counter(bid.auction for bid in self.crowd.unanswered.values())
        stage, measures = self.stage, self.crowd.measures
        return await verify(stage.api, stage.tokens, measures, unanswered=unanswered, **how)

    async def finish(self) -> None:
        """See ``Scenario``: ends what was opened for all."""
        if self.stage.first:
            await cancel_auctions(self.stage, self.crowd.auctions[: self.auctions])


async def call(bidder: Bidder, method: str, **params: object) -> Message:
    """The reply to anything else that a member asks on its socket."""
    message, _ = await bidder.socket.persist(method, params, int(time.time() * 1000) + LIFETIME)
    return message


def gather_crowd(stage: Stage, auctions: list[str], watched: int) -> Crowd:
    """This part's members."""
    return Crowd(
        stage.api.socket_url,
        stage.members,
        auctions,
        watched=watched,
        token_of=stage.token_of,
        seed=stage.draw.randrange(2**32),
        counts=stage.counts,
    )
