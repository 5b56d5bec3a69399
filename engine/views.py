"""What can be asked of the state. Everything here is read from memory, in process, and is sent to clients as
JSON.

A leader's maximum and other members' maxima never leave through here; other members are known by their bidder
number in an auction only. Amounts are points, times milliseconds since the epoch.
"""

from collections.abc import Mapping
from itertools import islice, takewhile
from operator import attrgetter

import msgspec

from engine.answers import (
    ActionPage,
    ActionView,
    AuctionPage,
    AuctionRecord,
    AuctionView,
    BidPage,
    BidView,
    Expiry,
    HoldView,
    LiveAuctions,
    LotView,
    MemberBids,
    MemberView,
    MeView,
    OpenOffer,
    OwnAuction,
    PointsView,
    ProgramView,
)
from engine.auction.english import own_factor
from engine.auction.sale import price_for
from engine.auction.state import DRAFT, Auction, subject_of
from engine.auction.views import auction_view, own_auction
from engine.audit import Action
from engine.commands import ROLES
from engine.cursors import parse_cursor, take_soonest
from engine.errors import Rejection
from engine.ledger import split_sealed
from engine.members import Member
from engine.program import Program
from engine.raffles.views import live_parts
from engine.units import NEVER

LIVE_LIMIT = 200
"""Auctions in the ``auctions`` topic."""

PAGE_LIMIT = 200
"""Rows in a page."""

_SCAN_LIMIT = 2_000

_place_of = attrgetter("ends_at", "serial")

_ROLE_NAMES = {role: name for name, role in ROLES.items()}

FATES = ("standing", "void", "dropped", "replaced", "left")
"""What became of a bid, in words."""


def view_program(program: Program) -> ProgramView:
    """Counts and totals. Points that are held for sealed bids count as available, or as expired once they
    would have: nobody is to see them."""
    totals = program.ledger.totals
    sealed, expired = split_sealed(program.ledger.all_sealed, program.at)
    return ProgramView(
        program=program.id,
        level=program.level,
        epoch=program.epoch,
        at=program.at,
        settings=program.settings,
        members=program.members.count,
        auctions=len(program.auctions),
        live=len(program.live),
        keys=program.keys.count,
        issued=totals.issued,
        available=totals.available + sealed,
        held=totals.held - sealed - expired,
        spent=totals.spent,
        expired=totals.expired + expired,
    )


def view_auction(program: Program, auction: str, viewer: str = "") -> AuctionView:
    """One auction; ``viewer`` is the member who asks: it sees no drafts, and its own terms of others. Raises
    ``Rejection``: ``unknown_auction``, and ``unknown_member`` for a viewer."""
    found = _find_for(program, auction, viewer)
    view = auction_view(program, found)
    if not viewer or found.ended_at:
        return view
    factor = own_factor(program, found, program.members.get(viewer))
    return msgspec.structs.replace(view, own_factor=factor, own_price=price_for(view.price, factor))


def view_public_auction(program: Program, auction: str) -> AuctionView:
    """The state of topic ``auction:{id}``. Raises ``Rejection("unknown_auction")``, for a draft too."""
    return auction_view(program, _find_public(program, auction))


def view_terms(program: Program, auction: str) -> AuctionRecord:
    """The terms of one auction as they were put, and what of them has moved. Raises
    ``Rejection("unknown_auction")``."""
    found = _find(program, auction)
    bids = None
    if found.hides_bids and program.settings.sealed_counts:
        bids = len(found.bidders)
    format = found.pieces.format if found.pieces else None
    return AuctionRecord(
        found.id, found.status, found.terms, format, bids, found.reserve, _open_offer(program, found)
    )


def _open_offer(program: Program, auction: Auction) -> OpenOffer | None:
    offer = auction.offer
    if offer is None or offer.lapses_at <= program.at:
        return None
    return OpenOffer(auction.number_of(offer.member), offer.price, offer.quantity, offer.lapses_at)


