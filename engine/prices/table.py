"""Many prices at once: of experiences in stated contexts.

A table takes a copy of what it needs first, so that the look itself may take its time.
"""

import msgspec

from engine.errors import Rejection
from engine.prices.answers import PriceTable
from engine.prices.quotes import item_of, share_of
from engine.program import Program
from engine.rewards.catalogue import find
from engine.units import ONE
from rules.compiler import CompiledRules
from rules.matrix import price_all
from rules.pricing import Terms
from rules.scope import Cell, Item

PRICES_LIMIT = 50_000
"""Prices in a table."""


class Context(msgspec.Struct, frozen=True):
    """Who asks, and where. ``campaigns`` None: those that are in force."""

    tier: str
    market: str
    channel: str = ""
    segments: tuple[str, ...] = ()
    campaigns: tuple[str, ...] | None = None
    mechanic: str = "redemption"


def cell_in(program: Program, context: Context) -> Cell:
    """Who asks, and where, as it is stated. Raises ``Rejection``: ``unknown_tier``, ``unknown_market``."""
    settings = program.settings
    if settings.tiers and context.tier not in settings.tiers:
        words = f"The program's tiers are {', '.join(settings.tiers)}."
        raise Rejection("unknown_tier", words, tier=context.tier)
    if settings.markets and context.market not in settings.markets:
        words = f"The program's markets are {', '.join(settings.markets)}."
        raise Rejection("unknown_market", words, market=context.market)
    campaigns = program.campaigns.in_force(program.at) if context.campaigns is None else context.campaigns
    return Cell(context.mechanic, context.tier, context.market, context.channel, context.segments, campaigns)


class Sheet(msgspec.Struct, frozen=True):
    """What a table needs, apart from the program: the items by column, None for what cannot be paid there."""

    experiences: list[str]
    rules: CompiledRules
    cells: list[Cell]
    items: list[list[Item | None]]
    payable: list[bool]
    terms: Terms


def draw_table(program: Program, experiences: list[str], contexts: list[Context]) -> Sheet:
    """Takes out what a table of these experiences (none: all of them) in these contexts needs. Raises
    ``Rejection``: ``unknown_experience``, ``too_large``."""
    ids = experiences or list(program.experiences)
    if len(ids) * len(contexts) > PRICES_LIMIT:
        raise Rejection(
            "too_large",
            f"A table has at most {PRICES_LIMIT} prices; ask for fewer at a time.",
            limit=PRICES_LIMIT,
        )
    found = [find(program, id) for id in ids]
    money = program.settings.money
    columns: dict[str, list[Item | None]] = {}
    for context in contexts:
        if context.market not in columns:
            columns[context.market] = [
                item_of(program, experience, context.market, share)
                if share == ONE or context.market in money
                else None
                for experience in found
                for share in (share_of(experience.terms, None),)
            ]
    return Sheet(
        ids,
        program.book.running.copy(),
        [cell_in(program, context) for context in contexts],
        [columns[context.market] for context in contexts],
        [context.market in money for context in contexts],
        Terms(program.at, dict(program.campaigns.left)),
    )


def price_table(sheet: Sheet) -> PriceTable:
    """All prices of a table: a look that may take its time."""
    points: list[list[int | None]] = [[] for _ in sheet.experiences]
    cash: list[list[int | None]] = [[] for _ in sheet.experiences]
    for cell, items, payable in zip(sheet.cells, sheet.items, sheet.payable, strict=True):
        rows = [row for row, item in enumerate(items) if item is not None]
        column: list[tuple[int | None, int | None]] = [(None, None)] * len(items)
        if rows:
            prices = price_all(sheet.rules, [item for item in items if item is not None], [cell], sheet.terms)
            found = zip(prices.points[:, 0].tolist(), prices.cash[:, 0].tolist(), strict=True)
            for row, price in zip(rows, found, strict=True):
                if payable or not price[1]:
                    column[row] = price
        for row, price in enumerate(column):
            points[row].append(price[0])
            cash[row].append(price[1])
    return PriceTable(sheet.experiences, points, cash)
