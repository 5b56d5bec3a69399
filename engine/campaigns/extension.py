"""Schedules, expanded again before they run out: what the keeper asks for while a campaign lives.

Zones and calendars are those of the machine that expands; the log holds the instants that came out. A
schedule is expanded anew once half of what was expanded ahead is used up: of the sixty days, or, where there
are more windows in them than there may be, of the windows.
"""

from collections.abc import Iterator

import msgspec

from engine.campaigns.state import BEFORE_END, Campaigns
from engine.commands import CampaignTerms, ExtendSchedule
from engine.units import MINUTE
from rules.schedule import HORIZON, Schedule, expand

WINDOWS = 2_000
"""Windows that a campaign may have: past it less is expanded at once."""

LOOK_AGAIN = MINUTE
"""How long one whose expansion failed, or was refused, is left alone, in ms."""


class SchedulesAhead:
    """Which campaigns are due, each named at most once a minute unless its terms are others by then."""

    def __init__(self) -> None:
        self._looked: dict[str, tuple[CampaignTerms, int]] = {}

    def find_due(self, campaigns: Campaigns, now: int) -> Iterator[tuple[str, str]]:
        """Id and schedule of each campaign that should be expanded at ``now`` ms."""
        for campaign in campaigns.by_id.values():
            terms = campaign.terms
            if not terms.schedule or campaign.status_at(now) not in BEFORE_END or not _runs_low(terms, now):
                continue
            looked, at = self._looked.get(campaign.id, (None, 0))
            # Terms are replaced as a whole: others, if only in a title, may have come without windows.
            if looked is terms and now < at + LOOK_AGAIN:
                continue
            self._looked[campaign.id] = (terms, now)
            yield campaign.id, terms.schedule


def extend(campaign: str, schedule: str, now: int) -> ExtendSchedule:
    """The windows of ``schedule`` from ``now`` (ms) on, as far as 60 days, or as many as there may be.

    Raises ``msgspec.DecodeError``, also for what the log could not hold, and
    ``rules.schedule.ScheduleFaultyError``.
    """
    windows = expand(msgspec.json.decode(schedule, type=Schedule), now, now + HORIZON)
    until = windows[WINDOWS][0] if len(windows) > WINDOWS else now + HORIZON
    command = ExtendSchedule(campaign, schedule, windows[:WINDOWS], until)
    # Nothing may reach the log that cannot be read from it: here that is one campaign's failure.
    return msgspec.convert(msgspec.to_builtins(command), ExtendSchedule)


def _runs_low(terms: CampaignTerms, now: int) -> bool:
    """Whether half of what was expanded ahead is used up."""
    if terms.expanded_until >= now + HORIZON // 2:
        return False
    if len(terms.windows) < WINDOWS:
        return True
    return terms.windows[-WINDOWS // 2][1] <= now
