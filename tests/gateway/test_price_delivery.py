"""How prices are delivered: in slices, to slow listeners, and to those who come and go meanwhile."""

import pytest

from engine.commands import (
    ExperienceTerms,
    PutExperience,
    TuneRule,
    UpsertMember,
)
from gateway import deliveries, price_cells
from gateway.hub import Hub
from gateway.price_cells import Shown
from gateway.topics import Message
from tests.engine.offering import rule
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import Clock, Ear, caller, publish, show, told


def test_a_slow_listener_gets_everything_later(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    slow, quick = show(hub, "m1", "spa", "jet"), show(hub, "m1", "spa")
    slow.heard(), quick.heard()
    slow.wire.full = 150
    for number in (8_000, 7_000):
        clock.pass_time(1)
        priced.apply(TuneRule("gold", number))
        clock.pass_time(0)
    assert (told(slow), told(quick)[-1]) == ([], {"spa": 700, "jet": 6_300})
    slow.wire.full = 0
    hub.caught_up(slow)
    assert told(slow) == [{"spa": 700, "jet": 6_300}]


def test_who_leaves_amid_a_delivery_takes_nobody_with_it(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "SLICE", 3)
    ears = [Ear() for _ in range(8)]
    topics = [hub.subscribe(ear, caller("m1"), ["prices"], Shown(("spa",))) for ear in ears]
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    clock.turn()
    assert [len(ear.wire.frames) for ear in ears] == [1, 1, 1, 0, 0, 0, 0, 0]
    hub.unsubscribe(ears[2], topics[2])
    hub.unsubscribe(ears[4], topics[4])
    clock.pass_time(1)
    assert [told(ear) for ear in ears if ear is not ears[4]] == [[{"spa": 800}]] * 7
    assert told(ears[4]) == []


def test_a_delivery_that_fails_is_made_good(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = [show(hub, "m1", "spa"), show(hub, "m1", "spa"), show(hub, "m1", "spa")]
    for ear in ears:
        ear.heard()
    clock.pass_time(1)
    with monkeypatch.context() as broken:
        broken.setattr(Message, "frame", lambda message, encoding: 1 / 0)
        priced.apply(TuneRule("gold", 8_000))
        clock.pass_time(1)
    assert [told(ear) for ear in ears] == [[]] * 3
    priced.apply(PutExperience("spa", ExperienceTerms("wellness", 1_000)))
    clock.pass_time(1)
    assert [told(ear) for ear in ears] == [[{"spa": 800}]] * 3


def test_a_listener_that_fails_is_cut_off_alone(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = [show(hub, "m1", "spa"), show(hub, "m1", "spa"), show(hub, "m1", "spa")]
    for ear in ears:
        ear.heard()
    clock.pass_time(1)
    monkeypatch.setattr(ears[1].wire, "write", lambda data: 1 / 0)
    priced.apply(TuneRule("gold", 8_000))
    clock.pass_time(1)
    assert [told(ear) for ear in ears] == [[{"spa": 800}], [], [{"spa": 800}]]
    assert [ear.wire.aborted for ear in ears] == [False, True, False], "it would never hear of this price"


def test_each_cell_has_its_turn(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    ears = []
    for number in range(20):
        priced.apply(UpsertMember(f"n{number}", "gold", f"market{number}"))
        ears.append(show(hub, f"n{number}", "spa"))
        ears[-1].heard()
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    for turn in range(21):
        clock.turn()
        assert sum(len(ear.wire.frames) for ear in ears) == min(turn + 1, 20)
    assert [told(ear) for ear in ears] == [[{"spa": 800}]] * 20


def test_listening_again_replaces_what_is_shown(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    ear = Ear()
    [first] = hub.subscribe(ear, caller("m1"), ["prices"], Shown(("spa",)))
    [second] = hub.subscribe(ear, caller("m1"), ["prices"], Shown(("jet",)))
    hub.unsubscribe(ear, [first])
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    clock.pass_time(0)
    assert told(ear) == [{"jet": 7_200}]
    hub.unsubscribe(ear, [second])
    assert hub.price_cells == 0
    priced.apply(TuneRule("gold", 7_000))
    clock.pass_time(1)
    assert told(ear) == []


def test_many_prices_are_worked_out_in_slices(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_cells, "PRICES_AT_ONCE", 10)
    monkeypatch.setattr(price_cells, "VIEWERS_AT_ONCE", 1)
    ids = [f"e{number:02}" for number in range(25)]
    for id in ids:
        priced.apply(PutExperience(id, ExperienceTerms("dining", 100)))
    ears = [show(hub, member, *ids) for member in ("m1", "m2")]
    for ear in ears:
        ear.heard()
    clock.pass_time(1)
    publish(priced, rule("all", "add", 1))
    turns = clock.turns
    clock.pass_time(1)
    for ear in ears:
        pushes = told(ear)
        assert [len(push) for push in pushes] == [10, 10, 5]
        assert {id: points for push in pushes for id, points in push.items()} == dict.fromkeys(ids, 101)
    assert clock.turns - turns >= 4
