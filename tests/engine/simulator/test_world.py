"""Whole deployments under faults: a fixed set of seeds, a fresh one, and everything rare at least once."""

import os
from collections import Counter

import pytest

from engine.simulator.faults import GRAVE, MILD
from engine.simulator.judge import Judge
from engine.simulator.rare import RARE
from engine.simulator.world import play
from tests.engine.simulator.planting import untraced

FAULTS = frozenset((*MILD, *GRAVE))
SEEDS = range(1, 13)
COMMANDS = 2_500


def require_no_violation(judge: Judge, seed: str) -> None:
    violation = judge.violation
    number, chapter = seed.split("/")
    again = f"livelot simulate --seed {number} --chapter {chapter}"
    assert violation is None, f"{violation}\nto see it again: {again}"


@pytest.fixture(scope="module")
def played() -> dict[str, Judge]:
    """The fixed seeds."""
    with untraced():
        return {f"{seed}/1": play(f"{seed}/1", COMMANDS, FAULTS).judge for seed in SEEDS}


def test_fixed_seeds_keep_every_promise(played: dict[str, Judge]) -> None:
    for seed, judge in played.items():
        require_no_violation(judge, seed)
        assert judge.commands >= COMMANDS


def test_a_fresh_seed_keeps_every_promise() -> None:
    seed = f"{int.from_bytes(os.urandom(4))}/1"
    require_no_violation(play(seed, COMMANDS // 2, FAULTS).judge, seed)


def test_rare_paths_are_reached(played: dict[str, Judge]) -> None:
    happened: Counter[str] = Counter()
    for judge in played.values():
        happened += judge.happened
    assert [name for name in RARE if not happened[name]] == []


def test_the_same_seed_is_the_same_run() -> None:
    one, two = (play("7/1", 600, FAULTS).judge for _ in range(2))
    assert list(one.verdicts.items()) == list(two.verdicts.items())
    assert one.happened == two.happened
