"""The demo's crowd: a few members that bid at a human pace over sockets of their own, as any member would.

Each has a private value for each auction and a manner of bidding, both drawn from its id, so that they are
the same after a restart. What a bidder does next is decided by ``choose_bid``, which only looks at what the
gateway pushes to everybody and to that member.
"""

import asyncio
import random
from typing import Any, Final

import structlog

from engine.units import SECOND
from gateway.clock import now
from gateway.demo.catalogue import LISTED, member_id, split_id
from gateway.demo.connection import DemoSocket, Place, Refused, stay_connected
from gateway.demo.manners import Bid, Look, choose_for_pieces

CROWD: Final = tuple(member_id(number) for number in range(17, 2_000, 141))
"""Fifteen members, of all tiers and markets."""

PAUSES: Final = (2.0, 11.0)
"""Seconds between two looks of a bidder, at least and at most."""

LEAST_TIME: Final = 2 * SECOND
"""With less time left, in ms, nobody here is quick enough."""

_EXPERIENCES: Final = {experience.stem: experience for experience in LISTED}

_log = structlog.get_logger("livelot.demo")


class Bidder:
    """One of the crowd. ``planner`` names a maximum and waits; the others go step by step."""

    def __init__(self, member: str) -> None:
        self.member = member
        character = random.Random(member)
        self.planner = character.random() < 0.3
        self._chance = character

    async def speak(self, socket: DemoSocket) -> None:
        """Bids, as long as the socket lives."""
        await socket.call("subscribe", topics=["auctions", "me"])
        for topic in ("auctions", "me"):
            await socket.watch(topic, lambda state: True)
        while True:
            await asyncio.sleep(self._chance.uniform(*PAUSES))
            bid = self.choose_bid(socket.states["auctions"]["auctions"], socket.states["me"], now())
            if bid is None:
                continue
            try:
                await self._place(socket, bid)
            except Refused as refusal:
                # Somebody was quicker; or the points are held elsewhere by now.
                _log.debug("demo bid refused", member=self.member, auction=bid.auction, code=refusal.code)

    async def _place(self, socket: DemoSocket, bid: Bid) -> None:
        if bid.at_once:
            await socket.call("auction.buy_now", auction=bid.auction, price=bid.points)
        elif bid.leaves:
            await socket.call("auction.leave", auction=bid.auction)
        elif bid.quantity > 1:
            several = {"quantity": bid.quantity, "partial": True}
            await socket.call("auction.bid", auction=bid.auction, maximum=bid.points, **several)
        else:
            await socket.call("auction.bid", auction=bid.auction, maximum=bid.points)

    def choose_bid(self, auctions: list[dict[str, Any]], me: dict[str, Any], now: int) -> Bid | None:
        """The next bid at ``now`` (ms), or None: of the auctions worth more to this member than they cost,
        one that ends soon is the likeliest."""
        parts = {own["auction"]: own for own in me["auctions"]}
        choices: list[tuple[float, Bid]] = []
        for auction in auctions:
            left = auction["ends_at"] - now
            if auction["status"] != "open" or left <= LEAST_TIME or not _is_eligible(auction, me["tier"]):
                continue
            bid = self._consider(auction, parts.get(auction["id"]), me["available"], now)
            if bid is not None:
                choices.append((1.0 / (left + 20 * SECOND), bid))
        if not choices:
            return None
        (chosen,) = self._chance.choices([bid for _, bid in choices], [weight for weight, _ in choices])
        return chosen

    def _consider(
        self, auction: dict[str, Any], own: dict[str, Any] | None, available: int, now: int
    ) -> Bid | None:
        value = self.value_of(auction["id"])
        if auction["format"] != "english":
            look = Look(auction, own, value, available, now, self.planner)
            return choose_for_pieces(look, self._chance)
        if own and own["leading"]:
            return None
        if 0 < auction["buy_now"] <= min(value, available):
            return Bid(auction["id"], auction["buy_now"], at_once=True)
        length = auction["ends_at"] - auction["starts_at"]
        passed = min(1.0, max(0.0, (now - auction["starts_at"]) / length))
        # Nobody shows the whole value at once: it takes the auction's time to get there.
        limit = min(available, int(value * (0.4 + 0.6 * passed)))
        minimum: int = auction["minimum"]
        if minimum > limit:
            return None
        if self.planner:
            return Bid(auction["id"], max(minimum, limit // 50 * 50))
        step = max(25, minimum // 40)
        return Bid(auction["id"], min(limit, minimum + step * self._chance.choice((0, 0, 0, 1, 2))))

    def value_of(self, auction: str) -> int:
        """What an auction is worth to this member, in points; 0 for what the catalogue does not know."""
        stem, _ = split_id(auction) or ("", 0)
        experience = _EXPERIENCES.get(stem)
        if experience is None:
            return 0
        taste = random.Random(f"{self.member} {auction}")
        return int(experience.worth * taste.triangular(0.3, 1.5, 0.7))


def _is_eligible(auction: dict[str, Any], tier: str) -> bool:
    eligibility = auction["eligibility"]
    return eligibility is None or not eligibility["tiers"] or tier in eligibility["tiers"]


async def run_crowd(place: Place) -> None:
    """Everybody bids until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for member in CROWD:
            tasks.create_task(stay_connected(place, member, "member", Bidder(member).speak))
