"""Arrivals: as many as the profile says, where it says, and the same for the same seed."""

import csv
import os
import random
from itertools import pairwise
from pathlib import Path

import pytest

from loadtests.arrivals import LAST_MINUTE, Profile, draw_instants, draw_moves, draw_times

SHARED = Path(os.environ.get("LIVELOT_SHARED") or Path(__file__).parents[3] / "shared")
RECORDED = SHARED / "data" / "ebay_bids.csv"

SECONDS = 60.0

MEANS = {
    Profile.STEADY: 1.0,
    Profile.RAMP: 1 / 2,
    Profile.STEPS: 5 / 8,
    Profile.OPENING: 0.3167,  # (1 - e⁻³) / 3
    Profile.CLOSING: 0.6127,  # 1 / 60 over the greatest density, 0.136 / 5
}
"""The area under each profile."""


@pytest.mark.parametrize("profile", Profile)
def test_there_are_as_many_as_the_profile_says(profile: Profile) -> None:
    instants = list(draw_instants(profile, 500, SECONDS, random.Random(1)))
    # Five standard deviations of a Poisson count; the seed is fixed, so this cannot waver.
    expected = 500 * SECONDS * MEANS[profile]
    assert abs(len(instants) - expected) < 5 * expected**0.5
    assert all(earlier <= later for earlier, later in pairwise(instants))
    assert instants[0] > 0
    assert instants[-1] < SECONDS


@pytest.mark.parametrize(
    ("profile", "quarters"),
    [
        (Profile.STEADY, (1, 1, 1, 1)),
        (Profile.RAMP, (1, 3, 5, 7)),
        (Profile.STEPS, (1, 2, 3, 4)),
        (Profile.OPENING, (0.5276, 0.2492, 0.1177, 0.0556)),
    ],
)
def test_they_are_where_the_profile_says(profile: Profile, quarters: tuple[float, ...]) -> None:
    times = draw_times(profile, 20_000, SECONDS, random.Random(2))
    found = [sum(15 * quarter <= at < 15 * (quarter + 1) for at in times) for quarter in range(4)]
    for count, share in zip(found, quarters, strict=True):
        assert count / 20_000 == pytest.approx(share / sum(quarters), abs=0.015)


def test_the_last_minute_is_that_of_real_auctions() -> None:
    times = draw_times(Profile.CLOSING, 20_000, SECONDS, random.Random(3))
    for left, share in LAST_MINUTE:
        assert sum(60 - at <= left for at in times) / 20_000 == pytest.approx(share, abs=0.015)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded bids are not here")
def test_the_table_is_that_of_the_recorded_bids() -> None:
    with RECORDED.open() as file:
        rows = [(int(row["days"]) * 86_400 - int(row["at_ms"]) / 1000) for row in csv.DictReader(file)]
    late = [left for left in rows if left <= 60]
    for left, share in LAST_MINUTE:
        assert sum(one <= left for one in late) / len(late) == pytest.approx(share, abs=0.001)


def test_a_crowd_of_known_size_acts_once_each_in_order() -> None:
    times = draw_times(Profile.OPENING, 777, 5.0, random.Random(4))
    assert len(times) == 777
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] < 5


@pytest.mark.parametrize("profile", Profile)
def test_one_hand_never_acts_twice_at_once(profile: Profile) -> None:
    moves = list(draw_moves(profile, 8.0, 600.0, random.Random(5)))
    expected = 8 * 600 * MEANS[profile]
    assert abs(len(moves) - expected) < 5 * expected**0.5
    assert min(later - earlier for earlier, later in pairwise(moves)) >= 0.5 / 8
    assert 0 < moves[0] < moves[-1] < 600


def test_arrivals_follow_from_the_seed() -> None:
    first, again, other = (
        list(draw_instants(Profile.CLOSING, 50, 10.0, random.Random(seed))) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_every_profile_has_its_words() -> None:
    assert len({profile.words for profile in Profile}) == len(Profile)
