"""A client of a world's gateway, as the command line has one, and short program files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.blueprint.blueprint import Blueprint, Call
from gateway.blueprint.carrying_out import Outcome, carry_out
from gateway.blueprint.client import Client
from gateway.blueprint.difference import Plan, compare
from gateway.blueprint.reading import read_text
from gateway.blueprint.running import read_running
from gateway.sockets import now
from tests.gateway.harness import World

SMALL = """
[program]
tiers = ["blue", "gold"]
markets = ["north", "south"]

[experiences.spa]
kind = "wellness"
points = 1000
payment = { least = 5000 }

[experiences.opera]
kind = "leisure"
points = 2000

[campaigns.summer]
budget = 10000
titles = { en = "Summer", ar = "الصيف" }

[campaigns.friday.schedule]
zone = "Europe/Oslo"
recurrences = [{ at = 16:00:00, minutes = 60, weekdays = ["friday"] }]

[campaigns.later]
draft = true

[rules]
groups = [{ id = "a" }, { id = "b", mode = "best" }]

[[rules.rules]]
id = "gold"
group = "a"
scope = { tiers = ["gold"] }
effect = { operation = "factor", number = 9000 }

[[rules.rules]]
id = "summer"
group = "b"
scope = { campaigns = ["summer"], experiences = ["spa"] }
effect = { operation = "add", number = -100 }
budget = "summer"

[auctions.vase]
title = "A vase"
opening = 500
reserve = 900
starts_at = 2040-01-01T00:00:00Z
ends_at = 2040-01-02T00:00:00Z
campaign = "summer"

[auctions.lamp]
draft = true
title = "A lamp"
opening = 100
starts_at = 2040-01-01T00:00:00Z
ends_at = 2040-01-02T00:00:00Z
"""


def small(*replaced: tuple[str, str]) -> Blueprint:
    """The small program, with some of its text replaced."""
    text = SMALL
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    return read_text(text, "small.toml")


@asynccontextmanager
async def client_of(
    here: World, subject: str = "olga", role: str = "operator", **options: Any
) -> AsyncIterator[Call]:
    async with Client(
        f"http://127.0.0.1:{here.port}", lambda: here.token(subject, role), **options
    ) as client:
        yield client.call


async def plan(call: Call, wanted: Blueprint, **options: Any) -> Plan:
    return compare(wanted, await read_running(call, wanted), now(), **options)


async def apply(call: Call, wanted: Blueprint, **options: Any) -> list[Outcome]:
    return await carry_out(call, await plan(call, wanted, **options), why="a test")


def names(found: Plan) -> list[str]:
    return [f"{change.verb} {change.name}" for change in found.changes]
