"""What a draft would change, counted by hand and against single quotes."""

from random import Random

import pytest

from engine.commands import (
    BeginDraft,
    CampaignTerms,
    MarketMoney,
    Payment,
    ProgramSettings,
    PutCampaign,
    PutRules,
)
from engine.errors import Rejection
from engine.prices import preview
from engine.prices.preview import draw_outlook
from engine.prices.quotes import item_of, share_of
from engine.units import DAY
from rules.pricing import quote
from tests.engine.harness import Stage
from tests.engine.offering import STACK, publish, put, rule, run_campaign

SETTINGS = ProgramSettings(
    tiers=("gold", "blue"), markets=("north", "south"), money={"north": MarketMoney("EUR", 2, 5_000)}
)


@pytest.fixture
def stage():
    stage = Stage(SETTINGS)
    put(stage, "spa", 1_000)
    put(stage, "opera", 200)
    publish(stage, rule("gold", "factor", 9_000, tiers=("gold",)))
    stage.do(BeginDraft("d", 1), "maria")
    return stage


def look(stage):
    return preview.preview(draw_outlook(stage.program, "d"))


def test_nothing_changes(stage):
    found = look(stage)
    assert (found.prices, found.changed, found.largest_up, found.largest_down) == (8, 0, [], [])
    assert sum(band.prices for band in found.distribution) == 0


def test_up_and_down(stage):
    stage.do(
        PutRules(
            "d",
            (rule("gold", "factor", 8_000, tiers=("gold",)), rule("south", "add", 300, markets=("south",))),
        ),
        "maria",
    )
    found = look(stage)
    assert (found.prices, found.changed, found.dearer, found.cheaper) == (8, 6, 4, 2)
    assert [(one.experience, one.tier, one.market, one.before, one.after) for one in found.largest_up] == [
        ("spa", "blue", "south", 1_000, 1_300),
        ("opera", "blue", "south", 200, 500),
        ("opera", "gold", "south", 180, 460),
        ("spa", "gold", "south", 900, 1_100),
    ]
    assert [(one.experience, one.before, one.after) for one in found.largest_down] == [
        ("spa", 900, 800),
        ("opera", 180, 160),
    ]
    # −11 % twice, +22 %, +30 %, +150 % and +155 %.
    assert {(band.least, band.below): band.prices for band in found.distribution if band.prices} == {
        (-2_000, -1_000): 2,
        (2_000, 5_000): 2,
        (5_000, None): 2,
    }


def test_segments_that_rules_name_are_looked_at_too(stage, monkeypatch):
    stage.do(PutRules("d", (rule("vip", "add", -1, segments=("vip",)),)), "maria")
    found = look(stage)
    assert (found.prices, found.changed) == (16, 8)
    assert {one.segment for one in found.largest_down} == {"vip"}
    monkeypatch.setattr(preview, "PRICES_LIMIT", 8)
    assert look(stage).prices == 8
    monkeypatch.setattr(preview, "PRICES_LIMIT", 4)
    assert look(stage).prices == 4


def test_channels_that_rules_name_are_looked_at_too(stage, monkeypatch):
    both = (rule("app", "add", -1, channels=("app",)), rule("vip", "add", -2, segments=("vip",)))
    stage.do(PutRules("d", both), "maria")
    found = look(stage)
    # By tier, market and experience: nobody's, the app's, vips', and vips' in the app.
    assert (found.prices, found.changed) == (32, 24)
    first = found.largest_down[0]
    assert (first.channel, first.segment, first.after - first.before) == ("app", "vip", -3)
    monkeypatch.setattr(preview, "PRICES_LIMIT", 31)
    assert (look(stage).prices, look(stage).changed) == (24, 16)
    monkeypatch.setattr(preview, "PRICES_LIMIT", 23)
    assert {one.segment for one in look(stage).largest_down} == {"vip"}
    monkeypatch.setattr(preview, "PRICES_LIMIT", 15)
    assert (look(stage).prices, look(stage).changed) == (8, 0)


