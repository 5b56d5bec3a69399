"""What time it is at the gateway: its clock decides what is in time, and parts on several hosts have no other
in common."""

import asyncio
import time
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidMessage, WebSocketException
from websockets.typing import Subprotocol

from engine.addresses import place_of
from loadtests.sockets import draw_pause
from loadtests.wire import SUBPROTOCOL, StormError, decode_message, encode_call
from loadtests.wording import word_milliseconds

PINGS: Final = 9
"""How often the gateway is asked."""

PATIENCE: Final = 60
"""For how many seconds it is tried again while the gateway cannot be reached."""

ROUNDED: Final = 0.0005
"""Seconds by which the gateway's time may be more than it says, in either direction: it cuts off at ms."""


class Clock(msgspec.Struct, frozen=True):
    """The gateway's clock: ``ahead`` of this machine's by so many seconds, give or take ``error``."""

    ahead: float = 0.0
    error: float = 0.0

    def now(self) -> float:
        """What time it is there, in seconds since 1970."""
        return time.time() + self.ahead

    @property
    def words(self) -> str:
        """How the two clocks stand."""
        error = word_milliseconds(1000 * self.error)
        if abs(self.ahead) <= self.error:
            return f"The gateway's clock agrees with this machine's, to within {error}."
        direction = "ahead of" if self.ahead > 0 else "behind"
        difference = word_milliseconds(1000 * abs(self.ahead))
        return f"The gateway's clock is {difference} {direction} this machine's, give or take {error}."


class Ping(NamedTuple):
    """A question that left at ``sent`` and was answered at ``received``, both by this machine's clock (s),
    when it was ``there`` at the gateway (s)."""

    sent: float
    there: float
    received: float


class Pong(msgspec.Struct):
    """The gateway's answer: its clock, in ms."""

    time: int


def judge_pings(pings: Iterable[Ping]) -> Clock:
    """The clock by the quickest answer: it was written somewhere on the way, so half the way is what the
    difference can be wrong by (Cristian, Probabilistic clock synchronization, 1989)."""
    best = min(pings, key=lambda ping: ping.received - ping.sent)
    middle = (best.sent + best.received) / 2
    return Clock(best.there + ROUNDED - middle, (best.received - best.sent) / 2 + ROUNDED)


async def measure_clock(socket_url: str) -> Clock:
    """Asks the gateway with this socket, as anybody may. Raises ``StormError`` if it does not answer."""
    deadline = time.monotonic() + PATIENCE
    attempt = 0
    while True:
        attempt += 1
        try:
            async with connect(
                socket_url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, proxy=None
            ) as socket:
                return judge_pings([await _ping(socket, number) for number in range(1, PINGS + 1)])
        except (OSError, InvalidHandshake, InvalidMessage, WebSocketException, TimeoutError) as error:
            if time.monotonic() > deadline:
                words = f"{place_of(socket_url)} does not tell its time: {error or type(error).__name__}"
                raise StormError(words) from error
        await asyncio.sleep(draw_pause(attempt))


async def _ping(socket: ClientConnection, number: int) -> Ping:
    sent = time.time()
    await socket.send(encode_call(number, "ping", {}), text=True)
    message = decode_message(await socket.recv(decode=False))
    received = time.time()
    if message.error is not None:
        raise StormError(f"the gateway does not tell its time: {message.error.code}")
    return Ping(sent, msgspec.json.decode(message.result, type=Pong).time / 1000, received)
