"""Whoever listens to ``prices`` knows every price: what was told on random walks is what stands there."""

import contextlib
from random import Random
from typing import Any

import msgspec
import pytest

from engine.errors import Rejection
from engine.position import Position
from engine.program import Program
from engine.rewards.views import get_offer
from engine.simulator.workload.auctions import PEOPLE
from engine.simulator.workload.rewards import EXPERIENCES
from gateway.hub import Hub
from tests.engine.reward_walks import RewardWalk
from tests.gateway.hearing import LIMITS, Clock, show


class Watched:
    """The replica of a walk's program."""

    def __init__(self, walk: RewardWalk) -> None:
        self._walk = walk
        self.position = Position(1, 0, 0)

    @property
    def program(self) -> Program:
        return self._walk.stage.program


@pytest.mark.parametrize("seed", range(10))
def test_whoever_listens_knows_every_price(seed: int, clock: Clock) -> None:
    """On a random walk through the whole program: what was told is what the catalogue says."""
    walk = RewardWalk(Random(seed))
    hub = Hub(Watched(walk), LIMITS, clock, stopwatch=clock.time)  # type: ignore[arg-type]
    known: dict[tuple[str, str], dict[str, Any]] = {}
    viewers = [(member, channel) for member in PEOPLE for channel in ("", "web")]
    ears = {
        (member, channel): show(hub, member, *EXPERIENCES, channel=channel) for member, channel in viewers
    }
    pushes = 0
    applied = walk.stage._apply

    def apply(entry: Any) -> None:
        applied(entry)
        hub.take(walk.stage.last)

    walk.stage._apply = apply  # type: ignore[method-assign]
    for _ in range(400):
        walk.step()
        walk.stage.tick()
        for _ in range(2):  # what the first flush finds may wait for a second
            clock.pass_time(2)
        for (member, channel), ear in ears.items():
            own = known.setdefault((member, channel), {})
            for push in ear.heard():
                pushes += 1
                own |= push["state"]["prices"]
            assert own == catalogue_of(walk.stage.program, member, channel)
    assert pushes > 30, "a walk that has not seen much"


def catalogue_of(program: Program, member: str, channel: str) -> dict[str, Any]:
    """The prices of all experiences as ``catalogue.get`` has them; None for what is not shown."""
    found: dict[str, Any] = dict.fromkeys(EXPERIENCES)
    for id in EXPERIENCES:
        with contextlib.suppress(Rejection):
            found[id] = msgspec.to_builtins(get_offer(program, member, id, channel).price)
    return found
