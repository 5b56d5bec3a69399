"""How long from a rule's tuning in the log to the new prices on a thousand sockets?

Sockets of members in 24 cells (four tiers, six markets) each show 50 experiences: first all the same ones, as
on a catalogue's first page, then each its own of 200, so that a cell shows all of them and is told of all. A
manager tunes a rule that changes every price, again and again. Latencies count from the log entry's stamp to
the push in the client's hands, on one machine's clock. Afterwards every pushed price is compared with
`price.table`, which comes about in another way.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import uvloop

from benchmarks.catalogue import CELLS, prepare_catalogue
from benchmarks.livelot import Livelot
from benchmarks.results import choose_size, record, record_at_most
from benchmarks.servers import read_cpu_seconds
from benchmarks.sockets import Socket, ask, open_socket
from loadtests.api import Api
from loadtests.preparation import gather_bounded, name_members
from loadtests.tokens import Tokens

SOCKETS = choose_size(1_000, 30)
SHOWN = choose_size(50, 5)
EXPERIENCES = choose_size(200, 10)
RULES = choose_size(1_000, 20)
TUNINGS = choose_size(20, 2)
PAUSE = choose_size(0.5, 0.1)
"""Seconds between tunings: each is by itself."""

DEADLINE = 30

Prices = dict[str, int]
"""Points by experience."""


class Price(msgspec.Struct, frozen=True):
    """A price, of which the points are looked at."""

    points: int


class State(msgspec.Struct, frozen=True):
    """The state of the topic."""

    prices: dict[str, Price] = {}


class Parameters(msgspec.Struct, frozen=True):
    """What a push says."""

    position: str = ""
    state: State = State()


class Message(msgspec.Struct, frozen=True):
    """A push, or an answer."""

    method: str = ""
    params: Parameters = Parameters()


class Onlookers:
    """The members' sockets, when each of them heard what, and what it knows by now."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self.heard: list[list[tuple[int, bytes]]] = []
        self.known: list[Prices] = []
        self._awaited = 0
        self._complete = asyncio.Event()

    async def connect(self, port: int, tokens: Tokens, members: list[str]) -> None:
        """One socket a member."""
        for member in members:
            socket = await open_socket(port)
            self.sockets.append(socket)
            authenticate = {"token": await tokens.get(member, "member")}
            assert b'"result"' in await ask(socket, call("authenticate", authenticate))
            self.heard.append([])
            self.known.append({})
            socket.on_frame = partial(self._take, self.heard[-1])

    async def show(self, experiences: list[str], stride: int) -> None:
        """Each socket shows ``SHOWN`` experiences, each from ``stride`` places further on than the one
        before."""
        self.expect(2 * len(self.sockets))  # the answer to `subscribe`, and all prices
        for number, socket in enumerate(self.sockets):
            first = number * stride
            shown = [experiences[(first + step) % len(experiences)] for step in range(SHOWN)]
            socket.send(call("subscribe", {"topics": ["prices"], "experiences": shown}))
        await self.wait()
        for known in self.known:
            known.clear()
        for _ in self.learn():
            pass

    def expect(self, frames: int) -> None:
        """From now on, ``frames`` frames are waited for."""
        self._awaited = frames
        self._complete.clear()

    async def wait(self) -> None:
        """Returns once they came."""
        async with asyncio.timeout(DEADLINE):
            await self._complete.wait()

    def close(self) -> None:
        """Drops every connection."""
        for socket in self.sockets:
            socket.transport.abort()

    def learn(self) -> Iterator[tuple[Prices, list[float]]]:
        """By socket, what it knows with the pushes since the last look, and how late each was (ms
        after its entry's stamp)."""
        for known, heard in zip(self.known, self.heard, strict=True):
            late = []
            for at, payload in heard:
                push = msgspec.json.decode(payload, type=Message)
                if push.method == "push":
                    stamp = int(push.params.position.partition(":")[2].partition("-")[0])
                    late.append(at / 1e6 - stamp)
                    known |= {id: price.points for id, price in push.params.state.prices.items()}
            heard.clear()
            yield known, late

    def _take(self, heard: list[tuple[int, bytes]], socket: Socket, payload: bytes) -> None:
        heard.append((time.time_ns(), payload))
        self._awaited -= 1
        if self._awaited == 0:
            self._complete.set()


