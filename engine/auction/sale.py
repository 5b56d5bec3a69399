"""What an auction's end does to points and leads: the winner pays, everybody else has been released.

A winner pays the hammer price on its own terms (``factor``, basis points, fixed with its bid), never more
than is held.
"""

from engine.agenda import Duty
from engine.auction.state import SETTLED, Auction, Sale
from engine.events import AuctionChanged, AuctionWon
from engine.program import Program
from engine.units import MAXIMUM_POINTS, MAXIMUM_TIME, apply_factor


def price_for(hammer: int, factor: int) -> int:
    """What a winner with ``factor`` basis points pays of the hammer price: at least one point."""
    return max(1, min(apply_factor(hammer, factor), MAXIMUM_POINTS))


def settle(program: Program, auction: Auction, price: int, ended_at: int) -> None:
    """Sells to the leader: captures ``price`` points, but never more than its hold, and releases the rest."""
    ledger = program.ledger
    paid = min(ledger.held_for(auction.id), price)
    parts = ledger.capture(auction.id, paid, program.at)
    auction.sale = Sale(auction.leader, auction.price, paid, ended_at, parts)
    end(program, auction, SETTLED, ended_at, program.at)
    program.events.append(AuctionWon(auction.id, auction.leader, auction.price, paid))


def end(program: Program, auction: Auction, status: str, ended_at: int, at: int) -> None:
    """Gives an auction its last status; it is forgotten when the program's retention is over."""
    auction.status = status
    auction.ended_at = ended_at
    program.live.pop(auction.id, None)
    forget_at = min(at + program.settings.auction_retention, MAXIMUM_TIME)
    program.agenda.post(forget_at, Duty.FORGET_AUCTION, auction.id)
    program.events.append(AuctionChanged(auction.id, status))


def release_lead(program: Program, auction: Auction, at: int) -> None:
    """Releases the leader's hold; the auction has no leader after it."""
    program.ledger.release(auction.id, at)
    program.wins.count(auction.terms.campaign, auction.leader, -1)
    auction.leader = ""
    auction.leader_maximum = 0
