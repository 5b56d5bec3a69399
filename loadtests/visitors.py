"""Members on sockets of their own, who listen to topics, ask and act, and bid on nothing."""

import asyncio
import time
from collections.abc import Callable, Sequence

from loadtests.doors import LIFETIME
from loadtests.scenario import Stage
from loadtests.sockets import MemberSocket
from loadtests.wire import Message, PushParameters

OnPush = Callable[["Visitor", PushParameters, float], None]
"""Takes a push that a visitor got, and when, by the loop's clock."""


class Visitor:
    """One member. ``latest`` has the last push of each topic."""

    def __init__(
        self, stage: Stage, member: str, topics: list[str], shown: Sequence[str], on_push: OnPush | None
    ) -> None:
        self.member = member
        self.latest: dict[str, PushParameters] = {}
        self._on_push = on_push
        self._keys = f"{stage.plan.run}-{time.time_ns():x}"
        self._commands = 0
        self.socket = MemberSocket(
            stage.api.socket_url, stage.token_of(member), topics, self._take, stage.counts, shown=shown
        )

    async def ask(self, method: str, **params: object) -> Message:
        """The reply to a question."""
        message, _ = await self.socket.persist(method, params, _in_a_minute())
        return message

    async def command(self, method: str, **params: object) -> Message:
        """The reply that settles a command, which is done once, however often it is sent."""
        self._commands += 1
        not_after = _in_a_minute()
        envelope = {"key": f"{self._keys}-{self._commands}", "not_after": not_after}
        message, _ = await self.socket.persist(method, {**params, **envelope}, not_after)
        return message

    def _take(self, push: PushParameters, at: float) -> None:
        self.latest[push.topic] = push
        if self._on_push is not None:
            self._on_push(self, push, at)


def gather_visitors(
    stage: Stage, topics: list[str], *, shown: Sequence[str] = (), on_push: OnPush | None = None
) -> list[Visitor]:
    """This part's members, who all listen to the same; ``shown`` are the experiences of ``prices``."""
    return [Visitor(stage, member, topics, shown, on_push) for member in stage.members]


async def reach(holds: Callable[[], bool], seconds: float) -> bool:
    """Returns once ``holds`` does, or after ``seconds``; whether it does then."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:  # noqa: ASYNC110 - a hundred pushes have no one event
        await asyncio.sleep(0.02)
    return holds()


def _in_a_minute() -> int:
    return int(time.time() * 1000) + LIFETIME
