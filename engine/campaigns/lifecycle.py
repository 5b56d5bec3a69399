"""A campaign's life: draft → scheduled → running ⇄ paused → ended → archived.

Whether a campaign is in force follows from its terms and the instant alone (``Campaign.is_in_force``); the
agenda makes its status and its listeners follow promptly. A running one whose start is moved to later is
scheduled again. A paused one stays so, and is scheduled when it is resumed before its start.
"""

from itertools import pairwise

import msgspec

from engine.agenda import Duty
from engine.campaigns.rotation import next_turn
from engine.campaigns.state import (
    ARCHIVED,
    BEFORE_END,
    DRAFT,
    ENDED,
    PAUSED,
    RUNNING,
    SCHEDULED,
    Campaign,
)
from engine.commands import (
    ArchiveCampaign,
    CampaignTerms,
    EndCampaign,
    ExtendSchedule,
    PauseCampaign,
    PutCampaign,
    ResumeCampaign,
    ScheduleCampaign,
)
from engine.errors import Rejection
from engine.events import CampaignChanged
from engine.program import Program
from engine.results import CampaignSet
from engine.units import MAXIMUM_TIME

LIVE = 1_000
"""Campaigns that have not ended. All of them may come into force at one instant: then whoever is priced
first looks at each (4 µs)."""


def find(program: Program, id: str) -> Campaign:
    """The campaign. Raises ``Rejection("unknown_campaign")``."""
    campaign = program.campaigns.by_id.get(id)
    if campaign is None:
        raise Rejection("unknown_campaign", f"There is no campaign {id!r}.", campaign=id)
    return campaign


def put(program: Program, command: PutCampaign, actor: str, at: int) -> CampaignSet:
    """Makes a draft, or replaces the terms; the windows of a schedule that stays the same stay too: whoever
    puts it does not know them. Raises ``Rejection``: ``invalid_campaign``, ``wrong_campaign_status`` for one
    that has ended, ``too_many_campaigns``."""
    campaigns = program.campaigns
    _check_terms(command.terms)
    if command.campaign in campaigns.by_id:
        campaign = _find_in(program, command.campaign, at, BEFORE_END)
        campaign.terms = _keep_windows(campaign.terms, command.terms)
    else:
        _check_room(program, at)
        campaign = campaigns.by_id[command.campaign] = Campaign(command.campaign, command.terms)
    return _changed(program, campaign, at)


def schedule(program: Program, command: ScheduleCampaign, actor: str, at: int) -> CampaignSet:
    """draft → scheduled, or running where it has started. Raises ``Rejection``: ``wrong_campaign_status``,
    ``already_past``."""
    campaign = _find_in(program, command.campaign, at, (DRAFT,))
    ends_at = campaign.terms.ends_at
    if ends_at and ends_at <= at:
        raise Rejection(
            "already_past", "The campaign's end has passed; put a later one first.", ends_at=ends_at, now=at
        )
    campaign.status = SCHEDULED
    return _changed(program, campaign, at)


def pause(program: Program, command: PauseCampaign, actor: str, at: int) -> CampaignSet:
    """running → paused. Raises ``Rejection("wrong_campaign_status")``."""
    campaign = _find_in(program, command.campaign, at, (RUNNING,))
    campaign.status, campaign.reason = PAUSED, command.reason
    return _changed(program, campaign, at)


def resume(program: Program, command: ResumeCampaign, actor: str, at: int) -> CampaignSet:
    """paused → running, or scheduled before its start. Raises ``Rejection("wrong_campaign_status")``."""
    campaign = _find_in(program, command.campaign, at, (PAUSED,))
    campaign.status, campaign.reason = RUNNING, ""
    return _changed(program, campaign, at)


def end(program: Program, command: EndCampaign, actor: str, at: int) -> CampaignSet:
    """Ends it now. Raises ``Rejection("wrong_campaign_status")``."""
    campaign = _find_in(program, command.campaign, at, BEFORE_END)
    campaign.status, campaign.reason = ENDED, command.reason
    return _changed(program, campaign, at)


def archive(program: Program, command: ArchiveCampaign, actor: str, at: int) -> CampaignSet:
    """ended → archived. Raises ``Rejection("wrong_campaign_status")``."""
    campaign = _find_in(program, command.campaign, at, (ENDED,))
    campaign.status = ARCHIVED
    return _changed(program, campaign, at)


