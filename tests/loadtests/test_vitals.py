"""A gateway's own figures, read and compared."""

import asyncio
import time

import httpx
import pytest

from benchmarks.livelot import Livelot
from loadtests.tally import Tally
from loadtests.vitals import Vitals, VitalsObserver, compare, make_sample, parse_vitals, read_vitals
from loadtests.wire import StormError

TEXT = """# TYPE process_cpu_seconds counter
process_cpu_seconds_total 12.5
process_resident_memory_bytes 1.0e+08
livelot_append_seconds_bucket{le="0.001"} 3.0
livelot_append_seconds_bucket{le="0.01"} 39.0
livelot_append_seconds_bucket{le="+Inf"} 40.0
livelot_append_seconds_count 40.0
livelot_append_seconds_sum 0.5
livelot_calls_total{operation="auction.bid",outcome="ok"} 99.0
"""


def test_what_is_told_is_read() -> None:
    assert parse_vitals(TEXT, 7.0, 1.5) == Vitals(
        7.0, 12.5, 1.5, 100_000_000, 40, 0.5, {0.001: 3, 0.01: 39, float("inf"): 40}
    )


def test_a_gateway_that_does_not_tell_is_told_of() -> None:
    without = TEXT.replace("process_resident_memory_bytes", "other")
    with pytest.raises(StormError, match="no 'process_resident_memory_bytes': is it an older one"):
        parse_vitals(without, 7.0, 1.5)


def test_what_was_spent_is_by_the_second() -> None:
    before = Vitals(10.0, 5.0, 1.0, 10**8, 100, 2.0)
    spent = compare(before, Vitals(14.0, 8.0, 1.4, 10**8, 300, 4.0))
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
    before, after = (Vitals(1.0, 1.0, 1.0, 1, 1, 1.0, counts) for counts in (begun, buckets))
    assert compare(before, after).slow_append == slow


def test_a_sample_has_the_gateway_and_the_crowd() -> None:
    before, after = Vitals(10.0, 5.0, 1.0, 1, 0, 0.0), Vitals(11.0, 5.5, 1.25, 2**20, 10, 0.1)
    sample = make_sample(1.0, before, after)
    assert (sample.processes["gateway 1"].cores, sample.processes["gateway 1"].memory) == (0.5, 2**20)
    assert sample.processes["storm 1"].cores == 0.25
    assert sample.gauges == {"livelot_append_seconds": pytest.approx(0.01)}


def test_a_real_gateway_is_observed(livelot: Livelot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadtests.vitals.PERIOD", 0.01)

    async def body() -> None:
        observer = VitalsObserver(livelot.url)
        task = asyncio.create_task(observer.observe(Tally(), asyncio.get_running_loop().time()))
        deadline = time.monotonic() + 10
        while len(observer.samples) < 3:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.005)
        task.cancel()
        assert [sample.at for sample in observer.samples] == sorted(sample.at for sample in observer.samples)
        assert all(sample.processes["gateway 1"].memory > 2**24 for sample in observer.samples)

    asyncio.run(body())


def test_a_gateway_that_cannot_be_read_spoils_no_run() -> None:
    observer = VitalsObserver("http://127.0.0.1:9")
    asyncio.run(observer.observe(Tally(), 0.0))
    assert observer.samples == []

    async def read() -> None:
        async with httpx.AsyncClient(base_url="http://127.0.0.1:9", trust_env=False) as client:
            await read_vitals(client)

    with pytest.raises(StormError, match="/metrics cannot be read"):
        asyncio.run(read())
