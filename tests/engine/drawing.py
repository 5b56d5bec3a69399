"""What tests of the keeper's part in raffles stand on: servers outside, and a program by a test's own clock.

``Outside`` is a real HTTP server that answers what a test says; ``Life`` a log in memory in August 2023, when
round 1000 of the beacon came.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.commands import (
    MEMBER,
    BuyTickets,
    Command,
    CreateRaffle,
    CreditPoints,
    OpenRaffle,
    Prize,
    RaffleTerms,
    UpsertMember,
)
from engine.draw.beacon import CHAIN, time_of_round
from engine.draws import DrawTerms
from engine.keeper import Keeper
from engine.log.contract import Log
from engine.log.memory import MemoryLog
from engine.raffles.state import Raffle
from engine.signing import DrawKey
from engine.units import DAY, HOUR
from engine.vault import Vault
from engine.writer import wall_clock
from tests.engine.raffling import CLOSE, ROUND, SIGNATURE
from tests.engine.running import DEADLINE, Node, running

KEY = DrawKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER_KEY = DrawKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))

ROUND_PATH = f"/{CHAIN}/public/{ROUND}"
GOOD = b'{"round":1000,"randomness":"00","signature":"%s"}' % SIGNATURE.encode()

Answer = Callable[[str, bytes], Awaitable[bytes] | bytes]
"""Takes a request's path and body; gives the bytes of the whole response, or waits as long as it likes."""


def respond(body: bytes, status: str = "200 OK") -> bytes:
    """A whole response."""
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def wait_for_ever(path: str, body: bytes) -> Awaitable[bytes]:
    """An answer that never comes."""

    async def wait() -> bytes:
        await asyncio.Event().wait()
        return b""

    return wait()


class Outside:
    """A server; ``asked`` are the paths that were asked for."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1].decode()
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            body = await reader.readexactly(length)
            self.asked.append(path)
            answered = self.answer(path, body)
            writer.write(answered if isinstance(answered, bytes) else await answered)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def outside(answer: Answer | bytes) -> AsyncIterator[Outside]:
    """A server on this machine that answers so, for as long as the block."""
    given = answer
    server = Outside((lambda path, body: respond(given)) if isinstance(given, bytes) else given)
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await server.serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            serving.discard(task)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    server.url = f"http://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listening.close()
        for task in list(serving):
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


class Life:
    """A program whose log and keepers go by ``at`` (ms): an hour before ``CLOSE``, until a test moves it.

    Given a log, all go by the machine's clock instead.
    """

    def __init__(self, folder: Path, log: Log | None = None) -> None:
        self._at = CLOSE - HOUR
        self._real = log is not None
        self.log = log or MemoryLog(clock=self.clock)
        self.vault = Vault(folder / "vault")

    def clock(self) -> int:
        return wall_clock() if self._real else self._at

    @property
    def at(self) -> int:
        return self.clock()

    @at.setter
    def at(self, instant: int) -> None:
        self._at = instant

    @asynccontextmanager
    async def node(self) -> AsyncIterator[Node]:
        async with running(self.log, self.vault, clock=self.clock) as node:
            yield node

    @asynccontextmanager
    async def keeper(
        self, sources: tuple[str, ...] = (), *, key: DrawKey = KEY, leading: bool = False, **terms: Any
    ) -> AsyncIterator[Node]:
        """A keeper on a replica of its own. ``leading``: it takes itself for the one whose turn it is."""
        terms = {"seconds": 2.0, "pause": 0.02, **terms}
        async with self.node() as node:
            draws = DrawTerms(key, sources, **terms)
            keeper = Keeper(node.replica, node.writer, self.log, self.vault, draws=draws, clock=self.clock)
            task = asyncio.create_task(keeper.run())
            pushing = asyncio.create_task(_push(keeper)) if leading else None
            try:
                yield node
            finally:
                for one in filter(None, (task, pushing)):
                    one.cancel()
                await asyncio.gather(*filter(None, (task, pushing)), return_exceptions=True)
                await keeper.close()

    async def furnish(self, node: Node, *, members: int = 5) -> None:
        """Members m0, m1 … with points."""
        for number in range(members):
            await self.do(node, UpsertMember(f"m{number}", "gold", "fr"))
            await self.do(node, CreditPoints(f"m{number}", 10_000))

    async def open(self, node: Node, id: str = "r", **given: Any) -> Raffle:
        """A raffle until ``CLOSE`` that was asked to open: two cars and a bicycle, and two reserves."""
        terms: dict[str, Any] = {
            "titles": {"en": "Three prizes"},
            "prizes": (Prize("car", 2), Prize("bicycle")),
            "price": 100,
            "opens_at": self.at,
            "closes_at": CLOSE,
            "reserves": 2,
        }
        await self.do(node, CreateRaffle(id, RaffleTerms(**(terms | given))))
        await self.do(node, OpenRaffle(id))
        return node.replica.program.raffles.by_id[id]

    async def buy(self, node: Node, raffle: str = "r", *, members: int = 5) -> None:
        """Each member buys: the first one ticket, the next two …"""
        for number in range(members):
            tickets = BuyTickets(raffle, number + 1, 10_000)
            await self.do(node, tickets, actor=f"m{number}", role=MEMBER)

    async def do(self, node: Node, command: Command, **options: Any) -> Any:
        return await node.do(command, not_after=self.at + DAY // 2, **options)

    def pass_to_round(self, round: int = ROUND) -> None:
        self.at = time_of_round(round)


async def _push(keeper: Keeper) -> None:
    """Two keepers that both lead: for a moment that can be, since a lease is no promise."""
    while True:
        keeper.leading = True
        await asyncio.sleep(0)


async def until(holds: Callable[[], Any]) -> None:
    """Returns once ``holds`` does; fails if that takes too long."""
    async with asyncio.timeout(DEADLINE):
        while not holds():
            await asyncio.sleep(0.005)


def evidence_of(vault: Vault) -> set[str]:
    """The names of the files that are complete."""
    return {name for name in vault.names("evidence") if name.endswith(".json")}


def said(logs: list[structlog.typing.EventDict], words: str) -> list[structlog.typing.EventDict]:
    """The lines of the log that begin so."""
    return [line for line in logs if line["event"].startswith(words)]
