"""A catalogue of a run's own, and price rules for it beside those that run.

The running rules are copied into a draft, ours are added, and the draft is published; afterwards they are
taken out in the same way. Ours speak for the run's own experiences alone, so nobody else's price changes.
"""

from typing import Any

import msgspec

from loadtests.findings import Verification, conclude
from loadtests.result import Check
from loadtests.scenario import Stage
from loadtests.wire import StormError

Rules = list[dict[str, Any]]


class Group(msgspec.Struct, frozen=True):
    """An evaluation group, as the wire has it."""

    id: str
    mode: str = "stack"


class RulePage(msgspec.Struct, frozen=True):
    """The revision that runs (0: none has been published), and its groups."""

    revision: int
    groups: list[Group]


class DraftSet(msgspec.Struct, frozen=True):
    """A draft after a command."""

    version: int


class RulesSet(msgspec.Struct, frozen=True):
    """What was published; ``awaiting`` names a draft that another manager must approve."""

    revision: int
    awaiting: str = ""


async def publish_rules(stage: Stage, rules: Rules) -> None:
    """Publishes ``rules`` in a group of the run's own, behind all that run. Raises ``StormError``."""
    group = stage.name(0)
    running = await _read_running(stage)
    groups = [*running.groups, Group(group)]
    await _publish(stage, running, groups=groups, rules=[{**rule, "group": group} for rule in rules])


async def retract_rules(stage: Stage, rules: list[str]) -> None:
    """Takes the rules with these ids out again. Raises ``StormError``."""
    running = await _read_running(stage)
    groups = [group for group in running.groups if group.id != stage.name(0)]
    await _publish(stage, running, groups=groups, removed=rules)


async def _read_running(stage: Stage) -> RulePage:
    message = await stage.managers.ask("rules.get", limit=1)
    return msgspec.json.decode(message.result, type=RulePage)


async def _publish(stage: Stage, running: RulePage, **change: Any) -> None:
    managers, draft = stage.managers, f"{stage.name(0)}-{running.revision}"
    await managers.require("rules.begin", draft=draft, revision=running.revision)
    message = await managers.require("rules.put", draft=draft, **change)
    version = msgspec.json.decode(message.result, type=DraftSet).version
    message = await managers.require("rules.publish", draft=draft, version=version, why="load test")
    if msgspec.json.decode(message.result, type=RulesSet).awaiting:
        await managers.require("rules.drop", draft=draft)
        raise StormError(
            "in this program a second manager approves price rules: a run cannot publish its own"
        )


class Tuning(msgspec.Struct, frozen=True):
    """A running rule's number was changed."""

    rule: str
    after: int


class RuleHistory(msgspec.Struct, frozen=True):
    """The last tunings, newest first."""

    tunings: list[Tuning]


def verify_tunings(verification: Verification, told: list[int], found: list[int], strays: int) -> None:
    """A rule's history ends with the numbers that were acknowledged, in their order. ``found`` is its end,
    oldest first; of ``strays`` nobody knows whether they are in it."""
    if strays:
        missing = set(told[-len(found) + strays :] if len(found) > strays else ()) - set(found)
        if missing:
            verification.report(f"tunings to {sorted(missing)} are not in the history")
    elif found != told[len(told) - len(found) :] or (told and not found):
        verification.report(f"the history ends with {found[-5:]}, acknowledged were {told[-5:]}")


async def check_tunings(stage: Stage, rule: str, told: list[int], strays: int) -> Check:
    """Compares a rule's last tunings with the numbers that were acknowledged. Raises ``StormError``."""
    verification = Verification()
    message = await stage.managers.ask("rules.history")
    tunings = msgspec.json.decode(message.result, type=RuleHistory).tunings
    found = [one.after for one in reversed(tunings) if one.rule == rule]
    verify_tunings(verification, told, found, strays)
    return conclude("acknowledged moves are in the history", len(told), verification)
