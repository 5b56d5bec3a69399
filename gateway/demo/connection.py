"""A client's end of the socket, as the demo's processes speak it: calls by id, pushes, reconnecting.

The demo goes through the front door on purpose: what it does, any app could do.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from engine.errors import Rejection
from engine.log.contract import backoff
from engine.units import HOUR
from gateway.clock import now
from gateway.identity import mint_token
from gateway.wire import JSON

CALL_SECONDS: Final = 10.0
"""How long an answer may take before the connection is given up."""

TOKEN_LIFE: Final = HOUR

PASSING: Final = ("not_ready", "unavailable", "shutting_down", "too_many_calls", "clock_disagrees")
"""Refusals that say nothing of what was asked: it is asked again on the next connection."""

_log = structlog.get_logger("livelot.demo")


class Place(msgspec.Struct, frozen=True):
    """A gateway, and what makes tokens for it. ``url`` is its ``http://`` address."""

    url: str
    program: str
    secret: str

    @property
    def socket_url(self) -> str:
        """The address of its sockets."""
        return f"ws{self.url.removeprefix('http').rstrip('/')}/v1/socket"

    def token(self, subject: str, role: str) -> str:
        """A token for ``subject``, good for ``TOKEN_LIFE``."""
        return mint_token(self.program, subject, role, key=self.secret, expires_at=now() + TOKEN_LIFE)


class Refused(Rejection):
    """A call was refused; ``code`` is the reason's name."""

    def __init__(self, error: dict[str, Any]) -> None:
        details = {name: value for name, value in error["data"].items() if name not in ("code", "message")}
        super().__init__(error["data"]["code"], error["message"], **details)
        self.code: str = error["data"]["code"]


class Lost(Exception):  # noqa: N818 - the name says what is the case
    """The connection is gone, and with it every answer that was still to come."""


class DemoSocket:
    """One open socket. ``states`` is the latest state by topic."""

    def __init__(self, connection: ClientConnection) -> None:
        self.states: dict[str, Any] = {}
        self._pushed = asyncio.Event()
        self._connection = connection
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def call(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        """The result. Raises ``Refused``, and ``Lost`` where nobody can tell now."""
        number = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
        try:
            await self._connection.send(msgspec.json.encode(request).decode())
            async with asyncio.timeout(CALL_SECONDS):
                message = await answer
        except (WebSocketException, TimeoutError) as error:
            raise Lost(str(error) or "no answer came in time") from error
        finally:
            del self._answers[number]
        if "error" in message:
            refused = Refused(message["error"])
            raise Lost(str(refused)) if refused.code in PASSING else refused
        result: dict[str, Any] = message["result"]
        return result

    async def call_unless(self, code: str, method: str, /, **parameters: Any) -> None:
        """Calls, and takes the refusal ``code`` for a sign that it was done before."""
        try:
            await self.call(method, **parameters)
        except Refused as refusal:
            if refusal.code != code:
                raise

    async def watch(self, topic: str, holds: Callable[[Any], bool]) -> None:
        """Returns once the latest state of ``topic``, which is subscribed to, is one that ``holds``."""
        while topic not in self.states or not holds(self.states[topic]):
            await self._pushed.wait()

    async def receive(self) -> None:
        """Takes what comes until the connection ends; then raises ``Lost``, in every waiting call too."""
        words = "the gateway closed the connection"
        try:
            async for text in self._connection:
                self._take(msgspec.json.decode(text))
        except WebSocketException as error:
            words = str(error)
        lost = Lost(words)
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(lost)
        raise lost

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("method") == "push":
            self.states[message["params"]["topic"]] = message["params"]["state"]
            # Whoever waits from now on waits for the next push.
            self._pushed.set()
            self._pushed = asyncio.Event()
            return
        answer = self._answers.get(message["id"])
        if answer is not None and not answer.done():
            answer.set_result(message)


async def stay_connected(
    place: Place, subject: str, role: str, speak: Callable[[DemoSocket], Awaitable[None]]
) -> None:
    """Connects as ``subject`` and has ``speak`` use the socket; again, with backoff, whenever it is lost.

    Returns when ``speak`` does. Raises what it raises, but for ``Lost``.
    """
    attempt = 0
    while True:
        headers = {"Authorization": f"Bearer {place.token(subject, role)}"}
        try:
            async with connect(
                place.socket_url,
                additional_headers=headers,
                subprotocols=[websockets.Subprotocol(JSON.subprotocol)],
                compression=None,
                proxy=None,
            ) as connection:
                attempt = 0
                await _speak_while_connected(DemoSocket(connection), speak)
                return
        except (Lost, OSError, TimeoutError, WebSocketException) as error:
            # A whole crowd loses its connections together: its staff's words are enough.
            log = _log.info if role != "member" and not attempt else _log.debug
            log("demo connection lost", subject=subject, reason=str(error), attempt=attempt)
        await backoff(attempt + 4)
        attempt += 1


async def _speak_while_connected(socket: DemoSocket, speak: Callable[[DemoSocket], Awaitable[None]]) -> None:
    """Runs ``speak`` beside the receiving task. Raises what either of them raises."""
    tasks = [asyncio.ensure_future(speak(socket)), asyncio.create_task(socket.receive())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
