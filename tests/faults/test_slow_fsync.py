"""What is acknowledged is durable: no answer and no push comes before the fsync of its entry has finished."""

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect as connect_socket

from benchmarks.livelot import Livelot
from engine.log.contract import Entry, EntryId, format_id
from engine.log.redis_stream import connect
from loadtests.api import Api
from loadtests.preparation import prepare_auctions, prepare_members
from loadtests.tokens import SignedTokens
from tests.faults.tracing import DELAY, Call, TracedServer

WRITERS = 4
APPENDS = 5
"""By each writer, one after the other."""


async def append_and_read(url: str, *, trust_server: bool = False) -> dict[EntryId, bytes]:
    """Has several writers append, and a reader that waits for each entry; returns what was appended."""
    appended: dict[EntryId, bytes] = {}

    async def write(number: int) -> None:
        log = await connect(url, "demo", trust_server=trust_server)
        for turn in range(APPENDS):
            payload = f"payload-{number}-{turn}".encode()
            appended[await log.append(payload)] = payload
        await log.close()

    async def read() -> None:
        log = await connect(url, "demo", trust_server=trust_server)
        entries: list[Entry] = []
        while len(entries) < WRITERS * APPENDS:
            entries += await log.read(entries[-1] if entries else None, count=100, block=1_000)
        await log.close()

    work: list[Awaitable[None]] = [read(), *(write(number) for number in range(WRITERS))]
    async with asyncio.timeout(60):
        await asyncio.gather(*work)
    return appended


def count_early_answers(calls: list[Call], appended: dict[EntryId, bytes]) -> int:
    """How many writes to clients with an entry's ID or payload come before the entry's fsync has finished."""
    syncs = [index for index, call in enumerate(calls) if call.is_sync]
    early = 0
    for entry_id, payload in appended.items():
        words = (payload.decode(), format_id(entry_id))
        written = min(index for index, call in enumerate(calls) if call.is_append and words[0] in call.text)
        synced = min((index for index in syncs if index > written), default=len(calls))
        answers = [
            i for i, call in enumerate(calls) if call.is_reply and any(word in call.text for word in words)
        ]
        assert answers, f"nobody was told of {words}"
        early += sum(index < synced for index in answers)
    return early


def test_no_answer_comes_before_its_fsync(slow_server: TracedServer) -> None:
    appended = asyncio.run(append_and_read(slow_server.server.url))
    assert len(appended) == WRITERS * APPENDS
    slow_server.server.stop()
    assert count_early_answers(slow_server.read_calls(), appended) == 0


@pytest.mark.parametrize("slow_server", [{"appendfsync": "everysec"}], indirect=True)
def test_the_record_shows_answers_that_do(slow_server: TracedServer) -> None:
    appended = asyncio.run(append_and_read(slow_server.server.url, trust_server=True))
    slow_server.server.stop()
    assert count_early_answers(slow_server.read_calls(), appended) > 0


class Told(NamedTuple):
    """When a client was told of a bid, by the wall clock: by its reply, and by pushes to another member."""

    key: str
    replied: float
    pushed: float


async def bid_and_listen(url: str, tokens: SignedTokens) -> list[Told]:
    """Two members bid in turns; each bid's effect is awaited on the other's socket too."""
    members = ["ann", "bob"]
    async with Api(url) as api:
        await prepare_members(api, tokens, members, tier="gold", market="eu")
        [auction] = await prepare_auctions(api, tokens, 1, seconds=600)
        headers = [{"Authorization": f"Bearer {await tokens.get(member, 'member')}"} for member in members]
    told = []
    async with (
        asyncio.timeout(60),
        connect_socket(f"ws{url[4:]}/v1/socket", additional_headers=headers[0]) as one,
        connect_socket(f"ws{url[4:]}/v1/socket", additional_headers=headers[1]) as other,
    ):
        for socket in (one, other):
            await ask(socket, "subscribe", topics=[f"auction:{auction}"])
        for number in range(1, 7):
            bidder, listener = (one, other) if number % 2 else (other, one)
            key = f"slow-bid-{number}"
            listening = asyncio.create_task(wait_for_bid(listener, number))
            await ask(bidder, "auction.bid", auction=auction, maximum=number * 1_000, key=key)
            replied = time.time()
            told.append(Told(key, replied, await listening))
    return told


async def ask(socket: ClientConnection, method: str, **params: object) -> None:
    """Returns once the call has its reply, which must be a result."""
    await socket.send(
        msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).decode()
    )
    while "id" not in (message := msgspec.json.decode(await socket.recv())):
        pass
    assert "result" in message, message


async def wait_for_bid(socket: ClientConnection, number: int) -> float:
    """When the push came that shows bid ``number``."""
    while True:
        message = msgspec.json.decode(await socket.recv())
        if message["params"]["state"]["bids"] >= number:
            return time.time()


def test_no_bid_is_answered_or_shown_before_its_fsync(slow_server: TracedServer, tmp_path: Path) -> None:
    with Livelot(tmp_path, "gateway", ["--log-url", slow_server.server.url]) as livelot:
        told = asyncio.run(bid_and_listen(livelot.url, livelot.tokens))
    slow_server.server.stop()
    calls = slow_server.read_calls()
    for bid in told:
        written = next(index for index, call in enumerate(calls) if call.is_append and bid.key in call.text)
        synced = next(call for call in calls[written:] if call.is_sync)
        finished = synced.at + DELAY
        assert bid.replied >= finished
        assert bid.pushed >= finished
