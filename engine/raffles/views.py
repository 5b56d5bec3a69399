"""What can be asked of raffles. See engine/views.py."""

from collections.abc import Sequence
from itertools import islice
from operator import attrgetter

from msgspec.structs import replace

from engine.answers import EligibilityView, OwnPart, TicketRange
from engine.cursors import parse_cursor, take_soonest
from engine.draw.beacon import time_of_round
from engine.draw.entries import entrant_of
from engine.draw.lock import hash_lock
from engine.errors import Rejection
from engine.members import Holding, Member
from engine.program import Program
from engine.raffles.answers import (
    AuditView,
    BundleView,
    EntryPage,
    EntryView,
    LiveRaffles,
    LockPage,
    LockView,
    OwnParts,
    PlacePage,
    PlaceView,
    PrizeView,
    RafflePage,
    RaffleRecord,
    RaffleView,
    TicketPrice,
    WinnerPage,
    WinnerView,
)
from engine.raffles.pricing import quote_ticket
from engine.raffles.state import DRAFT, VOID, WITHDRAWN, LockRecord, Place, Raffle
from engine.raffles.tickets import count_left
from engine.rewards.views import step_view

LIVE_LIMIT = 50
"""Raffles in the ``raffles`` topic."""

PLACES_TOLD = 100
RANGES_TOLD = 100
OWN_TOLD = 20
LIVE_TOLD = 10

_SCAN_LIMIT = 2_000

_place_of = attrgetter("closes_at", "serial")


def find(program: Program, id: str) -> Raffle:
    """The raffle. Raises ``Rejection("unknown_raffle")``."""
    raffle = program.raffles.by_id.get(id)
    if raffle is None:
        raise Rejection("unknown_raffle", f"There is no raffle {id!r}.", raffle=id)
    return raffle


def view_raffle(program: Program, id: str, viewer: str = "", channel: str = "") -> RaffleView:
    """One raffle; ``viewer`` is the member who asks: it sees no drafts, and its own part of others. Raises
    ``Rejection``: ``unknown_raffle``, and ``unknown_member`` for a viewer."""
    if not viewer:
        return _raffle_view(program, find(program, id))
    raffle = find_public(program, id)
    member = program.members.get(viewer)
    return _raffle_view(
        program, raffle, own_part(raffle, member, RANGES_TOLD), _own_price(program, raffle, member, channel)
    )


def view_public(program: Program, id: str) -> RaffleView:
    """The state of topic ``raffle:{id}``. Raises ``Rejection("unknown_raffle")``, for a draft too."""
    return _raffle_view(program, find_public(program, id))


def view_terms(program: Program, id: str) -> RaffleRecord:
    """One raffle as staff put it. Raises ``Rejection("unknown_raffle")``."""
    raffle = find(program, id)
    return RaffleRecord(
        raffle.id,
        raffle.status,
        raffle.terms,
        raffle.by_tier,
        raffle.refunded,
        raffle.offers,
        raffle.claimed,
    )


def list_raffles(
    program: Program,
    *,
    viewer: str = "",
    status: str = "",
    campaign: str = "",
    after: str = "",
    limit: int = 50,
) -> RafflePage:
    """Raffles, newest first, after the cursor ``after``; a ``viewer`` is a member, and sees no drafts. Raises
    ``Rejection("invalid_parameters")``."""
    raffles = program.raffles
    first = min(parse_cursor(after) - 1, raffles.serial) if after else raffles.serial
    found: list[RaffleView] = []
    serial = first
    while serial > 0 and len(found) < limit and first - serial < _SCAN_LIMIT:
        id = raffles.serials.get(serial)
        raffle = raffles.by_id[id] if id is not None else None
        if (
            raffle is not None
            and not (viewer and raffle.status == DRAFT)
            and status in ("", raffle.status)
            and campaign in ("", raffle.terms.campaign)
        ):
            found.append(_summarize(program, raffle))
        serial -= 1
    return RafflePage(found, str(serial + 1) if serial > 0 else "")


