"""Sets the stage for a storm: members with points, and auctions that stay open for it."""

import asyncio
import time
from collections.abc import Awaitable, Iterable
from typing import Any, TypeVar

import msgspec

from loadtests.api import Api
from loadtests.formats import TAIL_SECONDS, Format, settings_for
from loadtests.tokens import Tokens
from loadtests.wire import AuctionState

POINTS = 10**10
"""What each member is given: enough to outbid everybody all storm long, and little enough to do it a
hundred times."""

AT_ONCE = 32
"""Requests under way at a time."""

FORMAT_OPENING = 10_000
"""The opening price of other auctions than English ones, in points; a Dutch one falls below it."""

ANNOUNCED_SECONDS = 3600
"""After how long announced auctions start by themselves: long after the crowd is there."""

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


async def announce_auctions(
    api: Api,
    tokens: Tokens,
    names: list[str],
    format: Format,
    *,
    seconds: float,
    crowd: int,
    starts_at: int | None = None,
) -> None:
    """Announces auctions of another format than English, for ``crowd`` members to bid on for ``seconds`` once
    they are opened. If nobody does, they start by themselves at ``starts_at`` (ms). Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")
    settings = settings_for(format, opening=FORMAT_OPENING, seconds=seconds, crowd=crowd)
    starts_at = starts_at or int((time.time() + ANNOUNCED_SECONDS) * 1000)
    ends_at = starts_at + int((seconds + TAIL_SECONDS) * 1000)

    async def announce(auction: str) -> None:
        body = {"auction": auction, "terms": _make_terms(auction, starts_at, ends_at), "format": settings}
        await api.send("POST", "/v1/auctions", token, body)
        await api.send("POST", f"/v1/auctions/{auction}/schedule", token)

    await gather_bounded(announce(name) for name in names)


async def open_announced(
    api: Api, tokens: Tokens, auctions: list[str], format: Format, *, ends_at: int
) -> None:
    """Opens announced auctions; each ends by itself at ``ends_at`` (ms), or as long after its opening as was
    announced if it has a price clock. Raises ``StormError``."""
    token = await tokens.get(MANAGER, "manager")

    async def open_one(auction: str) -> None:
        if not format.has_clock:
            # With an earlier start it would start by itself, before it is opened.
            terms = _make_terms(auction, ends_at - 1, ends_at)
            await api.send("PUT", f"/v1/auctions/{auction}", token, {"terms": terms})
        await api.send("POST", f"/v1/auctions/{auction}/open", token)

    await gather_bounded(open_one(auction) for auction in auctions)


def _make_terms(auction: str, starts_at: int, ends_at: int) -> dict[str, Any]:
    return {
        "title": f"Storm {auction}",
        "opening": FORMAT_OPENING,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }


async def find_open_auctions(api: Api, token: str, count: int, format: Format = Format.ENGLISH) -> list[str]:
    """At most ``count`` open auctions of this format, those that end last. Raises ``StormError``."""
    found: list[AuctionState] = []
    after = ""
    while True:
        answer = await api.get(
            "/v1/auctions", token, status="open", limit=100, **({"after": after} if after else {})
        )
        page = msgspec.json.decode(answer.body, type=Page)
        found += [auction for auction in page.auctions if _is_of(auction, format)]
        after = page.next
        if not after:
            break
    found.sort(key=lambda auction: auction.ends_at, reverse=True)
    return [auction.id for auction in found[:count]]


def _is_of(auction: AuctionState, format: Format) -> bool:
    pricing = auction.pieces.pricing if auction.pieces is not None else ""
    return auction.format == format.kind and (not format.pricings or pricing in format.pricings)


async def gather_bounded(work: Iterable[Awaitable[Item]], at_once: int = AT_ONCE) -> list[Item]:
    """The results in order, ``at_once`` at a time; the first failure ends the rest."""
    places = asyncio.Semaphore(at_once)

    async def take(one: Awaitable[Item]) -> Item:
        async with places:
            return await one

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(take(one)) for one in work]
    return [task.result() for task in tasks]
