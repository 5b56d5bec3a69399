"""Members who see the same prices, and what those are: what the topic ``prices`` is made of."""

from collections.abc import Iterable
from typing import NamedTuple

from engine.members import Member
from engine.prices.quotes import cell_of, item_of, share_of, used_up
from engine.program import Program
from engine.rewards.answers import PriceView
from engine.rewards.catalogue import is_shown
from engine.rewards.views import price_view
from engine.units import ONE
from rules.pricing import Terms, quote_matching
from rules.scope import Cell, Item, find_failed

CHANNELS, SEGMENTS = 3, 4
"""Dimensions' places in ``rules.scope.DIMENSIONS``."""


class Audience(NamedTuple):
    """Members who see the same prices: of channels, segments and used-up rules, what running rules name."""

    tier: str
    market: str
    channel: str
    segments: tuple[str, ...]
    used_up: tuple[str, ...]


def audience_of(program: Program, member: Member, channel: str) -> Audience:
    """The audience that a member belongs to now."""
    listing = program.book.running.listing
    segments = tuple(sorted({segment for segment in member.segments if segment in listing[SEGMENTS]}))
    channel = channel if channel in listing[CHANNELS] else ""
    return Audience(member.tier, member.market, channel, segments, used_up(program, member))


def prices_for(program: Program, audience: Audience, ids: Iterable[str]) -> dict[str, PriceView | None]:
    """What these experiences cost an audience now, at the greatest share in points; None for what it cannot
    see, or cannot pay."""
    at, rules = program.at, program.book.running
    tier, market, channel, segments, used = audience
    cell = cell_of(program, tier, market, channel=channel, segments=segments, at=at)
    terms = Terms(at, program.campaigns.left, used)
    matching = rules.match_cell(cell)
    payable = market in program.settings.money
    prices: dict[str, PriceView | None] = {}
    for id in ids:
        prices[id] = None
        experience = program.experiences.get(id)
        if experience is None or not is_shown(experience.terms, tier, market, at):
            continue
        share = share_of(experience.terms, None)
        if share != ONE and not payable:
            continue
        item = item_of(program, experience, market, share)
        found = quote_matching(rules, rules.sort(matching & rules.match_item(item)), item, terms)
        if payable or not found.cash:
            prices[id] = price_view(program, market, found.points, found.cash)
    return prices


def concerns(program: Program, rule: str, audience: Audience, ids: Iterable[str]) -> list[str]:
    """Those of the experiences whose price for an audience a running rule can change, whenever it is open."""
    place = program.book.running.places.get(rule)
    if place is None:
        return []
    scope = program.book.running.rules[place].scope
    tier, market, channel, segments, _ = audience
    cell = Cell("redemption", tier, market, channel, segments, scope.campaigns)
    if find_failed(scope, cell, Item("", "", 0)) not in ("", "kinds", "experiences"):
        return []
    experiences, listed = program.experiences, frozenset(scope.experiences)
    return [
        id
        for id in ids
        if id in experiences
        and (not listed or id in listed)
        and (not scope.kinds or experiences[id].terms.kind in scope.kinds)
    ]
