"""Redemptions: points, and maybe cash, for an experience.

The price is that of the instant of its log entry; the member names the most that it may cost. Where cash is
due, points are held and the piece is taken until the payment is reported, or its deadline passes.

    instant:  → awaiting_payment → confirmed → refunded
    booked:   → awaiting_payment → pending → confirmed → refunded
    and each that is not confirmed: → cancelled, or lapsed where its payment does not come
"""

from engine.commands import (
    CancelRedemption,
    ConfirmRedemption,
    Redeem,
    RefundRedemption,
    ReportPayment,
)
from engine.errors import Rejection
from engine.events import StockChanged
from engine.funds import check_points
from engine.members import Member
from engine.prices.quotes import NO_MONEY, Offer, money_of, offer_to
from engine.program import Program
from engine.results import Redeemed, RedemptionRefunded
from engine.rewards import catalogue, overdue
from engine.rewards.reversal import (
    await_forgetting,
    await_payment,
    changed,
    count_use,
    give,
    give_shares_back,
    is_overdue,
    let_go,
    pay_back,
    stop_awaiting,
    undo,
)
from engine.rewards.state import (
    AWAITING_PAYMENT,
    CANCELLED,
    CONFIRMED,
    LAPSED,
    PENDING,
    REFUNDED,
    Experience,
    Redemption,
)
from engine.units import MAXIMUM_TIME

AWAITING = 100
"""How many redemptions of one member may await their payment."""

LOOKED_BACK_ON = 100
"""How many redemptions a member's own list keeps at least; at each multiple of twice as many the oldest go,
never one that waits for its payment."""


def redeem(program: Program, command: Redeem, actor: str, at: int) -> Redeemed:
    """Redeems. Raises ``Rejection``: ``unknown_experience``, ``unknown_member``, ``staff_may_not_redeem``,
    ``not_in_market``, ``not_available_yet``, ``tier_locked``, ``redemption_limit_reached``, ``sold_out``,
    ``split_out_of_bounds``, ``no_conversion_rate``, ``price_changed`` with the price as it is,
    ``insufficient_points``, ``too_many_awaiting_payment``, ``too_many_redemptions``."""
    experience = catalogue.find(program, command.experience)
    member = program.caller
    if member is None or command.member:
        member = program.members.get(command.member or actor)
    _check_taker(program, experience, member, at)
    if program.agenda.next_at <= at:
        overdue.free_shares(program, experience, member, command.channel, at)
    offer = offer_to(program, member, experience, command, at)
    points, cash = offer.quote.points, offer.quote.cash
    if points > command.most or cash > command.most_cash:
        raise Rejection(
            "price_changed",
            f"It costs {points} points{f' and {cash} minor units of cash' if cash else ''} now.",
            points=points,
            cash=cash,
        )
    program.ledger.expire(member, at)
    check_points(program, member, points, at)
    if cash:
        _check_awaiting(program, member)
    redemption = _record(program, member, experience, offer, command, at)
    catalogue.take(experience, member.id, member.market, at, program.settings.redemption_retention)
    _take_shares(program, member, redemption)
    if cash:
        redemption.status = AWAITING_PAYMENT
        redemption.pays_until = min(at + program.settings.payment_deadline, MAXIMUM_TIME)
        if points:
            program.ledger.hold(redemption.subject, member, points)
        await_payment(program, experience, redemption)
    else:
        redemption.parts = program.ledger.spend(member, points)
        _settle(redemption)
    if experience.terms.stock is not None or experience.terms.stock_by_market:
        program.events.append(StockChanged(experience.id))
    return changed(program, redemption)


