"""Redemptions: what they cost, what they take, and what they give back."""

import gc

import pytest

from engine.commands import (
    CancelRedemption,
    ConfirmRedemption,
    ExperienceTerms,
    MarketMoney,
    Payment,
    ProgramSettings,
    PutExperience,
    Redeem,
    RefundRedemption,
    RemoveExperience,
    ReportPayment,
)
from engine.events import RedemptionChanged, StockChanged
from engine.results import Redeemed
from engine.rewards import catalogue
from engine.rewards.state import Experience
from engine.units import DAY, HOUR, MINUTE
from rules.pricing import Step
from tests.engine.harness import MIDNIGHT, Stage, copy_of, envelope, replay
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


def test_an_instant_one_is_confirmed_and_paid_at_once(stage):
    put(stage, points=1_000, stock=2)
    redeemed = stage.do(Redeem("spa", 1_000), "anna")
    assert redeemed == Redeemed("R1", "confirmed", 1_000, 0, "", 0)
    assert stage.points("anna") == (9_000, 0, 1_000, 0)
    assert left_of(stage) == 1
    assert stage.last.events == [StockChanged("spa"), RedemptionChanged("R1", "anna", "confirmed", 0)]


def test_a_booked_one_waits_for_staff(stage):
    put(stage, fulfilment="booked")
    redeemed = redeem(stage)
    assert redeemed.status == "pending"
    assert stage.points("anna") == (9_000, 0, 1_000, 0)
    assert stage.do(ConfirmRedemption("R1")).status == "confirmed"
    assert stage.refuse(ConfirmRedemption("R1"), "wrong_redemption_status").details == {"status": "confirmed"}


def test_never_more_than_the_most(stage):
    put(stage, points=1_000)
    publish(stage, rule("up", "factor", 12_000))
    refused = stage.refuse(Redeem("spa", 1_199), "price_changed", "anna")
    assert refused.details == {"points": 1_200, "cash": 0}
    assert stage.do(Redeem("spa", 1_200), "anna").points == 1_200


def test_less_where_the_price_fell(stage):
    put(stage, points=1_000)
    publish(stage, rule("gold", "factor", 9_000, tiers=("gold",)), rule("web", "add", -50, channels=("web",)))
    assert redeem(stage, most=1_000).points == 900
    redeemed = redeem(stage, most=1_000, channel="web")
    assert redeemed.points == 850
    assert redemption(stage, redeemed).steps == (
        Step("gold", "points", 1_000, 900),
        Step("web", "points", 900, 850),
    )


def test_without_the_points(stage):
    put(stage, points=10_001)
    refused = stage.refuse(Redeem("spa", 10**6), "insufficient_points", "anna")
    assert refused.details == {"available": 10_000, "needed": 10_001, "missing": 1}


def test_for_nothing(stage):
    put(stage, points=1_000)
    publish(stage, rule("free", "set", 0))
    stage.member("poor", 0)
    assert redeem(stage, "poor").points == 0
    stage.do(RefundRedemption("R1", "why"))
    assert stage.points("poor") == (0, 0, 0, 0)


def test_staff_may_not(stage):
    put(stage)
    stage.member("staff", staff=True)
    stage.refuse(Redeem("spa", 10**6), "staff_may_not_redeem", "staff")


def test_the_last_piece_goes_to_one_of_a_thousand(stage):
    put(stage, stock=1)
    for number in range(1_000):
        stage.member(f"m{number}")
    outcomes = stage.send(*(envelope(Redeem("spa", 1_000), f"m{number}", 0) for number in range(1_000)))
    taken = [outcome for outcome in outcomes if isinstance(outcome, Redeemed)]
    assert taken == [Redeemed("R1", "confirmed", 1_000, 0, "", 0)]
    assert {outcome.code for outcome in outcomes if outcome not in taken} == {"sold_out"}
    assert left_of(stage) == 0


def test_a_market_has_its_own_stock(stage):
    put(stage, stock=3, stock_by_market={"south": 1})
    stage.member("sue", market="south")
    redeem(stage, "sue")
    stage.refuse(Redeem("spa", 10**6), "sold_out", "sue")
    redeem(stage, "anna")
    redeem(stage, "anna")
    stage.refuse(Redeem("spa", 10**6), "sold_out", "anna")


def test_terms_are_replaced_while_pieces_are_taken(stage):
    put(stage, stock=2)
    redeem(stage)
    put(stage, stock=1)
    stage.refuse(Redeem("spa", 10**6), "sold_out", "anna")
    put(stage, stock=2)
    redeem(stage)


