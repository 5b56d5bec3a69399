"""Members that leave an ascending clock: they fall out when the price passes their maximum, or say out.

Whoever is out holds nothing any more. The agenda's ``DROP_OUT`` makes that prompt; who wins is decided
without it, by maxima.
"""

from engine.agenda import Duty
from engine.auction import ascending_clock
from engine.auction.holds import release_hold
from engine.auction.price_clock import instant_of, price_after, price_at, steps_at, steps_past
from engine.auction.standing import number_in, price_in, rank_bid
from engine.auction.state import LEFT, PAUSED, RUNNING, STANDING, Auction, Pieces, rank_of_member, ranked_bid
from engine.commands import AscendingClock
from engine.events import BidLeft
from engine.program import Program


def do_drop(program: Program, id: str, at: int) -> None:
    """The agenda's ``DROP_OUT``: whoever has the lowest maximum falls out, if the price has passed it."""
    auction = program.auctions.get(id)
    if auction is None or auction.pieces is None or not _runs(auction, auction.pieces, at):
        return
    rank = auction.standing.lowest()
    if rank and price_in(rank) < price_at(auction, auction.pieces, at):
        _drop(program, auction, rank, price_in(rank), at)
    elif auction.status == PAUSED:
        return  # nobody else falls out before it resumes, which asks again
    await_next(program, auction, auction.pieces)


def drop_if_out(program: Program, auction: Auction, pieces: Pieces, member: str, at: int) -> None:
    """Does that for one member, whose points are needed now."""
    if member not in auction.bidders or not _runs(auction, pieces, at):
        return
    bid = auction.standing_bid(member)
    if bid is not None and bid.fate == STANDING and bid.maximum < price_at(auction, pieces, at):
        _drop(program, auction, rank_of_member(auction, member), bid.maximum, at)


def say_out(program: Program, auction: Auction, pieces: Pieces, member: str, at: int) -> int:
    """The member leaves now; returns the price that the clock shows."""
    format = pieces.format
    assert isinstance(format, AscendingClock)
    price, steps = price_at(auction, pieces, at), steps_at(auction, pieces, at)
    agreed = price_after(auction.terms, format, steps - 1) if steps else auction.terms.opening - 1
    _drop(program, auction, rank_of_member(auction, member), agreed, at)
    pieces.lifted = price
    look_again(program, auction, at)
    return price


def look_again(program: Program, auction: Auction, at: int) -> None:
    """Finds anew when an ascending clock stops, where that may be sooner now. It is never put off here: the
    look at the end of the time of entry is what makes members fall out."""
    pieces = auction.pieces
    assert pieces is not None
    before, found = pieces.stops_at, ascending_clock.stop_of(auction, pieces)
    pieces.stops_at = min(before, max(auction.paused_at or at, found))
    if pieces.stops_at < before:
        program.agenda.post(pieces.stops_at, Duty.CLOSE_AUCTION, auction.id)


def await_next(program: Program, auction: Auction, pieces: Pieces) -> None:
    """Asks the agenda for the next one to fall out."""
    format = pieces.format
    lowest = auction.standing.lowest()
    if isinstance(format, AscendingClock) and lowest:
        falls_at = instant_of(pieces, steps_past(auction.terms, format, price_in(lowest)))
        program.agenda.post(max(falls_at, program.at), Duty.DROP_OUT, auction.id)


def _runs(auction: Auction, pieces: Pieces, at: int) -> bool:
    """Whether this is a clock that has not stopped; one that is paused counts as of its pause."""
    shown_at = auction.paused_at or at
    clock = isinstance(pieces.format, AscendingClock) and auction.status in RUNNING
    return clock and shown_at < min(auction.ends_at, pieces.stops_at)


def _drop(program: Program, auction: Auction, rank: int, maximum: int, at: int) -> None:
    """Takes a member out, with what it agreed to last as its ``maximum``."""
    bid = ranked_bid(auction, rank)
    auction.standing.take_out(rank)
    bid.fate, bid.maximum = LEFT, maximum
    auction.standing.left.add(rank_bid(maximum, 0, number_in(rank)))
    release_hold(program, auction, bid.member, at)
    program.events.append(BidLeft(auction.id, bid.member))
