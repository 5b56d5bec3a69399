"""A closed loop of redemptions: S sockets, each with F redemptions in flight, until N were answered."""

import asyncio
from collections import Counter
from functools import partial
from itertools import cycle

import msgspec

from benchmarks.bidding import ROUND_SECONDS
from benchmarks.sockets import Socket


class Redeemed(msgspec.Struct):
    """A reply's result: what a redemption cost."""

    redemption: str
    status: str
    points: int


class Reply(msgspec.Struct):
    """A JSON-RPC reply."""

    result: Redeemed | None = None
    error: msgspec.Raw = msgspec.Raw()


class Redeeming:
    """The redemptions of one run: how many there were ``by_experience``, and the ``points`` they cost."""

    def __init__(self, experiences: list[str], redemptions: int, run: str) -> None:
        """``run`` tells this run's keys from others'."""
        self.by_experience: Counter[str] = Counter()
        self.points = 0
        self.refused: list[bytes] = []
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._run = run
        self._experiences = cycle(experiences)
        self._to_send = self._to_answer = redemptions
        self._decode = msgspec.json.Decoder(Reply).decode

    async def play(self, sockets: dict[str, Socket], in_flight: int) -> None:
        """Plays them, each socket for its member. Raises ``TimeoutError`` if that takes ``ROUND_SECONDS``."""
        for member, socket in sockets.items():
            socket.on_frame = partial(self._take_reply, member)
            socket.on_lost = self._fail
        for _ in range(in_flight):
            for member, socket in sockets.items():
                self._send_next(socket, member)
        await asyncio.wait_for(self.finished, ROUND_SECONDS)

    def _send_next(self, socket: Socket, member: str) -> None:
        if not self._to_send:
            return
        self._to_send -= 1
        experience = next(self._experiences)
        self.by_experience[experience] += 1
        socket.send(
            b'{"jsonrpc":"2.0","id":1,"method":"redemption.redeem",'
            b'"params":{"experience":"%s","most":1000000,"key":"%s-%d","member":"%s"}}'
            % (experience.encode(), self._run.encode(), self._to_send, member.encode())
        )

    def _take_reply(self, member: str, socket: Socket, payload: bytes) -> None:
        reply = self._decode(payload)
        if reply.result is None:
            self.refused.append(payload)
        else:
            self.points += reply.result.points
        self._to_answer -= 1
        if self._to_answer:
            self._send_next(socket, member)
        elif not self.finished.done():
            self.finished.set_result(None)

    def _fail(self, error: Exception) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)
