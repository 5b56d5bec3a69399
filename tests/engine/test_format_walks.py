"""The engine beside the naive model, on random walks with auctions of all formats in the mix."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from engine import machine
from tests.engine.format_walks import FormatWalk, answers_of, differing
from tests.engine.test_walks import LateWalk


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.integers(5, 80))
def test_short_walks(random, steps):
    walk = FormatWalk(random)
    for _ in range(steps):
        walk.step()
    walk.finish()


def test_long_walks():
    statuses, codes, kinds = set(), set(), set()
    for seed in range(9):
        walk = FormatWalk(Random(seed))
        for _ in range(300):
            walk.step()
            statuses |= {one.status for one in walk.stage.program.auctions.values()}
        walk.finish()
        codes |= walk.codes
        kinds |= {
            (type(one.pieces.format).__name__ if one.pieces else "English", one.status)
            for one in walk.stage.program.auctions.values()
        }
    assert statuses >= {"draft", "scheduled", "open", "paused", "settled", "unsold", "cancelled"}
    for kind in ("Dutch", "Sealed", "MultiUnit", "AscendingClock", "English"):
        assert {(kind, "settled"), (kind, "unsold")} <= kinds
    assert codes >= {
        *("ok", "already_past", "already_refunded", "auction_closed", "auction_exists", "auction_not_open"),
        *("auction_paused", "bid_not_raised", "bid_not_standing", "bid_sealed", "bid_too_low"),
        *("buy_now_unavailable", "entry_is_over", "insufficient_points", "invalid_auction", "no_offer"),
        *("no_runner_up", "not_eligible", "not_in", "reserve_not_lower", "staff_may_not_bid"),
        *("supply_is_fixed", "too_many_pieces", "unknown_auction", "unknown_bid", "unknown_member"),
        *("unknown_sale", "which_sale", "win_limit_reached", "wrong_status"),
    }


class LateFormatWalk(LateWalk, FormatWalk):
    """No tick ever comes."""


@pytest.mark.parametrize("seed", range(10))
def test_walks_without_a_single_tick(seed, monkeypatch):
    monkeypatch.setattr(machine, "SLICE", 0)
    walk = LateFormatWalk(Random(seed))
    for _ in range(300):
        walk.step()


@pytest.mark.parametrize("seed", range(10))
def test_the_agenda_makes_things_prompt_never_right(seed, monkeypatch):
    walk = FormatWalk(Random(seed))
    for _ in range(300):
        walk.step()
    prompt = answers_of(walk.stage.entries)
    monkeypatch.setattr(machine, "SLICE", 0)
    assert differing(prompt, answers_of(walk.stage.entries)) == []
