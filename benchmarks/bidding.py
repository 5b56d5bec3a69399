"""A closed loop of bids for the end-to-end benchmark: S sockets, each with F bids in flight, until N were
answered.

Every auction has at most one bid in flight, chosen in turn, and bids what its last reply said is needed plus
a little. So nearly every bid is accepted and outbids another member: the full work of a bid, and the same
work for every server.
"""

import asyncio
import time
from collections import deque
from functools import partial

import msgspec

from benchmarks.sockets import Socket, ask, open_socket

ROUND_SECONDS = 120
"""How long a round may take."""


class Answer(msgspec.Struct):
    """A reply's result: what a bidder needs of it."""

    number: int
    leading: bool
    price: int
    minimum: int


class Refusal(msgspec.Struct):
    """A reply's error."""

    code: int | str
    data: dict[str, int | str] = {}


class Reply(msgspec.Struct):
    """A JSON-RPC reply; the echo's has neither result nor error."""

    id: int
    result: Answer | None = None
    error: Refusal | None = None
    method: str = ""


class Acknowledged(msgspec.Struct, frozen=True):
    """A bid that the server said stands."""

    auction: str
    number: int
    member: str
    maximum: int
    price: int


class Lot(msgspec.Struct):
    """What the bidders know of an auction: the least bid, and who bid last."""

    auction: str
    minimum: int
    bidder: str = ""


class Round:
    """The bids of one run, and what became of them."""

    def __init__(self, lots: list[Lot], bids: int) -> None:
        """``lots`` should be more than the bids in flight; they are kept up to date."""
        self.acknowledged: list[Acknowledged] = []
        self.refused: dict[str, int] = {}
        self.echoed = 0
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._started = time.time_ns()
        self._idle = deque(lots)
        self._in_flight: dict[int, tuple[Lot, int]] = {}
        self._to_send = self._to_answer = bids
        self._decode = msgspec.json.Decoder(Reply).decode

    def send_next(self, socket: Socket, member: str) -> None:
        """Sends one bid, unless all were sent."""
        if not self._to_send:
            return
        self._to_send -= 1
        number, lot = self._to_send, self._take_lot(member)
        maximum = lot.minimum + 1
        self._in_flight[number] = (lot, maximum)
        socket.send(
            b'{"jsonrpc":"2.0","id":%d,"method":"auction.bid",'
            b'"params":{"auction":"%s","maximum":%d,"key":"%x-%d","member":"%s"}}'
            % (number, lot.auction.encode(), maximum, self._started, number, member.encode())
        )

    def take_reply(self, member: str, socket: Socket, payload: bytes) -> None:
        """Notes one reply, and sends the next bid on its socket. A reply that makes no sense fails the
        round."""
        try:
            reply = self._decode(payload)
            lot, maximum = self._in_flight.pop(reply.id)
        except (msgspec.MsgspecError, KeyError) as error:
            self.fail(ValueError(f"not a reply to a bid: {payload!r} ({error})"))
            return
        if reply.result is not None:
            answer = reply.result
            lot.minimum = answer.minimum
            self.acknowledged.append(Acknowledged(lot.auction, answer.number, member, maximum, answer.price))
        elif reply.error is not None:
            self._take_refusal(lot, reply.error)
        else:
            self.echoed += 1
        lot.bidder = member
        self._idle.append(lot)
        self._to_answer -= 1
        if self._to_answer:
            self.send_next(socket, member)
        elif not self.finished.done():
            self.finished.set_result(None)

    def fail(self, error: Exception) -> None:
        """Ends the round with ``error``."""
        if not self.finished.done():
            self.finished.set_exception(error)

    def _take_lot(self, member: str) -> Lot:
        """The lot that was idle longest and was bid on by another member last: nobody raises an own bid."""
        for _ in range(len(self._idle)):
            lot = self._idle.popleft()
            if lot.bidder != member:
                return lot
            self._idle.append(lot)
        raise ValueError("too few lots for so many bids in flight")

    def _take_refusal(self, lot: Lot, refusal: Refusal) -> None:
        code = str(refusal.data.get("code", refusal.code))
        self.refused[code] = self.refused.get(code, 0) + 1
        lot.minimum = max(lot.minimum, int(refusal.data.get("minimum", 0)))


class Bidders:
    """The sockets of a benchmark, each authenticated as one member."""

    def __init__(self, sockets: dict[str, Socket], in_flight: int) -> None:
        self.sockets = sockets
        self.in_flight = in_flight

    @classmethod
    async def connect(cls, port: int, tokens: dict[str, str], in_flight: int) -> "Bidders":
        """One socket for each member in ``tokens``."""
        sockets = {}
        for member, token in tokens.items():
            sockets[member] = socket = await open_socket(port)
            call = {"jsonrpc": "2.0", "id": 1, "method": "authenticate", "params": {"token": token}}
            reply = await ask(socket, msgspec.json.encode(call))
            if b'"error"' in reply:
                raise ConnectionError(reply.decode())
        return cls(sockets, in_flight)

    async def play(self, lots: list[Lot], bids: int) -> Round:
        """Plays one round of ``bids`` bids. Raises ``TimeoutError`` if it takes ``ROUND_SECONDS``."""
        played = Round(lots, bids)
        for member, socket in self.sockets.items():
            socket.on_frame = partial(played.take_reply, member)
            socket.on_lost = played.fail
        for _ in range(self.in_flight):
            for member, socket in self.sockets.items():
                played.send_next(socket, member)
        await asyncio.wait_for(played.finished, ROUND_SECONDS)
        return played

    def close(self) -> None:
        """Drops every connection."""
        for socket in self.sockets.values():
            socket.transport.abort()