def test_a_limit_within_a_period(stage):
    put(stage, limit=2, limit_period=DAY)
    redeem(stage)
    stage.wait(HOUR)
    redeem(stage)
    stage.wait(HOUR)
    refused = stage.refuse(Redeem("spa", 10**6), "redemption_limit_reached", "anna")
    assert refused.details == {"limit": 2, "again_at": MIDNIGHT + DAY}
    redeem(stage, "ben")
    stage.tick(MIDNIGHT + DAY - 1)
    stage.refuse(Redeem("spa", 10**6), "redemption_limit_reached", "anna")
    stage.tick(MIDNIGHT + DAY)
    redeem(stage)


def test_a_higher_limit_and_a_longer_period_count_what_was_taken(stage):
    put(stage, limit=1, limit_period=DAY)
    for _ in range(3):
        redeem(stage)
        stage.wait(2 * DAY)
    put(stage, limit=3, limit_period=30 * DAY)
    refused = stage.refuse(Redeem("spa", 10**6), "redemption_limit_reached", "anna")
    assert refused.details == {"limit": 3, "again_at": MIDNIGHT + 30 * DAY}
    put(stage, limit=4)
    redeem(stage)
    stage.refuse(Redeem("spa", 10**6), "redemption_limit_reached", "anna")


def test_a_limit_keeps_what_it_needs_and_what_is_recent():
    experience = Experience("spa", ExperienceTerms("wellness", 1, limit=2))
    for at in (0, 10, 20, 30, 31):
        catalogue.take(experience, "anna", "north", at, 15)
    assert experience.takers == {"anna": (20, 30, 31)}
    for at in range(100, 100 + 2 * catalogue.MOST_TAKEN):
        catalogue.take(experience, "anna", "north", at, DAY)
    assert len(experience.takers["anna"]) == catalogue.MOST_TAKEN
    for at in (10 * DAY, 20 * DAY):
        catalogue.take(experience, "anna", "north", at, 15)
    assert experience.takers == {"anna": (10 * DAY, 20 * DAY)}


def test_what_was_taken_without_a_limit_does_not_count(stage):
    """As ExperienceTerms says, and that one put again after it was removed is another."""
    put(stage)
    redeem(stage)
    put(stage, limit=1, stock=2)
    redeem(stage)
    stage.refuse(Redeem("spa", 10**6), "redemption_limit_reached", "anna")
    stage.do(RemoveExperience("spa"))
    put(stage, limit=1, stock=2)
    redeem(stage)
    assert left_of(stage) == 1


def test_a_limit_for_ever_counts_what_was_not_undone(stage):
    put(stage, limit=1, fulfilment="booked")
    first = redeem(stage)
    assert stage.refuse(Redeem("spa", 10**6), "redemption_limit_reached", "anna").details["again_at"] == 0
    stage.do(CancelRedemption(first.redemption), "anna")
    redeem(stage)


# Points and cash.


def test_a_fixed_split_holds_points_until_the_cash_is_there(stage):
    put(stage, points=1_001, payment=Payment(4_000, 4_000), stock=1)
    # 40 % of 1 001 points, half up; the rest is worth half a cent a point.
    redeemed = stage.do(Redeem("spa", 400, 301), "anna")
    assert redeemed == Redeemed("R1", "awaiting_payment", 400, 301, "EUR", MIDNIGHT + 15 * MINUTE)
    assert stage.points("anna") == (9_600, 400, 0, 0)
    stage.refuse(Redeem("spa", 400, 301), "sold_out", "ben")
    paid = stage.do(ReportPayment("R1", "visa-1", 301), "pay")
    assert (paid.status, stage.points("anna")) == ("confirmed", (9_600, 0, 400, 0))
    assert copy_of(stage.program).references == {"visa-1": "R1"}


@pytest.mark.parametrize(
    ("share", "expected"),
    [(None, (800, 100)), (8_000, (800, 100)), (5_000, (500, 250)), (2_000, (200, 400))],
)
def test_the_member_chooses_the_split(stage, share, expected):
    put(stage, points=1_000, payment=Payment(2_000, 8_000))
    redeemed = redeem(stage, share=share)
    assert (redeemed.points, redeemed.cash) == expected


def test_a_split_outside_its_bounds(stage):
    put(stage, payment=Payment(2_000, 8_000))
    for share in (0, 1_999, 8_001, 10_000):
        refused = stage.refuse(Redeem("spa", 1_000, 1_000, share), "split_out_of_bounds", "anna")
        assert refused.details == {"least": 2_000, "greatest": 8_000}
    put(stage, "opera")
    stage.refuse(Redeem("opera", 1_000, 1_000, 5_000), "split_out_of_bounds", "anna")