def report_payment(program: Program, command: ReportPayment, actor: str, at: int) -> Redeemed:
    """The cash came: points are spent. Raises ``Rejection``: ``unknown_redemption``, ``already_paid``,
    ``payment_overdue``, ``wrong_redemption_status``, ``payment_differs``, ``reference_used``."""
    redemption = find(program, command.redemption)
    if redemption.reference:
        raise Rejection(
            "already_paid", "This redemption's payment was reported already.", reference=redemption.reference
        )
    if redemption.status == LAPSED or is_overdue(redemption, at):
        raise Rejection(
            "payment_overdue",
            "The payment's deadline has passed: points and stock were let go. Give the cash back.",
            pays_until=redemption.pays_until,
        )
    if redemption.status != AWAITING_PAYMENT:
        raise _wrong_status(redemption, AWAITING_PAYMENT)
    if command.cash != redemption.cash:
        raise Rejection(
            "payment_differs",
            f"{redemption.cash} minor units of {redemption.currency} are due.",
            cash=redemption.cash,
            currency=redemption.currency,
        )
    other = program.references.get(command.reference)
    if other is not None:
        raise Rejection(
            "reference_used", f"This reference paid for redemption {other} already.", redemption=other
        )
    redemption.reference = command.reference
    program.references[command.reference] = redemption.id
    stop_awaiting(program, redemption)
    if redemption.points:
        redemption.parts = program.ledger.capture(redemption.subject, redemption.points, at)
    _settle(redemption)
    return changed(program, redemption)


def confirm(program: Program, command: ConfirmRedemption, actor: str, at: int) -> Redeemed:
    """pending → confirmed. Raises ``Rejection``: ``unknown_redemption``, ``wrong_redemption_status``."""
    redemption = find(program, command.redemption)
    if redemption.status != PENDING:
        raise _wrong_status(redemption, PENDING)
    redemption.status = CONFIRMED
    return changed(program, redemption)


def cancel(program: Program, command: CancelRedemption, actor: str, at: int) -> Redeemed:
    """Cancels a member's own; cash that was paid is noted as refunded, for whoever took it. Raises
    ``Rejection``: ``unknown_redemption``, ``wrong_redemption_status``."""
    redemption = find_own(program, command.redemption, command.member or actor)
    if redemption.status not in (AWAITING_PAYMENT, PENDING) or is_overdue(redemption, at):
        raise _wrong_status(redemption, f"{AWAITING_PAYMENT} or {PENDING}")
    redemption.reason = command.reason
    if redemption.status == AWAITING_PAYMENT:
        let_go(program, redemption, CANCELLED, at)
    else:
        redemption.cash_refunded = redemption.cash
        give_shares_back(program, redemption)
        pay_back(program, redemption, redemption.points - redemption.refunded, at)
        undo(program, redemption, CANCELLED, at)
    return changed(program, redemption)


def refund(program: Program, command: RefundRedemption, actor: str, at: int) -> RedemptionRefunded:
    """Gives points back, and notes cash as refunded. Raises ``Rejection``: ``unknown_redemption``,
    ``wrong_redemption_status``, ``refund_too_large``."""
    redemption = find(program, command.redemption)
    if redemption.status not in (PENDING, CONFIRMED):
        raise _wrong_status(redemption, f"{PENDING} or {CONFIRMED}")
    points_left = redemption.points - redemption.refunded
    cash_left = redemption.cash - redemption.cash_refunded
    points = points_left if command.points is None else command.points
    whole = command.points is None
    cash = command.cash if command.cash is not None else (cash_left if whole else 0)
    if points > points_left or cash > cash_left:
        raise Rejection(
            "refund_too_large",
            f"{points_left} points and {cash_left} minor units of cash are left to refund.",
            points=points_left,
            cash=cash_left,
        )
    redemption.reason = command.reason
    redemption.cash_refunded += cash
    give_shares_back(program, redemption, command.points)
    pay_back(program, redemption, points, at)
    if whole:
        undo(program, redemption, REFUNDED, at)
    changed(program, redemption)
    return RedemptionRefunded(redemption.id, redemption.status, points, cash)


def find(program: Program, id: str) -> Redemption:
    """The redemption. Raises ``Rejection("unknown_redemption")``."""
    redemption = program.redemptions.get(id)
    if redemption is None:
        raise _unknown(id)
    return redemption


