"""The engine beside the naive model, on random walks with a catalogue, campaigns and price rules."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from engine import machine
from tests.engine.reward_walks import RewardWalk
from tests.engine.test_walks import LateWalk


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(5, 60))
def test_short_walks(random, steps):
    walk = RewardWalk(random)
    for _ in range(steps):
        walk.step()
    walk.finish()


@pytest.mark.parametrize("seed", range(10))
def test_long_walks(seed):
    walk = RewardWalk(Random(seed))
    for _ in range(300):
        walk.step()
    walk.finish()
    statuses = {one.status for one in walk.model.redemptions.values()}
    assert len(statuses) >= 3, "a walk that has not seen much"


class LateRewardWalk(LateWalk, RewardWalk):
    """No tick ever comes."""


@pytest.mark.parametrize("seed", range(10))
def test_walks_without_a_single_tick(seed, monkeypatch):
    monkeypatch.setattr(machine, "SLICE", 0)
    walk = LateRewardWalk(Random(seed))
    for _ in range(300):
        walk.step()
