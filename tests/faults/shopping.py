"""A shop that redeems and buys raffle tickets for its members while processes die: it asks again, under the
same key, until it knows.

Beside it a manager tunes a price rule, and a raffle closes, is locked, signed and drawn amid all of it. What
was acknowledged is compared with the program afterwards.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

import httpx

from engine.program import Program
from engine.rewards.state import REFUNDED
from gateway.clock import now
from gateway.identity import mint_token
from tests.gateway.test_supervisor import Livelot

HOUR = 3_600_000
MEMBERS = 10
POINTS = 10**9
EXPERIENCE = {"kind": "dining", "points": 1_000, "stock": 10**6}
RULE = {
    "id": "tuned",
    "scope": {"kinds": ["dining"]},
    "effect": {"operation": "factor", "number": 9_000},
    "group": "a",
    "budget": "spring",
}

DRAWN_AFTER = 9_000
"""When the short raffle closes, in ms from the shop's opening: in the middle of the kills."""

PAUSE = 0.05
"""Seconds between two redemptions of a member: the crowd beside it needs the machine too."""

NOT_NOW = (429, 503)


class Shop:
    """``acknowledged`` has, by key, what each redemption answered; ``refunded`` are ids."""

    def __init__(self, livelot: Livelot) -> None:
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.refunded: set[str] = set()
        self.tickets: dict[str, list[dict[str, Any]]] = {"long": [], "short": []}
        self.tuned = 9_000
        self._livelot = livelot
        self._open = True

    def prepare(self) -> None:
        """Members with points, an experience, a campaign with a budget, a running rule."""
        call = self._livelot.call
        for member in self._members:
            call("PUT", f"/v1/members/{member}", tier="gold", market="north")
            call("POST", f"/v1/members/{member}/credits", amount=POINTS)
        call("PUT", "/v1/experiences/tea", terms=EXPERIENCE)
        call("PUT", "/v1/campaigns/spring", terms={"budget": 10**8})
        call("POST", "/v1/campaigns/spring/schedule")
        for raffle, length in (("long", HOUR), ("short", DRAWN_AFTER)):
            terms = {"titles": {}, "prizes": [{"id": "mug", "quantity": 3}], "reserves": 2, "price": 10}
            times = {"opens_at": now(), "closes_at": now() + length, "randomness": "commitment"}
            call("POST", "/v1/raffles", raffle=raffle, terms=terms | times)
            call("POST", f"/v1/raffles/{raffle}/open")
            while call("GET", f"/v1/raffles/{raffle}").json()["status"] != "open":
                time.sleep(0.05)  # until the keeper has published its commitment
        call("POST", "/v1/rules/drafts", draft="d")
        call("POST", "/v1/rules/drafts/d/rules", groups=[{"id": "a"}], rules=[RULE])
        published = call("POST", "/v1/rules/drafts/d/publish", version=2, why="opening")
        assert published.status_code == 200, published.text

    async def run(self) -> None:
        """Redeems, refunds and tunes until it is closed, and every answer is there."""
        async with httpx.AsyncClient(base_url=self._livelot.url, timeout=5, trust_env=False) as client:
            await asyncio.gather(
                *(self._redeem(client, member) for member in self._members),
                *(self._enter(client, member) for member in self._members),
                self._tune(client),
            )

    def close(self) -> None:
        """Nothing new is asked for any more."""
        self._open = False

    def check(self, program: Program) -> None:
        """Every redemption that was acknowledged is there once, at its price, and nothing else is."""
        redemptions = program.redemptions
        assert len(self.acknowledged) == len(redemptions)
        assert {one["redemption"] for one in self.acknowledged.values()} == set(redemptions)
        for one in self.acknowledged.values():
            assert redemptions[one["redemption"]].points == one["points"]
        assert {id for id, one in redemptions.items() if one.status == REFUNDED} == self.refunded
        assert program.experiences["tea"].taken == len(redemptions) - len(self.refunded)
        kept = [one for one in redemptions.values() if one.id not in self.refunded]
        assert 10**8 - program.campaigns.left["spring"] == sum(1_000 - one.points for one in kept)
        self._check_raffles(program)
        entered = sum(one["points"] for entries in self.tickets.values() for one in entries)
        spent = sum(one.points for one in kept) + entered
        assert (
            sum(program.members.get(member).available for member in self._members) == MEMBERS * POINTS - spent
        )
        rule = program.book.running.rules[program.book.running.places["tuned"]]
        assert rule.effect.number == self.tuned

    def _check_raffles(self, program: Program) -> None:
        """Every ticket that was acknowledged is there once; the short raffle was drawn from what it had."""
        for id, entries in self.tickets.items():
            raffle = program.raffles.by_id[id]
            assert raffle.entries == len(entries) > 10
            for one in entries:
                assert raffle.entry(one["entry"]).first == one["first"]
        short = program.raffles.by_id["short"]
        assert short.finished
        assert len(short.places) == 5

    @property
    def _members(self) -> list[str]:
        return [f"shopper{number}" for number in range(MEMBERS)]

    async def _redeem(self, client: httpx.AsyncClient, member: str) -> None:
        number = 0
        while self._open:
            number += 1
            key = f"{member}-{number}"
            body = {"experience": "tea", "most": 1_000, "member": member}
            self.acknowledged[key] = redeemed = await self._ask(
                client, "/v1/redemptions", key, body, "service"
            )
            if number % 5 == 0:
                id = redeemed["redemption"]
                await self._ask(
                    client, f"/v1/redemptions/{id}/refund", f"{key}-back", {"reason": "why"}, "service"
                )
                self.refunded.add(id)
            await asyncio.sleep(PAUSE)

    async def _enter(self, client: httpx.AsyncClient, member: str) -> None:
        """Buys a ticket of each raffle again and again; the short one until it has closed."""
        number = 0
        closed: set[str] = set()
        while self._open:
            number += 1
            for raffle in self.tickets.keys() - closed:
                key = f"{member}-{raffle}-{number}"
                body = {"tickets": 1, "most": 10, "member": member}
                path = f"/v1/raffles/{raffle}/tickets"
                answer = await self._ask(client, path, key, body, "service", expected=("raffle_closed",))
                if answer.get("code") == "raffle_closed":
                    closed.add(raffle)
                else:
                    self.tickets[raffle].append(answer)
            await asyncio.sleep(4 * PAUSE)

    async def _tune(self, client: httpx.AsyncClient) -> None:
        number = 0
        while self._open:
            number += 1
            self.tuned = 8_000 + number % 1_000
            body = {"rule": "tuned", "number": self.tuned}
            await self._ask(client, "/v1/rules/tune", f"tune-{number}", body, "manager")
            await asyncio.sleep(0.05)

    async def _ask(
        self,
        client: httpx.AsyncClient,
        path: str,
        key: str,
        body: Any,
        role: str,
        expected: tuple[str, ...] = (),
    ) -> dict[str, Any]:
        secret = (self._livelot.folder / "secret").read_text().strip()
        token = mint_token("main", f"the-{role}", role, key=secret, expires_at=now() + HOUR)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        while True:
            with suppress(httpx.TransportError):
                response = await client.post(path, json=body, headers=headers)
                if response.status_code not in NOT_NOW:
                    answer: dict[str, Any] = response.json()
                    assert response.status_code == 200 or answer["code"] in expected, response.text
                    return answer
            await asyncio.sleep(0.05)
