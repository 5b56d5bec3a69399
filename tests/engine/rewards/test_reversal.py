"""What a redemption gives back: when it is cancelled or refunded, and when its payment does not come."""

import msgspec
import pytest

from engine.agenda import Duty
from engine.commands import (
    CancelRedemption,
    Configure,
    CreditPoints,
    MarketMoney,
    Payment,
    ProgramSettings,
    Redeem,
    RefundRedemption,
    RemoveExperience,
    ReportPayment,
)
from engine.events import PointsRefunded, RedemptionChanged
from engine.machine import SLICE, advance
from engine.results import Redeemed
from engine.units import HOUR, MINUTE
from tests.engine.harness import MIDNIGHT, Stage, copy_of
from tests.engine.offering import publish, put, redeem, redemption, rule, run_campaign

SETTINGS = ProgramSettings(
    money={"north": MarketMoney("EUR", 2, 5_000, 2_500), "japan": MarketMoney("JPY", 0, 10_000)},
    payment_deadline=15 * MINUTE,
)


@pytest.fixture
def stage():
    stage = Stage(SETTINGS)
    stage.members("anna", "ben")
    return stage


def left_of(stage, id="spa"):
    experience = stage.program.experiences[id]
    return experience.terms.stock - experience.taken


def test_a_deadline_passes(stage):
    put(stage, payment=Payment(5_000), stock=1)
    run_campaign(stage, budget=300)
    publish(stage, rule("half", "factor", 5_000, budget="spring"))
    redeem(stage, share=5_000)
    assert stage.points("anna") == (9_750, 250, 0, 0)
    assert stage.program.campaigns.left == {"spring": 50}
    stage.tick(MIDNIGHT + 15 * MINUTE - 1)
    assert redemption(stage, Redeemed("R1", "", 0, 0, "", 0)).status == "awaiting_payment"
    happened = stage.tick(MIDNIGHT + 15 * MINUTE)
    assert RedemptionChanged("R1", "anna", "lapsed", 250) in happened
    assert stage.points("anna") == (10_000, 0, 0, 0)
    assert (left_of(stage), stage.program.campaigns.left) == (1, {"spring": 300})
    refused = stage.refuse(ReportPayment("R1", "visa-1", 250), "payment_overdue", "pay")
    assert "Give the cash back" in refused.message


def fall_behind(stage):
    """At the next entry more is due than is done before it: what comes after this is not."""
    put(stage, "due", points=2, payment=Payment(5_000, 5_000))
    for number in range(SLICE):
        stage.member(f"m{number}", 100)
        redeem(stage, f"m{number}", "due")


def test_an_agenda_that_is_behind_lets_no_late_payment_in(stage):
    put(stage, payment=Payment(5_000), stock=1)
    fall_behind(stage)
    late = redeem(stage, share=5_000).redemption
    stage.wait(15 * MINUTE)
    assert stage.ask(ReportPayment(late, "visa-1", 250), "pay").code == "payment_overdue"
    assert stage.program.redemptions[late].status == "awaiting_payment"


def test_a_member_cancels_its_own_alone(stage):
    put(stage, fulfilment="booked", stock=1)
    redeem(stage)
    stage.refuse(CancelRedemption("R1"), "unknown_redemption", "ben")
    stage.refuse(CancelRedemption("R1", "", "ben"), "unknown_redemption", "shop")
    assert stage.do(CancelRedemption("R1", "changed my mind"), "anna").status == "cancelled"
    assert stage.events(PointsRefunded) == [PointsRefunded("anna", 1_000)]
    assert (stage.points("anna"), left_of(stage)) == ((10_000, 0, 0, 0), 1)
    stage.refuse(CancelRedemption("R1"), "wrong_redemption_status", "anna")


def test_what_is_confirmed_is_not_cancelled(stage):
    put(stage)
    redeem(stage)
    stage.refuse(CancelRedemption("R1"), "wrong_redemption_status", "anna")


