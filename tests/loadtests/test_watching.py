"""Seconds and samples come to those who look on."""

import asyncio
import io
from typing import Any

import pytest
from rich.console import Console

from loadtests.live import LiveView
from loadtests.merging import merge_seconds
from loadtests.result import Sample, Second
from loadtests.sampling import Sampler
from loadtests.tally import ACKNOWLEDGED, Tally
from loadtests.watching import Watch, read_second


def tally_three() -> Tally:
    """In its second 1 there are three actions: one acknowledged, one refused, one still open."""
    tally = Tally()
    for _ in range(3):
        tally.begin("bid", 1.5)
    tally.end("bid", 1.5, ACKNOWLEDGED, 0.001)
    tally.end("bid", 1.5, "no", 0.002)
    return tally


def test_a_second_is_read_as_it_is_now() -> None:
    read = read_second(tally_three(), 1)
    assert (read.due, read.acknowledged, read.refused, read.unanswered) == (3, 1, {"no": 1}, 0)
    assert read.latency.longest == pytest.approx(2, rel=0.001)
    assert merge_seconds(7, [read, read]).latency.count == 4, "parts are put together by their histograms"
    assert read_second(tally_three(), 0) == Second(at=0)


class View(LiveView):
    """Keeps what it is shown, and tells when that is two seconds."""

    def __init__(self) -> None:
        super().__init__(Console(file=io.StringIO()), "hot", 10)
        self.shown: list[tuple[int, Sample | None]] = []
        self.enough = asyncio.Event()

    def show(self, second: Second, sample: Sample | None = None) -> None:
        self.shown.append((second.at, sample))
        if len(self.shown) == 2:
            self.enough.set()


class StillSampler(Sampler):
    """Hands on one sample, and no more."""

    def __init__(self) -> None:
        pass

    async def run(self, start: float, hand_on: Any) -> None:
        hand_on(Sample(at=0.5))
        await asyncio.Event().wait()


def test_each_second_is_shown_with_the_newest_sample() -> None:
    async def watch() -> tuple[View, Watch]:
        view = View()
        watch = Watch(view, StillSampler())
        # A run that began long ago: both seconds are over at once.
        task = asyncio.create_task(watch.observe(tally_three(), asyncio.get_running_loop().time() - 100))
        await view.enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return view, watch

    view, watched = asyncio.run(watch())
    assert view.shown[:2] == [(0, Sample(at=0.5)), (1, Sample(at=0.5))]
    assert watched.samples == [Sample(at=0.5)]


def test_nobody_has_to_look_on() -> None:
    watch = Watch()
    asyncio.run(watch.observe(tally_three(), 0.0))
    assert watch.samples == []
