"""Shelves turn at their cadence, faster in a peak."""

import pytest

from engine.campaigns.rotation import find_shelf, next_turn
from engine.commands import CampaignTerms, Peak, Rotation, Shelf
from engine.units import DAY, HOUR, MAXIMUM_TIME

START = 20_000 * DAY
SHELVES = (Shelf("one", ("spa",)), Shelf("two", ("opera",)), Shelf("three", ()))
# A shelf a day, and one every six hours on the third day and half of the fourth.
ROTATION = Rotation(DAY, (Peak(START + 2 * DAY, START + 3 * DAY + 14 * HOUR, 6 * HOUR),))
TERMS = CampaignTerms(starts_at=START, shelves=SHELVES, rotation=ROTATION)

# Hours from the start, the shelf that is up, and the hour of the next turn.
TURNS = [
    (0, "one", 24),
    (23, "one", 24),
    (24, "two", 48),
    (48, "three", 54),
    (54, "one", 60),
    (60, "two", 66),
    (66, "three", 72),
    (78, "two", 84),
    (84, "three", 86),
    (85, "three", 86),
    (86, "one", 110),
    (110, "two", 134),
]


@pytest.mark.parametrize(("hours", "shelf", "following"), TURNS)
def test_shelves_turn(hours, shelf, following):
    assert find_shelf(TERMS, START + hours * HOUR).id == shelf
    assert next_turn(TERMS, START + hours * HOUR) == START + following * HOUR


def test_turns_are_where_the_shelf_changes():
    """Hour by hour for two weeks: ``next_turn`` misses none, and names no other."""
    at = START
    while at < START + 14 * DAY:
        turn = next_turn(TERMS, at)
        assert find_shelf(TERMS, turn - 1) == find_shelf(TERMS, at) != find_shelf(TERMS, turn)
        at = turn


def test_before_the_start():
    assert find_shelf(TERMS, START - 1) is None


def test_a_single_shelf_stays():
    single = CampaignTerms(shelves=SHELVES[:1], rotation=ROTATION)
    assert find_shelf(single, START + 9 * DAY).id == "one"
    assert next_turn(single, START) == MAXIMUM_TIME
    still = CampaignTerms(shelves=SHELVES)
    assert (find_shelf(still, START).id, next_turn(still, START)) == ("one", MAXIMUM_TIME)
    assert find_shelf(CampaignTerms(), START) is None


def test_a_peak_that_was_over_before_the_start():
    early = Rotation(DAY, (Peak(START - 2 * DAY, START - DAY, HOUR), Peak(START - 1, START + HOUR, HOUR)))
    terms = CampaignTerms(starts_at=START, shelves=SHELVES, rotation=early)
    assert [find_shelf(terms, START + hour * HOUR).id for hour in (0, 1, 24, 25)] == [
        "one",
        "two",
        "two",
        "three",
    ]