def test_a_cancelled_one_that_awaits_payment_releases_its_hold(stage):
    put(stage, payment=Payment(5_000), stock=1)
    redeem(stage, share=5_000)
    stage.do(CancelRedemption("R1"), "anna")
    assert (stage.points("anna"), left_of(stage)) == ((10_000, 0, 0, 0), 1)
    assert stage.program.experiences["spa"].awaiting == {}


def test_cash_that_was_paid_is_not_lost_when_a_booking_is_cancelled(stage):
    put(stage, payment=Payment(5_000), fulfilment="booked")
    redeem(stage, share=5_000)
    stage.do(ReportPayment("R1", "visa-1", 250), "pay")
    stage.do(RefundRedemption("R1", "a voucher", 0, 50))
    cancelled = stage.do(CancelRedemption("R1"), "anna")
    assert (cancelled.status, cancelled.cash, cancelled.cash_refunded) == ("cancelled", 250, 250)
    assert stage.events(RedemptionChanged) == [RedemptionChanged("R1", "anna", "cancelled", 250, 250)]
    assert redemption(stage, cancelled).cash_refunded == 250


def test_cash_that_was_not_paid_is_not_given_back(stage):
    put(stage, payment=Payment(5_000))
    redeem(stage, share=5_000)
    assert stage.do(CancelRedemption("R1"), "anna").cash_refunded == 0


def test_nothing_back_of_a_free_one_takes_nothing_from_its_share(stage):
    put(stage, fulfilment="booked")
    run_campaign(stage, budget=2_500)
    publish(stage, rule("free", "set", 0, budget="spring"))
    redeem(stage)
    redeem(stage)
    stage.do(RefundRedemption("R1", "nothing at all", 0))
    assert stage.program.campaigns.left == {"spring": 500}
    stage.do(RefundRedemption("R1", "all of it"))
    assert stage.program.campaigns.left == {"spring": 1_500}
    stage.do(CancelRedemption("R2"), "anna")
    assert stage.program.campaigns.left == {"spring": 2_500}


def test_points_go_back_to_their_lots_last_spent_first(stage):
    stage.member("cleo", 300, expires_at=MIDNIGHT + HOUR)
    stage.do(CreditPoints("cleo", 1_000))
    put(stage, points=500, stock=1)
    redeem(stage, "cleo")
    stage.tick(MIDNIGHT + 2 * HOUR)
    refunded = stage.do(RefundRedemption("R1", "half of it was bad", 250))
    assert (refunded.points, refunded.status) == (250, "confirmed")
    # 200 came from the lot that lives, and 50 from the one that has expired.
    assert stage.points("cleo") == (1_000, 0, 250, 50)
    assert left_of(stage) == 0
    refused = stage.refuse(RefundRedemption("R1", "why", 251), "refund_too_large")
    assert refused.details == {"points": 250, "cash": 0}
    assert stage.do(RefundRedemption("R1", "why")).points == 250
    assert stage.points("cleo") == (1_000, 0, 0, 300)
    assert left_of(stage) == 1
    stage.refuse(RefundRedemption("R1", "why"), "wrong_redemption_status")


def test_cash_that_is_refunded_is_noted(stage):
    put(stage, payment=Payment(5_000))
    redeem(stage, share=5_000)
    stage.refuse(RefundRedemption("R1", "why"), "wrong_redemption_status")
    stage.do(ReportPayment("R1", "visa-1", 250))
    assert stage.do(RefundRedemption("R1", "why", 0, 100)).cash == 100
    assert stage.refuse(RefundRedemption("R1", "why", 0, 151), "refund_too_large").details["cash"] == 150
    assert stage.do(RefundRedemption("R1", "why")).cash == 150


def test_a_refund_gives_budgets_their_shares_back(stage):
    put(stage, points=1_000)
    run_campaign(stage, budget=1_000)
    publish(stage, rule("less", "factor", 7_000, budget="spring"))
    redeem(stage)
    assert stage.program.campaigns.left == {"spring": 700}
    stage.do(RefundRedemption("R1", "why", 233))
    # 300 × 233 / 700, rounded down; the rest comes with the rest.
    assert stage.program.campaigns.left == {"spring": 799}
    stage.do(RefundRedemption("R1", "why", 467))
    assert stage.program.campaigns.left == {"spring": 1_000}


