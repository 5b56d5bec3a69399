"""What does it cost a server to deliver one state to a thousand sockets, beside what a user would otherwise
build?

An auction changes 16 times a second and all sockets hear of it; the others are given the very states that
Livelot pushed, at the same pace, and send them on: a loop of Starlette's, websockets' `broadcast`, npm's ws,
Socket.IO. The limit is a frame, made once, that is written to every transport, with nothing around it; `send`
without an event loop stands beside it.

Counted is the CPU time of the serving processes, of Livelot's gateway and Valkey together: the readers are
another process. The others' states come from a client and Livelot's from a bid, so the bid is taken off: what
as many bids cost on an auction that nobody listens to, in the same rounds. All servers take turns in one run,
what the sockets heard is compared, and each figure is the median of the rounds.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec
import pytest
import uvloop

from benchmarks.auctioneer import Auctioneer, Push
from benchmarks.audience import Audience, Heard
from benchmarks.livelot import Livelot
from benchmarks.node_packages import PackagesMissing, find_packages
from benchmarks.results import choose_size, compare, record, record_at_most
from benchmarks.servers import Server, find_free_port, read_cpu_seconds
from benchmarks.sockets import Socket
from loadtests.preparation import name_members

SOCKETS = choose_size(1_000, 20)
STATES = choose_size(15, 2)
"""States that a round publishes."""

ROUNDS = choose_size(5, 1)
PAUSE = 0.06
"""Seconds from one state to the next: Livelot sends an auction's at most 20 times a second."""

MOST = 1.3
"""How many times the limit a delivery may cost."""

Publish = Callable[[bytes], Awaitable[None]]


class Contender:
    """One of the servers, its audience, and what its rounds cost."""

    def __init__(self, name: str, processes: list[int], audience: Audience, publish: Publish) -> None:
        """``processes`` are those whose CPU counts; ``publish`` has a state sent to all."""
        self.name = name
        self._processes = processes
        self._audience = audience
        self._publish = publish
        self._costs: list[float] = []

    @property
    def cost(self) -> float:
        """CPU in µs a delivery: the median of the rounds."""
        return median(self._costs) * 1e6

    async def play(self, states: list[bytes]) -> list[bytes]:
        """Publishes the states one by one and returns what the sockets heard: one frame a state, the same on
        all of them."""
        loop = asyncio.get_running_loop()
        before = self._read_cpu()
        for state in states:
            due = loop.time() + PAUSE
            self._audience.expect(SOCKETS)
            await self._publish(state)
            await self._audience.wait()
            await asyncio.sleep(due - loop.time())
        self._costs.append((self._read_cpu() - before) / (len(states) * SOCKETS))
        heard = [[frame.payload for frame in own] for own in self._audience.take()]
        assert len(heard) == SOCKETS
        assert all(own == heard[0] for own in heard)
        return heard[0]

    def forget_costs(self) -> None:
        """The rounds so far were to warm up."""
        self._costs.clear()

    def _read_cpu(self) -> float:
        return sum(map(read_cpu_seconds, self._processes))


class LivelotContender(Contender):
    """Livelot: a state is an auction's, after one bid more."""

    def __init__(self, livelot: Livelot, audience: Audience, watched: Auctioneer, other: Auctioneer) -> None:
        """Nobody listens to the ``other`` auction."""
        super().__init__("Livelot", [livelot.gateway, livelot.valkey], audience, self._bid)
        self._watched = watched
        self._other = other
        self._prices: list[int] = []
        self._unheard: list[float] = []

    @property
    def bid_cost(self) -> float:
        """CPU in µs of a bid that nobody hears of: the median of the rounds."""
        return median(self._unheard) * 1e6

    @property
    def cost(self) -> float:
        """CPU in µs a delivery, without the bid that made the state."""
        return super().cost - self.bid_cost / SOCKETS

    @property
    def whole_cost(self) -> float:
        """The same with the bid."""
        return super().cost

    async def play(self, states: list[bytes]) -> list[bytes]:
        """Plays as many states as there are in ``states``; checks that they are those that the bids made."""
        self._prices.clear()
        heard = await super().play(states)
        pushed = [msgspec.json.decode(payload, type=Push).params.state for payload in heard]
        assert [state.price for state in pushed] == self._prices
        assert {state.id for state in pushed} == {self._watched.auction}
        await self._play_unheard(len(states))
        return heard

    def forget_costs(self) -> None:
        """The rounds so far were to warm up."""
        super().forget_costs()
        self._unheard.clear()

    async def _play_unheard(self, bids: int) -> None:
        loop = asyncio.get_running_loop()
        before = self._read_cpu()
        for _ in range(bids):
            due = loop.time() + PAUSE
            await self._other.change()
            await asyncio.sleep(due - loop.time())
        self._unheard.append((self._read_cpu() - before) / bids)
        assert not any(self._audience.take())

    async def _bid(self, state: bytes) -> None:
        self._prices.append(await self._watched.change())


class PeerContender(Contender):
    """A server that sends on whatever a client says, that client included."""

    def __init__(self, name: str, server: Server, audience: "PeerAudience") -> None:
        super().__init__(name, [server.process.pid], audience, audience.say)

    async def play(self, states: list[bytes]) -> list[bytes]:
        """Plays the states, and checks that they arrived as they were."""
        heard = await super().play(states)
        assert heard == states
        return heard


class PeerAudience(Audience):
    """Clients of a server that sends on what one of them says."""

    path = "/v1/socket"

    async def join(self, port: int) -> None:
        """All connect."""
        await self.connect(port, SOCKETS, self.path)

    async def say(self, state: bytes) -> None:
        """One of them says something."""
        self.sockets[0].send(state)


