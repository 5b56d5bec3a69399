"""Everybody on one auction."""

from collections.abc import Callable

import pytest

from loadtests.bidding import BID, OUTBID, PUSH
from loadtests.crowd import Crowd
from loadtests.measures import Acknowledgement
from loadtests.result import Check, Result
from loadtests.tally import PASSED

Play = Callable[..., tuple[int, Result, str]]


def findings(checks: list[Check]) -> list[str]:
    return [finding for check in checks for finding in check.findings]


def test_every_bid_is_on_one_auction_and_accounted_for(play: Play) -> None:
    code, result, printed = play("hot", members=8, rate=80, seconds=1.5)
    assert code == 0
    assert result.held
    bid = result.actions[BID]
    assert bid.due > 60
    assert bid.due == bid.acknowledged + sum(bid.refused.values())
    assert set(bid.refused) <= {"bid_too_low", "already_leading"}
    assert result.actions[PUSH].acknowledged == bid.acknowledged
    assert 0 < result.actions[OUTBID].acknowledged <= bid.acknowledged
    assert sum(second.due for second in result.timeline) == sum(one.due for one in result.actions.values())
    stand, points = result.checks
    assert stand.checked == bid.acknowledged
    assert points.checked == 9
    assert result.settings["members"] == 8
    assert result.machine.cores > 0
    assert "p99 of bid, ms" in printed


def test_a_bid_that_was_only_said_to_stand_is_found(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    bid = Crowd.bid

    async def pretend(self: Crowd, member: int, auction: int, due: float) -> str:
        outcome = await bid(self, member, auction, due)
        if outcome != PASSED and self.measures.acknowledged and self.measures.acknowledged[-1].number == 3:
            last = self.measures.acknowledged[-1]
            self.measures.note_acknowledged(invent(last), due, 0.001)
        return outcome

    def invent(bid: Acknowledgement) -> Acknowledgement:
        return Acknowledgement(bid.auction, 999, bid.member, 10**9, 1, 500, True, bid.position, "never")

    monkeypatch.setattr(Crowd, "bid", pretend)
    code, result, _ = play("hot", members=4, rate=60, seconds=1)
    assert code == 1
    assert any("999" in finding and "not in the history" in finding for finding in findings(result.checks))
