"""The collector leaves calls that are in flight alone, and still finds what is a cycle."""

import gc
import weakref
from collections import deque
from collections.abc import Iterator
from functools import partial

import pytest

from gateway.collector import settle_collector

CALLS = 1_000
"""In flight at a time; each is made of some objects that the collector would look at."""


OBJECTS = 20
"""What a socket and its session are made of."""


class Session:
    """A session: it knows its socket, and its socket knows it."""

    def __init__(self) -> None:
        self.socket = [self, *([number] for number in range(OBJECTS))]


@pytest.fixture(autouse=True)
def settled() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.collect()
    settle_collector()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def count_looks() -> list[int]:
    return [generation["collections"] for generation in gc.get_stats()]


def test_calls_in_flight_are_not_looked_at() -> None:
    before = count_looks()
    for _ in range(50):
        in_flight = [(partial(print, number), [number], {"id": [number]}) for number in range(CALLS)]
        in_flight.clear()
    assert count_looks() == before


def test_what_was_there_is_not_looked_at_any_more() -> None:
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count() / 10


def test_closed_sockets_do_not_pile_up() -> None:
    """Each lived long enough to be old; Python's own thresholds let 700 · 11 · 11 objects come together."""
    living: weakref.WeakSet[Session] = weakref.WeakSet()
    opened: deque[Session] = deque(maxlen=2_000)
    most = 0
    for _ in range(20_000):
        opened.append(Session())
        living.add(opened[-1])
        most = max(most, len(living) - len(opened))
    assert most * OBJECTS < 1.5 * 700 * 11 * 11
