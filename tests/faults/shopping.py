"""A shop that redeems for its members while processes die: it asks again, under the same key, until it knows.

Beside it a manager tunes a price rule. What was acknowledged is compared with the program afterwards.
"""

import asyncio
from contextlib import suppress
from typing import Any

import httpx

from engine.program import Program
from engine.rewards.state import REFUNDED
from gateway.identity import mint_token
from gateway.sockets import now
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

PAUSE = 0.05
"""Seconds between two redemptions of a member: the crowd beside it needs the machine too."""

NOT_NOW = (429, 503)


class Shop:
    """``acknowledged`` has, by key, what each redemption answered; ``refunded`` are ids."""

    def __init__(self, livelot: Livelot) -> None:
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.refunded: set[str] = set()
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
        call("POST", "/v1/rules/drafts", draft="d")
        call("POST", "/v1/rules/drafts/d/rules", groups=[{"id": "a"}], rules=[RULE])
        published = call("POST", "/v1/rules/drafts/d/publish", version=2, why="opening")
        assert published.status_code == 200, published.text

    async def run(self) -> None:
        """Redeems, refunds and tunes until it is closed, and every answer is there."""
        async with httpx.AsyncClient(base_url=self._livelot.url, timeout=5, trust_env=False) as client:
            await asyncio.gather(
                *(self._redeem(client, member) for member in self._members), self._tune(client)
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
        spent = sum(one.points for one in kept)
        assert (
            sum(program.members.get(member).available for member in self._members) == MEMBERS * POINTS - spent
        )
        rule = program.book.running.rules[program.book.running.places["tuned"]]
        assert rule.effect.number == self.tuned

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

    async def _tune(self, client: httpx.AsyncClient) -> None:
        number = 0
        while self._open:
            number += 1
            self.tuned = 8_000 + number % 1_000
            body = {"rule": "tuned", "number": self.tuned}
            await self._ask(client, "/v1/rules/tune", f"tune-{number}", body, "manager")
            await asyncio.sleep(0.05)

    async def _ask(
        self, client: httpx.AsyncClient, path: str, key: str, body: Any, role: str
    ) -> dict[str, Any]:
        secret = (self._livelot.folder / "secret").read_text().strip()
        token = mint_token("main", f"the-{role}", role, key=secret, expires_at=now() + HOUR)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        while True:
            with suppress(httpx.TransportError):
                response = await client.post(path, json=body, headers=headers)
                if response.status_code not in NOT_NOW:
                    assert response.status_code == 200, response.text
                    answer: dict[str, Any] = response.json()
                    return answer
            await asyncio.sleep(0.05)