def test_a_rule_that_each_member_profits_from_once(stage):
    put(stage, points=1_000, fulfilment="booked")
    publish(stage, rule("welcome", "factor", 5_000, limit=1))
    assert [redeem(stage).points, redeem(stage).points, redeem(stage, "ben").points] == [500, 1_000, 500]
    stage.do(CancelRedemption("R1"), "anna")
    assert redeem(stage).points == 500
    assert stage.who("anna").uses == {"welcome": 1}


def test_stock_of_an_experience_that_was_removed_and_put_again(stage):
    put(stage, fulfilment="booked", stock=1)
    redeem(stage)
    stage.do(RemoveExperience("spa"))
    stage.do(CancelRedemption("R1"), "anna")
    put(stage, fulfilment="booked", stock=1)
    redeem(stage)
    stage.do(RemoveExperience("spa"))
    put(stage, fulfilment="booked", stock=1)
    stage.do(CancelRedemption("R2"), "anna")
    assert left_of(stage) == 1


def test_redemptions_are_forgotten(stage):
    stage = Stage(
        ProgramSettings(
            money=SETTINGS.money, redemption_retention=MINUTE, payment_deadline=HOUR, redemptions=2
        )
    )
    stage.members("anna")
    put(stage, payment=Payment(5_000))
    redeem(stage)
    redeem(stage, share=5_000)
    stage.refuse(Redeem("spa", 1_000), "too_many_redemptions", "anna")
    stage.tick(MIDNIGHT + MINUTE)
    assert list(stage.program.redemptions) == ["R2"]
    stage.do(ReportPayment("R2", "visa-1", 250))
    stage.tick(MIDNIGHT + HOUR + 1)
    assert (stage.program.redemptions, stage.program.references) == ({}, {})
    assert redeem(stage).redemption == "R3"
    assert stage.points("anna")[1] == 0


def test_redemptions_are_forgotten_in_order_one_a_unit(stage):
    put(stage, points=10)
    for _ in range(3):
        redeem(stage)
        stage.wait(HOUR)
    days = stage.program.settings.redemption_retention
    stage.tick(MIDNIGHT + days - 1)
    assert [*stage.program.redemptions] == ["R1", "R2", "R3"]
    stage.tick(MIDNIGHT + days)
    assert [*stage.program.redemptions] == ["R2", "R3"]
    stage.program = copy_of(stage.program)
    stage.at = MIDNIGHT + days + 2 * HOUR
    stage.program.at = stage.at
    assert (advance(stage.program, 1), [*stage.program.redemptions]) == (1, ["R3"])
    assert (advance(stage.program, 5), [*stage.program.redemptions]) == (1, [])
    assert redeem(stage).redemption == "R4"
    stage.tick(stage.at + days)
    assert stage.program.redemptions == {}


@pytest.mark.parametrize(("retention", "kept"), [(10 * MINUTE, []), (2 * HOUR, ["R1", "R2"]), (HOUR, ["R2"])])
def test_another_retention_counts_at_once(retention, kept):
    settings = ProgramSettings(redemption_retention=HOUR)
    stage = Stage(settings)
    stage.members("anna")
    put(stage)
    redeem(stage)
    stage.wait(MINUTE)
    redeem(stage)
    stage.do(Configure(msgspec.structs.replace(settings, redemption_retention=retention)))
    stage.tick(MIDNIGHT + 20 * MINUTE if retention < HOUR else MIDNIGHT + HOUR)
    assert [*stage.program.redemptions] == kept
    stage.tick(MIDNIGHT + 3 * HOUR)
    assert stage.program.redemptions == {}
    assert not [entry for entry in stage.program.agenda.heap if entry.duty == Duty.FORGET_REDEMPTION]