def find_own(program: Program, id: str, member: str) -> Redemption:
    """A member's own. Raises ``Rejection("unknown_redemption")``, the same for another's as for nobody's:
    what others have is not told."""
    redemption = find(program, id)
    if redemption.member != member:
        raise _unknown(id)
    return redemption


def _unknown(id: str) -> Rejection:
    return Rejection("unknown_redemption", f"There is no redemption {id!r}.", redemption=id)


def _check_taker(program: Program, experience: Experience, member: Member, at: int) -> None:
    if member.staff:
        raise Rejection("staff_may_not_redeem", "Staff may not redeem.")
    catalogue.check_open(experience, member, at)
    if program.agenda.next_at <= at:
        overdue.free_own(program, member, at)
        overdue.free_piece(program, experience, member.market, at)
    catalogue.check_limit(experience, member.id, at)
    if catalogue.stock_left(experience, member.market) == 0:
        raise Rejection("sold_out", "Nothing is left of this.", experience=experience.id)
    if len(program.redemptions) >= program.settings.redemptions:
        raise Rejection(
            "too_many_redemptions",
            f"A program keeps at most {program.settings.redemptions} redemptions; shorten its "
            "redemption_retention, or raise the limit.",
        )


def _check_awaiting(program: Program, member: Member) -> None:
    """Else one member could take a whole stock, again and again, and never pay. None is overdue by now."""
    ids = member.redemptions
    if len(ids) >= AWAITING and sum([_awaits(program, id) for id in ids]) >= AWAITING:
        raise Rejection(
            "too_many_awaiting_payment",
            f"At most {AWAITING} redemptions of a member may await their payment; pay or cancel some first.",
            limit=AWAITING,
        )


def _record(
    program: Program, member: Member, experience: Experience, offer: Offer, asked: Redeem, at: int
) -> Redemption:
    quote, limited = offer.quote, program.book.limited
    money = money_of(program, member.market) if quote.cash else NO_MONEY
    program.redeemed += 1
    redemption = Redemption(
        id=f"R{program.redeemed}",
        serial=program.redeemed,
        member=member.id,
        experience=experience.id,
        market=member.market,
        channel=asked.channel,
        status=CONFIRMED,
        base=experience.terms.points,
        points=quote.points,
        cash=quote.cash,
        currency=money.currency if quote.cash else "",
        tax=money.tax,
        at=at,
        pays_until=0,
        booked=experience.terms.fulfilment == "booked",
        steps=tuple(quote.steps),
        given=quote.given,
        limited=tuple([step.rule for step in quote.steps if step.rule in limited]) if limited else (),
        exponent=money.exponent,
    )
    program.redemptions[redemption.id] = redemption
    member.redemptions += (redemption.id,)
    if len(member.redemptions) % (2 * LOOKED_BACK_ON) == 0:
        old, recent = member.redemptions[:-LOOKED_BACK_ON], member.redemptions[-LOOKED_BACK_ON:]
        member.redemptions = tuple([id for id in old if _awaits(program, id)]) + recent
    if len(program.redemptions) == 1:
        await_forgetting(program, at)
    return redemption


def _awaits(program: Program, id: str) -> bool:
    redemption = program.redemptions.get(id)
    return redemption is not None and redemption.status == AWAITING_PAYMENT


def _settle(redemption: Redemption) -> None:
    """Everything is paid."""
    redemption.status = PENDING if redemption.booked else CONFIRMED


def _take_shares(program: Program, member: Member, redemption: Redemption) -> None:
    for campaign, points in redemption.given.items():
        give(program, campaign, points)
    for rule in redemption.limited:
        count_use(member, rule, 1)


def _wrong_status(redemption: Redemption, wanted: str) -> Rejection:
    return Rejection(
        "wrong_redemption_status",
        f"The redemption is {redemption.status}; it must be {wanted}.",
        status=redemption.status,
    )
