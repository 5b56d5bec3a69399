"""An auction's life, whatever its format: draft → scheduled → open ⇄ paused → settled | unsold | cancelled.
Between open and settled one with several winners is closing, while they pay.

Deadlines stand in the agenda, but every function here begins with ``find``, which first does what the
auction's own deadlines ask for at this instant: a late tick lets no late bid in.
"""

from collections.abc import Collection

from engine.agenda import Duty
from engine.auction import clearing, departures, sale
from engine.auction.ascending_clock import stop_of
from engine.auction.price_clock import entry_of
from engine.auction.state import (
    CANCELLED,
    CLOSING,
    DRAFT,
    OPEN,
    PAUSED,
    RUNNING,
    SCHEDULED,
    UNSOLD,
    Auction,
    Bidder,
    Pieces,
    subject_of,
)
from engine.commands import (
    AscendingClock,
    CancelAuction,
    Dutch,
    Eligibility,
    ExtendAuction,
    OpenAuction,
    PauseAuction,
    ResumeAuction,
    ScheduleAuction,
)
from engine.errors import Rejection
from engine.events import AuctionChanged, AuctionUnsold, LeadLost
from engine.members import Member
from engine.program import Program
from engine.results import AuctionSet
from engine.units import MAXIMUM_TIME, NEVER

FOLLOWED = 100
"""How many auctions a member's own list keeps at least. At each multiple of twice as many the oldest go, live
ones last, and never one in which its points are at stake."""

SETTLED_AT_ONCE = 1_000
"""How many pieces' buyers may have to pay, at the most, before one member has its points back from auctions
that have ended; those past it come in the agenda's turn."""


def find(program: Program, id: str, at: int) -> Auction:
    """The auction, after what its deadlines ask for at ``at`` ms was done. Raises
    ``Rejection("unknown_auction")``."""
    auction = program.auctions.get(id)
    if auction is None:
        raise Rejection("unknown_auction", f"There is no auction {id!r}.", auction=id)
    if auction.status == SCHEDULED and at >= auction.terms.starts_at:
        _open(program, auction, auction.terms.starts_at)
    if auction.status == OPEN and at >= _due_at(auction):
        close(program, auction, at)
    if auction.status == CLOSING:
        clearing.settle_winners(program, auction, at)
    return auction


def find_open(program: Program, id: str, at: int) -> Auction:
    """The auction, which is open at ``at`` ms. Raises ``Rejection`` that says why it is not."""
    auction = find(program, id, at)
    if auction.status == OPEN:
        return auction
    if auction.status == PAUSED:
        raise Rejection("auction_paused", "This auction is paused; bids are taken again when it resumes.")
    if auction.ended_at:
        raise Rejection(
            "auction_closed", "This auction has closed.", status=auction.status, ended_at=auction.ended_at
        )
    raise Rejection(
        "auction_not_open",
        "This auction has not opened yet.",
        status=auction.status,
        starts_at=auction.terms.starts_at,
    )


def check_wins(program: Program, campaign: str, member: Member, at: int) -> None:
    """Raises ``Rejection("win_limit_reached")`` where another lead would be one too many."""
    if not program.wins.may_win(campaign, member.id):
        close_led(program, member, at)
        program.wins.check(campaign, member.id)


def close_led(program: Program, member: Member, at: int) -> None:
    """Does for the member what auctions that it leads, or has a hold in, are due to: where the agenda is
    behind, points and wins may still hang there."""
    if program.agenda.next_at > at:
        return
    units = SETTLED_AT_ONCE
    for id in member.auctions:
        auction = program.auctions.get(id)
        if auction is None or not _binds(program, auction, member):
            continue
        units -= 1 + (auction.pieces.supply if auction.pieces is not None else 0)
        if units < 0:
            return
        find(program, id, at)
        if auction.pieces is not None:
            departures.drop_if_out(program, auction, auction.pieces, member.id, at)
            clearing.settle_member(program, auction, member, at)


def find_in(program: Program, id: str, at: int, statuses: Collection[str]) -> Auction:
    """As ``find``, for an auction in one of ``statuses``. Raises ``Rejection("wrong_status")`` too."""
    auction = find(program, id, at)
    if auction.status not in statuses:
        wanted = " or ".join(sorted(statuses))
        raise Rejection(
            "wrong_status", f"The auction is {auction.status}; it must be {wanted}.", status=auction.status
        )
    return auction


