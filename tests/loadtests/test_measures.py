"""Latencies, and which push is whose."""

import pytest

from loadtests.measures import (
    Acknowledgement,
    Histogram,
    Measures,
    Summary,
    append_in_order,
    find_first,
    find_outbid,
    summarize_now,
)
from loadtests.wire import Place


def acknowledge(number: int, member: str, *, leading: bool = True, auction: str = "a1") -> Acknowledgement:
    return Acknowledgement(
        auction=auction,
        number=number,
        member=member,
        maximum=1000 * number,
        bidder=1,
        price=500 * number,
        leading=leading,
        position=f"1:{100 * number}-0",
        key=f"{member}-{number}",
    )


def test_percentiles_are_right_to_three_digits() -> None:
    summary = Histogram(milliseconds / 1000 for milliseconds in range(1, 1001)).summarize()
    assert summary.count == 1000
    expected = {"p50": 500, "p90": 900, "p99": 990, "p999": 999, "longest": 1000, "mean": 500.5}
    for name, value in expected.items():
        assert getattr(summary, name) == pytest.approx(value, rel=0.002)


def test_nothing_sums_up_to_nothing() -> None:
    assert Histogram().summarize() == summarize_now(()) == Summary()


def test_what_was_summed_up_can_be_added_to() -> None:
    histogram = Histogram([0.001, 0.001])
    assert histogram.summarize().count == 2
    other = Histogram([0.005])
    histogram.add(0.003)
    histogram.join(other.encode(), other.summarize().mean)
    summary = histogram.summarize()
    assert (summary.count, summary.mean) == (4, pytest.approx(2.5, rel=0.001))
    assert (summary.p50, summary.longest) == (pytest.approx(1, rel=0.001), pytest.approx(5, rel=0.001))
    assert histogram.summarize() == summary


@pytest.mark.parametrize("count", [1, 7, 1_000])
def test_a_summary_at_once_is_that_of_a_histogram(count: int) -> None:
    values = [(7_919 * number) % 50_000 + 1 for number in range(count)]
    slow = Histogram(value / 1_000_000 for value in values).summarize()
    fast = summarize_now(values)
    for name in Summary.__struct_fields__:
        assert getattr(fast, name) == pytest.approx(getattr(slow, name), rel=0.002)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 10_000.0])
def test_a_value_beyond_the_ends_counts_as_the_end(seconds: float) -> None:
    assert Histogram([seconds]).summarize().count == 1


def test_the_first_push_at_or_after_a_position_counts() -> None:
    pushes = [(Place(1, 100, 0), 1.0), (Place(1, 300, 0), 3.0), (Place(1, 300, 0), 4.0)]
    assert find_first(pushes, Place(1, 100, 0)) == 1.0
    assert find_first(pushes, Place(1, 100, 1)) == 3.0
    assert find_first(pushes, Place(1, 300, 0)) == 3.0
    assert find_first(pushes, Place(2, 0, 0)) is None


def test_a_push_from_the_past_does_not_count() -> None:
    pushes = [(Place(1, 300, 0), 3.0)]
    append_in_order(pushes, Place(1, 200, 0), 4.0)
    append_in_order(pushes, Place(1, 300, 0), 5.0)
    assert pushes == [(Place(1, 300, 0), 3.0), (Place(1, 300, 0), 5.0)]


def test_who_was_outbid_follows_from_the_order_of_bids() -> None:
    bids = [
        acknowledge(4, "B"),
        acknowledge(1, "A"),
        acknowledge(2, "B", leading=False),
        acknowledge(3, "A"),
        acknowledge(5, "B"),
    ]
    assert [(bid.number, member) for bid, member in find_outbid(bids)] == [(4, "A")]


def test_nobody_is_taken_for_outbid_across_a_missing_bid() -> None:
    assert find_outbid([acknowledge(1, "A"), acknowledge(3, "B")]) == []


def test_auctions_are_told_apart() -> None:
    assert find_outbid([acknowledge(1, "A"), acknowledge(2, "B", auction="a2")]) == []


def test_push_latencies_count_from_when_the_bid_was_due() -> None:
    measures = Measures()
    measures.note_acknowledged(acknowledge(1, "A"), due=10.0, latency=0.5)
    measures.note_acknowledged(acknowledge(2, "B"), due=11.0, latency=0.5)
    measures.note_auction_push("a1", Place(1, 100, 0), 10.25)
    measures.note_auction_push("a1", Place(1, 250, 0), 11.75)
    measures.note_own_push("A", Place(1, 100, 0), 10.1)
    measures.note_own_push("A", Place(1, 200, 0), 11.5)
    assert list(measures.time_auction_pushes()) == [(10.0, 0.25), (11.0, 0.75)]
    assert list(measures.time_own_pushes()) == [(11.0, 0.5)]


def test_a_bid_that_no_push_followed_has_no_latency() -> None:
    measures = Measures()
    measures.note_acknowledged(acknowledge(1, "A"), due=10.0, latency=0.5)
    assert list(measures.time_auction_pushes()) == [(10.0, None)]


def test_pushes_are_complete_until_another_bid_is_acknowledged() -> None:
    measures = Measures()
    assert measures.pushes_are_complete()
    for number in (1, 2):
        measures.note_acknowledged(acknowledge(number, "m1"), due=0.0, latency=0.1)
        assert not measures.pushes_are_complete()
        measures.note_auction_push("a1", Place(1, 100 * number, 0), 0.2)
        assert measures.pushes_are_complete()
    measures.note_acknowledged(acknowledge(1, "m1", auction="a2"), due=0.0, latency=0.1)
    assert not measures.pushes_are_complete()
