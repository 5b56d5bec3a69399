"""What can be asked of the catalogue, redemptions and campaigns. See engine/views.py."""

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from msgspec.structs import astuple

from engine.campaigns.lifecycle import find as find_campaign
from engine.campaigns.rotation import find_shelf, next_turn
from engine.campaigns.state import ARCHIVED, Campaign
from engine.cursors import parse_cursor
from engine.errors import Rejection
from engine.members import Member
from engine.prices.quotes import cell_of, item_of, money_of, share_of, tax_in, terms_of
from engine.program import Program
from engine.rewards.answers import (
    CampaignList,
    CampaignRecord,
    CataloguePage,
    ExperiencePage,
    ExperienceRecord,
    OfferView,
    PriceView,
    RedemptionList,
    RedemptionPage,
    RedemptionView,
    StepView,
)
from engine.rewards.catalogue import count_taken, find, is_locked, is_shown, stock_left
from engine.rewards.redemption import find as find_redemption, find_own
from engine.rewards.state import Experience, Redemption
from engine.units import MAXIMUM_TIME, ONE
from rules.compiler import CompiledRules
from rules.pricing import Step, quote

_T = TypeVar("_T")

SCAN_LIMIT = 1_000
"""Things that one page looks at: it may be short of its limit."""


def price_view(program: Program, market: str, points: int, cash: int) -> PriceView:
    """A price in a market's money."""
    money = money_of(program, market)
    currency, exponent = (money.currency, money.exponent) if cash else ("", 0)
    return PriceView(points, cash, currency, exponent, tax_in(cash, money))


def step_view(step: Step, rules: CompiledRules) -> StepView:
    """A rule that applied, with its title."""
    title = rules.rules[rules.places[step.rule]].title
    return StepView(step.rule, step.part, step.before, step.after, title)


def list_offers(
    program: Program,
    member: str,
    *,
    campaign: str = "",
    kind: str = "",
    channel: str = "",
    after: str = "",
    limit: int = 50,
) -> CataloguePage:
    """What a member sees. ``campaign``: of its shelf that is up. Raises ``Rejection``: ``unknown_member``,
    ``unknown_campaign``, ``invalid_parameters``."""
    who, at = program.members.get(member), program.at
    shelf = None
    ids: Iterable[str] = program.experiences
    if campaign:
        found = find_campaign(program, campaign)
        shelf = find_shelf(found.terms, at) if found.is_in_force(at) else None
        ids = [id for id in shelf.experiences if id in program.experiences] if shelf is not None else []
    page, following = _page(ids, after)
    offers: list[OfferView] = []
    for number, id in page:
        experience = program.experiences[id]
        if kind in ("", experience.terms.kind) and is_shown(experience.terms, who.tier, who.market, at):
            offers.append(view_offer(program, experience, who, channel))
        if len(offers) >= limit:
            following = str(number)
            break
    if shelf is None:
        return CataloguePage(offers, following)
    turns_at = next_turn(program.campaigns.by_id[campaign].terms, at)
    return CataloguePage(
        offers, following, shelf.id, shelf.titles, 0 if turns_at == MAXIMUM_TIME else turns_at
    )


def get_offer(program: Program, member: str, experience: str, channel: str = "") -> OfferView:
    """One experience as a member sees it. Raises ``Rejection``: ``unknown_member``,
    ``unknown_experience``."""
    who = program.members.get(member)
    return view_offer(program, find_shown(program, who, experience), who, channel)


def find_shown(program: Program, member: Member, id: str) -> Experience:
    """The experience, where the member sees it. Raises ``Rejection("unknown_experience")``."""
    found = find(program, id)
    if not is_shown(found.terms, member.tier, member.market, program.at):
        raise Rejection("unknown_experience", f"There is no experience {id!r}.", experience=id)
    return found


def view_offer(program: Program, experience: Experience, member: Member, channel: str) -> OfferView:
    """An experience with its price for the member, whether it may take it or not."""
    terms, at = experience.terms, program.at
    payment = terms.payment
    split, price, steps = _prices_for(program, experience, member, channel)
    return OfferView(
        experience=experience.id,
        kind=terms.kind,
        titles=terms.titles,
        texts=terms.texts,
        base=terms.points,
        price=price,
        locked=is_locked(terms, member.tier),
        unlocked_by=terms.tiers,
        left=stock_left(experience, member.market),
        limit=terms.limit,
        had=count_taken(experience, member.id, at),
        fulfilment=terms.fulfilment,
        least=payment.least if payment else ONE,
        greatest=payment.greatest if payment else ONE,
        open_until=terms.visible_until,
        split=split,
        steps=steps,
    )


def list_experiences(program: Program, *, after: str = "", limit: int = 50) -> ExperiencePage:
    """The catalogue as staff sees it. Raises ``Rejection("invalid_parameters")``."""
    page, _ = _page(program.experiences, after)
    records = [view_experience(program, id) for _, id in islice(page, limit)]
    end = (int(after) if after else 0) + len(records)
    return ExperiencePage(records, str(end) if end < len(program.experiences) else "")


def view_experience(program: Program, id: str) -> ExperienceRecord:
    """An experience as staff sees it. Raises ``Rejection("unknown_experience")``."""
    found = find(program, id)
    return ExperienceRecord(found.id, found.terms, found.taken, found.taken_by_market)


