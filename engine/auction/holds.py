"""A member's hold in an auction in which every bidder has one.

A sealed hold is counted apart, so that nobody but its member learns of it (``Ledger.sealed``).
"""

from engine.auction.sale import price_for
from engine.auction.state import Auction, Bid, subject_of
from engine.members import Lot, Member
from engine.program import Program
from engine.units import ONE


def amount_for(maximum: int, factor: int, quantity: int) -> int:
    """The points to hold for a bid on its own terms."""
    return (maximum if factor <= ONE else price_for(maximum, factor)) * quantity


def held_by(program: Program, auction: Auction, member: str) -> int:
    """What the member's bid holds; 0 for none."""
    subject = subject_of(auction, member)
    return program.ledger.held_for(subject) if subject in program.ledger.holds else 0


def change_hold(program: Program, auction: Auction, member: Member, held: int, amount: int) -> None:
    """Makes the member hold ``amount`` points instead of ``held``; more must be available."""
    ledger = program.ledger
    subject = f"{auction.id}/{member.id}"
    if auction.standing.sealed and held:
        ledger.count_sealed(subject, -1)
    if not held:
        ledger.hold(subject, member, amount)
    elif amount > held:
        ledger.extend_hold(subject, amount - held)
    elif amount < held:
        ledger.shrink_hold(subject, amount, program.at)
    if auction.standing.sealed:
        ledger.count_sealed(subject, 1)


def release_hold(program: Program, auction: Auction, member: str, at: int) -> int:
    """Releases what the member's bid holds, if it still does, and its place among those that may win; returns
    the points."""
    subject, amount = subject_of(auction, member), held_by(program, auction, member)
    if amount:
        if auction.standing.sealed:
            program.ledger.count_sealed(subject, -1)
        program.ledger.release(subject, at)
        program.wins.count(auction.terms.campaign, member, -1)
    return amount


def capture_hold(
    program: Program, auction: Auction, bid: Bid, amount: int, at: int
) -> tuple[int, tuple[Lot, ...]]:
    """Spends ``amount`` points of what a bid holds, but no more than that, and releases the rest; returns
    what was spent, and the parts of lots."""
    subject = subject_of(auction, bid.member)
    paid = min(program.ledger.held_for(subject), amount)
    if auction.standing.sealed:
        program.ledger.count_sealed(subject, -1)
    return paid, program.ledger.capture(subject, paid, at)
