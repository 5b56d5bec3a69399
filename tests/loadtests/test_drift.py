"""What has crept up between the first and the last tenth is found."""

import pytest

from loadtests.drift import cut, judge_latency, judge_memory
from loadtests.measures import Histogram
from loadtests.result import Sample, Second, Usage


def second(at: int, milliseconds: float) -> Second:
    histogram = Histogram([milliseconds / 1000] * 100)
    return Second(
        at=at, due=100, acknowledged=100, latency=histogram.summarize(), histogram=histogram.encode()
    )


def sample(at: int, memory: int) -> Sample:
    usage = {"gateway 1": Usage(0.5, memory), "gateway 2": Usage(0.5, memory), "storm 1": Usage(1.0, 10**9)}
    return Sample(at=at, processes=usage)


def test_latency_that_creeps_up_is_found() -> None:
    timeline = [second(at, 10 if at < 10 else 20 if at >= 90 else 500) for at in range(100)]
    verdict = judge_latency(timeline, 1.5)
    assert verdict.value == pytest.approx(2.0, rel=0.01)
    assert not verdict.held
    assert judge_latency(timeline[:90], 100).held


def test_memory_that_creeps_up_is_found_by_what_was_done() -> None:
    samples = [sample(at, 10**8 + at * 10_000) for at in range(100)]
    verdict = judge_memory(samples, 900, 1_000)
    # Two gateways, each 90 samples' growth apart: 2 * 90 * 10 000 bytes by 900 actions.
    assert verdict.value == pytest.approx(2_000)
    assert not verdict.held
    assert judge_memory(samples, 9_000, 1_000).held


def test_what_was_not_measured_is_not_held() -> None:
    assert judge_latency([], 1.5).value is None
    assert not judge_latency([], 1.5).held
    assert judge_memory([], 900, 1_000).value is None
    assert not judge_memory([Sample(at=1.0)], 900, 1_000).held
    assert not judge_memory([sample(1, 5)], 0, 1_000).held


def test_a_tenth_is_one_at_least() -> None:
    assert list(cut([1, 2, 3], 0)) == [1]
    assert list(cut([1, 2, 3], -1)) == [3]
    assert list(cut(range(100), -1)) == list(range(90, 100))
    assert list(cut([], 0)) == []
