"""What a campaign is while it lives, and what all of them come to at an instant."""

from bisect import bisect_right
from typing import Final

import msgspec

from engine.commands import CampaignTerms
from engine.units import MAXIMUM_TIME

DRAFT: Final = "draft"
SCHEDULED: Final = "scheduled"
RUNNING: Final = "running"
PAUSED: Final = "paused"
ENDED: Final = "ended"
ARCHIVED: Final = "archived"

BEFORE_END: Final = (DRAFT, SCHEDULED, RUNNING, PAUSED)


class Campaign(msgspec.Struct, array_like=True):
    """A campaign. ``given`` are the points that its rules gave away. ``awaited`` is the instant (ms) of its
    entry in the agenda that counts; an earlier one is out of date. ``reason`` is why it was paused or ended
    by hand. ``awaiting`` are the redemptions that took a share of the budget and wait for their payment, and
    until when (ms), in the order of their making."""

    id: str
    terms: CampaignTerms
    status: str = DRAFT
    given: int = 0
    awaited: int = 0
    reason: str = ""
    awaiting: dict[str, int] = {}

    def status_at(self, at: int) -> str:
        """Its status at ``at`` ms, which the agenda may still be behind."""
        if self.status in (SCHEDULED, RUNNING, PAUSED):
            if self.terms.ends_at and at >= self.terms.ends_at:
                return ENDED
            if self.status != PAUSED:
                return RUNNING if at >= self.terms.starts_at else SCHEDULED
        return self.status

    def is_in_force(self, at: int) -> bool:
        """Whether its rules apply at ``at`` ms."""
        if self.status_at(at) != RUNNING:
            return False
        terms = self.terms
        if not terms.windows and not terms.schedule:
            return True
        place = bisect_right(terms.windows, at, key=_start_of)
        return place > 0 and at < terms.windows[place - 1][1]

    def next_edge(self, at: int) -> int:
        """When (ms) it next comes into force, goes out of it, starts or ends after ``at``."""
        terms = self.terms
        place = bisect_right(terms.windows, at, key=_start_of)
        edges = [terms.starts_at, terms.ends_at]
        if place < len(terms.windows):
            edges.append(terms.windows[place][0])
        if place:
            edges.append(terms.windows[place - 1][1])
        return min([edge for edge in edges if edge > at], default=MAXIMUM_TIME)


class Campaigns:
    """All campaigns by id. ``left`` has what each budget has left, in points; a campaign without one is not
    in it."""

    __slots__ = ("_in_force", "_since", "_until", "by_id", "left")

    def __init__(self, campaigns: list[Campaign] | None = None) -> None:
        self.by_id = {campaign.id: campaign for campaign in campaigns or []}
        self.left: dict[str, int] = {}
        self._in_force: tuple[str, ...] = ()
        self._since = self._until = 0
        for campaign in self.by_id.values():
            self.note_change(campaign)

    def in_force(self, at: int) -> tuple[str, ...]:
        """The ids of those whose rules apply at ``at`` ms, in order."""
        if not self._since <= at < self._until:
            campaigns = self.by_id.values()
            self._in_force = tuple(sorted(campaign.id for campaign in campaigns if campaign.is_in_force(at)))
            self._since = at
            self._until = min((campaign.next_edge(at) for campaign in campaigns), default=MAXIMUM_TIME)
        return self._in_force

    def note_change(self, campaign: Campaign) -> None:
        """What is known of all was changed in one of them."""
        self._since = self._until = 0
        budget = campaign.terms.budget
        if budget is None:
            self.left.pop(campaign.id, None)
        else:
            self.left[campaign.id] = max(0, budget - campaign.given)

    def give(self, id: str, points: int) -> int | None:
        """Takes points from a campaign's budget, or puts them back where below 0; returns what is left, or
        None for a campaign without one."""
        campaign = self.by_id.get(id)
        if campaign is None:
            return None
        campaign.given += points
        budget = campaign.terms.budget
        if budget is None:
            return None
        self.left[id] = left = max(0, budget - campaign.given)
        return left


def _start_of(window: tuple[int, int]) -> int:
    return window[0]
