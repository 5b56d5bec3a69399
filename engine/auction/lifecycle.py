"""An auction's life, whatever its format: draft → scheduled → open ⇄ paused → settled | unsold | cancelled.

Deadlines stand in the agenda, but every function here begins with ``find``, which first does what the
auction's own deadlines ask for at this instant: a late tick lets no late bid in.
"""

from collections.abc import Collection

from engine.agenda import Duty
from engine.auction import sale
from engine.auction.increments import compile_steps
from engine.auction.state import (
    CANCELLED,
    DRAFT,
    OPEN,
    PAUSED,
    RUNNING,
    SCHEDULED,
    UNSOLD,
    Auction,
    Bidder,
)
from engine.commands import (
    AuctionTerms,
    CancelAuction,
    CreateAuction,
    Eligibility,
    ExtendAuction,
    OpenAuction,
    PauseAuction,
    ResumeAuction,
    ScheduleAuction,
    UpdateAuction,
)
from engine.errors import Rejection
from engine.events import AuctionChanged, AuctionUnsold, LeadLost
from engine.members import Member
from engine.program import Program
from engine.results import AuctionSet
from engine.units import DAY, MAXIMUM_TIME, NEVER

LONGEST = 366 * DAY
"""The longest time between an auction's start and end, in ms."""

FOLLOWED = 100
"""How many auctions a member's own list keeps at least. At each multiple of twice as many the oldest go, live
ones last, and never one that the member leads."""


def find(program: Program, id: str, at: int) -> Auction:
    """The auction, after what its deadlines ask for at ``at`` ms was done. Raises
    ``Rejection("unknown_auction")``."""
    auction = program.auctions.get(id)
    if auction is None:
        raise Rejection("unknown_auction", f"There is no auction {id!r}.", auction=id)
    if auction.status == OPEN:
        if at >= auction.ends_at:
            close(program, auction, at)
    elif auction.status == SCHEDULED and at >= auction.terms.starts_at:
        _open(program, auction)
        if at >= auction.ends_at:
            close(program, auction, at)
    return auction


def check_wins(program: Program, campaign: str, member: Member, at: int) -> None:
    """Raises ``Rejection("win_limit_reached")`` where another lead would be one too many."""
    if not program.wins.may_win(campaign, member.id):
        close_led(program, member, at)
        program.wins.check(campaign, member.id)


def close_led(program: Program, member: Member, at: int) -> None:
    """Closes what the member leads and what has ended: where the agenda is behind, points and wins may still
    hang there."""
    if program.agenda.next_at > at:
        return
    for id in member.auctions:
        auction = program.auctions.get(id)
        if auction is not None and auction.leader == member.id:
            find(program, id, at)


def find_in(program: Program, id: str, at: int, statuses: Collection[str]) -> Auction:
    """As ``find``, for an auction in one of ``statuses``. Raises ``Rejection("wrong_status")`` too."""
    auction = find(program, id, at)
    if auction.status not in statuses:
        wanted = " or ".join(sorted(statuses))
        raise Rejection(
            "wrong_status", f"The auction is {auction.status}; it must be {wanted}.", status=auction.status
        )
    return auction


def create(program: Program, command: CreateAuction, actor: str, at: int) -> AuctionSet:
    """Makes a draft. Raises ``Rejection``: ``auction_exists``, ``invalid_auction``, ``too_many_auctions``."""
    if command.auction in program.auctions:
        raise Rejection(
            "auction_exists", f"There is an auction {command.auction!r} already.", auction=command.auction
        )
    if len(program.auctions) >= program.settings.auctions:
        raise Rejection(
            "too_many_auctions", f"A program may have at most {program.settings.auctions} auctions."
        )
    terms = command.terms
    _check_terms(terms)
    increments = compile_steps(terms.increments) if terms.increments else program.increments
    program.serial += 1
    auction = Auction(
        id=command.auction,
        serial=program.serial,
        terms=terms,
        increments=increments,
        status=DRAFT,
        price=terms.opening,
        minimum=terms.opening,
        reserve=terms.reserve,
        ends_at=terms.ends_at,
        hard_stop=_hard_stop(terms),
    )
    program.auctions[auction.id] = auction
    program.serials[auction.serial] = auction.id
    return _changed(program, auction)


