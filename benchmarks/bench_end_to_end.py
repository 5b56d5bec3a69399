"""What does a bid cost the servers, end to end, beside what a user would otherwise build?

The same 50 sockets with 16 frames in flight each play the same bids against three servers in turn: a JSON
echo on the same web stack (the floor), a gateway that runs each bid as one Lua script (what one would write),
and Livelot. Counted is the CPU time of the serving processes, gateway and Valkey together: it does not depend
on who else uses the disk, and the client's is not in it. All three run side by side, measured in turns, and
each figure is the median of its rounds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import pytest
import uvloop
from redis.asyncio import Redis

from benchmarks.bidding import Bidders, Lot, Round
from benchmarks.livelot import Livelot
from benchmarks.peers import lua_gateway
from benchmarks.results import choose_size, record, record_at_most
from benchmarks.servers import Server, find_free_port, read_cpu_seconds
from engine.embedded import EmbeddedServer
from loadtests.api import Api
from loadtests.preparation import gather_bounded, name_members, prepare_auctions, prepare_members
from loadtests.tokens import SignedTokens
from loadtests.verification import read_history

SOCKETS = choose_size(50, 6)
IN_FLIGHT = choose_size(16, 4)
LOTS = choose_size(1_000, 60)
WARM_UP = choose_size(5_000, 50)
BIDS = choose_size(40_000, 200)
ROUNDS = choose_size(5, 1)
OPENING = 500
POINTS = 10**11

Rows = dict[int, tuple[int, str]]
"""A history as a server tells it: by number, the price after the bid, and who bid (empty where it does not
tell)."""


class Contender:
    """One of the servers: its processes, its sockets, and what its rounds cost."""

    def __init__(
        self,
        name: str,
        processes: dict[str, int],
        bidders: Bidders,
        lots: list[Lot],
        read_rows: Callable[[str], Awaitable[Rows]] | None = None,
        beside: dict[str, int] | None = None,
    ) -> None:
        """``processes`` serve the bids, ``beside`` are reported but do not count. ``read_rows`` gives an
        auction's history; None for an echo, which has none."""
        self.name = name
        self.bidders = bidders
        self.rates: list[float] = []
        self._lots = lots
        self._serving = tuple(processes)
        self._processes = {**processes, **(beside or {})}
        self._read_rows = read_rows
        self._played: list[Round] = []
        self._costs: list[dict[str, float]] = []

    @property
    def cost(self) -> float:
        """What its serving processes use together, in µs of CPU a bid: the median of the rounds."""
        return median(sum(costs[name] for name in self._serving) for costs in self._costs)

    @property
    def costs(self) -> dict[str, float]:
        """The same for each process by itself."""
        return {name: median(costs[name] for costs in self._costs) for name in self._processes}

    async def warm_up(self) -> None:
        """Plays a round that is checked like any other, but not measured."""
        self._played.append(await self.bidders.play(self._lots, WARM_UP))

    async def play(self) -> None:
        """Plays and measures one round."""
        loop = asyncio.get_running_loop()
        before, began = self._read_cpu(), loop.time()
        self._played.append(await self.bidders.play(self._lots, BIDS))
        self.rates.append(BIDS / (loop.time() - began))
        after = self._read_cpu()
        self._costs.append({name: (after[name] - before[name]) / BIDS * 1e6 for name in after})

    def _read_cpu(self) -> dict[str, float]:
        return {name: read_cpu_seconds(process) for name, process in self._processes.items()}

    async def check(self) -> None:
        """Every bid was answered; every acknowledged one is in the history with its price, and nothing
        else is."""
        acknowledged = [bid for played in self._played for bid in played.acknowledged]
        total = WARM_UP + BIDS * ROUNDS
        if self._read_rows is None:
            assert sum(played.echoed for played in self._played) == total
            return
        refused = [played.refused for played in self._played if played.refused]
        assert not refused
        assert len(acknowledged) == total
        rows = dict(zip(self._names, await gather_bounded(map(self._read_rows, self._names)), strict=True))
        assert sum(map(len, rows.values())) == total
        for bid in acknowledged:
            price, member = rows[bid.auction][bid.number]
            assert (price, member or bid.member) == (bid.price, bid.member)

    @property
    def _names(self) -> list[str]:
        return [lot.auction for lot in self._lots]


