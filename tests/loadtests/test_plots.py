"""Where lines run, and what stands beside them."""

import doctest

import pytest

from loadtests import plots
from loadtests.plots import HEIGHT, WIDTH, Line, Plot, Scale, Tick, choose_scale, draw, trace
from tests.loadtests.test_markup import HOSTILE, Reader


def make_plot(*lines: Line, logarithmic: bool = False) -> Plot:
    count = len(lines[0].values)
    return Plot(
        title="Latency",
        summary="p50 from 1 to 3",
        places=[(number + 0.5) / count for number in range(count)],
        names=[f"{number} s" for number in range(count)],
        lines=lines,
        ticks=[Tick(0.0, "0 s"), Tick(1.0, "3 s")],
        logarithmic=logarithmic,
        note="Of all actions.",
    )


def test_the_examples_are_true() -> None:
    assert doctest.testmod(plots).failed == 0


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ([3.0, 7.0], (0, 2, 4, 6, 8)),
        ([0.0], (0, 0.5, 1)),
        ([], (0, 0.5, 1)),
        ([None, 100.0], (0, 50, 100)),
        ([-1.0, 1.0], (-1, -0.5, 0, 0.5, 1)),
        ([float("inf"), 4.0], (0, 1, 2, 3, 4)),
    ],
)
def test_linear_scales_hold_all_values_and_begin_at_zero(
    values: list[float | None], steps: tuple[float, ...]
) -> None:
    assert choose_scale(values, logarithmic=False).steps == pytest.approx(steps)


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [([3.0, 7.0], 2, 10), ([0.2, 900.0], 0.1, 1000), ([5.0], 5, 10), ([0.0, None], 0.1, 10), ([1.0], 1, 2)],
)
def test_logarithmic_scales_end_on_round_values(values: list[float | None], low: float, high: float) -> None:
    scale = choose_scale(values, logarithmic=True)
    assert (scale.low, scale.high) == pytest.approx((low, high))
    assert (scale.steps[0], scale.steps[-1]) == pytest.approx((low, high))


def test_places_on_a_scale() -> None:
    assert Scale(1, 100, True, ()).share(10) == pytest.approx(0.5)
    assert Scale(0, 10, False, ()).share(2.5) == pytest.approx(0.25)


def test_a_line_runs_through_its_values() -> None:
    scale = Scale(0, 10, False, ())
    path, dots = trace([0.0, 0.5, 1.0], Line("a", [0.0, 10.0, 5.0]), scale)
    assert path == f"M0 {HEIGHT}L{WIDTH // 2} 0L{WIDTH} {HEIGHT // 2}"
    assert dots == ""


def test_a_line_has_gaps_where_it_has_no_value_and_dots_between_gaps() -> None:
    scale = Scale(1, 100, True, ())
    places = [0.0, 0.2, 0.4, 0.6, 0.8]
    path, dots = trace(places, Line("a", [None, 10.0, 0.0, 100.0, 100.0]), scale)
    assert path == "M600 0L800 0"
    assert dots == "M200 120h0.01"


def test_a_line_goes_on_over_as_many_places_as_it_may() -> None:
    scale = Scale(0, 10, False, ())
    places = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    values = [10.0, None, 10.0, None, None, 10.0]
    assert trace(places, Line("a", values, bridged=1), scale) == ("M0 0L400 0", "M1000 0h0.01")
    assert trace(places, Line("a", values, bridged=2), scale) == ("M0 0L400 0L1000 0", "")


def test_a_plot_tells_those_who_do_not_see_it() -> None:
    figure = str(draw(make_plot(Line("p50", [1.0, 2.0, 3.0], "highest 3"))))
    assert '<svg class="drawing" role="img"' in figure
    assert "<title>Latency</title><desc>p50 from 1 to 3</desc>" in figure
    assert "<figcaption>Of all actions.</figcaption>" in figure
    assert "p50 <small>highest 3</small>" in figure


def test_pointing_at_a_place_shows_its_figures() -> None:
    figure = str(draw(make_plot(Line("p50", [1.0, None, 3.0]), Line("p99", [4.0, 5.0, 6.0]))))
    assert '<rect x="333.3" y="0" width="333.3" height="240"><title>1 s\np99: 5</title></rect>' in figure
    assert "<title>2 s\np50: 3\np99: 6</title>" in figure


def test_names_cannot_break_out() -> None:
    read = Reader(str(draw(make_plot(Line(HOSTILE, [1.0], HOSTILE)))))
    assert "script" not in read.names
    assert f"0 s\n{HOSTILE}: 1" in read.texts
