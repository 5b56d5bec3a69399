"""Clients that are slow, rude or half gone: bounded, unnoticed by neighbours, and cut off in the end."""

import asyncio
import contextlib
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any

import pytest
from websockets.frames import Close, Frame, Opcode

from engine.commands import CreditPoints
from gateway import sockets
from gateway.session import Session
from gateway.sockets import Connection
from tests.gateway.harness import (
    ASK,
    PING,
    TEXT,
    Eventually,
    OpenWorld,
    Raw,
    Run,
    World,
    connection_of,
    connections,
    raw_socket,
)


def test_flooding_is_answered_then_ended(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with (
            world(limits={"calls_per_second": 10, "burst": 20}) as here,
            here.socket("m2") as neighbour,
        ):
            async with raw_socket(here) as raw:
                await raw.send(*[Frame(TEXT, ASK)] * 30)
                replies = [await raw.message() for _ in range(30)]
                assert sum("result" in reply for reply in replies) in range(20, 23)
                assert replies[-1]["error"]["data"]["code"] == "too_many_calls"
                flooding = connection_of(here, "m1")
                await raw.send(*[Frame(TEXT, ASK)] * 30)
                assert await raw.close_code() == 4003
                # What it goes on sending is not even read.
                assert not flooding.transport.is_reading()
            async with raw_socket(here, "m3") as raw:
                await raw.send(*[Frame(PING, b"")] * 100)
                assert await raw.close_code() == 4003
            assert "result" in await neighbour.call("me")

    run(body())


def test_too_many_in_flight_are_left_unread(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world(limits={"in_flight": 8, "calls_per_second": 0}) as here:
            await here.open_auction("a1")
            log = here.gateway.replica._log
            async with raw_socket(here) as raw:
                log.unavailable = True
                bids = [
                    Frame(
                        TEXT,
                        b'{"jsonrpc":"2.0","id":%d,"method":"auction.bid","params":{"auction":"a1","maximum":%d}}'
                        % (n, n),
                    )
                    for n in range(1_000, 3_000)
                ]
                sending = asyncio.create_task(raw.send(*bids))
                await eventually(lambda: here.gateway.metrics.in_flight == 8)
                [connection] = connections(here)
                assert connection._held
                assert len(connection._unread) <= 256 * 1024
                log.unavailable = False
                replies = [await raw.message() for _ in bids]
                await sending
                assert [reply["id"] for reply in replies] == list(range(1_000, 3_000))
                assert not connection._held
                assert connection._unread == b""
            assert len(here.gateway.replica.program.auctions["a1"].history) == sum(
                "result" in reply for reply in replies
            )

    run(body())


async def fall_behind(here: World, raw: Raw, neighbour: Any) -> tuple[Connection, int]:
    """Pushes to ``raw``, which is m1 and does not read, until some were skipped; returns both."""
    raw.stop_reading()
    stalled = connection_of(here, "m1")
    stalled.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_SNDBUF, 4_096)
    await raw.send(Frame(TEXT, b'{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"topics":["me"]}}'))
    await neighbour.call("subscribe", topics=["me"])
    points = 1_000_000
    async with asyncio.timeout(10):
        while here.gateway.hub.counts.skipped < 20:
            points += 1
            await asyncio.gather(*(here.apply(CreditPoints(member, 1)) for member in ("m1", "m2")))
            await neighbour.push("me", lambda state: state["available"] >= points)  # noqa: B023
            assert stalled.transport.get_write_buffer_size() <= 4_096 + 1_024
    return stalled, points


def test_a_client_that_reads_late_gets_the_latest(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits={"soft_backlog": 4_096}) as here:
            async with raw_socket(here, "m1", narrow=True) as late, here.socket("m2") as neighbour:
                stalled, points = await fall_behind(here, late, neighbour)
                late.writer.transport.resume_reading()  # type: ignore[attr-defined]
                message = await late.message()
                while message.get("params", {}).get("state", {}).get("available") != points:
                    message = await late.message()
                assert not stalled.gone.is_set()
                assert here.gateway.hub._lagging == {}

    run(body())


def test_a_client_that_never_reads(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    """Its backlog stays bounded, its neighbour hears everything, and in the end it is cut off."""

    async def body() -> None:
        limits = {"soft_backlog": 4_096, "ping_seconds": 0.5, "close_seconds": 0.2}
        async with world(limits=limits) as here:
            async with raw_socket(here, "m1", narrow=True) as stuck, here.socket("m2") as neighbour:
                stalled, _ = await fall_behind(here, stuck, neighbour)
                await eventually(stalled.gone.is_set)
                assert "result" in await neighbour.call("me")
                assert connections(here) == [connection_of(here, "m2")]

    run(body())


def test_a_client_that_asks_and_never_reads(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        limits = {"soft_backlog": 65_536, "ping_seconds": 0.5, "close_seconds": 0.2, "calls_per_second": 0}
        async with world(limits=limits) as here, here.socket("m2") as neighbour:
            for number in range(100):
                await here.open_auction(f"a{number}")
            async with raw_socket(here, "m1") as rude:
                rude.stop_reading()
                greedy = connection_of(here, "m1")
                ask = Frame(
                    TEXT, b'{"jsonrpc":"2.0","id":1,"method":"auction.list","params":{"limit":100}}'
                ).serialize(mask=True)
                highest = 0
                with contextlib.suppress(ConnectionError, TimeoutError):
                    async with asyncio.timeout(15):
                        while not greedy.gone.is_set():
                            rude.writer.write(ask * 10)
                            highest = max(highest, greedy.transport.get_write_buffer_size())
                            assert "result" in await neighbour.call("me")
                await eventually(greedy.gone.is_set)
                assert highest <= 2 * 1024 * 1024
            assert "result" in await neighbour.call("me")

    run(body())


@pytest.mark.parametrize(
    "goodbye", [Frame(Opcode.CLOSE, Close(1000, "").serialize()), None], ids=["close", "end"]
)
def test_a_client_that_leaves_without_taking_its_mail(
    run: Run, world: OpenWorld, eventually: Eventually, goodbye: Frame | None
) -> None:
    async def body() -> None:
        limits = {"soft_backlog": 4_096, "close_seconds": 0.1, "ping_seconds": 0.5}
        async with world(limits=limits) as here:
            async with raw_socket(here, "m1", narrow=True) as rude, here.socket("m2") as neighbour:
                stalled, _ = await fall_behind(here, rude, neighbour)
                if goodbye is None:
                    rude.writer.write_eof()
                else:
                    await rude.send(goodbye)
                await eventually(stalled.gone.is_set)

    run(body())


def test_half_a_frame_and_then_nothing(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world(limits={"ping_seconds": 0.1, "close_seconds": 0.1}) as here, raw_socket(here) as raw:
            await raw.send(Frame(TEXT, ASK).serialize(mask=True)[:12])
            assert await raw.close_code() == 4102
            await raw.cut_off()
            await eventually(lambda: not connections(here))

    run(body())


def test_a_busy_client_is_not_taken_for_a_dead_one(run: Run, world: OpenWorld) -> None:
    """While its calls wait for the log its pongs lie unread; that is not its fault."""

    async def body() -> None:
        async with world(limits={"ping_seconds": 0.05, "in_flight": 1}) as here:
            await here.open_auction("a1")
            log = here.gateway.replica._log
            async with here.socket("m1", ping_interval=None) as socket:
                log.unavailable = True
                waiting = asyncio.create_task(socket.call("auction.bid", auction="a1", maximum=600))
                await asyncio.sleep(0.5)
                log.unavailable = False
                assert "result" in await waiting
                await asyncio.sleep(0.2)
                assert "result" in await socket.call("me")

    run(body())


def test_who_has_much_to_say_takes_turns(run: Run, world: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that came in one piece are answered in order; a neighbour does not wait for the last one."""
    monkeypatch.setattr(sockets, "SLICE_SECONDS", 0.0)
    heard: list[str] = []
    receive = Session.receive

    def note(session: Session, payload: bytes, now: int) -> None:
        assert session.caller is not None
        heard.append(session.caller.actor)
        receive(session, payload, now)

    monkeypatch.setattr(Session, "receive", note)

    async def body() -> None:
        async with world(limits={"calls_per_second": 0}) as here, here.socket("m2") as neighbour:
            async with raw_socket(here) as raw:
                pieces = [b'{"jsonrpc":"2.0","id":%d,"method":"ping"}' % number for number in range(500)]
                await raw.send(*(Frame(TEXT, piece) for piece in pieces))
                assert "result" in await neighbour.call("ping")
                assert [(await raw.message())["id"] for _ in pieces] == list(range(500))
            assert heard.index("m2") < 490
            assert len(heard) == 501

    run(body())
