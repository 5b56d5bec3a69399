"""What another number of a running rule would do, by hand and against what it does once it is tuned."""

from random import Random

import msgspec
import pytest

from engine.commands import (
    CampaignTerms,
    Configure,
    MarketMoney,
    Payment,
    ProgramSettings,
    PutCampaign,
    TuneRule,
)
from engine.errors import Rejection
from engine.prices import foresight
from engine.prices.answers import ForeseenRow, PriceFault
from engine.prices.foresight import draw_prospect
from engine.prices.table import Context, draw_table, price_table
from engine.units import DAY
from rules.rule import Group
from tests.engine.harness import Stage
from tests.engine.offering import publish, put, rule, run_campaign

SETTINGS = ProgramSettings(
    tiers=("gold", "blue"), markets=("north", "south"), money={"north": MarketMoney("EUR", 2, 5_000)}
)


@pytest.fixture
def stage():
    stage = Stage(SETTINGS)
    put(stage, "spa", 1_000)
    put(stage, "opera", 200, kind="leisure")
    put(stage, "jet", 9_000, kind="travel", markets=("north",))
    publish(
        stage,
        rule("gold", "factor", 9_000, tiers=("gold",), kinds=("wellness", "leisure")),
        rule("least", "floor", 100, priority=-1),
    )
    return stage


def look(stage, rule, number, channel="", segment="", **given):
    return foresight.foresee(
        draw_prospect(stage.program, rule, number, channel=channel, segment=segment), **given
    )


def test_every_price_before_and_after(stage):
    found = look(stage, "gold", 5_000)
    assert (found.rule, found.operation, found.part, found.before, found.after) == (
        *("gold", "factor", "points"),
        *(9_000, 5_000),
    )
    assert (found.revision, found.at, found.applies, found.campaigns) == (1, stage.program.at, True, ())
    # The jet is to be had in the north alone.
    assert (found.prices, found.changed, found.dearer, found.cheaper) == (10, 4, 0, 4)
    assert [msgspec.structs.astuple(column) for column in found.columns] == [
        ("gold", "north", "EUR", 2, 2),
        ("blue", "north", "EUR", 2, 0),
        ("gold", "south", "", 0, 2),
        ("blue", "south", "", 0, 0),
    ]
    assert found.rows == [
        ForeseenRow("spa", [900, 1_000, 900, 1_000], [500, 1_000, 500, 1_000]),
        ForeseenRow("opera", [180, 200, 180, 200], [100, 200, 100, 200]),
        ForeseenRow("jet", [9_000, 9_000, None, None], [9_000, 9_000, None, None]),
    ]
    assert (found.next, found.unseen, found.faults) == (0, 0, [])
    assert stage.program.book.running.rules[stage.program.book.running.places["gold"]].effect.number == 9_000


def test_it_takes_its_time(stage):
    prospect = draw_prospect(stage.program, "gold", 5_000)
    stage.do(TuneRule("gold", 8_000))
    assert foresight.foresee(prospect).rows[0].before == [900, 1_000, 900, 1_000]
    assert look(stage, "gold", 5_000).rows[0].before == [800, 1_000, 800, 1_000]


def test_floors_that_hold_and_prices_that_fall_to_nothing(stage):
    found = look(stage, "gold", 1_000)
    # A tenth of 200 is held at 100, twice; a tenth of 1 000 is 100 by itself.
    assert found.faults == [PriceFault("floor", "least", 2, 0, "opera", "gold", "north")]
    stage.do(TuneRule("least", 190))
    assert look(stage, "gold", 1_000).faults == [PriceFault("floor", "least", 4, 2, "spa", "gold", "north")]
    publish(stage, rule("off", "add", -200), rule("most", "cap", 500))
    found = look(stage, "off", -1_000)
    # The cap comes first, and the opera cost nothing before.
    assert found.faults == [
        PriceFault("free", "off", 6, 0, "spa", "gold", "north"),
        PriceFault("cap", "most", 6, 6, "spa", "gold", "north"),
    ]


