"""The gateway's clock beside ours."""

import asyncio
import time

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

from benchmarks.livelot import Livelot
from benchmarks.servers import find_free_port
from loadtests import clocks
from loadtests.api import Api
from loadtests.clocks import ROUNDED, Clock, Ping, judge_pings, measure_clock
from loadtests.wire import StormError
from loadtests.wording import THIN

HOUR = 3_600


def test_the_quickest_answer_counts() -> None:
    slow = Ping(sent=100.0, there=190.0, received=101.0)
    quick = Ping(sent=200.0, there=207.0 - ROUNDED, received=200.5)
    clock = judge_pings([slow, quick, slow])
    assert clock.ahead == pytest.approx(6.75)
    assert clock.error == pytest.approx(0.25 + ROUNDED)


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (Clock(2.5, 0.004), "The gateway's clock is 2.5 s ahead of this machine's, give or take 4 ms."),
        (Clock(-0.012, 0.001), "The gateway's clock is 12 ms behind this machine's, give or take 1 ms."),
        (Clock(-0.001, 0.0015), "The gateway's clock agrees with this machine's, to within 1.5 ms."),
    ],
)
def test_the_difference_is_told(clock: Clock, words: str) -> None:
    assert clock.words.replace(THIN, " ") == words


def measure(url: str) -> Clock:
    return asyncio.run(measure_clock(url))


def test_a_gateway_whose_clock_is_an_hour_ahead_is_found_out() -> None:
    async def answer(socket: ServerConnection) -> None:
        async for frame in socket:
            there = int((time.time() + HOUR) * 1000)
            call = msgspec.json.decode(frame)
            reply = {"jsonrpc": "2.0", "id": call["id"], "result": {"time": there}}
            await socket.send(msgspec.json.encode(reply), text=True)

    async def go() -> Clock:
        async with serve(answer, "127.0.0.1", 0, subprotocols=["livelot.v1"]) as server:
            port = server.sockets[0].getsockname()[1]
            return await measure_clock(f"ws://127.0.0.1:{port}/v1/socket")

    clock = asyncio.run(go())
    assert abs(clock.ahead - HOUR) <= clock.error
    before = time.time() + clock.ahead
    assert before <= clock.now() <= time.time() + clock.ahead


def test_a_gateway_on_this_machine_has_its_clock(livelot: Livelot) -> None:
    clock = measure(Api(livelot.url).socket_url)
    assert abs(clock.ahead) <= clock.error, "without a token"


def test_a_gateway_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "PATIENCE", 0)
    with pytest.raises(StormError, match=r"^ws://127.0.0.1:\d+/ does not tell its time: "):
        measure(f"ws://127.0.0.1:{find_free_port()}/")
