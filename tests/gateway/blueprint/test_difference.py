"""What a file would change: the changes, their order and calls, what is left alone, what is not listed."""

from typing import Any

from gateway.blueprint.blueprint import Blueprint
from gateway.blueprint.difference import FieldChange, Plan, compare, find_differences
from gateway.blueprint.rule_drafts import Edition
from gateway.blueprint.running import RuleSetView, Running, Standing
from tests.gateway.blueprint.harness import DUTCH, formats, names, small

NOW = 1_800_000_000_000


def without_draft(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in terms.items() if name != "draft"}


def running_as(wanted: Blueprint, **replaced: Any) -> Running:
    """What runs once ``wanted`` was applied."""
    assert wanted.rules is not None
    campaigns = {
        id: Standing("draft" if terms["draft"] else "running", without_draft(terms))
        for id, terms in (wanted.campaigns or {}).items()
    }
    auctions, raffles = (
        {
            id: Standing("draft" if terms["draft"] else "scheduled", without_draft(terms))
            for id, terms in (section or {}).items()
        }
        for section in (wanted.auctions, wanted.raffles)
    )
    fields: dict[str, Any] = {
        "settings": wanted.program,
        "experiences": wanted.experiences,
        "campaigns": campaigns,
        "auctions": auctions,
        "raffles": raffles,
        "rules": RuleSetView(wanted.rules["groups"], {rule["id"]: rule for rule in wanted.rules["rules"]}, 1),
    }
    return Running(**fields | replaced)


def actions(plan: Plan) -> list[str]:
    return [operation for change in plan.changes for operation, _ in change.actions]


def test_all_of_it_in_the_order_in_which_it_can_be_done() -> None:
    plan = compare(small(), Running(settings={}), NOW)
    assert names(plan) == [
        "change settings",
        *("add experience spa", "add experience opera"),
        *("add campaign summer", "add campaign friday", "add campaign later"),
        *("change rule groups", "add rule gold", "add rule summer"),
        *("add auction vase", "add auction lamp"),
        *("add raffle car", "add raffle thanks"),
    ]
    assert actions(plan) == [
        "program.configure",
        *["experience.put"] * 2,
        *["campaign.put", "campaign.schedule"] * 2,
        "campaign.put",
        *("auction.create", "auction.schedule", "auction.create"),
        *("raffle.create", "raffle.schedule", "raffle.create"),
    ]
    assert plan.edition is not None
    assert plan.edition.name.startswith("blueprint-")


def test_what_is_so_already_is_no_change() -> None:
    wanted = small()
    assert compare(wanted, running_as(wanted), NOW) == Plan(())


def test_a_changed_number_of_a_rule_is_that_one_change() -> None:
    running = running_as(small())
    plan = compare(small(("number = 9000", "number = 8500")), running, NOW)
    assert names(plan) == ["change rule gold"]
    assert plan.changes[0].fields == (FieldChange("effect.number", 9_000, 8_500),)
    assert plan.edition is not None and plan.edition.number == 1


def test_changed_settings_and_terms_say_which_fields() -> None:
    running = running_as(small())
    wanted = small(
        ('markets = ["north", "south"]', 'markets = ["north"]'),
        ("least = 5000", "least = 4000"),
        ('ar = "الصيف"', 'fr = "Été"'),
        ("at = 16:00:00", "at = 17:00:00"),
        ("reserve = 900", "reserve = 950"),
        ("pays = 4", "pays = 3"),
    )
    plan = compare(wanted, running, NOW)
    assert [(change.name, field.path) for change in plan.changes for field in change.fields] == [
        ("settings", "markets"),
        ("experience spa", "payment.least"),
        ("campaign summer", "titles.fr"),
        ("campaign summer", "titles.ar"),
        ("campaign friday", "schedule.recurrences[0].at"),
        ("auction vase", "reserve"),
        ("raffle car", "bundles[0].pays"),
    ]
    assert actions(plan) == [
        "program.configure",
        "experience.put",
        "campaign.put",
        "campaign.put",
        "auction.update",
        "raffle.update",
    ]


def test_windows_that_follow_from_a_schedule_are_no_difference() -> None:
    wanted = small()
    assert wanted.campaigns is not None
    friday = without_draft(wanted.campaigns["friday"])
    expanded = Standing("running", friday | {"windows": [[1, 2]]})
    running = running_as(wanted)
    running.campaigns["friday"] = expanded
    assert compare(wanted, running, NOW).changes == ()
    # With the same schedule they are sent along: the campaign does not fall out of force for a moment.
    plan = compare(
        small(("[campaigns.friday.schedule]", "[campaigns.friday]\nbudget = 5\n[campaigns.friday.schedule]")),
        running,
        NOW,
    )
    ((_, parameters),) = plan.changes[0].actions
    assert parameters["terms"]["windows"] == [[1, 2]]
    plan = compare(small(("at = 16:00:00", "at = 17:00:00")), running, NOW)
    ((_, parameters),) = plan.changes[0].actions
    assert parameters["terms"]["windows"] == []


def test_a_changed_format_is_an_update_with_the_whole_of_it() -> None:
    running = running_as(formats())
    plan = compare(
        formats(("step = 5", "step = 4"), ('pricing = "second"', 'pricing = "first"')), running, NOW
    )
    assert [(change.name, change.fields) for change in plan.changes] == [
        ("auction lamp", (FieldChange("format.step", 5, 4),)),
        ("auction ring", (FieldChange("format.pricing", "second", "first"),)),
    ]
    ((operation, parameters),) = plan.changes[0].actions
    assert operation == "auction.update"
    assert parameters["format"]["type"] == "dutch"
    assert "format" not in parameters["terms"]


