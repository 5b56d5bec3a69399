"""What another number of a running rule would do to prices, before it is set: the whole catalogue, by tier
and market.

It takes a copy of what it needs first, so that the look itself may take its time. Only prices that the rule
concerns are worked out twice; others are only worked out where they are shown. See preview.py for drafts.
"""

from copy import copy

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.campaigns.state import Campaign
from engine.commands import ExperienceTerms, MarketMoney
from engine.prices.answers import ForeseenColumn, ForeseenRow, Foresight, PriceFault
from engine.prices.preview import PRICES_LIMIT, applies, list_in_force, list_named, next_applies
from engine.prices.quotes import NO_MONEY, share_of, split
from engine.prices.revisions import retune
from engine.program import Program
from engine.units import MAXIMUM_TIME, ONE
from rules.compiler import CompiledRules
from rules.matrix import Amounts, Base, Bound, Flags, Places, Prices, price_all, price_both
from rules.pricing import Terms
from rules.rule import PriceRule
from rules.scope import Cell, Item, find_failed

SHOWN_LIMIT = 50_000
"""Prices in a page."""

FAULTS_TOLD = 20

_NO_CURRENCY = MarketMoney("", 0, 1)

_ELSEWHERE = ("kinds", "experiences")
"""The dimensions of a scope that are about the item alone."""


class Prospect(msgspec.Struct, frozen=True):
    """What a look ahead needs, apart from the program."""

    revision: int
    running: CompiledRules
    rule: PriceRule
    tuned: PriceRule
    experiences: list[tuple[str, ExperienceTerms]]
    unseen: int
    tiers: tuple[str, ...]
    markets: tuple[str, ...]
    money: dict[str, MarketMoney]
    channel: str
    segment: str
    terms: Terms
    campaigns: dict[str, Campaign]