@asynccontextmanager
async def open_echo(folder: Path) -> AsyncIterator[Contender]:
    """The floor."""
    port = find_free_port()
    with Server(["-m", "benchmarks.peers.echo", "--port", str(port)], port, folder / "echo.log") as server:
        bidders = await Bidders.connect(port, dict.fromkeys(name_members("m", SOCKETS), "-"), IN_FLIGHT)
        lots = [Lot(auction, OPENING) for auction in name_members("a", LOTS)]
        yield Contender("JSON echo", {"gateway": server.process.pid}, bidders, lots)
        bidders.close()


@asynccontextmanager
async def open_lua(folder: Path) -> AsyncIterator[Contender]:
    """The Lua gateway on a Valkey server of its own, with the settings of Livelot's."""
    port, secret = find_free_port(), "a secret that only this benchmark knows"
    members, auctions = name_members("m", SOCKETS), name_members("a", LOTS)
    tokens = SignedTokens(secret, lua_gateway.PROGRAM)
    with EmbeddedServer(folder / "valkey") as valkey:
        assert valkey.process is not None
        options = ["--port", str(port), "--valkey", valkey.url, "--secret", secret]
        async with Redis.from_url(valkey.url) as client:
            await lua_gateway.set_stage(client, auctions, members, OPENING, POINTS, ends_at=2**52)

            async def read_rows(auction: str) -> Rows:
                history = await lua_gateway.read_history(client, auction)
                return {number: (price, member) for number, member, _, price, _ in history}

            arguments = ["-m", "benchmarks.peers.lua_gateway", *options]
            with Server(arguments, port, folder / "lua.log") as server:
                given = {member: await tokens.get(member, "member") for member in members}
                bidders = await Bidders.connect(port, given, IN_FLIGHT)
                lots = [Lot(auction, OPENING) for auction in auctions]
                processes = {"gateway": server.process.pid, "Valkey": valkey.process.pid}
                yield Contender("a Lua script a bid", processes, bidders, lots, read_rows)
                bidders.close()


@asynccontextmanager
async def open_livelot(folder: Path) -> AsyncIterator[Contender]:
    """Livelot. Each socket is a service's that bids for one member: members may make 100 calls a second."""
    members = name_members("m", SOCKETS)
    with Livelot(folder) as livelot:
        tokens = livelot.tokens
        async with Api(livelot.url) as api:
            await prepare_members(api, tokens, members, tier="gold", market="eu", points=POINTS)
            auctions = await prepare_auctions(api, tokens, LOTS, seconds=3600, opening=OPENING)
            reader = await tokens.get("reader", "service")

            async def read_rows(auction: str) -> Rows:
                return {bid.number: (bid.price, "") for bid in await read_history(api, reader, auction)}

            given = {member: await tokens.get(f"for-{member}", "service") for member in members}
            bidders = await Bidders.connect(livelot.port, given, IN_FLIGHT)
            lots = [Lot(auction, OPENING) for auction in auctions]
            processes = {"gateway": livelot.gateway, "Valkey": livelot.valkey}
            beside = {"keeper": livelot.keeper}
            yield Contender("Livelot", processes, bidders, lots, read_rows, beside)
            bidders.close()


def record_figures(echo: Contender, lua: Contender, livelot: Contender) -> None:
    """Adds what was measured to the run's table."""
    for contender in (echo, lua, livelot):
        record(f"end to end: {contender.name}, server CPU a bid", contender.cost, "µs")
        if len(contender.costs) > 1:
            for process, cost in contender.costs.items():
                record(f"end to end: {contender.name}, {process}", cost, "µs")
        record(f"end to end: {contender.name}, bids a second", median(contender.rates), "1/s")
    record_at_most("end to end: Livelot / JSON echo", livelot.cost / echo.cost, "×", 2.0)
    record_at_most("end to end: Livelot / a Lua script a bid", livelot.cost / lua.cost, "×", 0.2)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_cost_of_a_bid_end_to_end(disk_folder: Path) -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            openings = (open_echo(disk_folder), open_lua(disk_folder), open_livelot(disk_folder))
            contenders = [await stack.enter_async_context(opening) for opening in openings]
            for contender in contenders:
                await contender.warm_up()
            for _ in range(ROUNDS):
                for contender in contenders:
                    await contender.play()
            for contender in contenders:
                await contender.check()
            record_figures(*contenders)

    uvloop.run(body())
