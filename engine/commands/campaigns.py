"""Commands on campaigns."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from engine.commands.base import Command
from engine.commands.rewards import Titles
from engine.units import Identifier, Points, Reference, Text, Time

TimeSpan = tuple[Time, Time]
"""From the first instant (ms) up to, and without, the second."""

Spans = Annotated[tuple[TimeSpan, ...], Meta(max_length=2_000)]

Period = Annotated[int, Meta(ge=60_000, le=366 * 86_400_000)]
"""How long a shelf stays, in ms: a minute at least."""


class Shelf(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A named set of experiences."""

    id: Identifier
    experiences: Annotated[tuple[Reference, ...], Meta(max_length=200)]
    titles: Titles = {}


class Peak(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A time in which shelves turn at another ``period``."""

    starts_at: Time
    ends_at: Time
    period: Period


class Rotation(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """How long each shelf stays, and the peaks in which that is different, in order of time. The next shelf
    comes up when a peak begins and when it ends."""

    period: Period
    peaks: Annotated[tuple[Peak, ...], Meta(max_length=100)] = ()


class CampaignTerms(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """What a campaign is.

    It runs from ``starts_at`` to ``ends_at`` (0: for good, which an always-on one does), and is in force in
    its ``windows`` alone where it has some, or has a ``schedule``: the text that they were expanded from, as
    far as ``expanded_until``; the engine does not read it. ``budget`` is what its price rules may give away,
    in points (None: without limit).
    """

    titles: Titles = {}
    kind: Literal["promotional", "always_on"] = "promotional"
    starts_at: Time = 0
    ends_at: Time = 0
    windows: Spans = ()
    budget: Points | None = None
    shelves: Annotated[tuple[Shelf, ...], Meta(max_length=100)] = ()
    rotation: Rotation | None = None
    schedule: Annotated[str, Meta(max_length=8_000)] = ""
    expanded_until: Time = 0


class PutCampaign(Command, frozen=True, tag=80):
    """Makes a draft of a campaign, or replaces the terms of one that has not ended.

    Where its ``schedule`` stays the same, the ``windows`` that it has by now stay too. One that runs is
    scheduled again where ``starts_at`` is later now.
    """

    campaign: Identifier
    terms: CampaignTerms


class ScheduleCampaign(Command, frozen=True, tag=81):
    """draft → scheduled: it runs by itself from its start on."""

    campaign: Reference


class PauseCampaign(Command, frozen=True, tag=82):
    """running → paused: its rules do not apply."""

    campaign: Reference
    reason: Text = ""


class ResumeCampaign(Command, frozen=True, tag=83):
    """paused → running, or scheduled before its start. Its end has not moved."""

    campaign: Reference


class EndCampaign(Command, frozen=True, tag=84):
    """Ends a campaign now."""

    campaign: Reference
    reason: Text = ""


class ArchiveCampaign(Command, frozen=True, tag=85):
    """ended → archived: it is listed no more unless asked for."""

    campaign: Reference


class ExtendSchedule(Command, frozen=True, tag=86):
    """Replaces a campaign's windows by what its ``schedule`` comes to now, as far as ``expanded_until``.

    The keeper asks for it; where the campaign has another schedule by then it is refused.
    """

    campaign: Reference
    schedule: Annotated[str, Meta(max_length=8_000)]
    windows: Spans
    expanded_until: Time
