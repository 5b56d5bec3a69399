"""How an auction with a hold a bidder ends: who wins is decided at the close, in as many looks as there are
winners; then the winners pay one by one, and the others' holds are released, in slices through the agenda.

While winners pay the auction is ``closing``; after the last of them it is settled, or unsold. Whoever asks
for the auction meanwhile finds it settled (``settle_winners``), and where a member's points are needed that
hang here still, its turn comes first (``settle_member``).
"""

from typing import Final

from engine.agenda import Duty
from engine.auction import sale
from engine.auction.formats import RULES
from engine.auction.holds import capture_hold, release_hold
from engine.auction.state import (
    CANCELLED,
    CLOSING,
    SETTLED,
    UNSOLD,
    Auction,
    Bid,
    Clearing,
    Pieces,
    Sale,
    ranked_bid,
)
from engine.events import AuctionChanged, AuctionUnsold, AuctionWon, BidLost, PointsRefunded
from engine.members import Member
from engine.program import Program

RELEASED_AT_ONCE: Final = 8
"""Holds that one unit of the agenda looks at: a unit is some ten microseconds of work."""


def close(program: Program, auction: Auction, pieces: Pieces, ended_at: int) -> None:
    """The auction's end was reached, at ``ended_at`` ms: decides who wins."""
    pieces.clearing = RULES[type(pieces.format)].clear(auction, pieces)
    auction.status = CLOSING
    auction.ended_at = ended_at
    auction.price = pieces.clearing.price or auction.price
    program.events.append(AuctionChanged(auction.id, CLOSING))
    _go_on(program, auction, pieces, pieces.clearing)


def cancel(program: Program, auction: Auction, pieces: Pieces, at: int) -> None:
    """Ends the auction without a sale: all holds are released, and who has bought gets its points back."""
    pieces.clearing = Clearing()
    sale.end(program, auction, CANCELLED, at, at)
    program.agenda.post(at, Duty.CLEAR_AUCTION, auction.id)


def do_clear(program: Program, id: str, at: int) -> None:
    """The agenda's ``CLEAR_AUCTION``: one winner pays, or some of the others are released."""
    auction = program.auctions.get(id)
    if auction is None or auction.pieces is None or auction.pieces.clearing is None:
        return
    pieces, clearing = auction.pieces, auction.pieces.clearing
    if clearing.done < clearing.winners:
        _sell_next(program, auction, pieces, clearing, at)
    elif auction.status == CANCELLED and clearing.refunded < len(pieces.sales):
        _take_back(program, auction, pieces, clearing.refunded, at)
        clearing.refunded += 1
    else:
        _release_some(program, auction, clearing, at)
    _go_on(program, auction, pieces, clearing)


def settle_winners(program: Program, auction: Auction, at: int) -> None:
    """Lets all winners pay at once: somebody asks for the auction before the agenda has come to them."""
    pieces = auction.pieces
    if pieces is not None and pieces.clearing is not None:
        while pieces.clearing.done < pieces.clearing.winners:
            _sell_next(program, auction, pieces, pieces.clearing, at)
        _finish(program, auction, pieces, pieces.clearing)


def settle_member(program: Program, auction: Auction, member: Member, at: int) -> None:
    """Does at once what the end of an auction does to one member's points."""
    pieces = auction.pieces
    if pieces is None or pieces.clearing is None or member.id not in auction.bidders:
        return
    settle_winners(program, auction, at)
    if auction.status == CANCELLED:
        for index in auction.bidders[member.id].sales:
            _take_back(program, auction, pieces, index, at)
    _release(program, auction, member.id, at)


def take_back(program: Program, auction: Auction, pieces: Pieces, taken: Sale, at: int) -> None:
    """Gives a buyer its points back; the pieces are unsold again."""
    program.ledger.refund(program.members.get(taken.member), taken.parts, at)
    taken.parts = ()
    taken.refunded_at = at
    pieces.sold -= taken.quantity
    program.wins.count(auction.terms.campaign, taken.member, -1)
    program.events.append(PointsRefunded(taken.member, taken.paid))


def is_cleared(auction: Auction) -> bool:
    """Whether an auction that has ended holds nobody's points any more."""
    pieces = auction.pieces
    if pieces is None or pieces.clearing is None:
        return True
    clearing = pieces.clearing
    refunds = len(pieces.sales) - clearing.refunded if auction.status == CANCELLED else 0
    left = clearing.winners - clearing.done + _losers(auction, clearing) - clearing.released + refunds
    return left == 0


def _go_on(program: Program, auction: Auction, pieces: Pieces, clearing: Clearing) -> None:
    """Asks for more time where work is left."""
    _finish(program, auction, pieces, clearing)
    if not is_cleared(auction):
        program.agenda.post(program.at, Duty.CLEAR_AUCTION, auction.id)


def _finish(program: Program, auction: Auction, pieces: Pieces, clearing: Clearing) -> None:
    """Gives a closing auction its last status once all winners have paid."""
    if auction.status == CLOSING and clearing.done == clearing.winners:
        sale.end(program, auction, SETTLED if pieces.sold else UNSOLD, auction.ended_at, program.at)
        if not pieces.sold:
            program.events.append(AuctionUnsold(auction.id, ""))


def _losers(auction: Auction, clearing: Clearing) -> int:
    return len(auction.standing) - clearing.winners


def _sell_next(program: Program, auction: Auction, pieces: Pieces, clearing: Clearing, at: int) -> None:
    bid = ranked_bid(auction, auction.standing.best(clearing.done))
    clearing.done += 1
    last = clearing.done == clearing.winners
    sell(program, auction, pieces, bid, clearing.price, clearing.last if last else 0, at)


def sell(
    program: Program, auction: Auction, pieces: Pieces, bid: Bid, price: int, quantity: int, at: int
) -> None:
    """Sells to a bid that holds its points: ``quantity`` pieces (0: all that it asked for) at ``price`` each
    (0: its own)."""
    price, quantity = price or bid.maximum, quantity or bid.quantity
    due = sale.price_for(price, bid.factor) * quantity
    paid, parts = capture_hold(program, auction, bid, due, at)
    bidder = auction.bidders[bid.member]
    bidder.sales += (len(pieces.sales),)
    pieces.sales.append(Sale(bid.member, price, paid, auction.ended_at, parts, 0, bidder.last, quantity))
    pieces.sold += quantity
    program.events.append(AuctionWon(auction.id, bid.member, price, paid))


def _take_back(program: Program, auction: Auction, pieces: Pieces, index: int, at: int) -> None:
    taken = pieces.sales[index]
    if not taken.refunded_at:
        take_back(program, auction, pieces, taken, at)


def _release_some(program: Program, auction: Auction, clearing: Clearing, at: int) -> None:
    until = min(clearing.released + RELEASED_AT_ONCE, _losers(auction, clearing))
    for place in range(clearing.released, until):
        bid = ranked_bid(auction, auction.standing.best(clearing.winners + place))
        _release(program, auction, bid.member, at)
    clearing.released = until


def _release(program: Program, auction: Auction, member: str, at: int) -> None:
    if release_hold(program, auction, member, at):
        program.events.append(BidLost(auction.id, member))