def update(program: Program, command: UpdateAuction, actor: str, at: int) -> AuctionSet:
    """Replaces the terms of a draft or a scheduled auction. Raises ``Rejection``: ``wrong_status``,
    ``invalid_auction``."""
    auction = find_in(program, command.auction, at, (DRAFT, SCHEDULED))
    terms = command.terms
    _check_terms(terms)
    if auction.status == SCHEDULED:
        _check_ahead(terms.ends_at, at)
    auction.increments = compile_steps(terms.increments) if terms.increments else program.increments
    auction.terms = terms
    auction.price = auction.minimum = terms.opening
    auction.reserve = terms.reserve
    auction.ends_at = terms.ends_at
    auction.hard_stop = _hard_stop(terms)
    if auction.status == SCHEDULED:
        program.agenda.post(terms.starts_at, Duty.OPEN_AUCTION, auction.id)
    return _changed(program, auction)


def schedule(program: Program, command: ScheduleAuction, actor: str, at: int) -> AuctionSet:
    """draft → scheduled. Raises ``Rejection``: ``wrong_status``, ``already_past``."""
    auction = find_in(program, command.auction, at, (DRAFT,))
    _check_ahead(auction.ends_at, at)
    auction.status = SCHEDULED
    program.live[auction.id] = None
    program.agenda.post(auction.terms.starts_at, Duty.OPEN_AUCTION, auction.id)
    return _changed(program, auction)


def open_now(program: Program, command: OpenAuction, actor: str, at: int) -> AuctionSet:
    """draft or scheduled → open. Raises ``Rejection``: ``wrong_status``, ``already_past``."""
    auction = find_in(program, command.auction, at, (DRAFT, SCHEDULED))
    _check_ahead(auction.ends_at, at)
    _open(program, auction)
    return AuctionSet(auction.id, auction.status, auction.ends_at)


def extend(program: Program, command: ExtendAuction, actor: str, at: int) -> AuctionSet:
    """Moves the end and the hard stop of a running auction. Raises ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, RUNNING)
    _move_end(auction, command.extension)
    return _changed(program, auction)


def pause(program: Program, command: PauseAuction, actor: str, at: int) -> AuctionSet:
    """open → paused. Raises ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, (OPEN,))
    auction.status = PAUSED
    auction.paused_at = at
    return _changed(program, auction)


def resume(program: Program, command: ResumeAuction, actor: str, at: int) -> AuctionSet:
    """paused → open; end and hard stop move by the pause. Raises ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, (PAUSED,))
    _move_end(auction, at - auction.paused_at)
    auction.status = OPEN
    auction.paused_at = 0
    program.agenda.post(auction.ends_at, Duty.CLOSE_AUCTION, auction.id)
    return _changed(program, auction)


def cancel(program: Program, command: CancelAuction, actor: str, at: int) -> AuctionSet:
    """Ends an auction that has not ended, without a sale. Raises ``Rejection("wrong_status")``."""
    auction = find_in(program, command.auction, at, (DRAFT, SCHEDULED, OPEN, PAUSED))
    leader = auction.leader
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
    """The auction's end was reached: a sale to the leader, if the reserve is met."""
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


