"""What is overdue takes nothing from others, however late the agenda is, and costs little to look for."""

import pytest

from engine import machine
from engine.commands import MarketMoney, Payment, ProgramSettings, Redeem
from engine.rewards import overdue
from engine.units import HOUR, MINUTE
from tests.engine.harness import Stage, copy_of, envelope
from tests.engine.offering import publish, put, redeem, redemption, rule, run_campaign

MONEY = {market: MarketMoney("EUR", 2, 5_000) for market in ("north", "south")}
CASH = Payment(0, 0)


@pytest.fixture
def stage(monkeypatch):
    """A stage whose agenda never comes to anything."""
    monkeypatch.setattr(machine, "SLICE", 0)
    stage = Stage(ProgramSettings(money=MONEY, payment_deadline=15 * MINUTE))
    stage.members("anna", "ben")
    stage.member("sue", market="south")
    return stage


def redeem_often(stage, count, member="ben", experience="spa"):
    """Redemptions that are never paid: of one member fifty."""
    for first in range(0, count, 50):
        id = f"{member}{first}"
        stage.member(id, market=stage.who(member).market)
        stage.send(*[envelope(Redeem(experience, 10**9, 10**9), id)] * min(50, count - first))
    assert len(stage.program.redemptions) >= count


def test_it_holds_no_stock(stage):
    put(stage, payment=CASH, stock=1)
    late = redeem(stage)
    stage.refuse(Redeem("spa", 10**9, 10**9), "sold_out", "ben")
    stage.wait(15 * MINUTE)
    redeem(stage, "ben")
    assert redemption(stage, late).status == "lapsed"


def test_it_holds_no_points(stage):
    stage.member("cleo", 1_000)
    put(stage, points=2_000, payment=Payment(5_000, 5_000))
    put(stage, "opera", points=1_000)
    late = redeem(stage, "cleo")
    stage.wait(15 * MINUTE)
    redeem(stage, "cleo", "opera")
    assert redemption(stage, late).status == "lapsed"


def test_it_holds_no_share_of_a_budget(stage):
    put(stage, payment=Payment(5_000))
    put(stage, "opera")
    run_campaign(stage, budget=300)
    run_campaign(stage, "other", budget=300)
    half = rule("half", "factor", 5_000, budget="spring", experiences=("spa",))
    publish(stage, half, rule("less", "add", -100, budget="other", experiences=("opera",)))
    late = redeem(stage, share=5_000)
    assert copy_of(stage.program).campaigns.by_id["spring"].awaiting == {
        late.redemption: stage.at + 15 * MINUTE
    }
    assert redeem(stage, "sue", share=5_000).points == 500
    stage.wait(15 * MINUTE)
    redeem(stage, "ben", "opera")
    assert redemption(stage, late).status == "awaiting_payment"  # not in the way of that one
    assert redeem(stage, "ben", share=5_000).points == 250
    assert redemption(stage, late).status == "lapsed"
    assert stage.program.campaigns.left["spring"] == 50


def test_a_piece_of_its_own_market_is_found_behind_many_of_another(stage):
    put(stage, payment=CASH, stock_by_market={"north": 10_000, "south": 1})
    redeem_often(stage, 2 * overdue.LOOKED_AT)
    late = redeem(stage, "sue")
    stage.wait(HOUR)
    stage.member("sam", market="south")
    redeem(stage, "sam")
    assert redemption(stage, late).status == "lapsed"
    assert stage.program.experiences["spa"].taken_by_market == {"north": 2 * overdue.LOOKED_AT, "south": 1}


def test_a_piece_of_another_market_helps_where_the_whole_stock_is_taken(stage):
    put(stage, payment=CASH, stock=1, stock_by_market={"south": 1})
    redeem(stage)
    stage.wait(HOUR)
    redeem(stage, "sue")
    assert stage.program.experiences["spa"].taken_by_market == {"south": 1}


def test_what_is_overdue_elsewhere_is_left_alone(stage):
    """However many there are: it could not help."""
    put(stage, payment=CASH, stock_by_market={"north": 10_000, "south": 0})
    redeem_often(stage, 300)
    stage.wait(HOUR)
    stage.refuse(Redeem("spa", 10**9, 10**9), "sold_out", "sue")
    assert len(stage.program.experiences["spa"].awaiting["north"]) == 300


def test_so_many_are_looked_at(stage):
    put(stage, payment=CASH, stock=1_000)
    run_campaign(stage, budget=10**6)
    publish(stage, rule("half", "factor", 5_000, budget="spring"))
    put(stage, "opera", points=100, payment=Payment(5_000, 5_000))
    redeem_often(stage, 2 * overdue.LOOKED_AT, experience="opera")
    stage.wait(HOUR)
    campaign = stage.program.campaigns.by_id["spring"]
    redeem(stage, "anna", "opera")
    assert len(campaign.awaiting) == overdue.LOOKED_AT + 1
    redeem(stage, "anna", "opera")
    assert len(campaign.awaiting) == 2
    assert campaign.given == 50
