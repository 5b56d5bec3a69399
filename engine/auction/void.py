"""Voiding a bid: it is taken out, and price and leader follow from what is left.

In an English auction, that is; in the others the bid's hold is released, or its purchase refunded, and what
follows from it the formats say (their modules' docstrings).

Each remaining bidder counts with its highest standing maximum. Who has lost the lead holds no points any
more, so a new leader must be held again; whoever cannot be (its points are spent elsewhere, or it has reached
its limit of wins) drops out with all its bids.
"""

from bisect import bisect_left

from engine.auction import clearing, departures, english, lifecycle, multi_unit, sale
from engine.auction.holds import release_hold
from engine.auction.price_clock import price_at
from engine.auction.state import (
    DROPPED,
    RUNNING,
    STANDING,
    VOID,
    Auction,
    Bid,
    Pieces,
    bid_of,
    rank_of,
    rank_of_member,
)
from engine.commands import AscendingClock, Dutch, VoidBid
from engine.errors import Rejection
from engine.events import AuctionChanged, LeadGained, LeadLost
from engine.program import Program
from engine.results import BidVoided

DROPOUT_LIMIT = 4_000
"""Bids that may drop out with a voided one: a few milliseconds of work."""


def void_bid(program: Program, command: VoidBid, actor: str, at: int) -> BidVoided:
    """Takes a standing bid out; price and leader follow from what is left.

    Raises ``Rejection`` ``wrong_status``, ``unknown_bid``, ``bid_not_standing``, ``bid_sealed`` in a sealed
    auction, or ``too_many_dropouts`` where nobody could be found among so many who can be held again.
    """
    auction = lifecycle.find_in(program, command.auction, at, RUNNING)
    if auction.hides_bids:
        raise Rejection(
            "bid_sealed",
            "Bids are sealed until the close. Cancel the auction, or refund its winner after the close.",
        )
    if command.bid > len(auction.history):
        raise Rejection(
            "unknown_bid", f"This auction has {len(auction.history)} bids.", bids=len(auction.history)
        )
    bid = auction.history[command.bid - 1]
    if auction.pieces is not None:
        departures.drop_if_out(program, auction, auction.pieces, bid.member, at)
    if bid.fate != STANDING:
        raise Rejection("bid_not_standing", "This bid was taken out before.", bid=command.bid)
    if auction.pieces is not None:
        return _void_in_pieces(program, auction, auction.pieces, bid, command.bid, at)
    previous = auction.leader
    if bid.member == previous and bid.maximum == auction.leader_maximum:
        successor, dropped = _find_successor(program, auction, command.bid, at)
        _take_out(auction, command.bid)
        _drop_out(auction, dropped)
        _pass_lead(program, auction, successor, at)
    else:
        _take_out(auction, command.bid)
    _find_price(auction)
    program.events.append(AuctionChanged(auction.id, auction.status))
    if auction.leader != previous:
        program.events.append(LeadLost(auction.id, previous, auction.price, voided=True))
        if auction.leader:
            program.events.append(LeadGained(auction.id, auction.leader, auction.price))
    leader = auction.number_of(auction.leader)
    return BidVoided(auction.id, auction.price, leader)


def _void_in_pieces(
    program: Program, auction: Auction, pieces: Pieces, bid: Bid, number: int, at: int
) -> BidVoided:
    bid.fate = VOID
    if isinstance(pieces.format, Dutch):
        taken = next(one for one in pieces.sales if one.bid == number)
        clearing.take_back(program, auction, pieces, taken, at)
    else:
        auction.standing.take_out(rank_of_member(auction, bid.member))
        auction.bidders[bid.member].last = 0
        release_hold(program, auction, bid.member, at)
        program.events.append(LeadLost(auction.id, bid.member, bid.maximum, voided=True))
    if isinstance(pieces.format, AscendingClock):
        pieces.lifted = price_at(auction, pieces, at)
        departures.look_again(program, auction, at)
    elif auction.standing.supply:
        multi_unit.find_price(auction)
    program.events.append(AuctionChanged(auction.id, auction.status))
    return BidVoided(auction.id, auction.price, 0)


