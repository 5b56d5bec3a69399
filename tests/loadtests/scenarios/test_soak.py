"""A soak, for a second: its length is the caller's."""

from collections.abc import Callable

from loadtests.bidding import BID
from loadtests.result import Result
from loadtests.scenarios.soak import MIX, REDEEM

Play = Callable[..., tuple[int, Result, str]]


def test_drift_is_looked_for_and_results_are_checked(play: Play) -> None:
    _, result, printed = play("soak", members=5, auctions=3, rate=80, seconds=2.5)
    assert set(MIX) < set(result.actions)
    assert [check.findings for check in result.checks] == [[], [], []], printed
    stand, _, taken = result.checks
    assert stand.checked == result.actions[BID].acknowledged
    assert taken.checked == result.actions[REDEEM].acknowledged > 0
    latency, memory = result.verdicts[-2:]
    assert latency.value is not None
    assert latency.value > 0
    assert memory.value is not None
    assert result.samples
    assert result.samples[0].processes["gateway 1"].memory > 2**24
