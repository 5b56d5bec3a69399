"""The one time of a simulation, and the clocks that go by it, rightly or wrongly."""

import asyncio

BEGIN = 20_000 * 24 * 60 * 60 * 1_000
"""When every simulation begins: the start of a day, in ms."""


class Time:
    """The true time. It goes on with the event loop's, and leaps when a quiet while is skipped."""

    def __init__(self) -> None:
        self._skipped = 0
        self._loop = asyncio.get_running_loop()

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return BEGIN + self._skipped + int(self._loop.time() * 1_000)

    def skip(self, milliseconds: int) -> None:
        """Lets a while pass in which nothing happens."""
        self._skipped += milliseconds


class Clock:
    """One computer's clock: ``ahead`` of the true time by so many ms, or ``stopped`` at an instant."""

    def __init__(self, time: Time) -> None:
        self.ahead = 0
        self.stopped: int | None = None
        self._time = time

    def __call__(self) -> int:
        """What it shows, in ms."""
        return self._time.now() + self.ahead if self.stopped is None else self.stopped
