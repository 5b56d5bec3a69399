"""Staff and services, each on sockets of its own, among which calls go in turn.

A gateway limits how many calls a caller makes in a second, and reads no more of a socket than it has calls in
flight; a shop's back end that speaks for many members has several, and so has a crowd's stage hand.
"""

import time
from collections.abc import Awaitable, Callable, Container
from itertools import cycle

from loadtests.sockets import Counts, MemberSocket
from loadtests.tokens import Tokens
from loadtests.wire import PASSING, Message, PushParameters, StormError

LIFETIME = 60_000
"""How long after it was made a command may still be applied, in ms."""

SLOW_DOWN = PASSING | {"too_many_calls"}
"""Refusals after which preparation waits and asks again."""


class Doors:
    """``count`` sockets of callers in ``role``, named ``name``-1 and so on; ``count`` 0 has none."""

    def __init__(self, url: str, tokens: Tokens, role: str, name: str, count: int, counts: Counts) -> None:
        self.role = role
        self.sockets = [
            MemberSocket(url, _token_of(tokens, f"{name}-{number}", role), [], _ignore, counts)
            for number in range(1, count + 1)
        ]
        self._turns = cycle(self.sockets)
        self._name = f"{name}-{time.time_ns():x}"
        self._made = 0

    async def command(self, method: str, **params: object) -> tuple[Message, int]:
        """The reply that settles a command, and how often it was sent. It is done once, however often that
        is."""
        return await self._persist(method, {**self._envelope(), **params}, PASSING)

    async def require(self, method: str, **params: object) -> Message:
        """Has something done that must not be refused. Raises ``StormError``."""
        message, _ = await self._persist(method, {**self._envelope(), **params}, SLOW_DOWN)
        return _take(method, message)

    async def ask(self, method: str, **params: object) -> Message:
        """Asks what must not be refused. Raises ``StormError``."""
        message, _ = await self._persist(method, params, SLOW_DOWN)
        return _take(method, message)

    async def _persist(
        self, method: str, params: dict[str, object], passing: Container[str]
    ) -> tuple[Message, int]:
        return await next(self._turns).persist(method, params, _in_a_minute(), passing)

    def _envelope(self) -> dict[str, object]:
        self._made += 1
        return {"key": f"{self._name}-{self._made}", "not_after": _in_a_minute()}


def _in_a_minute() -> int:
    return int(time.time() * 1000) + LIFETIME


def _take(method: str, message: Message) -> Message:
    if message.error is not None:
        raise StormError(f"{method}: {message.error.code}: {message.error.message}")
    return message


def _token_of(tokens: Tokens, name: str, role: str) -> Callable[[], Awaitable[str]]:
    return lambda: tokens.get(name, role)


def _ignore(push: PushParameters, at: float) -> None:
    """Doors listen to nothing."""
