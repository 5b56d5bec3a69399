"""How long from a rule's tuning in the log to the new prices on a thousand sockets?

Sockets of members in 24 cells (four tiers, six markets) each show 50 experiences; a manager tunes a rule that
changes every price, again and again. Latencies count from the log entry's stamp to the push in the client's
hands, on one machine's clock. Afterwards every pushed price is compared with `price.table`, which comes about
in another way.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

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

    async def connect(self, port: int, tokens: Tokens, members: list[str], experiences: list[str]) -> None:
        """One socket a member, which shows ``SHOWN`` experiences from another place on."""
        for number, member in enumerate(members):
            socket = await open_socket(port)
            self.sockets.append(socket)
            authenticate = {"token": await tokens.get(member, "member")}
            assert b'"result"' in await ask(socket, call("authenticate", authenticate))
            first = number * 7 % len(experiences)
            shown = [experiences[(first + step) % len(experiences)] for step in range(SHOWN)]
            self.heard.append([])
            self.known.append({})
            socket.on_frame = partial(self._take, self.heard[-1])
            socket.send(call("subscribe", {"topics": ["prices"], "experiences": shown}))

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


async def watch(livelot: Livelot) -> tuple[list[float], float]:
    """The latencies of all tunings, and the gateway's CPU seconds for one."""
    tokens = livelot.tokens
    experiences = name_members("e", EXPERIENCES)
    members = name_members("m", SOCKETS)
    latencies: list[float] = []
    async with Api(livelot.url) as api:
        await prepare_catalogue(api, tokens, experiences, rules=RULES)
        await prepare_onlookers(api, tokens, members)
        manager = await tokens.get("maria", "manager")
        onlookers = Onlookers()
        try:
            onlookers.expect(2 * SOCKETS)  # the answer to `subscribe`, and all prices
            await onlookers.connect(livelot.port, tokens, members, experiences)
            await onlookers.wait()
            for _ in onlookers.learn():
                pass
            before = read_cpu_seconds(livelot.gateway)
            for number in range(TUNINGS):
                await asyncio.sleep(PAUSE)
                onlookers.expect(SOCKETS)
                tuning = {"rule": "all", "number": 9_500 - 200 * number}
                await api.send("POST", "/v1/rules/tune", manager, tuning)
                await onlookers.wait()
                latencies += take_round(onlookers, await read_table(api, manager, experiences))
            spent = (read_cpu_seconds(livelot.gateway) - before) / TUNINGS
        finally:
            # uvloop does not end with open connections.
            onlookers.close()
    return latencies, spent


def test_latency_from_tuning_to_push(disk_folder: Path) -> None:
    with Livelot(disk_folder) as livelot:
        latencies, spent = uvloop.run(watch(livelot))
    assert len(latencies) == SOCKETS * TUNINGS
    label = f"prices: a tuned rule to {SOCKETS} sockets in {len(CELLS)} cells"
    record(f"{label}, p50", float(np.percentile(latencies, 50)), "ms")
    record_at_most(f"{label}, p99", float(np.percentile(latencies, 99)), "ms", 100)
    record("prices: a tuning, the gateway's CPU (with reading the table)", spent * 1e3, "ms")