def draw_prospect(
    program: Program, rule: str, number: int, *, channel: str = "", segment: str = ""
) -> Prospect:
    """Takes out what a look at this number of a running rule needs, for who asks in ``channel`` and is of
    ``segment`` (empty: the first that the rule names, if it does). Raises ``Rejection`` as ``rules.tune``
    would: ``unknown_rule``, ``factor_out_of_bounds``, ``number_out_of_bounds``, ``floor_above_cap``."""
    running = program.book.running.copy()
    now, tuned = retune(running, rule, number)
    scope = tuned.scope
    tiers = program.settings.tiers or list_named(1, running) or ("",)
    markets = program.settings.markets or list_named(2, running) or ("",)
    experiences = list(program.experiences.values())
    room = max(1, PRICES_LIMIT // (len(tiers) * len(markets)))
    if len(experiences) > room:
        kinds, listed = frozenset(scope.kinds), frozenset(scope.experiences)
        experiences.sort(key=lambda one: not _concerns(one.id, one.terms.kind, kinds, listed))
    known = program.campaigns.by_id
    return Prospect(
        revision=program.book.current,
        running=running,
        rule=now,
        tuned=tuned,
        experiences=[(one.id, one.terms) for one in experiences[:room]],
        unseen=max(0, len(experiences) - room),
        tiers=tiers,
        markets=markets,
        money=program.settings.money,
        channel=channel or next(iter(scope.channels), ""),
        segment=segment or next(iter(scope.segments), ""),
        terms=Terms(program.at, dict(program.campaigns.left)),
        campaigns={id: copy(known[id]) for id in list_named(5, running) if id in known},
    )


def foresee(
    prospect: Prospect, *, order: str = "change", search: str = "", after: int = 0, limit: int = 200
) -> Foresight:
    """Compares all prices. ``order``: ``change`` shows the largest changes first, ``catalogue`` leaves
    experiences in their order; the page begins behind the first ``after`` of those that have ``search`` in
    their id or in a title."""
    view = _View(prospect)
    rows = view.rows_by_change() if order == "change" else np.arange(len(view.items))
    if search:
        rows = rows[_mentions(prospect, search)[rows]]
    end = after + min(limit, max(1, SHOWN_LIMIT // len(view.cells)))
    rule, tuned = prospect.rule, prospect.tuned
    return Foresight(
        rule=rule.id,
        operation=rule.effect.operation,
        part=rule.effect.part,
        before=rule.effect.number,
        after=tuned.effect.number,
        revision=prospect.revision,
        at=view.terms.at,
        applies=view.applies,
        campaigns=view.campaigns,
        channel=prospect.channel,
        segment=prospect.segment,
        prices=int(np.count_nonzero(view.there)),
        changed=int(np.count_nonzero(view.shift)),
        dearer=int(np.count_nonzero(view.shift > 0)),
        cheaper=int(np.count_nonzero(view.shift < 0)),
        faults=view.find_faults(),
        columns=view.show_columns(),
        rows=view.show(rows[after:end]),
        found=len(rows),
        next=end if end < len(rows) else 0,
        unseen=prospect.unseen,
    )


class _View:
    """All prices as of an instant. ``rows`` and ``columns`` are what the rule concerns; ``before``, ``after``
    and ``shift`` (its sign says whether a price rises) are theirs alone."""

    def __init__(self, prospect: Prospect) -> None:
        self._prospect = prospect
        rule, now = prospect.tuned, prospect.terms.at
        at = next_applies(rule, prospect.campaigns, now)
        self.terms = msgspec.structs.replace(prospect.terms, at=at if at < MAXIMUM_TIME else now)
        self.campaigns = list_in_force(prospect.campaigns, self.terms.at)
        segments = (prospect.segment,) if prospect.segment else ()
        self.cells = [
            Cell("redemption", tier, market, prospect.channel, segments, self.campaigns)
            for market in prospect.markets
            for tier in prospect.tiers
        ]
        self.items = [Item(id, terms.kind, terms.points) for id, terms in prospect.experiences]
        self._points, self._cash = _find_base(prospect)
        self.there = _find_there(prospect)
        self.rows, self.columns = self._find_concerned(rule)
        concerns = len(self.rows) > 0 and len(self.columns) > 0
        self.applies = concerns and applies(rule, self.terms.at, self.campaigns)
        if not self.applies:
            self.rows = self.rows[:0]
        self.before, self.after = self._price_both()
        self._forget_unpayable()
        self.shift = self._find_shift()

    def rows_by_change(self) -> Places:
        """All experiences, those whose points change most first, then those whose cash does."""
        points, cash = np.zeros((2, len(self.items)), np.int64)
        if self.shift.size:
            points[self.rows] = np.abs(self._difference("points")).max(axis=1)
            cash[self.rows] = np.abs(self._difference("cash")).max(axis=1)
        return np.lexsort((-cash, -points))

    def show_columns(self) -> list[ForeseenColumn]:
        """All columns, with the prices that change in each."""
        changed = np.zeros(len(self.cells), np.int64)
        changed[self.columns] = np.count_nonzero(self.shift, axis=0)
        money = self._prospect.money
        return [
            ForeseenColumn(cell.tier, cell.market, own.currency, own.exponent, count)
            for cell, count in zip(self.cells, changed.tolist(), strict=True)
            for own in (money.get(cell.market, _NO_CURRENCY),)
        ]

    def show(self, rows: Places) -> list[ForeseenRow]:
        """Both prices of these experiences, in all columns."""
        if not len(rows):
            return []
        before, after = self._price_rows(rows)
        cash_free = (before.cash == 0) & (after.cash == 0)
        there = self.there[rows] & (self._payable(np.arange(len(self.cells))) | cash_free)
        parts = (before.points, after.points, before.cash, after.cash)
        told = [np.where(there, part.astype(object), np.array(None)).tolist() for part in parts]
        cashless = cash_free.all(axis=1)
        return [
            ForeseenRow(self.items[row].experience, *(lists[:2] if none else lists))
            for row, none, *lists in zip(rows.tolist(), cashless.tolist(), *told, strict=True)
        ]

    def _price_rows(self, rows: Places) -> tuple[Prices, Prices]:
        """Both prices of these experiences in all columns; those that the rule concerns are known."""
        places = {row: place for place, row in enumerate(self.rows.tolist())}
        known = [(place, places[row]) for place, row in enumerate(rows.tolist()) if row in places]
        columns = np.arange(len(self.cells))
        if len(known) == len(rows):
            columns = np.setdiff1d(columns, self.columns)
        priced = self._price(self._prospect.running, rows, columns)
        shown = []
        for own in (self.before, self.after):
            points, cash = np.zeros((2, len(rows), len(self.cells)), np.int64)
            points[:, columns], cash[:, columns] = priced.points, priced.cash
            if known:
                here, there = np.array(known).T
                points[np.ix_(here, self.columns)] = own.points[there]
                cash[np.ix_(here, self.columns)] = own.cash[there]
            shown.append(Prices(points, cash, {}))
        return shown[0], shown[1]

    def find_faults(self) -> list[PriceFault]:
        """Prices that fall to nothing, and then floors and caps, those that hold most first."""
        if not self.shift.size:
            return []
        faults = []
        free = (self.after.points == 0) & (self.after.cash == 0) & (self.shift != 0)
        if free.any():
            row, column = np.argwhere(free)[0].tolist()
            found = Bound(int(np.count_nonzero(free)), row, column)
            faults.append(self._fault("free", self._prospect.rule.id, found, None))
        rules = self._prospect.running
        for id, bound in sorted(self.after.bounds.items(), key=lambda pair: (-pair[1].prices, pair[0])):
            kind = rules.rules[rules.places[id]].effect.operation
            faults.append(self._fault(kind, id, bound, self.before.bounds.get(id)))
        return faults[:FAULTS_TOLD]

    def _fault(self, kind: str, rule: str, after: Bound, before: Bound | None) -> PriceFault:
        cell = self.cells[self.columns[after.column]]
        return PriceFault(
            kind,
            rule,
            after.prices,
            before.prices if before is not None else 0,
            self.items[self.rows[after.row]].experience,
            cell.tier,
            cell.market,
        )

    def _find_concerned(self, rule: PriceRule) -> tuple[Places, Places]:
        """The experiences and the cells that the rule admits, by their numbers."""
        kinds, listed = frozenset(rule.scope.kinds), frozenset(rule.scope.experiences)
        nothing = Item("", "", 0)
        rows = [
            row for row, item in enumerate(self.items) if _concerns(item.experience, item.kind, kinds, listed)
        ]
        columns = [
            column
            for column, cell in enumerate(self.cells)
            if find_failed(rule.scope, cell, nothing) in ("", *_ELSEWHERE)
        ]
        return np.array(rows, np.int64), np.array(columns, np.int64)

    def _price_both(self) -> tuple[Prices, Prices]:
        if not len(self.rows) or not len(self.columns):
            nothing = self._price(self._prospect.running, self.rows, self.columns)
            return nothing, nothing
        items, cells, base = self._cut(self.rows, self.columns)
        return price_both(self._prospect.running, self._prospect.tuned, items, cells, self.terms, base)

    def _price(self, rules: CompiledRules, rows: Places, columns: Places) -> Prices:
        if not len(rows) or not len(columns):
            nothing = np.zeros((len(rows), len(columns)), np.int64)
            return Prices(nothing, nothing, {})
        items, cells, base = self._cut(rows, columns)
        return price_all(rules, items, cells, self.terms, base)

    def _cut(self, rows: Places, columns: Places) -> tuple[list[Item], list[Cell], Base]:
        """What is priced in these rows and columns."""
        place = np.ix_(rows, columns)
        base = Base(self._points[place], self._cash[place], self.there[place])
        items = [self.items[row] for row in rows.tolist()]
        return items, [self.cells[column] for column in columns.tolist()], base

    def _payable(self, columns: Places) -> Flags:
        money = self._prospect.money
        return np.array([self.cells[column].market in money for column in columns.tolist()], bool)

    def _forget_unpayable(self) -> None:
        """Where cash would be due in a market without money, there is no price."""
        if self.before.points.size:
            due = (self.before.cash != 0) | (self.after.cash != 0)
            self.there[np.ix_(self.rows, self.columns)] &= self._payable(self.columns) | ~due

    def _difference(self, part: str) -> Amounts:
        there = self.there[np.ix_(self.rows, self.columns)]
        difference: Amounts = getattr(self.after, part) - getattr(self.before, part)
        return difference * there

    def _find_shift(self) -> NDArray[np.int64]:
        points = self._difference("points")
        return np.sign(np.where(points != 0, points, self._difference("cash")))


def _concerns(id: str, kind: str, kinds: frozenset[str], listed: frozenset[str]) -> bool:
    """Whether a scope with these kinds and experiences admits an item, whoever asks."""
    return (not listed or id in listed) and (not kinds or kind in kinds)


def _mentions(prospect: Prospect, text: str) -> Flags:
    """Which experiences have a text in their id or in a title."""
    wanted = text.casefold()
    found = (
        any(wanted in name.casefold() for name in (id, *terms.titles.values()))
        for id, terms in prospect.experiences
    )
    return np.fromiter(found, bool, len(prospect.experiences))


def _find_base(prospect: Prospect) -> tuple[Amounts, Amounts]:
    """What everything costs before rules, in points and in cash, in all columns."""
    points, cash = np.zeros((2, len(prospect.experiences), len(prospect.markets)), np.int64)
    points += np.array([terms.points for _, terms in prospect.experiences], np.int64)[:, None]
    for row, (id, terms) in enumerate(prospect.experiences):
        share = share_of(terms, None)
        for column, market in enumerate(prospect.markets if share != ONE else ()):
            item = split(id, terms, share, prospect.money.get(market, NO_MONEY))
            points[row, column], cash[row, column] = item.points, item.cash
    tiers = len(prospect.tiers)
    return np.repeat(points, tiers, axis=1), np.repeat(cash, tiers, axis=1)


def _find_there(prospect: Prospect) -> Flags:
    """What is to be had where, as far as that does not depend on rules."""
    there = np.ones((len(prospect.experiences), len(prospect.markets)), bool)
    payable = [market in prospect.money for market in prospect.markets]
    for row, (_, terms) in enumerate(prospect.experiences):
        if terms.markets:
            named = frozenset(terms.markets)
            there[row] = [market in named for market in prospect.markets]
        if share_of(terms, None) != ONE:
            there[row] &= payable
    return np.repeat(there, len(prospect.tiers), axis=1)
