"""Who was told of a tuned rule, and when."""

import pytest

from engine.commands import MEMBER, ExperienceTerms, PutExperience, Redeem, TuneRule
from gateway import tellings
from gateway.hub import Hub
from gateway.tellings import TellingView
from tests.engine.offering import rule
from tests.gateway.harness import LocalReplica
from tests.gateway.hearing import LIMITS, Clock, Wire, publish, show, told


@pytest.fixture
def hub(priced: LocalReplica, clock: Clock) -> Hub:
    """A hub whose wall clock is the test's, in whole milliseconds."""
    hub = Hub(
        priced,
        LIMITS,
        clock,  # type: ignore[arg-type]
        clock=lambda: round(clock.now * 1_000),
        stopwatch=clock.time,
    )
    priced.listeners.append(hub.take)
    return hub


def only(hub: Hub) -> TellingView:
    [telling] = hub.tellings.view()
    return telling


def counts(telling: TellingView) -> tuple[int, ...]:
    return (telling.cells, telling.prices, telling.waiting, telling.members, telling.pushes, telling.owed)


def test_who_was_told_and_when(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    show(hub, "m1", "spa", "opera")
    show(hub, "m1", "spa")
    show(hub, "m2", "jet", "opera")
    show(hub, "m3", "spa", "opera")
    clock.pass_time(1)
    at = priced.clock + 1
    priced.apply(TuneRule("gold", 8_000), actor="maria")
    waiting = only(hub)
    assert (waiting.rule, waiting.before, waiting.after, waiting.by) == ("gold", 9_000, 8_000, "maria")
    assert (waiting.revision, waiting.at, waiting.position) == (1, at, str(priced.position))
    assert (*counts(waiting), waiting.told_at) == (0, 0, 2, 0, 0, 0, 0)
    clock.pass_time(0.25)
    # Gold members share a cell that shows all three; m3 is silver, and its cell has nothing to tell.
    assert (*counts(only(hub)), only(hub).told_at) == (1, 3, 0, 2, 3, 0, 1_250)
    clock.pass_time(5)
    assert only(hub).told_at == 1_250


def test_whoever_does_not_show_what_changed_did_not_see_it(
    priced: LocalReplica, hub: Hub, clock: Clock
) -> None:
    show(hub, "m1", "opera")
    show(hub, "m2", "spa")
    clock.pass_time(1)
    priced.apply(TuneRule("off", -300))
    clock.pass_time(1)
    assert counts(only(hub)) == (1, 1, 0, 1, 1, 0)
    assert hub.counts.pushes == 4  # and yet both had the same frame


def test_nobody_listens(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    priced.apply(TuneRule("gold", 8_000))
    show(hub, "m1", "spa")
    clock.pass_time(1)
    assert (*counts(only(hub)), only(hub).told_at) == (0, 0, 0, 0, 0, 0, 0)


def test_a_number_that_changes_no_price_is_told_to_nobody(
    priced: LocalReplica, hub: Hub, clock: Clock
) -> None:
    show(hub, "m1", "spa")
    priced.apply(TuneRule("gold", 9_000))
    clock.pass_time(1)
    assert (*counts(only(hub)), only(hub).told_at) == (0, 0, 0, 0, 0, 0, 0)


def test_a_slider_is_told_by_its_last_number(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    ear = show(hub, "m1", "spa")
    clock.pass_time(1)
    for number in (8_500, 8_000, 7_500):
        priced.apply(TuneRule("gold", number))
    clock.pass_time(1)
    assert told(ear)[-1] == {"spa": 750}
    assert [(one.after, counts(one)) for one in hub.tellings.view()] == [
        (7_500, (1, 1, 0, 1, 1, 0)),
        (8_000, (0, 0, 0, 0, 0, 0)),
        (8_500, (0, 0, 0, 0, 0, 0)),
    ]


def test_rules_that_are_told_together_count_their_own(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    show(hub, "m1", "spa", "opera")
    show(hub, "m3", "spa", "opera")
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    priced.apply(TuneRule("off", -300))
    priced.apply(PutExperience("spa", ExperienceTerms("wellness", 1_100)))
    clock.pass_time(1)
    off, gold = hub.tellings.view()
    assert counts(gold) == (1, 2, 0, 1, 1, 0)
    assert counts(off) == (2, 2, 0, 2, 2, 0)


def test_a_revision_that_comes_with_it_is_not_its_doing(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    show(hub, "m1", "spa")
    show(hub, "m3", "spa")
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    publish(priced, rule("all", "add", -1))
    clock.pass_time(1)
    assert counts(only(hub)) == (0, 0, 0, 0, 0, 0)


def test_a_slow_listener_is_owed_it(priced: LocalReplica, hub: Hub, clock: Clock) -> None:
    slow, quick, gone = (show(hub, member, "spa") for member in ("m1", "m1", "m2"))
    clock.pass_time(1)
    slow.wire.full = gone.wire.full = LIMITS.soft_backlog + 1
    priced.apply(TuneRule("gold", 8_000))
    clock.pass_time(1)
    assert (*counts(only(hub)), only(hub).told_at) == (1, 1, 0, 1, 1, 2, 2_000)
    clock.pass_time(3)
    slow.wire.full = 0
    hub.caught_up(slow)
    # It is another socket of a member that was told before.
    assert (*counts(only(hub)), only(hub).told_at) == (1, 1, 0, 1, 2, 1, 5_000)
    gone.wire.full = 0
    hub.caught_up(gone)
    assert (*counts(only(hub)), only(hub).told_at) == (1, 1, 0, 2, 3, 0, 5_000)
    priced.apply(TuneRule("gold", 7_000))
    gone.wire.full = LIMITS.soft_backlog + 1
    clock.pass_time(1)
    assert hub.tellings.view()[0].owed == 1
    assert told(quick)[-1] == {"spa": 700}
    for topic in list(hub._lagging[gone]):
        hub.unsubscribe(gone, [topic])
    assert counts(hub.tellings.view()[0]) == (1, 1, 0, 1, 2, 0)


def test_listeners_are_gone_through_in_slices(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tellings, "VIEWERS_AT_ONCE", 2)
    for _ in range(5):
        show(hub, "m1", "spa")
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    clock.turn()
    clock.turn()
    assert counts(only(hub)) == (0, 1, 1, 1, 2, 0)
    clock.turn()
    clock.turn()
    assert counts(only(hub)) == (1, 1, 0, 1, 5, 0)


def test_a_push_that_fails_is_not_waited_for(
    priced: LocalReplica, hub: Hub, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Wire):
        def get_write_buffer_size(self) -> int:
            raise RuntimeError("a test")

    ear = show(hub, "m1", "spa")
    ear.transport = broken = Broken()
    clock.pass_time(1)
    priced.apply(TuneRule("gold", 8_000))
    clock.pass_time(1)
    assert broken.aborted
    assert only(hub).waiting == 0


def test_the_last_ones_are_kept(priced: LocalReplica, hub: Hub) -> None:
    for number in range(tellings.TELLINGS_KEPT + 3):
        priced.apply(TuneRule("gold", 5_000 + number))
    kept = hub.tellings.view()
    assert [one.after for one in kept] == list(range(5_022, 5_002, -1))
    priced.apply(Redeem("spa", 1_000), actor="m1", role=MEMBER)
    assert hub.tellings.view() == kept
