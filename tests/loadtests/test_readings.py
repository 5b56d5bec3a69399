"""A gateway's metrics, and what came between two readings."""

import httpx
import pytest

from loadtests.readings import LAST, Reader, Reading, Spread, growth, parse, spread, spreads
from tests.loadtests.conftest import Script

TEXT = """\
# HELP livelot_calls_total Answered calls.
# TYPE livelot_calls_total counter
livelot_calls_total{operation="auction.bid",outcome="ok"} 5.0
livelot_calls_total{operation="auction.bid",outcome="bid_too_low"} 2.0
# TYPE livelot_calls_in_flight gauge
livelot_calls_in_flight 3.0
livelot_connections{kind="socket"} 7.0
livelot_append_seconds_bucket{le="0.001"} 3.0
livelot_append_seconds_bucket{le="+Inf"} 4.0
livelot_append_seconds_count 4.0
livelot_append_seconds_sum 0.008
livelot_append_seconds_created 1.7e+09
livelot_pause_seconds_bucket{cause="blocked",le="0.5"} 1.0
livelot_pause_seconds_bucket{cause="blocked",le="+Inf"} 1.0
livelot_pause_seconds_count{cause="blocked"} 1.0
livelot_pause_seconds_sum{cause="blocked"} 0.4
livelot_other 9.0
process_cpu_seconds_total 12.5
process_resident_memory_bytes 1.048576e+06
"""


def test_the_chosen_metrics_are_read() -> None:
    assert parse(TEXT, 7.0) == Reading(
        7.0,
        {
            "livelot_calls_total": 7.0,
            "livelot_calls_in_flight": 3.0,
            'livelot_connections{kind="socket"}': 7.0,
            "livelot_append_seconds_count": 4.0,
            "livelot_append_seconds_sum": 0.008,
            'livelot_pause_seconds_count{cause="blocked"}': 1.0,
            'livelot_pause_seconds_sum{cause="blocked"}': 0.4,
            "process_cpu_seconds_total": 12.5,
            "process_resident_memory_bytes": 1048576.0,
        },
        {
            "livelot_append_seconds": {0.001: 3.0, LAST: 4.0},
            'livelot_pause_seconds{cause="blocked"}': {0.5: 1.0, LAST: 1.0},
        },
    )
    assert parse("", 7.0) == Reading(7.0, {})


def test_a_counter_that_went_back_has_begun_again() -> None:
    high, low = Reading(1.0, {"a": 100.0}), Reading(2.0, {"a": 30.0})
    assert (growth(low, high, "a"), growth(high, low, "a"), growth(high, low, "b")) == (70.0, 30.0, 0.0)


def test_histograms_are_compared_by_label() -> None:
    before = parse(TEXT, 1.0)
    after = parse(TEXT.replace("1.0\n", "3.0\n").replace(" 0.4\n", " 1.6\n"), 2.0)
    assert spreads(before, after, "livelot_pause_seconds") == {
        "blocked": Spread(2.0, pytest.approx(1.2), {0.5: 2.0, LAST: 0.0})
    }
    assert spread(before, before, "livelot_append_seconds") == Spread(0.0, 0.0, {0.001: 0.0, LAST: 0.0})
    assert spread(before, after, "livelot_other") == Spread()
    assert spreads(Reading(0.0, {}), before, "livelot_pause_seconds")["blocked"].count == 1.0


@pytest.mark.parametrize(
    ("seconds", "buckets", "longest"),
    [
        (0.4, {0.1: 0, 0.5: 1, LAST: 0}, 0.4),  # there is only the one
        (0.5, {0.1: 2, 0.5: 1, LAST: 0}, 0.5),  # the end of its bucket
        (0.45, {0.1: 0, 0.2: 2, 0.5: 1, LAST: 0}, 0.25),  # the two others took 0.2 at least
        (9.0, {0.1: 0, 0.5: 0, LAST: 1}, 9.0),
        (0.0, {0.1: 0, LAST: 0}, 0.0),
        (0.0, {}, 0.0),
    ],
)
def test_the_longest_is_what_its_bucket_and_the_sum_leave_room_for(
    seconds: float, buckets: dict[float, float], longest: float
) -> None:
    assert Spread(sum(buckets.values()), seconds, buckets).longest == pytest.approx(longest)


@pytest.mark.parametrize(
    ("buckets", "slow"),
    [
        ({0.001: 0, 0.01: 99, 0.1: 1, LAST: 0}, 0.01),
        ({0.001: 0, 0.01: 0, 0.1: 100, LAST: 0}, 0.1),
        ({0.001: 0, 0.01: 10, 0.1: 10, LAST: 80}, 0.1),
        ({0.001: 0, 0.01: 0, 0.1: 0, LAST: 0}, 0.0),
        ({}, 0.0),
    ],
)
def test_a_quantile_is_the_end_of_its_bucket(buckets: dict[float, float], slow: float) -> None:
    assert Spread(sum(buckets.values()), 1.0, buckets).quantile(0.99) == slow


def test_one_that_takes_long_counts_by_its_time() -> None:
    found = Spread(1_001, 2.8, {0.002: 1_000, 1.0: 1, LAST: 0})
    assert found.quantile(0.99) == 0.002
    assert found.take_up(0.1) == 1.0, "it alone took as long"
    assert found.take_up(2.0) == 0.002, "it and the others"
    assert found.take_up(9.0) == 0.0
    assert Spread().take_up(0.0) == 0.0


def test_a_gateway_is_read_over_http(script: Script) -> None:
    script.answers += [(200, TEXT.encode()), (403, b"")]
    reader = Reader(script.url, 5.0)
    assert reader.read().values["process_cpu_seconds_total"] == 12.5
    with pytest.raises(httpx.HTTPStatusError, match="/metrics answers with status 403"):
        reader.read()
    reader.close()
