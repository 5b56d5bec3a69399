"""What auctions of other formats than English come to, by a calculation of its own.

It is written from what the formats promise, for few bids, and without looking at the engine: prices are
walked step by step, bids are sorted at the end. Reserves, eligibility and pauses are not in it, since storms'
auctions have none.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from loadtests.wire import AuctionState, Pieces, PriceClock


class FinalBid(msgspec.Struct, frozen=True):
    """A member's last bid: ``maximum`` points a piece. ``number`` is its own in the auction's history,
    ``since`` the one that places it among equal bids. ``gone``: its member left the clock by itself."""

    member: str
    maximum: int
    number: int
    since: int
    quantity: int = 1
    partial: bool = False
    gone: bool = False


class Sold(NamedTuple):
    """Pieces that somebody has to have bought, at ``price`` each."""

    member: str
    bid: int
    quantity: int
    price: int


def expect_sales(auction: AuctionState, bids: Iterable[FinalBid], lifted: int = 0) -> list[Sold]:
    """Who buys what once a sealed auction, one of several pieces, or a clock has ended, the best bid first.

    ``lifted``: the highest price that a member saw when it left the clock.
    """
    pieces = auction.pieces or Pieces()
    if pieces.clock is not None:
        return _clear_clock(auction, pieces.clock, pieces.supply, list(bids), lifted)
    if auction.format == "sealed":
        return _clear_sealed(auction.opening, pieces.pricing, list(bids))
    return _clear_pieces(pieces, auction.opening, list(bids))


def price_of_take(auction: AuctionState, clock: PriceClock, at: int) -> int:
    """What a price clock shows at ``at`` ms, walked step by step."""
    price, next_at = auction.opening, clock.opened_at + clock.entry + clock.interval
    while next_at <= at and price != clock.floor:
        price = max(clock.floor, price - clock.step) if clock.floor else price + clock.step
        next_at += clock.interval
    return price


def _clear_sealed(opening: int, pricing: str, bids: list[FinalBid]) -> list[Sold]:
    bids.sort(key=lambda bid: (-bid.maximum, bid.since))
    if not bids:
        return []
    second = bids[1].maximum if len(bids) > 1 else opening
    return [Sold(bids[0].member, bids[0].number, 1, bids[0].maximum if pricing == "first" else second)]


def _clear_pieces(pieces: Pieces, opening: int, bids: list[FinalBid]) -> list[Sold]:
    weigh = pieces.order == "quantity"
    bids.sort(key=lambda bid: (-bid.maximum, -bid.quantity if weigh else 0, bid.since))
    left, full, winners, losing = pieces.supply, False, [], opening
    for bid in bids:
        share = 0 if full else bid.quantity if bid.quantity <= left else left if bid.partial else 0
        if share:
            winners.append((bid, share))
        if share < bid.quantity:
            losing = max(losing, bid.maximum)
            full = True
        left -= share
    lowest = min((bid.maximum for bid, _ in winners), default=opening)
    uniform = {"lowest_winning": lowest, "highest_losing": losing}.get(pieces.pricing)
    return [Sold(bid.member, bid.number, share, uniform or bid.maximum) for bid, share in winners]


def _clear_clock(
    auction: AuctionState, clock: PriceClock, supply: int, bids: list[FinalBid], lifted: int
) -> list[Sold]:
    """The price rises from step to step until few enough are in, or the auction's end cuts it short."""
    bids = sorted((bid for bid in bids if not bid.gone), key=lambda bid: (-bid.maximum, bid.since))
    last = clock.steps_at(auction.ends_at)
    step, price = 0, auction.opening
    while step < last and (sum(bid.maximum >= price for bid in bids) > supply or price < lifted):
        step, price = step + 1, price + clock.step
    staying = sum(bid.maximum >= price for bid in bids)
    stopped = staying <= supply and price >= lifted
    if stopped and staying < min(supply, len(bids)) and step and price - clock.step >= lifted:
        price -= clock.step
    winners = [bid for bid in bids if bid.maximum >= price][:supply]
    return [Sold(bid.member, bid.number, 1, price) for bid in winners]
