"""Thresholds: read, overridden, judged."""

import pytest

from loadtests.measures import Histogram
from loadtests.result import Action, Verdict
from loadtests.verdicts import Threshold, judge, override, read_threshold

BID = Threshold("bid", "p99", 100.0)


def test_a_threshold_is_kept_or_not_or_cannot_be_judged() -> None:
    latency = Histogram([0.010] * 98 + [0.150] * 2).summarize()
    actions = {
        "bid": Action(due=100, acknowledged=100, latency=latency),
        "leave": Action(due=0, acknowledged=0),
    }
    wanted = [
        BID,
        Threshold("bid", "p90", 100.0),
        Threshold("leave", "p99", 1.0),
        Threshold("buy", "p99", 1.0),
    ]
    p99, p90, leave, buy = judge(wanted, actions)
    assert (p99.name, p99.limit, p99.held) == ("p99 of bid, ms", 100.0, False)
    assert p99.value == pytest.approx(150, rel=0.001)
    assert p90.held
    assert leave == Verdict("p99 of leave, ms", 1.0, None, False)
    assert (buy.value, buy.held) == (None, False)


@pytest.mark.parametrize(
    ("text", "threshold"),
    [
        ("bid.p99=250", Threshold("bid", "p99", 250.0)),
        ("outbid push.longest=1.5", Threshold("outbid push", "longest", 1.5)),
    ],
)
def test_thresholds_are_read(text: str, threshold: Threshold) -> None:
    assert read_threshold(text) == threshold


@pytest.mark.parametrize("text", ["bid=250", "bid.p98=250", "bid.p99=fast", "bid.p99=", ""])
def test_what_is_no_threshold_is_told_what_one_is(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as bid\.p99=250"):
        read_threshold(text)


def test_one_on_the_same_measure_takes_the_others_place() -> None:
    other, more = Threshold("bid", "p99", 5.0), Threshold("bid", "p50", 1.0)
    assert override([BID, Threshold("buy", "p99", 9.0)], [other, more]) == [
        other,
        Threshold("buy", "p99", 9.0),
        more,
    ]
