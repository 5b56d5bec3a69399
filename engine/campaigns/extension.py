"""Schedules, expanded again before they run out: what the keeper asks for while a campaign lives.

Zones and calendars are those of the machine that expands; the log holds the instants that came out. A
schedule is expanded anew once half of what was expanded ahead is used up: of the sixty days, or, where there
are more windows in them than there may be, of the windows. Each process looks at each schedule once besides:
a newer zone database or calendar comes with a new process, and may have corrected what was expanded.
"""

from collections.abc import Iterator

import msgspec

from engine.campaigns.state import BEFORE_END, Campaign, Campaigns
from engine.commands import CampaignTerms, ExtendSchedule
from engine.units import MINUTE
from rules.rule import Window
from rules.schedule import HORIZON, Schedule, expand

WINDOWS = 2_000
"""Windows that a campaign may have: past it less is expanded at once."""

LOOK_AGAIN = MINUTE
"""How long one whose expansion failed, or was refused, is left alone, in ms."""


class SchedulesAhead:
    """Which campaigns are due, each named at most once a minute unless its terms are others by then."""

    def __init__(self) -> None:
        self._looked: dict[str, tuple[CampaignTerms, int]] = {}
        self._read: dict[str, str] = {}

    def find_due(self, campaigns: Campaigns, now: int) -> Iterator[tuple[str, str]]:
        """Id and schedule of each campaign that should be expanded at ``now`` ms; last one that this process
        has not looked at, whose expansion may come to what is there (``is_news``)."""
        unread: Campaign | None = None
        for campaign in campaigns.by_id.values():
            terms = campaign.terms
            if not terms.schedule or campaign.status_at(now) not in BEFORE_END:
                continue
            if not _runs_low(terms, now):
                if unread is None and self._read.get(campaign.id) != terms.schedule:
                    unread = campaign
                continue
            looked, at = self._looked.get(campaign.id, (None, 0))
            # Terms are replaced as a whole: others, if only in a title, may have come without windows.
            if looked is terms and now < at + LOOK_AGAIN:
                continue
            self._looked[campaign.id] = (terms, now)
            self._read[campaign.id] = terms.schedule
            yield campaign.id, terms.schedule
        if unread is not None:
            self._read[unread.id] = unread.terms.schedule
            yield unread.id, unread.terms.schedule


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


def is_news(campaigns: Campaigns, command: ExtendSchedule, now: int) -> bool:
    """Whether the log should have it: what is there runs low at ``now`` ms, or is not what came out now."""
    terms = campaigns.by_id[command.campaign].terms
    until = min(terms.expanded_until, command.expanded_until)
    return _runs_low(terms, now) or _clip(terms.windows, now, until) != _clip(command.windows, now, until)


def _clip(windows: tuple[Window, ...], since: int, until: int) -> list[Window]:
    return [(max(start, since), min(end, until)) for start, end in windows if start < until and end > since]


def _runs_low(terms: CampaignTerms, now: int) -> bool:
    """Whether half of what was expanded ahead is used up."""
    if terms.expanded_until >= now + HORIZON // 2:
        return False
    if len(terms.windows) < WINDOWS:
        return True
    return terms.windows[-WINDOWS // 2][1] <= now
