"""A load that knows what it was told: members are credited and bid, each asks again under the same key until
it has an answer, and afterwards every acknowledged command must be in the program once.

It runs in a thread of its own, so that a test can break things in plain steps beside it. Every member has a
turn of its own and goes on at another gateway when one does not answer: a command may reach the log through
both. Credits show what is lost or doubled (the balance is the sum), bids what is out of order.
"""

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import httpx

from engine.program import Program
from gateway.clock import now
from gateway.identity import mint_token

HOUR = 3_600_000
MEMBERS = 6
PAUSE = 0.02
"""Seconds between two commands of a member: what is broken beside it needs the machine too."""

ASK_SECONDS = 1.5
"""After so long without an answer a member asks again, at the next gateway."""

SETTLING_SECONDS = 60.0
"""How long the last answers may take once nothing is broken any more."""

POINTS = 10**9
HOT = "hot"
"""The auction on which all of them bid."""

NOT_NOW = (429, 503)
REFUSED_BIDS = ("bid_too_low", "bid_not_raised", "already_leading")


class Bid(NamedTuple):
    """An acknowledged bid, as it was answered."""

    number: int
    member: str
    maximum: int


class Load:
    """Members who ask the gateways at ``urls``, with tokens signed by ``secret``. Used as a context manager,
    which prepares nothing: call ``prepare`` once in a program's life.

    ``acknowledged`` counts commands whose outcome is known, and ``longest`` is the longest time in seconds in
    which there was no such answer.
    """

    def __init__(self, urls: Sequence[str], secret: str, *, program: str = "main") -> None:
        self.urls = list(urls)
        self.acknowledged = 0
        self.longest = 0.0
        self.credited: Counter[str] = Counter()
        self.bids: list[Bid] = []
        self.resent = 0
        self._token = mint_token(program, "load", "service", key=secret, expires_at=now() + HOUR)
        self._manager = mint_token(program, "stage", "manager", key=secret, expires_at=now() + HOUR)
        self._maxima = itertools.count(1_000, 10)
        self._open = True
        self._abandoned = False
        self._failure: BaseException | None = None
        self._last_at = time.monotonic()
        self._thread = threading.Thread(target=self._run_thread, name="load")

    @property
    def members(self) -> list[str]:
        """Who is credited and bids."""
        return [f"w{number}" for number in range(MEMBERS)]

    def prepare(self) -> None:
        """Members with points, and the auction that stays open."""
        asyncio.run(self._prepare())

    def __enter__(self) -> "Load":
        self._last_at = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        self._abandoned = kind is not None
        self.finish()

    def finish(self) -> None:
        """Asks nothing new, and waits for what was asked."""
        self._open = False
        self._thread.join(SETTLING_SECONDS)
        if self._abandoned:
            return  # the test has failed already
        assert not self._thread.is_alive(), f"some commands have no answer after {SETTLING_SECONDS:g} s"
        if self._failure is not None:
            raise self._failure

    def wait_for_more(self, count: int, *, within: float) -> float:
        """Waits until ``count`` more commands were acknowledged than now, and returns how many seconds that
        took; fails after ``within`` seconds."""
        began, goal = time.monotonic(), self.acknowledged + count
        while self.acknowledged < goal:
            assert self._failure is None, self._failure
            waited = time.monotonic() - began
            assert waited < within, f"{goal - self.acknowledged} of {count} answers are missing"
            time.sleep(0.01)
        return time.monotonic() - began

    def wait_for_resent(self, *, within: float) -> None:
        """Waits until a command was sent again, to whichever gateway; fails after ``within`` seconds."""
        deadline, before = time.monotonic() + within, self.resent
        while self.resent == before:
            assert time.monotonic() < deadline, f"no command was sent again in {within:g} s"
            time.sleep(0.01)

    def count_in(self, seconds: float) -> int:
        """How many commands are acknowledged in the next ``seconds``."""
        before = self.acknowledged
        time.sleep(seconds)
        return self.acknowledged - before

    def check(self, program: Program) -> None:
        """Every acknowledged command is in the program, once; fails otherwise."""
        for member in self.members:
            found = program.members.get(member)
            credited = self.credited[member]
            assert found.available + found.held == POINTS + credited, f"{member} was credited {credited}"
        history = program.auctions[HOT].history
        assert len(history) == len(self.bids)
        for bid in self.bids:
            found_bid = history[bid.number - 1]
            assert (found_bid.member, found_bid.maximum) == (bid.member, bid.maximum)

    async def _prepare(self) -> None:
        async with httpx.AsyncClient(timeout=ASK_SECONDS, trust_env=False) as client:
            for member in self.members:
                body = {"tier": "gold", "market": "north"}
                await self._ask(client, "PUT", f"/v1/members/{member}", f"is-{member}", body, self._token)
                body = {"amount": POINTS}
                path = f"/v1/members/{member}/credits"
                await self._ask(client, "POST", path, f"has-{member}", body, self._token)
            terms = {"title": "All bid here", "opening": 500, "starts_at": now(), "ends_at": now() + HOUR}
            body = {"auction": HOT, "terms": terms}
            await self._ask(client, "POST", "/v1/auctions", "made", body, self._manager)
            await self._ask(client, "POST", f"/v1/auctions/{HOT}/open", "opened", {}, self._manager)

    def _run_thread(self) -> None:
        try:
            asyncio.run(self._run())
        except BaseException as failure:
            self._failure = failure

    async def _run(self) -> None:
        async with httpx.AsyncClient(timeout=ASK_SECONDS, trust_env=False) as client:
            async with asyncio.TaskGroup() as tasks:
                for member in self.members:
                    tasks.create_task(self._take_turns(client, member))

    async def _take_turns(self, client: httpx.AsyncClient, member: str) -> None:
        home = self.members.index(member)
        for number in itertools.count(1):
            if not self._open:
                return
            key = f"{member}-{number}"
            if number % 3:
                amount = number % 7 + 1
                path = f"/v1/members/{member}/credits"
                await self._ask(client, "POST", path, key, {"amount": amount}, self._token, home=home)
                self.credited[member] += amount
            else:
                maximum = next(self._maxima)
                body = {"maximum": maximum, "member": member}
                path = f"/v1/auctions/{HOT}/bids"
                answer = await self._ask(client, "POST", path, key, body, self._token, home=home)
                if "code" not in answer:
                    self.bids.append(Bid(answer["number"], member, maximum))
            self._note()
            await asyncio.sleep(PAUSE)

    def _note(self) -> None:
        at = time.monotonic()
        self.longest = max(self.longest, at - self._last_at)
        self._last_at = at
        self.acknowledged += 1

    async def _ask(
        self,
        client: httpx.AsyncClient,
        method: str,
        path: str,
        key: str,
        body: Any,
        token: str,
        *,
        home: int = 0,
    ) -> dict[str, Any]:
        """The outcome, however often and wherever it has to be asked for: first at the gateway ``home``."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        for turn in itertools.count(home):
            url = self.urls[turn % len(self.urls)]
            with suppress(httpx.TransportError):
                response = await client.request(method, url + path, json=body, headers=headers)
                if response.status_code not in NOT_NOW:
                    answer: dict[str, Any] = response.json()
                    assert response.status_code == 200 or answer["code"] in REFUSED_BIDS, response.text
                    return answer
            if self._abandoned:
                break
            self.resent += 1
            await asyncio.sleep(0.05)
        raise TimeoutError(f"{key} has no answer")
