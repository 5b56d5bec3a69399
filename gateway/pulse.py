"""How long this process's event loop gave nobody a turn, and what for.

A timer that goes off late was held up, and so was everything else. What the loop's thread did meanwhile says
why: the collector counts its own time, the kernel how long the thread computed and how long it waited for a
core (schedstat: https://docs.kernel.org/scheduler/sched-stats.html). What is left, the thread stood still
for: a disk, memory that had to come from one, a process or machine that was stopped.
"""

import asyncio
import gc
import os
import time
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

PERIOD: Final = 0.02
"""Seconds between two beats. A pause is measured too short by as much at most."""

LEAST: Final = 0.02
"""A beat that is late by so many seconds tells of a pause; nobody feels a shorter one."""

SCHEDSTAT: Final = Path("/proc/thread-self/schedstat")


class Cause(StrEnum):
    """What the loop's thread did for most of a pause."""

    COLLECTOR = "collector"
    COMPUTING = "computing"
    WAITING = "waiting"
    BLOCKED = "blocked"


class Used(NamedTuple):
    """Seconds until ``at`` in which the loop's thread was in the collector, computed, and waited for a core;
    each from a beginning of its own."""

    at: float
    collector: float
    computing: float
    waiting: float


class Meter:
    """Reads what the calling thread used since this was made; listens to the collector until it is closed."""

    def __init__(self) -> None:
        self._collecting_since = 0.0
        self._collected = 0.0
        self._schedstat = -1
        with suppress(OSError):
            self._schedstat = os.open(SCHEDSTAT, os.O_RDONLY)
        gc.callbacks.append(self._on_collection)

    def read(self) -> Used:
        """Now."""
        waiting = 0.0
        with suppress(OSError, ValueError, IndexError):
            waiting = int(os.pread(self._schedstat, 100, 0).split()[1]) / 1e9
        return Used(time.perf_counter(), self._collected, time.thread_time(), waiting)

    def close(self) -> None:
        """Lets go of the collector and of the kernel's file."""
        gc.callbacks.remove(self._on_collection)
        if self._schedstat >= 0:
            os.close(self._schedstat)

    def _on_collection(self, phase: str, details: dict[str, Any]) -> None:
        if phase == "start":
            self._collecting_since = time.perf_counter()
        else:
            self._collected += time.perf_counter() - self._collecting_since


class Reader(Protocol):
    """What a pulse is felt with: a ``Meter``."""

    def read(self) -> Used:
        """Now."""
        ...


async def feel_pulse(note: Callable[[Cause, float], None], meter: Reader) -> None:
    """Tells ``note`` each pause, its cause and how long it was in seconds, until it is cancelled."""
    before = meter.read()
    while True:
        await asyncio.sleep(PERIOD)
        after = meter.read()
        late = after.at - before.at - PERIOD
        if late >= LEAST:
            note(judge(before, after), late)
        before = after


def judge(before: Used, after: Used) -> Cause:
    """What most of the time between two beats went to. A collection that waited for a core counts as one."""
    collector, waiting = after.collector - before.collector, after.waiting - before.waiting
    computing = max(0.0, after.computing - before.computing - collector)
    blocked = after.at - before.at - PERIOD - collector - computing - waiting
    shares = {
        Cause.COLLECTOR: collector,
        Cause.COMPUTING: computing,
        Cause.WAITING: waiting,
        Cause.BLOCKED: blocked,
    }
    return max(shares, key=lambda cause: shares[cause])
