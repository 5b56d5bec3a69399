"""What tickets cost a member now: each ticket at its price under the rules of the mechanic raffle.

A rule with a budget, or with a limit for each member, may end amid a purchase: the tickets before that cost
one price, those behind it another. Bundles say how many of the tickets are paid; rules price one.
"""

from typing import Final, NamedTuple

from engine.commands import Bundle
from engine.errors import Rejection
from engine.members import Member
from engine.prices.quotes import cell_of, used_up
from engine.program import Program
from engine.raffles.state import Raffle
from rules.compiler import CompiledRules
from rules.pricing import Quote, Terms, quote_matching
from rules.scope import Item

KIND: Final = "raffle"
"""The kind that a raffle's tickets have for rules; of the dimension experiences, its id."""

PRICES: Final = 16
"""How many prices there may be within one purchase."""


class Cost(NamedTuple):
    """What a purchase costs: ``points`` in all, of which budgets lose ``given`` by campaign; ``uses`` counts
    by rule with a limit."""

    points: int
    given: dict[str, int]
    uses: dict[str, int]


def count_paid(bundles: tuple[Bundle, ...], tickets: int) -> int:
    """How many of ``tickets`` are paid: the largest bundle that fits counts first, as often as it fits."""
    paid = 0
    for bundle in sorted(bundles, key=lambda bundle: -bundle.tickets):
        times, tickets = divmod(tickets, bundle.tickets)
        paid += times * bundle.pays
    return paid + tickets


def quote_ticket(program: Program, member: Member, raffle: Raffle, channel: str, at: int) -> Quote:
    """The price of one ticket, and how it came about. Its cash is left out: tickets cost points."""
    item, places = _match(program, member, raffle, channel, at)
    terms = Terms(at, program.campaigns.left, used_up(program, member))
    return quote_matching(program.book.running, places, item, terms)


def price_tickets(
    program: Program, member: Member, raffle: Raffle, tickets: int, channel: str, at: int
) -> Cost:
    """What ``tickets`` cost. Raises ``Rejection("too_many_prices")`` where budgets and limits would cut the
    purchase into more than ``PRICES`` parts."""
    paid = count_paid(raffle.terms.bundles, tickets)
    item, places = _match(program, member, raffle, channel, at)
    if not places:
        return Cost(item.points * paid, {}, {})
    rules = program.book.running
    left = program.campaigns.left
    spent = set(used_up(program, member))
    points, given, uses = 0, dict[str, int](), dict[str, int]()
    for _ in range(PRICES):
        found = quote_matching(rules, places, item, Terms(at, left, spent))
        count = _count_alike(rules, found, paid, left, member, uses)
        points += count * found.points
        for campaign, share in found.given.items():
            given[campaign] = given.get(campaign, 0) + count * share
            if campaign in left:
                left = {**left, campaign: left[campaign] - count * share}
        for rule in _limited(rules, found):
            uses[rule] = uses.get(rule, 0) + count
            if _uses_left(rules, rule, member, uses) <= 0:
                spent.add(rule)
        paid -= count
        if not paid:
            return Cost(points, given, uses)
    raise Rejection(
        "too_many_prices",
        f"Budgets and limits would cut this into more than {PRICES} prices; buy fewer tickets at once.",
        limit=PRICES,
    )


def _match(program: Program, member: Member, raffle: Raffle, channel: str, at: int) -> tuple[Item, list[int]]:
    """A ticket before rules, and the rules' places in the order of evaluation."""
    assert raffle.terms.price is not None
    item = Item(raffle.id, KIND, raffle.terms.price)
    rules = program.book.running
    named = rules.listing[0].get("raffle", 0)
    if not named:
        return item, []
    cell = cell_of(
        program,
        member.tier,
        member.market,
        channel=channel,
        segments=member.segments,
        mechanic="raffle",
        at=at,
    )
    return item, rules.sort(rules.match_cell(cell) & rules.match_item(item) & named)


def _count_alike(
    rules: CompiledRules,
    found: Quote,
    paid: int,
    left: "dict[str, int]",
    member: Member,
    uses: dict[str, int],
) -> int:
    """How many of ``paid`` tickets cost the same, before a budget or a limit ends."""
    count = paid
    for campaign, share in found.given.items():
        if share and campaign in left:
            count = min(count, left[campaign] // share)
    for rule in _limited(rules, found):
        count = min(count, _uses_left(rules, rule, member, uses))
    return max(1, count)


def _limited(rules: CompiledRules, found: Quote) -> list[str]:
    """The rules with a limit for each member that made this price."""
    return [step.rule for step in found.steps if rules.rules[rules.places[step.rule]].limit]


def _uses_left(rules: CompiledRules, rule: str, member: Member, uses: dict[str, int]) -> int:
    had = (member.uses or {}).get(rule, 0) + uses.get(rule, 0)
    return rules.rules[rules.places[rule]].limit - had
