"""Pauses of an event loop: when there is one, and what it is put down to."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import pulse
from gateway.pulse import Cause, Meter, Used, feel_pulse, judge

PERIOD = 0.02


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        (Used(0.5 + PERIOD, 0.4, 0.45, 0.0), Cause.COLLECTOR),
        (Used(0.5 + PERIOD, 0.4, 0.2, 0.25), Cause.COLLECTOR),
        (Used(0.5 + PERIOD, 0.1, 0.5, 0.0), Cause.COMPUTING),
        (Used(0.5 + PERIOD, 0.0, 0.1, 0.4), Cause.WAITING),
        (Used(0.5 + PERIOD, 0.0, 0.1, 0.1), Cause.BLOCKED),
    ],
)
def test_a_pause_is_put_down_to_what_most_of_it_went_to(after: Used, cause: Cause) -> None:
    assert judge(Used(0.0, 0.0, 0.0, 0.0), after) == cause


class Script:
    """A meter that reads what is given, and then ends whoever reads."""

    def __init__(self, *readings: Used) -> None:
        self._readings: Iterator[Used] = iter(readings)

    def read(self) -> Used:
        reading = next(self._readings, None)
        if reading is None:
            raise asyncio.CancelledError
        return reading


def test_late_beats_are_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "PERIOD", 0.001)
    script = Script(
        Used(10.0, 1.0, 5.0, 2.0),
        Used(10.001, 1.0, 5.001, 2.0),
        Used(10.013, 1.0, 5.012, 2.0),
        Used(10.514, 1.45, 5.5, 2.0),
        Used(10.516, 1.45, 5.5, 2.0),
    )
    told: list[tuple[Cause, float]] = []

    async def body() -> None:
        with pytest.raises(asyncio.CancelledError):
            await feel_pulse(lambda cause, seconds: told.append((cause, seconds)), script)

    asyncio.run(body())
    assert told == [(Cause.COLLECTOR, pytest.approx(0.5))]


def test_a_meter_counts_the_collector_and_the_thread() -> None:
    listeners = len(gc.callbacks)
    meter = Meter()
    before = meter.read()
    gc.collect()
    after = meter.read()
    assert 0 < after.collector - before.collector <= after.at - before.at
    assert after.computing > before.computing
    assert after.waiting >= before.waiting
    meter.close()
    assert len(gc.callbacks) == listeners


def count_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_where_the_kernel_does_not_tell_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SCHEDSTAT", pulse.SCHEDSTAT / "none")
    opened = count_descriptors()
    meter = Meter()
    assert meter.read().waiting == 0.0
    meter.close()
    assert count_descriptors() == opened
