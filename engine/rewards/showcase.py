"""A look ahead for staff: what a campaign's shelf has at an instant, for whoever is of a tier and market.

It shows what members are shown, of any instant rather than of now. A draft is looked at as if it were
scheduled. Price rules are those that run, and budgets have what they have left now; nobody knows which of
either there will be.
"""

from copy import copy

import msgspec

from engine.campaigns.lifecycle import find as find_campaign
from engine.campaigns.rotation import find_shelf, next_turn
from engine.campaigns.state import DRAFT, SCHEDULED, Campaign
from engine.commands import ExperienceTerms, Rotation, Shelf
from engine.errors import Rejection
from engine.prices.quotes import item_of, share_of
from engine.prices.table import Context, cell_in
from engine.program import Program
from engine.rewards.answers import PickView, PriceView, ShelfPreview
from engine.rewards.catalogue import is_locked, opens_at, stock_left
from engine.rewards.state import Experience
from engine.rewards.views import price_view
from engine.units import MAXIMUM_TIME
from rules.pricing import Terms, quote
from rules.scope import Cell


def preview_shelf(
    program: Program,
    id: str,
    context: Context,
    at: int,
    turning: tuple[tuple[Shelf, ...], Rotation | None] | None = None,
) -> ShelfPreview:
    """What somebody in this context is shown at ``at`` ms; ``turning``: with other shelves and another
    rotation than the campaign has. Raises ``Rejection``: ``unknown_campaign``, ``unknown_tier``,
    ``unknown_market``."""
    campaign = _as_scheduled(find_campaign(program, id))
    if turning is not None:
        campaign.terms = msgspec.structs.replace(campaign.terms, shelves=turning[0], rotation=turning[1])
    in_force = campaign.is_in_force(at)
    shelf = find_shelf(campaign.terms, at) if in_force else None
    cell = msgspec.structs.replace(cell_in(program, context), campaigns=_list_in_force(program, campaign, at))
    picks = [] if shelf is None else [_pick(program, one, cell, at) for one in shelf.experiences]
    edge = min(campaign.next_edge(at), next_turn(campaign.terms, at))
    return ShelfPreview(
        campaign=id,
        at=at,
        in_force=in_force,
        shelf=shelf.id if shelf is not None else "",
        titles=shelf.titles if shelf is not None else {},
        picks=picks,
        turns_at=0 if edge == MAXIMUM_TIME else edge,
        known_until=campaign.terms.expanded_until if campaign.terms.schedule else 0,
    )


def _as_scheduled(campaign: Campaign) -> Campaign:
    """A copy of the campaign, out of the state."""
    seen = copy(campaign)
    if seen.status == DRAFT:
        seen.status = SCHEDULED
    return seen


def _list_in_force(program: Program, seen: Campaign, at: int) -> tuple[str, ...]:
    others = (one for one in program.campaigns.by_id.values() if one.id != seen.id)
    return tuple(sorted(one.id for one in (*others, seen) if one.is_in_force(at)))


def _pick(program: Program, id: str, cell: Cell, at: int) -> PickView:
    experience = program.experiences.get(id)
    if experience is None:
        return PickView(id, {}, "unknown", False, None, None)
    terms = experience.terms
    return PickView(
        experience=id,
        titles=terms.titles,
        unseen=_find_why_unseen(terms, cell, at),
        locked=is_locked(terms, cell.tier),
        left=stock_left(experience, cell.market),
        price=_price(program, experience, cell, at),
    )


def _find_why_unseen(terms: ExperienceTerms, cell: Cell, at: int) -> str:
    if terms.markets and cell.market not in terms.markets:
        return "market"
    if at < opens_at(terms, cell.tier):
        return "not_yet"
    if terms.visible_until and at >= terms.visible_until:
        return "over"
    return "tier" if terms.gate == "hidden" and is_locked(terms, cell.tier) else ""


def _price(program: Program, experience: Experience, cell: Cell, at: int) -> PriceView | None:
    try:
        item = item_of(program, experience, cell.market, share_of(experience.terms, None))
    except Rejection:
        return None  # the market has no conversion rate
    found = quote(program.book.running, cell, item, Terms(at, program.campaigns.left))
    if found.cash and cell.market not in program.settings.money:
        return None
    return price_view(program, cell.market, found.points, found.cash)
