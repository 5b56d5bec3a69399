"""An auction that changes whenever it is told to: two members outbid each other in turns."""

from itertools import count

import msgspec

from benchmarks.audience import call
from benchmarks.livelot import Livelot
from benchmarks.sockets import Socket, ask, open_socket
from loadtests.api import Api
from loadtests.preparation import prepare_auctions, prepare_members

MEMBERS = ["m-left", "m-right"]
POINTS = 10**11
STEP = 50_000
"""How much more than the one before each bid is at most: so it takes the lead, and moves the price."""


class Bid(msgspec.Struct):
    """An answer's result: the price after the bid."""

    price: int


class Answer(msgspec.Struct):
    """The answer to a bid."""

    result: Bid


class State(msgspec.Struct):
    """What is looked at of an auction's state."""

    id: str
    price: int
    bids: int


class Parameters(msgspec.Struct):
    """What a push says."""

    state: State


class Push(msgspec.Struct):
    """A push of the auction's topic."""

    params: Parameters


class Auctioneer:
    """Two members' bids in one auction, over a service's socket."""

    def __init__(self, auction: str, socket: Socket) -> None:
        self.auction = auction
        self._socket = socket
        self._numbers = count()

    @classmethod
    async def open(cls, livelot: Livelot, *, seconds: float = 3600) -> "Auctioneer":
        """Makes the members known, and opens an auction that lasts for ``seconds``. Raises ``StormError``."""
        tokens = livelot.tokens
        async with Api(livelot.url) as api:
            await prepare_members(api, tokens, MEMBERS, tier="gold", market="eu", points=POINTS)
            [auction] = await prepare_auctions(api, tokens, 1, seconds=seconds)
        socket = await open_socket(livelot.port)
        authenticate = {"token": await tokens.get("auctioneer", "service")}
        assert b'"result"' in await ask(socket, call("authenticate", authenticate))
        return cls(auction, socket)

    @property
    def topic(self) -> str:
        """The auction's topic."""
        return f"auction:{self.auction}"

    async def change(self) -> int:
        """One bid more; the price that it makes. Raises ``msgspec.ValidationError`` where it is refused."""
        number = next(self._numbers)
        bid = {
            "auction": self.auction,
            "maximum": (number + 1) * STEP,
            "key": f"{self.auction}-{number}",
            "member": MEMBERS[number % 2],
        }
        answer = await ask(self._socket, call("auction.bid", bid))
        return msgspec.json.decode(answer, type=Answer).result.price

    def close(self) -> None:
        """Drops the service's connection."""
        self._socket.transport.abort()
