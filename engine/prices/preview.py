"""What a draft would change before it runs: all prices under the running rules beside those under the draft.

The prices are those of every experience in every tier and market, and once more for each segment and channel
that a rule of either set names. They are looked at as of now, and as of the instants at which rules that
differ apply next: a draft for Friday's campaign changes nothing before. It takes a copy of what it needs
first, so that the look itself may take its time.
"""

from collections.abc import Iterator
from copy import copy
from itertools import product

import msgspec
import numpy as np

from engine.campaigns.state import DRAFT, SCHEDULED, Campaign
from engine.commands import ExperienceTerms, MarketMoney
from engine.prices.answers import Band, Look, Preview, PriceChange
from engine.prices.quotes import NO_MONEY, share_of, split
from engine.prices.revisions import find_draft
from engine.program import Program
from engine.units import MAXIMUM_TIME, ONE
from rules.compiler import CompiledRules
from rules.matrix import Amounts, price_all
from rules.pricing import Terms
from rules.rule import PriceRule, is_open
from rules.scope import Cell, Item

PRICES_LIMIT = 1_000_000
"""Prices that one preview looks at: past it later instants are left out first, then channels together with
segments, then either, then experiences."""

CELLS_LIMIT = 50_000
"""Cells that are drawn: however few experiences there are, that is quickly done."""

LOOKS = 5
"""Instants that are looked at, now among them."""

UNSEEN_TOLD = 50

CHANGES_TOLD = 10

EDGES = (-5_000, -2_000, -1_000, -500, 0, 500, 1_000, 2_000, 5_000)
"""Bounds of the distribution's bands, in basis points of the price before."""

_TRIES = 16
"""Edges of campaigns and windows, one after the other, that are tried for one at which both are open."""


class Outlook(msgspec.Struct, frozen=True):
    """What a preview needs, apart from the program: the experiences, by market the cells as of now and the
    money, and the campaigns that rules name."""

    draft: str
    version: int
    running: CompiledRules
    rules: CompiledRules
    experiences: list[tuple[str, ExperienceTerms]]
    money: dict[str, MarketMoney]
    markets: list[tuple[str, list[Cell]]]
    terms: Terms
    campaigns: dict[str, Campaign]


