"""Tuned rules, and who was told of the prices that they changed: members that listen at this gateway.

Whoever moves a slider wants to know what came of it. A telling is begun with each tuned rule, and filled in
by the cells of price_cells.py as they tell their listeners. Tellings of several rules may be made with one
push, and count it each; one of a rule that is tuned again before a cell has told it is never told there.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

import msgspec

from engine.events import RuleTuned

if TYPE_CHECKING:
    from gateway.price_cells import PriceCell

TELLINGS_KEPT: Final = 20

VIEWERS_AT_ONCE: Final = 500
"""Listeners of whom it is found out whether they saw a change, before other work gets its turn."""


class TellingView(msgspec.Struct, frozen=True):
    """A rule's number was changed at ``at`` ms by ``by``, and who was told, of those that listen to prices
    at this gateway; other gateways have listeners of their own.

    ``cells`` groups of members who see the same prices saw ``prices`` change, of those that they show, and
    ``waiting`` groups are still to be looked at. ``members`` were sent what changed, on ``pushes`` sockets,
    the last of them at ``told_at`` ms by this gateway's clock (0: nobody was); ``owed`` sockets take nothing
    at the moment, and are told once they do. ``position`` is the one that ``rules.tune`` was answered with.
    """

    rule: str
    before: int
    after: int
    by: str
    revision: int
    at: int
    position: str
    cells: int
    prices: int
    waiting: int
    members: int
    pushes: int
    owed: int
    told_at: int


class Telling:
    """One tuned rule. Its fields are those of ``TellingView``."""

    __slots__ = (
        "_clock",
        "_known",
        "cells",
        "members",
        "origin",
        "owed",
        "prices",
        "pushes",
        "told_at",
        "waiting",
    )

    def __init__(self, origin: tuple[RuleTuned, int, int, str], clock: Callable[[], int]) -> None:
        self.origin = origin
        self.cells = self.prices = self.waiting = self.pushes = self.members = self.owed = self.told_at = 0
        self._known: set[str] = set()
        self._clock = clock

    @property
    def rule(self) -> str:
        """The id of the rule."""
        return self.origin[0].rule

    def note_change(self, prices: int) -> None:
        """So many prices of a cell changed, and all of its listeners have been told."""
        self.prices += prices
        self.told_at = self._clock()

    def note_seen(self, member: str) -> None:
        """One of a member's sockets was told."""
        self.pushes += 1
        if member not in self._known:
            self._known.add(member)
            self.members += 1

    def note_late(self, *, known: bool) -> None:
        """A socket that was owed it was told after all; ``known``: another of its member's was before."""
        self.owed -= 1
        self.pushes += 1
        self.members += not known
        self.told_at = self._clock()

    def end_cell(self, *, changed: bool) -> None:
        """A cell is done with it. Once all are, nobody has to be recognized any more."""
        self.waiting -= 1
        self.cells += changed
        if not self.waiting:
            self._known = set()

    def view(self) -> TellingView:
        """How far it is."""
        event, revision, at, position = self.origin
        return TellingView(
            rule=event.rule,
            before=event.before,
            after=event.after,
            by=event.actor,
            revision=revision,
            at=at,
            position=position,
            cells=self.cells,
            prices=self.prices,
            waiting=self.waiting,
            members=self.members,
            pushes=self.pushes,
            owed=self.owed,
            told_at=self.told_at,
        )


class Account:
    """What one cell has to say of a telling: which of the prices that its rule is ``concerned`` with changed,
    and who saw it."""

    def __init__(self, telling: Telling, concerned: Iterable[str]) -> None:
        self._telling = telling
        self._concerned = frozenset(concerned)
        self._changed: set[str] = set()

    def note(self, different: Iterable[str]) -> None:
        """All listeners of the cell have been told these prices."""
        changed = self._concerned.intersection(different)
        if changed:
            self._changed |= changed
            self._telling.note_change(len(changed))

    def find_who_saw(self, cell: "PriceCell") -> Iterator[None]:
        """Goes through the listeners that show what changed, in slices, once all have been told."""
        if not self._changed:
            return
        for number, viewer in enumerate(list(cell.viewers), 1):
            if viewer.cell is cell and not self._changed.isdisjoint(viewer.experiences):
                if cell.lags(viewer):
                    viewer.owed.append(self._telling)
                    self._telling.owed += 1
                else:
                    self._telling.note_seen(viewer.member)
            if number % VIEWERS_AT_ONCE == 0:
                yield None

    def close(self) -> None:
        """The cell is done with it."""
        self._telling.end_cell(changed=bool(self._changed))


class Tellings:
    """The last tuned rules. ``clock`` is this gateway's, in ms."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._kept: deque[Telling] = deque(maxlen=TELLINGS_KEPT)

    def begin(self, event: RuleTuned, revision: int, at: int, position: str) -> Telling:
        """A rule of ``revision`` was tuned at ``at`` ms."""
        telling = Telling((event, revision, at, position), self._clock)
        self._kept.append(telling)
        return telling

    def view(self) -> list[TellingView]:
        """All of them, newest first."""
        return [telling.view() for telling in reversed(self._kept)]