def call(method: str, parameters: dict[str, Any]) -> bytes:
    """A JSON-RPC request."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters})


async def read_table(api: Api, token: str, experiences: list[str]) -> list[Prices]:
    """By cell, all prices as `price.table` has them."""
    contexts = [{"tier": tier, "market": market} for tier, market in CELLS]
    body = {"experiences": experiences, "contexts": contexts}
    answer = await api.send("POST", "/v1/prices/table", token, body)
    points = msgspec.json.decode(answer.body)["points"]
    return [dict(zip(experiences, (row[cell] for row in points), strict=True)) for cell in range(len(CELLS))]


def take_round(onlookers: Onlookers, table: list[Prices]) -> list[float]:
    """The latencies (ms) of one tuning. Asserts that every socket heard it once, and knows the prices."""
    latencies = []
    for number, (known, late) in enumerate(onlookers.learn()):
        [latency] = late
        latencies.append(latency)
        prices = table[number % len(CELLS)]
        assert known == {id: prices[id] for id in known}
        assert len(known) >= SHOWN
    return latencies


async def prepare_onlookers(api: Api, tokens: Tokens, members: list[str]) -> None:
    """Makes the members known, from cell to cell."""
    service = await tokens.get("bench", "service")
    await gather_bounded(
        api.send("PUT", f"/v1/members/{member}", service, {"tier": tier, "market": market})
        for member, (tier, market) in zip(members, cycle(CELLS), strict=False)
    )


class Watched(NamedTuple):
    """The latencies (ms) of all tunings, and the gateway's CPU seconds for one."""

    latencies: list[float]
    spent: float


async def watch(livelot: Livelot) -> list[Watched]:
    """The same page for all, then each its own."""
    tokens = livelot.tokens
    experiences = name_members("e", EXPERIENCES)
    members = name_members("m", SOCKETS)
    onlookers = Onlookers()
    async with Api(livelot.url) as api:
        await prepare_catalogue(api, tokens, experiences, rules=RULES)
        await prepare_onlookers(api, tokens, members)
        manager = await tokens.get("maria", "manager")
        watched = []
        try:
            await onlookers.connect(livelot.port, tokens, members)
            for stride in (0, 7):
                await onlookers.show(experiences, stride)
                watched.append(await tune(livelot, api, manager, onlookers, experiences))
        finally:
            # uvloop does not end with open connections.
            onlookers.close()
    return watched


async def tune(
    livelot: Livelot, api: Api, manager: str, onlookers: Onlookers, experiences: list[str]
) -> Watched:
    """Tunes again and again, and waits each time until everybody has heard."""
    latencies: list[float] = []
    spent = 0.0
    for number in range(TUNINGS):
        await asyncio.sleep(PAUSE)
        onlookers.expect(len(onlookers.sockets))
        tuning = {"rule": "all", "number": 9_500 - 200 * number}
        before = read_cpu_seconds(livelot.gateway)
        await api.send("POST", "/v1/rules/tune", manager, tuning)
        await onlookers.wait()
        spent += read_cpu_seconds(livelot.gateway) - before
        latencies += take_round(onlookers, await read_table(api, manager, experiences))
    return Watched(latencies, spent / TUNINGS)


def test_latency_from_tuning_to_push(disk_folder: Path) -> None:
    with Livelot(disk_folder) as livelot:
        same, own = uvloop.run(watch(livelot))
    assert len(same.latencies) == len(own.latencies) == SOCKETS * TUNINGS
    label = f"prices: a tuned rule to {SOCKETS} sockets in {len(CELLS)} cells"
    record(f"{label}, p50", float(np.percentile(same.latencies, 50)), "ms")
    record_at_most(f"{label}, p99", float(np.percentile(same.latencies, 99)), "ms", 100)
    record("prices: the gateway's CPU for it", same.spent * 1e3, "ms")
    record("prices: the same, each socket showing others, p99", float(np.percentile(own.latencies, 99)), "ms")
    record("prices: the gateway's CPU for it, each showing others", own.spent * 1e3, "ms")
