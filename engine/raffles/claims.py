"""Prizes after the draw: offered, claimed or not, and passed on to the next reserve."""

from engine.agenda import Duty
from engine.commands import ClaimPrize, DeclinePrize, ForfeitPrize
from engine.errors import Rejection
from engine.events import PrizeOffered, PrizeSettled, RaffleChanged
from engine.members import Member
from engine.program import Program
from engine.raffles.lifecycle import find, find_public
from engine.raffles.refunds import end
from engine.raffles.state import (
    CLAIMED,
    DECLINED,
    DRAWN,
    FORFEITED,
    LAPSED,
    OFFERED,
    RESERVE,
    SETTLED,
    VOID,
    Place,
    Raffle,
)
from engine.results import PrizeAnswered
from engine.units import MAXIMUM_TIME


def claim(program: Program, command: ClaimPrize, actor: str, at: int) -> PrizeAnswered:
    """The winner takes its prize. Raises ``Rejection``: ``unknown_raffle``, ``unknown_member``, ``no_prize``,
    ``prize_not_open``, ``claim_too_late``, ``already_claimed``."""
    raffle, number = _find_own(program, command.raffle, command.member or actor, at)
    _check_offered(program, raffle, number, at)
    return _answer(program, raffle, number, CLAIMED, "", at)


def decline(program: Program, command: DeclinePrize, actor: str, at: int) -> PrizeAnswered:
    """The winner does not want it. Raises what ``claim`` does."""
    raffle, number = _find_own(program, command.raffle, command.member or actor, at)
    _check_offered(program, raffle, number, at)
    return _answer(program, raffle, number, DECLINED, "", at)


def forfeit(program: Program, command: ForfeitPrize, actor: str, at: int) -> PrizeAnswered:
    """Staff takes an unclaimed prize away. Raises ``Rejection``: ``unknown_raffle``, ``no_prize``,
    ``prize_not_open``, ``claim_too_late``, ``already_claimed``."""
    raffle = find(program, command.raffle, at)
    if command.place > len(raffle.places):
        raise Rejection("no_prize", f"The raffle has {len(raffle.places)} places.", places=len(raffle.places))
    _check_offered(program, raffle, command.place, at)
    return _answer(program, raffle, command.place, FORFEITED, command.reason, at)


def do_lapse(program: Program, subject: str, at: int) -> None:
    """The agenda's ``LAPSE_CLAIM``: a prize that was not claimed goes to the next reserve."""
    id, _, number = subject.partition(" ")
    raffle = program.raffles.by_id.get(id)
    if raffle is not None and raffle.status == DRAWN and int(number) <= len(raffle.places):
        lapse(program, raffle, int(number), at)


def lapse(program: Program, raffle: Raffle, number: int, at: int) -> None:
    """Passes the prize of place ``number`` on where its time is over."""
    place = raffle.places[number - 1]
    if place.fate == OFFERED and at >= place.claim_until:
        _answer(program, raffle, number, LAPSED, "", at)


def offer(program: Program, raffle: Raffle, number: int, at: int) -> None:
    """The prize that place ``number`` has is for its member to claim."""
    place = raffle.places[number - 1]
    place.fate = OFFERED
    place.claim_until = min(at + raffle.terms.claim_within, MAXIMUM_TIME)
    raffle.offers += 1
    prize = raffle.terms.prizes[place.prize].id
    program.agenda.post(place.claim_until, Duty.LAPSE_CLAIM, f"{raffle.id} {number}")
    program.events.append(PrizeOffered(raffle.id, place.member, number, prize, place.claim_until))


def settle_if_over(program: Program, raffle: Raffle, at: int) -> None:
    """Where no prize can be claimed any more, the raffle is settled."""
    if raffle.status == DRAWN and not raffle.offers:
        raffle.status = SETTLED
        end(program, raffle, at)
        program.events.append(RaffleChanged(raffle.id, SETTLED))


def _find_own(program: Program, id: str, member: str, at: int) -> tuple[Raffle, int]:
    raffle = find_public(program, id, at)
    return raffle, _place_of(program.members.get(member), raffle)


def _place_of(member: Member, raffle: Raffle) -> int:
    holding = (member.raffles or {}).get(raffle.id)
    if holding is None or not holding.place:
        raise Rejection("no_prize", "This member was not drawn in this raffle.", status=raffle.status)
    return holding.place


def _check_offered(program: Program, raffle: Raffle, number: int, at: int) -> None:
    """Whether the prize of place ``number`` may be answered at ``at`` ms."""
    place = raffle.places[number - 1]
    if raffle.status == DRAWN:
        lapse(program, raffle, number, at)
    if place.fate == CLAIMED:
        raise Rejection("already_claimed", "This prize was claimed.", at=place.ended_at)
    if place.fate == LAPSED:
        raise Rejection("claim_too_late", "The time to claim is over.", claim_until=place.claim_until, now=at)
    if raffle.status != DRAWN or place.fate != OFFERED:
        raise Rejection("prize_not_open", _why_not_open(raffle, place), fate=place.fate)


def _why_not_open(raffle: Raffle, place: Place) -> str:
    if raffle.status == VOID:
        return "The raffle is void: nobody wins, and every ticket is refunded."
    if raffle.is_drawing:
        return "The draw is under way; try again in a moment."
    if place.fate == RESERVE:
        return "This place is a reserve: it has a prize only if one is passed on to it."
    return f"This prize was {place.fate}."


def _answer(program: Program, raffle: Raffle, number: int, fate: str, reason: str, at: int) -> PrizeAnswered:
    place = raffle.places[number - 1]
    prize = raffle.terms.prizes[place.prize].id
    place.fate = fate
    place.ended_at = at
    place.reason = reason
    raffle.offers -= 1
    program.events.append(PrizeSettled(raffle.id, place.member, number, prize, fate))
    if fate == CLAIMED:
        raffle.claimed += 1
    else:
        _pass_on(program, raffle, place.prize, at)
    settle_if_over(program, raffle, at)
    return PrizeAnswered(raffle.id, number, prize, fate)


def _pass_on(program: Program, raffle: Raffle, prize: int, at: int) -> None:
    if raffle.reserve < len(raffle.places):
        raffle.reserve += 1
        raffle.places[raffle.reserve - 1].prize = prize
        offer(program, raffle, raffle.reserve, at)
