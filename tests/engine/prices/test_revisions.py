"""Drafts, revisions, approval, tuning."""

import pytest

from engine.commands import (
    CHUNK,
    ApproveRules,
    BeginDraft,
    DropDraft,
    ProgramSettings,
    PublishRules,
    PutRules,
    RollBackRules,
    TuneRule,
)
from engine.events import DraftChanged, RulesPublished, RulesTurned, RuleTuned
from engine.prices import state
from engine.prices.state import DRAFTS, WINDOWS, flatten
from engine.results import DraftSet, RuleSetTo, RulesSet
from engine.units import HOUR
from rules.rule import RULE_LIMIT, Group, RuleSet
from tests.engine.harness import MIDNIGHT, Stage, copy_of, envelope
from tests.engine.offering import STACK, publish, put, redeem, rule, run_campaign

LESS = rule("less", "factor", 9_000)


@pytest.fixture
def stage():
    stage = Stage(ProgramSettings(tiers=("gold", "silver"), markets=("north",)))
    stage.members("anna", points=10**6)
    put(stage, points=1_000)
    return stage


def running(stage):
    return [(one.id, one.effect.number) for one in stage.program.book.running.in_order()]


def begin(stage, *rules, groups=STACK, id="d"):
    stage.do(BeginDraft(id), "maria")
    return stage.do(PutRules(id, rules, groups=groups), "maria").version


def test_a_draft_changes_nothing_until_it_is_published(stage):
    assert begin(stage, LESS) == 2
    assert redeem(stage).points == 1_000
    assert stage.do(PublishRules("d", 2, "spring"), "maria") == RulesSet(1)
    assert stage.last.events == [RulesPublished(1, "maria"), DraftChanged("d", 0)]
    assert redeem(stage).points == 900
    revision = stage.program.book.revisions[1].revision
    assert (revision.at, revision.by, revision.why, revision.source) == (MIDNIGHT, "maria", "spring", "d")
    assert stage.program.book.drafts == {}


def test_chunks_add_up_and_take_the_place_of_what_has_their_id(stage):
    stage.do(BeginDraft("d"), "maria")
    stage.do(PutRules("d", (), (), (Group("a"), Group("b"))), "maria")
    for first in range(0, 600, CHUNK):
        stage.do(PutRules("d", tuple(rule(f"r{n}", "add", n) for n in range(first, first + CHUNK))), "maria")
    changed = stage.do(PutRules("d", (rule("r5", "add", 5, group="b"),), ("r6", "r7", "r6")), "maria")
    assert changed == DraftSet("d", 6, 598)
    rules = stage.program.book.drafts["d"][1].in_order()
    assert rules[-1].id == "r5"
    assert len({one.id for one in rules}) == 598


def test_groups_are_replaced(stage):
    begin(stage, LESS, rule("more", "add", 5))
    refused = stage.refuse(PutRules("d", groups=(Group("b"),)), "unknown_group", "maria")
    assert refused.details == {"rule": "less"}
    moved = (rule("more", "add", 5, group="b"), rule("less", "factor", 9_000, group="b"))
    stage.do(PutRules("d", moved, groups=(Group("b", "first"),)), "maria")
    stage.do(PutRules("d", removed=("less",), groups=(Group("c"), Group("b", "best"))), "maria")
    rules = stage.program.book.drafts["d"][1]
    assert flatten(rules) == RuleSet((Group("c"), Group("b", "best")), (moved[0],))


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        (rule("x", "factor", 0), "factor_out_of_bounds", "rules[1].effect.number"),
        (rule("x", "factor", 10**9), "factor_out_of_bounds", "rules[1].effect.number"),
        (rule("x", "cap", -1), "number_out_of_bounds", "rules[1].effect.number"),
        (rule("x", "add", 1, tiers=("gold", "moon")), "unknown_tier", "rules[1].scope.tiers[1]"),
        (rule("x", "add", 1, markets=("moon",)), "unknown_market", "rules[1].scope.markets[0]"),
        (rule("x", "add", 1, campaigns=("moon",)), "unknown_campaign", "rules[1].scope.campaigns[0]"),
        (rule("x", "add", 1, experiences=("moon",)), "unknown_experience", "rules[1].scope.experiences[0]"),
        (rule("x", "add", 1, mechanics=("moon",)), "unknown_mechanic", "rules[1].scope.mechanics[0]"),
        (rule("x", "add", 1, budget="moon"), "unknown_budget", "rules[1].budget"),
        (rule("x", "add", 1, group="moon"), "unknown_group", "rules[1].group"),
        (rule("x", "add", 1, windows=((5, 5),)), "window_ends_before_it_starts", "rules[1].windows[0]"),
        (rule("x", "add", 1, windows=((5, 9), (8, 9))), "windows_overlap", "rules[1].windows[1]"),
        (
            rule("x", "add", 1, mechanics=("auction",)),
            "settlement_needs_factor",
            "rules[1].effect.operation",
        ),
        (LESS, "duplicate_rule", "rules[1].id"),
    ],
)
def test_what_is_wrong_with_a_rule(stage, wrong, code, path):
    stage.do(BeginDraft("d"), "maria")
    refused = stage.refuse(PutRules("d", (LESS, wrong), groups=STACK), code, "maria")
    assert [finding["path"] for finding in refused.details["findings"]] == [path]
    assert refused.message.startswith(f"{path}: ")


