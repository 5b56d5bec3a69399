"""Commands on price rules: drafts, revisions, tuning."""

from typing import Annotated

from msgspec import Meta

from engine.commands.base import Command, Reason
from engine.units import Identifier, Reference, Text
from rules.rule import GROUP_LIMIT, Group, Number, PriceRule

CHUNK = 200
"""Rules that are put or removed in one command."""

Revision = Annotated[int, Meta(ge=0, le=10**9)]

Version = Annotated[int, Meta(ge=0, le=10**9)]
"""Counts the changes of a draft: what was checked is what is published."""


class BeginDraft(Command, frozen=True, tag=90):
    """Begins a draft of a rule set: a copy of ``revision`` (the running one as it is tuned by now), or empty
    for 0."""

    draft: Identifier
    revision: Revision = 0


class PutRules(Command, frozen=True, tag=91):
    """Changes a draft: first its ``groups`` (None: they stay), then what is removed, then what is put.

    A rule with the id of another takes its place. A long set comes in several commands.
    """

    draft: Reference
    rules: Annotated[tuple[PriceRule, ...], Meta(max_length=CHUNK)] = ()
    removed: Annotated[tuple[Reference, ...], Meta(max_length=CHUNK)] = ()
    groups: Annotated[tuple[Group, ...], Meta(max_length=GROUP_LIMIT)] | None = None


class PublishRules(Command, frozen=True, tag=92):
    """Makes ``version`` of a draft the running revision; where the program demands a second manager's
    approval, asks for it."""

    draft: Reference
    version: Version
    why: Reason


class ApproveRules(Command, frozen=True, tag=93):
    """Approves ``version`` of a draft that another asked to publish: it becomes the running revision."""

    draft: Reference
    version: Version


class DropDraft(Command, frozen=True, tag=94):
    """Throws a draft away."""

    draft: Reference


class RollBackRules(Command, frozen=True, tag=95):
    """Makes what ``revision`` was when it was published the running revision, under a new number. One manager
    may: it was approved before."""

    revision: Revision
    why: Reason


class TuneRule(Command, frozen=True, tag=96):
    """Changes the number of one running rule: from this entry on every price is by the new one. One manager
    may, also where rule sets are published by two."""

    rule: Reference
    number: Number
    why: Text = ""