class SocketIoAudience(PeerAudience):
    """Clients of Socket.IO (its protocol's revision 5, over WebSocket alone): a state is an event's argument.
    See https://socket.io/docs/v4/socket-io-protocol/."""

    path = "/socket.io/?EIO=4&transport=websocket"

    async def join(self, port: int) -> None:
        """All connect, and enter the main namespace."""
        await super().join(port)
        self.expect(SOCKETS)
        for socket in self.sockets:
            socket.send(b"40")
        await self.wait()
        self.take()

    async def say(self, state: bytes) -> None:
        """One of them sends an event."""
        await super().say(b'42["state",%s]' % state)

    def _take(self, heard: list[Heard], socket: Socket, payload: bytes) -> None:
        if payload == b"2":
            socket.send(b"3")  # a ping, and its pong
        elif not payload.startswith(b"0"):  # the server's hello, which may come before we listen
            super()._take(heard, socket, payload.removeprefix(b'42["state",').removesuffix(b"]"))


class Peer(NamedTuple):
    """How a peer is started: its port comes behind the ``arguments``."""

    name: str
    arguments: tuple[str, ...]
    audience: type[PeerAudience] = PeerAudience
    on_node: bool = False


TRANSPORTS = Peer("a write to each transport", ("-m", "benchmarks.peers.bare_writes", "transports", "--port"))
PEERS = (
    Peer("Starlette, a loop", ("-m", "benchmarks.peers.starlette_loop", "--port")),
    Peer("websockets.broadcast", ("-m", "benchmarks.peers.websockets_broadcast", "--port")),
    Peer("send, no event loop", ("-m", "benchmarks.peers.bare_writes", "epoll", "--port")),
    Peer("npm ws", ("benchmarks/peers/ws_broadcast.js",), on_node=True),
    Peer("Socket.IO", ("benchmarks/peers/socket_io.js",), SocketIoAudience, on_node=True),
)
DEARER = ("websockets.broadcast", "npm ws", "Socket.IO")
"""Those that must cost more a delivery than Livelot."""


@asynccontextmanager
async def open_livelot(folder: Path) -> AsyncIterator[LivelotContender]:
    """Livelot, with one auction that everybody listens to."""
    with Livelot(folder) as livelot:
        watched, other = await Auctioneer.open(livelot), await Auctioneer.open(livelot)
        audience = Audience()
        try:
            members = name_members("m", SOCKETS)
            tokens = [await livelot.tokens.get(member, "member") for member in members]
            await audience.subscribe(livelot.port, tokens, [watched.topic])
            yield LivelotContender(livelot, audience, watched, other)
        finally:
            audience.close()
            watched.close()
            other.close()


def start_peer(folder: Path, peer: Peer) -> Server:
    """A peer's process, which need not be up yet."""
    port = find_free_port()
    log = folder / f"{peer.name.replace(' ', '-')}.log"
    if not peer.on_node:
        return Server([*peer.arguments, str(port)], port, log)
    node, modules = find_packages()
    environment = {"NODE_PATH": str(modules)}
    return Server([*peer.arguments, str(port)], port, log, program=node, environment=environment)


@asynccontextmanager
async def open_peer(peer: Peer, started: Server) -> AsyncIterator[Contender]:
    """A peer with its clients."""
    with started as server:
        audience = peer.audience()
        try:
            await audience.join(server.port)
            yield PeerContender(peer.name, server, audience)
        finally:
            audience.close()


async def measure(folder: Path, peers: list[Peer]) -> tuple[LivelotContender, list[Contender]]:
    """Livelot; the limit and the peers: after all rounds."""
    async with AsyncExitStack() as stack:
        started = [(peer, start_peer(folder, peer)) for peer in (TRANSPORTS, *peers)]
        for _, server in started:
            stack.callback(server.stop)
        livelot = await stack.enter_async_context(open_livelot(folder))
        states = await livelot.play([b""] * STATES)
        others = [await stack.enter_async_context(open_peer(*one)) for one in started]
        for contender in others:
            await contender.play(states)
        for contender in (livelot, *others):
            contender.forget_costs()
        for _ in range(ROUNDS):
            for contender in (livelot, *others):
                await contender.play(states)
    return livelot, others


def record_costs(livelot: LivelotContender, limit: Contender, peers: list[Contender]) -> None:
    """Adds the row, and what the targets say of each peer."""
    label = f"{SOCKETS:,}".replace(",", " ")
    compare(
        f"fan-out: a state to {label} sockets, server CPU a delivery",
        livelot.cost,
        "µs",
        peers={peer.name: peer.cost for peer in peers},
        limit=(limit.name, limit.cost),
        most=MOST,
    )
    record("fan-out: the same with the bid that made the state", livelot.whole_cost, "µs")
    record("fan-out: a bid that nobody listens to, server CPU", livelot.bid_cost, "µs")
    for peer in peers:
        if peer.name in DEARER:
            record_at_most(f"fan-out: Livelot / {peer.name}", livelot.cost / peer.cost, "×", 1.0)


@pytest.fixture(scope="module")
def missing() -> str:
    """Why there are no peers on Node; empty where there are."""
    try:
        find_packages()
    except PackagesMissing as error:
        return str(error)
    return ""


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_fan_out(disk_folder: Path, missing: str) -> None:
    peers = [peer for peer in PEERS if not (peer.on_node and missing)]
    livelot, (limit, *others) = uvloop.run(measure(disk_folder, peers))
    record_costs(livelot, limit, others)


def test_peers_on_node_are_there(missing: str) -> None:
    if missing:
        pytest.skip(f"no peers on Node: {missing}")
    assert {"npm ws", "Socket.IO"} <= {peer.name for peer in PEERS}
