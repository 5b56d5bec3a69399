"""Entries: tickets that are bought or granted, and who may have them.

An entry takes the next ticket numbers and stands in the raffle's Merkle tree from that moment on.
"""

from collections.abc import Iterator
from typing import NamedTuple

from engine.auction.lifecycle import check_eligible
from engine.commands import BuyTickets, GrantTickets
from engine.draw.entries import encode_leaf, entrant_of
from engine.draw.merkle import hash_leaf
from engine.errors import Rejection
from engine.events import TicketsIssued
from engine.funds import check_points
from engine.members import Holding, Member
from engine.program import Program
from engine.raffles.lifecycle import find, find_public
from engine.raffles.pricing import Cost, price_tickets
from engine.raffles.state import DRAFT, OPEN, SCHEDULED, Entry, Raffle
from engine.results import Entered
from engine.rewards.reversal import count_use, give
from engine.units import MAXIMUM_POINTS, count_noun

ENTRIES_EACH = 1_000
"""Entries of one member in one raffle: all of them leave the draw at once."""

TICKETS = 10**9
"""Tickets in one raffle."""

FREE = Cost(0, {}, {})


def buy(program: Program, command: BuyTickets, actor: str, at: int) -> Entered:
    """Buys tickets. Raises ``Rejection``: ``unknown_raffle``, ``raffle_not_open``, ``raffle_closed``,
    ``unknown_member``, ``staff_may_not_enter``, ``not_eligible``, ``tickets_not_sold``,
    ``ticket_cap_reached``, ``too_many_entries``, ``too_many_prices``, ``price_changed`` with the price as it
    is, ``insufficient_points``."""
    raffle = find_public(program, command.raffle, at)
    _check_open(raffle, at)
    member = program.caller
    if member is None or command.member:
        member = program.members.get(command.member or actor)
    _check_entrant(program, raffle, member, command.tickets)
    if raffle.terms.price is None:
        raise Rejection("tickets_not_sold", "Tickets of this raffle are granted only.")
    cost = price_tickets(program, member, raffle, command.tickets, command.channel, at)
    if cost.points > command.most:
        raise Rejection("price_changed", f"It costs {cost.points} points now.", points=cost.points)
    program.ledger.expire(member, at)
    # No member ever has more: the words of a shortage are then about that.
    check_points(program, member, min(cost.points, MAXIMUM_POINTS + 1), at)
    return _enter(program, raffle, member, command.tickets, cost, at)


def grant(program: Program, command: GrantTickets, actor: str, at: int) -> Entered:
    """Gives tickets for nothing. Raises ``Rejection``: ``unknown_raffle``, ``raffle_not_open``,
    ``raffle_closed``, ``unknown_member``, ``staff_may_not_enter``, ``not_eligible``, ``ticket_cap_reached``,
    ``too_many_entries``."""
    raffle = find(program, command.raffle, at)
    _check_open(raffle, at)
    member = program.members.get(command.member)
    _check_entrant(program, raffle, member, command.tickets)
    return _enter(program, raffle, member, command.tickets, FREE, at, actor, command.reason)


def _check_open(raffle: Raffle, at: int) -> None:
    if raffle.status == OPEN:
        return
    if raffle.status in (DRAFT, SCHEDULED):
        raise Rejection("raffle_not_open", _why_not_open(raffle, at), opens_at=raffle.terms.opens_at, now=at)
    raise Rejection(
        "raffle_closed",
        f"This raffle is {raffle.status}: it takes no more entries.",
        closed_at=raffle.closes_at,
        now=at,
    )


def _why_not_open(raffle: Raffle, at: int) -> str:
    if raffle.status == DRAFT:
        return "This raffle is a draft: schedule or open it first."
    if raffle.terms.opens_at <= at:
        return "This raffle opens as soon as its commitment is published; try again in a moment."
    return "This raffle is not open yet."