def test_it_looks_ahead_to_when_what_differs_applies(stage, monkeypatch):
    now = stage.at
    run_campaign(stage, "friday", starts_at=now + DAY, ends_at=now + 9 * DAY)
    run_campaign(stage, "runs")
    stage.do(PutCampaign("draft", CampaignTerms()))
    rules = (
        rule("now", "add", -1, campaigns=("runs",)),
        rule("friday", "add", -2, campaigns=("friday",)),
        rule(
            "evening",
            "add",
            -4,
            campaigns=("friday",),
            windows=((now + 1, now + 5), (now + 2 * DAY, now + 3 * DAY)),
        ),
        rule("same", "add", -8, windows=((now + DAY, now + DAY + 1),)),
        rule("never", "add", -16, campaigns=("draft",)),
        rule("past", "add", -16, windows=((1, now),)),
        rule("too late", "add", -16, campaigns=("friday",), windows=((now + 9 * DAY, now + 10 * DAY),)),
    )
    stage.do(PutRules("d", rules), "maria")
    found = look(stage)
    assert [(one.at - now, one.campaigns, one.prices, one.changed) for one in found.looks] == [
        (0, ("runs",), 8, 8),
        (DAY, ("friday", "runs"), 8, 8),
        (2 * DAY, ("friday", "runs"), 8, 8),
    ]
    assert found.unseen == ["never", "past", "too late"]
    assert (found.prices, found.changed, found.cheaper) == (24, 24, 24)
    assert {(one.at - now, one.after - one.before) for one in found.largest_down} >= {(DAY, -11)}
    # Later instants go first where there is too much to look at.
    monkeypatch.setattr(preview, "PRICES_LIMIT", 16)
    found = look(stage)
    assert [one.at - now for one in found.looks] == [0, DAY]
    assert "evening" in found.unseen


def test_markets_without_money_and_experiences_of_one_market(stage):
    put(stage, "cash", 500, payment=Payment(5_000, 5_000))
    put(stage, "north", 500, markets=("north",))
    stage.do(PutRules("d", (rule("fee", "factor", 20_000, "cash"),)), "maria")
    found = look(stage)
    assert (found.prices, found.changed, found.dearer) == (12, 2, 0)


def test_without_experiences():
    stage = Stage()
    stage.do(BeginDraft("d"), "maria")
    assert look(stage).prices == 0
    with pytest.raises(Rejection):
        draw_outlook(stage.program, "none")


def test_counts_are_those_of_single_quotes(stage):
    random = Random(3)
    for number in range(30):
        put(stage, f"x{number}", random.randrange(10_000), kind=random.choice(("travel", "dining")))
    rules = [
        rule(
            f"r{number}",
            random.choice(("factor", "add", "cap")),
            random.randrange(1, 12_000),
            tiers=random.choice(((), ("gold",))),
            markets=random.choice(((), ("south",))),
            kinds=random.choice(((), ("travel",))),
        )
        for number in range(20)
    ]
    stage.do(PutRules("d", tuple(rules), groups=STACK), "maria")
    outlook = draw_outlook(stage.program, "d")
    program, changed, shifts = stage.program, 0, []
    for _, cells in outlook.markets:
        for cell in cells:
            for experience in program.experiences.values():
                item = item_of(program, experience, cell.market, share_of(experience.terms, None))
                before, after = (
                    quote(rules, cell, item, outlook.terms).points
                    for rules in (outlook.running, outlook.rules)
                )
                changed += before != after
                shifts.append(after - before)
    found = preview.preview(outlook)
    assert found.changed == changed > 50
    assert [one.after - one.before for one in found.largest_up] == sorted(shifts, reverse=True)[:10]
    assert [one.after - one.before for one in found.largest_down] == sorted(shifts)[:10]


def test_a_campaign_that_is_a_draft_is_seen_where_it_is_named(stage):
    start = stage.at + DAY
    stage.do(PutCampaign("launch", CampaignTerms(starts_at=start)))
    stage.do(PutRules("d", (rule("less", "factor", 5_000, campaigns=("launch",)),)), "maria")
    unseen = look(stage)
    assert (unseen.changed, unseen.unseen) == (0, ["less"])
    found = preview.preview(draw_outlook(stage.program, "d", "launch"))
    assert [(one.at, one.changed) for one in found.looks] == [(stage.at, 0), (start, 8)]
    assert stage.program.campaigns.by_id["launch"].status == "draft"
