"""What a program file would change: the file beside what runs, as a list of changes in the order in which
they can be made.

Settings come first, since all else is checked against them; price rules come after the campaigns and
experiences that they name. A pure comparison: what a change takes is said as calls, and nothing is called.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

import msgspec

from gateway.blueprint.blueprint import Blueprint, Terms, put_opening
from gateway.blueprint.rule_drafts import Edition
from gateway.blueprint.running import CHANGEABLE, Running, Standing

ENDED: Final = ("ended", "archived")
"""The statuses of a campaign that nothing changes any more."""

Verb = Literal["add", "change", "schedule", "remove", "end"]

Action = tuple[str, dict[str, Any]]
"""A call: the operation, and the fields of its request."""


class FieldChange(msgspec.Struct, frozen=True):
    """A field that differs: ``path`` leads to it, as in ``payment.least``; None: there is nothing there."""

    path: str
    before: Any
    after: Any


class Change(msgspec.Struct, frozen=True):
    """One thing that would change. ``actions`` make it so, in order; price rules have none, they change
    together (``Plan.edition``)."""

    verb: Verb
    noun: str
    id: str = ""
    fields: tuple[FieldChange, ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def name(self) -> str:
        """What it is about: ``experience spa``."""
        return f"{self.noun} {self.id}".rstrip()


class Note(msgspec.Struct, frozen=True):
    """Something of the file that is left alone, and why."""

    name: str
    words: str


class Plan(msgspec.Struct, frozen=True):
    """What would be done. ``unlisted``: what runs and is not in the file, by noun; it stays."""

    changes: tuple[Change, ...]
    notes: tuple[Note, ...] = ()
    unlisted: dict[str, tuple[str, ...]] = {}
    edition: Edition | None = None


def compare(wanted: Blueprint, running: Running, now: int, *, prune: bool = False) -> Plan:
    """The plan that makes ``running`` into what is ``wanted``, at ``now`` (ms). ``prune``: experiences that
    the file does not have are removed, and campaigns ended."""
    changes: list[Change] = []
    notes: list[Note] = []
    changes += _compare_settings(wanted, running)
    for id, terms in (wanted.experiences or {}).items():
        changes += _compare_experience(id, terms, running.experiences.get(id))
    for id, terms in (wanted.campaigns or {}).items():
        _put(_compare_campaign(id, terms, running.campaigns.get(id), now), changes, notes)
    edition = None
    if wanted.rules is not None:
        edition = Edition.of(wanted.rules, running.rules.number)
        rules = tuple(_compare_rules(edition, running))
        if rules and running.drafts.get(edition.name):
            asked_by = running.drafts[edition.name]
            words = f"they wait for another manager's approval, as {asked_by} asked (draft {edition.name})"
            notes.append(Note("rules", words))
            rules = ()
        changes += rules
        edition = edition if rules else None
    for id, terms in (wanted.auctions or {}).items():
        found = _compare_opening("auction", id, terms, running.auctions.get(id), terms["ends_at"] <= now)
        _put(found, changes, notes)
    for id, terms in (wanted.raffles or {}).items():
        found = _compare_opening("raffle", id, terms, running.raffles.get(id), terms["closes_at"] <= now)
        _put(found, changes, notes)
    unlisted = _find_unlisted(wanted, running)
    if prune:
        changes += _prune(unlisted)
    return Plan(tuple(changes), tuple(notes), unlisted, edition)


def find_differences(before: Any, after: Any, path: str = "") -> Iterator[FieldChange]:
    """The fields that differ, as deep as both sides are alike."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*after, *before)):
            place = f"{path}.{key}" if path else key
            yield from find_differences(before.get(key), after.get(key), place)
    elif _are_alike(before, after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from find_differences(one, other, f"{path}[{number}]")
    else:
        yield FieldChange(path, before, after)


def _are_alike(before: Any, after: Any) -> bool:
    """Whether they are lists of tables, of one length."""
    return (
        isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
        and all(isinstance(one, dict) for one in (*before, *after))
    )


def _known(terms: Terms, running: Terms) -> Terms:
    """Of what runs the fields that the file can have: a newer gateway may know more."""
    return {name: running.get(name) for name in terms}


def _put(found: Iterator[Change | Note], changes: list[Change], notes: list[Note]) -> None:
    for one in found:
        if isinstance(one, Note):
            notes.append(one)
        else:
            changes.append(one)


def _compare_settings(wanted: Blueprint, running: Running) -> Iterator[Change]:
    if wanted.program is None:
        return
    fields = tuple(find_differences(_known(wanted.program, running.settings or {}), wanted.program))
    if fields:
        yield Change("change", "settings", "", fields, (("program.configure", {"settings": wanted.program}),))


def _compare_experience(id: str, terms: Terms, before: Terms | None) -> Iterator[Change]:
    actions = (("experience.put", {"experience": id, "terms": terms}),)
    if before is None:
        yield Change("add", "experience", id, (), actions)
    elif fields := tuple(find_differences(_known(terms, before), terms)):
        yield Change("change", "experience", id, fields, actions)


def _compare_campaign(id: str, entry: Terms, standing: Standing | None, now: int) -> Iterator[Change | Note]:
    terms = {name: value for name, value in entry.items() if name != "draft"}
    draft, over = entry["draft"], 0 < terms["ends_at"] <= now
    schedule = ("campaign.schedule", {"campaign": id})
    name = f"campaign {id}"
    if standing is None:
        put = ("campaign.put", {"campaign": id, "terms": terms})
        if over and not draft:
            yield Note(name, "its end has passed; put a later one")
        else:
            yield Change("add", "campaign", id, (), (put,) if draft else (put, schedule))
        return
    before = standing.terms or {}
    same_schedule = terms["schedule"] is not None and before["schedule"] == terms["schedule"]
    if terms["schedule"] is not None:
        # Windows follow from the schedule. While that stays, so do they: the keeper need not expand it anew.
        terms["windows"] = before["windows"] if same_schedule else []
        before = before | {"windows": terms["windows"]}
    fields = tuple(find_differences(_known(terms, before), terms))
    if standing.status in ENDED:
        if fields:
            yield Note(name, f"it is {standing.status}, and stays as it was")
        return
    put = ("campaign.put", {"campaign": id, "terms": terms})
    starts = standing.status == "draft" and not draft
    if fields:
        yield Change("change", "campaign", id, fields, (put, schedule) if starts else (put,))
    elif starts:
        yield Change("schedule", "campaign", id, (), (schedule,))
    if draft and standing.status != "draft":
        yield Note(name, f"it is {standing.status}, and no draft any more")


def _compare_opening(
    noun: str, id: str, entry: Terms, standing: Standing | None, over: bool
) -> Iterator[Change | Note]:
    """An auction or a raffle: its terms are fixed once it has opened."""
    terms = {name: value for name, value in entry.items() if name != "draft"}
    draft, name = entry["draft"], f"{noun} {id}"
    schedule: Action = (f"{noun}.schedule", {noun: id})
    if standing is None:
        create: Action = (f"{noun}.create", put_opening(noun, id, entry))
        if over and not draft:
            yield Note(name, "its end has passed; put a later one")
        else:
            yield Change("add", noun, id, (), (create,) if draft else (create, schedule))
        return
    fields = tuple(find_differences(_known(terms, standing.terms or {}), terms))
    if standing.status not in CHANGEABLE:
        if fields:
            yield Note(name, f"it is {standing.status}, and stays as it is")
        return
    before = (standing.terms or {}).get("format")
    if before is not None and terms["format"] is None:
        yield Note(name, f"it is of format {before['type']}, and cannot be made English; cancel it first")
        return
    update: Action = (f"{noun}.update", put_opening(noun, id, entry))
    starts = standing.status == "draft" and not draft
    if fields:
        yield Change("change", noun, id, fields, (update, schedule) if starts else (update,))
    elif starts:
        yield Change("schedule", noun, id, (), (schedule,))
    if draft and standing.status != "draft":
        yield Note(name, f"it is {standing.status}, and no draft any more")


def _compare_rules(edition: Edition, running: Running) -> Iterator[Change]:
    before = running.rules
    if before.groups != edition.groups:
        named = [
            [f"{one['id']} ({one['mode']})" for one in groups] for groups in (before.groups, edition.groups)
        ]
        yield Change("change", "rule groups", "", (FieldChange("groups", *named),))
    for rule in edition.rules:
        known = before.rules.get(rule["id"])
        if known is None:
            yield Change("add", "rule", rule["id"])
        elif fields := tuple(find_differences(_known(rule, known), rule)):
            yield Change("change", "rule", rule["id"], fields)
    wanted = {rule["id"] for rule in edition.rules}
    for id in before.rules:
        if id not in wanted:
            yield Change("remove", "rule", id)


def _find_unlisted(wanted: Blueprint, running: Running) -> dict[str, tuple[str, ...]]:
    campaigns = {id: None for id, one in running.campaigns.items() if one.status not in ENDED}
    auctions = {id: None for id, one in running.auctions.items() if one.status in CHANGEABLE}
    raffles = {id: None for id, one in running.raffles.items() if one.status in CHANGEABLE}
    pairs: tuple[tuple[str, Mapping[str, Any] | None, Mapping[str, Any]], ...] = (
        ("experience", wanted.experiences, running.experiences),
        ("campaign", wanted.campaigns, campaigns),
        ("auction", wanted.auctions, auctions),
        ("raffle", wanted.raffles, raffles),
    )
    return {
        noun: found
        for noun, listed, known in pairs
        if listed is not None and (found := tuple(id for id in known if id not in listed))
    }


def _prune(unlisted: dict[str, tuple[str, ...]]) -> Iterator[Change]:
    """What prunes, and takes it out of ``unlisted``."""
    for id in unlisted.pop("experience", ()):
        yield Change("remove", "experience", id, (), (("experience.remove", {"experience": id}),))
    for id in unlisted.pop("campaign", ()):
        reason = {"campaign": id, "reason": "not in the program file"}
        yield Change("end", "campaign", id, (), (("campaign.end", reason),))
