"""What a gateway leaves to the garbage collector: nothing; and what the collector leaves alone."""

import asyncio
import gc
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import pytest
from websockets.frames import Frame, Opcode

from gateway.collector import LOOKS, spare_survivors, sparing_survivors
from gateway.minutes import Tally
from tests.gateway.harness import Eventually, OpenWorld, Run, World, connections, raw_socket


@pytest.fixture
def collector() -> Iterator[None]:
    """As it was before, afterwards."""
    callbacks, thresholds = list(gc.callbacks), gc.get_threshold()
    yield
    gc.callbacks[:] = callbacks
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Circle:
    """Points at itself."""

    def __init__(self) -> None:
        self.itself = self


def count_circles() -> int:
    return sum(type(one) is Circle for one in gc.get_objects())


def test_who_outlives_a_look_is_not_looked_at_again(collector: None) -> None:
    listeners = len(gc.callbacks)
    early = Circle()
    spare_survivors()
    spare_survivors()
    assert len(gc.callbacks) == listeners + 1
    assert gc.get_threshold()[2] == LOOKS
    late = Circle()
    frozen = gc.get_freeze_count()
    assert frozen > 1_000
    assert count_circles() == 1, "get_objects() tells of those that are looked at"
    del early, late
    gc.collect()
    assert count_circles() == 0
    assert gc.get_freeze_count() >= frozen - 1_000
    gc.unfreeze()
    assert count_circles() == 1, "the one that was spared"


def test_a_while_within_another_ends_with_it(collector: None) -> None:
    thresholds, listeners = gc.get_threshold(), len(gc.callbacks)
    first, second = sparing_survivors(), sparing_survivors()
    first.__enter__()
    second.__enter__()
    assert len(gc.callbacks) == listeners + 1
    for over in (first, second):
        over.__exit__(None, None, None)
        assert (gc.get_threshold(), len(gc.callbacks)) == (thresholds, listeners)


SERVERS = {"gateway", "httptools", "starlette", "uvicorn", "websockets"}
"""The packages whose objects make up a gateway's end of a connection; the clients here have none of them."""


def take_census() -> Counter[str]:
    """How many of a gateway's objects there are, by type."""
    kinds = (type(one) for one in gc.get_objects())
    # What is counted by the second is the gateway's own, whoever asks.
    owners = ((kind, str(kind.__module__)) for kind in kinds if kind is not Tally)
    return Counter(kind.__name__ for kind, owner in owners if owner.partition(".")[0] in SERVERS)


def call(method: str, **parameters: object) -> Frame:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
    return Frame(Opcode.TEXT, json.dumps(request).encode())


async def open_sockets(here: World) -> None:
    async with raw_socket(here, "m1") as polite, raw_socket(here, "m2") as rude:
        for socket in (polite, rude):
            await socket.send(call("subscribe", topics=["me", "auctions", "auction:a1"]))
            assert "result" in await socket.message()
        await rude.send(call("auction.bid", auction="a1", maximum=600))
        await polite.send(Frame(Opcode.CLOSE, b""))
        await polite.cut_off()
        rude.writer.transport.abort()


async def be_refused(here: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", here.port)
    writer.write(
        b"GET /v1/socket HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Origin: https://elsewhere.example\r\n\r\n"
    )
    assert b" 403 " in await reader.readuntil(b"\r\n")
    writer.close()


async def ask(here: World) -> None:
    for method, path, body in (
        ("GET", "/v1/auctions", None),
        ("GET", "/v1/auctions/none", None),
        ("POST", "/v1/auctions/a1/bids", {"maximum": 700}),
    ):
        assert (await here.ask("m1", "member", method, path, body)).status_code < 500


@pytest.mark.parametrize("act", [open_sockets, be_refused, ask])
def test_what_a_gateway_lets_go_of_is_freed_at_once(
    run: Run, world: OpenWorld, eventually: Eventually, act: Callable[[World], Awaitable[None]]
) -> None:
    async def body() -> None:
        async with world() as here:
            await here.open_auction("a1")
            for _ in range(2):
                await act(here)  # what is there from the first times on is no waste
            await eventually(lambda: not connections(here))
            gc.collect()
            before = take_census()
            await act(here)
            await eventually(lambda: not take_census() - before)

    gc.disable()
    try:
        run(body())
    finally:
        gc.enable()
