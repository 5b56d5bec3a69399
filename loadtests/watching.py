"""Looking on while a run goes on: once a second the terminal shows the second that is over, and the
deployment is sampled.

It fits what a runner calls an observer: it has ``samples``, and ``observe`` goes on until it is cancelled.
"""

import asyncio
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from loadtests.result import Sample, Second
from loadtests.sampling import Sampler


class View(AbstractContextManager[Any], Protocol):
    """Where a run is shown as it goes; ``merging``: together with other parts. Used as a context manager."""

    merging: bool

    def show(self, second: Second, sample: Sample | None = None) -> None:
        """Takes a second that is over, and the newest sample if there is one."""
        ...


class Tallied(Protocol):
    """What came of a run's actions so far."""

    def second(self, at: int, *, mergeable: bool = True) -> Second:
        """What was due in that second."""
        ...


class Watch:
    """Shows a run in ``view``, and has ``sampler`` take samples, which are kept in ``samples``. Either may be
    None."""

    def __init__(self, view: View | None = None, sampler: Sampler | None = None) -> None:
        self.samples: list[Sample] = []
        self._view = view
        self._sampler = sampler

    async def observe(self, tally: Tallied, start: float) -> None:
        """Goes on until it is cancelled. ``start`` is when the run began, by the loop's clock."""
        async with asyncio.TaskGroup() as tasks:
            if self._sampler is not None:
                tasks.create_task(self._sampler.run(start, self.samples.append))
            if self._view is not None:
                tasks.create_task(self._show(self._view, tally, start))

    async def _show(self, view: View, tally: Tallied, start: float) -> None:
        loop = asyncio.get_running_loop()
        with view:
            at = 0
            while True:
                await asyncio.sleep(start + at + 1 - loop.time())
                second = read_second(tally, at, mergeable=view.merging)
                view.show(second, self.samples[-1] if self.samples else None)
                at += 1


def read_second(tally: Tallied, at: int, *, mergeable: bool = True) -> Second:
    """One second as it is now. What is still open counts as nothing: it may be answered yet."""
    return msgspec.structs.replace(tally.second(at, mergeable=mergeable), unanswered=0)