def test_segments_channels_and_kinds_are_open_lists(stage):
    begin(stage, rule("x", "add", 1, segments=("any",), channels=("any",), kinds=("any",)))


def test_so_many_rules_and_no_more(stage):
    stage.do(BeginDraft("d"), "maria")
    stage.do(PutRules("d", groups=STACK), "maria")
    for first in range(0, RULE_LIMIT, CHUNK):
        chunk = tuple(rule(f"r{number}", "add", number) for number in range(first, first + CHUNK))
        (outcome,) = stage.send(envelope(PutRules("d", chunk), "maria"), audit=False)
    assert outcome.rules == RULE_LIMIT
    stage.refuse(PutRules("d", (rule("one too many", "add", 1),)), "too_many_rules", "maria")
    stage.do(PutRules("d", (rule("instead", "add", 1), rule("r1", "add", 2)), ("r0",)), "maria")
    stage.do(PublishRules("d", stage.program.book.drafts["d"][0].version, "many"), "maria")
    assert copy_of(stage.program).state_digest() == stage.program.state_digest()


def test_so_many_windows(stage):
    stage.do(BeginDraft("d"), "maria")
    windows = tuple((2 * number, 2 * number + 1) for number in range(1_000))
    chunk = tuple(rule(f"r{number}", "add", 1, windows=windows) for number in range(WINDOWS // 1_000))
    stage.do(PutRules("d", chunk, groups=STACK), "maria")
    stage.refuse(PutRules("d", (rule("x", "add", 1, windows=((0, 1),)),)), "too_many_windows", "maria")
    stage.do(PutRules("d", (rule("r0", "add", 1), rule("x", "add", 1, windows=((0, 1),)))), "maria")


def test_drafts(stage):
    for number in range(DRAFTS):
        stage.do(BeginDraft(f"d{number}"), "maria")
    stage.refuse(BeginDraft("d0"), "draft_exists", "maria")
    stage.refuse(BeginDraft("one_more"), "too_many_drafts", "maria")
    stage.do(DropDraft("d0"), "maria")
    stage.refuse(BeginDraft("d0", 7), "unknown_revision", "maria")
    for command in (
        PutRules("d0"),
        DropDraft("d0"),
        PublishRules("d0", 1, "why"),
        ApproveRules("d0", 1),
    ):
        stage.refuse(command, "unknown_draft", "maria")
    stage.refuse(PutRules("d1", removed=("x",)), "unknown_rule", "maria")


def test_a_draft_of_a_revision_leaves_it_as_it_was(stage):
    publish(stage, LESS)
    stage.do(BeginDraft("d", 1), "maria")
    stage.do(PutRules("d", (rule("less", "factor", 1),)), "maria")
    assert running(stage) == [("less", 9_000)]
    stage.do(PublishRules("d", 2, "why"), "maria")
    assert running(stage) == [("less", 1)]
    assert stage.do(RollBackRules(1, "a mistake"), "olga") == RulesSet(3)
    assert running(stage) == [("less", 9_000)]
    assert [kept.revision.source for kept in stage.program.book.revisions.values()] == [
        "draft",
        "d",
        "revision 1",
    ]
    stage.refuse(RollBackRules(9, "why"), "unknown_revision", "olga")


def test_what_was_checked_is_what_is_published(stage):
    version = begin(stage, LESS)
    stage.do(PutRules("d", removed=("less",)), "olga")
    refused = stage.refuse(PublishRules("d", version, "why"), "draft_changed", "maria")
    assert refused.details == {"version": version + 1}


def test_a_second_manager_approves():
    stage = Stage(ProgramSettings(needs_approval=True))
    version = begin(stage, LESS)
    stage.refuse(ApproveRules("d", version), "approval_not_asked", "olga")
    assert stage.do(PublishRules("d", version, "why"), "maria") == RulesSet(0, "d")
    assert running(stage) == []
    stage.refuse(ApproveRules("d", version), "approval_by_another", "maria")
    stage.refuse(ApproveRules("d", version + 1), "draft_changed", "olga")
    changed = stage.do(PutRules("d", (rule("less", "factor", 1),)), "olga").version
    stage.refuse(ApproveRules("d", changed), "approval_not_asked", "olga")
    stage.do(PublishRules("d", changed, "less"), "maria")
    assert stage.do(ApproveRules("d", changed), "olga") == RulesSet(1)
    revision = stage.program.book.revisions[1].revision
    assert (revision.by, revision.approved_by, revision.why) == ("maria", "olga", "less")


def test_tuning(stage):
    publish(stage, LESS, rule("flat", "add", 7, tiers=("gold",)))
    tuned = stage.do(TuneRule("less", 8_000, "slow day"), "olga")
    assert tuned == RuleSetTo("less", 9_000, 8_000, 1)
    assert stage.last.events == [RuleTuned("less", 9_000, 8_000, "olga")]
    assert redeem(stage).points == 806
    tuning = stage.program.book.tunings[-1]
    assert (tuning.by, tuning.before, tuning.after, tuning.why) == ("olga", 9_000, 8_000, "slow day")
    stage.refuse(TuneRule("less", 0), "factor_out_of_bounds", "olga")
    stage.refuse(TuneRule("other", 1), "unknown_rule", "olga")
    copy = copy_of(stage.program)
    assert copy.book.running.in_order() == stage.program.book.running.in_order()
    stage.do(RollBackRules(1, "as it was"), "olga")
    assert redeem(stage).points == 906


def test_the_oldest_revisions_go(stage, monkeypatch):
    monkeypatch.setattr(state, "REVISIONS_KEPT", 3)
    for number in range(5):
        publish(stage, rule("r", "add", number))
    assert list(stage.program.book.revisions) == [3, 4, 5]
    monkeypatch.setattr(state, "RULES_KEPT", 1)
    publish(stage, LESS)
    assert list(stage.program.book.revisions) == [6]


def test_windows_of_rules_are_edges_of_the_agenda(stage):
    windows = ((MIDNIGHT - 5, MIDNIGHT), (MIDNIGHT + HOUR, MIDNIGHT + 2 * HOUR))
    publish(stage, rule("happy", "factor", 5_000, windows=windows))
    publish(stage, rule("happy", "factor", 5_000, windows=windows))
    seen = []
    for minute in range(0, 180, 30):
        events = stage.tick(MIDNIGHT + minute * HOUR // 60)
        seen.append((events, redeem(stage).points))
    assert [points for _, points in seen] == [1_000, 1_000, 500, 500, 1_000, 1_000]
    assert [events for events, _ in seen if events] == [[RulesTurned(2)]] * 2


def test_rules_may_name_what_is_removed_later(stage):
    run_campaign(stage, budget=100)
    publish(stage, rule("x", "add", -5, campaigns=("spring",), budget="spring"))
    assert redeem(stage).points == 995


def test_the_same_rule_is_named_whatever_the_set_came_from(stage):
    stage.do(BeginDraft("d"), "maria")
    groups = (Group("a"), Group("b"))
    for id in ("z", "m"):
        stage.do(PutRules("d", (rule(id, "add", 1, group="b"),), groups=groups), "maria")
    for program in (stage.program, copy_of(stage.program)):
        stage.program = program
        refused = stage.refuse(PutRules("d", groups=groups[:1]), "unknown_group")
        assert refused.details == {"rule": "m"}


def test_rules_with_many_values_come_in_several_commands(stage):
    stage.do(BeginDraft("d"), "maria")
    named = tuple(f"e{number}" for number in range(4_000))
    wide = [rule(f"r{number}", "add", 1, segments=named) for number in range(3)]
    stage.refuse(PutRules("d", tuple(wide), groups=STACK), "too_large")
    for one in wide:
        stage.do(PutRules("d", (one,), groups=STACK), "maria")
    stage.refuse(PutRules("d", removed=("r0", "r1", "r2")), "too_large")
    assert stage.do(PutRules("d", removed=("r0", "r1")), "maria").rules == 1


def test_a_draft_of_what_runs_is_tuned_as_that_is(stage):
    publish(stage, rule("r", "factor", 9_000))
    publish(stage, rule("r", "factor", 8_000))
    stage.do(TuneRule("r", 7_000))
    for revision, number in ((2, 7_000), (1, 9_000)):
        stage.do(BeginDraft(f"d{revision}", revision), "maria")
        assert stage.program.book.drafts[f"d{revision}"][1].rules[0].effect.number == number


def test_tuning_lifts_no_floor_above_a_cap(stage):
    groups = (Group("a"), Group("b"))
    publish(
        stage,
        rule("floor", "floor", 500, tiers=("gold",)),
        rule("cap", "cap", 800, group="b"),
        rule("silver", "cap", 100, tiers=("silver",), group="b"),
        rule("later", "cap", 600, group="b", windows=((MIDNIGHT, MIDNIGHT + HOUR),)),
        groups=groups,
    )
    assert stage.refuse(TuneRule("floor", 700), "floor_above_cap", "maria").details == {"rule": "later"}
    assert stage.refuse(TuneRule("floor", 801), "floor_above_cap", "maria").details == {"rule": "cap"}
    assert stage.refuse(TuneRule("later", 499), "floor_above_cap", "maria").details == {"rule": "floor"}
    stage.do(TuneRule("floor", 600), "maria")
    stage.do(TuneRule("silver", 0), "maria")
    assert ("floor", 600) in running(stage)
