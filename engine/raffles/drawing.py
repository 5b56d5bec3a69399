"""The draw: from the randomness to the places, one place a unit of the agenda.

It gives what engine/draw/places.py gives, which the verifier uses: here the tickets that remain are counted
by the stretch, so that a place costs the same whatever is drawn before it.
"""

from bisect import bisect_right, insort
from hashlib import sha256

from engine.agenda import Duty
from engine.commands import Draw
from engine.draw.beacon import CHAIN, randomness_of, time_of_round
from engine.draw.places import draw_ticket, seed_of
from engine.errors import Rejection
from engine.events import PlaceDrawn, RaffleChanged
from engine.members import Holding
from engine.program import Program
from engine.raffles.claims import offer, settle_if_over
from engine.raffles.lifecycle import changed, find, wrong_status
from engine.raffles.refunds import await_forgetting
from engine.raffles.state import (
    DRAWN,
    LOCKED,
    RESERVE,
    STRETCH,
    VOID,
    Entry,
    Place,
    Raffle,
    Stretch,
)
from engine.results import RaffleSet


def draw(program: Program, command: Draw, actor: str, at: int) -> RaffleSet:
    """Begins the draw of a locked raffle; of a void one whose lock stands too, for its evidence.

    Whoever sends it has verified the beacon's signature: that takes longer than a command may. Raises
    ``Rejection``: ``unknown_raffle``, ``wrong_raffle_status``, ``already_drawn``, ``lock_unsigned``,
    ``wrong_round``, ``round_not_due``, ``beacon_invalid``, ``secret_invalid``.
    """
    raffle = find(program, command.raffle, at)
    if raffle.seed:
        raise Rejection("already_drawn", "This raffle was drawn; there is no second draw.", lock=raffle.lock)
    if not raffle.lock:
        raise wrong_status(raffle, (LOCKED,))
    record = program.raffles.locks[raffle.lock - 1]
    if raffle.status == LOCKED and not record.signature:
        raise Rejection("lock_unsigned", "The lock is not signed yet; the keeper does it.", lock=raffle.lock)
    randomness = _check_beacon(raffle, command, at) if raffle.round else _check_secret(raffle, command)
    raffle.signature = command.signature
    raffle.secret = command.secret
    raffle.seed = seed_of(record.text.encode(), randomness)
    raffle.left = raffle.tickets
    raffle.drawn_at = at
    program.agenda.post(at, Duty.DRAW_PLACE, raffle.id)
    return changed(program, raffle)


def do_draw(program: Program, id: str, at: int) -> None:
    """The agenda's ``DRAW_PLACE``: the next place is drawn among the tickets of those who have none."""
    raffle = program.raffles.by_id.get(id)
    if raffle is None or not raffle.is_drawing:
        return
    if raffle.left and len(raffle.places) < raffle.places_wanted:
        _draw_place(program, raffle, at)
    if raffle.left and len(raffle.places) < raffle.places_wanted:
        program.agenda.post(at, Duty.DRAW_PLACE, id)
    else:
        _finish(program, raffle, at)


def _check_beacon(raffle: Raffle, command: Draw, at: int) -> bytes:
    if command.round != raffle.round:
        raise Rejection(
            "wrong_round",
            f"This raffle is drawn from round {raffle.round} alone.",
            round=raffle.round,
        )
    if at < time_of_round(raffle.round):
        raise Rejection(
            "round_not_due",
            "This round's time has not come by the log's clock; send it again after it.",
            due_at=time_of_round(raffle.round),
            now=at,
        )
    if not command.signature or command.secret:
        raise Rejection(
            "beacon_invalid",
            "A round comes with its signature, 96 hex characters, as any server of drand tells it under "
            f"/{CHAIN}/public/{raffle.round}.",
        )
    return randomness_of(bytes.fromhex(command.signature))


def _check_secret(raffle: Raffle, command: Draw) -> bytes:
    secret = bytes.fromhex(command.secret)
    if command.round or command.signature or sha256(secret).hexdigest() != raffle.commitment:
        raise Rejection(
            "secret_invalid",
            "This raffle is drawn from the secret alone whose SHA-256 is its commitment.",
            commitment=raffle.commitment,
        )
    return secret


def _draw_place(program: Program, raffle: Raffle, at: int) -> None:
    number, raffle.block = draw_ticket(raffle.seed, raffle.block, raffle.left)
    index = 0
    while number >= raffle.stretches[index].left:
        number -= raffle.stretches[index].left
        index += 1
    stretch = raffle.stretches[index]
    ticket = _nth_remaining(stretch, number)
    offset = bisect_right(stretch.entries, ticket, key=_first_of) - 1
    member = program.members.get(stretch.entries[offset].member)
    assert member.raffles is not None
    holding = member.raffles[raffle.id]
    _take_out(raffle, holding)
    holding.place = len(raffle.places) + 1
    place = Place(member.id, index * STRETCH + offset, ticket, RESERVE)
    place.prize = _prize_of(raffle, holding.place)
    raffle.places.append(place)
    wins = place.prize >= 0 and raffle.status != VOID
    prize = raffle.terms.prizes[place.prize].id if wins else ""
    program.events.append(PlaceDrawn(raffle.id, member.id, holding.place, prize))
    if wins:
        offer(program, raffle, holding.place, at)


def _nth_remaining(stretch: Stretch, number: int) -> int:
    """The ticket that is ``number``, from 0, among those of the stretch that are left."""
    ticket = stretch.entries[0].first + number
    for offset in stretch.placed:
        entry = stretch.entries[offset]
        if entry.first > ticket:
            break
        ticket += entry.tickets
    return ticket


def _take_out(raffle: Raffle, holding: Holding) -> None:
    """All tickets of an entrant leave."""
    raffle.left -= holding.tickets
    for number in holding.entries:
        stretch = raffle.stretches[number // STRETCH]
        stretch.left -= stretch.entries[number % STRETCH].tickets
        insort(stretch.placed, number % STRETCH)


def _prize_of(raffle: Raffle, place: int) -> int:
    """The number of the prize that ``place`` wins; −1 for a reserve."""
    for number, prize in enumerate(raffle.terms.prizes):
        if place <= prize.quantity:
            return number
        place -= prize.quantity
    return -1


def _first_of(entry: Entry) -> int:
    return entry.first


def _finish(program: Program, raffle: Raffle, at: int) -> None:
    raffle.finished = True
    raffle.reserve = min(raffle.prize_count, len(raffle.places))
    if raffle.status == VOID:
        await_forgetting(program, raffle)
    else:
        raffle.status = program.raffles.locks[raffle.lock - 1].fate = DRAWN
    program.events.append(RaffleChanged(raffle.id, raffle.status))
    settle_if_over(program, raffle, at)
