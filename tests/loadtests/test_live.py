"""A run in the terminal, as it goes."""

import doctest
import io

from rich.console import Console

from loadtests import live
from loadtests.live import LiveView, draw_bars
from loadtests.measures import Summary
from loadtests.result import Sample, Second, Usage
from loadtests.wording import THIN

LATENCY = Summary(20, 4.0, 4.0, 8.0, 12.5, 20.0, 30.0)
SAMPLE = Sample(at=1.0, processes={"keeper": Usage(0.2, 1), "gateway 1": Usage(0.654, 1)})


def second(at: int, **counts: int) -> Second:
    return Second(at=at, due=20, acknowledged=18, refused={"bid_too_low": 2}, latency=LATENCY, **counts)


def show(seconds: list[Second], *, terminal: bool, sample: Sample | None = SAMPLE) -> str:
    """What is written while these seconds are shown; thin spaces are plain ones."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=100)
    with LiveView(console, "[b]hot", 60) as view:
        for one in seconds:
            view.show(one, sample)
    return text.getvalue().replace(THIN, " ")


def test_the_examples_are_true() -> None:
    assert doctest.testmod(live).failed == 0


def test_without_a_terminal_there_is_a_line_every_ten_seconds() -> None:
    lines = show([second(at) for at in range(25)], terminal=False).splitlines()
    assert len(lines) == 3
    assert lines[1] == (
        "[b]hot 11 s of 1 min, 20 due/s, 18 acknowledged/s, p50 4 ms, p99 12.5 ms, longest 30 ms, "
        "22 bid_too_low, gateway 1 65 %, keeper 20 %"
    )
    assert [line.split(" of ")[0] for line in lines] == ["[b]hot 1 s", "[b]hot 11 s", "[b]hot 21 s"]


def test_lines_are_written_though_seconds_are_left_out() -> None:
    lines = show([second(at) for at in (0, 4, 17, 18, 20)], terminal=False).splitlines()
    assert [line.split(" of ")[0] for line in lines] == ["[b]hot 1 s", "[b]hot 18 s", "[b]hot 21 s"]


def test_a_terminal_shows_progress_rates_latency_refusals_and_cpu() -> None:
    text = show([second(at, unanswered=1) for at in range(3)], terminal=True)
    for words in ("[b]hot", "3 s of 1 min", "20/s", "18/s", "p99 12.5 ms", "bid_too_low", "unanswered"):
        assert words in text
    assert "gateway 1 65 %" in text


def test_nothing_so_far_can_be_drawn() -> None:
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=100)
    view = LiveView(console, "hot", 60)
    console.print(view.draw())
    assert "no answer yet" in text.getvalue()
    assert "0 due/s" in view.write_line()


def test_rates_are_of_the_last_seconds() -> None:
    view = LiveView(Console(file=io.StringIO()), "hot", 60)
    for at in range(20):
        view.show(Second(at=at, due=100 if at < 10 else 10))
    assert "10 due/s" in view.write_line().replace(THIN, " ")


def test_an_older_sample_stays_until_there_is_another() -> None:
    view = LiveView(Console(file=io.StringIO()), "hot", 60)
    view.show(second(0), SAMPLE)
    view.show(second(1))
    assert "gateway 1 65 %" in view.write_line()


def test_bars_without_anything_are_flat() -> None:
    assert draw_bars([]) == ""
    assert draw_bars([0, 0]) == "▁▁"
