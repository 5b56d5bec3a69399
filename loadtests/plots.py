"""Plots as inline SVG, made here: no script, nothing from elsewhere, readable at any width.

The drawing stretches to the room that there is; its strokes do not (``vector-effect``), and its labels are
HTML beside it, so that they are as large on a phone as on a wall. Each line has a colour and a dash of its
own. Pointing at a place shows the figures there.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import msgspec
from markupsafe import Markup

from loadtests.markup import join
from loadtests.wording import word_figure

WIDTH: Final = 1000
HEIGHT: Final = 240
"""The drawing's own units, before it is stretched."""

STYLES: Final = 8
"""How many lines the style sheet tells apart."""

LEAST_TICKS: Final = 4

Word = Callable[[float], str]
"""Puts a value into words, with its unit."""


class Line(msgspec.Struct, frozen=True):
    """A line, with a value for each place of its plot; None where there is none. It goes on over at most
    ``bridged`` places without a value. ``remark`` stands in the legend."""

    name: str
    values: Sequence[float | None]
    remark: str = ""
    bridged: int = 0


class Tick(msgspec.Struct, frozen=True):
    """A label at a share (0 to 1) of an axis."""

    share: float
    words: str


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn: ``lines`` over ``places`` (shares of the width, rising), each place named in ``names``.

    ``summary`` is read out instead of the drawing. ``note`` stands below it.
    """

    title: str
    summary: str
    places: Sequence[float]
    names: Sequence[str]
    lines: Sequence[Line]
    ticks: Sequence[Tick]
    word: Word = word_figure
    logarithmic: bool = False
    note: str = ""


class Scale(msgspec.Struct, frozen=True):
    """The values from ``low`` to ``high``, as shares of the height."""

    low: float
    high: float
    logarithmic: bool
    steps: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where a value is: 0 at the bottom, 1 at the top."""
        if self.logarithmic:
            value = max(value, self.low)
            return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return (value - self.low) / (self.high - self.low)


def draw(plot: Plot) -> Markup:
    """The figure: heading, drawing, labels, legend."""
    scale = choose_scale([value for line in plot.lines for value in line.values], plot.logarithmic)
    note = Markup("<figcaption>{}</figcaption>").format(plot.note) if plot.note else ""
    return Markup('<figure class="plot"><h3>{}</h3>{}<div class="frame">{}{}{}</div>{}</figure>\n').format(
        plot.title,
        _write_legend(plot),
        _write_labels(plot, scale),
        _write_drawing(plot, scale),
        _write_ticks(plot),
        note,
    )