def test_an_english_auction_may_get_a_format_and_none_loses_it() -> None:
    plan = compare(formats(), running_as(small()), NOW)
    assert "change auction lamp" in names(plan)
    lamp = next(change for change in plan.changes if change.name == "auction lamp")
    assert [field.path for field in lamp.fields] == ["format"]
    plan = compare(formats((DUTCH, "")), running_as(formats()), NOW)
    assert plan.changes == ()
    assert [(note.name, note.words) for note in plan.notes] == [
        ("auction lamp", "it is of format dutch, and cannot be made English; cancel it first")
    ]


def test_a_draft_is_scheduled_once_the_file_does_not_call_it_one() -> None:
    running = running_as(small())
    plan = compare(small(("draft = true", "draft = false")), running, NOW)
    assert names(plan) == ["schedule campaign later", "schedule auction lamp", "schedule raffle thanks"]
    assert actions(plan) == ["campaign.schedule", "auction.schedule", "raffle.schedule"]


def test_what_runs_does_not_become_a_draft_again() -> None:
    wanted = small()
    plan = compare(small(("budget = 10000", "budget = 10000\ndraft = true")), running_as(wanted), NOW)
    assert plan.changes == ()
    assert [(note.name, note.words) for note in plan.notes] == [
        ("campaign summer", "it is running, and no draft any more")
    ]


def test_what_has_opened_or_ended_is_left_alone() -> None:
    wanted = small(
        ("reserve = 900", "reserve = 950"),
        ("budget = 10000", "budget = 20000"),
        ("quantity = 2", "quantity = 3"),
    )
    running = running_as(small())
    running.raffles["car"] = Standing("open", running.raffles["car"].terms)
    for status in ("open", "paused", "settled", "unsold", "cancelled"):
        running.auctions["vase"] = Standing(status, running.auctions["vase"].terms)
        running.campaigns["summer"] = Standing("ended", running.campaigns["summer"].terms)
        plan = compare(wanted, running, NOW)
        assert plan.changes == ()
        assert [(note.name, note.words) for note in plan.notes] == [
            ("campaign summer", "it is ended, and stays as it was"),
            ("auction vase", f"it is {status}, and stays as it is"),
            ("raffle car", "it is open, and stays as it is"),
        ]


def test_what_is_over_is_not_made_anew() -> None:
    wanted = small(("budget = 10000", "budget = 10000\nends_at = 2041-01-01T00:00:00Z"))
    assert wanted.auctions is not None
    running = running_as(wanted)
    del running.auctions["vase"], running.campaigns["summer"], running.raffles["car"]
    in_2050 = 2_524_608_000_000
    plan = compare(wanted, running, in_2050)
    assert plan.changes == ()
    assert {note.name for note in plan.notes} == {"campaign summer", "auction vase", "raffle car"}
    added = ["add campaign summer", "add auction vase", "add raffle car"]
    assert names(compare(wanted, running, NOW)) == added


def test_what_the_file_does_not_have_is_kept_or_pruned() -> None:
    wanted, running = small(), running_as(small())
    running.experiences["old"] = {}
    running.campaigns.update({"past": Standing("ended", {}), "odd": Standing("paused", {})})
    running.auctions.update({"rug": Standing("scheduled", None), "sold": Standing("settled", None)})
    running.raffles.update({"tent": Standing("draft", None), "drawn": Standing("drawn", None)})
    plan = compare(wanted, running, NOW)
    assert plan.changes == ()
    unlisted = {"auction": ("rug",), "raffle": ("tent",)}
    assert plan.unlisted == {"experience": ("old",), "campaign": ("odd",)} | unlisted
    plan = compare(wanted, running, NOW, prune=True)
    assert names(plan) == ["remove experience old", "end campaign odd"]
    assert actions(plan) == ["experience.remove", "campaign.end"]
    assert plan.unlisted == unlisted


def test_a_section_that_is_not_there_is_left_alone() -> None:
    plan = compare(Blueprint(), running_as(small()), NOW, prune=True)
    assert plan == Plan(())


def test_rules_that_wait_for_approval_are_no_change() -> None:
    wanted = small(("number = 9000", "number = 8500"))
    assert wanted.rules is not None
    name = Edition.of(wanted.rules, 1).name
    plan = compare(wanted, running_as(small(), drafts={name: "olga"}), NOW)
    assert (plan.changes, plan.edition) == ((), None)
    assert "as olga asked" in plan.notes[0].words
    # One that nobody asked to publish yet is gone on with.
    assert compare(wanted, running_as(small(), drafts={name: ""}), NOW).edition is not None


def test_what_a_newer_gateway_knows_more_is_no_difference() -> None:
    wanted, running = small(), running_as(small())
    assert running.settings is not None
    more = running_as(wanted, settings={**running.settings, "moons": 2})
    assert compare(wanted, more, NOW).changes == ()


def test_differences_go_as_deep_as_both_sides_are_alike() -> None:
    before = {"a": 1, "b": {"c": [1, 2]}, "d": [{"x": 1}, {"x": 2}], "gone": 5}
    after = {"a": 1, "b": {"c": [1]}, "d": [{"x": 1}, {"x": 3}], "new": 6}
    assert list(find_differences(before, after)) == [
        FieldChange("b.c", [1, 2], [1]),
        FieldChange("d[1].x", 2, 3),
        FieldChange("new", None, 6),
        FieldChange("gone", 5, None),
    ]
    assert list(find_differences([{"x": 1}], [], "d")) == [FieldChange("d", [{"x": 1}], [])]
