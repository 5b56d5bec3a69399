"""Latencies by percentile, as their histogram has them."""

import base64

import pytest

from loadtests.distributions import STEPS, plot_distribution, read_histogram, read_percentiles
from loadtests.result import Action
from loadtests.wording import THIN
from tests.loadtests.runs import make_action, make_run

THOUSAND = [float(number) for number in range(1, 1001)]
"""Milliseconds: the percentile p is 10 p."""


def test_percentiles_are_those_of_the_values() -> None:
    histogram = read_histogram(make_action(THOUSAND))
    assert histogram is not None
    found = read_percentiles(histogram, [50.0, 99.0, 99.9])
    assert found == pytest.approx([500.0, 990.0, 999.0], rel=0.002)


def test_each_further_nine_has_the_same_room() -> None:
    plot = plot_distribution(make_run(1, actions={"bid": make_action(THOUSAND)}))
    assert plot is not None
    assert len(plot.places) == 3 * STEPS + 1
    (line,) = plot.lines
    assert [line.values[nines * STEPS] for nines in (0, 1, 2, 3)] == pytest.approx(
        [1.0, 900.0, 990.0, 999.0], rel=0.002
    )
    words = [tick.words.replace(THIN, " ") for tick in plot.ticks]
    assert words == ["50 %", "90 %", "99 %", "99.9 %"]
    assert [tick.share for tick in plot.ticks[1:]] == pytest.approx([1 / 3, 2 / 3, 1.0])
    assert plot.names[-1].replace(THIN, " ") == "99.9 %"
    assert plot.names[2 * STEPS + 2].replace(THIN, " ") == "99.21 %"


def test_a_line_ends_where_its_action_has_no_more_values() -> None:
    actions = {"bid": make_action(THOUSAND), "read": make_action(THOUSAND[:10])}
    plot = plot_distribution(make_run(1, actions=actions))
    assert plot is not None
    values = plot.lines[1].values
    assert values[STEPS] is not None
    assert set(values[STEPS + 1 :]) == {None}


def test_two_runs_have_a_line_each() -> None:
    plot = plot_distribution(make_run(2), make_run(2, seed=2))
    assert plot is not None
    assert [line.name for line in plot.lines] == ["bid before", "read before", "bid after", "read after"]


@pytest.mark.parametrize(
    "histogram", ["", "garbage", "!", base64.b64encode(b"x" * 60).decode(), make_action([]).histogram]
)
def test_what_is_no_histogram_is_not_drawn(histogram: str) -> None:
    action = Action(due=1, acknowledged=1, histogram=histogram)
    assert read_histogram(action) is None
    assert plot_distribution(make_run(1, actions={"bid": action})) is None


def test_a_single_value_is_a_line_as_well() -> None:
    plot = plot_distribution(make_run(1, actions={"bid": make_action([7.0])}))
    assert plot is not None
    assert plot.lines[0].values[0] == pytest.approx(7.0, rel=0.002)
