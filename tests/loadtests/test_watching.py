"""Seconds and samples come to those who look on."""

import asyncio
import io
from typing import Any

import msgspec
from rich.console import Console

from loadtests.live import LiveView
from loadtests.measures import Summary
from loadtests.result import Sample, Second
from loadtests.sampling import Sampler
from loadtests.watching import Watch, read_second


class Count(msgspec.Struct):
    due: int
    acknowledged: int
    refused: dict[str, int]


class Tally:
    """A second with three actions: one acknowledged, one refused, one still open."""

    def __init__(self) -> None:
        self.seconds = {1: Count(3, 1, {"no": 1})}

    def summarize_second(self, at: int) -> Summary:
        return Summary(2, 1, 1, 1, 1, 1, float(at))


def test_a_second_is_read_as_it_is_now() -> None:
    read = read_second(Tally(), 1)
    assert (read.due, read.acknowledged, read.refused, read.unanswered) == (3, 1, {"no": 1}, 0)
    assert read.latency.longest == 1.0
    assert read_second(Tally(), 0) == Second(at=0)


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
        task = asyncio.create_task(watch.observe(Tally(), asyncio.get_running_loop().time() - 100))
        await view.enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return view, watch

    view, watched = asyncio.run(watch())
    assert view.shown[:2] == [(0, Sample(at=0.5)), (1, Sample(at=0.5))]
    assert watched.samples == [Sample(at=0.5)]


def test_nobody_has_to_look_on() -> None:
    watch = Watch()
    asyncio.run(watch.observe(Tally(), 0.0))
    assert watch.samples == []
