"""What something costs whom, now: from the program's state to what rules/ prices, and back.

A price in points is split into points and cash first, at the share that the member pays in points; the
market's rate turns the rest into minor units of its currency, tax included. That is rounded half up as all
is, but what is left of a price is at least one minor unit: rounding gives nothing away. Nor is it more than
``MAXIMUM_POINTS``, which no amount exceeds. Then price rules change either part.
"""

from typing import NamedTuple

from engine.commands import ExperienceTerms, MarketMoney, Redeem
from engine.errors import Rejection
from engine.members import Member
from engine.program import Program
from engine.rewards.state import Experience
from engine.units import MAXIMUM_FACTOR, MAXIMUM_POINTS, ONE, apply_factor
from rules.pricing import Quote, Terms, quote, quote_matching
from rules.scope import Cell, Item

NO_MONEY = MarketMoney("XXX", 0, 1)
"""Where nothing can be paid in cash: ISO 4217's code for no currency."""


def cell_of(
    program: Program,
    tier: str,
    market: str,
    *,
    channel: str = "",
    segments: tuple[str, ...] = (),
    mechanic: str = "redemption",
    at: int,
) -> Cell:
    """Who asks, and where, at ``at`` ms."""
    return Cell(mechanic, tier, market, channel, segments, program.campaigns.in_force(at))


def terms_of(program: Program, member: Member | None, at: int) -> Terms:
    """What else decides: budgets, and the rules that the member has used up."""
    return Terms(at, program.campaigns.left, used_up(program, member) if member is not None else ())


def used_up(program: Program, member: Member) -> tuple[str, ...]:
    """The running rules that the member may not profit from any more, in order."""
    if not member.uses:
        return ()
    running = program.book.running
    return tuple(
        sorted(
            id
            for id, uses in member.uses.items()
            if id in running.places and 0 < running.rules[running.places[id]].limit <= uses
        )
    )


def share_of(terms: ExperienceTerms, wanted: int | None) -> int:
    """The share that is paid in points, in basis points. Raises ``Rejection("split_out_of_bounds")``."""
    payment = terms.payment
    least, greatest = (payment.least, payment.greatest) if payment is not None else (ONE, ONE)
    if wanted is None:
        return greatest
    if not least <= wanted <= greatest:
        raise Rejection(
            "split_out_of_bounds",
            f"The share in points is {least} to {greatest} basis points here.",
            least=least,
            greatest=greatest,
        )
    return wanted


def item_of(program: Program, experience: Experience, market: str, share: int) -> Item:
    """The experience as it is before rules: its points, and the cash for the rest of its base price.

    Raises ``Rejection("no_conversion_rate")`` where a market has no money and the share needs some.
    """
    money = check_money(program, market) if share != ONE else NO_MONEY
    return split(experience.id, experience.terms, share, money)


def split(id: str, terms: ExperienceTerms, share: int, money: MarketMoney) -> Item:
    """An experience before rules, ``share`` basis points of it in points and the rest in a market's money.

    A rest that is worth less than a minor unit costs one: nothing is given away.
    """
    if share == ONE:
        return Item(id, terms.kind, terms.points)
    points = apply_factor(terms.points, share)
    rest = terms.points - points
    cash = min(max(apply_factor(rest, money.rate), 1), MAXIMUM_POINTS) if rest else 0
    return Item(id, terms.kind, points, cash)


def check_money(program: Program, market: str) -> MarketMoney:
    """The market's money. Raises ``Rejection("no_conversion_rate")``."""
    money = program.settings.money.get(market)
    if money is None:
        raise Rejection(
            "no_conversion_rate",
            f"Nothing can be paid in cash in the market {market!r}: it has no conversion rate.",
            market=market,
        )
    return money


def money_of(program: Program, market: str) -> MarketMoney:
    """The market's money, or ``NO_MONEY``."""
    return program.settings.money.get(market, NO_MONEY)


def tax_in(cash: int, money: MarketMoney) -> int:
    """The tax that is in a price of ``cash`` minor units."""
    return cash - (cash * ONE + (ONE + money.tax) // 2) // (ONE + money.tax)


class Offer(NamedTuple):
    """What a member is asked for: before rules, and after."""

    item: Item
    quote: Quote


def offer_to(program: Program, member: Member, experience: Experience, asked: Redeem, at: int) -> Offer:
    """What the member pays, as it asks. Raises ``Rejection``: ``split_out_of_bounds``,
    ``no_conversion_rate``."""
    item = item_of(program, experience, member.market, share_of(experience.terms, asked.share))
    cell = cell_of(
        program, member.tier, member.market, channel=asked.channel, segments=member.segments, at=at
    )
    found = quote(program.book.running, cell, item, terms_of(program, member, at))
    if found.cash:
        check_money(program, member.market)
    return Offer(item, found)


def settlement_factor(program: Program, member: Member, auction: str, factor: int, at: int) -> int:
    """What a winner pays of the hammer price, in basis points: the auction's own ``factor`` for its tier,
    changed by the rules that name the mechanic auction."""
    rules = program.book.running
    cell = cell_of(program, member.tier, member.market, segments=member.segments, mechanic="auction", at=at)
    item = Item(auction, "auction", factor)
    named = rules.listing[0].get("auction", 0)
    places = rules.sort(rules.match_cell(cell) & rules.match_item(item) & named)
    points = quote_matching(rules, places, item, Terms(at)).points
    return min(max(1, points), MAXIMUM_FACTOR)
