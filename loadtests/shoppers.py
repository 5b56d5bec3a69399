"""Members who look at prices, and whether what they were pushed, what they are quoted, and what the gateway
works out for everybody at once are the same."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from loadtests.findings import Verification, conclude
from loadtests.measures import Pushes, append_in_order
from loadtests.preparation import gather_bounded
from loadtests.result import Check
from loadtests.scenario import Stage
from loadtests.visitors import Visitor
from loadtests.wire import Message, PushParameters, read_place

PRICES = "prices"


class Price(msgspec.Struct, frozen=True):
    """In points, and minor units of the market's currency."""

    points: int
    cash: int = 0


Prices = dict[str, Price | None]
"""By experience; None: it is not to be had."""


class ShownPrices(msgspec.Struct, frozen=True):
    """The state of the topic ``prices``: those that have changed."""

    prices: Prices = {}


class Quote(msgspec.Struct, frozen=True):
    """The reply to a question for a price."""

    experience: str
    price: Price


class PriceTable(msgspec.Struct, frozen=True):
    """Prices of experiences (rows) in contexts (columns)."""

    experiences: list[str]
    points: list[list[int | None]]
    cash: list[list[int | None]]


_decode_shown = msgspec.json.Decoder(ShownPrices).decode
decode_quote = msgspec.json.Decoder(Quote).decode


@lru_cache(maxsize=64)
def decode_shown(state: bytes) -> ShownPrices:
    """The state of a push. All members of a segment are sent the same, and a crowd has but one core."""
    return _decode_shown(state)


class Shopper(Visitor):
    """A member who shows some experiences: ``prices`` are what it was pushed last, ``pushed`` when.

    Of a segment, all see the same prices.
    """

    def __init__(self, stage: Stage, member: str, segment: str, shown: Sequence[str]) -> None:
        super().__init__(stage, member, [PRICES], shown, None)
        self.segment = segment
        self.prices: Prices = {}
        self.pushed: Pushes = []

    async def quote(self, experience: str) -> Message:
        """What it is quoted."""
        return await self.ask("price.quote", experience=experience)

    async def turn_to(self, shown: Sequence[str]) -> Message:
        """Shows others from now on; their prices are pushed."""
        self.prices = {id: price for id, price in self.prices.items() if id in shown}
        return await self.socket.show(shown)

    @property
    def is_informed(self) -> bool:
        """Whether it was told a price of everything that it shows."""
        return all(id in self.prices for id in self.socket.shown)

    def _take(self, push: PushParameters, at: float) -> None:
        new = decode_shown(bytes(push.state)).prices
        self.prices.update((id, new[id]) for id in self.socket.shown if id in new)
        append_in_order(self.pushed, read_place(push.position), at)


def verify_quote(verification: Verification, member: str, quote: Quote, pushed: Prices) -> None:
    """A quote is what was pushed, while nothing changes."""
    known = pushed.get(quote.experience, quote.price)
    if known != quote.price:
        words = f"{describe(quote.price)} were quoted, {describe(known)} were pushed"
        verification.report(f"{quote.experience}, {member}: {words}")


def verify_prices(verification: Verification, member: str, pushed: Prices, right: Prices) -> None:
    """What a member was pushed last is ``right``."""
    for id, price in pushed.items():
        if price != right.get(id):
            words = f"{describe(price)} were pushed, it costs {describe(right.get(id))}"
            verification.report(f"{id}, {member}: {words}")


def describe(price: Price | None) -> str:
    """A price in words."""
    if price is None:
        return "no price"
    return f"{price.points} points" + (f" and {price.cash} minor units" if price.cash else "")


def unfold(table: PriceTable) -> list[Prices]:
    """The prices of each context."""
    columns = len(table.points[0]) if table.points else 0
    rows = list(zip(table.experiences, table.points, table.cash, strict=True))
    return [
        {id: _price(points[column], cash[column]) for id, points, cash in rows} for column in range(columns)
    ]


def _price(points: int | None, cash: int | None) -> Price | None:
    return None if points is None or cash is None else Price(points, cash)


async def read_prices(stage: Stage, experiences: Sequence[str], segments: Sequence[str]) -> dict[str, Prices]:
    """By segment, all prices now. Raises ``StormError``."""
    plan = stage.plan
    contexts = [{"tier": plan.tier, "market": plan.market, "segments": (segment,)} for segment in segments]
    message = await stage.services.ask("price.table", experiences=experiences, contexts=contexts)
    columns = unfold(msgspec.json.decode(message.result, type=PriceTable))
    return dict(zip(segments, columns, strict=True))


async def check_prices(stage: Stage, shoppers: Iterable[Shopper], experiences: Sequence[str]) -> Check:
    """Compares what all were pushed last with the table, and that with a quote for one of each segment.
    Nothing changes any more. Raises ``StormError`` if it cannot."""
    verification, shoppers = Verification(), list(shoppers)
    segments = sorted({shopper.segment for shopper in shoppers})
    right = await read_prices(stage, experiences, segments)
    for shopper in shoppers:
        verify_prices(verification, shopper.member, shopper.prices, right[shopper.segment])
        if not shopper.is_informed:
            verification.report(f"{shopper.member} was not told every price that it shows")

    async def ask(member: str, segment: str, experience: str) -> None:
        message = await stage.services.ask("price.quote", member=member, experience=experience)
        verify_quote(verification, member, decode_quote(message.result), right[segment])

    some = {shopper.segment: shopper.member for shopper in shoppers}
    await gather_bounded(ask(member, one, id) for one, member in some.items() for id in experiences[:50])
    checked = sum(len(shopper.prices) for shopper in shoppers)
    return conclude("pushed prices are those that are quoted", checked, verification)
