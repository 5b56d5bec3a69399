"""Parts in one view: what is shown is what their merged result has."""

from types import TracebackType
from typing import Self

import pytest

from loadtests.assembly import BEHIND, Assembly
from loadtests.measures import Histogram
from loadtests.result import Sample, Second, Usage
from loadtests.telling import Told


class View:
    """Keeps what it is shown."""

    def __init__(self) -> None:
        self.seconds: list[Second] = []
        self.samples: list[Sample | None] = []
        self.opened = self.closed = 0

    def __enter__(self) -> Self:
        self.opened += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed += 1

    def show(self, second: Second, sample: Sample | None = None) -> None:
        self.seconds.append(second)
        self.samples.append(sample)


def told(at: int, *latencies: float, refused: int = 0, sample: Sample | None = None) -> Told:
    """A second with an answer after each of ``latencies`` (s), so many of them refusals."""
    histogram = Histogram(latencies)
    second = Second(
        at=at,
        due=len(latencies),
        acknowledged=len(latencies) - refused,
        refused={"bid_too_low": refused} if refused else {},
        latency=histogram.summarize(),
        histogram=histogram.encode(),
    )
    return Told(second, sample)


def test_a_second_is_the_sum_of_all_parts() -> None:
    view = View()
    with Assembly(view, 2) as assembly:
        assembly.take(1, told(0, 0.010, 0.010, refused=1))
        assert view.seconds == [], "the second part has not told of it"
        assembly.take(2, told(0, *[0.100] * 98, refused=2))
    (second,) = view.seconds
    assert (second.at, second.due, second.acknowledged, second.refused) == (0, 100, 97, {"bid_too_low": 3})
    assert second.latency.count == 100
    assert (second.latency.p50, second.latency.p99) == (
        pytest.approx(100, rel=0.001),
        pytest.approx(100, rel=0.001),
    )
    assert second.latency.mean == pytest.approx(98.2, rel=0.001)


def test_seconds_come_in_order_whoever_is_first() -> None:
    view = View()
    with Assembly(view, 2) as assembly:
        for part, at in ((1, 0), (1, 1), (2, 0), (1, 2), (2, 1), (2, 2)):
            assembly.take(part, told(at, 0.01))
    assert [(second.at, second.due) for second in view.seconds] == [(0, 2), (1, 2), (2, 2)]


def test_who_is_too_far_behind_is_not_waited_for() -> None:
    view = View()
    with Assembly(view, 2) as assembly:
        for at in range(BEHIND + 2):
            assembly.take(1, told(at, 0.01))
        assert [(second.at, second.due) for second in view.seconds] == [(0, 1), (1, 1)]
        assembly.take(2, told(0, 0.01))
        assembly.take(2, told(2, 0.01))
    assert [(second.at, second.due) for second in view.seconds] == [(0, 1), (1, 1), (2, 2)]


def test_who_has_left_is_not_waited_for() -> None:
    view = View()
    with Assembly(view, 2) as assembly:
        assembly.take(1, told(0, 0.01))
        assembly.take(1, told(1, 0.01))
        assembly.take(2, told(0, 0.01))
        assembly.leave(2)
        assert [(second.at, second.due) for second in view.seconds] == [(0, 2), (1, 1)]
        assert (view.opened, view.closed) == (1, 0)
        assembly.leave(1)
        assert view.closed == 1, "what follows a run is not drawn over"
    assert (view.opened, view.closed) == (1, 1)


def test_a_run_of_which_nothing_was_told_opens_no_view() -> None:
    view = View()
    with Assembly(view, 1):
        pass
    assert (view.opened, view.closed) == (0, 0)


def test_everybody_s_process_is_shown_and_the_deployment_as_the_first_part_sees_it() -> None:
    def sample(cores: float) -> Sample:
        processes = {"gateway 1": Usage(cores, 1), "storm 1": Usage(cores, 2)}
        return Sample(at=1.0, processes=processes, gauges={"calls": cores})

    view = View()
    with Assembly(view, 2) as assembly:
        assembly.take(2, told(0, sample=sample(0.2)))
        assembly.take(1, told(0, sample=sample(0.1)))
        assembly.take(1, told(1))
        assembly.take(2, told(1))
    usages = {"gateway 1": Usage(0.1, 1), "storm 1": Usage(0.1, 2), "storm 2": Usage(0.2, 2)}
    expected = Sample(at=1.0, processes=usages, gauges={"calls": 0.1})
    assert view.samples == [expected, expected], "an older sample stays until there is another"
