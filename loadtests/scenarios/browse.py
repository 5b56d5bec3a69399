"""The catalogue on an ordinary day: what do pages, offers and quotes cost when nothing is being sold?

Half of all actions list a page of the catalogue, one in five looks at an offer, a quarter asks for a quote,
and the rest turn to other experiences, whose prices are pushed from then on. Nothing of it enters the log. A
quote must be what was pushed, and in the end every page must show what the price table says.
"""

from collections.abc import Iterator
from functools import partial

from loadtests.findings import Verification, conclude
from loadtests.mixing import draw_mix
from loadtests.result import Check
from loadtests.scenario import Defaults, Due, Setting, Stage
from loadtests.shoppers import Shopper, decode_quote, verify_quote
from loadtests.shopping import SETTLING_SECONDS, ShoppingScenario
from loadtests.tally import ACKNOWLEDGED, Tally
from loadtests.verdicts import Threshold
from loadtests.visitors import reach

PAGE, OFFER, QUOTE, TURN = "page", "offer", "quote", "turn"
MIX = {PAGE: 50, OFFER: 20, QUOTE: 25, TURN: 5}

PAGE_SIZE = 20


class Browse(ShoppingScenario):
    """See the file's docstring."""

    name = "browse"
    defaults = Defaults(
        members=300,
        rate=500,
        seconds=60,
        own={
            "experiences": Setting(200, "Experiences in the catalogue."),
            "shown": Setting(20, "How many of them a page shows."),
            "segments": Setting(12, "Segments with prices of their own."),
        },
    )
    thresholds = (Threshold(PAGE, "p99", 100), Threshold(QUOTE, "p99", 50))

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.verification = Verification()
        self.quotes = 0

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        """Anybody does anything, as often as the mix says."""
        does = {PAGE: self.list_page, OFFER: self.look, QUOTE: self.quote, TURN: self.turn}
        for at, action, member in draw_mix(self.stage, instants, MIX):
            yield Due(at, action, partial(does[action], self.shoppers[member]))

    async def list_page(self, shopper: Shopper, due: float) -> str:
        """A page of what the member sees."""
        message = await shopper.ask("catalogue.list", kind=self.kind, limit=PAGE_SIZE)
        return message.error.code if message.error is not None else ACKNOWLEDGED

    async def look(self, shopper: Shopper, due: float) -> str:
        """One offer."""
        message = await shopper.ask("catalogue.get", experience=self.any_shown(shopper))
        return message.error.code if message.error is not None else ACKNOWLEDGED

    async def quote(self, shopper: Shopper, due: float) -> str:
        """A quote for what is shown; nothing changes, so it is what was pushed."""
        message = await shopper.quote(self.any_shown(shopper))
        if message.error is not None:
            return message.error.code
        self.quotes += 1
        verify_quote(self.verification, shopper.member, decode_quote(message.result), shopper.prices)
        return ACKNOWLEDGED

    async def turn(self, shopper: Shopper, due: float) -> str:
        """Other experiences are shown."""
        number = self.stage.draw.randrange(len(self.experiences))
        message = await shopper.turn_to(self.page(number))
        return message.error.code if message.error is not None else ACKNOWLEDGED

    def any_shown(self, shopper: Shopper) -> str:
        """One of the experiences that a page shows."""
        return self.stage.draw.choice(list(shopper.socket.shown))

    async def settle(self, tally: Tally, start: float) -> None:
        """See ``Scenario``: the prices of the last pages that were turned."""
        await reach(self.all_informed, SETTLING_SECONDS)

    async def check(self) -> list[Check]:
        """See ``Scenario``."""
        quotes = conclude("quotes are what was pushed", self.quotes, self.verification)
        return [quotes, *await super().check()]
