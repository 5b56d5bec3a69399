"""What does a second gateway bring: how much of a gateway's work is done again by every replica?

Two gateways serve one program. In turns all bids go to the first one, while the second merely applies them as
every replica does, and half of them go to each. What the second one spends while it serves nobody is the work
that is repeated; the rest of what the first one spends is divided among however many there are. Bids are
those of bench_end_to_end.py; counted is CPU time, since two cores that also hold clients, Valkey and a keeper
say little of how fast two gateways would be on cores of their own. Afterwards both must tell the same history
of every auction.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest
import uvloop

from benchmarks.bidding import Acknowledged, Bidders, Lot
from benchmarks.livelot import Livelot
from benchmarks.results import choose_size, record
from benchmarks.servers import read_cpu_seconds
from loadtests.api import Api
from loadtests.preparation import gather_bounded, name_members, prepare_auctions, prepare_members
from loadtests.verification import read_history

SOCKETS = choose_size(50, 6)
IN_FLIGHT = choose_size(16, 4)
LOTS = choose_size(1_000, 60)
WARM_UP = choose_size(5_000, 50)
BIDS = choose_size(15_000, 100)
ROUNDS = choose_size(3, 1)
POINTS = 10**11

Costs = dict[str, float]
"""CPU in µs a bid, by process."""


class Played(NamedTuple):
    """One round: what it cost, and bids a second."""

    costs: Costs
    rate: float


class Pair:
    """Both gateways, with as many sockets on each as on one alone, and what was played."""

    def __init__(self, processes: dict[str, int], first: Bidders, second: Bidders, lots: list[Lot]) -> None:
        self.acknowledged: list[Acknowledged] = []
        self.lots = lots
        self._processes = processes
        self._one = first
        half = SOCKETS // 2
        shared = [*first.sockets.items()][:half] + [*second.sockets.items()][half:]
        self._both = Bidders(dict(shared), IN_FLIGHT)

    async def play(self, bids: int, *, both: bool) -> Played:
        """Plays a round over the first gateway, or over both."""
        loop = asyncio.get_running_loop()
        before, began = self._read_cpu(), loop.time()
        played = await (self._both if both else self._one).play(self.lots, bids)
        rate = bids / (loop.time() - began)
        after = self._read_cpu()
        assert not played.refused
        self.acknowledged += played.acknowledged
        return Played({name: (after[name] - before[name]) / bids * 1e6 for name in after}, rate)

    def _read_cpu(self) -> dict[str, float]:
        return {name: read_cpu_seconds(process) for name, process in self._processes.items()}


@asynccontextmanager
async def open_pair(first: Livelot, second: Livelot) -> AsyncIterator[Pair]:
    """Members, auctions, and sockets on both gateways. Each is a service's, as in bench_end_to_end.py."""
    members = name_members("m", SOCKETS)
    tokens = first.tokens
    async with Api(first.url) as api:
        await prepare_members(api, tokens, members, tier="gold", market="eu", points=POINTS)
        auctions = await prepare_auctions(api, tokens, LOTS, seconds=3600)
    given = {member: await tokens.get(f"for-{member}", "service") for member in members}
    one = await Bidders.connect(first.port, given, IN_FLIGHT)
    other = await Bidders.connect(second.port, given, IN_FLIGHT)
    processes = {
        "first": first.gateway,
        "second": second.process.pid,
        "Valkey": first.valkey,
        "keeper": first.keeper,
    }
    try:
        yield Pair(processes, one, other, [Lot(auction, 500) for auction in auctions])
    finally:
        one.close()
        other.close()


async def check(pair: Pair, *gateways: Livelot) -> None:
    """Both gateways tell the same histories, and what was acknowledged is in them."""
    names = [lot.auction for lot in pair.lots]
    token = await gateways[0].tokens.get("reader", "service")
    async with Api(gateways[0].url) as first, Api(gateways[1].url) as second:
        position = (await first.get(f"/v1/auctions/{names[0]}", token)).position
        own = await gather_bounded(read_history(first, token, name) for name in names)
        other = await gather_bounded(read_history(second, token, name, position) for name in names)
    assert own == other
    histories = {name: {bid.number: bid.price for bid in bids} for name, bids in zip(names, own, strict=True)}
    assert sum(map(len, histories.values())) == len(pair.acknowledged) == 2 * (WARM_UP + ROUNDS * BIDS)
    assert all(histories[bid.auction][bid.number] == bid.price for bid in pair.acknowledged)


async def measure(first: Livelot, second: Livelot) -> tuple[list[Played], list[Played]]:
    """The rounds over one gateway, and those over both."""
    one: list[Played] = []
    two: list[Played] = []
    async with open_pair(first, second) as pair:
        await pair.play(WARM_UP, both=False)
        await pair.play(WARM_UP, both=True)
        for _ in range(ROUNDS):
            one.append(await pair.play(BIDS, both=False))
            two.append(await pair.play(BIDS, both=True))
        await check(pair, first, second)
    return one, two


def take_median(rounds: list[Played]) -> Played:
    """Each figure's median."""
    costs = {name: median(played.costs[name] for played in rounds) for name in rounds[0].costs}
    return Played(costs, median(played.rate for played in rounds))


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_two_gateways(disk_folder: Path) -> None:
    with Livelot(disk_folder) as first, Livelot(disk_folder, "gateway", log="second.log") as second:
        one, two = map(take_median, uvloop.run(measure(first, second)))
    serving, repeated = one.costs["first"], one.costs["second"]
    busiest = max(two.costs["first"], two.costs["second"])
    record("two gateways: CPU a bid of the one that serves all", serving, "µs")
    record("two gateways: CPU a bid of the one that serves none", repeated, "µs")
    record("two gateways: share of the work that every replica repeats", repeated / serving * 100, "%")
    record("two gateways: CPU a bid of the busier one, each serving half", busiest, "µs")
    record("two gateways: bids for a gateway's CPU second, two to one", serving / busiest, "×")
    record("two gateways: CPU of both together, two to one", _both(two) / serving, "×")
    record("two gateways: CPU a bid of Valkey, two to one", two.costs["Valkey"] / one.costs["Valkey"], "×")
    record("two gateways: bids a second on this machine, over one", one.rate, "1/s")
    record("two gateways: bids a second on this machine, over both", two.rate, "1/s")


def _both(played: Played) -> float:
    return played.costs["first"] + played.costs["second"]