def admit(program: Program, auction: Auction, member: Member) -> Bidder:
    """Enters a new bidder, with the next number; the auction gets a place in the member's own list."""
    auction.bidders[member.id] = bidder = Bidder(len(auction.bidders) + 1)
    member.auctions += (auction.id,)
    if len(member.auctions) % (2 * FOLLOWED) == 0:
        old, recent = member.auctions[:-FOLLOWED], member.auctions[-FOLLOWED:]
        live = tuple([id for id in old if id in program.live])
        led = tuple([id for id in live[: -FOLLOWED // 2] if program.auctions[id].leader == member.id])
        member.auctions = led + live[-FOLLOWED // 2 :] + recent
    return bidder


def check_eligible(eligibility: Eligibility, member: Member) -> None:
    """Raises ``Rejection("not_eligible")`` that names what is asked for and what the member has."""
    for name, wanted, own in (
        ("tiers", eligibility.tiers, (member.tier,)),
        ("markets", eligibility.markets, (member.market,)),
        ("segments", eligibility.segments, member.segments),
    ):
        if wanted and not any(value in wanted for value in own):
            raise Rejection(
                "not_eligible",
                f"This auction is for {name} {', '.join(wanted)}; yours: {', '.join(own) or 'none'}.",
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
        if auction.ends_at > at:
            program.agenda.post(auction.ends_at, Duty.CLOSE_AUCTION, id)
        else:
            close(program, auction, at)


def do_forget(program: Program, id: str, at: int) -> None:
    """The agenda's ``FORGET_AUCTION``. An open offer keeps the auction a little longer."""
    auction = program.auctions.get(id)
    if auction is None or not auction.ended_at:
        return
    if auction.offer is not None:
        program.agenda.post(max(at, auction.offer.lapses_at) + 1, Duty.FORGET_AUCTION, id)
        return
    del program.auctions[id]
    del program.serials[auction.serial]


def _open(program: Program, auction: Auction) -> None:
    auction.status = OPEN
    program.live[auction.id] = None
    program.agenda.post(auction.ends_at, Duty.CLOSE_AUCTION, auction.id)
    program.events.append(AuctionChanged(auction.id, OPEN))


def _move_end(auction: Auction, by: int) -> None:
    auction.ends_at = min(auction.ends_at + by, MAXIMUM_TIME)
    auction.hard_stop = min(auction.hard_stop + by, MAXIMUM_TIME)


def _changed(program: Program, auction: Auction) -> AuctionSet:
    program.events.append(AuctionChanged(auction.id, auction.status))
    return AuctionSet(auction.id, auction.status, auction.ends_at)


def _hard_stop(terms: AuctionTerms) -> int:
    return terms.ends_at + terms.soft_close.hard_stop if terms.soft_close else NEVER


def _check_ahead(ends_at: int, at: int) -> None:
    if ends_at <= at:
        raise Rejection(
            "already_past", "The auction's end has passed; update ends_at first.", ends_at=ends_at, now=at
        )


def _check_terms(terms: AuctionTerms) -> None:
    """Raises ``Rejection("invalid_auction")`` with the field that is wrong."""
    soft_close = terms.soft_close
    problems = (
        ("ends_at", terms.ends_at <= terms.starts_at, "ends_at must lie after starts_at."),
        ("ends_at", terms.ends_at - terms.starts_at > LONGEST, "An auction may last at most 366 days."),
        (
            "reserve",
            0 < terms.reserve < terms.opening,
            "A reserve below the opening price has no effect; use 0 for none.",
        ),
        (
            "buy_now",
            0 < terms.buy_now <= terms.opening,
            "buy_now must lie above the opening price; use 0 for none.",
        ),
        ("buy_now", 0 < terms.buy_now < terms.reserve, "buy_now must not lie below the reserve."),
        (
            "soft_close",
            soft_close is not None and not (soft_close.window and soft_close.extension),
            "A soft close needs a window and an extension above 0 ms.",
        ),
        (
            "settlement_factors",
            any(factor == 0 for factor in terms.settlement_factors.values()),
            "A settlement factor must be at least 1 basis point.",
        ),
    )
    for field, wrong, words in problems:
        if wrong:
            raise Rejection("invalid_auction", words, field=field)
    if terms.increments:
        compile_steps(terms.increments)