def draw_outlook(program: Program, id: str, scheduled: str = "") -> Outlook:
    """Takes out what a preview of a draft needs. The campaign ``scheduled`` is looked at as if it were that,
    where it is a draft. Raises ``Rejection("unknown_draft")``."""
    draft, rules = find_draft(program, id)
    running = program.book.running
    tiers = program.settings.tiers or list_named(1, running, rules) or ("",)
    markets = program.settings.markets or list_named(2, running, rules) or ("",)
    experiences = list(program.experiences.values())
    room = PRICES_LIMIT // max(1, len(experiences) * len(tiers) * len(markets))
    room = min(room, CELLS_LIMIT // (len(tiers) * len(markets)))
    crowds = _crowds(list_named(3, running, rules), list_named(4, running, rules), room)
    experiences = experiences[: max(1, PRICES_LIMIT // (len(tiers) * len(markets)))]
    known = program.campaigns.by_id
    campaigns = {id: copy(known[id]) for id in list_named(5, running, rules) if id in known}
    if scheduled in campaigns and campaigns[scheduled].status == DRAFT:
        campaigns[scheduled].status = SCHEDULED
    in_force = list_in_force(campaigns, program.at)
    return Outlook(
        draft=draft.id,
        version=draft.version,
        running=running.copy(),
        rules=rules.copy(),
        experiences=[(one.id, one.terms) for one in experiences],
        money=program.settings.money,
        markets=[
            (
                market,
                [
                    Cell("redemption", tier, market, channel, segments, in_force)
                    for tier in tiers
                    for channel, segments in crowds
                ],
            )
            for market in markets
        ],
        terms=Terms(program.at, dict(program.campaigns.left)),
        campaigns=campaigns,
    )


def _items_in(outlook: Outlook, market: str) -> list[Item]:
    """What is to be had in a market, as it is before rules."""
    money = outlook.money.get(market)
    return [
        split(id, terms, share, money or NO_MONEY)
        for id, terms in outlook.experiences
        for share in (share_of(terms, None),)
        if (not terms.markets or market in terms.markets) and (money is not None or share == ONE)
    ]


def preview(outlook: Outlook) -> Preview:
    """Compares all prices."""
    comparison = _Comparison(outlook)
    differing = list(_find_differing(outlook.running, outlook.rules))
    for at in _find_instants(outlook, comparison.size, differing):
        comparison.look(at)
    unseen = {rule.id for rule in differing} - {
        rule.id for rule in differing for look in comparison.looks if applies(rule, look.at, look.campaigns)
    }
    rows = sorted(comparison.rows, key=lambda row: (row[0], msgspec.structs.astuple(row[1])))
    return Preview(
        draft=outlook.draft,
        version=outlook.version,
        prices=sum(look.prices for look in comparison.looks),
        changed=sum(look.changed for look in comparison.looks),
        dearer=comparison.dearer,
        cheaper=comparison.cheaper,
        largest_up=[change for by, change in reversed(rows) if by > 0][:CHANGES_TOLD],
        largest_down=[change for by, change in rows if by < 0][:CHANGES_TOLD],
        distribution=_bands(np.concatenate(comparison.shifts or [np.zeros(0, np.int64)])),
        looks=comparison.looks,
        unseen=sorted(unseen)[:UNSEEN_TOLD],
    )


class _Comparison:
    """What was found so far, look by look."""

    def __init__(self, outlook: Outlook) -> None:
        self.looks: list[Look] = []
        self.dearer = self.cheaper = 0
        self.rows: list[tuple[int, PriceChange]] = []
        self.shifts: list[Amounts] = []
        self._outlook = outlook
        self._markets = [(_items_in(outlook, market), cells) for market, cells in outlook.markets]
        self.size = sum(len(items) * len(cells) for items, cells in self._markets)

    def look(self, at: int) -> None:
        """Compares all prices as of ``at`` ms."""
        outlook = self._outlook
        terms = msgspec.structs.replace(outlook.terms, at=at)
        campaigns = list_in_force(outlook.campaigns, at)
        prices = changed = 0
        for items, cells_now in self._markets:
            if not items:
                continue
            cells = [msgspec.structs.replace(cell, campaigns=campaigns) for cell in cells_now]
            before = price_all(outlook.running, items, cells, terms)
            after = price_all(outlook.rules, items, cells, terms)
            difference = after.points - before.points
            prices += difference.size
            changed += int(np.count_nonzero((difference != 0) | (after.cash != before.cash)))
            self.dearer += int(np.count_nonzero(difference > 0))
            self.cheaper += int(np.count_nonzero(difference < 0))
            self.shifts.append((difference * 10_000 // np.maximum(before.points, 1))[difference != 0])
            order = np.argsort(difference, axis=None, kind="stable")
            for place in {*order[:CHANGES_TOLD].tolist(), *order[-CHANGES_TOLD:].tolist()}:
                row, column = (int(index) for index in np.unravel_index(place, difference.shape))
                if difference[row, column]:
                    cell = cells[column]
                    change = PriceChange(
                        items[row].experience,
                        cell.tier,
                        cell.market,
                        int(before.points[row, column]),
                        int(after.points[row, column]),
                        int(before.cash[row, column]),
                        int(after.cash[row, column]),
                        "".join(cell.segments),
                        cell.channel,
                        at,
                    )
                    self.rows.append((int(difference[row, column]), change))
        self.looks.append(Look(at, campaigns, prices, changed))


def _crowds(
    channels: tuple[str, ...], segments: tuple[str, ...], room: int
) -> list[tuple[str, tuple[str, ...]]]:
    """Channel and segments of those who may see a price of their own, as far as there is ``room``."""
    own: list[tuple[str, ...]] = [(), *((one,) for one in segments)]
    together = list(product(("", *channels), own))
    apart = [one for one in together if not (one[0] and one[1])]
    by_segment = [one for one in together if not one[0]]
    return next((some for some in (together, apart, by_segment) if len(some) <= room), [("", ())])


def _find_instants(outlook: Outlook, prices: int, differing: list[PriceRule]) -> list[int]:
    """Now, and then when those that differ apply first, if they do not at an instant before; ``prices`` are
    looked at each time."""
    now = outlook.terms.at
    room = min(LOOKS, PRICES_LIMIT // max(1, prices))
    instants, in_force = [now], [list_in_force(outlook.campaigns, now)]
    for at, rule in sorted(
        ((next_applies(rule, outlook.campaigns, now), rule) for rule in differing),
        key=lambda pair: pair[0],
    ):
        if at >= MAXIMUM_TIME or len(instants) >= room:
            break
        if not any(applies(rule, *one) for one in zip(instants, in_force, strict=True)):
            instants.append(at)
            in_force.append(list_in_force(outlook.campaigns, at))
    return instants


def _find_differing(running: CompiledRules, rules: CompiledRules) -> Iterator[PriceRule]:
    """The rules that one set has and the other has not, or has otherwise; all, where groups differ."""
    for one, other in ((running, rules), (rules, running)):
        for rule in one.rules:
            place = other.places.get(rule.id)
            if place is None or other.rules[place] != rule or one.groups != other.groups:
                yield rule


def next_applies(rule: PriceRule, campaigns: dict[str, Campaign], at: int) -> int:
    """The first instant from ``at`` on at which a window of the rule and one of its campaigns are open;
    ``MAXIMUM_TIME`` where none is known."""
    named = [campaigns[id] for id in rule.scope.campaigns if id in campaigns]
    for _ in range(_TRIES):
        opens = min((max(start, at) for start, end in rule.windows if end > at), default=MAXIMUM_TIME)
        opens = opens if rule.windows else at
        if not rule.scope.campaigns or opens >= MAXIMUM_TIME:
            return opens
        at = min((_next_in_force(one, opens) for one in named), default=MAXIMUM_TIME)
        if at in (opens, MAXIMUM_TIME):
            return at
    return MAXIMUM_TIME


def _next_in_force(campaign: Campaign, at: int) -> int:
    for _ in range(_TRIES):
        if at >= MAXIMUM_TIME or campaign.is_in_force(at):
            return at
        at = campaign.next_edge(at)
    return MAXIMUM_TIME


def applies(rule: PriceRule, at: int, in_force: tuple[str, ...]) -> bool:
    """Whether it can apply to some price at ``at`` ms."""
    named = rule.scope.campaigns
    return is_open(rule, at) and (not named or any(id in in_force for id in named))


def list_in_force(campaigns: dict[str, Campaign], at: int) -> tuple[str, ...]:
    """Those of the campaigns that are in force at ``at`` ms, in order."""
    return tuple(sorted(id for id, campaign in campaigns.items() if campaign.is_in_force(at)))


def _bands(shifts: Amounts) -> list[Band]:
    bounds = (None, *EDGES, None)
    places = np.bincount(np.searchsorted(np.array(EDGES), shifts, side="right"), minlength=len(EDGES) + 1)
    return [
        Band(bounds[number], bounds[number + 1], int(count)) for number, count in enumerate(places.tolist())
    ]


def list_named(dimension: int, *sets: CompiledRules) -> tuple[str, ...]:
    """The values that rules name in a dimension."""
    return tuple(sorted({value for rules in sets for value in rules.listing[dimension]}))
