"""What a redemption does when the agenda is behind: it lets go of what is overdue and in its way.

That are the member's own redemptions, which hold points and uses of rules with a limit; one of a piece, where
none is left; and those that hold shares of the budgets that this price may take from. Each is looked for in
the order of making, in which deadlines rise; where the program's payment_deadline was shortened, the newer
ones are found later, in the agenda's turn. So are those past the first ``LOOKED_AT``: then a discount may
still be missing, or a piece, but nothing is ever given away twice.
"""

from itertools import islice
from typing import Final

from engine.members import Member
from engine.prices.quotes import cell_of
from engine.program import Program
from engine.rewards import catalogue
from engine.rewards.reversal import do_lapse, is_overdue
from engine.rewards.state import Experience
from rules.compiler import walk_bits
from rules.scope import Item

LOOKED_AT: Final = 256
"""How many redemptions that await their payment one command looks at for a piece, and for shares; each share
of a budget that one gives back counts as one more."""


def free_own(program: Program, member: Member, at: int) -> None:
    """Lets go of the member's own that are overdue."""
    units = LOOKED_AT
    for id in member.redemptions:
        if units <= 0:
            return
        units -= _lapse(program, id, at)


def free_piece(program: Program, experience: Experience, market: str, at: int) -> None:
    """Where nothing is left for a market, lets go of what is overdue until something is.

    Its own market's come first: only they help where its own stock is used up.
    """
    units = LOOKED_AT
    for place in (market, *[other for other in experience.awaiting if other != market]):
        if catalogue.stock_left(experience, market) != 0 or units <= 0:
            return
        if place != market and catalogue.left_in(experience, market) == 0:
            return
        awaiting = experience.awaiting.get(place, {})
        overdue, units = _find_overdue(awaiting, at, units), max(0, units - len(awaiting))
        for id in overdue:
            units -= _lapse(program, id, at)
            if catalogue.stock_left(experience, market) != 0:
                return


def free_shares(program: Program, experience: Experience, member: Member, channel: str, at: int) -> None:
    """Lets go of what is overdue and holds shares of budgets that rules for this redemption take from."""
    by_id, rules = program.campaigns.by_id, program.book.running
    cell = cell_of(program, member.tier, member.market, channel=channel, segments=member.segments, at=at)
    item = Item(experience.id, experience.terms.kind, experience.terms.points)
    places = walk_bits(rules.match_cell(cell) & rules.match_item(item))
    named = sorted({rules.rules[place].budget for place in places})
    campaigns = [by_id[id] for id in named if id in by_id and by_id[id].awaiting]
    units = LOOKED_AT
    for campaign in campaigns:
        for id in _find_overdue(campaign.awaiting, at, max(1, LOOKED_AT // len(campaigns))):
            if units <= 0:
                return
            units -= _lapse(program, id, at)


def _lapse(program: Program, id: str, at: int) -> int:
    """Lets go of one, if it is overdue; returns how many shares of budgets that gave back."""
    redemption = program.redemptions.get(id)
    if redemption is None or not is_overdue(redemption, at):
        return 0
    shares = len(redemption.given)
    do_lapse(program, id, at)
    return shares


def _find_overdue(awaiting: dict[str, int], at: int, units: int) -> list[str]:
    return [id for id, until in islice(awaiting.items(), units) if until <= at]
