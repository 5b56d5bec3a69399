"""After a storm on auctions that have ended: is what was sold exactly what the acknowledged bids make?

Sales are compared with ``outcomes``, an own calculation, and with what each buyer is told of its own part.
The comparisons themselves are pure.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from loadtests.api import Api
from loadtests.findings import HistoryBid, Verification
from loadtests.measures import Acknowledgement, Departure
from loadtests.outcomes import FinalBid, Sold, expect_sales, price_of_take
from loadtests.preparation import MANAGER, gather_bounded
from loadtests.tokens import Tokens
from loadtests.wire import AuctionState, OwnAuction, StormError

ENDED = frozenset({"settled", "unsold", "cancelled"})

ENDING_SECONDS = 60
"""How long auctions may take to end, and holds to be released."""


class SaleRecord(msgspec.Struct, frozen=True):
    """A sale as staff see it: ``quantity`` pieces at ``price`` each by bid number ``bid``."""

    member: str
    bid: int
    quantity: int
    price: int
    paid: int


class SalePage(msgspec.Struct, frozen=True):
    """``next`` is the cursor of the page after, 0 at the end."""

    sales: list[SaleRecord]
    next: int


class Hold(msgspec.Struct, frozen=True):
    """Points that are held for ``subject``: an auction's id, perhaps with more behind a slash."""

    subject: str
    points: int


class OwnPoints(msgspec.Struct, frozen=True):
    """A member's points, or those of all members together."""

    issued: int
    available: int
    held: int
    spent: int
    expired: int
    holds: list[Hold] = []


class Ended(msgspec.Struct, frozen=True):
    """An auction that has ended: its state, its history, oldest first, and its sales."""

    state: AuctionState
    history: list[HistoryBid]
    sales: list[SaleRecord]


def verify_takes(verification: Verification, ended: Ended, acknowledged: list[Acknowledgement]) -> None:
    """Compares a Dutch auction's sales with its acknowledged takes: every take is one sale, at what the clock
    showed at its instant, and no more was sold than there was."""
    auction, state = ended.state.id, ended.state
    assert state.pieces is not None and state.pieces.clock is not None
    at = {bid.number: bid.at for bid in ended.history}
    expected = [Sold(bid.member, bid.number, bid.quantity, bid.price) for bid in acknowledged]
    _compare(verification, auction, expected, ended.sales)
    for bid in acknowledged:
        price = price_of_take(state, state.pieces.clock, at.get(bid.number, 0))
        if bid.price != price or price > bid.maximum:
            words = f"took at {bid.price} with a maximum of {bid.maximum}; the clock showed {price}"
            verification.report(f"{auction} bid {bid.number} of {bid.member}: {words}")
    taken = sum(sale.quantity for sale in ended.sales)
    if taken != state.pieces.sold or taken > state.pieces.supply:
        words = f"{taken} pieces in its sales, {state.pieces.sold} sold, {state.pieces.supply} for sale"
        verification.report(f"{auction}: {words}")


def verify_clearing(
    verification: Verification,
    ended: Ended,
    acknowledged: list[Acknowledgement],
    departures: list[Departure],
    numbers: dict[str, list[int]],
) -> None:
    """Compares the sales of an auction with what its members' last bids come to. ``numbers`` are those of
    each member's bids in the history."""
    gone = {departure.member for departure in departures}
    last: dict[str, Acknowledgement] = {}
    for bid in sorted(acknowledged, key=lambda bid: bid.number):
        last[bid.member] = bid
    bids = []
    for member, bid in last.items():
        own = numbers.get(member)
        if not own:
            verification.report(f"{ended.state.id}, {member}: none of its bids is in the history")
            continue
        since = own[0] if ended.state.format == "clock" else own[-1]
        bids.append(FinalBid(member, bid.maximum, own[-1], since, bid.quantity, bid.partial, member in gone))
    lifted = max((departure.price for departure in departures), default=0)
    _compare(verification, ended.state.id, expect_sales(ended.state, bids, lifted), ended.sales)


def verify_departures(verification: Verification, ended: Ended, departures: list[Departure]) -> None:
    """Whoever left a clock is out: as many bids as there were departures have left, or more, since a member
    is out by itself too once the price is above its maximum."""
    left = sum(bid.fate == "left" for bid in ended.history)
    if left < len(departures):
        words = f"{len(departures)} members were told that they are out, {left} are"
        verification.report(f"{ended.state.id}: {words}")


