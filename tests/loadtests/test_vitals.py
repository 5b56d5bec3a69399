"""A gateway's own figures, read and compared."""

import asyncio

import httpx
import pytest

from loadtests.vitals import Vitals, compare, parse_vitals, read_vitals
from loadtests.wire import StormError

TEXT = """# TYPE process_cpu_seconds counter
process_cpu_seconds_total 12.5
livelot_append_seconds_bucket{le="0.001"} 3.0
livelot_append_seconds_bucket{le="0.01"} 39.0
livelot_append_seconds_bucket{le="+Inf"} 40.0
livelot_append_seconds_count 40.0
livelot_append_seconds_sum 0.5
livelot_calls_total{operation="auction.bid",outcome="ok"} 99.0
"""


def test_what_is_told_is_read() -> None:
    assert parse_vitals(TEXT, 7.0, 1.5) == Vitals(
        7.0, 12.5, 1.5, 40, 0.5, {0.001: 3, 0.01: 39, float("inf"): 40}
    )


def test_a_gateway_that_does_not_tell_is_told_of() -> None:
    without = TEXT.replace("process_cpu_seconds_total", "other")
    with pytest.raises(StormError, match="no 'process_cpu_seconds_total': is it an older one"):
        parse_vitals(without, 7.0, 1.5)


def test_what_was_spent_is_by_the_second() -> None:
    before = Vitals(10.0, 5.0, 1.0, 100, 2.0)
    spent = compare(before, Vitals(14.0, 8.0, 1.4, 300, 4.0))
    assert (spent.cores, spent.own_cores) == (0.75, pytest.approx(0.1))
    assert (spent.append, spent.append_share) == (0.01, 0.5)
    assert compare(before, before).append == 0.0


@pytest.mark.parametrize(
    ("buckets", "slow"),
    [
        ({0.001: 100, 0.01: 199, 0.1: 200, float("inf"): 200}, 0.01),
        ({0.001: 100, 0.01: 100, 0.1: 200, float("inf"): 200}, 0.1),
        ({0.001: 100, 0.01: 110, 0.1: 120, float("inf"): 200}, 0.1),
        ({0.001: 100, 0.01: 100, 0.1: 100, float("inf"): 100}, 0.0),
        ({}, 0.0),
    ],
)
def test_the_slow_appends_are_those_since_the_reading_before(buckets: dict[float, int], slow: float) -> None:
    begun = dict.fromkeys((0.001, 0.01, 0.1, float("inf")), 100)
    before, after = (Vitals(1.0, 1.0, 1.0, 1, 1.0, counts) for counts in (begun, buckets))
    assert compare(before, after).slow_append == slow


def test_a_gateway_that_cannot_be_read_is_told() -> None:
    async def read() -> None:
        async with httpx.AsyncClient(base_url="http://127.0.0.1:9", trust_env=False) as client:
            await read_vitals(client)

    with pytest.raises(StormError, match="/metrics cannot be read"):
        asyncio.run(read())
