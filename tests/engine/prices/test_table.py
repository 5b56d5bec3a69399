"""Many prices at once."""

import pytest

from engine.commands import ExperienceTerms, MarketMoney, Payment, ProgramSettings, PutExperience, TuneRule
from engine.errors import Rejection
from engine.prices import table
from engine.prices.answers import PriceTable
from engine.prices.table import Context
from tests.engine.harness import Stage
from tests.engine.offering import publish, put, rule

SETTINGS = ProgramSettings(
    tiers=("gold", "blue"), markets=("north", "south"), money={"north": MarketMoney("EUR", 2, 5_000)}
)
CONTEXTS = [Context("gold", "north"), Context("blue", "south")]


@pytest.fixture
def stage():
    stage = Stage(SETTINGS)
    put(stage, payment=Payment(2_000, 10_000))
    put(stage, "opera", points=300, kind="dining")
    publish(
        stage, rule("gold", "factor", 9_000, tiers=("gold",)), rule("south", "add", 7, markets=("south",))
    )
    return stage


def look(stage, experiences, contexts):
    return table.price_table(table.draw_table(stage.program, experiences, contexts))


def test_all_prices_in_all_contexts(stage):
    assert look(stage, [], CONTEXTS) == PriceTable(
        ["spa", "opera"], [[900, 1_007], [270, 307]], [[0, 0], [0, 0]]
    )
    assert look(stage, ["opera"], CONTEXTS[:1]).points == [[270]]
    with pytest.raises(Rejection, match="no experience"):
        look(stage, ["nothing"], CONTEXTS)


def test_what_cannot_be_paid_somewhere_has_no_price_there(stage):
    stage.do(PutExperience("half", ExperienceTerms("travel", 1_000, payment=Payment(5_000, 5_000))))
    publish(stage, rule("fee", "add", 30, "cash", kinds=("dining",)))
    found = look(stage, [], CONTEXTS)
    assert found.points == [[1_000, 1_000], [300, None], [500, None]]
    assert found.cash == [[0, 0], [30, None], [250, None]]


def test_a_look_takes_its_time(stage):
    sheet = table.draw_table(stage.program, ["opera"], CONTEXTS[:1])
    stage.do(TuneRule("gold", 5_000))
    assert table.price_table(sheet).points == [[270]]
    assert look(stage, ["opera"], CONTEXTS[:1]).points == [[150]]


def test_too_much_for_one_table(stage, monkeypatch):
    monkeypatch.setattr(table, "PRICES_LIMIT", 1)
    with pytest.raises(Rejection, match="at most 1 prices"):
        look(stage, ["spa"], CONTEXTS)


@pytest.mark.parametrize(
    ("context", "code"),
    [(Context("plat", "north"), "unknown_tier"), (Context("gold", "mars"), "unknown_market")],
)
def test_contexts_that_there_are_not(stage, context, code):
    with pytest.raises(Rejection) as refused:
        look(stage, [], [context])
    assert refused.value.rejected.code == code