def list_soonest_raffles(
    program: Program, *, status: str = "", campaign: str = "", after: str = "", limit: int = 50
) -> RafflePage:
    """Raffles that run, or whose prizes are not all settled, in the order in which they close, after the
    cursor ``after``; see ``take_soonest``. Raises ``Rejection("invalid_parameters")``."""
    live = (program.raffles.by_id[id] for id in program.raffles.live)
    wanted = (
        raffle for raffle in live if status in ("", raffle.status) and campaign in ("", raffle.terms.campaign)
    )
    found, following = take_soonest(wanted, _place_of, after=after, limit=limit)
    return RafflePage([_summarize(program, raffle) for raffle in found], following)


def list_live_raffles(program: Program) -> LiveRaffles:
    """The state of topic ``raffles``."""
    page = list_soonest_raffles(program, limit=LIVE_LIMIT)
    return LiveRaffles(page.raffles, len(program.raffles.live), page.next)


def list_places(program: Program, id: str, *, after: int = 0, limit: int = 50) -> PlacePage:
    """Places behind number ``after``. Raises ``Rejection("unknown_raffle")``, for a draft too."""
    raffle = find_public(program, id)
    end = after + limit
    places = _place_views(raffle, after, end)
    return PlacePage(raffle.id, places, end if end < len(raffle.places) else 0)


def list_winners(program: Program, id: str, *, after: int = 0, limit: int = 50) -> WinnerPage:
    """The same with member ids, for staff. Raises ``Rejection("unknown_raffle")``."""
    raffle = find(program, id)
    end = after + limit
    winners = [
        WinnerView(
            place=number,
            member=place.member,
            ticket=place.ticket,
            prize=_prize_id(raffle, place),
            fate=_fate(raffle, place),
            claim_until=place.claim_until,
            ended_at=place.ended_at,
            reason=place.reason,
        )
        for number, place in enumerate(raffle.places[after:end], after + 1)
    ]
    return WinnerPage(raffle.id, winners, end if end < len(raffle.places) else 0)


def list_entries(program: Program, id: str, *, after: int = 0, limit: int = 50) -> EntryPage:
    """Entries from number ``after`` on, for staff. Raises ``Rejection("unknown_raffle")``."""
    raffle = find(program, id)
    end = min(after + limit, raffle.entries)
    entries = [
        EntryView(number, one.member, one.first, one.tickets, one.at, one.points, one.by, one.reason)
        for number, one in ((number, raffle.entry(number)) for number in range(after, end))
    ]
    return EntryPage(raffle.id, entries, end if end < raffle.entries else 0)


def list_locks(program: Program, *, after: int = 0, limit: int = 50) -> LockPage:
    """Locks behind number ``after``."""
    locks = program.raffles.locks
    end = after + limit
    found = [_lock_view(number, one) for number, one in enumerate(locks[after:end], after + 1)]
    return LockPage(program.raffles.key, found, end if end < len(locks) else 0)


def list_own(program: Program, member: str) -> OwnParts:
    """A member's part in the raffles that it entered last, newest first. Raises
    ``Rejection("unknown_member")``."""
    found = program.members.get(member)
    ids = islice(reversed(found.raffles or {}), OWN_TOLD)
    return OwnParts(found.id, [own_part(program.raffles.by_id[id], found, RANGES_TOLD) for id in ids])


def live_parts(program: Program, member: Member) -> list[OwnPart]:
    """A member's part in the newest raffles that it entered and that are not over."""
    if not member.raffles:
        return []
    raffles = (program.raffles.by_id[id] for id in islice(reversed(member.raffles), OWN_TOLD))
    live = (raffle for raffle in raffles if not raffle.ended_at)
    return [own_part(raffle, member, 0) for raffle in islice(live, LIVE_TOLD)]


def view_audit(program: Program, id: str) -> AuditView:
    """A raffle's salt. Raises ``Rejection("unknown_raffle")``."""
    raffle = find(program, id)
    return AuditView(raffle.id, raffle.salt.hex())


def find_public(program: Program, id: str) -> Raffle:
    raffle = find(program, id)
    if raffle.status == DRAFT:
        raise Rejection("unknown_raffle", f"There is no raffle {id!r}.", raffle=id)
    return raffle


def _summarize(program: Program, raffle: Raffle) -> RaffleView:
    """A raffle as lists have it: what takes long to write, or is long, is left to the raffle's own view."""
    return replace(_raffle_view(program, raffle, places=0), texts={}, lock=None)


