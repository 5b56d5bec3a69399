"""What tickets cost: bundles, rules of the mechanic raffle, budgets and limits that end amid a purchase."""

import pytest
from hypothesis import given, strategies as st

from engine.commands import BuyTickets, VoidRaffle
from engine.commands.raffles import Bundle
from engine.raffles.pricing import PRICES, count_paid, price_tickets, quote_ticket
from rules.pricing import Step
from tests.engine.harness import Stage
from tests.engine.offering import publish, rule, run_campaign
from tests.engine.raffling import buy, open_raffle

FIVE_FOR_FOUR = (Bundle(5, 4),)
MORE = (Bundle(5, 4), Bundle(12, 9))


@pytest.mark.parametrize(
    ("bundles", "tickets", "paid"),
    [
        ((), 7, 7),
        (FIVE_FOR_FOUR, 4, 4),
        (FIVE_FOR_FOUR, 5, 4),
        (FIVE_FOR_FOUR, 6, 5),
        (FIVE_FOR_FOUR, 10, 8),
        (FIVE_FOR_FOUR, 14, 12),
        (MORE, 12, 9),
        (MORE, 17, 13),
        (MORE, 18, 14),
        (MORE, 29, 22),
        (MORE, 11, 9),
    ],
)
def test_bundles(bundles: tuple[Bundle, ...], tickets: int, paid: int) -> None:
    assert count_paid(bundles, tickets) == paid
    assert count_paid(bundles[::-1], tickets) == paid


def test_rules_of_the_mechanic_raffle_price_a_ticket() -> None:
    stage = Stage()
    stage.member("anna")
    stage.member("ben", tier="silver")
    raffle = open_raffle(stage, bundles=FIVE_FOR_FOUR)
    publish(
        stage,
        rule("gold", "factor", 9_000, mechanics=("raffle",), tiers=("gold",)),
        rule("elsewhere", "factor", 1, mechanics=("redemption",)),
        rule("anywhere", "factor", 2),
        rule("other", "factor", 3, mechanics=("raffle",), experiences=("another",)),
        rule("kind", "add", -1, mechanics=("raffle",), kinds=("raffle",)),
    )
    assert buy(stage, "anna", 5).points == 4 * 89
    assert buy(stage, "ben", 5).points == 4 * 99
    found = quote_ticket(stage.program, stage.who("anna"), raffle, "", stage.at)
    assert found.points == 89
    assert found.steps == [Step("gold", "points", 100, 90), Step("kind", "points", 90, 89)]


def test_a_budget_ends_amid_a_purchase() -> None:
    """1 000 points at 30 a ticket: 33 tickets cost 70, the others 100."""
    stage = Stage()
    stage.members("anna", points=100_000)
    open_raffle(stage)
    campaign = run_campaign(stage, budget=1_000)
    publish(stage, rule("cheap", "factor", 7_000, mechanics=("raffle",), budget="spring"))
    assert buy(stage, "anna", 30).points == 30 * 70
    assert campaign.given == 900
    assert buy(stage, "anna", 10).points == 3 * 70 + 7 * 100
    assert campaign.given == 990
    assert buy(stage, "anna", 1).points == 100


def test_a_limit_for_each_member_counts_tickets() -> None:
    stage = Stage()
    stage.members("anna", "ben")
    open_raffle(stage)
    publish(stage, rule("three", "set", 10, mechanics=("raffle",), limit=3))
    assert buy(stage, "anna", 2).points == 20
    assert buy(stage, "anna", 2).points == 110
    assert buy(stage, "anna", 1).points == 100
    assert buy(stage, "ben", 4).points == 130
    assert stage.who("anna").uses == {"three": 3}


def test_a_void_gives_budgets_and_limits_back() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    campaign = run_campaign(stage, budget=50)
    publish(
        stage,
        rule("cheap", "add", -20, mechanics=("raffle",), budget="spring"),
        rule("three", "add", -1, mechanics=("raffle",), limit=3),
    )
    assert buy(stage, "anna", 4).points == 2 * 79 + 99 + 100
    assert (campaign.given, stage.who("anna").uses) == (40, {"three": 3})
    stage.do(VoidRaffle("r", "a test"))
    stage.tick()
    assert (campaign.given, stage.who("anna").uses, stage.who("anna").spent) == (0, None, 0)


def test_the_most_is_of_the_whole_purchase() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    refused = stage.refuse(BuyTickets("r", 3, 299), "price_changed", "anna")
    assert refused.details == {"points": 300}


def test_a_purchase_has_prices_up_to_a_limit() -> None:
    stage = Stage()
    stage.members("anna")
    open_raffle(stage)
    publish(
        stage,
        *(rule(f"r{number}", "add", -1, mechanics=("raffle",), limit=number + 1) for number in range(PRICES)),
    )
    assert buy(stage, "anna", PRICES).points
    stage.members("ben")
    stage.refuse(BuyTickets("r", PRICES + 1, 10**9), "too_many_prices", "ben")


@given(
    tickets=st.integers(1, 40),
    budget=st.integers(0, 400),
    limit=st.integers(1, 10),
    factor=st.integers(1, 10_000),
)
def test_it_costs_what_its_tickets_cost_one_by_one(
    tickets: int, budget: int, limit: int, factor: int
) -> None:
    at_once, singly = (Stage() for _ in range(2))
    for stage in (at_once, singly):
        stage.members("anna")
        open_raffle(stage)
        run_campaign(stage, budget=budget)
        publish(
            stage,
            rule("first", "factor", factor, mechanics=("raffle",), budget="spring"),
            rule("second", "add", -7, mechanics=("raffle",), limit=limit),
        )
    raffle = at_once.program.raffles.by_id["r"]
    cost = price_tickets(at_once.program, at_once.who("anna"), raffle, tickets, "", at_once.at)
    assert cost.points == buy(at_once, "anna", tickets).points
    assert cost.points == sum(buy(singly, "anna").points for _ in range(tickets))
    assert at_once.program.campaigns.left == singly.program.campaigns.left
    assert at_once.who("anna").uses == singly.who("anna").uses
