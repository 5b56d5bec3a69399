"""A thousand pieces, fifty thousand takers: what does a sale do that is over as it begins?

Every taker comes once, most of them at the very opening; one in twenty taps twice. Takers speak through the
doors of an app's back end (services that name the member), since a gateway has room for 20 000 sockets. At
the opening come three times as many as on average, 2 600 a second by default. A process of the crowd that has
a core to itself keeps up with twice as many; for a shorter rush use ``--processes``.

Who was told that it has a piece must have it, nobody may have two, and not one piece may be sold that is not
there.
"""

from collections.abc import Iterator
from functools import partial

from loadtests.arrivals import Profile, draw_times
from loadtests.ledger import check_ledger
from loadtests.redemptions import Taken, check_redemptions, decode_redeemed
from loadtests.result import Check
from loadtests.scenario import Defaults, Due, Scenario, Setting, Stage
from loadtests.staging import make_members, put_experiences, remove_experiences, wait_for
from loadtests.tally import ACKNOWLEDGED
from loadtests.verdicts import Threshold

REDEEM = "redeem"

PRICE = 100

TWICE = 0.05
"""How many tap twice …"""

TAP = 0.3
"""… so many seconds later."""


class Flash(Scenario):
    """See the file's docstring. The rate follows from members and seconds."""

    name = "flash"
    defaults = Defaults(
        members=50_000,
        rate=1,
        seconds=60,
        profile=Profile.OPENING,
        own={"stock": Setting(1_000, "Pieces that there are.")},
    )
    thresholds = (Threshold(REDEEM, "p99", 1_000),)
    climbs = False

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.experience = stage.name(1)
        self.told: list[Taken] = []
        self.refused = self.open = 0

    async def prepare(self) -> None:
        """See ``Scenario``."""
        await make_members(self.stage, points=10 * PRICE)
        if self.stage.first:
            terms = {"points": PRICE, "stock": self.stage.own("stock"), "limit": 1}
            await put_experiences(self.stage, [self.experience], **terms)
        else:
            await wait_for(self.stage, f"/v1/experiences/{self.experience}")

    def instants(self) -> Iterator[float]:
        """See ``Scenario``: each taker has one."""
        plan, stage = self.stage.plan, self.stage
        return iter(draw_times(plan.profile, len(stage.members), plan.seconds, stage.draw))

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """In no order; a second tap comes after whatever was due before it."""
        takers = list(self.stage.members)
        self.stage.draw.shuffle(takers)
        again: list[Due] = []
        for at, member in zip(instants, takers, strict=True):
            while again and again[0].at <= at:
                yield again.pop(0)
            due = Due(at, REDEEM, partial(self.take, member))
            yield due
            if self.stage.draw.random() < TWICE:
                again.append(due._replace(at=at + TAP))
        yield from again

    async def take(self, member: str, due: float) -> str:
        """One tap."""
        self.open += 1
        message, _ = await self.stage.services.command(
            "redemption.redeem", member=member, experience=self.experience, most=PRICE
        )
        self.open -= 1
        if message.error is not None:
            self.refused += message.error.code == "sold_out"
            return message.error.code
        redeemed = decode_redeemed(message.result)
        self.told.append(Taken(member, self.experience, redeemed.redemption, redeemed.points))
        return ACKNOWLEDGED

    async def check(self) -> list[Check]:
        """See ``Scenario``."""
        counts = {"strays": self.open, "refused": self.refused, "limit": 1}
        taken = await check_redemptions(self.stage, self.experience, self.told, **counts)
        return [taken, await check_ledger(self.stage)]

    async def finish(self) -> None:
        """See ``Scenario``."""
        if self.stage.first:
            await remove_experiences(self.stage, [self.experience])