def _raffle_view(
    program: Program,
    raffle: Raffle,
    own: OwnPart | None = None,
    own_price: TicketPrice | None = None,
    places: int = PLACES_TOLD,
) -> RaffleView:
    terms = raffle.terms
    wanted = terms.eligibility
    return RaffleView(
        id=raffle.id,
        serial=raffle.serial,
        titles=terms.titles,
        texts=terms.texts,
        status=raffle.status,
        prizes=[PrizeView(prize.id, prize.quantity, prize.titles) for prize in terms.prizes],
        reserves=terms.reserves,
        price=terms.price,
        bundles=[BundleView(bundle.tickets, bundle.pays) for bundle in terms.bundles],
        most=terms.most,
        most_each=terms.most_each,
        eligibility=EligibilityView(wanted.tiers, wanted.markets, wanted.segments) if wanted else None,
        campaign=terms.campaign,
        opens_at=terms.opens_at,
        closes_at=raffle.closes_at,
        claim_within=terms.claim_within,
        tickets=raffle.tickets,
        entries=raffle.entries,
        randomness=terms.randomness,
        round=raffle.round,
        round_at=time_of_round(raffle.round) if raffle.round else 0,
        commitment=raffle.commitment,
        lock=_lock_view(raffle.lock, program.raffles.locks[raffle.lock - 1]) if raffle.lock else None,
        signature=raffle.signature,
        secret=raffle.secret,
        drawn=len(raffle.places),
        places=_place_views(raffle, 0, places),
        drawn_at=raffle.drawn_at,
        ended_at=raffle.ended_at,
        reason=raffle.reason,
        own=own,
        own_price=own_price,
    )


def own_part(raffle: Raffle, member: Member, ranges: int) -> OwnPart:
    """A member's part in a raffle, with the tickets of its newest ``ranges`` entries."""
    holding = (member.raffles or {}).get(raffle.id) or Holding()
    place = raffle.places[holding.place - 1] if holding.place else None
    return OwnPart(
        raffle=raffle.id,
        titles=raffle.terms.titles,
        status=raffle.status,
        closes_at=raffle.closes_at,
        entrant=entrant_of(raffle.salt, member.id),
        tickets=holding.tickets,
        all_tickets=raffle.tickets,
        chance=holding.tickets * 10**6 // raffle.tickets if raffle.tickets else 0,
        entries=len(holding.entries),
        ranges=_ranges(raffle, holding.entries[-ranges:]) if ranges else [],
        place=holding.place,
        prize=_prize_id(raffle, place) if place else "",
        fate=_fate(raffle, place) if place else "",
        claim_until=place.claim_until if place else 0,
        left=count_left(raffle, member),
    )


def _ranges(raffle: Raffle, numbers: Sequence[int]) -> list[TicketRange]:
    entries = ((number, raffle.entry(number)) for number in numbers)
    return [
        TicketRange(number, one.first, one.first + one.tickets - 1, one.points, one.reason)
        for number, one in entries
    ]


def _own_price(program: Program, raffle: Raffle, member: Member, channel: str) -> TicketPrice | None:
    if raffle.terms.price is None or raffle.lock or raffle.status == VOID:
        return None
    found = quote_ticket(program, member, raffle, channel, program.at)
    steps = [step_view(step, program.book.running) for step in found.steps]
    return TicketPrice(found.points, raffle.terms.price, steps)


def _place_views(raffle: Raffle, first: int, last: int) -> list[PlaceView]:
    return [
        PlaceView(
            number,
            place.ticket,
            place.entry,
            entrant_of(raffle.salt, place.member),
            _prize_id(raffle, place),
            _fate(raffle, place),
        )
        for number, place in enumerate(raffle.places[first:last], first + 1)
    ]


def _prize_id(raffle: Raffle, place: Place) -> str:
    return raffle.terms.prizes[place.prize].id if place.prize >= 0 else ""


def _fate(raffle: Raffle, place: Place) -> str:
    """What became of a place. All of a void raffle are withdrawn at once: nothing walks through them."""
    return WITHDRAWN if raffle.status == VOID else place.fate


def _lock_view(number: int, record: LockRecord) -> LockView:
    return LockView(
        number=number,
        raffle=record.raffle,
        text=record.text,
        hash=hash_lock(record.text.encode()),
        key=record.key,
        signature=record.signature,
        stamped=bool(record.token),
        at=record.at,
        fate=record.fate,
    )
