"""How much later do a hundred sockets hear of an auction because one more listens and never reads?

The auction changes 16 times a second. In turns nobody is stalled, and one socket is: it listens to the same
auction, has a backlog that its network does not take, and is skipped push after push, which the gateway's
metrics have to confirm. A push's delay counts from the bid's sending, disk and all, so the same is in both.
Beside it, a loop of Starlette's is given the same: a write that waits makes everybody wait.
"""

import asyncio
import re
import time
from pathlib import Path

import httpx
import numpy as np
import uvloop

from benchmarks.auctioneer import Auctioneer
from benchmarks.audience import Audience, call
from benchmarks.livelot import Livelot
from benchmarks.results import choose_size, compare, record, record_at_most
from benchmarks.servers import Server, find_free_port
from benchmarks.sockets import Socket, open_socket
from loadtests.preparation import name_members

NEIGHBOURS = choose_size(100, 5)
PEERS_NEIGHBOURS = choose_size(10, 2)
PUSHES = choose_size(60, 3)
"""In one round."""

ROUNDS = choose_size(3, 1)
PAUSE = choose_size(0.06, 0.051)
CALLS = 1_000
"""Calls that a stalled socket sends at once, without reading the answers."""

MOST = 50.0
"""ms."""

PATIENCE = choose_size(3.0, 0.5)
"""For how long the peer's neighbours may hear nothing, in seconds: then it is given up."""


async def open_stalled(port: int) -> Socket:
    """A socket that will read no more: its kernel still takes what fits into the buffer of a connection."""
    stalled = await open_socket(port)
    stalled.transport.pause_reading()
    return stalled


async def count_skipped(livelot: Livelot) -> int:
    """The pushes that slow listeners have missed so far."""
    async with httpx.AsyncClient(trust_env=False) as client:
        metrics = (await client.get(f"{livelot.url}/metrics")).text
    found = re.search(r"^livelot_pushes_skipped_total ([\d.e+]+)$", metrics, re.MULTILINE)
    assert found is not None
    return int(float(found[1]))


async def stall(livelot: Livelot, auctioneer: Auctioneer) -> Socket:
    """A socket that listens to the auction and is stalled: it asks and asks, and reads no answers."""
    stalled = await open_stalled(livelot.port)
    token = await livelot.tokens.get("stalled", "service")
    stalled.send(call("authenticate", {"token": token}))
    stalled.send(call("subscribe", {"topics": [auctioneer.topic]}))
    before = await count_skipped(livelot)
    async with asyncio.timeout(20):
        while await count_skipped(livelot) == before:
            for _ in range(CALLS):
                stalled.send(call("auction.get", {"auction": auctioneer.auction}))
            await asyncio.sleep(PAUSE)
            await auctioneer.change()
    return stalled


async def measure_delays(audience: Audience, auctioneer: Auctioneer) -> list[float]:
    """How late (ms) each neighbour heard of each change. Asserts that every one heard of all."""
    await asyncio.sleep(PAUSE)
    audience.take()
    delays: list[float] = []
    for _ in range(PUSHES):
        due = time.perf_counter() + PAUSE
        audience.expect(NEIGHBOURS)
        sent = time.perf_counter()
        price = await auctioneer.change()
        await audience.wait()
        for [heard] in audience.take():
            assert b'"price":%d,' % price in heard.payload
            delays.append((heard.at - sent) * 1e3)
        await asyncio.sleep(due - time.perf_counter())
    return delays


async def measure_livelot(folder: Path) -> tuple[list[float], list[float]]:
    """All delays without a stalled socket, and with one."""
    alone: list[float] = []
    beside: list[float] = []
    with Livelot(folder) as livelot:
        auctioneer = await Auctioneer.open(livelot)
        audience = Audience()
        try:
            members = name_members("m", NEIGHBOURS)
            tokens = [await livelot.tokens.get(member, "member") for member in members]
            await audience.subscribe(livelot.port, tokens, [auctioneer.topic])
            for _ in range(ROUNDS):
                alone += await measure_delays(audience, auctioneer)
                stalled = await stall(livelot, auctioneer)
                before = await count_skipped(livelot)
                beside += await measure_delays(audience, auctioneer)
                assert await count_skipped(livelot) >= before + PUSHES
                stalled.transport.abort()
        finally:
            audience.close()
            auctioneer.close()
    return alone, beside


async def measure_peer(folder: Path) -> float:
    """How late (ms) the peer's neighbours heard, at last, or ``PATIENCE``."""
    port = find_free_port()
    arguments = ["-m", "benchmarks.peers.starlette_loop", "--port", str(port)]
    with Server(arguments, port, folder / "starlette.log") as server:
        stalled = await open_stalled(server.port)
        audience = Audience()
        try:
            await audience.connect(port, PEERS_NEIGHBOURS)
            state, longest = b"s" * 60_000, 0.0
            for _ in range(100):
                audience.expect(PEERS_NEIGHBOURS)
                sent = time.perf_counter()
                audience.sockets[0].send(state)
                try:
                    async with asyncio.timeout(PATIENCE):
                        await audience.wait()
                except TimeoutError:
                    return PATIENCE * 1e3
                longest = max(longest, (time.perf_counter() - sent) * 1e3)
        finally:
            audience.close()
            stalled.transport.abort()
            server.process.kill()  # it is held up, and would not end by being asked
    return longest


def test_neighbours_of_a_stalled_socket(disk_folder: Path) -> None:
    alone, beside = uvloop.run(measure_livelot(disk_folder))
    peer = uvloop.run(measure_peer(disk_folder))
    assert len(alone) == len(beside) == ROUNDS * PUSHES * NEIGHBOURS
    assert peer == PATIENCE * 1e3, "the peer was to be held up; else it is no comparison"
    name = "stalled: bid to push"
    for label, delays in (("nobody stalled", alone), ("one stalled", beside)):
        record(f"{name}, {label}, p50", float(np.percentile(delays, 50)), "ms")
        record(f"{name}, {label}, p99", float(np.percentile(delays, 99)), "ms")
        record(f"{name}, {label}, longest", max(delays), "ms")
    later = float(np.percentile(beside, 99) - np.percentile(alone, 99))
    record_at_most("stalled: neighbours' p99 is later by", later, "ms", MOST)
    record_at_most("stalled: neighbours' longest is later by", max(beside) - max(alone), "ms", MOST)
    compare(
        "stalled: the longest that a neighbour waits",
        max(beside),
        "ms",
        peers={f"Starlette, a loop: given up after {PATIENCE:g} s": peer},
    )
