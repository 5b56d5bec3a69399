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

_BY_TIME: Final = (SCHEDULED, RUNNING)
"""In these the instant decides whether it is in force."""

_LATEST = MAXIMUM_TIME + 1
"""Later than any window ends: ``(at, _LATEST)`` stands behind all that start at ``at``."""


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
        place = bisect_right(terms.windows, (at, _LATEST))
        return place > 0 and at < terms.windows[place - 1][1]

    def next_edge(self, at: int) -> int:
        """When (ms) it next comes into force, goes out of it, starts or ends after ``at``."""
        terms = self.terms
        windows = terms.windows
        edge = MAXIMUM_TIME
        if at < terms.starts_at:
            edge = terms.starts_at
        elif at < terms.ends_at:
            edge = terms.ends_at
        if windows:
            place = bisect_right(windows, (at, _LATEST))
            if place < len(windows) and windows[place][0] < edge:
                edge = windows[place][0]
            if place and at < windows[place - 1][1] < edge:
                edge = windows[place - 1][1]
        return edge


class Campaigns:
    """All campaigns by id. ``left`` has what each budget has left, in points; a campaign without one is not
    in it.

    Which of them are in force is kept from one look to the next: only those are looked at again that were
    changed, or that have reached the next instant at which they may come into force or go out of it. It
    follows from terms, statuses and the instant alone, so it is not encoded.
    """

    __slots__ = ("_edges", "_in_force", "_since", "_until", "by_id", "left")

    def __init__(self, campaigns: list[Campaign] | None = None) -> None:
        self.by_id = {campaign.id: campaign for campaign in campaigns or []}
        self.left: dict[str, int] = {}
        for campaign in self.by_id.values():
            self._note_budget(campaign)
        self._begin()

    def in_force(self, at: int) -> tuple[str, ...]:
        """The ids of those whose rules apply at ``at`` ms, in order."""
        if not self._since <= at < self._until:
            self._look_again(at)
        return self._in_force

    def note_change(self, campaign: Campaign) -> None:
        """Its terms, its status or its budget are others now."""
        self._edges[campaign.id] = self._until = 0
        self._note_budget(campaign)

    def _note_budget(self, campaign: Campaign) -> None:
        budget = campaign.terms.budget
        if budget is None:
            self.left.pop(campaign.id, None)
        else:
            self.left[campaign.id] = max(0, budget - campaign.given)

    def _begin(self) -> None:
        """Nothing is known yet; those that cannot come into force are not looked at."""
        live = [one.id for one in self.by_id.values() if one.status in _BY_TIME]
        self._in_force: tuple[str, ...] = ()
        self._edges = dict.fromkeys(live, 0)
        self._since = self._until = 0

    def _look_again(self, at: int) -> None:
        if at < self._since:
            self._begin()
        reached = [id for id, edge in self._edges.items() if edge <= at]
        before = set(self._in_force)
        after = set(before)
        for id in reached:
            campaign = self.by_id[id]
            by_time = campaign.status in _BY_TIME
            if by_time and campaign.is_in_force(at):
                after.add(id)
            else:
                after.discard(id)
            edge = campaign.next_edge(at) if by_time else MAXIMUM_TIME
            if edge < MAXIMUM_TIME:
                self._edges[id] = edge
            else:
                del self._edges[id]
        if after != before:
            self._in_force = tuple(sorted(after))
        self._since = at
        self._until = min(self._edges.values(), default=MAXIMUM_TIME)

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
