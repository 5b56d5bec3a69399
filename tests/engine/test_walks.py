"""The engine beside a naive model of design.md, on random walks."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from engine import machine
from engine.machine import Outcome
from tests.engine.walks import Walk


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(5, 60))
def test_short_walks(random, steps):
    walk = Walk(random)
    for _ in range(steps):
        walk.step()
    walk.finish()


@pytest.mark.parametrize("seed", range(10))
def test_long_walks(seed):
    walk = Walk(Random(seed))
    for _ in range(300):
        walk.step()
    walk.finish()


class LateWalk(Walk):
    """A program whose agenda is never done: what a command touches must be right all the same."""

    def _compare(self) -> None:
        self.model.pass_time(self.stage.at)

    def _expect_only_time(self, twin: object) -> None:
        """A tick does nothing here."""

    def _repeat(self, sent: object, first: Outcome) -> None:
        """A key stays known until the agenda forgets it."""


@pytest.mark.parametrize("seed", range(10))
def test_walks_without_a_single_tick(seed, monkeypatch):
    monkeypatch.setattr(machine, "SLICE", 0)
    walk = LateWalk(Random(seed))
    for _ in range(300):
        walk.step()
