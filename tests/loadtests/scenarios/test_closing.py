"""Auctions that end together, with a past."""

from collections.abc import Callable

import pytest

import loadtests.scenarios.closing as closing
from loadtests.bidding import BID
from loadtests.result import Result

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
