"""An event loop whose time is a number: what is scheduled next happens at once, always in the same order.

Nothing in it waits. When nothing is ready to run, time jumps to the next timer. Work for other threads is
done on the spot, so that one run is the same as the next; sockets and processes are out of reach.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Deadlock(Exception):  # noqa: N818 - the name says what is the case
    """Everybody waits, and nothing will ever happen."""


class VirtualLoop(asyncio.BaseEventLoop):
    """A loop with a clock of its own, in seconds from 0. asyncio's base class asks its selector how long to
    sleep; this one is its own selector, and moves the clock instead."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._selector = self
        # Timers as close as that are due together: sums of floats miss an instant by less.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._now

    def select(self, timeout: float | None) -> list[Any]:
        """Lets ``timeout`` seconds pass. Raises ``Deadlock`` where nothing is scheduled."""
        if timeout is None:
            raise Deadlock("nothing is scheduled any more, and the run has not ended")
        self._now += timeout
        return []

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Calls ``func`` here and now; a future that is done."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody else would wake it."""


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs ``main`` to its end in a loop of its own; what is left over then is cancelled."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
