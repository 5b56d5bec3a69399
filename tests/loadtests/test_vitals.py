"""What a stretch of time took, from readings at its ends."""

import asyncio

import pytest

from benchmarks.servers import find_free_port
from loadtests.pauses import Pauses
from loadtests.readings import LAST, Reader, Reading
from loadtests.vitals import Vitals, compare, read_vitals
from loadtests.wire import StormError
from tests.loadtests.conftest import Script
from tests.loadtests.test_readings import TEXT


def vitals(at: float, cpu: float, own: float, appends: dict[float, float], took: float) -> Vitals:
    values = {
        "process_cpu_seconds_total": cpu,
        "livelot_append_seconds_count": max(appends.values()),
        "livelot_append_seconds_sum": took,
    }
    return Vitals(Reading(at, values, {"livelot_append_seconds": appends}), own)


BEFORE = vitals(10.0, 5.0, 1.0, {0.01: 100, 0.1: 100, 1.0: 100, LAST: 100}, 2.0)


def test_what_was_spent_is_by_the_second() -> None:
    spent = compare(BEFORE, vitals(14.0, 8.0, 1.4, {0.01: 300, 0.1: 300, 1.0: 300, LAST: 300}, 4.0))
    assert (spent.seconds, spent.cores, spent.own_cores) == (4.0, 0.75, pytest.approx(0.1))
    assert (spent.append, spent.slow_append, spent.append_share) == (0.01, 0.01, 0.5)
    assert compare(BEFORE, BEFORE).append == 0.0
    assert compare(BEFORE, BEFORE).pauses == {}


def test_slow_appends_are_many_or_long() -> None:
    many = compare(BEFORE, vitals(14.0, 8.0, 1.4, {0.01: 298, 0.1: 303, 1.0: 303, LAST: 303}, 4.0))
    assert many.slow_append == pytest.approx(0.1)
    long = compare(BEFORE, vitals(14.0, 8.0, 1.4, {0.01: 1_099, 0.1: 1_099, 1.0: 1_100, LAST: 1_100}, 4.0))
    assert long.slow_append == 1.0, "one in a thousand, but of the time it took a quarter"


def test_pauses_are_those_in_between() -> None:
    name, counts = 'livelot_pause_seconds{cause="collector"}', {0.2: 3.0, 0.5: 4.0, LAST: 4.0}
    values = BEFORE.reading.values | {
        'livelot_pause_seconds_count{cause="collector"}': 4.0,
        'livelot_pause_seconds_sum{cause="collector"}': 0.7,
    }
    before = Vitals(Reading(10.0, values, {**BEFORE.reading.buckets, name: counts}), 1.0)
    assert compare(before, before).pauses == {}
    assert compare(BEFORE, before).pauses == {"collector": Pauses(4, 0.7, pytest.approx(0.5))}


def test_a_gateway_is_read_in_a_thread(script: Script) -> None:
    script.answers.append((200, TEXT.encode()))
    found = asyncio.run(read_vitals(Reader(script.url, 5.0)))
    assert found.reading.values["process_cpu_seconds_total"] == 12.5
    assert found.own_cpu > 0


def test_a_gateway_that_does_not_tell_is_told_of(script: Script) -> None:
    script.answers.append((200, TEXT.replace("process_cpu_seconds_total", "other").encode()))
    with pytest.raises(StormError, match="no 'process_cpu_seconds_total': is it an older one"):
        asyncio.run(read_vitals(Reader(script.url, 5.0)))


def test_a_gateway_that_cannot_be_read_is_told() -> None:
    with pytest.raises(StormError, match="/metrics cannot be read"):
        asyncio.run(read_vitals(Reader(f"http://127.0.0.1:{find_free_port()}", 5.0)))
