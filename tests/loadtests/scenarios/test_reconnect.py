"""Everyone drops and comes back."""

from collections.abc import Callable

from loadtests.bidding import BID
from loadtests.result import Result
from loadtests.scenarios.reconnect import RETURN

Play = Callable[..., tuple[int, Result, str]]


def test_everybody_comes_back_and_nothing_is_lost_or_doubled(play: Play) -> None:
    code, result, printed = play("reconnect", members=8, auctions=3, rate=60, seconds=1.5)
    assert code == 0, printed
    back, bid = result.actions[RETURN], result.actions[BID]
    assert back.acknowledged == back.due == 2 * 8
    assert back.latency.p50 > 40, "whoever comes back pauses first"
    assert bid.acknowledged > 20
    assert bid.unanswered == 0
    assert result.checks[0].checked == bid.acknowledged
    assert result.counts["lost"] >= 2 * 8
    assert result.counts["connected"] >= result.sockets + 2 * 8
    assert f"connections lost: {result.counts['lost']}" in printed
