"""After a storm: is every acknowledged bid in its auction's history, once, in the order in which it was
acknowledged?

The crowd's acknowledgements are compared with what the gateway tells anybody afterwards: each auction's
history (number, pseudonym, price after the bid), and to each member its own highest standing maximum. The
comparison itself is pure.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import msgspec

from loadtests.api import Api
from loadtests.measures import Acknowledgement
from loadtests.preparation import gather_bounded
from loadtests.tokens import Tokens
from loadtests.wire import OwnAuction, OwnState, read_place

PAGE = 100
SHOWN = 20
"""How many findings are told in full."""


class HistoryBid(msgspec.Struct, frozen=True):
    """A bid as an auction's history shows it; ``fate`` is "standing" unless it was taken out."""

    number: int
    bidder: int
    price: int
    fate: str = "standing"


class HistoryPage(msgspec.Struct, frozen=True):
    """Newest first; ``next`` is the cursor of the page after, 0 at the end."""

    bids: list[HistoryBid]
    next: int


class Verification(msgspec.Struct):
    """What was compared, and what is wrong. ``findings`` tells the first ``SHOWN`` of ``wrong`` in words."""

    acknowledged: int = 0
    auctions: int = 0
    members: int = 0
    wrong: int = 0
    findings: list[str] = []

    @property
    def held(self) -> bool:
        """Whether everything is as it was acknowledged."""
        return self.wrong == 0

    def report(self, words: str) -> None:
        """Adds a finding."""
        self.wrong += 1
        if len(self.findings) < SHOWN:
            self.findings.append(words)


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

    A higher one is right where a bid got no answer. Auctions where bids were ``voided`` are left out, and
    those that the member's own list does not hold any more.
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
    api: Api, tokens: Tokens, acknowledged: list[Acknowledgement], *, unanswered: dict[str, int], alone: bool
) -> Verification:
    """Fetches and compares everything. ``unanswered`` counts bids without an answer, by auction;
    ``alone``: nobody else bids on these auctions. Raises ``StormError`` if the gateway cannot be asked."""
    verification = Verification()
    by_auction, by_member = defaultdict(list), defaultdict(list)
    for bid in acknowledged:
        by_auction[bid.auction].append(bid)
        by_member[bid.member].append(bid)
    position = max((bid.position for bid in acknowledged), key=read_place, default="")
    voided: set[str] = set()

    async def check_auction(auction: str, bids: list[Acknowledgement]) -> None:
        token = await tokens.get(bids[0].member, "member")
        history = await read_history(api, token, auction, position)
        voided.update(auction for bid in history if bid.fate != "standing")
        verify_history(verification, auction, bids, history, unanswered.get(auction, 0) if alone else None)

    async def check_member(member: str, bids: list[Acknowledgement]) -> None:
        answer = await api.get("/v1/me", await tokens.get(member, "member"), position=position)
        own = msgspec.json.decode(answer.body, type=OwnState).auctions
        verify_maxima(verification, member, bids, own, voided)

    await gather_bounded(check_auction(auction, bids) for auction, bids in by_auction.items())
    await gather_bounded(check_member(member, bids) for member, bids in by_member.items())
    return verification
