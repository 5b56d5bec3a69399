"""Auctions that end together, with a past."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

import loadtests.scenarios.closing as closing
from loadtests.bidding import BID, BiddingScenario
from loadtests.result import Result
from loadtests.tally import Tally

Play = Callable[..., tuple[int, Result, str]]


def test_auctions_are_sold_as_their_bids_make_it(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "LEAD_SECONDS", 1.5)
    code, result, printed = play("closing", members=8, auctions=12, seconds=1)
    assert code == 0, printed
    assert 0 < result.actions[BID].due < 40
    assert set(result.actions[BID].refused) <= {"bid_too_low", "auction_closed"}
    assert result.actions[closing.CLOSE].acknowledged == 12
    stand, sold, held, points = result.checks
    assert stand.checked > 120  # of twelve auctions with sixteen bids each, on average
    assert (sold.checked, held.checked, points.checked) == (12, 8, 9)


def test_a_past_that_takes_too_long_is_told(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "LEAD_SECONDS", -59)
    with pytest.raises(AssertionError, match=r"the past took .* s too long: fewer --auctions"):
        play("closing", members=2, auctions=1, seconds=60)


def test_ends_are_waited_for_before_anything_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []

    class Counted(Exception):  # noqa: N818
        """So far, and no further."""

    async def reach(holds: Callable[[], bool], seconds: float) -> bool:
        steps.append(f"shown: {holds()}")
        return True

    async def count(scenario: BiddingScenario, tally: Tally, start: float) -> None:
        steps.append("counted")
        raise Counted

    monkeypatch.setattr(closing, "reach", reach)
    monkeypatch.setattr(BiddingScenario, "settle", count)
    scenario = closing.Closing.__new__(closing.Closing)
    scenario.stage = cast(Any, None)
    scenario.crowd = cast(Any, SimpleNamespace(auctions=["a", "b"], ended={"a": 1.0}))
    with pytest.raises(Counted):
        asyncio.run(scenario.settle(Tally(), 0.0))
    assert steps == ["shown: False", "counted"]
    scenario.crowd.ended["b"] = 2.0
    assert scenario.all_are_shown()
