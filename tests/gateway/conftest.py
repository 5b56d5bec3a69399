"""What the gateway's tests stand on: an event loop, a gateway over real sockets, a program without a log."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import structlog
import uvloop
from playwright.async_api import Browser

from engine.commands import ExperienceTerms, PutExperience, UpsertMember
from gateway import cli
from gateway.desk import Desk
from gateway.hub import Hub
from gateway.identity import SharedSecret, Verifier
from gateway.limits import Limits
from gateway.lobby import Lobby
from gateway.logs import OURS
from gateway.metrics import Metrics
from tests.engine.offering import rule
from tests.gateway.browsing import open_browser
from tests.gateway.harness import (
    SECRET,
    Eventually,
    Livelot,
    LocalReplica,
    LocalWriter,
    OpenWorld,
    Run,
    eventually,
    open_world,
)
from tests.gateway.hearing import LIMITS, Clock, publish


@pytest.fixture(autouse=True)
def unchanged_logging() -> Iterator[None]:
    """A test that sets up logging, as processes do, does so for itself alone."""
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    handlers, levels = root.handlers, (root.level, ours.level)
    yield
    root.handlers = handlers
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    structlog.reset_defaults()


@pytest.fixture
def livelot(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Livelot:
    """Runs a command; returns its exit code, and what it wrote to both streams."""
    for name in [name for name in os.environ if name.startswith("LIVELOT_")]:
        monkeypatch.delenv(name)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["livelot", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        written = capsys.readouterr()
        return int(ended.value.code or 0), written.out, written.err

    return run


@pytest.fixture
def replica() -> LocalReplica:
    """A program with the members m1 to m3 (1 000 000 points each) and the staff s1, without a log."""
    return LocalReplica()


@pytest.fixture
def writer(replica: LocalReplica) -> LocalWriter:
    """A writer that answers when it is told to."""
    return LocalWriter(replica)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until the test moves it."""
    return Clock()


@pytest.fixture
def hub(replica: LocalReplica, clock: Clock) -> Hub:
    """A hub on that replica and that clock."""
    hub = Hub(replica, LIMITS, clock, stopwatch=clock.time)  # type: ignore[arg-type]
    replica.listeners.append(hub.take)
    return hub


@pytest.fixture
def world() -> OpenWorld:
    """Opens a world: ``async with world(limits={…}) as here``."""
    return open_world


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a test's coroutine in the event loop that gateways use: one of its own, or the browser's."""
    if "browser" in request.fixturenames:
        runner: asyncio.Runner = request.getfixturevalue("browser_loop")
        return runner.run

    def run_it(body: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(body)

    return run_it


@pytest.fixture(name="eventually")
def eventually_fixture() -> Eventually:
    """Waits in the event loop until a condition holds."""
    return eventually


@pytest.fixture(scope="session")
def browser_loop() -> Iterator[asyncio.Runner]:
    """The event loop from which the browser is driven: every test that has the browser runs in it."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        yield runner


@pytest.fixture(scope="session")
def browser(browser_loop: asyncio.Runner) -> Iterator[Browser]:
    """The browser of all tests in this process."""
    opened = AsyncExitStack()
    yield browser_loop.run(opened.enter_async_context(open_browser()))
    browser_loop.run(opened.aclose())


@pytest.fixture
def priced(replica: LocalReplica) -> LocalReplica:
    """m1 and m2 are gold, m3 is silver; gold pays 90 %, opera is 100 points off for everybody."""
    for id, kind, points in (
        ("spa", "wellness", 1_000),
        ("opera", "leisure", 2_000),
        ("jet", "travel", 9_000),
    ):
        replica.apply(PutExperience(id, ExperienceTerms(kind, points)))
    replica.apply(UpsertMember("m3", "silver", "north"))
    publish(
        replica,
        rule("gold", "factor", 9_000, tiers=("gold",)),
        rule("off", "add", -100, experiences=("opera",)),
    )
    return replica


@pytest.fixture
def lobby(replica: LocalReplica, writer: LocalWriter) -> Callable[..., Lobby]:
    """A lobby with these limits."""

    def build(**limits: Any) -> Lobby:
        chosen = Limits(**limits)
        loop = asyncio.new_event_loop()
        hub = Hub(replica, chosen, loop)
        loop.close()
        return Lobby(Desk(replica, writer, chosen), hub, Verifier("demo", SharedSecret(SECRET)), Metrics())

    return build