def extend_schedule(program: Program, command: ExtendSchedule, actor: str, at: int) -> CampaignSet:
    """Takes new windows. Raises ``Rejection``: ``schedule_changed``, ``invalid_campaign``,
    ``wrong_campaign_status``."""
    campaign = _find_in(program, command.campaign, at, BEFORE_END)
    terms = campaign.terms
    if command.schedule != terms.schedule:
        raise Rejection("schedule_changed", "The campaign has another schedule by now: expand that one.")
    _check_windows(command.windows)
    campaign.terms = msgspec.structs.replace(
        terms, windows=command.windows, expanded_until=command.expanded_until
    )
    return _changed(program, campaign, at)


def do_turn(program: Program, id: str, at: int) -> None:
    """The agenda's ``TURN_CAMPAIGN``: an edge was reached, or this entry is out of date."""
    campaign = program.campaigns.by_id.get(id)
    if campaign is not None and campaign.awaited <= at:
        _changed(program, campaign, at)


def _check_room(program: Program, at: int) -> None:
    campaigns, limit = program.campaigns.by_id, program.settings.campaigns
    if len(campaigns) >= limit:
        raise Rejection("too_many_campaigns", f"A program may have at most {limit} campaigns.")
    if (
        len(campaigns) >= LIVE
        and sum([one.status_at(at) in BEFORE_END for one in campaigns.values()]) >= LIVE
    ):
        raise Rejection(
            "too_many_campaigns", f"At most {LIVE} campaigns may not have ended yet; end some of them first."
        )


def _keep_windows(old: CampaignTerms, new: CampaignTerms) -> CampaignTerms:
    """The new terms. Without its windows a campaign would be out of force until the keeper expands again."""
    if not new.schedule or new.schedule != old.schedule:
        return new
    return msgspec.structs.replace(new, windows=old.windows, expanded_until=old.expanded_until)


def _find_in(program: Program, id: str, at: int, statuses: tuple[str, ...]) -> Campaign:
    campaign = find(program, id)
    status = campaign.status_at(at)
    if status not in statuses:
        wanted = " or ".join(statuses)
        raise Rejection(
            "wrong_campaign_status", f"The campaign is {status}; it must be {wanted}.", status=status
        )
    return campaign


def _changed(program: Program, campaign: Campaign, at: int) -> CampaignSet:
    program.campaigns.note_change(campaign)
    campaign.status = campaign.status_at(at)
    _await_edge(program, campaign, at)
    program.events.append(CampaignChanged(campaign.id, campaign.status))
    return CampaignSet(campaign.id, campaign.status)


def _await_edge(program: Program, campaign: Campaign, at: int) -> None:
    if campaign.status not in (SCHEDULED, RUNNING, PAUSED):
        return
    edge = min(campaign.next_edge(at), next_turn(campaign.terms, at))
    # An entry that is still to come and in time is enough: whoever finds nothing to do posts the next.
    if edge < MAXIMUM_TIME and not at < campaign.awaited <= edge:
        campaign.awaited = edge
        program.agenda.post(edge, Duty.TURN_CAMPAIGN, campaign.id)


def _check_terms(terms: CampaignTerms) -> None:
    """Raises ``Rejection("invalid_campaign")`` with the field that is wrong."""
    rotation = terms.rotation
    peaks = rotation.peaks if rotation is not None else ()
    problems = (
        (
            "ends_at",
            0 < terms.ends_at <= terms.starts_at,
            "ends_at must lie after starts_at; 0 means for good.",
        ),
        (
            "ends_at",
            terms.kind == "always_on" and terms.ends_at,
            "An always-on campaign has no end; make it promotional.",
        ),
        (
            "shelves",
            len({shelf.id for shelf in terms.shelves}) < len(terms.shelves),
            "Two shelves have one id.",
        ),
        (
            "rotation",
            any(peak.ends_at <= peak.starts_at for peak in peaks)
            or any(later.starts_at < earlier.ends_at for earlier, later in pairwise(peaks)),
            "Peaks stand in order of time, each after the end of the one before.",
        ),
    )
    for field, wrong, words in problems:
        if wrong:
            raise Rejection("invalid_campaign", words, field=field)
    _check_windows(terms.windows)


def _check_windows(windows: tuple[tuple[int, int], ...]) -> None:
    for number, (start, end) in enumerate(windows):
        if end <= start:
            raise Rejection(
                "window_ends_before_it_starts", "A window ends after it starts.", field=f"windows[{number}]"
            )
    for number, (earlier, later) in enumerate(pairwise(windows), 1):
        if later[0] < earlier[1]:
            raise Rejection(
                "windows_overlap",
                "Windows stand in order of time, each after the end of the one before.",
                field=f"windows[{number}]",
            )
