"""What staff sees of one member: points, holds, its part in auctions.

Nobody but a member learns of its sealed bids, or of its maxima while an auction runs. So what is held for
auctions is told as one sum (which a member's totals tell anyway), and of an auction that has not ended only
that the member takes part, if everybody's bids in it can be seen. Lots are told only while no sealed bid
stands anywhere: a bid takes points out of the lots that are spent first, and whoever saw which lots were
passed over would know of it.
"""

import msgspec
from msgspec.structs import replace

from engine.answers import HoldView, LotView, MemberBids, OwnAuction
from engine.auction.state import RUNNING, Auction
from engine.auction.views import own_auction
from engine.members import Member
from engine.program import Program
from engine.units import NEVER
from engine.views import view_member

AUCTIONS = "auctions"
"""The subject of what is held for all auctions together."""


class StaffPoints(msgspec.Struct, frozen=True):
    """A member's points as staff sees them: sealed bids count as available.

    ``lots`` are left out (null) while bids are sealed in an auction, the last of which ends at
    ``hidden_until`` (ms) unless it is extended. ``holds`` has redemptions that await their payment, and as
    ``auctions`` what is held for all auctions together.
    """

    member: str
    issued: int
    available: int
    held: int
    spent: int
    expired: int
    lots: list[LotView] | None
    hidden_until: int
    holds: list[HoldView]


def view_staff_points(program: Program, id: str) -> StaffPoints:
    """A member's points. Raises ``Rejection("unknown_member")``."""
    member, sums = program.members.get(id), view_member(program, id)
    hidden_until = max((one.ends_at for one in _live(program) if one.hides_bids), default=0)
    holds = _redemption_holds(program, member)
    others = sums.held - sum(hold.points for hold in holds)
    if others:
        holds.append(HoldView(AUCTIONS, others))
    return StaffPoints(
        member=id,
        issued=sums.issued,
        available=sums.available,
        held=sums.held,
        spent=sums.spent,
        expired=sums.expired,
        lots=_lots(program, member) if not hidden_until else None,
        hidden_until=hidden_until,
        holds=holds,
    )


def list_staff_bids(program: Program, id: str) -> MemberBids:
    """A member's auctions, newest first: those that have ended in full; of others, where bids are not sealed,
    that it takes part. Raises ``Rejection("unknown_member")``."""
    member = program.members.get(id)
    found = (program.auctions.get(one) for one in dict.fromkeys(reversed(member.auctions)))
    return MemberBids(
        id,
        [
            _show(program, auction, id)
            for auction in found
            if auction is not None and id in auction.bidders and (auction.ended_at or not auction.hides_bids)
        ],
    )


def _show(program: Program, auction: Auction, id: str) -> OwnAuction:
    view = own_auction(program, auction, id)
    if auction.ended_at:
        return view
    return replace(view, bidder=0, maximum=0, leading=False, factor=0, quantity=0, partial=False, share=0)


def _live(program: Program) -> list[Auction]:
    live = (program.auctions[id] for id in program.live)
    return [auction for auction in live if auction.status in RUNNING]


def _lots(program: Program, member: Member) -> list[LotView]:
    return [
        LotView(lot.earned_at, 0 if lot.expires_at == NEVER else lot.expires_at, lot.points)
        for lot in member.lots
        if lot.expires_at > program.at
    ]


def _redemption_holds(program: Program, member: Member) -> list[HoldView]:
    ledger = program.ledger
    waiting = (program.redemptions.get(id) for id in member.redemptions)
    subjects = [one.subject for one in waiting if one is not None]
    return [HoldView(subject, ledger.held_for(subject)) for subject in subjects if subject in ledger.holds]
