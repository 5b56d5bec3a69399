"""Whether a member has the points that something needs.

Deadlines that the agenda is behind with may still hold points: where some are missing, what is due for this
member is done first.
"""

from engine.auction.lifecycle import close_led
from engine.members import Member
from engine.program import Program
from engine.rewards.reversal import do_lapse


def check_points(program: Program, member: Member, amount: int, at: int) -> None:
    """Raises ``Rejection("insufficient_points")``; expire what is due first."""
    if member.available >= amount:
        return
    if program.agenda.next_at <= at:
        close_led(program, member, at)
        for id in member.redemptions:
            do_lapse(program, id, at)
    if member.available < amount:
        raise program.ledger.shortage(member, amount)