def verify_own(
    verification: Verification, member: str, own: list[OwnAuction], sales: dict[str, list[SaleRecord]]
) -> None:
    """Compares what a member is told that it won and paid with ``sales``, by auction."""
    for part in own:
        if part.auction not in sales:
            continue
        mine = [sale for sale in sales[part.auction] if sale.member == member]
        won, paid = sum(sale.quantity for sale in mine), sum(sale.paid for sale in mine)
        if (part.won, part.paid) != (won, paid):
            words = f"told {part.won} pieces for {part.paid}, its sales are {won} for {paid}"
            verification.report(f"{part.auction}, {member}: {words}")


def verify_points(verification: Verification, name: str, points: OwnPoints, ended: set[str]) -> None:
    """Points add up, and none are held for an auction that has ``ended``."""
    accounted = points.available + points.held + points.spent + points.expired
    if points.issued != accounted:
        verification.report(f"{name}: {points.issued} points were issued, {accounted} are accounted for")
    if points.holds and sum(hold.points for hold in points.holds) != points.held:
        verification.report(f"{name}: the holds are not the {points.held} points that are held")
    for hold in points.holds:
        if hold.subject.partition("/")[0] in ended:
            verification.report(f"{name}: {hold.points} points are still held for {hold.subject}")


def _compare(
    verification: Verification, auction: str, expected: Iterable[Sold], found: list[SaleRecord]
) -> None:
    """Both ways, so that nothing is missing, doubled or of another price."""
    wanted = sorted(expected)
    sold = sorted(Sold(sale.member, sale.bid, sale.quantity, sale.price) for sale in found)
    verification.sales += len(found)
    if wanted != sold:
        missing = [sale for sale in wanted if sale not in sold]
        other = [sale for sale in sold if sale not in wanted]
        words = f"expected were {len(wanted)}, among them {missing[:3]}; sold were {len(sold)}, {other[:3]}"
        verification.report(f"{auction}: the sales are not what its bids make: {words}")


async def wait_for_ends(api: Api, tokens: Tokens, auctions: list[str]) -> None:
    """Returns once all have ended. Raises ``StormError`` if that takes longer than ``ENDING_SECONDS``."""
    token = await tokens.get(MANAGER, "manager")
    until = time.monotonic() + ENDING_SECONDS

    async def wait(auction: str) -> None:
        while (await _read_state(api, token, auction)).status not in ENDED:
            if time.monotonic() > until:
                raise StormError(f"{auction} has not ended {ENDING_SECONDS} s after the storm")
            await asyncio.sleep(0.1)

    await gather_bounded(wait(auction) for auction in auctions)


async def read_ended(api: Api, tokens: Tokens, auction: str, history: list[HistoryBid]) -> Ended:
    """The auction's state and all its sales. Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    state = await _read_state(api, token, auction)
    sales: list[SaleRecord] = []
    after = 0
    while True:
        answer = await api.get(f"/v1/auctions/{auction}/sales", token, after=after, limit=100)
        page = msgspec.json.decode(answer.body, type=SalePage)
        sales += page.sales
        after = page.next
        if not after:
            return Ended(state, history, sales)


async def read_points(api: Api, tokens: Tokens, member: str, position: str, ended: set[str]) -> OwnPoints:
    """A member's points, once nothing is held for what has ``ended`` (or too late). Raises ``StormError``."""
    token = await tokens.get(member, "member")
    until = time.monotonic() + ENDING_SECONDS
    while True:
        answer = await api.get("/v1/me/points", token, position=position)
        points = msgspec.json.decode(answer.body, type=OwnPoints)
        waiting = any(hold.subject.partition("/")[0] in ended for hold in points.holds)
        if not waiting or time.monotonic() > until:
            return points
        await asyncio.sleep(0.1)


async def read_totals(api: Api, tokens: Tokens) -> OwnPoints:
    """All members' points together. Raises ``StormError``."""
    answer = await api.get("/v1/program", await tokens.get(MANAGER, "manager"))
    return msgspec.json.decode(answer.body, type=OwnPoints)


async def _read_state(api: Api, token: str, auction: str) -> AuctionState:
    answer = await api.get(f"/v1/auctions/{auction}", token)
    return msgspec.json.decode(answer.body, type=AuctionState)


def number_bids(history: list[HistoryBid], bidders: dict[int, str]) -> dict[str, list[int]]:
    """The numbers of each member's bids in a history, rising; ``bidders`` tells who is who."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for bid in history:
        if bid.bidder in bidders:
            numbers[bidders[bid.bidder]].append(bid.number)
    return numbers
