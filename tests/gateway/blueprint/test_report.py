"""What a terminal shows."""

from typing import Any

import pytest
from rich.console import Console

from gateway.blueprint import report
from gateway.blueprint.blueprint import AUCTION
from gateway.blueprint.carrying_out import Outcome
from gateway.blueprint.difference import Plan, compare
from gateway.blueprint.quantities import unit_of
from gateway.blueprint.report import make_console, show_outcome, show_plan, show_preview, type_at
from gateway.blueprint.running import Running
from tests.gateway.blueprint.harness import formats, small
from tests.gateway.blueprint.test_difference import NOW, running_as

Shown = pytest.CaptureFixture[str]

ROW = {
    "experience": "spa",
    "tier": "gold",
    "market": "north",
    "before": 1_000,
    "after": 1_200,
    "cash_before": 0,
    "cash_after": 0,
    "segment": "",
}


def preview(**replaced: Any) -> dict[str, Any]:
    bands = [
        {"least": None, "below": -500, "prices": 0},
        {"least": -500, "below": 0, "prices": 10},
        {"least": 0, "below": 500, "prices": 1},
        {"least": 500, "below": None, "prices": 3_000},
    ]
    found = {"prices": 9_000, "changed": 3_011, "dearer": 3_001, "cheaper": 10, "largest_up": [ROW]}
    return found | {"largest_down": [], "distribution": bands} | replaced


def test_a_plan(capsys: Shown) -> None:
    running = running_as(small())
    del running.experiences["opera"]
    running.experiences["old"] = running.experiences["spa"]
    wanted = small(
        ("number = 9000", "number = 8500"),
        ("[program]", '[program]\nauction_retention = "PT6H"'),
        ("ends_at = 2040-01-02T00:00:00Z\ncampaign", "ends_at = 2040-01-03T00:00:00Z\ncampaign"),
        ("[campaigns.later]\ndraft = true", "[campaigns.later]\n[campaigns.new]\ndraft = true"),
    )
    show_plan(make_console(), compare(wanted, running, NOW))
    assert capsys.readouterr().out.splitlines() == [
        "~ settings",
        "    auction_retention: P30D → PT6H",
        "+ experience opera",
        "~ campaign later: schedule it",
        "+ campaign new, as a draft",
        "~ rule gold",
        "    effect.number: 9000 → 8500",
        "~ auction vase",
        "    ends_at: 2040-01-02T00:00:00Z → 2040-01-03T00:00:00Z",
        "Not in the file, and kept: 1 experience (old); --prune would remove them.",
        "2 to add, 4 to change; price rules change together, as one revision.",
    ]


def test_nothing_to_change_is_said(capsys: Shown) -> None:
    show_plan(make_console(), Plan(()))
    assert capsys.readouterr().out == "Nothing to change.\n"


def test_long_values_are_cut_and_missing_ones_named(capsys: Shown) -> None:
    running = Running(settings={"tiers": ["t" * 90], "markets": None})
    show_plan(make_console(), compare(small(), running, NOW))
    lines = capsys.readouterr().out.splitlines()
    assert 'markets: nothing → ["north","south"]' in lines[2]
    assert lines[1].count("t") < 80 and "… → " in lines[1]


def test_outcomes(capsys: Shown) -> None:
    for outcome in (
        Outcome("settings", "done", "changed"),
        Outcome("experience spa", "refused", "The tiers are blue.", "unknown_tier"),
        Outcome("price rules", "skipped", "prices stay as they are"),
    ):
        show_outcome(make_console(), outcome)
    assert capsys.readouterr().out.splitlines() == [
        "✓ settings: changed.",
        "✗ experience spa: refused, unknown_tier: The tiers are blue.",
        "· price rules: not done: prices stay as they are.",
    ]


def test_a_preview(capsys: Shown) -> None:
    show_preview(
        make_console(), preview(largest_down=[ROW | {"cash_before": 50, "before": 0, "segment": "vip"}])
    )
    out = capsys.readouterr().out
    assert out.startswith("3,011 of 9,000 prices would change: 3,001 dearer, 10 cheaper.\n")
    words = " ".join(out.split())
    assert "spa gold north 1,000 1,200 +20.0%" in words
    assert "spa gold north vip 0 1,200 new 50 0" in words
    assert "below -5% 0 -5% to 0% 10 █ 0% to +5% 1 █ +5% and more 3,000 " + "█" * 30 in words


def test_a_preview_says_as_of_when_and_of_what(capsys: Shown) -> None:
    looks = [
        {"at": 1_800_000_000_000, "campaigns": [], "prices": 10, "changed": 0},
        {"at": 1_800_003_600_000, "campaigns": ["spring", "friday"], "prices": 10, "changed": 2_000},
    ]
    rows = [ROW | {"channel": "app", "at": look["at"]} for look in looks]
    show_preview(make_console(), preview(looks=looks, largest_up=rows, unseen=list("abcdef")))
    out = capsys.readouterr().out
    assert "As of 2027-01-15T08:00:00Z, with no campaign that rules name in force: 0 of 10.\n" in out
    assert "As of 2027-01-15T09:00:00Z, with spring, friday in force: 2,000 of 10.\n" in out
    assert "Not seen, what these rules change: a, b, c, d, e, … (" in out
    assert "spa gold north app 2027-01-15T09:00:00Z 1,000 1,200 +20.0%" in " ".join(out.split())


def test_a_preview_without_a_change_is_one_line(capsys: Shown) -> None:
    show_preview(make_console(), preview(changed=0, dearer=0, cheaper=0))
    assert capsys.readouterr().out == "0 of 9,000 prices would change: 0 dearer, 0 cheaper.\n"


def test_what_people_wrote_is_no_markup() -> None:
    with (console := Console(record=True, highlight=False, markup=False)).capture() as capture:
        show_outcome(console, Outcome("experience [red]spa[/red]", "done", "added"))
    assert "experience [red]spa[/red]: added." in capture.get()


def test_types_are_found_by_path() -> None:
    shape = report._SHAPES["campaign"]
    assert type_at(shape, "schedule.recurrences[0].at") is str
    assert type_at(shape, "titles.ar") is not None
    assert type_at(shape, "nix.at") is None
    assert type_at(None, "groups") is None
    for field in ("interval", "entry"):
        assert unit_of(type_at(AUCTION, f"format.{field}")) == "duration"
    assert type_at(AUCTION, "format.nix") is None


def test_a_changed_format_is_shown_as_it_is_written(capsys: Shown) -> None:
    wanted = formats(('interval = "PT30S"', 'interval = "PT45S"'))
    show_plan(make_console(), compare(wanted, running_as(formats()), NOW))
    assert "    format.interval: PT30S → PT45S\n" in capsys.readouterr().out
