"""AuctionMark's mix, mapped to ours: what does an ordinary auction site's whole traffic cost?

The weights are those of BenchBase's sample configuration (https://github.com/cmu-db/benchbase,
config/postgres/sample_auctionmark_config.xml). Each transaction is the operation of ours that is nearest:

    GetItem              45   auction.get
    GetUserInfo          10   me, or me.bids
    NewBid               20   auction.bid
    NewComment,           7   me.put_directory: something that a member writes, beside what is for sale
    …Response, Feedback
    NewItem              10   auction.create and auction.open, by a manager
    NewPurchase           5   redemption.redeem: points for something at a fixed price
    UpdateItem            3   auction.extend, by a manager

Auctions are not closed meanwhile. Items are read, and bid on, as often as each other.
"""

from itertools import count

from loadtests.bidding import call
from loadtests.mixing import MixedScenario
from loadtests.scenario import Defaults, Setting, Stage
from loadtests.staging import MARGIN_SECONDS, OPENING, cancel_auctions, open_auction
from loadtests.tally import ACKNOWLEDGED, Tally
from loadtests.verdicts import Threshold
from loadtests.wire import AuctionState, decode_auction, read_place

GET_ITEM, GET_USER, NEW_BID, NEW_COMMENT = "GetItem", "GetUserInfo", "NewBid", "NewComment"
NEW_ITEM, NEW_PURCHASE, UPDATE_ITEM = "NewItem", "NewPurchase", "UpdateItem"

MIX = {
    GET_ITEM: 45,
    GET_USER: 10,
    NEW_BID: 20,
    NEW_COMMENT: 7,
    NEW_ITEM: 10,
    NEW_PURCHASE: 5,
    UPDATE_ITEM: 3,
}


class AuctionMark(MixedScenario):
    """See the file's docstring."""

    name = "auctionmark"
    defaults = Defaults(
        members=200, rate=300, seconds=60, own={"auctions": Setting(100, "Items to begin with.")}
    )
    thresholds = (Threshold(GET_ITEM, "p99", 50), Threshold(NEW_BID, "p99", 100))
    mix = MIX

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._numbers = count(self.auctions + 1)

    async def do(self, action: str, member: int, due: float) -> str:
        """One transaction, on any item."""
        item = self.stage.draw.randrange(len(self.crowd.auctions))
        bidder, name = self.crowd.bidders[member], self.crowd.auctions[item]
        if action == NEW_BID:
            return await self.crowd.bid(member, item, due)
        if action == NEW_ITEM:
            return await self.add_item()
        if action == NEW_PURCHASE:
            return await self.till.redeem(bidder)
        if action == GET_ITEM:
            message = await call(bidder, "auction.get", auction=name)
            if message.error is None:
                self.crowd.book.learn_state(decode_auction(message.result), read_place(message.position))
        elif action == GET_USER:
            message = await call(bidder, self.stage.draw.choice(("me", "me.bids")))
        elif action == NEW_COMMENT:
            message = await call(bidder, "me.put_directory", name=f"Storm {due:.3f}")
        else:
            message, _ = await self.stage.managers.command("auction.extend", auction=name, extension=1_000)
        return message.error.code if message.error is not None else ACKNOWLEDGED

    async def add_item(self) -> str:
        """A new auction, open; from now on it is read and bid on like the others."""
        name = f"{self.stage.name(next(self._numbers))}-{self.stage.plan.part}"
        ends_at = self.stage.end_after(self.stage.plan.seconds + MARGIN_SECONDS)
        message = await open_auction(self.stage, name, ends_at)
        state = AuctionState(name, "open", 0, OPENING, opening=OPENING)
        self.crowd.book.learn_state(state, read_place(message.position))
        self.crowd.auctions.append(name)
        return ACKNOWLEDGED

    async def settle(self, tally: Tally, start: float) -> None:
        """See ``Scenario``: transactions alone count here, and nobody follows the new items."""

    async def finish(self) -> None:
        """See ``Scenario``: each part cancels its own new items."""
        await super().finish()
        await cancel_auctions(self.stage, self.crowd.auctions[self.auctions :])
