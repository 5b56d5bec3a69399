"""Members take turns, and think in between."""

import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from loadtests.thinking import Turns


def test_without_thinking_anybody_is_as_likely_as_any_other() -> None:
    turns = Turns(10, 0.0, random.Random(1))
    counts = Counter(turns.choose(at / 100) for at in range(10_000))
    assert set(counts) == set(range(10))
    # Five standard deviations of a binomial count; the seed is fixed.
    assert all(abs(count - 1_000) < 150 for count in counts.values())


def test_members_think_as_long_as_was_asked_on_average() -> None:
    turns = Turns(200, 5.0, random.Random(2))
    acted: dict[int, list[float]] = defaultdict(list)
    for number in range(10_000):
        acted[turns.choose(number / 10)].append(number / 10)
    assert turns.hurried == 0
    assert len(acted) == 200
    pauses = [later - earlier for one in acted.values() for earlier, later in pairwise(one)]
    # Each is chosen once in 20 s; whoever has rested for 5 s waits for its turn for the other 15.
    assert sum(pauses) / len(pauses) == pytest.approx(20.0, rel=0.05)


def test_nobody_acts_while_it_thinks_unless_there_is_nobody_else() -> None:
    turns = Turns(3, 1_000.0, random.Random(3))
    assert sorted(turns.choose(at) for at in (0.0, 0.1, 0.2)) == [0, 1, 2]
    assert turns.hurried == 0
    assert turns.choose(0.3) in (0, 1, 2)
    assert turns.hurried == 1


def test_turns_follow_from_the_seed() -> None:
    def choose(seed: int) -> list[int]:
        turns = Turns(50, 2.0, random.Random(seed))
        return [turns.choose(at / 10) for at in range(200)]

    assert choose(1) == choose(1) != choose(2)