def list_auctions(
    program: Program,
    *,
    viewer: str = "",
    status: str = "",
    campaign: str = "",
    after: str = "",
    limit: int = 50,
) -> AuctionPage:
    """Auctions, newest first, after the cursor ``after``; a ``viewer`` is a member, and sees no drafts.
    Raises ``Rejection("invalid_parameters")``."""
    limit = min(limit, PAGE_LIMIT)
    first = min(parse_cursor(after) - 1, program.serial) if after else program.serial
    found: list[AuctionView] = []
    serial = first
    while serial > 0 and len(found) < limit and first - serial < _SCAN_LIMIT:
        id = program.serials.get(serial)
        auction = program.auctions[id] if id is not None else None
        if (
            auction is not None
            and not (viewer and auction.status == DRAFT)
            and status in ("", auction.status)
            and campaign in ("", auction.terms.campaign)
        ):
            found.append(auction_view(program, auction))
        serial -= 1
    return AuctionPage(found, str(serial + 1) if serial > 0 else "")


def list_soonest_auctions(
    program: Program, *, status: str = "", campaign: str = "", after: str = "", limit: int = 50
) -> AuctionPage:
    """Scheduled, open and paused auctions in the order in which they end, after the cursor ``after``; see
    ``take_soonest``. Raises ``Rejection("invalid_parameters")``."""
    live = (program.auctions[id] for id in program.live)
    wanted = (
        auction
        for auction in live
        if status in ("", auction.status) and campaign in ("", auction.terms.campaign)
    )
    found, following = take_soonest(wanted, _place_of, after=after, limit=min(limit, PAGE_LIMIT))
    return AuctionPage([auction_view(program, auction) for auction in found], following)


def list_live_auctions(program: Program) -> LiveAuctions:
    """The state of topic ``auctions``."""
    page = list_soonest_auctions(program, limit=LIVE_LIMIT)
    return LiveAuctions(page.auctions, len(program.live), page.next)


def list_bids(
    program: Program, auction: str, *, viewer: str = "", before: int = 0, limit: int = 50
) -> BidPage:
    """Bids below number ``before`` (0: from the newest). ``viewer`` is the member who asks; it sees its own
    maxima, and no drafts. Of a sealed auction there are none before the close. Raises
    ``Rejection("unknown_auction")``."""
    found = _find_for(program, auction, viewer)
    history = found.history if not found.hides_bids else []
    last = min(before - 1, len(history)) if before else len(history)
    first = max(0, last - min(limit, PAGE_LIMIT))
    bids = [
        BidView(
            number=number,
            bidder=found.number_of(bid.member),
            price=bid.price,
            at=bid.at,
            fate=FATES[bid.fate],
            maximum=bid.maximum if bid.member == viewer else 0,
        )
        for number, bid in zip(range(last, first, -1), reversed(history[first:last]), strict=True)
    ]
    return BidPage(found.id, bids, first + 1 if first > 0 else 0)


def view_member(program: Program, member: str) -> MemberView:
    """One member, as others may see it: points that are held for sealed bids count as available, or as
    expired once they would have. Raises ``Rejection("unknown_member")``."""
    found = program.members.get(member)
    sealed, expired = split_sealed(program.ledger.sealed.get(found.id), program.at)
    # What the agenda has not come to yet would tell them apart.
    due = sum([lot.points for lot in found.lots if lot.expires_at <= program.at])
    return MemberView(
        member=found.id,
        tier=found.tier,
        market=found.market,
        segments=found.segments,
        staff=found.staff,
        issued=found.issued,
        available=found.available + sealed - due,
        held=found.held - sealed - expired,
        spent=found.spent,
        expired=found.expired + expired + due,
    )


def view_me(program: Program, member: str) -> MeView:
    """A member's own state: the state of topic ``me``. Raises ``Rejection("unknown_member")``."""
    found = program.members.get(member)
    next_at = min((lot.expires_at for lot in found.lots), default=NEVER)
    expiring = sum(lot.points for lot in found.lots if lot.expires_at == next_at)
    return MeView(
        member=found.id,
        tier=found.tier,
        market=found.market,
        available=found.available,
        held=found.held,
        expires_next=Expiry(next_at, expiring) if next_at != NEVER else None,
        auctions=_own_auctions(program, found),
        raffles=live_parts(program, found),
    )


