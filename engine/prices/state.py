"""What a program knows of its price rules: drafts, revisions, what runs, and how it was tuned.

A compiled set is never changed once it is a revision's; drafts and what runs are copies, which share what
they have in common.
"""

from typing import NamedTuple

import msgspec

from engine.units import MAXIMUM_TIME
from rules.compiler import CompiledRules
from rules.rule import PriceRule, RuleSet

DRAFTS = 8
"""Drafts there may be at once."""

REVISIONS_KEPT = 100
"""Revisions that can be rolled back to."""

RULES_KEPT = 200_000
"""Rules in all kept revisions together; past it the oldest go first."""

WINDOWS = 20_000
"""Windows in all rules of a set together."""

TUNINGS_KEPT = 1_000


class Wish(msgspec.Struct, array_like=True, frozen=True):
    """Somebody asked to publish ``version`` of a draft, and another must approve it."""

    by: str
    why: str
    version: int


class Draft(msgspec.Struct, array_like=True):
    """A draft that ``by`` began at ``begun_at`` ms from revision ``based_on``; ``windows`` counts those of
    its rules."""

    id: str
    by: str
    based_on: int
    version: int = 1
    changed_at: int = 0
    windows: int = 0
    wish: Wish | None = None
    begun_at: int = 0


class Revision(msgspec.Struct, array_like=True, frozen=True):
    """Who made it run, when (ms), why; ``source`` is the draft, or the revision that was rolled back to."""

    number: int
    at: int
    by: str
    approved_by: str
    why: str
    source: str


class Tuning(msgspec.Struct, array_like=True, frozen=True):
    """A running rule's number was changed."""

    at: int
    by: str
    revision: int
    rule: str
    before: int
    after: int
    why: str


class BookRecord(msgspec.Struct, array_like=True):
    """All of a ``RuleBook`` that is not a rule. ``tuned`` are running rules that differ from their
    revision's, by id."""

    drafts: list[Draft]
    revisions: list[Revision]
    tunings: list[Tuning]
    tuned: dict[str, PriceRule]
    awaited: int


class Kept(NamedTuple):
    """A revision and its rules as they were published."""

    revision: Revision
    rules: CompiledRules


class RuleBook:
    """The last of ``revisions`` runs, as ``running`` has it: tuned. ``settles``: some running rule speaks for
    auctions' settlement. ``limited`` are the running rules with a limit for each member, ``windowed``
    those with windows. ``awaited``: the instant (ms) of the agenda's entry that counts."""

    __slots__ = (
        "awaited",
        "drafts",
        "limited",
        "revisions",
        "running",
        "settles",
        "tuned",
        "tunings",
        "windowed",
    )

    def __init__(self) -> None:
        self.drafts: dict[str, tuple[Draft, CompiledRules]] = {}
        self.revisions: dict[int, Kept] = {}
        self.tunings: list[Tuning] = []
        self.tuned: dict[str, PriceRule] = {}
        self.awaited = 0
        self.run(CompiledRules())

    @property
    def current(self) -> int:
        """The number of the revision that runs; 0 before the first."""
        return next(reversed(self.revisions), 0)

    def run(self, rules: CompiledRules) -> None:
        """Makes a copy of ``rules`` the running ones."""
        self.running = rules.copy()
        self.tuned = {}
        self.settles = bool(rules.listing[0].get("auction"))
        self.limited = frozenset(rule.id for rule in rules.rules if rule.limit)
        self.windowed = [rule for rule in rules.rules if rule.windows]

    def publish(self, revision: Revision, rules: CompiledRules) -> None:
        """Adds a revision, makes it the running one, and lets go of the oldest where there are too many."""
        self.revisions[revision.number] = Kept(revision, rules)
        self.run(rules)
        kept = sum(len(one.rules.rules) for one in self.revisions.values())
        while len(self.revisions) > 1 and (len(self.revisions) > REVISIONS_KEPT or kept > RULES_KEPT):
            oldest = next(iter(self.revisions))
            kept -= len(self.revisions.pop(oldest).rules.rules)

    def tune(self, rule: PriceRule, tuning: Tuning) -> None:
        """Puts ``rule``, which differs in its number alone, in its place among the running ones."""
        self.running.put(rule)
        self.tuned[rule.id] = rule
        self.tunings.append(tuning)
        del self.tunings[:-TUNINGS_KEPT]

    def next_edge(self, at: int) -> int:
        """When (ms) a window of a running rule next begins or ends after ``at``."""
        return min(
            (edge for rule in self.windowed for window in rule.windows for edge in window if edge > at),
            default=MAXIMUM_TIME,
        )

    def record(self) -> BookRecord:
        """Everything but the rules."""
        drafts = [draft for draft, _ in self.drafts.values()]
        revisions = [kept.revision for kept in self.revisions.values()]
        tuned = dict(sorted(self.tuned.items()))
        return BookRecord(drafts, revisions, self.tunings, tuned, self.awaited)

    def rule_sets(self) -> list[CompiledRules]:
        """The rules of all drafts, then of all revisions."""
        return [
            *(rules for _, rules in self.drafts.values()),
            *(kept.rules for kept in self.revisions.values()),
        ]

    @classmethod
    def restore(cls, record: BookRecord, rule_sets: list[CompiledRules]) -> "RuleBook":
        """The book of which ``record`` and ``rule_sets`` were taken."""
        book = cls()
        sets = iter(rule_sets)
        book.drafts = {draft.id: (draft, next(sets)) for draft in record.drafts}
        book.revisions = {revision.number: Kept(revision, next(sets)) for revision in record.revisions}
        if book.revisions:
            book.run(book.revisions[book.current].rules)
        for rule in record.tuned.values():
            book.running.put(rule)
        book.tuned = record.tuned
        book.tunings = record.tunings
        book.awaited = record.awaited
        return book


def flatten(rules: CompiledRules) -> RuleSet:
    """The rule set, in the order of evaluation: the same for the same rules, however they came there."""
    return RuleSet(rules.groups, tuple(rules.in_order()))