def schedule(program: Program, command: ScheduleAuction, actor: str, at: int) -> AuctionSet:
    """draft → scheduled; a price clock whose start has passed opens now, so that nobody misses its beginning.
    Raises ``Rejection``: ``wrong_status``, ``already_past``."""
    auction = find_in(program, command.auction, at, (DRAFT,))
    if has_clock(auction) and auction.terms.starts_at <= at:
        return open_now(program, OpenAuction(auction.id), actor, at)
    check_ahead(auction.ends_at, at)
    auction.status = SCHEDULED
    program.live[auction.id] = None
    program.agenda.post(auction.terms.starts_at, Duty.OPEN_AUCTION, auction.id)
    return changed(program, auction)


def open_now(program: Program, command: OpenAuction, actor: str, at: int) -> AuctionSet:
    """draft or scheduled → open, now; one with a price clock keeps its length. Raises ``Rejection``:
    ``wrong_status``, ``already_past``."""
    auction = find_in(program, command.auction, at, (DRAFT, SCHEDULED))
    if has_clock(auction):
        _move_end(auction, at - auction.terms.starts_at)
    else:
        check_ahead(auction.ends_at, at)
    _open(program, auction, at)
    return AuctionSet(auction.id, auction.status, auction.ends_at)


def extend(program: Program, command: ExtendAuction, actor: str, at: int) -> AuctionSet:
    """Moves the end and the hard stop of a running auction. Raises ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, RUNNING)
    _move_end(auction, command.extension)
    return changed(program, auction)


def pause(program: Program, command: PauseAuction, actor: str, at: int) -> AuctionSet:
    """open → paused. Raises ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, (OPEN,))
    auction.status = PAUSED
    auction.paused_at = at
    return changed(program, auction)


def resume(program: Program, command: ResumeAuction, actor: str, at: int) -> AuctionSet:
    """paused → open; end, hard stop and price clock move by the pause. Raises
    ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, (PAUSED,))
    paused_for = at - auction.paused_at
    _move_end(auction, paused_for)
    auction.status = OPEN
    auction.paused_at = 0
    if auction.pieces is not None:
        auction.pieces.paused_for += paused_for
        auction.pieces.stops_at = min(auction.pieces.stops_at + paused_for, MAXIMUM_TIME)
        departures.await_next(program, auction, auction.pieces)
    program.agenda.post(_due_at(auction), Duty.CLOSE_AUCTION, auction.id)
    return changed(program, auction)


def cancel(program: Program, command: CancelAuction, actor: str, at: int) -> AuctionSet:
    """Ends an auction that has not ended, without a sale. Raises ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, (DRAFT, SCHEDULED, OPEN, PAUSED))
    leader = auction.leader
    if auction.pieces is not None:
        clearing.cancel(program, auction, auction.pieces, at)
        return AuctionSet(auction.id, auction.status, auction.ends_at)
    if leader:
        sale.release_lead(program, auction, at)
        program.events.append(LeadLost(auction.id, leader, auction.price, voided=True))
    sale.end(program, auction, CANCELLED, at, at)
    return AuctionSet(auction.id, auction.status, auction.ends_at)


def close_softly(auction: Auction, at: int) -> None:
    """Moves the end of an auction with a soft close in which a bid was just placed; never past its hard
    stop.

    ``append``: the window is the last ``window`` ms before the current end, its first instant included.
    """
    soft_close = auction.terms.soft_close
    assert soft_close is not None
    left = auction.ends_at - at
    if soft_close.flavour == "append":
        later = auction.ends_at + soft_close.extension if left <= soft_close.window else 0
    else:
        later = at + soft_close.extension if left < soft_close.window else 0
    later = min(later, auction.hard_stop)
    if later > auction.ends_at:
        auction.ends_at = later


def close(program: Program, auction: Auction, at: int) -> None:
    """The auction's end was reached: a sale to the leader, if the reserve is met; other formats clear."""
    if auction.pieces is not None:
        _clear(program, auction, auction.pieces, at)
        return
    if auction.leader and auction.reserve_met:
        bid = auction.standing_bid(auction.leader)
        assert bid is not None
        sale.settle(program, auction, sale.price_for(auction.price, bid.factor), auction.ends_at)
        return
    leader = auction.leader
    if leader:
        sale.release_lead(program, auction, at)
    sale.end(program, auction, UNSOLD, auction.ends_at, at)
    program.events.append(AuctionUnsold(auction.id, leader))