def view_points(program: Program, member: str) -> PointsView:
    """A member's lots and holds. Raises ``Rejection("unknown_member")``."""
    found = program.members.get(member)
    lots = [
        LotView(lot.earned_at, 0 if lot.expires_at == NEVER else lot.expires_at, lot.points)
        for lot in found.lots
    ]
    ledger = program.ledger
    waiting = (program.redemptions.get(id) for id in found.redemptions)
    auctions = (program.auctions.get(id) for id in found.auctions)
    subjects = {subject_of(auction, found.id): auction.id for auction in auctions if auction is not None}
    subjects.update((one.subject, one.subject) for one in waiting if one is not None)
    holds = [
        HoldView(name, ledger.held_for(subject))
        for subject, name in subjects.items()
        if subject in ledger.holds and ledger.holds[subject][0] is found
    ]
    return PointsView(
        member=found.id,
        issued=found.issued,
        available=found.available,
        held=found.held,
        spent=found.spent,
        expired=found.expired,
        lots=lots,
        holds=holds,
    )


def list_member_bids(program: Program, member: str) -> MemberBids:
    """A member's auctions. Raises ``Rejection("unknown_member")``."""
    return MemberBids(member, _own_auctions(program, program.members.get(member)))


def list_actions(
    program: Program,
    names: Mapping[int, str],
    *,
    actor: str = "",
    command: str = "",
    kind: str = "",
    id: str = "",
    since: int = 0,
    until: int = NEVER,
    after: str = "",
    limit: int = 50,
) -> ActionPage:
    """What managers and operators did, newest first, from ``since`` up to and without ``until`` (ms).

    ``names`` are the commands' by their tags; ``id`` is that of what it concerned, ``kind`` what that
    is. Raises ``Rejection("invalid_parameters")``.
    """
    found: list[ActionView] = []
    last = 0
    before = parse_cursor(after) if after else NEVER
    actions = takewhile(lambda one: one.at >= since, program.audit.newest_first(before, until))
    for one in islice(actions, _SCAN_LIMIT):
        last, name = one.number, names.get(one.tag, str(one.tag))
        if actor in ("", one.actor) and command in ("", name) and _concerns(one, kind, id):
            found.append(_action_view(one, name))
        if len(found) >= min(limit, PAGE_LIMIT):
            break
    return ActionPage(found, str(last) if next(actions, None) is not None else "")


def _find(program: Program, id: str) -> Auction:
    auction = program.auctions.get(id)
    if auction is None:
        raise Rejection("unknown_auction", f"There is no auction {id!r}.", auction=id)
    return auction


def _find_public(program: Program, id: str) -> Auction:
    auction = _find(program, id)
    if auction.status == DRAFT:
        raise Rejection("unknown_auction", f"There is no auction {id!r}.", auction=id)
    return auction


def _find_for(program: Program, id: str, viewer: str) -> Auction:
    return _find_public(program, id) if viewer else _find(program, id)


def _concerns(action: Action, kind: str, id: str) -> bool:
    ids = action.concerns
    return (not kind or kind in ids) and (not id or id in ([ids[kind]] if kind else ids.values()))


def _action_view(action: Action, name: str) -> ActionView:
    return ActionView(
        number=action.number,
        at=action.at,
        actor=action.actor,
        role=_ROLE_NAMES[action.role],
        command=name,
        concerns=action.concerns,
        asked=action.asked,
        result=action.result,
        left_out=action.left_out,
    )


def _own_auctions(program: Program, member: Member) -> list[OwnAuction]:
    # An id may have been given to another auction, once the first was forgotten.
    found = (program.auctions.get(id) for id in dict.fromkeys(reversed(member.auctions)))
    return [
        own_auction(program, auction, member.id)
        for auction in found
        if auction is not None and member.id in auction.bidders
    ]
