"""Members that bid: on a real gateway, and on one that says "not now"."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from benchmarks.livelot import Livelot
from loadtests.api import Api
from loadtests.crowd import Crowd
from loadtests.measures import Acknowledgement
from loadtests.preparation import prepare_auctions, prepare_members
from loadtests.wire import SUBPROTOCOL, AuctionState, Place
from tests.loadtests.clearing import end_auctions

DEADLINE = 20
MEMBERS = ["ann", "bob"]
POINTS = 10_000


@asynccontextmanager
async def running(crowd: Crowd) -> AsyncIterator[None]:
    """The crowd, connected."""
    sockets = asyncio.create_task(crowd.run())
    try:
        async with asyncio.timeout(DEADLINE):
            await crowd.wait_until_ready()
            yield
    finally:
        sockets.cancel()
        with suppress(asyncio.CancelledError):
            await sockets


@asynccontextmanager
async def staged(livelot: Livelot) -> AsyncIterator[Crowd]:
    """Ann and Bob, with points and one auction to bid on."""
    tokens = livelot.tokens

    def token_of(member: str) -> Callable[[], Awaitable[str]]:
        return lambda: tokens.get(member, "member")

    async with Api(livelot.url) as api:
        await prepare_members(api, tokens, MEMBERS, tier="gold", market="eu", points=POINTS)
        auctions = await prepare_auctions(api, tokens, 1, seconds=60)
        crowd = Crowd(api.socket_url, MEMBERS, auctions, watched=1, token_of=token_of, seed=1)
        async with running(crowd):
            yield crowd
        await end_auctions(api, tokens, auctions)


async def reach(holds: Callable[[], bool]) -> None:
    """Returns once ``holds`` does; the caller's deadline bounds it."""
    while not holds():
        await asyncio.sleep(0.005)


def is_open(crowd: Crowd) -> bool:
    """Whether the crowd knows that its auction takes bids."""
    entry = crowd.book.find(crowd.auctions[0])
    return entry is not None and entry.open


async def bid(crowd: Crowd, member: int) -> Acknowledgement:
    """The acknowledgement of a bid that had to be accepted."""
    before = len(crowd.measures.acknowledged)
    await crowd.bid(member, 0, asyncio.get_running_loop().time())
    assert len(crowd.measures.acknowledged) == before + 1, crowd.measures.refused
    return crowd.measures.acknowledged[-1]


def test_members_outbid_each_other_and_hear_of_it(livelot: Livelot) -> None:
    async def body() -> None:
        async with staged(livelot) as crowd:
            ann = crowd.bidders[0]
            await reach(lambda: is_open(crowd) and ann.available >= POINTS)
            points = ann.available
            first = await bid(crowd, 0)
            assert (first.number, first.member, first.leading, first.price) == (1, "ann", True, 500)
            await reach(lambda: ann.leading == {first.auction} and ann.available == points - first.maximum)
            second = await bid(crowd, 1)
            assert second.maximum > first.maximum
            await reach(lambda: not ann.leading and ann.available == points)
            await crowd.wait_for_pushes()
            for pushes, count in (
                (crowd.measures.time_auction_pushes(), 2),
                (crowd.measures.time_own_pushes(), 1),
            ):
                assert [latency is not None for _, latency in pushes] == [True] * count
            assert crowd.unanswered == {}

    asyncio.run(body())


def test_a_member_without_points_passes(livelot: Livelot) -> None:
    async def body() -> None:
        async with staged(livelot) as crowd:
            await reach(lambda: is_open(crowd) and crowd.bidders[0].available >= POINTS)
            crowd.bidders[0].available = 499
            await crowd.bid(0, 0, asyncio.get_running_loop().time())
            assert (crowd.measures.passed, crowd.measures.sent) == (1, 0)

    asyncio.run(body())


def test_a_refusal_that_passes_is_asked_again_under_the_same_key() -> None:
    asked: list[dict[str, object]] = []
    taken = {"auction": "a1", "number": 1, "bidder": 1, "leading": True, "price": 500, "minimum": 550}

    async def answer(connection: ServerConnection) -> None:
        async for frame in connection:
            call = msgspec.json.decode(frame)
            reply: dict[str, object] = {"result": {"topics": []}}
            if call["method"] == "auction.bid":
                asked.append(call["params"])
                refusal = {"code": 902, "message": "Try again.", "data": {"code": "unavailable"}}
                reply = {"error": refusal} if len(asked) < 3 else {"result": taken, "position": "1:2-3"}
            await connection.send(
                msgspec.json.encode({"jsonrpc": "2.0", "id": call["id"], **reply}), text=True
            )

    async def get_token() -> str:
        return "token"

    async def body() -> None:
        async with serve(answer, "127.0.0.1", 0, subprotocols=[Subprotocol(SUBPROTOCOL)]) as server:
            url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            crowd = Crowd(url, ["ann"], ["a1"], watched=1, token_of=lambda member: get_token, seed=1)
            crowd.book.learn_state(AuctionState("a1", "open", 0, 500), Place(1, 1, 0))
            crowd.bidders[0].available = POINTS
            async with running(crowd):
                acknowledged = await bid(crowd, 0)
            assert asked[0] == asked[1] == asked[2]
            assert (acknowledged.sent, crowd.counts.deferred) == (3, 2)
            assert crowd.measures.refused == {}

    asyncio.run(body())
