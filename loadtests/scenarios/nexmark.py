"""Nexmark's stream, played against real auctions: what does a market with hot auctions and hot bidders cost?

Of 50 events one is a new person, three are new auctions, 46 are bids. Every second bid is on the hot
auction, the first of the last hundred; three of four come from the hot bidder, the second of the last hundred
persons; the rest from anybody, on any of the last hundred auctions. A bid is of round(10^(6u) * 100) points,
where u is drawn from 0 to 1 (https://github.com/nexmark/nexmark, generator/model). In Nexmark bids are only
recorded; here they have to be higher than what is there, so most are refused. Auctions open at the least
price, 100. All goes through the doors of services and managers. ``--rate`` counts events.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import count

from loadtests.findings import conclude
from loadtests.ledger import check_ledger
from loadtests.measures import Acknowledgement, Measures
from loadtests.preparation import gather_bounded
from loadtests.result import Check
from loadtests.scenario import Defaults, Due, Scenario, Setting, Stage
from loadtests.staging import AT_ONCE, MARGIN_SECONDS, cancel_auctions, make_members, open_auction
from loadtests.tally import ACKNOWLEDGED
from loadtests.verdicts import Threshold
from loadtests.verification import verify
from loadtests.wire import decode_bid

PERSON, AUCTION, BID = "person", "auction", "bid"

CYCLE = (PERSON, *[AUCTION] * 3, *[BID] * 46)

BATCH = 100
"""Of so many auctions, or persons, one is hot; on so many of the last ones others bid."""

HOT_AUCTION, HOT_BIDDER = 1 / 2, 3 / 4

POINTS = 10**11


class Nexmark(Scenario):
    """See the file's docstring. Parts have persons and auctions of their own."""

    name = "nexmark"
    defaults = Defaults(
        members=20,
        rate=300,
        seconds=60,
        own={"auctions": Setting(60, "Auctions to begin with.")},
    )
    thresholds = (Threshold(BID, "p99", 100), Threshold(AUCTION, "p99", 250))

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.persons = list(stage.members)
        self.auctions: list[str] = []
        self.measures = Measures()
        self.open: dict[str, int] = {}
        self._numbers = count(1)

    async def prepare(self) -> None:
        """See ``Scenario``: as if the stream had run for a while."""
        await make_members(self.stage, POINTS)
        work = (self.open_auction(0.0) for _ in range(self.stage.own("auctions")))
        await gather_bounded(work, AT_ONCE)

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """One event after the other, as in Nexmark."""
        does = {PERSON: self.make_person, AUCTION: self.open_auction, BID: self.bid}
        for number, at in enumerate(instants):
            action = CYCLE[number % len(CYCLE)]
            yield Due(at, action, does[action])

    async def make_person(self, due: float) -> str:
        """A new person, with points."""
        plan = self.stage.plan
        person = f"{plan.prefix}{plan.run}-{plan.part}-{next(self._numbers)}"
        message, _ = await self.stage.services.command(
            "member.upsert", member=person, tier=plan.tier, market=plan.market
        )
        if message.error is not None:
            return message.error.code
        await self.stage.services.require("points.credit", member=person, amount=POINTS)
        self.persons.append(person)
        return ACKNOWLEDGED

    async def open_auction(self, due: float) -> str:
        """A new auction, open."""
        name = f"{self.stage.name(next(self._numbers))}-{self.stage.plan.part}"
        ends_at = self.stage.end_after(self.stage.plan.seconds + MARGIN_SECONDS)
        await open_auction(self.stage, name, ends_at, opening=100)
        self.auctions.append(name)
        return ACKNOWLEDGED

    async def bid(self, due: float) -> str:
        """One bid by one of the persons."""
        draw = self.stage.draw
        auction = choose(self.auctions, 0, draw.random() < HOT_AUCTION, draw.random())
        person = choose(self.persons, 1, draw.random() < HOT_BIDDER, draw.random())
        maximum = price(draw.random())
        self.open[auction] = self.open.get(auction, 0) + 1
        message, sent = await self.stage.services.command(
            "auction.bid", auction=auction, member=person, maximum=maximum
        )
        self.open[auction] -= 1
        if message.error is not None:
            return message.error.code
        taken = decode_bid(message.result)
        acknowledgement = Acknowledgement(
            auction=auction,
            number=taken.number,
            member=person,
            maximum=maximum,
            bidder=taken.bidder,
            price=taken.price,
            leading=taken.leading,
            position=message.position,
            key=f"{taken.number}",
            sent=sent,
        )
        self.measures.note_acknowledged(acknowledgement, due, 0.0)
        return ACKNOWLEDGED

    async def check(self) -> list[Check]:
        """See ``Scenario``."""
        stage = self.stage
        unanswered = Counter(self.open)
        verification = await verify(
            stage.api, stage.tokens, self.measures, unanswered=unanswered, alone=True, exclusive=True
        )
        stand = conclude(
            "acknowledged bids stand, once and in order", verification.acknowledged, verification
        )
        return [stand, await check_ledger(stage, self.persons[len(stage.members) :])]

    async def finish(self) -> None:
        """See ``Scenario``."""
        await cancel_auctions(self.stage, self.auctions)


def price(u: float) -> int:
    """What is bid, for ``u`` from 0 to 1.

    >>> price(0.0), price(0.5), price(1.0)
    (100, 100000, 100000000)
    """
    return round(10 ** (6 * u) * 100)


def choose(made: list[str], place: int, hot: bool, u: float) -> str:
    """One of those that were ``made``: the hot one, which is at this ``place`` of the last batch; or, for
    ``u`` from 0 to 1, any of the last ``BATCH``."""
    last = len(made) - 1
    if hot:
        return made[min(last, last // BATCH * BATCH + place)]
    return made[last - int(u * min(len(made), BATCH))]
