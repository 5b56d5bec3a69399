"""Names of what is no more are left out, and what names nothing else."""

from typing import Any

import pytest

from gateway.blueprint.liveness import keep_alive
from gateway.blueprint.running import RuleSetView, Running, Standing

SETTINGS = {"tiers": ["blue"], "markets": []}
CAMPAIGNS = {
    "spring": Standing("running", {"budget": 5}),
    "free": Standing("scheduled", {"budget": None}),
    "over": Standing("ended", {"budget": 5}),
    "old": Standing("archived", {"budget": None}),
}


def running(rule: dict[str, Any], **experience: Any) -> Running:
    rules = {"r": {"scope": {}, "budget": ""} | rule}
    return Running(
        settings=SETTINGS,
        experiences={"spa": experience},
        campaigns=CAMPAIGNS,
        rules=RuleSetView([], rules, 1),
    )


@pytest.mark.parametrize(
    ("rule", "left", "notes"),
    [
        ({"scope": {"campaigns": ["spring", "over"]}}, {"campaigns": ["spring"]}, 1),
        ({"scope": {"campaigns": ["old", "over"]}}, None, 1),
        ({"scope": {"experiences": ["spa", "gone"], "tiers": ["blue"]}}, {"experiences": ["spa"]}, 1),
        ({"scope": {"experiences": ["gone"]}}, None, 1),
        ({"scope": {"tiers": ["gold"]}}, None, 1),
        # of markets the settings say nothing, and channels are anybody's
        ({"scope": {"markets": ["x"], "channels": ["y"]}}, {"markets": ["x"], "channels": ["y"]}, 0),
        # what rules of these mechanics list are auctions and raffles
        (
            {
                "scope": {
                    "mechanics": ["raffle", "auction"],
                    "experiences": ["car"],
                    "campaigns": ["spring", "old"],
                }
            },
            {"mechanics": ["raffle", "auction"], "experiences": ["car"], "campaigns": ["spring"]},
            1,
        ),
        ({"scope": {"mechanics": ["raffle", "redemption"], "experiences": ["car"]}}, None, 1),
        ({"budget": "over"}, None, 1),
        ({"budget": "spring"}, {}, 0),
    ],
)
def test_a_rule(rule: dict[str, Any], left: dict[str, Any] | None, notes: int) -> None:
    found = keep_alive(running(rule))
    assert len(found.notes) == notes
    kept = found.running.rules.rules
    assert (left is not None) == ("r" in kept)
    if left is not None:
        assert {name: value for name, value in kept["r"]["scope"].items() if value} == left | (
            {"tiers": ["blue"]} if "tiers" in rule.get("scope", {}) else {}
        )
        assert kept["r"]["budget"] == rule.get("budget", "")


def test_a_budget_that_a_campaign_has_no_more_limits_nothing() -> None:
    assert keep_alive(running({"budget": "free"})).running.rules.rules["r"]["budget"] == ""


def test_an_experience() -> None:
    terms = {"tiers": ["blue", "gold"], "early_access": {"gold": 1, "blue": 2}, "stock_by_market": {"x": 1}}
    found = keep_alive(running({}, **terms))
    assert found.running.experiences["spa"] == {
        "tiers": ["blue"],
        "early_access": {"blue": 2},
        "stock_by_market": {"x": 1},
    }
    gone = keep_alive(running({"scope": {"experiences": ["spa"]}}, tiers=["gold"]))
    assert (gone.running.experiences, gone.running.rules.rules, len(gone.notes)) == ({}, {}, 2)


def test_what_people_wrote_breaks_no_comment() -> None:
    found = keep_alive(running({"scope": {"campaigns": ["a\nb\x7f"]}}))
    assert found.notes == [r"Rule 'r' is left out: of its campaigns none is there any more ('a\nb\x7f')."]
