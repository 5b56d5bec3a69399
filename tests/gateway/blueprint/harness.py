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
from gateway.clock import now
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

[raffles.car]
titles = { en = "A red car" }
prizes = [{ id = "car" }, { id = "mug", quantity = 2 }]
price = 100
bundles = [{ tickets = 5, pays = 4 }]
opens_at = 2040-01-01T00:00:00Z
closes_at = 2040-01-02T00:00:00Z
claim_within = "P2D"
campaign = "summer"

[raffles.thanks]
draft = true
titles = { en = "A thank-you" }
prizes = [{ id = "dinner" }]
opens_at = 2040-01-01T00:00:00Z
closes_at = 2040-01-02T00:00:00Z
"""


def small(*replaced: tuple[str, str]) -> Blueprint:
    """The small program, with some of its text replaced."""
    text = SMALL
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    return read_text(text, "small.toml")


FORMATS = """
[auctions.ring]
title = "A ring"
opening = 100
starts_at = 2040-01-01T00:00:00Z
ends_at = 2040-01-02T00:00:00Z
format = { type = "sealed", pricing = "second" }

[auctions.seats]
title = "Eight seats"
opening = 100
starts_at = 2040-01-01T00:00:00Z
ends_at = 2040-01-02T00:00:00Z
format = { type = "multi_unit", supply = 8, pricing = "pay_as_bid" }

[auctions.boat]
title = "A boat"
opening = 100
starts_at = 2040-01-01T00:00:00Z
ends_at = 2040-01-02T00:00:00Z
format = { type = "clock", entry = "PT1M", interval = 1500, step_share = 250 }
"""
"""Auctions of other formats than English."""

DUTCH = 'format = { type = "dutch", floor = 60, step = 5, interval = "PT30S", supply = 4 }'
"""The format that ``formats`` gives the lamp."""


def formats(*replaced: tuple[str, str]) -> Blueprint:
    """The small program with auctions of all formats, and with some of its text replaced."""
    text = SMALL.replace("[program]", "[program]\nsealed_counts = true")
    text = text.replace('title = "A lamp"', f'title = "A lamp"\n{DUTCH}') + FORMATS
    for old, new in replaced:
        assert old in text, old
        text = text.replace(old, new)
    return read_text(text, "formats.toml")


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
