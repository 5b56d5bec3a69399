"""A slider is moved, and everybody sees it."""

from collections.abc import Callable

from loadtests.result import Result
from loadtests.scenarios.tune import PUSH, TUNE

Play = Callable[..., tuple[int, Result, str]]


def test_every_move_comes_to_every_page(play: Play) -> None:
    options = {"members": 5, "experiences": 8, "shown": 3, "segments": 2, "rate": 8, "seconds": 1.2}
    code, result, printed = play("tune", **options)
    assert code == 0, printed
    tune, push = result.actions[TUNE], result.actions[PUSH]
    assert tune.acknowledged == tune.due > 3
    assert push.acknowledged == push.due == 5 * tune.acknowledged
    prices, moves = result.checks
    assert prices.checked == 5 * 3
    assert moves.checked == tune.acknowledged
