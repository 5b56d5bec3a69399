"""What a draft would change before it runs: all prices under the running rules beside those under the draft.

The prices are those of every experience in every tier and market, and once more for each segment that a rule
of either set names. It takes a copy of what it needs first, so that the look itself may take its time.
"""

import msgspec
import numpy as np

from engine.prices.answers import Band, Preview, PriceChange
from engine.prices.quotes import item_of, share_of
from engine.prices.revisions import find_draft
from engine.program import Program
from rules.compiler import CompiledRules
from rules.matrix import Amounts, price_all
from rules.pricing import Terms
from rules.scope import Cell, Item

PRICES_LIMIT = 1_000_000
"""Prices that one preview looks at; segments are left out first, then experiences past it."""

CHANGES_TOLD = 10

EDGES = (-5_000, -2_000, -1_000, -500, 0, 500, 1_000, 2_000, 5_000)
"""Bounds of the distribution's bands, in basis points of the price before."""


class Outlook(msgspec.Struct, frozen=True):
    """What a preview needs, apart from the program: by market the items, and the cells."""

    draft: str
    version: int
    running: CompiledRules
    rules: CompiledRules
    markets: list[tuple[list[Item], list[Cell]]]
    terms: Terms


def draw_outlook(program: Program, id: str) -> Outlook:
    """Takes out what a preview of a draft needs. Raises ``Rejection("unknown_draft")``."""
    draft, rules = find_draft(program, id)
    running = program.book.running
    tiers = program.settings.tiers or _named(1, running, rules) or ("",)
    markets = program.settings.markets or _named(2, running, rules) or ("",)
    segments: tuple[tuple[str, ...], ...] = ((), *((one,) for one in _named(4, running, rules)))
    experiences = list(program.experiences.values())
    if len(experiences) * len(tiers) * len(markets) * len(segments) > PRICES_LIMIT:
        segments = ((),)
    experiences = experiences[: max(1, PRICES_LIMIT // (len(tiers) * len(markets)))]
    campaigns = program.campaigns.in_force(program.at)
    views = []
    for market in markets:
        money = market in program.settings.money
        items = [
            item_of(program, one, market, share_of(one.terms, None))
            for one in experiences
            if (not one.terms.markets or market in one.terms.markets)
            and (money or one.terms.payment is None or one.terms.payment.greatest == 10_000)
        ]
        cells = [Cell("redemption", tier, market, "", own, campaigns) for tier in tiers for own in segments]
        views.append((items, cells))
    terms = Terms(program.at, dict(program.campaigns.left))
    return Outlook(draft.id, draft.version, running.copy(), rules.copy(), views, terms)


def preview(outlook: Outlook) -> Preview:
    """Compares all prices."""
    prices = changed = dearer = cheaper = 0
    rows: list[tuple[int, PriceChange]] = []
    shifts: list[Amounts] = []
    for items, cells in outlook.markets:
        if not items:
            continue
        before = price_all(outlook.running, items, cells, outlook.terms)
        after = price_all(outlook.rules, items, cells, outlook.terms)
        difference = after.points - before.points
        prices += difference.size
        changed += int(np.count_nonzero((difference != 0) | (after.cash != before.cash)))
        dearer += int(np.count_nonzero(difference > 0))
        cheaper += int(np.count_nonzero(difference < 0))
        shifts.append((difference * 10_000 // np.maximum(before.points, 1))[difference != 0])
        order = np.argsort(difference, axis=None, kind="stable")
        for place in {*order[:CHANGES_TOLD].tolist(), *order[-CHANGES_TOLD:].tolist()}:
            at = np.unravel_index(place, difference.shape)
            if difference[at]:
                change = PriceChange(
                    items[at[0]].experience,
                    cells[at[1]].tier,
                    cells[at[1]].market,
                    int(before.points[at]),
                    int(after.points[at]),
                    int(before.cash[at]),
                    int(after.cash[at]),
                    "".join(cells[at[1]].segments),
                )
                rows.append((int(difference[at]), change))
    rows.sort(key=lambda row: (row[0], row[1].experience, row[1].tier, row[1].market, row[1].segment))
    return Preview(
        draft=outlook.draft,
        version=outlook.version,
        prices=prices,
        changed=changed,
        dearer=dearer,
        cheaper=cheaper,
        largest_up=[change for by, change in reversed(rows) if by > 0][:CHANGES_TOLD],
        largest_down=[change for by, change in rows if by < 0][:CHANGES_TOLD],
        distribution=_bands(np.concatenate(shifts) if shifts else np.zeros(0, np.int64)),
    )


def _bands(shifts: Amounts) -> list[Band]:
    bounds = (None, *EDGES, None)
    places = np.bincount(np.searchsorted(np.array(EDGES), shifts, side="right"), minlength=len(EDGES) + 1)
    return [
        Band(bounds[number], bounds[number + 1], int(count)) for number, count in enumerate(places.tolist())
    ]


def _named(dimension: int, *sets: CompiledRules) -> tuple[str, ...]:
    """The values that rules name in a dimension."""
    return tuple(sorted({value for rules in sets for value in rules.listing[dimension]}))
