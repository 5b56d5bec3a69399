"""After the end: refunds, and second chances for the runner-up.

After a refund, or when an auction went unsold, a manager may offer it to the best bidder that has not had the
chance yet, at that bidder's own maximum; accepting takes the points at once.
"""

import heapq
from collections.abc import Iterator
from typing import Final

from engine.agenda import Duty
from engine.auction import clearing, lifecycle
from engine.auction.sale import price_for
from engine.auction.state import SETTLED, UNSOLD, Auction, Bid, Offer, Sale, bid_of, ranked_bid, sales_of
from engine.commands import (
    AcceptSecondChance,
    DeclineSecondChance,
    OfferSecondChance,
    RefundAuction,
    RefundSale,
)
from engine.errors import Rejection
from engine.events import (
    AuctionChanged,
    AuctionRefunded,
    AuctionWon,
    PointsRefunded,
    SecondChanceEnded,
    SecondChanceOffered,
)
from engine.funds import check_points
from engine.program import Program
from engine.results import OfferDeclined, OfferMade, Purchased, Refunded

_PASSED_OVER: Final = 4_000
"""How many bids that ask for more than is left one search passes over."""


def refund(program: Program, command: RefundAuction, actor: str, at: int) -> Refunded:
    """Gives the winner its points back. Raises ``Rejection``: ``wrong_status``, ``already_refunded``, and
    ``which_sale`` where there are several winners."""
    auction = lifecycle.find_in(program, command.auction, at, (SETTLED,))
    standing = [sale for sale in sales_of(auction) if not sale.refunded_at]
    if not standing:
        last = max(sale.refunded_at for sale in sales_of(auction))
        raise Rejection("already_refunded", "The winner was refunded before.", refunded_at=last)
    if len(standing) > 1:
        raise Rejection(
            "which_sale", f"There are {len(standing)} winners; name the bid to refund.", sales=len(standing)
        )
    return _take_back(program, auction, standing[0], at)


def refund_sale(program: Program, command: RefundSale, actor: str, at: int) -> Refunded:
    """Gives one of several winners its points back. Raises ``Rejection``: ``wrong_status``, ``unknown_sale``,
    ``already_refunded``."""
    if not command.bid:
        return refund(program, RefundAuction(command.auction, command.reason), actor, at)
    auction = lifecycle.find_in(program, command.auction, at, (SETTLED,))
    sale = next((sale for sale in sales_of(auction) if sale.bid == command.bid), None)
    if sale is None:
        raise Rejection("unknown_sale", f"Bid {command.bid} has won nothing here.", bid=command.bid)
    if sale.refunded_at:
        raise Rejection("already_refunded", "This winner was refunded before.", refunded_at=sale.refunded_at)
    return _take_back(program, auction, sale, at)


def offer_second_chance(program: Program, command: OfferSecondChance, actor: str, at: int) -> OfferMade:
    """Offers what is unsold to the runner-up. Raises ``Rejection``: ``wrong_status``, ``no_runner_up``."""
    auction = lifecycle.find_in(program, command.auction, at, (UNSOLD, SETTLED))
    left = _pieces_left(auction)
    if not left:
        raise Rejection(
            "wrong_status", "The auction is sold; refund the winner first.", status=auction.status
        )
    if auction.offer is not None:
        _lapse(program, auction, at)
    if auction.offer is not None:
        raise Rejection("wrong_status", "Another offer is open.", lapses_at=auction.offer.lapses_at)
    found = _runner_up(auction, left)
    if found is None:
        raise Rejection("no_runner_up", "There is no further bidder to offer this auction to.")
    number, bid = found
    lapses_at = at + program.settings.offer_lapses_after
    quantity = min(bid.quantity, left)
    auction.offer = Offer(bid.member, bid.maximum, bid.factor, lapses_at, number, quantity)
    auction.excluded.append(bid.member)
    program.agenda.post(lapses_at, Duty.LAPSE_OFFER, auction.id)
    program.events.append(SecondChanceOffered(auction.id, bid.member, bid.maximum, lapses_at))
    return OfferMade(auction.id, auction.number_of(bid.member), bid.maximum, lapses_at, quantity)


