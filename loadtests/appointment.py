"""A run that begins at an instant, so that its parts on several hosts begin together.

The instant is by the gateway's clock, which is the one that all of them can ask. Everything is made and
everybody connected before; what happens right before the first action happens ``LEAD`` seconds ahead.
"""

import asyncio
import math
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from loadtests.clocks import Clock
from loadtests.instants import write_instant
from loadtests.runner import BEGUN, CONNECTED
from loadtests.wire import StormError
from loadtests.wording import word_instant, word_seconds

LEAD: Final = 1.0
"""Seconds."""

LATE: Final = 0.1
"""By how many seconds a run may be late without a word."""


class Appointment:
    """A run that is called ``name`` begins ``at`` this instant of ``clock``, in seconds since 1970."""

    def __init__(self, name: str, clock: Clock, at: float, console: Console) -> None:
        self._name = name
        self._clock = clock
        self._at = at
        self._console = console

    def announce(self) -> None:
        """Tells how the clocks stand and when the run begins. Raises ``StormError`` if that has passed."""
        passed = self._clock.now() - self._at
        self._say(self._clock.words)
        if passed > 0:
            words = f"{write_instant(self._at)} passed {word_seconds(passed)} ago by the gateway's clock"
            raise StormError(f"{words}: name a later --at")
        self._say(f"{self._name} begins at {word_instant(int(1000 * self._at))} by it.")

    async def keep(self, point: str) -> None:
        """A barrier: what is not ready in time has missed it. Raises ``StormError``."""
        if point == CONNECTED:
            missed = self._clock.now() - self._at
            if missed > 0:
                words = f"everybody was ready {word_seconds(missed)} after {write_instant(self._at)}"
                raise StormError(f"{words}: name a later --at")
            await self._count_down()
        elif point == BEGUN:
            await asyncio.sleep(max(0.0, self._at - self._clock.now()))
            late = self._clock.now() - self._at
            if late > LATE:
                self._say(f"{self._name} begins {word_seconds(late)} later: what comes before took so long.")

    async def _count_down(self) -> None:
        """Until ``LEAD`` ahead. Once a second the terminal says how long it is; without one there is a line
        each minute, and in the last one every ten seconds."""
        terminal = self._console.is_terminal
        with Live(console=self._console, auto_refresh=False, transient=True) as live:
            first = True
            while (left := self._at - self._clock.now()) > LEAD:
                seconds = math.ceil(left)
                words = f"{self._name} begins in {word_seconds(seconds)}"
                if terminal:
                    live.update(Text(words), refresh=True)
                elif first or seconds % (60 if seconds > 60 else 10) == 0:
                    self._say(words)
                first = False
                await asyncio.sleep(min(left - seconds + 1, left - LEAD))

    def _say(self, words: str) -> None:
        self._console.print(words, highlight=False, markup=False, soft_wrap=True)
