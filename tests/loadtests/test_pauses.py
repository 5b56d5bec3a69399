"""Which pauses a latency may be due to."""

import asyncio
import gc

import pytest

from gateway import pulse
from loadtests.pauses import WORDS, Pauses, explain, feel_own, find_longest

COLLECTOR = {"waiting": Pauses(3, 0.1, 0.05), "collector": Pauses(2, 0.3, 0.2)}


@pytest.mark.parametrize(
    ("p99", "seconds", "words"),
    [
        (250, 10, "stood still 2 times, for up to 200\u202fms, since the garbage collector was at work"),
        (400, 40, "stood still 2 times"),
        (401, 10, ""),  # it waited for something longer
        (250, 41, ""),  # too seldom for one in a hundred
    ],
)
def test_a_pause_explains_what_is_as_long_and_as_frequent(p99: float, seconds: float, words: str) -> None:
    assert explain(COLLECTOR, p99, seconds).startswith(words)
    assert bool(explain(COLLECTOR, p99, seconds)) == bool(words)


def test_one_cause_of_another_version_is_told_by_its_name() -> None:
    assert explain({"eclipse": Pauses(1, 1.0, 1.0)}, 900, 10) == (
        "stood still once, for up to 1\u202fs, since eclipse"
    )
    assert find_longest(COLLECTOR) == "collector"
    assert (find_longest({}), explain({}, 0, 0)) == ("", "")


def test_every_cause_has_words() -> None:
    assert set(WORDS) == set(pulse.Cause)


def test_ones_own_pauses_are_felt(monkeypatch: pytest.MonkeyPatch) -> None:
    listeners = len(gc.callbacks)
    monkeypatch.setattr(pulse, "LEAST", -1.0)  # every beat is one
    monkeypatch.setattr(pulse, "PERIOD", 0.0)

    async def body() -> dict[str, Pauses]:
        async with feel_own() as pauses:
            while sum(found.count for found in pauses.values()) < 3:
                await asyncio.sleep(0)
        return pauses

    pauses = asyncio.run(body())
    assert set(pauses) <= set(WORDS)
    assert all(found.longest <= found.seconds or found.count == 1 for found in pauses.values())
    assert len(gc.callbacks) == listeners
