"""Tries a program file on a program in memory, so that what the engine would refuse is known before anything
is changed.

The program of the trial has the settings, experiences and campaigns that run, where the file has no others,
and no members. What depends on those is not found here: a setting that is fixed once points were issued.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import msgspec

from engine.commands import LEVEL, MANAGER, SCHEMA, Batch, Envelope, Genesis
from engine.errors import Rejected, Rejection
from engine.genesis import encode_genesis
from engine.machine import apply_entry, decode_batch, start
from engine.prices.revisions import vocabulary_of
from engine.program import Program
from gateway.blueprint.blueprint import RULES, SETTINGS, Blueprint, Terms, put_opening
from gateway.blueprint.difference import ENDED, Plan
from gateway.blueprint.faults import Fault
from gateway.blueprint.reading import fields_of
from gateway.blueprint.running import Running
from gateway.operations import BY_NAME
from gateway.shapes import rebuilder
from rules.check import Finding, Vocabulary, check
from rules.rule import RuleSet

_rule_set_of: Final = rebuilder(RuleSet)


class Findings(msgspec.Struct, frozen=True):
    """``faults`` keep a file from being applied; ``warnings`` do not."""

    faults: list[Fault]
    warnings: list[Fault]


def rehearse(wanted: Blueprint, running: Running, plan: Plan, now: int) -> Findings:
    """What of the plan would be refused at ``now`` (ms), and what looks like a mistake in the price rules.

    What does not change is not judged: it runs, whatever has become of what it names.
    """
    trial = Trial(now)
    changed = {(change.noun, change.id) for change in plan.changes}
    settings = _known_settings(wanted.program if wanted.program is not None else running.settings or {})
    faults: list[Fault] = []

    def try_out(noun: str, id: str, path: str, operation: str, **parameters: Any) -> None:
        if (noun, id) in changed:
            faults.extend(trial.try_out(path, operation, **parameters))
        else:
            trial.take_over(operation, **parameters)

    try_out("settings", "", "program", "program.configure", settings=settings)
    for id, terms in (running.experiences | (wanted.experiences or {})).items():
        try_out("experience", id, f"experiences.{id}", "experience.put", experience=id, terms=terms)
    campaigns = {id: standing.terms or {} for id, standing in running.campaigns.items()}
    for id, terms in (campaigns | (wanted.campaigns or {})).items():
        try_out("campaign", id, f"campaigns.{id}", "campaign.put", campaign=id, terms=_without_draft(terms))
    for id, terms in (wanted.auctions or {}).items():
        try_out("auction", id, f"auctions.{id}", "auction.create", **put_opening("auction", id, terms))
    for id, terms in (wanted.raffles or {}).items():
        try_out("raffle", id, f"raffles.{id}", "raffle.create", **put_opening("raffle", id, terms))
    warnings: list[Fault] = []
    if wanted.rules is not None and plan.edition is not None:
        rule_set = RuleSet(*_rule_set_of(msgspec.convert(wanted.rules, RULES)))
        for finding in check(rule_set, _vocabulary(trial.program, wanted, running), at=now):
            fault = _fault_of(finding, rule_set)
            (faults if finding.severity == "error" else warnings).append(fault)
    return Findings(faults, warnings)


class Trial:
    """A program that nobody else sees, at one instant (ms)."""

    def __init__(self, now: int) -> None:
        genesis = encode_genesis(Genesis("rehearsal", level=LEVEL))
        batch = decode_batch(genesis)
        self.program: Program = start(batch)
        self._now = now
        self._count = 0
        apply_entry(self.program, now, 0, genesis, batch)

    def try_out(self, path: str, name: str, **parameters: Any) -> Iterator[Fault]:
        """Does what the operation would; why it is refused, as a fault of what stands at ``path``."""
        operation = BY_NAME[name]
        request = msgspec.convert(parameters, operation.request)
        outcome: Any
        try:
            if operation.preflight is not None:
                operation.preflight(self.program, request)()
            assert operation.build is not None
            outcome = self._apply(operation.build(request, ""))
        except Rejection as refusal:
            outcome = refusal.rejected
        if isinstance(outcome, Rejected):
            field = str((outcome.details or {}).get("field", ""))
            place = re.sub(r"^(settings|terms)(\.|$)", "", field)
            yield Fault(f"{path}.{place}".rstrip("."), outcome.message.removeprefix(f"{field}: "))

    def take_over(self, name: str, **parameters: Any) -> None:
        """Does the same with what runs. What a newer gateway knows more than this code is not needed."""
        with suppress(msgspec.ValidationError):
            list(self.try_out("", name, **parameters))

    def _apply(self, command: Any) -> Any:
        self._count += 1
        envelope = Envelope("rehearsal", MANAGER, "", 0, self._now, command)
        batch = Batch(SCHEMA, b"rehearsal", self._count, self._now, [envelope])
        return apply_entry(self.program, self._now, self._count, b"", batch).outcomes[0]


def _vocabulary(program: Program, wanted: Blueprint, running: Running) -> Vocabulary:
    """The names that rules may use: also those of what was refused, which has been told already, and of what
    runs and could not be taken over."""
    campaigns = wanted.campaigns or {}
    budgets = [id for id, terms in campaigns.items() if terms["budget"] is not None]
    return msgspec.structs.replace(
        vocabulary_of(program),
        experiences={*running.experiences, *(wanted.experiences or ())},
        campaigns={*running.campaigns, *campaigns},
        budgets={*program.campaigns.left, *budgets},
        over={id for id, standing in running.campaigns.items() if standing.status in ENDED},
        kinds_of={id: one.terms.kind for id, one in program.experiences.items()},
    )


def _known_settings(settings: Terms) -> Terms:
    """Without those of a newer gateway."""
    return {name: value for name, value in settings.items() if name in fields_of(SETTINGS)}


def _without_draft(terms: Terms | None) -> Terms:
    return {name: value for name, value in (terms or {}).items() if name != "draft"}


def _fault_of(finding: Finding, rule_set: RuleSet) -> Fault:
    """Rules are found by their id rather than by their number."""
    found = re.match(r"rules\[(\d+)\]", finding.path)
    rest = finding.path[found.end() :] if found else f".{finding.path}"
    return Fault(f"rules{f'.{rule_set.rules[int(found[1])].id}' if found else ''}{rest}", finding.words)