def test_what_would_be_refused_is_refused(stage):
    for rule_id, number, code in (
        ("none", 1, "unknown_rule"),
        ("gold", 0, "factor_out_of_bounds"),
        ("least", -1, "number_out_of_bounds"),
    ):
        with pytest.raises(Rejection) as refused:
            look(stage, rule_id, number)
        assert refused.value.rejected.code == code
    publish(stage, rule("least", "floor", 10), rule("most", "cap", 500))
    with pytest.raises(Rejection, match="above a cap"):
        look(stage, "least", 501)


def test_pages(stage, monkeypatch):
    first = look(stage, "gold", 5_000, limit=1)
    assert ([row.experience for row in first.rows], first.next) == (["spa"], 1)
    rest = look(stage, "gold", 5_000, after=1, limit=2)
    assert ([row.experience for row in rest.rows], rest.next) == (["opera", "jet"], 0)
    assert look(stage, "gold", 5_000, after=3).rows == []
    # By the largest change of a price; what does not change stands in the catalogue's order.
    assert [row.experience for row in look(stage, "least", 8_000).rows] == ["opera", "spa", "jet"]
    own = look(stage, "least", 8_000, order="catalogue")
    assert [row.experience for row in own.rows] == ["spa", "opera", "jet"]
    assert own.rows[0].after == [8_000] * 4
    monkeypatch.setattr(foresight, "SHOWN_LIMIT", 9)
    assert [row.experience for row in look(stage, "gold", 5_000).rows] == ["spa", "opera"]
    assert look(stage, "gold", 5_000).next == 2


def test_what_is_searched_for(stage):
    put(stage, "cruise", 3_000, kind="travel", titles={"en": "Three Days at Sea", "fr": "Trois jours en mer"})
    for text, ids in (("P", ["spa", "opera"]), ("at sea", ["cruise"]), ("EN MER", ["cruise"]), ("zoo", [])):
        found = look(stage, "gold", 5_000, search=text)
        assert ([row.experience for row in found.rows], found.found) == (ids, len(ids))
        # The counts are those of all.
        assert (found.prices, found.changed) == (14, 4)
    page = look(stage, "gold", 5_000, search="p", limit=1, after=1)
    assert ([row.experience for row in page.rows], page.found, page.next) == (["opera"], 2, 0)


def test_too_many_experiences(stage, monkeypatch):
    publish(stage, rule("fly", "add", -5, kinds=("travel",)))
    monkeypatch.setattr(foresight, "PRICES_LIMIT", 8)
    found = look(stage, "fly", -7)
    assert ([row.experience for row in found.rows], found.unseen, found.prices) == (["jet", "spa"], 1, 6)
    assert (found.changed, found.cheaper) == (2, 2)


def test_cash_before_and_after(stage):
    put(stage, "boat", 1_000, payment=Payment(5_000, 5_000))
    publish(stage, rule("fee", "add", 30, "cash", kinds=("wellness",)), rule("half", "factor", 5_000))
    found = look(stage, "fee", 40)
    # In the south nothing can be paid in cash; in the north half of a boat costs 250 beside its fee.
    assert (found.prices, found.changed, found.dearer, found.cheaper) == (3 * 2 + 2 + 2, 4, 4, 0)
    rows = {row.experience: row for row in found.rows}
    assert rows["boat"] == ForeseenRow(
        "boat",
        [250, 250, None, None],
        [250, 250, None, None],
        [280, 280, None, None],
        [290, 290, None, None],
    )
    assert rows["spa"].cash_after == [40, 40, None, None]
    assert rows["opera"] == ForeseenRow("opera", [100] * 4, [100] * 4)


def test_a_rule_of_segments_and_channels(stage):
    publish(
        stage,
        rule("vip", "add", -10, segments=("vip", "press"), channels=("app",)),
        rule("press", "add", -1, segments=("press",)),
    )
    found = look(stage, "vip", -20)
    assert (found.segment, found.channel, found.changed) == ("vip", "app", 10)
    assert found.rows[0].after == [980] * 4
    found = look(stage, "vip", -20, segment="press")
    assert (found.segment, found.rows[0].before, found.rows[0].after) == ("press", [989] * 4, [979] * 4)
    assert look(stage, "vip", -20, channel="web").changed == 0


