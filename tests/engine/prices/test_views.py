"""Quotes with their trace, rules in pages, and what is wrong with a draft."""

import pytest

from engine.commands import (
    BeginDraft,
    EndCampaign,
    MarketMoney,
    Payment,
    ProgramSettings,
    PublishRules,
    PutRules,
    TuneRule,
)
from engine.errors import Rejection
from engine.prices import views
from engine.prices.table import Context
from engine.rewards.answers import PriceView, StepView
from rules.rule import Group
from tests.engine.harness import MIDNIGHT, Stage
from tests.engine.offering import STACK, publish, put, redeem, rule, run_campaign

SETTINGS = ProgramSettings(
    tiers=("gold", "blue"), markets=("north", "south"), money={"north": MarketMoney("EUR", 2, 5_000)}
)


@pytest.fixture
def stage():
    stage = Stage(SETTINGS)
    stage.members("anna")
    put(stage, payment=Payment(2_000, 10_000))
    return stage


def quote(stage, **given):
    asked = {"share": None, "channel": "", "why_not": True} | given
    return views.quote_for_member(stage.program, "anna", "spa", **asked)


def test_a_quote_tells_how_it_came_about(stage):
    run_campaign(stage, budget=150)
    publish(
        stage,
        rule("gold", "factor", 9_000, tiers=("gold",)),
        rule("spring", "add", -100, campaigns=("spring",), budget="spring"),
        rule("again", "add", -100, campaigns=("spring",), budget="spring", priority=-1),
        rule("web", "add", -5, channels=("web",)),
        rule("cash", "factor", 5_000, "cash", group="b"),
        groups=(Group("a"), Group("b")),
    )
    found = quote(stage, share=4_000)
    assert (found.base, found.share, found.campaigns) == (1_000, 4_000, ("spring",))
    assert found.split == PriceView(400, 300, "EUR", 2, 0)
    assert found.price == PriceView(260, 150, "EUR", 2, 0)
    assert found.steps == [
        StepView("gold", "points", 400, 360),
        StepView("spring", "points", 360, 260),
        StepView("cash", "cash", 300, 150),
    ]
    assert {one.rule: one.reason for one in found.not_applied} == {"web": "channels", "again": "budget"}
    assert quote(stage, why_not=False).not_applied == []
    assert quote(stage, channel="web").price.points == 795


def test_a_quote_is_what_a_redemption_costs(stage):
    publish(stage, rule("once", "factor", 5_000, limit=1))
    first = quote(stage)
    assert redeem(stage).points == first.price.points == 500
    second = quote(stage)
    assert redeem(stage).points == second.price.points == 1_000
    assert [(one.rule, one.reason) for one in second.not_applied] == [("once", "limit")]


def test_a_stated_context(stage):
    publish(stage, rule("gold", "factor", 9_000, tiers=("gold",)))
    for tier, points in (("blue", 1_000), ("gold", 900)):
        found = views.quote_in_context(
            stage.program, Context(tier, "south"), "spa", share=None, why_not=False
        )
        assert found.price.points == points
    with pytest.raises(Rejection) as caught:
        views.quote_in_context(stage.program, Context("gold", "south"), "spa", share=5_000, why_not=False)
    assert caught.value.rejected.code == "no_conversion_rate"


@pytest.mark.parametrize(
    "hidden",
    [
        {"tiers": ("blue",), "gate": "hidden"},
        {"markets": ("south",)},
        {"visible_from": MIDNIGHT + 1},
        {"visible_until": MIDNIGHT},
    ],
)
def test_a_member_learns_no_price_of_what_it_does_not_see(stage, hidden):
    put(stage, **hidden)
    with pytest.raises(Rejection) as refused:
        quote(stage)
    assert refused.value.rejected.code == "unknown_experience"
    assert views.quote_in_context(stage.program, Context("gold", "north"), "spa", share=None, why_not=False)


