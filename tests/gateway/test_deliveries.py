"""What waits to be told: in order, once, a slice at a time."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from gateway import deliveries
from gateway.deliveries import Deliveries
from gateway.topics import Delivery
from tests.gateway.hearing import Clock


class Watch:
    """Tells what time it is; each write takes ``cost`` seconds."""

    def __init__(self, cost: float = 0.0) -> None:
        self.now = 0.0
        self.cost = cost

    def __call__(self) -> float:
        return self.now


class Talk:
    """Tells its name to so many listeners; counts how often it began to."""

    def __init__(self, name: str, listeners: int = 1, *, breaks: bool = False) -> None:
        self.name = name
        self.deliveries = 0
        self._listeners = listeners
        self._breaks = breaks

    def deliver(self) -> Delivery:
        self.deliveries += 1
        for number in range(self._listeners):
            yield cast(Any, ([number], self, None))
        if self._breaks:
            raise ValueError(self.name)


class Hall:
    """Deliveries without a hub: ``told`` is what was told to whom."""

    def __init__(self, cost: float = 0.0) -> None:
        self.clock = Clock()
        self.told: list[str] = []
        self.watch = Watch(cost)
        self.deliveries = Deliveries(cast(Any, self.clock), cast(Any, self.tell), self.watch)

    def tell(self, listeners: list[int], talk: Talk, message: None) -> None:
        self.told += [f"{talk.name}{listener}" for listener in listeners]
        self.watch.now += self.watch.cost

    def turns(self) -> Iterator[list[str]]:
        """What was told in each turn of the loop until nothing more is."""
        while True:
            told, self.told = self.told, []
            if not told:
                return
            yield told
            self.clock.turn()


def test_what_fits_into_a_slice_is_told_at_once() -> None:
    hall = Hall()
    hall.deliveries.add([Talk("a", 2), Talk("b")])
    assert list(hall.turns()) == [["a0", "a1", "b0"]]
    hall.deliveries.add([Talk("c")])
    assert list(hall.turns()) == [["c0"]]


def test_a_slice_is_so_many_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "SLICE", 2)
    hall = Hall()
    hall.deliveries.add([Talk("a", 3), Talk("b", 2)])
    assert list(hall.turns()) == [["a0", "a1"], ["a2", "b0"], ["b1"]]


def test_a_slice_is_so_much_time() -> None:
    hall = Hall(cost=0.002)
    hall.deliveries.add([Talk("a", 4), Talk("b", 3)])
    assert list(hall.turns()) == [["a0", "a1", "a2"], ["a3", "b0", "b1"], ["b2"]]


def test_what_changes_while_it_waits_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "SLICE", 1)
    hall, first, second = Hall(), Talk("a", 2), Talk("b")
    hall.deliveries.add([first, second])
    turns = hall.turns()
    assert next(turns) == ["a0"]
    hall.deliveries.add([second, first])
    assert list(turns) == [["a1"], ["b0"], ["a0"], ["a1"]]
    assert (first.deliveries, second.deliveries) == (2, 1)


def test_one_that_fails_does_not_silence_others(capsys: pytest.CaptureFixture[str]) -> None:
    hall = Hall()
    hall.deliveries.add([Talk("a", breaks=True), Talk("b")])
    assert list(hall.turns()) == [["a0", "b0"]]
    hall.deliveries.add([Talk("c")])
    assert list(hall.turns()) == [["c0"]]
    assert "push failed" in capsys.readouterr().out
