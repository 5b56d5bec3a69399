"""How seconds become places of a plot, and samples lines of their own."""

import pytest

from loadtests.measures import Summary
from loadtests.plots import Plot
from loadtests.result import Result, Sample, Second, Usage
from loadtests.timelines import lay_out, order_of, plot_both, plot_samples, plot_timeline
from loadtests.wording import THIN
from tests.loadtests.runs import make_run


def find_line(plots: list[Plot], title: str, name: str) -> list[float | None]:
    (plot,) = [plot for plot in plots if plot.title.startswith(title)]
    (line,) = [line for line in plot.lines if line.name == name]
    return list(line.values)


def latency(p50: float, p99: float) -> Summary:
    return Summary(10, p50, p50, p50, p99, p99, p99)


def run(timeline: list[Second], samples: list[Sample] | None = None) -> Result:
    return make_run(1, timeline=timeline, samples=samples or [])


@pytest.mark.parametrize(
    ("seconds", "span", "count"),
    [(1, 1, 1), (240, 1, 240), (241, 2, 121), (10_800, 60, 180), (86_400, 600, 144)],
)
def test_long_runs_have_fewer_places_than_seconds(seconds: int, span: int, count: int) -> None:
    places = lay_out(run([Second(at=0), Second(at=seconds - 1)]))
    assert (places.span, places.count, places.seconds) == (span, count, seconds)
    assert len(places.shares) == len(places.names) == count
    assert all(0 < share < 1 for share in places.shares)


def test_times_on_the_axis_are_round() -> None:
    ticks = lay_out(run([Second(at=10_799)])).ticks
    assert [tick.words.replace(THIN, " ") for tick in ticks] == [
        *("0 s", "30 min", "1 h", "1 h 30 min", "2 h", "2 h 30 min", "3 h")
    ]
    assert [tick.share for tick in ticks] == pytest.approx([number / 6 for number in range(7)])


def test_each_second_is_drawn_as_it_is() -> None:
    first = Second(at=0, due=5, acknowledged=3, refused={"no": 2}, latency=latency(1.0, 9.0))
    plots = plot_timeline(run([first, Second(at=2, due=4, acknowledged=4, latency=latency(2.0, 8.0))]))
    assert find_line(plots, "Latency", "p50") == [1.0, None, 2.0]
    assert find_line(plots, "Latency", "p99") == [9.0, None, 8.0]
    assert find_line(plots, "Throughput", "due") == [5, 0, 4]
    assert find_line(plots, "Throughput", "acknowledged") == [3, 0, 4]
    assert find_line(plots, "Throughput", "refused") == [2, 0, 0]
    assert find_line(plots, "Refusals", "no") == [2, 0, 0]


def test_several_seconds_in_one_place_hide_nothing_bad() -> None:
    timeline = [
        Second(at=at, due=10, acknowledged=10, latency=latency(p50=1.0, p99=2.0)) for at in range(480)
    ]
    timeline[7] = Second(at=7, due=20, acknowledged=0, unanswered=20, latency=latency(p50=500.0, p99=900.0))
    plots = plot_timeline(run(timeline))
    assert find_line(plots, "Latency", "p99")[3:5] == [900.0, 2.0]
    assert find_line(plots, "Latency", "p50")[3:5] == [1.0, 1.0]
    assert find_line(plots, "Throughput", "due")[3:5] == [15, 10]
    assert find_line(plots, "Throughput", "unanswered")[3] == 10


def test_a_last_place_that_is_cut_short_has_the_rate_of_its_own_seconds() -> None:
    timeline = [Second(at=at, due=10, acknowledged=10) for at in range(241)]
    assert find_line(plot_timeline(run(timeline)), "Throughput", "due") == [10.0] * 121


def test_nothing_was_due_after_the_last_second_though_samples_go_on() -> None:
    later = [Sample(at=4.0, processes={"keeper": Usage(0.5, 1024**2)})]
    plots = plot_timeline(run([Second(at=0, due=2), Second(at=1, due=2)], later))
    assert find_line(plots, "Throughput", "due") == [2, 2, None, None]


def test_samples_belong_to_the_second_before_them() -> None:
    samples = [
        Sample(at=1.0, processes={"gateway 1": Usage(0.5, 1024**2)}, gauges={"livelot_x": 3.0}),
        Sample(at=2.3, processes={"gateway 1": Usage(0.7, 3 * 1024**2)}),
    ]
    plots = plot_samples(run([Second(at=0), Second(at=1)], samples))
    assert find_line(plots, "CPU", "gateway 1") == [0.5, 0.7]
    assert find_line(plots, "Memory", "gateway 1") == [1.0, 3.0]
    assert find_line(plots, "livelot_x", "livelot_x") == [3.0, None]


def test_gauges_are_named_and_those_that_are_always_zero_left_out() -> None:
    gauges = {"livelot_append_seconds gateway 2": 0.002, "livelot_calls_in_flight": 0.0}
    (plot,) = plot_samples(run([Second(at=0)], [Sample(at=1.0, gauges=gauges)]))
    assert plot.title == "Time that the log took for a batch gateway 2"
    assert plot.lines[0].remark.replace(THIN, " ") == "highest 2 ms"


def test_processes_stand_in_the_order_of_a_commands_way() -> None:
    names = ["storm 1", "valkey", "other", "keeper", "gateway 2", "gateway 1"]
    assert sorted(names, key=order_of) == ["gateway 1", "gateway 2", "keeper", "valkey", "other", "storm 1"]


def test_no_timeline_and_no_samples_are_no_plots() -> None:
    assert plot_timeline(run([])) == []
    assert plot_samples(run([])) == []
    assert plot_both(run([]), run([Second(at=0)])) == []


def test_two_runs_share_their_plots() -> None:
    before = run([Second(at=0, acknowledged=5, latency=latency(1.0, 2.0))])
    after = run([Second(at=at, acknowledged=7, latency=latency(3.0, 4.0)) for at in range(2)])
    plots = plot_both(before, after)
    assert find_line(plots, "Acknowledged", "before") == [5, None]
    assert find_line(plots, "Acknowledged", "after") == [7, 7]
    assert find_line(plots, "Latency", "p50 before") == [1.0, None]
    assert find_line(plots, "Latency", "p99 after") == [4.0, 4.0]
