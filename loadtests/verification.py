"""After a storm: is every acknowledged bid in its auction's history, once, in the order in which it was
acknowledged?

The crowd's acknowledgements are compared with what the gateway tells anybody afterwards: each auction's
history (number, pseudonym, price after the bid), and to each member its own highest standing maximum and its
points. The comparison itself is pure; ``sales`` has that of what was sold.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec

from loadtests.api import Api
from loadtests.findings import HistoryBid, Verification
from loadtests.formats import Format
from loadtests.measures import Acknowledgement, Measures
from loadtests.preparation import gather_bounded
from loadtests.sales import (
    SaleRecord,
    number_bids,
    read_ended,
    read_points,
    read_totals,
    verify_clearing,
    verify_departures,
    verify_own,
    verify_points,
    verify_takes,
)
from loadtests.tokens import Tokens
from loadtests.wire import OwnAuction, OwnState, read_place

PAGE = 100

TAKEN_OUT = frozenset({"void", "dropped"})
"""Fates of bids that somebody else's doing has ended."""


class HistoryPage(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is the cursor of the page after, 0 at the end."""

    bids: list[HistoryBid]
    next: int


def verify_history(
    verification: Verification,
    auction: str,
    acknowledged: list[Acknowledgement],
    history: list[HistoryBid],
    strays: int | None,
) -> None:
    """Compares one auction's acknowledgements with its history, oldest first.

    ``strays`` is how many bids of the crowd got no answer: where nobody else bids, the history may hold so
    many bids that were never acknowledged and no more, or a bid was applied twice. None where others bid too.
    """
    verification.auctions += 1
    verification.acknowledged += len(acknowledged)
    found = {bid.number: bid for bid in history}
    numbers = [bid.number for bid in history]
    if numbers != list(range(1, len(history) + 1)):
        verification.report(f"{auction}: the history's numbers are not 1 to {len(history)}")
    claimed: dict[int, Acknowledgement] = {}
    for bid in sorted(acknowledged, key=lambda bid: (bid.number, bid.key)):
        name = f"{auction} bid {bid.number} of {bid.member} (maximum {bid.maximum}, key {bid.key})"
        other, shown = claimed.get(bid.number), found.get(bid.number)
        if other is not None:
            verification.report(
                f"{name}: the number was acknowledged to {other.member} (key {other.key}) as well"
            )
        elif shown is None:
            verification.report(f"{name}: not in the history")
        elif (shown.bidder, shown.price) != (bid.bidder, bid.price):
            words = (
                f"bidder {bid.bidder} at {bid.price}; the history says bidder {shown.bidder} at {shown.price}"
            )
            verification.report(f"{name}: acknowledged to {words}")
        claimed[bid.number] = bid
    _verify_order(verification, auction, [bid for bid in claimed.values() if bid.sent == 1])
    if strays is not None and len(history) > len(claimed) + strays:
        words = f"{len(history)} bids, though {len(claimed)} were acknowledged and {strays} have no answer"
        verification.report(f"{auction}: the history has {words}")


def verify_count(
    verification: Verification, auction: str, acknowledged: int, numbers: dict[str, list[int]], strays: int
) -> None:
    """A history has no more bids of the crowd's members than were acknowledged to them, or have no answer:
    none was applied twice. ``numbers`` are those of each member's bids in it."""
    found = sum(len(own) for own in numbers.values())
    if found > acknowledged + strays:
        words = f"{found} bids are the crowd's, {acknowledged} were acknowledged and {strays} have no answer"
        verification.report(f"{auction}: {words}")


def _verify_order(verification: Verification, auction: str, claimed: list[Acknowledgement]) -> None:
    """Numbers and positions rise together: the log's order is the only one. ``claimed`` were sent once
    each."""
    for earlier, later in pairwise(claimed):
        if read_place(later.position) < read_place(earlier.position):
            words = f"bid {later.number} at {later.position}, but bid {earlier.number} at {earlier.position}"
            verification.report(f"{auction}: acknowledged were {words}")


def verify_maxima(
    verification: Verification,
    member: str,
    acknowledged: Iterable[Acknowledgement],
    own: list[OwnAuction],
    voided: set[str],
) -> None:
    """Compares a member's highest acknowledged maxima with those that the gateway tells it.

    A higher one is right where a bid got no answer. Auctions where bids were ``voided`` are left out, or lose
    their meaning otherwise, and those that the member's own list does not hold any more.
    """
    verification.members += 1
    highest: dict[str, int] = defaultdict(int)
    for bid in acknowledged:
        highest[bid.auction] = max(highest[bid.auction], bid.maximum)
    for auction in own:
        least = highest.get(auction.auction, 0)
        if auction.maximum < least and auction.auction not in voided:
            words = f"the highest acknowledged maximum is {least}, the gateway says {auction.maximum}"
            verification.report(f"{auction.auction}, {member}: {words}")


async def read_history(api: Api, token: str, auction: str, position: str = "") -> list[HistoryBid]:
    """All bids of an auction, oldest first, in a state that has ``position``. Raises ``StormError``."""
    bids: list[HistoryBid] = []
    before = 0
    while True:
        query: dict[str, Any] = {"limit": PAGE, **({"before": before} if before else {})}
        answer = await api.get(f"/v1/auctions/{auction}/bids", token, position=position, **query)
        page = msgspec.json.decode(answer.body, type=HistoryPage)
        bids += page.bids
        before = page.next
        if not before:
            bids.reverse()
            return bids


async def verify(
    api: Api,
    tokens: Tokens,
    measures: Measures,
    *,
    unanswered: Counter[str],
    alone: bool,
    format: Format = Format.ENGLISH,
    exclusive: bool = False,
    sold: Verification | None = None,
) -> Verification:
    """Fetches and compares everything. ``unanswered`` counts bids without an answer, by auction; ``alone``:
    nobody else bids on these auctions, and those of another format than English have ended. ``exclusive``:
    others may, but not in the name of these members. What was sold is noted in ``sold``, if that is given.
    Raises ``StormError`` if the gateway cannot be asked."""
    check = Check(api, tokens, measures, unanswered, alone, format, exclusive, sold)
    await gather_bounded(check.read_own(member) for member in check.by_member)
    await gather_bounded(check.check_auction(auction) for auction in check.by_auction)
    await gather_bounded(check.check_member(member) for member in check.by_member)
    if alone:
        verify_points(check.verification, "the program", await read_totals(api, tokens), set())
    return check.verification


class Check:
    """The fetching side of a verification: what was acknowledged, by auction and by member, and what the
    gateway says of it."""

    def __init__(
        self,
        api: Api,
        tokens: Tokens,
        measures: Measures,
        unanswered: Counter[str],
        alone: bool,
        format: Format,
        exclusive: bool,
        sold: Verification | None,
    ) -> None:
        self.verification = Verification()
        self.sold = sold or self.verification
        self.by_auction: dict[str, list[Acknowledgement]] = defaultdict(list)
        self.by_member: dict[str, list[Acknowledgement]] = defaultdict(list)
        for bid in measures.acknowledged:
            self.by_auction[bid.auction].append(bid)
            self.by_member[bid.member].append(bid)
        self._api, self._tokens, self._format = api, tokens, format
        self._unanswered, self._alone, self._exclusive = unanswered, alone, exclusive
        self._departures = measures.departures
        positions = [bid.position for bid in measures.acknowledged]
        positions += [departure.position for departure in measures.departures]
        self._position = max(positions, key=read_place, default="")
        self._own: dict[str, list[OwnAuction]] = {}
        self._bidders: dict[str, dict[int, str]] = defaultdict(dict)
        self._unlike: set[str] = set()
        self._sales: dict[str, list[SaleRecord]] = {}

    async def read_own(self, member: str) -> None:
        """What the member is told of itself."""
        token = await self._tokens.get(member, "member")
        answer = await self._api.get("/v1/me", token, position=self._position)
        self._own[member] = msgspec.json.decode(answer.body, type=OwnState).auctions
        for own in self._own[member]:
            if own.bidder:
                self._bidders[own.auction][own.bidder] = member

    async def check_auction(self, auction: str) -> None:
        """One auction's history, and its sales where it has ended."""
        bids = self.by_auction[auction]
        token = await self._tokens.get(bids[0].member, "member")
        hidden = self._format.kind == "sealed"
        if hidden and not self._alone:
            # Until it ends nobody is shown its history, and that is not the storm's to wait for.
            self.verification.secret += len(bids)
            return
        history = await read_history(self._api, token, auction, self._position)
        if self._format.kind in ("dutch", "clock") or any(bid.fate in TAKEN_OUT for bid in history):
            self._unlike.add(auction)
        strays = self._unanswered[auction] if self._alone else None
        numbers = number_bids(history, self._bidders[auction])
        if hidden:
            bids = reveal(self.verification, bids, numbers, self._bidders[auction])
        verify_history(self.verification, auction, bids, history, strays)
        if self._exclusive:
            # What a member is told of itself names its last auctions alone.
            own = number_bids(history, {bid.bidder: bid.member for bid in bids})
            verify_count(self.verification, auction, len(bids), own, self._unanswered[auction])
        if self._alone and self._format is not Format.ENGLISH:
            await self._check_sales(auction, history, numbers)

    async def _check_sales(
        self, auction: str, history: list[HistoryBid], numbers: dict[str, list[int]]
    ) -> None:
        ended = await read_ended(self._api, self._tokens, auction, history)
        self._sales[auction] = ended.sales
        if self._unanswered[auction]:
            return  # what has no answer may have bought, or outbid a buyer
        bids = self.by_auction[auction]
        departures = [one for one in self._departures if one.auction == auction]
        if self._format is Format.DUTCH:
            verify_takes(self.sold, ended, bids)
        else:
            verify_departures(self.sold, ended, departures)
            verify_clearing(self.sold, ended, bids, departures, numbers)

    async def check_member(self, member: str) -> None:
        """One member's maxima, what it bought, and its points."""
        own, ended = self._own[member], set(self._sales)
        verify_maxima(self.verification, member, self.by_member[member], own, self._unlike)
        verify_own(self.sold, member, own, self._sales)
        points = await read_points(self._api, self._tokens, member, self._position, ended)
        verify_points(self.verification, member, points, ended)


def reveal(
    verification: Verification,
    acknowledged: list[Acknowledgement],
    numbers: dict[str, list[int]],
    bidders: dict[int, str],
) -> list[Acknowledgement]:
    """The acknowledgements of sealed bids as they would have been without the seal: with the numbers of the
    history, and the bidder's, which both were secret. What is not in the history is reported."""
    bidder_of = {member: bidder for bidder, member in bidders.items()}
    revealed = []
    for bid in acknowledged:
        own = numbers.get(bid.member, [])
        if bid.number > len(own):
            words = f"its bid {bid.number} (maximum {bid.maximum}, key {bid.key}) is not in the history"
            verification.report(f"{bid.auction}, {bid.member}: {words}")
            continue
        number, bidder = own[bid.number - 1], bidder_of[bid.member]
        revealed.append(msgspec.structs.replace(bid, number=number, bidder=bidder))
    return revealed
