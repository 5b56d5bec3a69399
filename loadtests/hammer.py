"""What an English auction comes to, by a calculation of its own, and whether that is what was sold.

Written from the rules of automatic bidding alone (design.md §4): bids are played in their order, each against
the leader's maximum.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from loadtests.findings import Verification, conclude
from loadtests.measures import Acknowledgement
from loadtests.preparation import gather_bounded
from loadtests.result import Check
from loadtests.sales import Ended, read_ended, read_points, verify_points
from loadtests.scenario import Stage
from loadtests.verification import read_history


class Hammer(NamedTuple):
    """Who has won, and for how many points; "" and 0: nobody has bid."""

    member: str = ""
    price: int = 0


def play_bids(opening: int, increment: int, bids: Iterable[tuple[str, int]]) -> Hammer:
    """The outcome of bids (member, maximum), in their order, where every bid must be ``increment`` higher.

    >>> play_bids(500, 100, [("A", 500), ("B", 601), ("A", 800), ("B", 1500), ("A", 1502)])
    Hammer(member='A', price=1502)
    """
    leader, highest, price = "", 0, 0
    for member, maximum in bids:
        if not leader:
            leader, highest, price = member, maximum, opening
        elif member == leader:
            highest = max(highest, maximum)
        elif maximum > highest:
            leader, highest, price = member, maximum, min(maximum, highest + increment)
        else:
            price = max(price, min(highest, maximum + increment))
    return Hammer(leader, price)


def verify_hammer(
    verification: Verification, ended: Ended, acknowledged: list[Acknowledgement], increment: int
) -> None:
    """Compares an auction's one sale with what all its bids make, and with the last price that it showed."""
    auction = ended.state.id
    bids = sorted(acknowledged, key=lambda bid: bid.number)
    expected = play_bids(ended.state.opening, increment, ((bid.member, bid.maximum) for bid in bids))
    sold = [Hammer(sale.member, sale.price) for sale in ended.sales]
    verification.sales += len(sold)
    if sold != ([expected] if expected.member else []):
        words = f"{expected.member} for {expected.price}" if expected.member else "nobody"
        found = ", ".join(f"{one.member} for {one.price}" for one in sold) or "nobody"
        verification.report(f"{auction}: its bids make it {words}, it was sold to {found}")
    verify_last_price(verification, ended)


def verify_last_price(verification: Verification, ended: Ended) -> None:
    """What was sold went at the price after the last bid: also where not all bids are known."""
    shown = ended.history[-1].price if ended.history else 0
    for sale in ended.sales:
        if sale.price != shown or sale.paid != shown:
            words = f"the price after its last bid was {shown}, it was sold for {sale.price}"
            verification.report(f"{ended.state.id}: {words}, and {sale.paid} were paid")


def check_sales(
    ended: list[Ended], known: list[Ended], acknowledged: list[Acknowledgement], increment: int
) -> Check:
    """Looks at the sale of every auction that has ended; of those ``known``, all bids were acknowledged to
    this crowd."""
    verification = Verification()
    by_auction: dict[str, list[Acknowledgement]] = defaultdict(list)
    for bid in acknowledged:
        by_auction[bid.auction].append(bid)
    for one in ended:
        if one in known:
            verify_hammer(verification, one, by_auction[one.state.id], increment)
        else:
            verify_last_price(verification, one)
    return conclude("auctions are sold as their bids make it", len(ended), verification)


async def check_released(stage: Stage, auctions: list[str]) -> Check:
    """Nobody's points are held any more for an auction that has ended. Raises ``StormError``."""
    verification, ended = Verification(), set(auctions)

    async def look(member: str) -> None:
        points = await read_points(stage.api, stage.tokens, member, "", ended)
        verify_points(verification, member, points, ended)

    await gather_bounded(look(member) for member in stage.members)
    return conclude("nothing is held for what has ended", len(stage.members), verification)


async def read_all_ended(stage: Stage, auctions: list[str]) -> list[Ended]:
    """State, history and sales of auctions that have ended. Raises ``StormError``."""
    token = await stage.tokens.get(stage.members[0], "member")

    async def read(auction: str) -> Ended:
        history = await read_history(stage.api, token, auction)
        return await read_ended(stage.api, stage.tokens, auction, history)

    return await gather_bounded(read(auction) for auction in auctions)
