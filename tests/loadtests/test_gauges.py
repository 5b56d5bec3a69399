"""What gateways say of themselves."""

import pytest

from benchmarks.livelot import Livelot
from benchmarks.servers import find_free_port
from loadtests.gauges import Gateway, Gateways, derive, take_usage
from loadtests.readings import LAST, Reading
from loadtests.result import Usage
from tests.loadtests.conftest import Script
from tests.loadtests.test_readings import TEXT


def test_gauges_are_as_they_are_and_counters_become_rates() -> None:
    before = Reading(10.0, {"livelot_calls_total": 7.0, "livelot_calls_in_flight": 9.0})
    after = Reading(12.0, {"livelot_calls_total": 27.0, "livelot_calls_in_flight": 3.0})
    assert derive(before, after) == {"livelot_calls_in_flight": 3.0, "livelot_calls": 10.0}
    assert derive(None, after) == {"livelot_calls_in_flight": 3.0}


def test_histograms_become_the_mean_of_what_came_since() -> None:
    def at(seconds: float, count: float, total: float) -> Reading:
        return Reading(seconds, {"livelot_append_seconds_count": count, "livelot_append_seconds_sum": total})

    assert derive(at(1, 4, 0.008), at(2, 6, 0.018)) == {"livelot_append_seconds": pytest.approx(0.005)}
    assert derive(at(1, 4, 0.008), at(2, 4, 0.008)) == {}


def test_of_histograms_of_time_the_longest_is_told_as_well() -> None:
    def at(seconds: float, long: float) -> Reading:
        name, pause = "livelot_append_seconds", "livelot_pause_seconds"
        counts = {0.01: 9.0 * seconds, 1.0: 9.0 * seconds + long, LAST: 9.0 * seconds + long}
        values = {
            f"{name}_count": counts[LAST],
            f"{name}_sum": 0.9 * long,
            f'{pause}_count{{cause="blocked"}}': long,
            f'{pause}_sum{{cause="blocked"}}': 0.7 * long,
        }
        return Reading(
            seconds, values, {name: counts, f'{pause}{{cause="blocked"}}': {1.0: long, LAST: long}}
        )

    assert derive(at(1, 0), at(2, 1)) == {
        "livelot_append_seconds": pytest.approx(0.09),
        "livelot_append_seconds_longest": pytest.approx(0.9),
        'livelot_pause_seconds_longest{cause="blocked"}': pytest.approx(0.7),
    }
    assert derive(at(1, 1), at(2, 1))['livelot_pause_seconds_longest{cause="blocked"}'] == 0.0


def test_a_counter_that_went_back_has_begun_again() -> None:
    before = Reading(1.0, {"livelot_pushes_total": 100.0})
    assert derive(before, Reading(2.0, {"livelot_pushes_total": 30.0})) == {"livelot_pushes": 30.0}


def test_cpu_and_memory_are_taken_out_as_those_of_processes() -> None:
    figures = {"process_cpu_seconds": 0.5, "process_resident_memory_bytes": 9.0, "livelot_calls": 1.0}
    assert take_usage(figures) == {"gateway 1": Usage(0.5, 9)}
    assert figures == {"livelot_calls": 1.0}
    two = {"process_cpu_seconds gateway 2": 0.5, "process_resident_memory_bytes gateway 2": 9.0}
    assert take_usage(two) == {"gateway 2": Usage(0.5, 9)}
    alone = {"process_resident_memory_bytes": 9.0}
    assert take_usage(alone) == {}
    assert alone == {}


def test_a_real_gateway_tells(livelot: Livelot) -> None:
    gateways = Gateways([livelot.url])
    first, second = gateways.read(), gateways.read()
    gateways.close()
    assert first["livelot_calls_in_flight"] == 0
    assert first['livelot_connections{kind="http"}'] >= 1
    assert "livelot_pushes" not in first
    assert second["livelot_pushes"] == 0
    assert 'livelot_pause_seconds_longest{cause="collector"}' in second
    assert "livelot_append_seconds_longest" in second
    assert gateways.notes == []


def test_several_gateways_are_told_apart(livelot: Livelot) -> None:
    gateways = Gateways([livelot.url, livelot.url])
    assert {name.partition(" ")[2] for name in gateways.read()} == {"gateway 1", "gateway 2"}
    gateways.close()


def test_a_gateway_that_does_not_tell_is_asked_once(script: Script) -> None:
    script.answers.append((403, b""))
    gateway = Gateway(script.url)
    assert gateway.read() == gateway.read() == {}
    gateway.close()
    assert len(script.received) == 1
    assert gateway.note == f"{script.url}/metrics answers with status 403: no gauges of this gateway."


def test_a_gateway_that_cannot_be_reached_is_asked_again() -> None:
    gateway = Gateway(f"http://me:abc@127.0.0.1:{find_free_port()}")
    assert gateway.read() == gateway.read() == {}
    gateway.close()
    assert "/metrics could not be read at some time" in gateway.note
    assert "abc" not in gateway.note


def test_what_came_before_a_gap_is_not_counted(script: Script) -> None:
    script.answers += [(200, TEXT.encode()), (200, b""), (200, TEXT.encode())]
    gateway = Gateway(script.url)
    assert "livelot_calls" not in gateway.read()
    assert gateway.read() == {}
    assert "livelot_calls" not in gateway.read()
    gateway.close()