def test_so_many_of_one_member_may_await_their_payment(stage):
    """Not even a member without points takes a whole stock so."""
    stage.member("zed", 0)
    put(stage, payment=Payment(0), stock=1_000)
    asked = Redeem("spa", 1_000, 1_000, 0)
    stage.send(*[envelope(asked, "zed")] * 100)
    assert stage.refuse(asked, "too_many_awaiting_payment", "zed").details == {"limit": 100}
    redeem(stage, "anna", share=0)
    stage.do(ReportPayment("R1", "visa-1", 500))
    redeem(stage, "zed", share=0)
    stage.do(CancelRedemption("R2"), "zed")
    redeem(stage, "zed", share=0)
    put(stage, "gift", points=0)
    redeem(stage, "zed", "gift")
    stage.wait(15 * MINUTE)
    redeem(stage, "zed", share=0)


def test_a_market_without_a_rate(stage):
    put(stage, payment=Payment(0, 8_000))
    stage.member("sue", market="south")
    stage.refuse(Redeem("spa", 1_000, 1_000), "no_conversion_rate", "sue")
    publish(stage, rule("fee", "add", 5, "cash"))
    put(stage, "opera")
    stage.refuse(Redeem("opera", 1_000, 1_000), "no_conversion_rate", "sue")


def test_cash_is_in_the_markets_minor_units(stage):
    put(stage, points=1_000, payment=Payment(0, 10_000))
    stage.member("yui", market="japan")
    redeemed = redeem(stage, "yui", share=0)
    assert (redeemed.points, redeemed.cash, redeemed.currency) == (0, 1_000, "JPY")
    stage.do(ReportPayment("R1", "p", 1_000))
    assert stage.points("yui") == (10_000, 0, 0, 0)


def test_rules_change_the_cash_part(stage):
    put(stage, points=1_000, payment=Payment(5_000, 5_000))
    publish(stage, rule("less cash", "factor", 5_000, "cash"), rule("less", "factor", 9_000))
    assert (redeem(stage).points, redeem(stage).cash) == (450, 125)
    assert stage.refuse(Redeem("spa", 450, 124), "price_changed", "anna").details == {
        "points": 450,
        "cash": 125,
    }


def test_reports_that_do_not_fit(stage):
    put(stage, payment=Payment(5_000))
    redeem(stage, share=5_000)
    redeem(stage, share=5_000)
    stage.refuse(ReportPayment("R9", "visa-1", 250), "unknown_redemption")
    refused = stage.refuse(ReportPayment("R1", "visa-1", 249), "payment_differs")
    assert refused.details == {"cash": 250, "currency": "EUR"}
    stage.do(ReportPayment("R1", "visa-1", 250))
    assert stage.refuse(ReportPayment("R1", "visa-1", 250), "already_paid").details == {"reference": "visa-1"}
    stage.refuse(ReportPayment("R1", "visa-2", 250), "already_paid")
    assert stage.refuse(ReportPayment("R2", "visa-1", 250), "reference_used").details == {"redemption": "R1"}
    stage.do(CancelRedemption("R2"), "anna")
    stage.refuse(ReportPayment("R2", "visa-2", 250), "wrong_redemption_status")


def test_the_way_can_be_played_again(stage):
    put(stage, payment=Payment(2_000, 8_000), stock=3, limit=2)
    run_campaign(stage, budget=300)
    publish(stage, rule("less", "factor", 7_000, budget="spring", campaigns=("spring",), limit=5))
    redeem(stage)
    redeem(stage, share=2_000)
    stage.do(ReportPayment("R2", "p", 400))
    stage.ask(PutExperience("spa", stage.program.experiences["spa"].terms))
    stage.do(RefundRedemption("R2", "why", 10))
    program = replay(stage.entries)
    assert program.state_digest() == stage.program.state_digest()
    assert copy_of(program).state_digest() == program.state_digest()


def test_the_collector_sees_nothing_of_a_redemption(stage):
    put(stage)
    run_campaign(stage, budget=1_000)
    publish(stage, rule("less", "add", -10, budget="spring", limit=5))
    made = redemption(stage, redeem(stage))
    gc.collect()
    seen = [made, made.steps, *made.steps, made.given, made.limited, made.parts, *made.parts]
    assert made.given == {"spring": 10}
    assert [thing for thing in seen if gc.is_tracked(thing)] == []
