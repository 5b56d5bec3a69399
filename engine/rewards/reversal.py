"""What a redemption gives back when it is undone, and its deadlines."""

from engine.agenda import Duty
from engine.events import BudgetChanged, PointsRefunded, RedemptionChanged, StockChanged
from engine.ledger import split_parts
from engine.members import Member
from engine.program import Program
from engine.results import Redeemed
from engine.rewards import catalogue
from engine.rewards.state import AWAITING_PAYMENT, LAPSED, Experience, Redemption
from engine.units import MAXIMUM_TIME


def do_lapse(program: Program, id: str, at: int) -> None:
    """The agenda's ``LAPSE_REDEMPTION``."""
    redemption = program.redemptions.get(id)
    if redemption is not None and is_overdue(redemption, at):
        let_go(program, redemption, LAPSED, at)
        changed(program, redemption)


def await_forgetting(program: Program, at: int) -> None:
    """Redemptions are forgotten in the order of their making: one entry in the agenda, for the oldest, is
    enough."""
    oldest = program.redemptions.get(f"R{program.redeemed - len(program.redemptions) + 1}")
    if oldest is None:
        return
    due = max(at, min(oldest.at + program.settings.redemption_retention, MAXIMUM_TIME))
    if oldest.status == AWAITING_PAYMENT:
        due = max(due, oldest.pays_until + 1)
    program.forgets_at = due
    program.agenda.post(due, Duty.FORGET_REDEMPTION)


def do_forget(program: Program, subject: str, at: int) -> None:
    """The agenda's ``FORGET_REDEMPTION``: the oldest goes, unless this entry is out of date.

    One that waits for its payment is kept until that is over, and with it those behind it.
    """
    oldest = program.redemptions.get(f"R{program.redeemed - len(program.redemptions) + 1}")
    if oldest is None or program.forgets_at > at:
        return
    if oldest.status != AWAITING_PAYMENT:
        del program.redemptions[oldest.id]
        if oldest.reference:
            del program.references[oldest.reference]
    await_forgetting(program, at)


def is_overdue(redemption: Redemption, at: int) -> bool:
    """Whether its payment did not come in time."""
    return redemption.status == AWAITING_PAYMENT and at >= redemption.pays_until


def let_go(program: Program, redemption: Redemption, status: str, at: int) -> None:
    """Ends a redemption that was not paid: its points are released."""
    stop_awaiting(program, redemption)
    if redemption.points:
        program.ledger.release(redemption.subject, at)
    give_shares_back(program, redemption)
    undo(program, redemption, status, at)


def await_payment(program: Program, experience: Experience, redemption: Redemption) -> None:
    """Its piece and its shares of budgets are taken, until its payment comes or is overdue."""
    until = redemption.pays_until
    experience.awaiting.setdefault(redemption.market, {})[redemption.id] = until
    for id in redemption.given:
        campaign = program.campaigns.by_id.get(id)
        if campaign is not None:
            campaign.awaiting[redemption.id] = until
    program.agenda.post(until, Duty.LAPSE_REDEMPTION, redemption.id)


def stop_awaiting(program: Program, redemption: Redemption) -> None:
    """Its payment came, or will not."""
    experience = program.experiences.get(redemption.experience)
    here = experience.awaiting.get(redemption.market, {}) if experience is not None else {}
    here.pop(redemption.id, None)
    if experience is not None and not here:
        experience.awaiting.pop(redemption.market, None)
    for id in redemption.given:
        campaign = program.campaigns.by_id.get(id)
        if campaign is not None:
            campaign.awaiting.pop(redemption.id, None)


def undo(program: Program, redemption: Redemption, status: str, at: int) -> None:
    """The whole of it is undone: the piece goes back, and what counted towards limits."""
    redemption.status = status
    redemption.ended_at = at
    experience = program.experiences.get(redemption.experience)
    if experience is not None and experience.since <= redemption.serial:
        catalogue.put_back(experience, redemption.member, redemption.market, redemption.at)
        program.events.append(StockChanged(experience.id))
    member = program.members.get(redemption.member)
    for rule in redemption.limited:
        count_use(member, rule, -1)


def pay_back(program: Program, redemption: Redemption, points: int, at: int) -> None:
    """Puts spent points back into their lots: those that were spent last first."""
    if not points:
        return
    member = program.members.get(redemption.member)
    kept = redemption.points - redemption.refunded - points
    redemption.parts, parts = split_parts(redemption.parts, kept)
    redemption.refunded += points
    program.ledger.refund(member, parts, at)
    program.events.append(PointsRefunded(member.id, points))


def give_shares_back(program: Program, redemption: Redemption, points: int | None = None) -> None:
    """The part of each budget's share that belongs to ``points`` of the price, all of it with the last of
    them; None: all of it, be it free of points."""
    left = redemption.points - redemption.refunded
    for campaign, given in redemption.given.items():
        if points is None:
            share = given
        else:
            share = given * points // left if points else 0
        redemption.given[campaign] = given - share
        give(program, campaign, -share)


def give(program: Program, campaign: str, points: int) -> None:
    """Takes points from a campaign's budget, or puts them back where below 0."""
    left = program.campaigns.give(campaign, points)
    if left is not None and points:
        program.events.append(BudgetChanged(campaign, left))


def count_use(member: Member, rule: str, change: int) -> None:
    """Counts that the member profited from a rule with a limit; −1: did not after all."""
    uses = member.uses or {}
    uses[rule] = uses.get(rule, 0) + change
    if uses[rule] <= 0:
        del uses[rule]
    member.uses = uses or None


def changed(program: Program, redemption: Redemption) -> Redeemed:
    """Tells of the redemption as it is now."""
    program.events.append(
        RedemptionChanged(
            redemption.id, redemption.member, redemption.status, redemption.cash, redemption.cash_refunded
        )
    )
    return Redeemed(
        redemption.id,
        redemption.status,
        redemption.points,
        redemption.cash,
        redemption.currency,
        redemption.pays_until,
        redemption.cash_refunded,
    )