def test_rules_in_pages(stage):
    publish(stage, *(rule(f"r{number}", "add", number) for number in range(5)))
    stage.do(TuneRule("r4", 44))
    pages, after = [], 0
    while after or not pages:
        pages.append(views.list_rules(stage.program, after=after, limit=2))
        after = pages[-1].next
    ids = [[one.id for one in page.rules] for page in pages]
    assert ids == [["r0", "r1"], ["r2", "r3"], ["r4"]]
    assert (pages[0].total, pages[0].revision, pages[0].groups) == (5, 1, STACK)
    assert pages[-1].rules[0].effect.number == 44
    publish(stage, rule("other", "add", 1))
    old = views.list_rules(stage.program, revision=1)
    assert [one.effect.number for one in old.rules] == [0, 1, 2, 3, 4]
    stage.do(BeginDraft("d", 1), "maria")
    draft = views.list_rules(stage.program, draft="d")
    assert (draft.draft, draft.version, draft.total, draft.revision) == ("d", 1, 5, 1)
    for given in ({"revision": 9}, {"draft": "none"}):
        with pytest.raises(Rejection):
            views.list_rules(stage.program, **given)


def test_history():
    stage = Stage(ProgramSettings(needs_approval=True))
    stage.do(BeginDraft("d"), "maria")
    stage.do(PutRules("d", (rule("r", "add", 1),), groups=STACK), "maria")
    stage.do(PublishRules("d", 2, "because"), "maria")
    (draft,) = views.view_history(stage.program).drafts
    assert (draft.draft, draft.by, draft.rules, draft.asked_by, draft.why) == (
        "d",
        "maria",
        1,
        "maria",
        "because",
    )


def test_revisions_and_tunings_newest_first(stage):
    publish(stage, rule("r", "add", 1))
    publish(stage, rule("r", "add", 1))
    stage.do(TuneRule("r", 2), "maria")
    stage.do(TuneRule("r", 3), "olga")
    history = views.view_history(stage.program)
    assert (history.running, [one.revision for one in history.revisions]) == (2, [2, 1])
    assert [(one.by, one.before, one.after) for one in history.tunings] == [("olga", 2, 3), ("maria", 1, 2)]


def test_what_is_wrong_with_a_whole_draft(stage):
    stage.do(BeginDraft("d"), "maria")
    stage.do(
        PutRules(
            "d",
            (
                rule("floor", "floor", 500),
                rule("cap", "cap", 400),
                rule("idle", "add", 0),
                rule("points", "add", 1, group="b"),
                rule("cash", "add", 1, "cash", group="b"),
            ),
            groups=(Group("a"), Group("b", "best")),
        ),
        "maria",
    )
    found = views.find_faults(views.draw_draft(stage.program, "d"))
    assert (found.draft, found.version) == ("d", 2)
    assert {(one.code, one.severity) for one in found.findings} == {
        ("floor_above_cap", "error"),
        ("mixed_parts", "error"),
        ("changes_nothing", "warning"),
    }


def test_what_a_draft_would_undo(stage):
    publish(stage, rule("r", "factor", 9_000))
    stage.do(BeginDraft("d", 1), "maria")
    stage.do(BeginDraft("fresh"), "maria")

    def warnings(id):
        found = views.find_faults(views.draw_draft(stage.program, id)).findings
        return [(one.code, one.severity) for one in found if one.path == ""]

    assert warnings("d") == []
    stage.wait(1)
    stage.do(TuneRule("r", 8_000))
    assert warnings("d") == [("tuning_undone", "warning")]
    publish(stage, rule("r", "factor", 7_000))
    assert warnings("d") == [("base_superseded", "warning")]
    assert warnings("fresh") == []


def test_a_look_at_a_draft_knows_what_is_over_and_the_kinds(stage):
    run_campaign(stage, "over")
    run_campaign(stage, "spring")
    stage.do(EndCampaign("over"))
    put(stage, "cruise", kind="travel")
    stage.do(BeginDraft("d"), "maria")
    rules = (
        rule("ended", "add", 1, campaigns=("over",)),
        rule("lives", "add", 1, campaigns=("over", "spring")),
        rule("none", "add", 1, kinds=("dining",), experiences=("cruise",)),
        rule("some", "add", 1, kinds=("travel",), experiences=("cruise",)),
    )
    stage.do(PutRules("d", rules, groups=STACK), "maria")
    found = views.find_faults(views.draw_draft(stage.program, "d"))
    assert [(one.path, one.code, one.severity) for one in found.findings] == [
        ("rules[0].scope.campaigns", "never_applies", "warning"),
        ("rules[2].scope.kinds", "never_applies", "warning"),
    ]
