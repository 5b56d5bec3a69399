"""How much of a gateway's memory does a socket take that is subscribed and silent?

Ten thousand members, known beforehand, connect; each listens to one auction and to its own points and bids.
Memory is what the kernel counts as the process's own, before the first and after the last; the kernel's own
buffers are not in it. Afterwards the auction changes once and all of them have to hear of it.

Where a process may not open as many files, there are as many sockets as it may, and the figure's name says
how many.
"""

import asyncio
from pathlib import Path

import pytest
import uvloop

from benchmarks.auctioneer import Auctioneer
from benchmarks.audience import Audience, call
from benchmarks.livelot import Livelot
from benchmarks.results import choose_size, record, record_at_most
from benchmarks.servers import raise_open_files, read_cpu_seconds, read_resident_bytes
from benchmarks.sockets import open_socket
from loadtests.preparation import name_members

SOCKETS = choose_size(10_000, 20)
SILENCE = choose_size(10.0, 0.1)
"""For how long the gateway's CPU is looked at while nothing happens, in seconds."""

MOST = 40.0
"""kB a socket."""


async def admit_members(livelot: Livelot, members: list[str]) -> None:
    """Makes the members known. Asserts that none is refused."""
    socket = await open_socket(livelot.port)
    answers: list[bytes] = []
    finished = asyncio.Event()

    def take(_: object, payload: bytes) -> None:
        answers.append(payload)
        if len(answers) == len(members) + 1:
            finished.set()

    socket.on_frame = take
    socket.send(call("authenticate", {"token": await livelot.tokens.get("bench", "service")}))
    for member in members:
        socket.send(call("member.upsert", {"member": member, "tier": "gold", "market": "eu"}))
    async with asyncio.timeout(60):
        await finished.wait()
    socket.transport.abort()
    assert [answer for answer in answers if b'"result"' not in answer] == []


async def measure(livelot: Livelot, sockets: int) -> tuple[float, float]:
    """Bytes a socket; CPU seconds a second while nothing happens."""
    members = name_members("m", sockets)
    await admit_members(livelot, members)
    auctioneer = await Auctioneer.open(livelot)
    await auctioneer.change()
    audience = Audience()
    before = read_resident_bytes(livelot.gateway)
    try:
        tokens = [await livelot.tokens.get(member, "member") for member in members]
        await audience.subscribe(livelot.port, tokens, [auctioneer.topic, "me"])
        grown = read_resident_bytes(livelot.gateway) - before
        spent = await watch_silence(livelot)
        audience.take()
        await check(audience, auctioneer)
    finally:
        audience.close()
        auctioneer.close()
    return grown / sockets, spent


async def watch_silence(livelot: Livelot) -> float:
    """The gateway's CPU seconds a second while nothing happens; its pings are in them."""
    before = read_cpu_seconds(livelot.gateway)
    await asyncio.sleep(SILENCE)
    return (read_cpu_seconds(livelot.gateway) - before) / SILENCE


async def check(audience: Audience, auctioneer: Auctioneer) -> None:
    """Every socket hears of a change, once."""
    audience.expect(len(audience.sockets))
    price = await auctioneer.change()
    await audience.wait()
    heard = [[frame.payload for frame in own] for own in audience.take()]
    assert all(own == heard[0] for own in heard)
    [payload] = heard[0]
    assert b'"price":%d,' % price in payload


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_memory_of_idle_subscribers(disk_folder: Path) -> None:
    sockets = raise_open_files(SOCKETS)
    with Livelot(disk_folder) as livelot:
        grown, spent = uvloop.run(measure(livelot, sockets))
    label = f"{sockets:,}".replace(",", " ")
    record_at_most(f"idle: memory of the gateway a socket, {label} subscribed", grown / 1000, "kB", MOST)
    record(f"idle: the gateway's CPU with {label} silent sockets", spent * 100, "% of a core")