def admit(program: Program, auction: Auction, member: Member, bid: int = 0) -> Bidder:
    """Enters a new bidder, with the next number, and its first ``bid`` if that is what makes it one; the
    auction gets a place in the member's own list."""
    bidders = auction.bidders
    bidders[member.id] = bidder = Bidder(len(bidders) + 1, bid, 1 if bid else 0)
    followed = member.auctions
    followed += (auction.id,)
    member.auctions = followed
    if len(followed) % (2 * FOLLOWED) == 0:
        old, recent = followed[:-FOLLOWED], followed[-FOLLOWED:]
        live = tuple([id for id in old if id in program.live])
        led = tuple([id for id in live[: -FOLLOWED // 2] if _binds(program, program.auctions[id], member)])
        member.auctions = led + live[-FOLLOWED // 2 :] + recent
    return bidder


def check_eligible(eligibility: Eligibility, member: Member, noun: str = "auction") -> None:
    """Whether the member may take part in this ``noun``. Raises ``Rejection("not_eligible")`` that names what
    is asked for and what the member has."""
    for name, wanted, own in (
        ("tiers", eligibility.tiers, (member.tier,)),
        ("markets", eligibility.markets, (member.market,)),
        ("segments", eligibility.segments, member.segments),
    ):
        if wanted and not any(value in wanted for value in own):
            raise Rejection(
                "not_eligible",
                f"This {noun} is for {name} {', '.join(wanted)}; yours: {', '.join(own) or 'none'}.",
                dimension=name,
                wanted=list(wanted),
            )


def do_open(program: Program, id: str, at: int) -> None:
    """The agenda's ``OPEN_AUCTION``."""
    if id in program.auctions:
        find(program, id, at)


def do_close(program: Program, id: str, at: int) -> None:
    """The agenda's ``CLOSE_AUCTION``: an end that has moved meanwhile is awaited again."""
    auction = program.auctions.get(id)
    if auction is not None and auction.status == OPEN:
        if _due_at(auction) > at:
            program.agenda.post(_due_at(auction), Duty.CLOSE_AUCTION, id)
        else:
            close(program, auction, at)


def do_forget(program: Program, id: str, at: int) -> None:
    """The agenda's ``FORGET_AUCTION``. An open offer keeps the auction a little longer, and so do points that
    hang there still."""
    auction = program.auctions.get(id)
    if auction is None or not auction.ended_at:
        return
    if not clearing.is_cleared(auction):
        program.agenda.post(at + 1, Duty.FORGET_AUCTION, id)
        return
    if auction.offer is not None:
        program.agenda.post(max(at, auction.offer.lapses_at) + 1, Duty.FORGET_AUCTION, id)
        return
    del program.auctions[id]
    del program.serials[auction.serial]


def has_clock(auction: Auction) -> bool:
    """Whether its price moves by itself."""
    return auction.pieces is not None and isinstance(auction.pieces.format, Dutch | AscendingClock)


def check_ahead(ends_at: int, at: int) -> None:
    """Raises ``Rejection("already_past")`` for an end that does not lie ahead."""
    if ends_at <= at:
        raise Rejection(
            "already_past", "The auction's end has passed; update ends_at first.", ends_at=ends_at, now=at
        )


def changed(program: Program, auction: Auction) -> AuctionSet:
    """Tells that an auction changed other than by a bid."""
    program.events.append(AuctionChanged(auction.id, auction.status))
    return AuctionSet(auction.id, auction.status, auction.ends_at)


def _open(program: Program, auction: Auction, opened_at: int) -> None:
    auction.status = OPEN
    program.live[auction.id] = None
    pieces = auction.pieces
    if pieces is not None and isinstance(pieces.format, Dutch | AscendingClock):
        pieces.opened_at = opened_at
        if isinstance(pieces.format, AscendingClock):
            pieces.stops_at = opened_at + entry_of(pieces.format)
    program.agenda.post(_due_at(auction), Duty.CLOSE_AUCTION, auction.id)
    program.events.append(AuctionChanged(auction.id, OPEN))


def _due_at(auction: Auction) -> int:
    """When (ms) an open auction is to be looked at: its end, or where a clock may have stopped."""
    return auction.ends_at if auction.pieces is None else min(auction.ends_at, auction.pieces.stops_at)


def _clear(program: Program, auction: Auction, pieces: Pieces, at: int) -> None:
    """Closes an auction of another format; a clock only if it has stopped."""
    if at >= pieces.stops_at:
        pieces.stops_at = max(pieces.stops_at, stop_of(auction, pieces))
        if _due_at(auction) > at:
            program.agenda.post(_due_at(auction), Duty.CLOSE_AUCTION, auction.id)
            departures.await_next(program, auction, pieces)
            return
    clearing.close(program, auction, pieces, _due_at(auction))


def _binds(program: Program, auction: Auction, member: Member) -> bool:
    """Whether the member has points at stake there."""
    if auction.pieces is None:
        return auction.leader == member.id
    if auction.status == CANCELLED and not clearing.is_cleared(auction):
        return True
    return subject_of(auction, member.id) in program.ledger.holds


def _move_end(auction: Auction, by: int) -> None:
    auction.ends_at = min(auction.ends_at + by, MAXIMUM_TIME)
    if auction.hard_stop != NEVER:
        auction.hard_stop = min(auction.hard_stop + by, MAXIMUM_TIME)
