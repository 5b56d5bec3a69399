"""Does what a plan says, change by change, and tells what came of each.

What is refused does not undo what was done: each change stands for itself, and the same file can be applied
again once it was put right. But nothing follows settings that were refused; and after anything was refused
price rules are not published, and nothing is removed: prices stay as they are rather than being half of what
was meant.
"""

from collections.abc import Callable
from typing import Final, Literal

import msgspec

from engine.errors import Rejection
from gateway.blueprint import rule_drafts
from gateway.blueprint.blueprint import Blueprint, Call
from gateway.blueprint.difference import Change, Plan, compare
from gateway.blueprint.faults import BlueprintError
from gateway.blueprint.rehearsal import rehearse
from gateway.blueprint.running import read_running

RULE_NOUNS: Final = ("rule", "rule groups")
"""The nouns of changes that are done together, as one revision."""

PRUNING: Final = ("remove", "end")


class Outcome(msgspec.Struct, frozen=True):
    """What came of a change: ``words`` say what, or why it was not ``done``; ``code`` is the refusal's."""

    name: str
    status: Literal["done", "refused", "skipped"]
    words: str = ""
    code: str = ""


Tell = Callable[[Outcome], None]


async def carry_out(call: Call, plan: Plan, *, why: str, tell: Tell = lambda outcome: None) -> list[Outcome]:
    """Does it; ``tell`` hears of each outcome at once. ``why`` is kept with the price rules' revision.

    Raises what ``call`` does, but for ``Rejection``.
    """
    outcomes: list[Outcome] = []
    published = False
    for change in plan.changes:
        if change.noun in RULE_NOUNS:
            if published:
                continue
            published = True
        reason = _reason_to_skip(change, outcomes)
        if reason:
            outcome = Outcome(_name_of(change), "skipped", reason)
        else:
            outcome = await _do(call, change, plan, why)
        outcomes.append(outcome)
        tell(outcome)
    return outcomes


async def apply_blueprint(call: Call, wanted: Blueprint, *, now: int, why: str) -> list[Outcome]:
    """Compares, and carries out, without asking anybody: what changed at ``now`` (ms), nothing if all of it
    was so already.

    Raises what ``call`` does, and ``BlueprintError`` for a file that the engine would not take.
    """
    running = await read_running(call, wanted)
    plan = compare(wanted, running, now)
    faults = rehearse(wanted, running, plan, now).faults
    if faults:
        raise BlueprintError(wanted.name, faults)
    return await carry_out(call, plan, why=why)


def _reason_to_skip(change: Change, outcomes: list[Outcome]) -> str:
    refused = [outcome.name for outcome in outcomes if outcome.status == "refused"]
    if "settings" in refused:
        return "the settings were refused"
    if refused and change.noun in RULE_NOUNS:
        return f"prices stay as they are, since {refused[0]} was refused"
    if refused and change.verb in PRUNING:
        return f"nothing is taken away, since {refused[0]} was refused"
    return ""


async def _do(call: Call, change: Change, plan: Plan, why: str) -> Outcome:
    name = _name_of(change)
    try:
        if change.noun in RULE_NOUNS and plan.edition is not None:
            return Outcome(name, "done", await rule_drafts.publish(call, plan.edition, why))
        for operation, parameters in change.actions:
            await call(operation, **parameters)
    except Rejection as refusal:
        return Outcome(name, "refused", refusal.rejected.message, refusal.rejected.code)
    return Outcome(name, "done", _done_words(change))


def _name_of(change: Change) -> str:
    return "price rules" if change.noun in RULE_NOUNS else change.name


def _done_words(change: Change) -> str:
    return {
        "add": "added",
        "change": "changed",
        "schedule": "scheduled",
        "remove": "removed",
        "end": "ended",
    }[change.verb]