def _find_successor(program: Program, auction: Auction, voided: int, at: int) -> tuple[Bid | None, list[str]]:
    """The highest standing bid, other than ``voided``, whose member can be held for it; and the members above
    it, who cannot."""
    dropped: dict[str, None] = {}
    bids = 0
    for rank in reversed(auction.ranking):
        number = bid_of(rank)
        bid = auction.history[number - 1]
        if number == voided or bid.member in dropped:
            continue
        if _can_lead(program, auction, bid, at):
            return bid, list(dropped)
        dropped[bid.member] = None
        bids += auction.bidders[bid.member].count
        if bids > DROPOUT_LIMIT:
            raise Rejection(
                "too_many_dropouts",
                f"Of the {len(dropped)} highest bidders that are left nobody can pay any more; "
                "cancel the auction instead.",
                bidders=len(dropped),
            )
    return None, list(dropped)


def _can_lead(program: Program, auction: Auction, bid: Bid, at: int) -> bool:
    """Whether a bidder can be held for this bid; a leader keeps its lead, and what it holds counts."""
    member = program.members.get(bid.member)
    program.ledger.expire(member, at)
    if bid.member == auction.leader:
        return member.available + program.ledger.held_for(auction.id) >= _amount_for(bid)
    return member.available >= _amount_for(bid) and program.wins.may_win(auction.terms.campaign, member.id)


def _amount_for(bid: Bid) -> int:
    """The points to hold for a bid, on its own terms."""
    return max(bid.maximum, sale.price_for(bid.maximum, bid.factor))


def _take_out(auction: Auction, number: int) -> None:
    bid = auction.history[number - 1]
    bid.fate = VOID
    _unlink(auction, bid.member, number)
    del auction.ranking[bisect_left(auction.ranking, rank_of(bid.maximum, number))]


def _unlink(auction: Auction, member: str, number: int) -> None:
    """Takes a bid out of its bidder's chain of standing bids."""
    bidder = auction.bidders[member]
    before = auction.history[number - 1].before
    if bidder.last == number:
        bidder.last = before
        return
    later = auction.history[bidder.last - 1]
    while later.before != number:
        later = auction.history[later.before - 1]
    later.before = before


def _drop_out(auction: Auction, members: list[str]) -> None:
    """Takes all standing bids of these members out."""
    gone: set[int] = set()
    for member in members:
        bidder = auction.bidders[member]
        number, bidder.last = bidder.last, 0
        while number:
            bid = auction.history[number - 1]
            bid.fate = DROPPED
            gone.add(rank_of(bid.maximum, number))
            number = bid.before
    if gone:
        auction.ranking = [rank for rank in auction.ranking if rank not in gone]


def _pass_lead(program: Program, auction: Auction, bid: Bid | None, at: int) -> None:
    """Makes this bid lead, or nobody."""
    ledger = program.ledger
    if bid is None or bid.member != auction.leader:
        sale.release_lead(program, auction, at)
        if bid is not None:
            member = program.members.get(bid.member)
            ledger.hold(auction.id, member, _amount_for(bid))
            english.take_lead(program, auction, member, bid.maximum)
        return
    # Not released and held anew: points of lots that expired meanwhile would be lost on the way.
    amount, held = _amount_for(bid), ledger.held_for(auction.id)
    if amount > held:
        ledger.extend_hold(auction.id, amount - held)
    elif amount < held:
        ledger.shrink_hold(auction.id, amount, at)
    auction.leader_maximum = bid.maximum


def _find_price(auction: Auction) -> None:
    """The price that the standing maxima make: min(H, S + inc(S)); alone, the opening price; then the
    reserve."""
    auction.price = auction.terms.opening
    for rank in reversed(auction.ranking):
        bid = auction.history[bid_of(rank) - 1]
        if bid.member != auction.leader:
            auction.price = min(auction.leader_maximum, bid.maximum + auction.increments.at(bid.maximum))
            break
    english.lift_to_reserve(auction)
    if not auction.leader:
        auction.minimum = auction.terms.opening
