"""Our prices beside the recorded ones, and what is likely to be behind each difference.

A file holds bids, but not all that made a price: hidden reserves, withdrawn bids and bids that went
unrecorded can only be told from where the recorded price lies against what the bids can yield.
"""

from typing import NamedTuple

from rich.markup import escape
from rich.table import Table

from engine.auction.increments import DEFAULT_TABLE
from gateway.recorded.playback import Played
from gateway.recorded.recording import RecordedAuction, RecordedBid, Recording


class Comparison(NamedTuple):
    """One auction: ``price`` is ours, 0 if it was not sold; ``highest`` the file's highest maximum; both in
    cents. ``reason`` is empty where the prices are equal.
    """

    auction: RecordedAuction
    bids: int
    price: int
    highest: int
    reason: str

    @property
    def difference(self) -> int:
        """By how much the recorded price is above ours, in cents; below: negative."""
        return self.auction.final - self.price


def compare(recording: Recording, played: Played) -> list[Comparison]:
    """All auctions, in the file's order."""
    bids: dict[str, list[RecordedBid]] = {}
    for bid in recording.bids:
        bids.setdefault(bid.auction, []).append(bid)
    refused = {bid.auction for bid in played.refused.get("bid_too_low", ())}
    comparisons = []
    for auction in recording.auctions.values():
        price = played.prices.get(auction.id, 0)
        maxima = _rank_maxima(bids[auction.id])
        reason = _explain(auction, price, maxima, auction.id in refused) if price != auction.final else ""
        comparisons.append(Comparison(auction, len(bids[auction.id]), price, maxima[0], reason))
    return comparisons


def _rank_maxima(bids: list[RecordedBid]) -> list[int]:
    """Each bidder's highest maximum, the highest first."""
    highest: dict[str, int] = {}
    for bid in bids:
        highest[bid.bidder] = max(highest.get(bid.bidder, 0), bid.maximum)
    return sorted(highest.values(), reverse=True)


def _explain(auction: RecordedAuction, price: int, maxima: list[int], refused: bool) -> str:
    final, highest = auction.final, maxima[0]
    if final > highest:
        return f"{_money(final - highest)} above the highest maximum: a bid is not in the file"
    if final < price:
        return f"{_money(price - final)} less than the bids yield: a bid was withdrawn"
    if len(maxima) > 1 and final == min(highest, maxima[1] + DEFAULT_TABLE.at(maxima[1])):
        if refused:
            return "a bid below the least that would do was taken"
        return "the winner's later raise of its own maximum moved the price"
    if final == highest:
        return "a hidden reserve, at or above the highest maximum"
    return "a hidden reserve at this price"


def tabulate(comparisons: list[Comparison], title: str) -> Table:
    """A table of these auctions; prices in units of 100 cents."""
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None)
    table.add_column("auction", no_wrap=True)
    table.add_column("item")
    for name in ("bids", "ours", "recorded", "difference", "highest"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("likely reason")
    for one in comparisons:
        table.add_row(
            one.auction.id,
            escape(one.auction.item),
            str(one.bids),
            _money(one.price) if one.price else "unsold",
            _money(one.auction.final) if one.auction.final else "unsold",
            f"{'+' if one.difference > 0 else '-'}{_money(abs(one.difference))}" if one.difference else "",
            _money(one.highest),
            one.reason,
        )
    return table


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02}"
