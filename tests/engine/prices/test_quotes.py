"""Base price, split, market, member: what rules price in the end."""

import pytest
from hypothesis import given, settings, strategies as st

from engine.commands import BuyNow, MarketMoney, Payment, PlaceBid, ProgramSettings, TuneRule
from engine.prices.quotes import cell_of, item_of, money_of, settlement_factor, tax_in, used_up
from engine.prices.table import Context, draw_table, price_table
from engine.prices.views import quote_in_context
from rules.scope import Cell
from tests.engine.harness import Stage
from tests.engine.offering import publish, put, redeem, rule, run_campaign


@pytest.mark.parametrize(
    ("cash", "tax", "expected"),
    [(12_100, 2_100, 2_100), (100, 2_000, 17), (0, 2_000, 0), (999, 0, 0), (1, 10_000, 0), (3, 10_000, 1)],
)
def test_tax_that_is_in_a_price(cash, tax, expected):
    assert tax_in(cash, MarketMoney("EUR", 2, 1, tax)) == expected


@given(st.integers(0, 10**12), st.integers(0, 10_000))
@settings(deadline=None)
def test_price_without_tax_and_tax_add_up(cash, tax):
    money = MarketMoney("EUR", 2, 1, tax)
    net = cash - tax_in(cash, money)
    assert 0 <= net <= cash
    assert abs(net * (10_000 + tax) - cash * 10_000) * 2 <= 10_000 + tax


def test_who_asks():
    stage = Stage()
    run_campaign(stage, "b")
    run_campaign(stage, "a")
    cell = cell_of(stage.program, "gold", "north", channel="web", segments=("vip",), at=stage.at)
    assert cell == Cell("redemption", "gold", "north", "web", ("vip",), ("a", "b"))
    assert money_of(stage.program, "north").currency == "XXX"


def test_what_a_member_has_used_up():
    stage = Stage()
    stage.members("anna")
    put(stage)
    publish(stage, rule("once", "add", -1, limit=1), rule("twice", "add", -1, limit=2))
    anna = stage.who("anna")
    assert used_up(stage.program, anna) == ()
    redeem(stage)
    assert used_up(stage.program, anna) == ("once",)
    redeem(stage)
    assert used_up(stage.program, anna) == ("once", "twice")
    publish(stage, rule("twice", "add", -1, limit=3))
    assert used_up(stage.program, anna) == ()


@pytest.mark.parametrize(
    ("points", "rate", "share", "split"),
    [
        (10_000, 100, 5_000, (5_000, 50)),
        (10_000, 100, 10_000, (10_000, 0)),
        # What is left of a price is never for nothing.
        (4_999, 1, 0, (0, 1)),
        (10, 1, 1, (0, 1)),
        (1, 1, 5_000, (1, 0)),
        (0, 100, 0, (0, 0)),
        # No amount is larger than there may be.
        (10**12, 10**6, 0, (0, 10**12)),
        (10**12, 10**4, 0, (0, 10**12)),
    ],
)
def test_the_split_gives_nothing_away(points, rate, share, split):
    stage = Stage(ProgramSettings(money={"north": MarketMoney("JPY", 0, rate)}))
    experience = put(stage, points=points, payment=Payment(0, 10_000))
    item = item_of(stage.program, experience, "north", share)
    assert (item.points, item.cash) == split


def test_the_dearest_price_is_the_same_in_a_table():
    stage = Stage(ProgramSettings(money={"north": MarketMoney("JPY", 0, 10**6)}))
    put(stage, points=10**12, payment=Payment(0, 0))
    publish(stage, rule("dear", "factor", 900_000, "cash"))
    context = Context("gold", "north")
    table = price_table(draw_table(stage.program, [], [context]))
    price = quote_in_context(stage.program, context, "spa", share=None, why_not=False).price
    assert (price.points, price.cash) == (table.points[0][0], table.cash[0][0]) == (0, 10**12)


# Auctions.

VIP = rule("vip", "factor", 9_000, mechanics=("auction",), segments=("vip",))


@pytest.fixture
def stage():
    stage = Stage(ProgramSettings())
    stage.member("anna", segments=("vip",))
    stage.member("ben")
    return stage


def test_a_rule_sets_what_the_winner_pays(stage):
    publish(stage, VIP, rule("all", "factor", 5_000))
    stage.open()
    stage.bid("ben", 1_000)
    stage.bid("anna", 2_000)
    assert stage.held() == {"anna": 2_000}
    sold = stage.close().sale
    # 90 % of 1 100: what is not for settlement says nothing of it.
    assert (sold.price, sold.paid) == (1_100, 990)


def test_a_rule_speaks_for_one_auction(stage):
    publish(stage, rule("b", "factor", 5_000, mechanics=("auction",), experiences=("b",)))
    for auction, paid in (("a", 500), ("b", 250)):
        stage.open(auction)
        stage.do(PlaceBid(auction, 1_000), "ben")
        assert stage.close(auction).sale.paid == paid


def test_a_surcharge_is_held(stage):
    publish(stage, rule("fee", "factor", 11_000, mechanics=("auction",)))
    stage.open()
    stage.bid("anna", 2_000)
    assert stage.held() == {"anna": 2_200}
    assert stage.close().sale.paid == 550


def test_terms_are_fixed_with_the_bid(stage):
    publish(stage, VIP)
    stage.open()
    stage.bid("anna", 1_000)
    stage.do(TuneRule("vip", 10_000), "maria")
    assert stage.close().sale.paid == 450
    stage.open("b")
    stage.do(PlaceBid("b", 1_000), "anna")
    stage.do(TuneRule("vip", 5_000), "maria")
    stage.do(PlaceBid("b", 2_000), "anna")
    assert stage.close("b").sale.paid == 250


def test_buying_at_once(stage):
    publish(stage, VIP)
    stage.open(buy_now=3_000)
    assert stage.do(BuyNow("a", 3_000), "anna").paid == 2_700


def test_rules_add_to_the_auctions_own_factors(stage):
    publish(stage, VIP, rule("tier", "factor", 5_000, mechanics=("auction",), tiers=("gold",)))
    stage.open(settlement_factors={"gold": 8_000})
    stage.bid("anna", 1_000)
    assert stage.close().sale.paid == 180
    assert settlement_factor(stage.program, stage.who("anna"), "a", 8_000, stage.at) == 3_600


def test_a_campaign_of_auctions(stage):
    run_campaign(stage, ends_at=stage.at + 1_000)
    publish(stage, rule("spring", "factor", 5_000, mechanics=("auction",), campaigns=("spring",)))
    stage.open()
    stage.bid("anna", 1_000)
    stage.wait(1_000)
    stage.bid("ben", 1_100)
    assert [bid.factor for bid in stage.auction().history] == [5_000, 10_000]
