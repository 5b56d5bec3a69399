"""Deliveries: what waits to be told, told some at a time, so that the event loop's other work gets its turn.

What one member is told of itself can take a millisecond to work out, with a hundred auctions that it follows;
what all are told is worked out once. So a slice ends after so many writes or so much time, whichever is
first. Something that changes while it waits is told once, as it is then.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from gateway.topics import Delivery, Listener, Message, Source, Topic

SLICE: Final = 500
"""After how many writes other work gets its turn (topics.py says how many are made together) …"""

SLICE_SECONDS: Final = 0.005
"""… and how long they may take."""

_log = structlog.get_logger("livelot.gateway")


class Deliveries:
    """One queue, first come first told. ``tell`` writes to some listeners together; ``stopwatch`` tells
    seconds."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        tell: Callable[[list[Listener], Topic, Message | None], None],
        stopwatch: Callable[[], float],
    ) -> None:
        self._loop = loop
        self._tell = tell
        self._stopwatch = stopwatch
        self._waiting: dict[Source, None] = {}
        self._current: Delivery | None = None

    def add(self, sources: Iterable[Source]) -> None:
        """Tells all of them: at once what fits into a slice, where nothing else waits."""
        idle = self._current is None and not self._waiting
        self._waiting.update(dict.fromkeys(sources))
        if idle:
            self._go_on()

    def _go_on(self) -> None:
        """Makes a slice of writes, then goes on in the loop's next turn."""
        left, until = SLICE, self._stopwatch() + SLICE_SECONDS
        while (delivery := self._take()) is not None:
            try:
                for told in delivery:
                    if told is not None:
                        self._tell(*told)
                        left -= len(told[0])
                    if told is None or left <= 0 or self._stopwatch() >= until:
                        self._loop.call_soon(self._go_on)
                        return
            except Exception:
                # One topic that cannot be told must not silence all others.
                _log.exception("push failed")
            self._current = None

    def _take(self) -> Delivery | None:
        """What is under way, else what has waited longest."""
        if self._current is None and self._waiting:
            source = next(iter(self._waiting))
            del self._waiting[source]
            self._current = source.deliver()
        return self._current
