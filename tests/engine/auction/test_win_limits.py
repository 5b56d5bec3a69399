"""Limits of wins: leads count like wins."""

import pytest

from engine.auction.win_limits import WinLimits
from engine.errors import Rejection


def limits(**by_campaign):
    wins = WinLimits()
    wins.limits = by_campaign
    return wins


@pytest.mark.parametrize(
    ("limit", "leads", "allowed"), [(0, 0, False), (1, 0, True), (1, 1, False), (2, 1, True), (2, 3, False)]
)
def test_a_member_may_reach_its_limit(limit, leads, allowed):
    wins = limits(spring=limit)
    for _ in range(leads):
        wins.count("spring", "anna", 1)
    assert wins.may_win("spring", "anna") is allowed
    if allowed:
        wins.check("spring", "anna")
    else:
        with pytest.raises(Rejection, match=f"at most {limit} auctions") as caught:
            wins.check("spring", "anna")
        assert caught.value.rejected.code == "win_limit_reached"
        assert caught.value.rejected.details == {"campaign": "spring", "limit": limit}


def test_members_and_campaigns_are_counted_apart():
    wins = limits(spring=1, autumn=1)
    wins.count("spring", "anna", 1)
    assert not wins.may_win("spring", "anna")
    assert wins.may_win("spring", "ben")
    assert wins.may_win("autumn", "anna")


def test_a_campaign_without_a_limit_is_counted_for_later():
    wins = limits()
    wins.count("spring", "anna", 1)
    assert wins.may_win("spring", "anna")
    wins.limits = {"spring": 1}
    assert not wins.may_win("spring", "anna")


def test_what_was_lost_leaves_nothing_behind():
    wins = limits(spring=1)
    wins.count("spring", "anna", 1)
    wins.count("spring", "anna", -1)
    assert wins.counts == {}
    assert wins.may_win("spring", "anna")


def test_no_campaign_has_no_limit():
    wins = limits()
    wins.limits = {"": 0}
    wins.count("", "anna", 1)
    wins.check("", "anna")
    assert wins.counts == {}
    assert wins.may_win("", "anna")
