"""What does a bid cost the servers, end to end, beside what a user would otherwise build?

The same 50 sockets with 16 frames in flight each play the same bids against several servers in turn: a JSON
echo on the same web stack (the floor); what one would write, which is a gateway that runs each bid as one Lua
script in Valkey, or as a transaction with a row lock or one function in PostgreSQL (see peers/); and Livelot.
Counted is the CPU time of the serving processes, gateway and database together: it does not depend on who
else uses the disk, and the client's is not in it. All run side by side, measured in turns, and each figure is
the median of its rounds. Those that are slower play fewer bids a round.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import pytest
import uvloop
from redis.asyncio import Redis

from benchmarks.bidding import Bidders, Lot, Round
from benchmarks.livelot import Livelot
from benchmarks.peers import lua_gateway
from benchmarks.peers.socket_gateway import PROGRAM
from benchmarks.postgres import Missing, PostgreSQL
from benchmarks.results import choose_size, compare, leave_out, record, record_at_most
from benchmarks.servers import Server, find_free_port, read_family_cpu_seconds
from engine.embedded import EmbeddedServer
from loadtests.api import Api
from loadtests.preparation import gather_bounded, name_members, prepare_auctions, prepare_members
from loadtests.tokens import SignedTokens
from loadtests.verification import read_history

SOCKETS = choose_size(50, 6)
IN_FLIGHT = choose_size(16, 4)
LOTS = choose_size(1_000, 60)
BIDS = choose_size(30_000, 200)
LUA_BIDS = choose_size(4_000, 200)
SQL_BIDS = choose_size(1_000, 100)
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
        *,
        bids: int = BIDS,
        beside: dict[str, int] | None = None,
    ) -> None:
        """``processes`` serve the ``bids`` of a round, with all below them; ``beside`` are reported but do
        not count. ``read_rows`` gives an auction's history; None for an echo, which has none."""
        self.name = name
        self.bidders = bidders
        self.rates: list[float] = []
        self._lots = lots
        self._serving = tuple(processes)
        self._processes = {**processes, **(beside or {})}
        self._read_rows = read_rows
        self._bids = bids
        self._warm_up = bids // 4
        self._played: list[Round] = []
        self._costs: list[dict[str, float]] = []

    @property
    def cost(self) -> float:
        """What its serving processes use together, in µs of CPU a bid: the median of the rounds."""
        return median(sum(costs[name] for name in self._serving) for costs in self._costs)

    @property
    def cost_with_all(self) -> float:
        """The same with those processes that run beside."""
        return median(sum(costs.values()) for costs in self._costs)

    @property
    def costs(self) -> dict[str, float]:
        """The same for each process by itself."""
        return {name: median(costs[name] for costs in self._costs) for name in self._processes}

    async def warm_up(self) -> None:
        """Plays a round that is checked like any other, but not measured."""
        self._played.append(await self.bidders.play(self._lots, self._warm_up))

    async def play(self) -> None:
        """Plays and measures one round."""
        loop = asyncio.get_running_loop()
        before, began = self._read_cpu(), loop.time()
        self._played.append(await self.bidders.play(self._lots, self._bids))
        self.rates.append(self._bids / (loop.time() - began))
        after = self._read_cpu()
        self._costs.append({name: (after[name] - before[name]) / self._bids * 1e6 for name in after})

    def _read_cpu(self) -> dict[str, float]:
        return {name: read_family_cpu_seconds(process) for name, process in self._processes.items()}

    async def check(self) -> None:
        """Every bid was answered; every acknowledged one is in the history with its price, and nothing
        else is."""
        acknowledged = [bid for played in self._played for bid in played.acknowledged]
        total = self._warm_up + self._bids * ROUNDS
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
    tokens = SignedTokens(secret, PROGRAM)
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
                yield Contender("a Lua script a bid", processes, bidders, lots, read_rows, bids=LUA_BIDS)
                bidders.close()


