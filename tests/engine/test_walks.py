"""The engine beside a naive model of design.md, on random walks."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import machine
from engine.commands import Command
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

    def _judge(self, command: Command, actor: str, reasons: set[str], outcome: Outcome) -> None:
        member = self.stage.program.members.find(getattr(command, "member", "") or actor)
        holds = self.stage.program.ledger.holds
        statuses = {self.model.auctions[id].status for id, (holder, _) in holds.items() if holder is member}
        if statuses & {"settled", "unsold"}:
            # Its points, or its lead, still hang on an auction that has ended and was not closed yet.
            reasons = reasons | (
                {"insufficient_points", "win_limit_reached"} & {getattr(outcome, "code", "")}
            )
        super()._judge(command, actor, reasons, outcome)


@pytest.mark.parametrize("seed", range(10))
def test_walks_without_a_single_tick(seed, monkeypatch):
    monkeypatch.setattr(machine, "SLICE", 0)
    walk = LateWalk(Random(seed))
    for _ in range(300):
        walk.step()