def view_redemption(program: Program, id: str, viewer: str = "") -> RedemptionView:
    """A redemption; ``viewer`` is the member that asks, and sees its own alone. Raises
    ``Rejection("unknown_redemption")``."""
    return _redemption_view(
        program, find_own(program, id, viewer) if viewer else find_redemption(program, id)
    )


def list_redemptions(program: Program, member: str) -> RedemptionList:
    """A member's redemptions. Raises ``Rejection("unknown_member")``."""
    found = (program.redemptions.get(id) for id in reversed(program.members.get(member).redemptions))
    return RedemptionList(member, [_redemption_view(program, one) for one in found if one is not None])


def list_all_redemptions(
    program: Program, *, status: str = "", experience: str = "", after: str = "", limit: int = 50
) -> RedemptionPage:
    """Everybody's redemptions, newest first. Raises ``Rejection("invalid_parameters")``."""
    oldest = program.redeemed - len(program.redemptions) + 1
    serial = min(parse_cursor(after) - 1, program.redeemed) if after else program.redeemed
    lowest = max(oldest, serial - SCAN_LIMIT + 1)
    found: list[RedemptionView] = []
    while serial >= lowest and len(found) < limit:
        one = program.redemptions[f"R{serial}"]
        if status in ("", one.status) and experience in ("", one.experience):
            found.append(_redemption_view(program, one))
        serial -= 1
    return RedemptionPage(found, str(serial + 1) if serial >= oldest else "")


def list_campaigns(program: Program, *, status: str = "", after: str = "", limit: int = 50) -> CampaignList:
    """Campaigns; the archived ones where ``status`` asks for them. Raises
    ``Rejection("invalid_parameters")``."""
    page, following = _page(program.campaigns.by_id, after)
    found: list[CampaignRecord] = []
    for number, id in page:
        campaign = program.campaigns.by_id[id]
        own = campaign.status_at(program.at)
        if own == status or (not status and own != ARCHIVED):
            found.append(_campaign_record(program, campaign))
        if len(found) >= limit:
            following = str(number)
            break
    return CampaignList(found, following)


def view_campaign(program: Program, id: str) -> CampaignRecord:
    """One campaign. Raises ``Rejection("unknown_campaign")``."""
    return _campaign_record(program, find_campaign(program, id))


def _campaign_record(program: Program, campaign: Campaign) -> CampaignRecord:
    at = program.at
    shelf = find_shelf(campaign.terms, at)
    turns_at = min(campaign.next_edge(at), next_turn(campaign.terms, at))
    return CampaignRecord(
        campaign=campaign.id,
        status=campaign.status_at(at),
        in_force=campaign.is_in_force(at),
        given=campaign.given,
        left=program.campaigns.left.get(campaign.id),
        shelf=shelf.id if shelf is not None else "",
        turns_at=0 if turns_at == MAXIMUM_TIME else turns_at,
        reason=campaign.reason,
        terms=campaign.terms,
    )


def _prices_for(
    program: Program, experience: Experience, member: Member, channel: str
) -> tuple[PriceView | None, PriceView | None, list[StepView]]:
    """Before and after price rules, and what they did."""
    at = program.at
    cell = cell_of(program, member.tier, member.market, channel=channel, segments=member.segments, at=at)
    try:
        item = item_of(program, experience, member.market, share_of(experience.terms, None))
    except Rejection:
        return None, None, []  # the market has no conversion rate
    rules = program.book.running
    found = quote(rules, cell, item, terms_of(program, member, at))
    if found.cash and member.market not in program.settings.money:
        return None, None, []
    market = member.market
    split = price_view(program, market, item.points, item.cash)
    steps = [step_view(step, rules) for step in found.steps]
    return split, price_view(program, market, found.points, found.cash), steps


def _redemption_view(program: Program, redemption: Redemption) -> RedemptionView:
    cash = redemption.cash
    experience = program.experiences.get(redemption.experience)
    tax = cash - (cash * ONE + (ONE + redemption.tax) // 2) // (ONE + redemption.tax)
    return RedemptionView(
        redemption=redemption.id,
        member=redemption.member,
        experience=redemption.experience,
        market=redemption.market,
        channel=redemption.channel,
        status=redemption.status,
        base=redemption.base,
        price=PriceView(redemption.points, cash, redemption.currency, redemption.exponent, tax),
        steps=[StepView(*astuple(step)) for step in redemption.steps],
        at=redemption.at,
        pays_until=redemption.pays_until,
        refunded=redemption.refunded,
        cash_refunded=redemption.cash_refunded,
        reference=redemption.reference,
        ended_at=redemption.ended_at,
        reason=redemption.reason,
        titles=experience.terms.titles if experience is not None else {},
    )


def _page(ids: Iterable[str], after: str) -> tuple[list[tuple[int, str]], str]:
    """The ids that a page looks at, each with the cursor behind it, and the cursor behind all."""
    first = parse_cursor(after) if after else 0
    page = list(enumerate(islice(ids, first, first + SCAN_LIMIT + 1), first + 1))
    return page[:SCAN_LIMIT], str(first + SCAN_LIMIT) if len(page) > SCAN_LIMIT else ""
