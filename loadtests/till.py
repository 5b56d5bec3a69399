"""Something at a fixed price, which members redeem beside whatever else they do."""

from itertools import count

from loadtests.bidding import call
from loadtests.crowd import Bidder
from loadtests.redemptions import Taken, check_redemptions, decode_redeemed
from loadtests.result import Check
from loadtests.scenario import Stage
from loadtests.staging import put_experiences, remove_experiences, wait_for
from loadtests.tally import ACKNOWLEDGED

PRICE = 100
"""Points."""


class Till:
    """Redemptions of the run's one experience; ``told`` are those that were acknowledged, ``open`` those
    without an answer."""

    def __init__(self, stage: Stage) -> None:
        self.experience = stage.name(0)
        self.told: list[Taken] = []
        self.open = 0
        self._stage = stage
        self._keys = count(1)

    async def prepare(self) -> None:
        """Puts it into the catalogue, without limit. Raises ``StormError``."""
        if self._stage.first:
            await put_experiences(self._stage, [self.experience], points=PRICE)
        else:
            await wait_for(self._stage, f"/v1/experiences/{self.experience}")

    async def redeem(self, bidder: Bidder) -> str:
        """One redemption; its outcome as a tally has it."""
        self.open += 1
        key = f"{self._stage.plan.run}-{next(self._keys)}"
        message = await call(bidder, "redemption.redeem", experience=self.experience, most=PRICE, key=key)
        self.open -= 1
        if message.error is not None:
            return message.error.code
        redeemed = decode_redeemed(message.result)
        self.told.append(Taken(bidder.member, self.experience, redeemed.redemption, redeemed.points))
        return ACKNOWLEDGED

    async def check(self) -> Check:
        """Compares what was told with what the program has. Raises ``StormError`` if it cannot."""
        return await check_redemptions(self._stage, self.experience, self.told, strays=self.open)

    async def finish(self) -> None:
        """Takes it out again. Raises ``StormError``."""
        if self._stage.first:
            await remove_experiences(self._stage, [self.experience])
