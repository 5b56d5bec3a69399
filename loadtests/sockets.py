"""One member's socket, which comes back when it is lost and brings every open call with it.

A call is answered once. If the connection goes before the reply comes, the same frame (so the same
idempotency key) is sent again on the next one: whether the first was applied or not, the reply tells what
became of it.
"""

import asyncio
import random
import resource
import time
from collections.abc import Awaitable, Callable, Container, Sequence
from contextlib import suppress
from http import HTTPStatus

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.frames import CloseCode
from websockets.typing import Subprotocol

from loadtests.wire import (
    PASSING,
    SUBPROTOCOL,
    Message,
    PushParameters,
    StormError,
    decode_message,
    encode_call,
)

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 3.0
"""The pauses before connecting again, in seconds: doubled each time, and drawn from the upper half."""

NO_RETRY = {CloseCode.MESSAGE_TOO_BIG, *range(4000, 4100)}
"""Close codes that say: do not come back as you are. What was too big stays so."""

REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""Handshake answers that say the same."""

OnPush = Callable[[PushParameters, float], None]
"""Takes a push and the instant at which it came, by the loop's clock."""


def draw_pause(attempt: int) -> float:
    """How long to wait before the attempt with this number (from 1), in seconds."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt, 16))
    return random.uniform(longest / 2, longest)


def allow_sockets() -> None:
    """Lets this process have as many files open as the system allows it: some have 1 024 to begin with."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class NotNow(Exception):  # noqa: N818 - an answer, not an error
    """The gateway is not ready to be listened to: come back later."""


class Counts(msgspec.Struct):
    """What happened to a crowd's sockets. ``resent`` are calls sent again after a lost connection,
    ``deferred`` after a refusal that passes."""

    connected: int = 0
    lost: int = 0
    resent: int = 0
    deferred: int = 0


class Call(msgspec.Struct):
    """A call without a reply so far, and how often it was sent."""

    frame: bytes
    reply: asyncio.Future[Message]
    sent: int = 0


class MemberSocket:
    """A socket to ``url`` that is authenticated by ``get_token`` and subscribed to ``topics``.

    ``shown`` are the experiences of the topic ``prices``.
    """

    def __init__(
        self,
        url: str,
        get_token: Callable[[], Awaitable[str]],
        topics: list[str],
        on_push: OnPush,
        counts: Counts,
        *,
        shown: Sequence[str] = (),
    ) -> None:
        self.ready = asyncio.Event()
        self.shown = shown
        self._url = url
        self._get_token = get_token
        self._topics = topics
        self._on_push = on_push
        self._counts = counts
        self._connection: ClientConnection | None = None
        self._calls: dict[int, Call] = {}
        self._last_id = 0

    async def run(self) -> None:
        """Keeps the socket up until cancelled. Raises ``StormError`` where the gateway says not to come
        back."""
        attempt = 0
        while True:
            try:
                await self._converse()
                attempt = 0
            except (OSError, InvalidHandshake, InvalidMessage, TimeoutError, NotNow) as error:
                self._require_passing(error)
            attempt += 1
            await asyncio.sleep(draw_pause(attempt))

    async def call(self, method: str, params: msgspec.Struct | dict[str, object]) -> tuple[Message, int]:
        """The reply, however many connections it takes, and how often the call was sent."""
        self._last_id += 1
        identifier = self._last_id
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        call = self._calls[identifier] = Call(encode_call(identifier, method, params), reply)
        try:
            await self._send(call)
            return await reply, call.sent
        finally:
            del self._calls[identifier]

    async def persist(
        self,
        method: str,
        params: msgspec.Struct | dict[str, object],
        not_after: int,
        passing: Container[str] = PASSING,
    ) -> tuple[Message, int]:
        """The reply that settles a call, and how often it was sent: a refusal that passes is asked again
        until ``not_after`` (ms)."""
        attempt = sent = 0
        while True:
            message, times = await self.call(method, params)
            sent += times
            passes = message.error is not None and message.error.code in passing
            if not passes or time.time() * 1000 > not_after:
                return message, sent
            attempt += 1
            self._counts.deferred += 1
            await asyncio.sleep(draw_pause(attempt))

    async def show(self, shown: Sequence[str]) -> Message:
        """Subscribes to the prices of these experiences instead of others, and returns the reply."""
        self.shown = shown
        message, _ = await self.call("subscribe", self._subscription())
        return message

    def drop(self) -> None:
        """Loses the connection, as a phone in a tunnel does; ``run`` comes back by itself."""
        self.ready.clear()
        if self._connection is not None:
            self._connection.transport.abort()

    def _subscription(self) -> dict[str, object]:
        shown = {"experiences": tuple(self.shown)} if self.shown else {}
        return {"topics": self._topics, **shown}

    async def _converse(self) -> None:
        """One connection, from its handshake until it is lost."""
        headers = {"Authorization": f"Bearer {await self._get_token()}"}
        async with connect(
            self._url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers=headers,
            compression=None,
            proxy=None,
            max_size=2**22,
        ) as connection:
            self._counts.connected += 1
            try:
                await self._resume(connection)
                while True:
                    self._take(await connection.recv(decode=False))
            except ConnectionClosed as closed:
                self._require_retry(closed)
            finally:
                self._connection = None
                self.ready.clear()
        self._counts.lost += 1

    async def _resume(self, connection: ClientConnection) -> None:
        """Subscribes, and sends again what has no reply yet."""
        waiting = list(self._calls.values())
        self._connection = connection
        self._counts.resent += sum(call.sent > 0 for call in waiting)
        if self._topics:
            self._last_id += 1
            await connection.send(encode_call(self._last_id, "subscribe", self._subscription()), text=True)
        for call in waiting:
            await self._send(call)
        self.ready.set()

    async def _send(self, call: Call) -> None:
        """Sends a call, unless there is no connection now: then it is sent on the next one."""
        if self._connection is None:
            return
        call.sent += 1
        # A connection that is lost right now has _converse end, and the next one sends the call again.
        with suppress(ConnectionClosed):
            await self._connection.send(call.frame, text=True)

    def _take(self, payload: bytes) -> None:
        message = decode_message(payload)
        if message.params is not None:
            self._on_push(message.params, asyncio.get_running_loop().time())
        elif message.id in self._calls:
            reply = self._calls[message.id].reply
            if not reply.done():
                reply.set_result(message)
        elif message.error is not None:
            words = f"the gateway refused a subscription: {message.error.code}: {message.error.message}"
            raise NotNow(words) if message.error.code in PASSING else StormError(words)

    def _require_retry(self, closed: ConnectionClosed) -> None:
        if closed.rcvd is not None and closed.rcvd.code in NO_RETRY:
            raise StormError(
                f"the gateway closed a socket: {closed.rcvd.code} {closed.rcvd.reason}"
            ) from closed

    def _require_passing(self, error: Exception) -> None:
        if isinstance(error, InvalidStatus) and error.response.status_code in REFUSED:
            words = error.response.body.decode(errors="replace")[:300]
            raise StormError(f"the gateway refused a socket: {error.response.status_code} {words}") from error
