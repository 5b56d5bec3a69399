"""One state to all of a topic's listeners: who comes, goes, lags, closes or breaks meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest

from engine.commands import MEMBER, PlaceBid
from gateway import deliveries, topics as topics_module
from gateway.hub import Hub
from gateway.wire import JSON, MESSAGEPACK
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import LIMITS, Clock, Ear, caller, listen

Bid = Callable[[int], None]


@pytest.fixture
def bid(replica: LocalReplica, clock: Clock) -> Bid:
    """Bids on a1, which is open and has been silent for long enough to be pushed at the end of the turn."""
    replica.open_auction("a1")
    clock.pass_time(1)

    def place(maximum: int) -> None:
        replica.apply(PlaceBid("a1", maximum), actor="m1", role=MEMBER)

    return place


@pytest.fixture
def slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three listeners are told together, six in one turn."""
    monkeypatch.setattr(topics_module, "AT_ONCE", 3)
    monkeypatch.setattr(deliveries, "SLICE", 6)


def gather(hub: Hub, *ears: Ear) -> list[Any]:
    """All of these listen to a1, and have heard how it is; returns that one topic."""
    for ear in ears:
        topics = listen(hub, ear, caller("m2"), "auction:a1")
        ear.heard()
    return topics


def count_bids(ear: Ear) -> list[int]:
    """How many bids each push since the last look knows of."""
    return [push["state"]["bids"] for push in ear.heard()]


@pytest.mark.usefixtures("slices")
def test_who_leaves_is_not_told(hub: Hub, clock: Clock, bid: Bid) -> None:
    ears = [Ear() for _ in range(14)]
    topics = gather(hub, *ears)
    bid(600)
    clock.turn()
    assert [len(ear.wire.frames) for ear in ears] == [1] * 6 + [0] * 8
    gone = (*ears[6:9], ears[10])  # all of one group, and one of another
    for ear in (ears[0], *gone):
        hub.unsubscribe(ear, topics)
    clock.pass_time(1)
    assert [count_bids(ear) for ear in ears] == [[] if ear in gone else [1] for ear in ears]
    bid(700)
    clock.pass_time(1)
    assert [count_bids(ear) for ear in ears] == [[] if ear in (ears[0], *gone) else [2] for ear in ears]


@pytest.mark.usefixtures("slices")
def test_when_all_leave_nothing_is_left(hub: Hub, clock: Clock, bid: Bid) -> None:
    ears = [Ear() for _ in range(14)]
    topics = gather(hub, *ears)
    bid(600)
    clock.turn()
    for ear in ears:
        hub.unsubscribe(ear, topics)
    clock.pass_time(1)
    assert sum(len(ear.wire.frames) for ear in ears) == 6
    assert hub.counts.pushes == 14 + 6


@pytest.mark.usefixtures("slices")
def test_who_comes_meanwhile_is_told_once(hub: Hub, clock: Clock, bid: Bid) -> None:
    gather(hub, *(Ear() for _ in range(8)))
    bid(600)
    clock.turn()
    late = Ear()
    listen(hub, late, caller("m2"), "auction:a1")
    assert count_bids(late) == [1]
    clock.pass_time(1)
    assert count_bids(late) == []
    bid(700)
    clock.pass_time(1)
    assert count_bids(late) == [2]


@pytest.mark.usefixtures("slices")
def test_what_changes_meanwhile_is_told_at_once_to_the_rest(hub: Hub, clock: Clock, bid: Bid) -> None:
    ears = [Ear(JSON if number % 2 else MESSAGEPACK) for number in range(10)]
    gather(hub, *ears)
    bid(600)
    clock.turn()
    bid(700)
    clock.turn()
    assert [count_bids(ear) for ear in ears] == [[1]] * 6 + [[2]] * 4
    clock.pass_time(1)
    assert [count_bids(ear) for ear in ears] == [[2]] * 10, "the change has a delivery of its own"


def test_each_hears_its_own_encoding(hub: Hub, clock: Clock, bid: Bid) -> None:
    ears = [Ear(JSON if number % 3 else MESSAGEPACK) for number in range(9)]
    gather(hub, *ears)
    bid(600)
    clock.pass_time(1)
    frames = [ear.wire.frames[0] for ear in ears]
    assert [frame[0] & 0x0F for frame in frames] == [ear.encoding.opcode for ear in ears]
    assert len({id(frame) for frame in frames}) == 2, "each is encoded once"
    assert [count_bids(ear) for ear in ears] == [[1]] * 9


def test_who_has_something_queued_is_told_behind_it(hub: Hub, clock: Clock, bid: Bid) -> None:
    ears = [Ear() for _ in range(3)]
    gather(hub, *ears)
    ears[1].direct = False
    bid(600)
    clock.pass_time(1)
    assert [len(ear.wire.frames) for ear in ears] == [1, 0, 1]
    assert ears[1].queued == ears[0].wire.frames
    ears[1].direct = True
    bid(700)
    clock.pass_time(1)
    assert count_bids(ears[1]) == [2]
    assert len(ears[1].queued) == 1
    assert hub.counts.pushes == 9


@pytest.mark.parametrize("direct", [True, False])
def test_who_lags_is_told_later(hub: Hub, clock: Clock, bid: Bid, direct: bool) -> None:
    soft, hard = LIMITS.soft_backlog, LIMITS.hard_backlog
    ears = {full: Ear() for full in (0, soft, soft + 1, hard, hard + 1)}
    gather(hub, *ears.values())
    for full, ear in ears.items():
        ear.wire.full = full
        ear.direct = direct
    before = hub.counts.pushes
    bid(600)
    clock.pass_time(1)
    told = [len(ear.wire.frames) + len(ear.queued) for ear in ears.values()]
    assert told == [1, 1, 0, 0, 0]
    assert [ear.wire.aborted for ear in ears.values()] == [False] * 4 + [True]
    assert (hub.counts.pushes - before, hub.counts.skipped, hub.counts.aborted) == (2, 2, 1)
    bid(700)
    slow = ears[soft + 1]
    slow.wire.full, slow.direct = soft, True
    hub.caught_up(slow)
    assert count_bids(slow) == [2]


def test_who_breaks_is_cut_off_alone(
    hub: Hub, clock: Clock, bid: Bid, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ears = [Ear() for _ in range(5)]
    gather(hub, *ears)
    monkeypatch.setattr(ears[1].wire, "write", lambda data: 1 / 0)
    monkeypatch.setattr(ears[3].wire, "get_write_buffer_size", lambda: 1 / 0)
    before = hub.counts.pushes
    bid(600)
    clock.pass_time(1)
    assert [count_bids(ear) for ear in ears] == [[1], [], [1], [], [1]]
    assert [ear.wire.aborted for ear in ears] == [False, True, False, True, False]
    assert hub.counts.pushes - before == 3
    assert capsys.readouterr().out.count("push failed") == 2
