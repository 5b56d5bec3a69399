"""A void raffle's refunds, and how every raffle is forgotten: both in slices through the agenda."""

from typing import Final

from engine.agenda import Duty
from engine.errors import Rejection
from engine.events import RaffleChanged, TicketsRefunded
from engine.program import Program
from engine.raffles.state import SETTLED, VOID, Entry, Raffle
from engine.rewards.reversal import count_use, give
from engine.units import DAY, MAXIMUM_TIME, count_noun

FORGOTTEN_AT_ONCE: Final = 32
"""Entries that one unit of the agenda lets go of."""


DRAW_AWAITED: Final = 30 * DAY
"""How long a void raffle waits at least for the draw that its evidence needs, in ms: its beacon may be late,
and with a lost key it never comes."""


def check_voidable(raffle: Raffle) -> None:
    """Raises ``Rejection``: ``wrong_raffle_status`` for one that is over, ``already_claimed`` where somebody
    has a prize already."""
    if raffle.status in (SETTLED, VOID):
        raise Rejection(
            "wrong_raffle_status", f"The raffle is {raffle.status} already.", status=raffle.status
        )
    if raffle.claimed:
        raise Rejection(
            "already_claimed",
            f"{count_noun(raffle.claimed, 'prize')} claimed: the raffle stands. Forfeit single prizes.",
            claimed=raffle.claimed,
        )


def void(program: Program, raffle: Raffle, reason: str, at: int) -> None:
    """Ends a raffle without prizes. After the lock the draw is still awaited: its evidence shows what it
    would have given."""
    raffle.status = VOID
    raffle.reason = reason
    raffle.offers = 0
    if raffle.lock:
        program.raffles.locks[raffle.lock - 1].fate = VOID
    if raffle.entries:
        program.agenda.post(at, Duty.REFUND_TICKETS, raffle.id)
    end(program, raffle, at)
    program.events.append(RaffleChanged(raffle.id, VOID))


def end(program: Program, raffle: Raffle, at: int) -> None:
    """Nothing is asked of its entrants any more: it is kept for a while, and then forgotten."""
    raffle.ended_at = at
    await_forgetting(program, raffle)


def await_forgetting(program: Program, raffle: Raffle) -> None:
    """A raffle that is over leaves the live ones, once nothing is drawn any more, and is kept for a while."""
    if not raffle.awaits_draw:
        program.raffles.live.pop(raffle.id, None)
    program.agenda.post(_forgotten_at(program, raffle), Duty.FORGET_RAFFLE, raffle.id)


def do_refund(program: Program, id: str, at: int) -> None:
    """The agenda's ``REFUND_TICKETS``: one entry's points go back to their lots, and what they took from
    budgets and limits."""
    raffle = program.raffles.by_id.get(id)
    if raffle is None or raffle.status != VOID or raffle.refunded >= raffle.entries:
        return
    _refund(program, raffle, raffle.entry(raffle.refunded), at)
    raffle.refunded += 1
    if raffle.refunded < raffle.entries:
        program.agenda.post(at, Duty.REFUND_TICKETS, id)


def do_forget(program: Program, id: str, at: int) -> None:
    """The agenda's ``FORGET_RAFFLE``: lets go of some entries, and of the raffle with the last of them."""
    raffle = program.raffles.by_id.get(id)
    if raffle is None or not raffle.ended_at:
        return
    due = _forgotten_at(program, raffle)
    if at < due:
        program.agenda.post(due, Duty.FORGET_RAFFLE, id)
        return
    if raffle.status == VOID and raffle.refunded < raffle.entries:
        program.agenda.post(min(at + DAY, MAXIMUM_TIME), Duty.FORGET_RAFFLE, id)
        return
    until = min(raffle.forgotten + FORGOTTEN_AT_ONCE, raffle.entries)
    for number in range(raffle.forgotten, until):
        member = program.members.get(raffle.entry(number).member)
        if member.raffles is not None and id in member.raffles:
            del member.raffles[id]
            member.raffles = member.raffles or None
    program.raffles.entries -= until - raffle.forgotten
    raffle.forgotten = until
    if until < raffle.entries:
        program.agenda.post(at, Duty.FORGET_RAFFLE, id)
    else:
        program.raffles.forget(raffle)


def _forgotten_at(program: Program, raffle: Raffle) -> int:
    retention = program.settings.raffle_retention
    if raffle.awaits_draw:
        retention = max(retention, DRAW_AWAITED)
    return min(raffle.ended_at + retention, MAXIMUM_TIME)


def _refund(program: Program, raffle: Raffle, entry: Entry, at: int) -> None:
    member = program.members.get(entry.member)
    points = entry.points
    if points:
        program.ledger.refund(member, entry.parts, at)
        entry.parts = ()
    for campaign, share in (entry.given or {}).items():
        give(program, campaign, -share)
    for rule, uses in (entry.uses or {}).items():
        count_use(member, rule, -uses)
    program.events.append(TicketsRefunded(raffle.id, member.id, entry.tickets, points))
