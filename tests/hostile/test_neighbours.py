"""What a well-behaved member notices of a rude one: each kind of rudeness comes from a process of its own,
and meets a real gateway process with the limits that it has unless told otherwise.

The bounds are on harm, not on speed: they hold on a busy machine of two cores, on which the rude client, the
gateway, the log and the neighbour share what there is.
"""

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets

from benchmarks.livelot import PROGRAM, Livelot
from gateway.clock import now
from gateway.identity import mint_token
from gateway.supervisor import child_environment
from tests.gateway.harness import HOUR, Run, Socket
from tests.hostile.rudeness import RUDE

SLOWEST = 2.0
"""Seconds within which the neighbour has every answer: what it sees, and what it changes."""

GROWTH = 64 * 1024 * 1024
"""Bytes by which the gateway may grow while somebody is rude to it."""

RUDE_SECONDS = 1.5
AUCTIONS = 190
MEMBERS = [f"rude{number}" for number in range(4)]


class Town:
    """A running program: its gateway, and tokens for anybody."""

    def __init__(self, livelot: Livelot) -> None:
        self.port = livelot.port
        self.url = livelot.url
        self.gateway = livelot.gateway
        self._secret = livelot.secret

    def token(self, subject: str, role: str = "member") -> str:
        return mint_token(PROGRAM, subject, role, key=self._secret, expires_at=now() + HOUR)

    def resident_bytes(self) -> int:
        """What the gateway's process holds in memory."""
        pages = Path(f"/proc/{self.gateway}/statm").read_text().split()[1]
        return int(pages) * 4096

    @asynccontextmanager
    async def socket(self, subject: str, role: str = "member") -> Any:
        async with websockets.connect(
            f"ws://127.0.0.1:{self.port}/v1/socket",
            subprotocols=[websockets.Subprotocol("livelot.v1")],
            additional_headers={"Authorization": f"Bearer {self.token(subject, role)}"},
            compression=None,
        ) as connection:
            yield Socket(connection)


async def populate(town: Town) -> None:
    """Members with points, and auctions to look at."""
    async with AsyncExitStack() as stack:
        # A manager may make a hundred calls a second: several do it together.
        sockets = [stack.enter_async_context(town.socket(f"boss{number}", "manager")) for number in range(4)]
        bosses = itertools.cycle([await socket for socket in sockets])
        boss = next(bosses)
        for member in ("neighbour", *MEMBERS):
            for method, asked in (
                ("member.upsert", {"tier": "gold", "market": "north"}),
                ("points.credit", {"amount": 10**9}),
            ):
                assert "result" in await boss.call(method, member=member, **asked)
        terms = {"title": "t" * 200, "opening": 1, "starts_at": now(), "ends_at": now() + HOUR}
        for auction in ["own", *(f"a{number:03}" for number in range(AUCTIONS))]:
            boss = next(bosses)
            for method, asked in (("auction.create", {"terms": terms}), ("auction.open", {})):
                while (await boss.call(method, auction=auction, **asked)).get("error", {}).get("code") == 121:
                    await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A fresh program for all of them: what one has left behind is there for the next."""
    with Livelot(tmp_path_factory.mktemp("town")) as livelot:
        town = Town(livelot)
        asyncio.run(populate(town))
        yield town


def start(name: str, port: int, tokens: list[str]) -> subprocess.Popen[bytes]:
    """A rude client."""
    command = ["-m", "tests.hostile.rudeness", name, str(port), str(RUDE_SECONDS), *tokens]
    return subprocess.Popen([sys.executable, *command], env=child_environment())


async def live_beside(town: Town, rude: subprocess.Popen[bytes]) -> tuple[float, int, int]:
    """The neighbour's slowest answer in seconds, how many it had, and the most memory meanwhile."""
    slowest, answers, most = 0.0, 0, 0
    async with town.socket("neighbour") as socket, httpx.AsyncClient(base_url=town.url) as http:
        auction = (await socket.call("auction.get", auction="own"))["result"]
        headers = {"Authorization": f"Bearer {town.token('neighbour')}"}
        for maximum in itertools.count(auction["minimum"] + 1_000 * (auction["bids"] + 1)):
            for ask in (
                socket.call("auction.bid", auction="own", maximum=maximum),
                socket.call("me"),
                http.get("/v1/me", headers=headers, timeout=20),
            ):
                began = time.perf_counter()
                answer = await ask
                slowest = max(slowest, time.perf_counter() - began)
                assert answer.is_success if isinstance(answer, httpx.Response) else "result" in answer, answer
                answers += 1
                most = max(most, town.resident_bytes())
            if rude.poll() is not None:
                return slowest, answers, most
            await asyncio.sleep(0.05)
    raise AssertionError


@pytest.mark.parametrize("name", RUDE)
def test_a_rude_client_harms_nobody_else(run: Run, town: Town, name: str) -> None:
    async def body() -> None:
        before = town.resident_bytes()
        tokens = [town.token(member) for member in MEMBERS]
        with start(name, town.port, tokens) as rude:
            slowest, answers, most = await live_beside(town, rude)
        growth = most - before
        sys.stdout.write(f"{name}: slowest {slowest * 1000:.0f} ms of {answers}, {growth / 2**20:+.1f} MB\n")
        assert rude.returncode == 0
        assert slowest < SLOWEST
        assert growth < GROWTH

    run(body())
