"""A raffle's last minute: does everybody whose ticket was acknowledged take part, and nobody after the close?

Members buy one to ten tickets at a time, as bids come in the last minute of real auctions; the raffle closes,
is locked and drawn by itself. Ticket numbers must be without a gap, caps kept, what pages showed last must be
what was sold, and the draw must come out the same when it is drawn again from its evidence.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from functools import partial

from loadtests.arrivals import Profile
from loadtests.findings import Verification, conclude
from loadtests.ledger import check_ledger
from loadtests.result import Check
from loadtests.scenario import Defaults, Due, Scenario, Setting, Stage
from loadtests.sockets import MemberSocket
from loadtests.staging import make_members, open_raffle
from loadtests.tally import ACKNOWLEDGED, Tally
from loadtests.tickets import (
    DRAWN,
    Bought,
    RaffleState,
    decode_entered,
    decode_own_raffles,
    decode_raffle,
    read_entries,
    read_raffle,
    verify_bought,
    verify_caps,
    verify_draw,
    verify_numbers,
    verify_page,
    wait_for_status,
)
from loadtests.verdicts import Threshold
from loadtests.visitors import Visitor, gather_visitors, reach

BUY = "buy"

PRICE = 10
MOST_AT_ONCE = 10

MARGIN_SECONDS = 600
"""The raffle closes so much after its opening; its close is moved nearer when everybody is there."""

LEAD_SECONDS = 0.5
"""How long that may take."""

PUSH_SECONDS = 2.0


class Rush(Scenario):
    """See the file's docstring."""

    name = "rush"
    defaults = Defaults(
        members=500,
        rate=300,
        seconds=60,
        profile=Profile.CLOSING,
        own={
            "tickets": Setting(1_000_000, "Tickets that there are."),
            "each": Setting(500, "Tickets that a member may have."),
        },
    )
    thresholds = (Threshold(BUY, "p99", 150),)
    climbs = False

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.raffle = stage.name(1)
        self.visitors: list[Visitor] = []
        self.told: list[Bought] = []
        self.open = 0

    @property
    def sockets(self) -> list[MemberSocket]:
        """See ``Scenario``."""
        return [visitor.socket for visitor in self.visitors]

    async def prepare(self) -> None:
        """See ``Scenario``."""
        stage = self.stage
        await make_members(stage)
        if stage.first:
            terms = {"price": PRICE, "most": stage.own("tickets"), "most_each": stage.own("each")}
            await open_raffle(stage, self.raffle, seconds=stage.plan.seconds + MARGIN_SECONDS, **terms)
        await wait_for_status(stage.api, stage.tokens, self.raffle, frozenset({"open"}))
        self.visitors = gather_visitors(stage, [f"raffle:{self.raffle}", "me"])

    async def begin(self) -> None:
        """See ``Scenario``: the minute begins."""
        stage = self.stage
        begins_at = stage.begins_at or stage.clock.now() + LEAD_SECONDS
        if stage.first:
            closes_at = int((begins_at + stage.plan.seconds) * 1000)
            await stage.managers.require("raffle.close", raffle=self.raffle, closes_at=closes_at)
        await asyncio.sleep(begins_at - stage.clock.now())

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Anybody, any number of tickets."""
        draw = self.stage.draw
        for at in instants:
            visitor, tickets = self.visitors[self.stage.turns.choose(at)], draw.randint(1, MOST_AT_ONCE)
            yield Due(at, BUY, partial(self.buy, visitor, tickets))

    async def buy(self, visitor: Visitor, tickets: int, due: float) -> str:
        """One purchase."""
        self.open += 1
        message = await visitor.command(
            "raffle.buy", raffle=self.raffle, tickets=tickets, most=tickets * PRICE
        )
        self.open -= 1
        if message.error is not None:
            return message.error.code
        entered = decode_entered(message.result)
        self.told.append(Bought(visitor.member, entered.entry, entered.first, entered.last, entered.points))
        return ACKNOWLEDGED

    async def settle(self, tally: Tally, start: float) -> None:
        """See ``Scenario``: everybody's page shows the draw."""
        stage = self.stage
        await wait_for_status(stage.api, stage.tokens, self.raffle, DRAWN)
        await reach(lambda: all(map(self.shows_draw, self.visitors)), PUSH_SECONDS)

    def shown_to(self, visitor: Visitor) -> RaffleState | None:
        """What a visitor's page shows."""
        push = visitor.latest.get(f"raffle:{self.raffle}")
        return decode_raffle(push.state) if push is not None else None

    def shows_draw(self, visitor: Visitor) -> bool:
        """Whether the page is that of a raffle that is drawn."""
        shown = self.shown_to(visitor)
        return shown is not None and shown.status in DRAWN

    async def check(self) -> list[Check]:
        """See ``Scenario``."""
        stage = self.stage
        raffle = await read_raffle(stage.api, stage.tokens, self.raffle)
        return [await self.check_entries(raffle), self.check_pages(raffle), await check_ledger(stage)]

    async def check_entries(self, raffle: RaffleState) -> Check:
        """Compares acknowledgements, entries and evidence."""
        stage, verification = self.stage, Verification()
        entries = await read_entries(stage.api, stage.tokens, self.raffle)
        members = set(stage.members)
        mine = [one for one in entries if one.member in members]
        verify_bought(verification, self.told, mine, self.open)
        verify_numbers(verification, raffle, entries)
        verify_caps(verification, entries, stage.own("each"))
        await verify_draw(verification, stage.api, stage.tokens, self.raffle)
        return conclude("acknowledged tickets take part, and no others", len(self.told), verification)

    def check_pages(self, raffle: RaffleState) -> Check:
        """What each page showed last is what was sold."""
        verification = Verification()
        sold: Counter[str] = Counter()
        for one in self.told:
            sold[one.member] += one.last - one.first + 1
        for visitor in self.visitors:
            own = decode_own_raffles(visitor.latest["me"].state)
            shown = self.shown_to(visitor)
            verify_page(verification, visitor.member, shown, raffle, own, sold[visitor.member])
        return conclude("pages show what was sold", len(self.visitors), verification)
