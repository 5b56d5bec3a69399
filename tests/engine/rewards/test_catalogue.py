"""Who sees what in the catalogue, and may take it."""

import pytest

from engine.commands import (
    ExperienceTerms,
    Payment,
    ProgramSettings,
    PutExperience,
    Redeem,
    RemoveExperience,
)
from engine.events import CatalogueChanged
from engine.rewards.catalogue import is_locked, is_shown, stock_left
from engine.rewards.state import Experience
from engine.units import DAY, HOUR
from tests.engine.harness import MIDNIGHT, Stage
from tests.engine.offering import put, redeem

TIERS = ("blue", "silver", "gold")


@pytest.fixture
def stage():
    stage = Stage(ProgramSettings(tiers=TIERS, markets=("north", "south"), experiences=3))
    for tier in TIERS:
        stage.member(tier, tier=tier)
    return stage


def terms(**given):
    return ExperienceTerms("wellness", 1_000, **given)


@pytest.mark.parametrize(
    ("given", "tier", "at", "expected"),
    [
        ({}, "blue", 0, "shown"),
        ({"markets": ("south",)}, "gold", 0, "-"),
        ({"markets": ("south", "north")}, "gold", 0, "shown"),
        ({"visible_from": 10}, "blue", 9, "-"),
        ({"visible_from": 10}, "blue", 10, "shown"),
        ({"visible_until": 10}, "blue", 9, "shown"),
        ({"visible_until": 10}, "blue", 10, "-"),
        ({"tiers": ("gold",)}, "gold", 0, "shown"),
        ({"tiers": ("gold",)}, "blue", 0, "locked"),
        ({"tiers": ("gold",), "gate": "hidden"}, "blue", 0, "-"),
        ({"tiers": ("gold",), "gate": "hidden"}, "gold", 0, "shown"),
        ({"visible_from": 10, "early_access": {"gold": 4}}, "gold", 5, "-"),
        ({"visible_from": 10, "early_access": {"gold": 4}}, "gold", 6, "shown"),
        ({"visible_from": 10, "early_access": {"gold": 4}}, "silver", 6, "-"),
    ],
)
def test_what_is_shown(given, tier, at, expected):
    found = "-"
    if is_shown(terms(**given), tier, "north", at):
        found = "locked" if is_locked(terms(**given), tier) else "shown"
    assert found == expected


@pytest.mark.parametrize(
    ("given", "member", "code", "details"),
    [
        ({"tiers": ("gold", "silver")}, "blue", "tier_locked", {"tiers": ["gold", "silver"]}),
        ({"tiers": ("gold",), "gate": "hidden"}, "blue", "unknown_experience", {"experience": "spa"}),
        ({"markets": ("south",)}, "gold", "not_in_market", {"markets": ["south"]}),
        ({"visible_from": MIDNIGHT + 1}, "gold", "not_available_yet", {"opens_at": MIDNIGHT + 1}),
        (
            {"visible_from": MIDNIGHT + DAY, "early_access": {"gold": DAY, "silver": HOUR}},
            "silver",
            "not_available_yet",
            {"opens_at": MIDNIGHT + 23 * HOUR},
        ),
        ({"visible_until": MIDNIGHT}, "gold", "unknown_experience", {"experience": "spa"}),
    ],
)
def test_what_cannot_be_taken(stage, given, member, code, details):
    put(stage, **given)
    assert stage.refuse(Redeem("spa", 1_000), code, member).details == details


@pytest.mark.parametrize(
    "given",
    [
        {"markets": ("south",)},
        {"visible_from": MIDNIGHT + DAY},
        {"visible_from": MIDNIGHT + DAY, "early_access": {"gold": HOUR}},
        {"visible_until": MIDNIGHT},
        {"tiers": ("silver",)},
    ],
)
def test_of_what_is_hidden_nothing_is_told(stage, given):
    put(stage, gate="hidden", **given)
    refused = stage.refuse(Redeem("spa", 1_000), "unknown_experience", "gold")
    unknown = stage.refuse(Redeem("opera", 1_000), "unknown_experience", "gold")
    assert refused.message == unknown.message.replace("opera", "spa")
    assert refused.details == {"experience": "spa"}


def test_early_access(stage):
    put(stage, visible_from=MIDNIGHT + DAY, early_access={"gold": DAY})
    assert redeem(stage, "gold").status == "confirmed"


def test_it_tells_when_it_opens_and_closes(stage):
    put(
        stage,
        visible_from=MIDNIGHT + DAY,
        visible_until=MIDNIGHT + 3 * DAY,
        early_access={"gold": DAY // 2, "silver": HOUR},
    )
    put(stage, visible_from=MIDNIGHT + DAY, visible_until=MIDNIGHT + 2 * DAY, early_access={"gold": HOUR})
    put(stage, "always")
    put(stage, "gone", visible_until=MIDNIGHT + DAY)
    stage.do(RemoveExperience("gone"))
    told = []
    while stage.program.agenda.next_at < MIDNIGHT + 30 * DAY:
        told += [(event, stage.at - MIDNIGHT) for event in stage.tick(stage.program.agenda.next_at)]
    turned = CatalogueChanged("spa")
    # The first is of the terms before, and finds the next.
    assert told == [(turned, DAY // 2), (turned, 23 * HOUR), (turned, DAY), (turned, 2 * DAY)]


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"tiers": ("platinum",)}, "unknown_tier", None),
        ({"early_access": {"platinum": 1}, "visible_from": 5}, "unknown_tier", None),
        ({"markets": ("moon",)}, "unknown_market", None),
        ({"stock_by_market": {"moon": 1}}, "unknown_market", None),
        ({"visible_from": 5, "visible_until": 5}, "invalid_experience", "visible_until"),
        ({"limit_period": 5}, "invalid_experience", "limit_period"),
        ({"payment": Payment(5, 4)}, "invalid_experience", "payment"),
        ({"early_access": {"gold": 6}, "visible_from": 5}, "invalid_experience", "early_access"),
        ({"tiers": ("gold",), "early_access": {"blue": 1}, "visible_from": 5}, "invalid_experience", "tiers"),
    ],
)
def test_terms_that_make_no_sense(stage, given, code, field):
    refused = stage.refuse(PutExperience("spa", terms(**given)), code)
    assert field is None or refused.details == {"field": field}


def test_put_and_removed(stage):
    for number in range(3):
        put(stage, f"x{number}")
    stage.refuse(PutExperience("spa", terms()), "too_many_experiences")
    put(stage, "x1", 5)
    assert stage.last.events == [CatalogueChanged("x1")]
    stage.do(RemoveExperience("x1"))
    stage.refuse(RemoveExperience("x1"), "unknown_experience")
    assert list(stage.program.experiences) == ["x0", "x2"]


def test_stock_is_what_was_not_taken():
    experience = Experience("spa", terms(stock=5, stock_by_market={"north": 2}), taken=4)
    assert (stock_left(experience, "north"), stock_left(experience, "south")) == (1, 1)
    experience.taken_by_market = {"north": 3}
    assert (stock_left(experience, "north"), stock_left(experience, "south")) == (0, 1)
    assert stock_left(Experience("spa", terms()), "north") is None