def choose_scale(values: Sequence[float | None], logarithmic: bool) -> Scale:
    """A scale that holds all values and ends on round ones. A linear one begins at 0."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    if logarithmic:
        return _choose_logarithmic([value for value in known if value > 0])
    high = max([value for value in known if value > 0], default=1.0)
    low = min([*known, 0.0])
    step = choose_step((high - low) / LEAST_TICKS)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    steps = tuple(step * number for number in range(first, last + 1))
    return Scale(steps[0], steps[-1], False, steps)


def _choose_logarithmic(values: Sequence[float]) -> Scale:
    if not values:
        return Scale(0.1, 10.0, True, (0.1, 1.0, 10.0))
    first, last = math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
    last = max(last, first + 1)
    factors = (1, 2, 5) if last - first <= 2 else (1,)
    steps = [factor * 10.0**exponent for exponent in range(first, last) for factor in factors]
    steps.append(10.0**last)
    while len(steps) > 2 and steps[1] <= min(values):
        steps.pop(0)
    while len(steps) > 2 and steps[-2] >= max(values):
        steps.pop()
    return Scale(steps[0], steps[-1], True, tuple(steps))


def choose_step(least: float) -> float:
    """The next of 1, 2 and 5 times a power of ten.

    >>> choose_step(0.3), choose_step(12), choose_step(2.0)
    (0.5, 20.0, 2.0)
    """
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _write_drawing(plot: Plot, scale: Scale) -> Markup:
    grid = "".join(f"M0 {_y(scale, step)}H{WIDTH}" for step in scale.steps)
    lines = join(
        Markup('<path class="{} line-{}" d="{}"/>').format(kind, index % STYLES, path)
        for index, line in enumerate(plot.lines)
        for kind, path in zip(("line", "dot"), trace(plot.places, line, scale), strict=True)
        if path
    )
    return Markup(
        '<svg class="drawing" role="img" viewBox="0 0 {} {}" preserveAspectRatio="none">'
        '<title>{}</title><desc>{}</desc><path class="grid" d="{}"/>{}{}</svg>'
    ).format(WIDTH, HEIGHT, plot.title, plot.summary, grid, lines, _write_strips(plot))


def trace(places: Sequence[float], line: Line, scale: Scale) -> tuple[str, str]:
    """The line as an SVG path, with gaps where it has no value, and another path of dots: the values between
    two gaps."""
    path, dots = [], []
    for stretch in _find_stretches(places, line, scale):
        points = [f"{_number(place * WIDTH)} {_y(scale, value)}" for place, value in stretch]
        if len(points) == 1:
            dots.append(f"M{points[0]}h0.01")
        else:
            path.append(f"M{'L'.join(points)}")
    return "".join(path), "".join(dots)


def _find_stretches(places: Sequence[float], line: Line, scale: Scale) -> Iterator[list[tuple[float, float]]]:
    """Neighbouring places and values that can be drawn: on a logarithmic scale, no 0."""
    stretch: list[tuple[float, float]] = []
    missing = 0
    for place, value in zip(places, line.values, strict=True):
        if value is None or not math.isfinite(value) or (value <= 0 and scale.logarithmic):
            missing += 1
            continue
        if stretch and missing > line.bridged:
            yield stretch
            stretch = []
        stretch.append((place, value))
        missing = 0
    if stretch:
        yield stretch


def _write_strips(plot: Plot) -> Markup:
    """What is shown where one points: all figures of that place."""
    edges = list(_find_edges(plot.places))
    strips = []
    for number, name in enumerate(plot.names):
        figures = [
            f"{line.name}: {plot.word(value)}"
            for line in plot.lines
            if (value := line.values[number]) is not None
        ]
        left, right = edges[number], edges[number + 1]
        strips.append(
            Markup('<rect x="{}" y="0" width="{}" height="{}"><title>{}</title></rect>').format(
                _number(left * WIDTH), _number((right - left) * WIDTH), HEIGHT, "\n".join([name, *figures])
            )
        )
    return Markup('<g class="strips">{}</g>').format(join(strips))


def _find_edges(places: Sequence[float]) -> Iterator[float]:
    """Where one place ends and the next one begins: halfway."""
    yield 0.0
    for left, right in pairwise(places):
        yield (left + right) / 2
    yield 1.0


def _write_labels(plot: Plot, scale: Scale) -> Markup:
    labels = join(
        Markup('<span style="bottom:{}%">{}</span>').format(_number(100 * scale.share(step)), plot.word(step))
        for step in scale.steps
    )
    # The labels are placed out of the flow: the same words, unseen and without height, make room for them.
    room = join(Markup("<i>{}</i>").format(plot.word(step)) for step in scale.steps)
    return Markup('<div class="values" aria-hidden="true">{}{}</div>').format(room, labels)


def _write_ticks(plot: Plot) -> Markup:
    labels = join(
        Markup('<span style="left:{}%">{}</span>').format(_number(100 * tick.share), tick.words)
        for tick in plot.ticks
    )
    return Markup('<div class="ticks" aria-hidden="true">{}</div>').format(labels)


def _write_legend(plot: Plot) -> Markup:
    items = join(
        Markup(
            '<li><svg class="key" viewBox="0 0 28 10" aria-hidden="true">'
            '<path class="line line-{}" d="M1 5H27"/></svg>{}{}</li>'
        ).format(
            index % STYLES,
            line.name,
            Markup(" <small>{}</small>").format(line.remark) if line.remark else "",
        )
        for index, line in enumerate(plot.lines)
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def _y(scale: Scale, value: float) -> str:
    return _number(HEIGHT * (1 - scale.share(value)))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
