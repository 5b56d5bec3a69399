"""The engine beside the naive model, on random walks with raffles."""

from random import Random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from msgspec.structs import replace

from engine import machine
from engine.commands import RaffleTerms
from engine.simulator.workload.raffles import WEIGHTS
from tests.engine.raffle_walks import RaffleWalk
from tests.engine.test_walks import LateWalk

WITH_TICKS = (
    *("sign_lock", "stamp_lock", "draw", "claim_prize", "decline_prize", "forfeit_prize"),
    "void_raffle",
)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(5, 60))
def test_short_walks(random, steps):
    walk = RaffleWalk(random)
    for _ in range(steps):
        walk.step()
    walk.finish()


def test_long_walks():
    statuses, fates = set(), set()
    for seed in range(16):
        walk = RaffleWalk(Random(seed))
        for _ in range(300):
            walk.step()
            raffles = walk.model.raffles.values()
            statuses |= {one.status for one in raffles}
            fates |= {place.fate for one in raffles for place in one.places}
        walk.finish()
    assert statuses == {"draft", "scheduled", "open", "locked", "drawn", "settled", "void"}
    assert fates == {"offered", "reserve", "claimed", "declined", "forfeited", "lapsed"}


class LateRaffleWalk(LateWalk, RaffleWalk):
    """No tick ever comes. Locks then stand in the order in which raffles are touched, so nothing that names a
    lock, or follows from one, is asked; nor does a void raffle give points back, which takes its slices."""

    weights: ClassVar = {name: weight for name, weight in WEIGHTS.items() if name not in WITH_TICKS}

    def _raffle_terms(self) -> RaffleTerms:
        return replace(super()._raffle_terms(), randomness="commitment")


@pytest.mark.parametrize("seed", range(10))
def test_walks_without_a_single_tick(seed, monkeypatch):
    monkeypatch.setattr(machine, "SLICE", 0)
    walk = LateRaffleWalk(Random(seed))
    for _ in range(300):
        walk.step()