def _check_entrant(program: Program, raffle: Raffle, member: Member, tickets: int) -> None:
    if member.staff:
        raise Rejection("staff_may_not_enter", "Staff may not enter.")
    if raffle.terms.eligibility is not None:
        check_eligible(raffle.terms.eligibility, member, "raffle")
    holding = (member.raffles or {}).get(raffle.id)
    _check_caps(raffle, member, holding.tickets if holding is not None else 0, tickets)
    if holding is not None and len(holding.entries) >= ENTRIES_EACH:
        raise Rejection(
            "too_many_entries",
            f"A member may enter a raffle at most {ENTRIES_EACH} times.",
            limit=ENTRIES_EACH,
        )
    if program.raffles.entries >= program.settings.raffle_entries:
        raise Rejection(
            "too_many_entries",
            f"A program keeps at most {program.settings.raffle_entries} entries; shorten its "
            "raffle_retention, or raise the limit.",
        )


def _check_caps(raffle: Raffle, member: Member, own: int, tickets: int) -> None:
    for cap in _caps(raffle, member, own):
        if cap.had + tickets > cap.limit:
            left = max(0, cap.limit - cap.had)
            raise Rejection(
                "ticket_cap_reached",
                f"{cap.words} at most {count_noun(cap.limit, 'ticket')}; {left or 'none'} left.",
                cap=cap.name,
                limit=cap.limit,
                left=left,
            )


class _Cap(NamedTuple):
    name: str
    limit: int
    had: int
    words: str


def _caps(raffle: Raffle, member: Member, own: int) -> Iterator[_Cap]:
    terms = raffle.terms
    each = terms.most_each_by_tier.get(member.tier, terms.most_each)
    if each is not None:
        yield _Cap("member", each, own, "Each member may have")
    tier = terms.most_by_tier.get(member.tier)
    if tier is not None:
        had = raffle.by_tier.get(member.tier, 0)
        yield _Cap("tier", tier, had, f"Members of the tier {member.tier} together may have")
    yield _Cap("raffle", TICKETS if terms.most is None else terms.most, raffle.tickets, "There are")


def count_left(raffle: Raffle, member: Member) -> int | None:
    """How many more tickets the raffle's terms leave a member; None: any number."""
    holding = (member.raffles or {}).get(raffle.id)
    own = holding.tickets if holding is not None else 0
    left = min([cap.limit - cap.had for cap in _caps(raffle, member, own)])
    return max(0, left) if left < TICKETS - raffle.tickets else None


def _enter(
    program: Program,
    raffle: Raffle,
    member: Member,
    tickets: int,
    cost: Cost,
    at: int,
    by: str = "",
    reason: str = "",
) -> Entered:
    parts = program.ledger.spend(member, cost.points) if cost.points else ()
    for campaign, share in cost.given.items():
        give(program, campaign, share)
    for rule, uses in cost.uses.items():
        count_use(member, rule, uses)
    number = raffle.entries
    first = raffle.tickets + 1
    last = raffle.tickets + tickets
    entry = Entry(member.id, first, tickets, at, parts, cost.given or None, cost.uses or None, by, reason)
    entrant = entrant_of(raffle.salt, member.id)
    raffle.add(entry, hash_leaf(encode_leaf(entrant, number, first, last)))
    raffle.by_tier[member.tier] = raffle.by_tier.get(member.tier, 0) + tickets
    program.raffles.entries += 1
    holding = _hold(member, raffle.id)
    holding.tickets += tickets
    holding.entries += (number,)
    program.events.append(TicketsIssued(raffle.id, member.id, tickets, cost.points, reason))
    return Entered(raffle.id, number, first, last, cost.points, holding.tickets, entrant)


def _hold(member: Member, raffle: str) -> Holding:
    if member.raffles is None:
        member.raffles = {}
    holding = member.raffles.get(raffle)
    if holding is None:
        holding = member.raffles[raffle] = Holding()
    return holding