def accept_second_chance(program: Program, command: AcceptSecondChance, actor: str, at: int) -> Purchased:
    """The member takes its offer. Raises ``Rejection``: ``no_offer``, ``insufficient_points``,
    ``win_limit_reached``."""
    auction, offer = _own_offer(program, command.auction, command.member or actor, at)
    member = program.members.get(offer.member)
    program.ledger.expire(member, at)
    paid = price_for(offer.price, offer.factor) * offer.quantity
    lifecycle.check_wins(program, auction.terms.campaign, member, at)
    check_points(program, member, paid, at)
    parts = program.ledger.spend(member, paid)
    program.wins.count(auction.terms.campaign, member.id, 1)
    _enter_sale(auction, Sale(member.id, offer.price, paid, at, parts, 0, offer.bid, offer.quantity))
    auction.offer = None
    auction.status = SETTLED
    program.events.append(AuctionWon(auction.id, member.id, offer.price, paid))
    program.events.append(AuctionChanged(auction.id, SETTLED))
    return Purchased(auction.id, offer.price, paid)


def _enter_sale(auction: Auction, sale: Sale) -> None:
    if auction.pieces is None:
        auction.sale = sale
        return
    bidder = auction.bidders[sale.member]
    bidder.sales += (len(auction.pieces.sales),)
    auction.pieces.sales.append(sale)
    auction.pieces.sold += sale.quantity


def decline_second_chance(
    program: Program, command: DeclineSecondChance, actor: str, at: int
) -> OfferDeclined:
    """The member does not take its offer. Raises ``Rejection("no_offer")``."""
    auction, offer = _own_offer(program, command.auction, command.member or actor, at)
    auction.offer = None
    program.events.append(SecondChanceEnded(auction.id, offer.member, lapsed=False))
    return OfferDeclined(auction.id)


def do_lapse(program: Program, id: str, at: int) -> None:
    """The agenda's ``LAPSE_OFFER``."""
    auction = program.auctions.get(id)
    if auction is not None:
        _lapse(program, auction, at)


def _lapse(program: Program, auction: Auction, at: int) -> None:
    offer = auction.offer
    if offer is not None and at >= offer.lapses_at:
        auction.offer = None
        program.events.append(SecondChanceEnded(auction.id, offer.member, lapsed=True))


def _own_offer(program: Program, id: str, member: str, at: int) -> tuple[Auction, Offer]:
    auction = lifecycle.find(program, id, at)
    _lapse(program, auction, at)
    if auction.offer is None or auction.offer.member != member:
        raise Rejection("no_offer", "There is no open offer for you; it was taken, declined, or has lapsed.")
    return auction, auction.offer


def _take_back(program: Program, auction: Auction, sale: Sale, at: int) -> Refunded:
    if auction.pieces is not None:
        clearing.take_back(program, auction, auction.pieces, sale, at)
    else:
        program.ledger.refund(program.members.get(sale.member), sale.parts, at)
        sale.parts = ()
        sale.refunded_at = at
        program.wins.count(auction.terms.campaign, sale.member, -1)
        program.events.append(PointsRefunded(sale.member, sale.paid))
    auction.excluded.append(sale.member)
    program.events.append(AuctionRefunded(auction.id, sale.member, sale.paid))
    return Refunded(auction.id, sale.paid)


def _pieces_left(auction: Auction) -> int:
    if auction.pieces is not None:
        return auction.pieces.supply - auction.pieces.sold
    return int(auction.sale is None or auction.sale.refunded_at > 0)


def _runner_up(auction: Auction, left: int) -> tuple[int, Bid] | None:
    """The best bid, and its number, of somebody who has not had the chance yet and whom ``left`` pieces
    satisfy. Who left a clock before the price rose has agreed to none."""
    excluded = set(auction.excluded)
    excluded.update(sale.member for sale in sales_of(auction) if not sale.refunded_at)
    passed_over = 0
    for number in _losing_bids(auction):
        bid = auction.history[number - 1]
        if bid.member in excluded or bid.maximum < auction.terms.opening:
            continue
        if bid.quantity <= left or bid.partial:
            return number, bid
        passed_over += 1
        if passed_over == _PASSED_OVER:
            break
    return None


def _losing_bids(auction: Auction) -> Iterator[int]:
    """The numbers of bids, the best first; those that left a clock are among them."""
    if auction.pieces is None:
        yield from map(bid_of, reversed(auction.ranking))
        return
    standing = auction.standing
    for rank in heapq.merge(standing.from_the_top(), reversed(standing.left), reverse=True):
        yield auction.bidders[ranked_bid(auction, rank).member].last
