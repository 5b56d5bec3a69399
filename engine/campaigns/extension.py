"""Schedules, expanded again before they run out: what the keeper asks for while a campaign lives.

Zones and calendars are those of the machine that expands; the log holds the instants that came out.
"""

from collections.abc import Iterator

import msgspec

from engine.campaigns.state import BEFORE_END, Campaigns
from engine.commands import ExtendSchedule
from engine.units import DAY, MINUTE
from rules.schedule import HORIZON, Schedule, expand

WINDOWS = 2_000
"""Windows that a campaign may have: past it less is expanded at once."""


LOOK_AGAIN = MINUTE
"""How long one whose expansion came to nothing, or not far, is left alone, in ms."""


class SchedulesAhead:
    """Which campaigns are due, each named at most once a minute unless its schedule is another."""

    def __init__(self) -> None:
        self._looked: dict[str, tuple[str, int]] = {}

    def find_due(self, campaigns: Campaigns, now: int) -> Iterator[tuple[str, str]]:
        """Id and schedule of each campaign that should be expanded at ``now`` ms."""
        for campaign in campaigns.by_id.values():
            terms = campaign.terms
            if not terms.schedule or campaign.status_at(now) not in BEFORE_END:
                continue
            if terms.expanded_until >= now + HORIZON - DAY:
                continue
            text, at = self._looked.get(campaign.id, ("", 0))
            if text == terms.schedule and now < at + LOOK_AGAIN:
                continue
            self._looked[campaign.id] = (terms.schedule, now)
            yield campaign.id, terms.schedule


def extend(campaign: str, schedule: str, now: int) -> ExtendSchedule:
    """The windows of ``schedule`` from ``now`` (ms) on, as far as 60 days, or as many as there may be.

    Raises ``msgspec.DecodeError`` and ``rules.schedule.ScheduleFaultyError``.
    """
    windows = expand(msgspec.json.decode(schedule, type=Schedule), now, now + HORIZON)
    until = windows[WINDOWS][0] if len(windows) > WINDOWS else now + HORIZON
    return ExtendSchedule(campaign, schedule, windows[:WINDOWS], until)
