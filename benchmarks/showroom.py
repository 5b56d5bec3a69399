"""A page full of live auctions, on the gateway that serves the page, and bids that keep them moving."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import msgspec

from benchmarks.audience import call
from benchmarks.livelot import Livelot
from benchmarks.sockets import Socket, ask, open_socket
from loadtests.api import Api
from loadtests.preparation import gather_bounded, prepare_members
from loadtests.tokens import SignedTokens

COVERS = ("archipelago", "balloon", "barista", "jazz", "northern-lights", "opera", "sauna", "vineyard")
"""Auctions are named after pictures that the page has."""

ONLOOKER = "m-onlooker"
BIDDERS = ("m-left", "m-right")
POINTS = 10**11
STEP = 50_000
"""How much more than the one before each bid is at most: so it takes the lead, and moves the price."""

HOUR = 3_600_000


class Bid(msgspec.Struct):
    """An answer's result: the price after the bid."""

    price: int


class Answer(msgspec.Struct):
    """The answer to a bid, and the position of the log entry that it came in."""

    result: Bid
    position: str

    @property
    def stamp(self) -> int:
        """The entry's instant in the log, in ms."""
        return int(self.position.partition(":")[2].partition("-")[0])


class Showroom:
    """Open auctions, and two members that outbid each other there over a service's socket."""

    def __init__(self, port: int, auctions: list[str], socket: Socket) -> None:
        self.port = port
        self.auctions = auctions
        self._socket = socket
        self._numbers = count()
        self._rounds = dict.fromkeys(auctions, 0)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    async def bid(self, auction: str) -> Answer:
        """One bid more in an auction. Raises ``msgspec.ValidationError`` where it is refused."""
        return msgspec.json.decode(await ask(self._socket, self._next_bid(auction)), type=Answer)

    async def bid_steadily(self, rate: int, seconds: float) -> int:
        """Bids ``rate`` times a second, all over the auctions; returns how many were answered by the end.
        Asserts that none was refused."""
        refused: list[bytes] = []
        answered = 0

        def take(socket: Socket, payload: bytes) -> None:
            nonlocal answered
            answered += 1
            if b'"error"' in payload:
                refused.append(payload)

        self._socket.on_frame = take
        started = time.perf_counter()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(started + number / rate - time.perf_counter())
            self._socket.send(self._next_bid(self.auctions[number * 7 % len(self.auctions)]))
        await asyncio.sleep(0.2)
        assert not refused, refused[0]
        return answered

    def _next_bid(self, auction: str) -> bytes:
        turn = self._rounds[auction]
        self._rounds[auction] += 1
        key = f"{auction}-{next(self._numbers)}"
        bid = {"auction": auction, "maximum": (turn + 1) * STEP, "key": key, "member": BIDDERS[turn % 2]}
        return call("auction.bid", bid)


@asynccontextmanager
async def open_showroom(folder: Path, auctions: int) -> AsyncIterator[Showroom]:
    """Opens as many auctions, on a gateway whose page may be any member; ``folder`` is made."""
    folder.mkdir()
    with Livelot(folder) as livelot, Livelot(folder, "gateway", ["--demo"], log="page.log") as page:
        tokens = livelot.tokens
        async with Api(page.url) as api:
            members = [ONLOOKER, *BIDDERS]
            await prepare_members(api, tokens, members, tier="gold", market="eu", points=POINTS)
            names = [f"{COVERS[number % len(COVERS)]}-{number:04d}" for number in range(auctions)]
            await _open_auctions(api, tokens, names)
        socket = await open_socket(page.port)
        token = {"token": await tokens.get("showroom", "service")}
        assert b'"result"' in await ask(socket, call("authenticate", token))
        try:
            yield Showroom(page.port, names, socket)
        finally:
            socket.transport.abort()


async def _open_auctions(api: Api, tokens: SignedTokens, names: list[str]) -> None:
    manager = await tokens.get("maria", "manager")
    now = int(time.time() * 1000)

    async def open_one(name: str, ends_at: int) -> None:
        terms = {"title": f"An evening: {name}", "opening": 500, "starts_at": now, "ends_at": ends_at}
        await api.send("POST", "/v1/auctions", manager, {"auction": name, "terms": terms})
        await api.send("POST", f"/v1/auctions/{name}/open", manager)

    await gather_bounded(open_one(name, now + HOUR + 1000 * number) for number, name in enumerate(names))
