"""What a question about prices and price rules answers. See engine/answers.py."""

import msgspec

from engine.rewards.answers import PriceView, StepView
from rules.rule import Group, PriceRule


class NotAppliedView(msgspec.Struct, frozen=True):
    """A rule that did not apply: the first dimension of its scope that failed; or ``schedule``, ``limit``,
    ``budget``, or ``group`` where another of its group was taken."""

    rule: str
    reason: str


class QuoteView(msgspec.Struct, frozen=True):
    """A price and how it came about: the base price in points, ``split`` before rules at ``share`` basis
    points in points, each rule that applied. ``not_applied`` is told where it was asked."""

    experience: str
    base: int
    share: int
    split: PriceView
    price: PriceView
    steps: list[StepView]
    not_applied: list[NotAppliedView]
    campaigns: tuple[str, ...]


class PriceTable(msgspec.Struct, frozen=True):
    """Prices of all ``experiences`` (rows) in all cells (columns, as they were asked): points, and minor
    units of the cell's market; at the greatest share in points. None where cash would be due in a market that
    has no money."""

    experiences: list[str]
    points: list[list[int | None]]
    cash: list[list[int | None]]


class RulePage(msgspec.Struct, frozen=True):
    """Rules in the order of their evaluation. ``next`` is the cursor of the page after, 0 at the end."""

    revision: int
    draft: str
    version: int
    groups: tuple[Group, ...]
    rules: tuple[PriceRule, ...]
    total: int
    next: int


class RevisionView(msgspec.Struct, frozen=True):
    """Who made a revision run, when, and why; ``source`` is the draft, or the revision rolled back to."""

    revision: int
    at: int
    by: str
    approved_by: str
    why: str
    source: str
    rules: int


class DraftView(msgspec.Struct, frozen=True):
    """A draft. ``asked_by`` asked to publish it, and another must approve."""

    draft: str
    version: int
    by: str
    based_on: int
    changed_at: int
    rules: int
    asked_by: str
    why: str


class TuningView(msgspec.Struct, frozen=True):
    """A rule's number was changed while it ran."""

    at: int
    by: str
    revision: int
    rule: str
    before: int
    after: int
    why: str


class RuleHistory(msgspec.Struct, frozen=True):
    """The revision that runs, the kept ones and the last tunings, newest first, and all drafts."""

    running: int
    revisions: list[RevisionView]
    tunings: list[TuningView]
    drafts: list[DraftView]


class FindingView(msgspec.Struct, frozen=True):
    """Something that is wrong: ``path`` leads to the field, of a ``rule`` where it is in one; ``severity`` is
    error or warning."""

    path: str
    code: str
    words: str
    severity: str
    rule: str = ""


class Findings(msgspec.Struct, frozen=True):
    """Everything that is wrong with a draft's ``version``, errors first."""

    draft: str
    version: int
    findings: list[FindingView]


class Trial(Findings, frozen=True):
    """What would be wrong with a draft, at ``version`` by now, if it were changed like this. Nothing is, and
    nothing stays of it; what ``rules.put`` would refuse is refused."""


class PriceChange(msgspec.Struct, frozen=True):
    """One price under the running rules and under a draft, as of ``at`` ms; ``segment`` is empty for members
    of none, ``channel`` where none that a rule names is used."""

    experience: str
    tier: str
    market: str
    before: int
    after: int
    cash_before: int
    cash_after: int
    segment: str = ""
    channel: str = ""
    at: int = 0


class Band(msgspec.Struct, frozen=True):
    """How many prices in points change by at least ``least`` and less than ``below`` basis points (None: no
    end)."""

    least: int | None
    below: int | None
    prices: int


class Look(msgspec.Struct, frozen=True):
    """Prices as of ``at`` ms, with the ``campaigns`` that are in force by then, of those that rules name."""

    at: int
    campaigns: tuple[str, ...]
    prices: int
    changed: int


class Preview(msgspec.Struct, frozen=True):
    """What a draft would change, over all experiences × tiers × markets (and each segment and channel that a
    rule names): how many prices change, the largest changes up and down, and the distribution.

    ``looks`` are the instants that it speaks of: now, and when rules that differ apply next, as windows and
    scheduled campaigns are known now. A price counts once for each of them. ``unseen`` are rules that differ
    and apply at none: their campaigns are drafts, paused or over, their windows are past, or they were too
    many. Rules of budgets and limits are looked at as if nobody had used them up.
    """

    draft: str
    version: int
    prices: int
    changed: int
    dearer: int
    cheaper: int
    largest_up: list[PriceChange]
    largest_down: list[PriceChange]
    distribution: list[Band]
    looks: list[Look] = []
    unseen: list[str] = []


class ForeseenColumn(msgspec.Struct, frozen=True):
    """Members of one tier and market, and how many of their prices are ``changed``; cash there is in minor
    units of ``currency``, which has ``exponent`` decimal places."""

    tier: str
    market: str
    currency: str
    exponent: int
    changed: int


class ForeseenRow(msgspec.Struct, frozen=True):
    """An experience's prices before and after, by column, at the greatest share in points. None: it is not to
    be had there, or cannot be paid. The lists of cash are empty where none is due in any column."""

    experience: str
    before: list[int | None]
    after: list[int | None]
    cash_before: list[int | None] = []
    cash_after: list[int | None] = []


class PriceFault(msgspec.Struct, frozen=True):
    """What somebody should look at. ``kind`` floor or cap: the ``rule`` that holds so many ``prices`` up or
    down then, and ``before`` so many. ``free``: so many prices fall to nothing. The experience, tier and
    market are those of one of them."""

    kind: str
    rule: str
    prices: int
    before: int
    experience: str
    tier: str
    market: str


class Foresight(msgspec.Struct, frozen=True):
    """What another number of a running rule would do to prices: those of all experiences, in each tier and
    market, before and after.

    The prices are as of ``at`` ms: now, or when the rule applies next, with the ``campaigns`` that are in
    force by then, of those that rules name. ``applies`` is false where no such instant is known, or where the
    rule speaks for nothing that is in the catalogue: then nothing changes. They are those of members of the
    ``segment``, in the ``channel``: where the rule names some, one of them. Budgets and limits are looked at
    as if nobody else had used them up.

    ``prices`` counts all that there are, ``changed`` those that change, ``dearer`` and ``cheaper`` in points,
    or in cash where points stay. ``faults`` has the most important first. ``rows`` are a page of the
    experiences that were searched for, of which there are so many ``found``; ``next`` is the cursor of the
    page after, 0 at the end. ``unseen`` experiences are not looked at: there are too many.
    """

    rule: str
    operation: str
    part: str
    before: int
    after: int
    revision: int
    at: int
    applies: bool
    campaigns: tuple[str, ...]
    channel: str
    segment: str
    prices: int
    changed: int
    dearer: int
    cheaper: int
    faults: list[PriceFault]
    columns: list[ForeseenColumn]
    rows: list[ForeseenRow]
    found: int
    next: int
    unseen: int


class ShownPrices(msgspec.Struct, frozen=True):
    """Prices by experience: those that a client shows when it begins to listen, then those that changed.

    None: the experience is not to be had there any more. What is not named costs what was told before.
    """

    prices: dict[str, PriceView | None]
