"""Looking at a catalogue: what is quoted is what was pushed."""

from collections.abc import Callable

import pytest

import loadtests.shoppers as shoppers
from loadtests.result import Result
from loadtests.scenarios.browse import MIX, QUOTE
from loadtests.shoppers import Price, ShownPrices

Play = Callable[..., tuple[int, Result, str]]

SMALL = {"members": 6, "experiences": 10, "shown": 4, "segments": 2, "rate": 100, "seconds": 1}


def test_quotes_pages_and_pushes_agree(play: Play) -> None:
    code, result, printed = play("browse", **SMALL)
    assert code == 0, printed
    assert set(result.actions) == set(MIX)
    assert all(action.acknowledged == action.due > 0 for action in result.actions.values())
    quotes, pushed = result.checks
    assert quotes.checked == result.actions[QUOTE].due
    assert pushed.checked == 6 * 4


def test_a_price_that_was_pushed_wrong_is_found(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = shoppers.decode_shown

    def spoil(state: bytes) -> ShownPrices:
        prices = decode(state).prices
        return ShownPrices({id: Price(price.points + 1) for id, price in prices.items() if price is not None})

    monkeypatch.setattr(shoppers, "decode_shown", spoil)
    code, result, printed = play("browse", **SMALL)
    assert code == 1
    assert all(check.findings for check in result.checks)
    assert "points were quoted" in printed
