"""The engine beside a naive model of design.md, on random walks; and one decision in every process."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.walks import Walk


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(5, 60))
def test_short_walks(random, steps):
    walk = Walk(random)
    for _ in range(steps):
        walk.step()
    walk.finish()


@pytest.mark.parametrize("seed", range(6))
def test_long_walks(seed):
    walk = Walk(Random(seed))
    for _ in range(300):
        walk.step()
    walk.finish()
