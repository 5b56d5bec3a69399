"""A run that begins at an instant, on a clock that only waiting moves."""

import asyncio
import io
from collections.abc import Callable

import pytest
from rich.console import Console

from loadtests import appointment
from loadtests.appointment import LEAD, Appointment
from loadtests.clocks import Clock
from loadtests.runner import ACTED, BEGUN, CONNECTED
from loadtests.wire import StormError
from loadtests.wording import THIN

AT = 1_732_233_434.0


class StillClock(Clock, frozen=True, kw_only=True):
    """Says what ``times`` holds; waiting adds to it."""

    times: list[float]

    def now(self) -> float:
        return self.times[0]


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Appointment, StillClock, io.StringIO]]:
    def make(left: float, *, terminal: bool = False) -> tuple[Appointment, StillClock, io.StringIO]:
        clock = StillClock(2.5, 0.004, times=[AT - left])

        async def sleep(seconds: float) -> None:
            assert seconds >= 0
            clock.times[0] += seconds

        monkeypatch.setattr(appointment.asyncio, "sleep", sleep)
        text = io.StringIO()
        console = Console(file=text, force_terminal=terminal, width=120)
        return Appointment("hot", clock, AT, console), clock, text

    return make


Make = Callable[..., tuple[Appointment, StillClock, io.StringIO]]


def told(text: io.StringIO) -> list[str]:
    return text.getvalue().replace(THIN, " ").splitlines()


def test_clocks_and_instant_are_told(make: Make) -> None:
    kept, _, text = make(30)
    kept.announce()
    assert told(text) == [
        "The gateway's clock is 2.5 s ahead of this machine's, give or take 4 ms.",
        "hot begins at 2024-11-21 23:57:14 UTC by it.",
    ]


def test_an_instant_that_has_passed_is_told(make: Make) -> None:
    kept, _, _ = make(-180)
    with pytest.raises(StormError, match=r"23:57:14Z passed 3.min ago by the gateway's clock: name a later"):
        kept.announce()


def test_it_begins_at_the_instant_and_not_before(make: Make) -> None:
    kept, clock, text = make(25.5)
    asyncio.run(kept.keep(CONNECTED))
    assert clock.now() == pytest.approx(AT - LEAD), "what comes right before the first action has its time"
    asyncio.run(kept.keep(BEGUN))
    assert clock.now() == pytest.approx(AT)
    asyncio.run(kept.keep(ACTED))
    assert clock.now() == pytest.approx(AT)
    assert told(text) == ["hot begins in 26 s", "hot begins in 20 s", "hot begins in 10 s"]


def test_long_waits_are_told_by_the_minute(make: Make) -> None:
    kept, _, text = make(150)
    asyncio.run(kept.keep(CONNECTED))
    words = ["2 min 30 s", "2 min", "1 min", *(f"{seconds} s" for seconds in (50, 40, 30, 20, 10))]
    assert told(text) == [f"hot begins in {one}" for one in words]


def test_a_terminal_counts_every_second(make: Make) -> None:
    kept, _, text = make(4, terminal=True)
    asyncio.run(kept.keep(CONNECTED))
    shown = text.getvalue().replace(THIN, " ")
    assert [f"begins in {seconds} s" in shown for seconds in (4, 3, 2, 1)] == [True, True, True, False]


def test_who_is_ready_too_late_has_missed_it(make: Make) -> None:
    kept, _, _ = make(-3.2)
    with pytest.raises(StormError, match=r"everybody was ready 3.2.s after 2024-11-21T23:57:14Z: name"):
        asyncio.run(kept.keep(CONNECTED))


def test_who_is_ready_just_in_time_begins_in_time(make: Make) -> None:
    kept, clock, text = make(LEAD / 2)
    asyncio.run(kept.keep(CONNECTED))
    asyncio.run(kept.keep(BEGUN))
    assert clock.now() == pytest.approx(AT)
    assert told(text) == []


def test_what_takes_its_time_before_is_told(make: Make) -> None:
    kept, clock, text = make(LEAD)
    asyncio.run(kept.keep(CONNECTED))
    clock.times[0] = AT + 6.4
    asyncio.run(kept.keep(BEGUN))
    assert told(text) == ["hot begins 6.4 s later: what comes before took so long."]
