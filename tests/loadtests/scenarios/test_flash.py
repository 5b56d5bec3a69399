"""More takers than pieces."""

from collections.abc import Callable

import pytest

from loadtests.redemptions import Taken
from loadtests.result import Result
from loadtests.scenario import Stage
from loadtests.scenarios.flash import REDEEM, Flash

Play = Callable[..., tuple[int, Result, str]]


def test_every_piece_is_sold_once_and_nobody_has_two(play: Play) -> None:
    code, result, _ = play("flash", members=60, seconds=1, stock=20)
    assert code == 0
    redeem = result.actions[REDEEM]
    assert redeem.due >= 60
    assert redeem.acknowledged == 20
    assert set(redeem.refused) <= {"sold_out", "redemption_limit_reached"}
    assert redeem.refused["sold_out"] >= 35
    assert [check.checked for check in result.checks] == [20, 61]


def test_a_piece_that_was_only_promised_is_found(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Flash.__init__

    def promise(self: Flash, stage: Stage) -> None:
        made(self, stage)
        self.told.append(Taken(stage.members[0], self.experience, "R999999", 100))

    monkeypatch.setattr(Flash, "__init__", promise)
    code, result, printed = play("flash", members=5, seconds=0.5, stock=20)
    assert code == 1
    assert not result.held
    assert "R999999 of storm-0001: it is not there" in printed
