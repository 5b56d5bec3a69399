"""After the end: refunds, and second chances for the runner-up.

After a refund, or when an auction went unsold, a manager may offer it to the best bidder that has not had the
chance yet, at that bidder's own maximum; accepting takes the points at once.
"""

from engine.agenda import Duty
from engine.auction import lifecycle
from engine.auction.sale import price_for
from engine.auction.state import SETTLED, UNSOLD, Auction, Bid, Offer, Sale, bid_of
from engine.commands import AcceptSecondChance, DeclineSecondChance, OfferSecondChance, RefundAuction
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


def refund(program: Program, command: RefundAuction, actor: str, at: int) -> Refunded:
    """Gives the winner its points back. Raises ``Rejection``: ``wrong_status``, ``already_refunded``."""
    auction = lifecycle.find_in(program, command.auction, at, (SETTLED,))
    sale = auction.sale
    assert sale is not None
    if sale.refunded_at:
        raise Rejection("already_refunded", "The winner was refunded before.", refunded_at=sale.refunded_at)
    program.ledger.refund(program.members.get(sale.member), sale.parts, at)
    sale.parts = ()
    sale.refunded_at = at
    auction.excluded.append(sale.member)
    program.wins.count(auction.terms.campaign, sale.member, -1)
    program.events.append(PointsRefunded(sale.member, sale.paid))
    program.events.append(AuctionRefunded(auction.id, sale.member, sale.paid))
    return Refunded(auction.id, sale.paid)


def offer_second_chance(program: Program, command: OfferSecondChance, actor: str, at: int) -> OfferMade:
    """Offers the auction to the runner-up. Raises ``Rejection``: ``wrong_status``, ``no_runner_up``."""
    auction = lifecycle.find_in(program, command.auction, at, (UNSOLD, SETTLED))
    if auction.sale is not None and not auction.sale.refunded_at:
        raise Rejection(
            "wrong_status", "The auction is sold; refund the winner first.", status=auction.status
        )
    if auction.offer is not None:
        _lapse(program, auction, at)
    if auction.offer is not None:
        raise Rejection("wrong_status", "Another offer is open.", lapses_at=auction.offer.lapses_at)
    bid = _runner_up(auction)
    if bid is None:
        raise Rejection("no_runner_up", "There is no further bidder to offer this auction to.")
    lapses_at = at + program.settings.offer_lapses_after
    auction.offer = Offer(bid.member, bid.maximum, bid.factor, lapses_at)
    auction.excluded.append(bid.member)
    program.agenda.post(lapses_at, Duty.LAPSE_OFFER, auction.id)
    program.events.append(SecondChanceOffered(auction.id, bid.member, bid.maximum, lapses_at))
    return OfferMade(auction.id, auction.number_of(bid.member), bid.maximum, lapses_at)


def accept_second_chance(program: Program, command: AcceptSecondChance, actor: str, at: int) -> Purchased:
    """The member takes its offer. Raises ``Rejection``: ``no_offer``, ``insufficient_points``,
    ``win_limit_reached``."""
    auction, offer = _own_offer(program, command.auction, command.member or actor, at)
    member = program.members.get(offer.member)
    program.ledger.expire(member, at)
    paid = price_for(offer.price, offer.factor)
    lifecycle.check_wins(program, auction.terms.campaign, member, at)
    check_points(program, member, paid, at)
    parts = program.ledger.spend(member, paid)
    program.wins.count(auction.terms.campaign, member.id, 1)
    auction.sale = Sale(member.id, offer.price, paid, at, parts)
    auction.offer = None
    auction.status = SETTLED
    program.events.append(AuctionWon(auction.id, member.id, offer.price, paid))
    program.events.append(AuctionChanged(auction.id, SETTLED))
    return Purchased(auction.id, offer.price, paid)


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


def _runner_up(auction: Auction) -> Bid | None:
    for rank in reversed(auction.ranking):
        bid = auction.history[bid_of(rank) - 1]
        if bid.member not in auction.excluded:
            return bid
    return None