@asynccontextmanager
async def open_sql(server: PostgreSQL, folder: Path, way: str, name: str) -> AsyncIterator[Contender]:
    """The SQL gateway on a database of its own; ``way`` is "rows" or "function"."""
    from benchmarks.peers import sql_gateway

    port, secret = find_free_port(), "a secret that only this benchmark knows"
    members, auctions = name_members("m", SOCKETS), name_members("a", LOTS)
    tokens = SignedTokens(secret, PROGRAM)
    address = await sql_gateway.make_database(server.address, way)
    await sql_gateway.set_stage(address, auctions, members, OPENING, POINTS, ends_at=2**52)
    options = ["--port", str(port), "--database", address, "--secret", secret, "--way", way]
    async with sql_gateway.open_pool(address) as pool:

        async def read_rows(auction: str) -> Rows:
            history = await sql_gateway.read_history(pool, auction)
            return {number: (price, member) for number, member, _, price in history}

        arguments = ["-m", "benchmarks.peers.sql_gateway", *options]
        with Server(arguments, port, folder / f"sql-{way}.log") as gateway:
            given = {member: await tokens.get(member, "member") for member in members}
            bidders = await Bidders.connect(port, given, IN_FLIGHT)
            lots = [Lot(auction, OPENING) for auction in auctions]
            processes = {"gateway": gateway.process.pid, "PostgreSQL": server.process}
            yield Contender(name, processes, bidders, lots, read_rows, bids=SQL_BIDS)
            bidders.close()


@asynccontextmanager
async def open_sql_peers(folder: Path) -> AsyncIterator[list[Contender]]:
    """Both ways of a bid in PostgreSQL; none where there is no PostgreSQL, and a line that says so."""
    names = {"rows": "a row lock in PostgreSQL", "function": "a function in PostgreSQL"}
    async with AsyncExitStack() as stack:
        peers: list[Contender] = []
        try:
            if find_spec("asyncpg") is None:
                raise Missing("there is no asyncpg (pip install asyncpg)")
            server = stack.enter_context(PostgreSQL(folder.parent))
            for way, name in names.items():
                peers.append(await stack.enter_async_context(open_sql(server, folder, way, name)))
        except Missing as missing:
            leave_out(f"end to end: PostgreSQL is left out: {missing}")
        yield peers


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
            yield Contender("Livelot", processes, bidders, lots, read_rows, beside=beside)
            bidders.close()


def record_figures(echo: Contender, lua: Contender, sql: list[Contender], livelot: Contender) -> None:
    """Adds what was measured to the run's table."""
    for contender in (echo, lua, *sql, livelot):
        if len(contender.costs) > 1:
            for process, cost in contender.costs.items():
                record(f"end to end: {contender.name}, {process}, CPU a bid", cost, "µs")
        record(f"end to end: {contender.name}, bids a second", median(contender.rates), "1/s")
    peers = {peer.name: peer.cost for peer in (lua, *sql)}
    limit = (echo.name, echo.cost)
    compare(
        "a bid end to end, CPU of gateway and log", livelot.cost, "µs", peers=peers, limit=limit, most=1.6
    )
    # The peers' databases do in their own processes what the keeper does for us: all of it counts there.
    everything = livelot.cost_with_all
    compare("a bid end to end, CPU of all servers", everything, "µs", peers=peers, limit=limit)
    record_at_most("end to end: Livelot / a Lua script a bid", livelot.cost / lua.cost, "×", 0.2)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_cost_of_a_bid_end_to_end(disk_folder: Path) -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            echo, lua = [
                await stack.enter_async_context(opening)
                for opening in (open_echo(disk_folder), open_lua(disk_folder))
            ]
            sql = await stack.enter_async_context(open_sql_peers(disk_folder))
            livelot = await stack.enter_async_context(open_livelot(disk_folder))
            contenders = [echo, lua, *sql, livelot]
            for contender in contenders:
                await contender.warm_up()
            for _ in range(ROUNDS):
                for contender in contenders:
                    await contender.play()
            for contender in contenders:
                await contender.check()
            record_figures(echo, lua, sql, livelot)

    uvloop.run(body())
