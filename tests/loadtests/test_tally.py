"""Nothing that was due is lost, whatever became of it."""

import pytest

from loadtests.measures import Summary
from loadtests.tally import ACKNOWLEDGED, PASSED, Tally


def filled() -> Tally:
    """Five bids due in the first second and one in the third; a redemption in the third."""
    tally = Tally()
    for at in (0.1, 0.2, 0.3, 0.4, 0.9, 2.5):
        tally.begin("bid", at)
    tally.begin("redeem", 2.0)
    tally.end("bid", 0.1, ACKNOWLEDGED, 0.010)
    tally.end("bid", 0.2, ACKNOWLEDGED, 5.0)
    tally.end("bid", 0.3, "bid_too_low", 0.030)
    tally.end("bid", 0.4, PASSED, 0.0)
    tally.end("redeem", 2.0, ACKNOWLEDGED, 0.020)
    return tally


def test_every_action_that_was_due_is_accounted_for() -> None:
    actions = filled().list_actions()
    bid = actions["bid"]
    assert (bid.due, bid.acknowledged, bid.refused, bid.passed, bid.unanswered) == (
        6,
        2,
        {"bid_too_low": 1},
        1,
        2,
    )
    assert (actions["redeem"].due, actions["redeem"].acknowledged, actions["redeem"].unanswered) == (1, 1, 0)


def test_latencies_are_of_what_had_an_answer() -> None:
    tally = filled()
    bid = tally.list_actions()["bid"].latency
    assert bid == tally.summarize("bid")
    assert bid.count == 3
    assert bid.mean == pytest.approx(5040 / 3)
    assert bid.longest == pytest.approx(5000, rel=0.001)
    assert tally.summarize("leave") == Summary()


def test_what_was_due_in_a_second_counts_there_whenever_it_was_answered() -> None:
    tally = filled()
    first, gap, third = tally.list_seconds()
    assert (first.due, first.acknowledged, first.refused, first.unanswered) == (5, 2, {"bid_too_low": 1}, 1)
    assert first.latency.longest == pytest.approx(5000, rel=0.001)
    assert (gap.at, gap.due, gap.latency, gap.histogram) == (1, 0, Summary(), "")
    assert (third.due, third.acknowledged, third.unanswered) == (2, 1, 1)
    assert tally.second(2).latency.count == 1


def test_what_follows_from_an_action_comes_or_does_not() -> None:
    tally = Tally()
    tally.count("push", 0.5, 0.003)
    tally.count("push", 0.6, None)
    push = tally.list_actions()["push"]
    assert (push.due, push.acknowledged, push.unanswered, push.latency.count) == (2, 1, 1, 1)


def test_an_answer_beyond_all_patience_counts_as_the_longest() -> None:
    tally = Tally()
    tally.count("push", 0.5, 10_000.0)
    assert tally.list_seconds()[0].latency.longest == pytest.approx(600_000, rel=0.001)


def test_another_tally_that_began_later_is_absorbed() -> None:
    whole, other = filled(), filled()
    other.lateness.add(0.004)
    whole.absorb(other, 4.2)
    bid = whole.list_actions()["bid"]
    assert (bid.due, bid.acknowledged, bid.refused, bid.passed, bid.unanswered) == (
        12,
        4,
        {"bid_too_low": 2},
        2,
        4,
    )
    assert bid.latency.count == 6
    assert bid.latency.mean == pytest.approx(5040 / 3, rel=0.001)
    assert [second.due for second in whole.list_seconds()] == [5, 0, 2, 0, 5, 0, 2]
    assert whole.second(4).latency.longest == pytest.approx(5000, rel=0.001)
    assert whole.lateness.summarize().count == 1
