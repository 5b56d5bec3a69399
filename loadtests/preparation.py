"""Sets the stage for a storm: members with points, and auctions that stay open for it."""

import asyncio
import time
from collections.abc import Awaitable, Iterable
from typing import TypeVar

import msgspec

from loadtests.api import Api
from loadtests.tokens import Tokens
from loadtests.wire import AuctionState

POINTS = 10**10
"""What each member is given: enough to outbid everybody all storm long, and little enough to do it a
hundred times."""

AT_ONCE = 32
"""Requests under way at a time."""

SERVICE = "storm-service"
MANAGER = "storm-manager"


Item = TypeVar("Item")


class Page(msgspec.Struct):
    """A page of the auctions' list."""

    auctions: list[AuctionState]
    next: str


def name_members(prefix: str, count: int) -> list[str]:
    """Member ids: "m0001", "m0002", …"""
    return [f"{prefix}{number:04d}" for number in range(1, count + 1)]


async def prepare_members(
    api: Api, tokens: Tokens, members: list[str], *, tier: str, market: str, points: int = POINTS
) -> None:
    """Makes members known, in a tier and market, and gives each ``points``. Raises ``StormError``."""
    token = await tokens.get(SERVICE, "service")

    async def prepare(member: str) -> None:
        await api.send("PUT", f"/v1/members/{member}", token, {"tier": tier, "market": market})
        await api.send(
            "POST", f"/v1/members/{member}/credits", token, {"amount": points, "reason": "load test"}
        )

    await gather_bounded(prepare(member) for member in members)


async def prepare_auctions(
    api: Api, tokens: Tokens, count: int, *, seconds: float, opening: int = 500
) -> list[str]:
    """Opens ``count`` auctions that stay open for at least ``seconds`` and returns their ids. Raises
    ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    now = int(time.time() * 1000)
    run = f"{now:x}"

    async def prepare(auction: str) -> str:
        terms = {
            "title": f"Storm {auction}",
            "opening": opening,
            "starts_at": now,
            "ends_at": now + int(seconds * 1000),
        }
        await api.send("POST", "/v1/auctions", token, {"auction": auction, "terms": terms})
        await api.send("POST", f"/v1/auctions/{auction}/open", token)
        return auction

    return await gather_bounded(prepare(f"storm-{run}-{number:04d}") for number in range(1, count + 1))


async def end_auctions(api: Api, tokens: Tokens, auctions: list[str]) -> None:
    """Cancels auctions, so that what members hold for them is released. Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    body = {"reason": "the load test is over"}
    await gather_bounded(
        api.send("POST", f"/v1/auctions/{auction}/cancel", token, body) for auction in auctions
    )


async def find_open_auctions(api: Api, token: str, count: int) -> list[str]:
    """At most ``count`` open auctions, those that end last. Raises ``StormError``."""
    found: list[AuctionState] = []
    after = ""
    while True:
        answer = await api.get(
            "/v1/auctions", token, status="open", limit=100, **({"after": after} if after else {})
        )
        page = msgspec.json.decode(answer.body, type=Page)
        found += page.auctions
        after = page.next
        if not after:
            break
    found.sort(key=lambda auction: auction.ends_at, reverse=True)
    return [auction.id for auction in found[:count]]


async def gather_bounded(work: Iterable[Awaitable[Item]]) -> list[Item]:
    """The results in order, ``AT_ONCE`` at a time; the first failure ends the rest."""
    places = asyncio.Semaphore(AT_ONCE)

    async def take(one: Awaitable[Item]) -> Item:
        async with places:
            return await one

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(take(one)) for one in work]
    return [task.result() for task in tasks]
