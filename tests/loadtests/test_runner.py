"""The open loop: everything that was due is counted, and nothing waits for anything else."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

import pytest

from loadtests.clocks import Clock
from loadtests.result import Check
from loadtests.runner import (
    act,
    connected,
    draw_ahead,
    judge_answers,
    observed,
    run as run_scenario,
    uncollected,
)
from loadtests.scenario import Due, Scenario, Stage
from loadtests.sockets import Counts, MemberSocket
from loadtests.tally import ACKNOWLEDGED, PASSED, Tally
from loadtests.wire import StormError
from tests.loadtests.test_scenario import stage


def run(*due: Due, patience: float = 5.0) -> Tally:
    tally = Tally()

    async def body() -> None:
        await act(iter(due), tally, asyncio.get_running_loop().time(), patience)

    asyncio.run(body())
    return tally


def outcome(of: str, at: float) -> Due:
    async def do(due: float) -> str:
        return of

    return Due(at, "bid", do)


def never(at: float) -> Due:
    async def do(due: float) -> str:
        await asyncio.Event().wait()
        raise AssertionError

    return Due(at, "bid", do)


def test_every_action_is_counted_by_its_outcome() -> None:
    tally = run(outcome(ACKNOWLEDGED, 0.0), outcome("bid_too_low", 0.001), outcome(PASSED, 0.002))
    bid = tally.list_actions()["bid"]
    assert (bid.due, bid.acknowledged, bid.refused, bid.passed) == (3, 1, {"bid_too_low": 1}, 1)
    assert tally.lateness.summarize().count == 3
    assert judge_answers(tally).held


def test_what_has_no_answer_holds_up_nobody_and_is_counted() -> None:
    tally = run(never(0.0), outcome(ACKNOWLEDGED, 0.001), patience=0.05)
    bid = tally.list_actions()["bid"]
    assert (bid.due, bid.acknowledged, bid.unanswered) == (2, 1, 1)
    verdict = judge_answers(tally)
    assert (verdict.value, verdict.held) == (1, False)


def test_latency_counts_from_when_an_action_was_due() -> None:
    """A loop that stalls for 50 ms is charged with it in every action that was due meanwhile."""

    async def stall(due: float) -> str:
        loop = asyncio.get_running_loop()
        until = loop.time() + 0.05
        while loop.time() < until:
            pass
        return ACKNOWLEDGED

    tally = run(Due(0.0, "stall", stall), *(outcome(ACKNOWLEDGED, at / 1000) for at in range(1, 10)))
    assert tally.list_actions()["bid"].latency.p50 >= 40
    assert tally.lateness.summarize().p50 >= 40


def test_an_error_ends_the_run() -> None:
    async def fail(due: float) -> str:
        raise StormError("the gateway closed a socket")

    with pytest.raises(ExceptionGroup) as caught:
        run(Due(0.0, "bid", fail), never(0.0))
    assert caught.group_contains(StormError)


def test_the_collector_is_itself_again_afterwards() -> None:
    before = gc.get_threshold(), list(gc.callbacks)
    with uncollected():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
    assert (gc.get_threshold(), gc.callbacks) == before


def test_what_has_to_be_drawn_first_is_drawn_before_the_start() -> None:
    drawn: list[str] = []

    class Drawing(Scenario):
        def instants(self) -> Iterator[float]:
            drawn.append("instants")
            return iter((0.1, 0.2))

        def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
            drawn.append("takers")
            for at in instants:
                yield Due(at, "take", self.take)

        async def take(self, due: float) -> str:
            return ACKNOWLEDGED

    actions = draw_ahead(Drawing.__new__(Drawing))
    assert drawn == ["instants", "takers"]
    assert [due.at for due in actions] == [0.1, 0.2]

    class Idle(Drawing):
        def instants(self) -> Iterator[float]:
            return iter(())

    assert list(draw_ahead(Idle.__new__(Idle))) == []


def test_sockets_that_do_not_come_up_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loadtests.runner.CONNECTING_SECONDS", 0.01)

    async def wait() -> str:
        await asyncio.Event().wait()
        return ""

    def ignore(*_: object) -> None:
        pass

    async def body() -> None:
        get_token: Callable[[], Awaitable[str]] = wait
        make = partial(MemberSocket, "ws://127.0.0.1:9/", get_token, [], ignore, Counts())
        async with connected([make(), make()]):
            raise AssertionError

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(body())
    assert "0 of 2 sockets (of 2) came up" in str(caught.value.exceptions[0])


def test_observers_look_on_until_the_end() -> None:
    class Onlooker:
        def __init__(self) -> None:
            self.samples = []
            self.ended = False

        async def observe(self, tally: Tally, start: float) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                self.ended = True

    onlooker = Onlooker()

    async def body() -> None:
        async with observed([onlooker], Tally(), 0.0):
            await asyncio.sleep(0)
            assert not onlooker.ended

    asyncio.run(body())
    assert onlooker.ended


class Recorded(Scenario):
    """Notes what happens when, and has one action."""

    name = "recorded"

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.happened: list[str] = []

    async def prepare(self) -> None:
        self.happened.append("prepare")

    async def begin(self) -> None:
        self.happened.append("begin")

    def draw_actions(self, instants: Iterator[float]) -> Iterator[Due]:
        async def do(due: float) -> str:
            self.happened.append("act")
            return ACKNOWLEDGED

        yield Due(0.0, "bid", do)

    async def settle(self, tally: Tally, start: float) -> None:
        self.happened.append("settle")

    async def check(self) -> list[Check]:
        self.happened.append("check")
        return [Check("something", 1)]

    async def finish(self) -> None:
        self.happened.append("finish")


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    monkeypatch.setattr("loadtests.scenario.SERVICES", 0)
    monkeypatch.setattr("loadtests.scenario.MANAGERS", 0)
    return Recorded(stage(seconds=0.01))


def test_parts_wait_for_each_other_at_every_point(recorded: Recorded) -> None:
    """Nobody acts before everybody has done what comes right before."""

    async def wait(point: str) -> None:
        recorded.happened.append(f"[{point}]")

    result = asyncio.run(run_scenario(recorded, (), barrier=wait))
    words = "prepare [connected] begin [begun] act [acted] settle check [checked] finish"
    assert " ".join(recorded.happened) == words
    assert result.held


def test_what_others_share_is_left_to_them(recorded: Recorded) -> None:
    asyncio.run(run_scenario(recorded, (), finish=False))
    assert recorded.happened[-1] == "check"


def test_a_run_begins_by_the_gateway_s_clock(recorded: Recorded) -> None:
    recorded.stage.clock = Clock(ahead=3_600.0)
    before = time.time()
    result = asyncio.run(run_scenario(recorded, ()))
    assert int(1000 * (before + 3_600)) <= result.started_at <= 1000 * (time.time() + 3_600)