def test_a_rule_that_does_not_apply_yet(stage):
    now = stage.at
    run_campaign(stage, "friday", starts_at=now + DAY, ends_at=now + 9 * DAY)
    publish(
        stage,
        rule("friday", "add", -2, campaigns=("friday",)),
        rule("late", "add", -4, windows=((now + 2 * DAY, now + 3 * DAY),)),
    )
    found = look(stage, "friday", -3)
    assert (found.applies, found.at, found.campaigns) == (True, now + DAY, ("friday",))
    assert (found.changed, found.rows[0].before[0], found.rows[0].after[0]) == (10, 998, 997)
    found = look(stage, "late", -5)
    assert (found.at, found.rows[0].before[0], found.rows[0].after[0]) == (now + 2 * DAY, 994, 993)


@pytest.mark.parametrize(
    "scope",
    [{"campaigns": ("draft",)}, {"mechanics": ("raffle",)}, {"kinds": ("none",)}, {"tiers": ("red",)}],
)
def test_a_rule_that_never_applies(stage, scope):
    stage.do(PutCampaign("draft", CampaignTerms()))
    stage.do(Configure(ProgramSettings(tiers=("gold", "blue", "red"))))
    publish(stage, rule("never", "add", -2, **scope))
    stage.do(Configure(SETTINGS))
    found = look(stage, "never", -3)
    assert (found.applies, found.changed, found.prices, found.faults) == (False, 0, 10, [])
    assert [row.experience for row in found.rows] == ["spa", "opera", "jet"]


def test_an_empty_catalogue():
    stage = Stage(SETTINGS)
    publish(stage, rule("all", "add", -2))
    found = look(stage, "all", -3)
    assert (found.applies, found.prices, found.rows, found.next) == (False, 0, [], 0)


@pytest.mark.parametrize("seed", range(12))
def test_it_foretells_what_tuning_does(seed):
    random = Random(seed)
    stage = Stage(SETTINGS)
    kinds = ("wellness", "leisure", "travel")
    for number in range(12):
        payment = Payment(2_000, random.choice([4_000, 10_000])) if random.random() < 0.3 else None
        put(
            stage,
            f"e{number}",
            random.randrange(1, 3_000),
            kind=random.choice(kinds),
            payment=payment,
            markets=random.choice([(), (), ("north",), ("south",)]),
        )
    run_campaign(stage, "runs", budget=400)
    rules = [
        rule(
            f"r{number}",
            *random.choice([("factor", 8_000), ("add", -50), ("add", 70), ("floor", 90), ("cap", 2_500)]),
            group=random.choice("abc"),
            tiers=random.choice([(), ("gold",), ("blue",)]),
            kinds=random.choice([(), (), random.sample(kinds, 2)]),
            campaigns=random.choice([(), ("runs",)]),
            budget=random.choice(["", "", "runs"]),
        )
        for number in range(10)
    ]
    publish(stage, *rules, groups=(Group("a"), Group("b", "best"), Group("c", "first")))
    tuned = random.choice(rules)
    number = {"factor": 6_500, "add": -120, "floor": 120, "cap": 1_000}[tuned.effect.operation]
    found = look(stage, tuned.id, number, order="catalogue")

    def prices():
        contexts = [Context(column.tier, column.market) for column in found.columns]
        table = price_table(draw_table(stage.program, [], contexts))
        for row, id in enumerate(table.experiences):
            markets = stage.program.experiences[id].terms.markets
            for column, context in enumerate(contexts):
                there = not markets or context.market in markets
                yield (table.points[row][column], table.cash[row][column]) if there else (None, None)

    before = list(prices())
    stage.do(TuneRule(tuned.id, number))
    after = list(prices())

    def told(points, cash):
        for row in found.rows:
            parts = getattr(row, points), getattr(row, cash) or [one and 0 for one in getattr(row, points)]
            yield from zip(*parts, strict=True)

    assert list(told("before", "cash_before")) == before
    assert list(told("after", "cash_after")) == after
    assert found.prices == sum(points is not None for points, _ in before)
    assert found.changed == sum(one != other for one, other in zip(before, after, strict=True))
    assert found.dearer + found.cheaper == found.changed
