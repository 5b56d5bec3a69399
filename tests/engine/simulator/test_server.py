"""Connections of a simulation: what is lost, repeated and late on them, and what arrives all the same."""

import asyncio
from random import Random

import pytest

from engine.log.contract import LogUnavailable
from engine.simulator.clock import BEGIN, Clock, Time
from engine.simulator.loop import run
from engine.simulator.server import Connection, Server, Weather


def connect(weather: Weather) -> tuple[Server, Connection]:
    server = Server(Clock(Time()))
    return server, Connection(server, Random(1), weather)


async def payloads(server: Server) -> list[bytes]:
    return [entry.payload for entry in await server.log.range((0, 0), (2**63, 0), count=99)]


def test_a_lost_request_does_not_arrive_and_a_lost_reply_does() -> None:
    async def body() -> None:
        for weather, arrived in (
            (Weather(requests_lost=1.0), []),
            (Weather(replies_lost=1.0), [b"x"]),
        ):
            server, connection = connect(weather)
            with pytest.raises(LogUnavailable):
                await connection.append(b"x")
            assert await payloads(server) == arrived

    run(body())


def test_a_repeated_append_arrives_twice() -> None:
    async def body() -> None:
        server, connection = connect(Weather(appends_repeated=1.0))
        assert await connection.append(b"x") == (BEGIN, 0)
        assert await payloads(server) == [b"x", b"x"]

    run(body())


def test_what_a_killed_process_sent_arrives() -> None:
    async def body() -> None:
        server, connection = connect(Weather())
        sending = asyncio.create_task(connection.append(b"x"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sending.cancel()
        await asyncio.sleep(1)
        assert await payloads(server) == [b"x"]

    run(body())


def test_a_stalled_connection_goes_on_where_it_was() -> None:
    async def body() -> None:
        server, connection = connect(Weather(latency=2.0))
        connection.stalled.clear()
        sending = asyncio.create_task(connection.append(b"x"))
        await asyncio.sleep(100)
        assert await payloads(server) == []
        connection.stalled.set()
        await sending
        assert await payloads(server) == [b"x"]

    run(body())


def test_a_lease_is_one_process_at_a_time_unless_everybody_gets_it() -> None:
    async def body() -> None:
        server, connection = connect(Weather())
        assert await connection.take_lease("lease", b"a", ttl=1_000)
        assert not await connection.take_lease("lease", b"b", ttl=1_000)
        server.lease_for_all = True
        assert await connection.take_lease("lease", b"b", ttl=1_000)

    run(body())
