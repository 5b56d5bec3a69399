"""A hub without sockets or an event loop: ears that remember what they heard, a clock that the test moves."""

from collections.abc import Callable
from typing import Any

from engine.commands import MEMBER, BeginDraft, PublishRules, PutRules
from gateway.hub import Hub
from gateway.identity import Caller
from gateway.limits import Limits
from gateway.price_cells import Shown
from gateway.topics import Listener
from gateway.wire import JSON, Encoding
from rules.rule import Group, PriceRule
from tests.gateway.harness import LocalReplica, unframe

LIMITS = Limits(soft_backlog=100, hard_backlog=200)


def caller(actor: str, role: int = MEMBER) -> Caller:
    return Caller(actor, role, "", 2**53)


class Wire:
    """A transport that remembers what was written; ``full`` is its backlog."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.full = 0
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.full

    def write(self, data: bytes) -> None:
        self.frames.append(data)

    def abort(self) -> None:
        self.aborted = True


class Ear(Listener):
    """A listener that remembers what it heard. While it is not ``direct``, frames are ``queued`` instead."""

    def __init__(self, encoding: Encoding = JSON) -> None:
        self.wire = Wire()
        self.queued: list[bytes] = []
        super().__init__(self.wire, encoding, self._take)
        self.direct = True

    def heard(self) -> list[dict[str, Any]]:
        """The pushes since the last look."""
        frames, self.wire.frames = self.wire.frames, []
        return [unframe(frame)["params"] for frame in frames]

    def _take(self, frame: bytes) -> None:
        if self.direct:
            self.wire.write(frame)
        else:
            self.queued.append(frame)


class Clock:
    """Enough of an event loop for a hub: time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.turns = 0
        self._calls: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._serial = 0

    def time(self) -> float:
        return self.now

    def call_soon(self, action: Callable[..., None], *arguments: Any) -> None:
        self.call_later(0.0, action, *arguments)

    def call_later(self, delay: float, action: Callable[..., None], *arguments: Any) -> None:
        self._serial += 1
        self._calls.append((self.now + delay, self._serial, action, arguments))

    def turn(self) -> None:
        """One turn of the loop: what is due now, but not what that adds."""
        due = sorted(call for call in self._calls if call[0] <= self.now)
        self._calls = [call for call in self._calls if call[0] > self.now]
        self.turns += 1
        for _, _, action, arguments in due:
            action(*arguments)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        while any(call[0] <= self.now for call in self._calls):
            self.turn()


def listen(hub: Hub, ear: Ear, who: Caller, *names: str) -> list[Any]:
    topics = hub.subscribe(ear, who, names)
    hub.send(ear, topics)
    return topics


def show(hub: Hub, member: str, *experiences: str, channel: str = "", ear: Ear | None = None) -> Ear:
    """A listener of this member that shows these experiences."""
    ear = ear or Ear()
    topics = hub.subscribe(ear, caller(member), ["prices"], Shown(experiences, channel))
    hub.send(ear, topics)
    return ear


def publish(replica: LocalReplica, *rules: PriceRule) -> None:
    replica.apply(BeginDraft("draft"))
    version = replica.apply(PutRules("draft", rules, groups=(Group("a"),))).version
    replica.apply(PublishRules("draft", version, "a test"))


def told(ear: Ear) -> list[dict[str, int | None]]:
    """The points of each push since the last look."""
    pushes = ear.heard()
    assert {push["topic"] for push in pushes} <= {"prices"}
    return [
        {id: price and price["points"] for id, price in push["state"]["prices"].items()} for push in pushes
    ]
