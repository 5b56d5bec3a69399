"""How does the cost of a delivery grow with the sockets that listen to one auction?

The audience grows tenfold again and again, on one gateway. Counted is the gateway's CPU for a state, less
what a bid costs it that nobody hears of, divided by the sockets. The exponent is that of bench_growth.py: 0
where a delivery costs the same however many there are.
"""

import asyncio
from pathlib import Path
from statistics import median

import pytest
import uvloop

from benchmarks.auctioneer import Auctioneer
from benchmarks.audience import Audience
from benchmarks.bench_growth import fit_exponent
from benchmarks.livelot import Livelot
from benchmarks.results import choose_size, record
from benchmarks.servers import raise_open_files, read_cpu_seconds
from loadtests.preparation import name_members

SIZES = choose_size((100, 1_000, 10_000), (5, 20))
STATES = choose_size(10, 2)
ROUNDS = choose_size(2, 1)
PAUSE = 0.06
"""Seconds from one bid to the next at least: Livelot sends an auction's state at most 20 times a second."""


async def play(livelot: Livelot, audience: Audience, auctioneer: Auctioneer, listening: int) -> float:
    """The gateway's CPU seconds for a change that ``listening`` sockets hear of. Asserts that all heard of
    all."""
    loop = asyncio.get_running_loop()
    prices: list[int] = []
    before = read_cpu_seconds(livelot.gateway)
    for _ in range(STATES):
        due = loop.time() + PAUSE
        audience.expect(listening)
        prices.append(await auctioneer.change())
        if listening:
            await audience.wait()
        await asyncio.sleep(due - loop.time())
    spent = read_cpu_seconds(livelot.gateway) - before
    for heard in audience.take():
        told = [b'"price":%d,' % price in frame.payload for price, frame in zip(prices, heard, strict=False)]
        assert told == [True] * (STATES if listening else 0)
    return spent / STATES


async def measure(livelot: Livelot, sizes: list[int]) -> dict[int, float]:
    """CPU seconds a delivery, by the number of sockets."""
    watched, other = await Auctioneer.open(livelot), await Auctioneer.open(livelot)
    tokens = [await livelot.tokens.get(member, "member") for member in name_members("m", sizes[-1])]
    audience = Audience()
    costs = {}
    try:
        for size in sizes:
            await audience.subscribe(livelot.port, tokens[len(audience.sockets) : size], [watched.topic])
            heard, unheard = [], []
            for _ in range(ROUNDS):
                heard.append(await play(livelot, audience, watched, size))
                unheard.append(await play(livelot, audience, other, 0))
            costs[size] = (median(heard) - median(unheard)) / size
    finally:
        audience.close()
        watched.close()
        other.close()
    return costs


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_growth_of_a_delivery(disk_folder: Path) -> None:
    possible = raise_open_files(SIZES[-1])
    sizes = [size for size in SIZES if size < possible] + [possible]
    with Livelot(disk_folder) as livelot:
        costs = uvloop.run(measure(livelot, sizes))
    least, most = (f"{size:,}".replace(",", " ") for size in (sizes[0], sizes[-1]))
    if min(costs.values()) > 0:  # in a small run it is lost in the noise
        exponent = fit_exponent(tuple(sizes), [*costs.values()])
        record(f"growth: a delivery, {least} to {most} sockets", exponent, "exponent")
    for size, cost in costs.items():
        record(f"growth: a delivery to one of {size:,} sockets".replace(",", " "), cost * 1e6, "µs")
