"""The topic ``prices``: members who see the same prices share a cell, and a change is worked out once a cell.

A client says which experiences it shows. A cell knows what all of its listeners show together, and what they
were told; of that, only what the log's entries can have changed is looked at again, and only prices that did
change are sent. Who becomes another cell's (a new tier, a rule used up) is told everything anew.

All of it is done in slices: a rule set that is published may change every price in every cell.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import msgspec

from engine.events import (
    BudgetChanged,
    CampaignChanged,
    CatalogueChanged,
    Event,
    MemberChanged,
    ProgramConfigured,
    RedemptionChanged,
    RulesPublished,
    RulesTurned,
    RuleTuned,
)
from engine.position import Position
from engine.prices.answers import ShownPrices
from engine.prices.audience import Audience, audience_of, concerns, prices_for
from engine.program import Program
from engine.rewards.answers import PriceView
from gateway.topics import Delivery, Lane, Listener, Message, Source, Topic

PRICES: Final = "prices"

PRICES_AT_ONCE: Final = 500
"""Prices that are worked out before other work gets its turn."""

VIEWERS_AT_ONCE: Final = 100
"""Members of whom it is found out again where they belong, likewise."""

LOOKED_AT_ONCE: Final = 5_000
"""Tuned rules times prices: where it is more, all prices are looked at again, not only what is concerned."""

_EVERYTHING: Final = (RulesPublished, RulesTurned, CampaignChanged, ProgramConfigured)
"""Events after which any price may be another."""

_OF_MEMBERS: Final = (MemberChanged, RedemptionChanged)

_UNSURE: Final = object()
"""Stands for a price of which not all listeners of a cell were told the same."""

PRICE_EVENTS: Final = frozenset((*_EVERYTHING, *_OF_MEMBERS, BudgetChanged, CatalogueChanged, RuleTuned))
"""Events that can change prices."""


class State(Protocol):
    """The replica, as far as it matters here."""

    @property
    def program(self) -> Program: ...

    @property
    def position(self) -> Position: ...


class Shown(msgspec.Struct, frozen=True):
    """What a client shows of the catalogue, and the channel that it is."""

    experiences: tuple[str, ...]
    channel: str = ""


class PriceCell:
    """The listeners of one audience. ``shown`` counts by experience how many show it, ``told`` is what they
    know. To be looked at again: what is in ``changed``, what ``tuned`` rules concern, or all of it."""

    __slots__ = ("_state", "audience", "changed", "everything", "shown", "told", "tuned", "viewers")

    def __init__(self, state: State, audience: Audience) -> None:
        self.audience = audience
        self.viewers: dict[Viewer, None] = {}
        self.shown: Counter[str] = Counter()
        self.told: dict[str, PriceView | object | None] = {}
        self.changed: set[str] = set()
        self.tuned: set[str] = set()
        self.everything = False
        self._state = state

    def deliver(self) -> Delivery:
        """See ``Source``: tells what has changed, slice by slice; there may be as many cells as listeners.

        What changes meanwhile waits for the next flush.
        """
        changed = self._take_changed()
        complete = False
        try:
            yield from self._tell(changed)
            complete = True
        finally:
            if not complete:
                # It was given up: nobody can say who was told. At the next flush everybody is.
                self.told = dict.fromkeys(self.shown, _UNSURE)
                self.everything = True

    def _tell(self, changed: list[str]) -> Delivery:
        for first in range(0, len(changed), PRICES_AT_ONCE):
            ids = [id for id in changed[first : first + PRICES_AT_ONCE] if id in self.shown]
            prices = prices_for(self._state.program, self.audience, ids)
            different = {id: price for id, price in prices.items() if self.told.get(id, _UNSURE) != price}
            if different:
                self.told |= different
                message = Message(PRICES, str(self._state.position), ShownPrices(different))
                for viewer in list(self.viewers):
                    if viewer.cell is self:
                        yield list(viewer.listeners), viewer, message
            yield None

    def _take_changed(self) -> list[str]:
        """What has to be looked at, and marks it as looked at."""
        if self.everything or len(self.tuned) * len(self.shown) > LOOKED_AT_ONCE:
            self.changed.update(self.shown)
        else:
            for rule in self.tuned:
                self.changed.update(concerns(self._state.program, rule, self.audience, self.shown))
        changed = sorted(self.changed)
        self.changed.clear()
        self.tuned.clear()
        self.everything = False
        return changed


class Viewer(Topic):
    """The topic of one listener: it shows what others do not."""

    __slots__ = ("cell", "channel", "experiences", "member")

    cell: PriceCell | None

    def __init__(self, member: str, shown: Shown, lane: Lane, view: Callable[[Program], Any]) -> None:
        super().__init__(PRICES, "", lane, view)
        self.member = member
        self.channel = shown.channel
        self.experiences = shown.experiences
        self.cell = None

    def deliver(self) -> Delivery:
        """See ``Source``: everything that it shows is worked out for it alone, a slice's work."""
        yield from super().deliver()
        yield None


class PriceCells:
    """All cells of a gateway. What has something to tell is given to ``wake``; to ``wake_later`` what is not
    urgent, to ``wake_now`` what cannot wait."""

    def __init__(
        self,
        state: State,
        *,
        wake: Callable[[Source], None],
        wake_later: Callable[[Source], None],
        wake_now: Callable[[Source], None],
    ) -> None:
        self._state = state
        self._wake = wake
        self._wake_now = wake_now
        self._budgets = _Budgets(self, wake_later)
        self._regrouping = _Regrouping(self)
        self._cells: dict[Audience, PriceCell] = {}
        self._of_member: dict[str, dict[Viewer, None]] = {}

    @property
    def count(self) -> int:
        """How many cells there are."""
        return len(self._cells)

    def find(self, member: str, shown: Shown, lane: Lane) -> Viewer:
        """A topic for what one client of a member shows. Raises ``Rejection("unknown_member")``."""
        program = self._state.program
        program.members.get(member)
        # The program's own strings: a client's are as many again for each socket.
        ids = (program.experiences.get(id) for id in dict.fromkeys(shown.experiences))
        known = tuple(experience.id for experience in ids if experience is not None)
        unknown = tuple(id for id in dict.fromkeys(shown.experiences) if id not in program.experiences)
        viewer: Viewer
        viewer = Viewer(
            member,
            Shown(known + unknown, shown.channel),
            lane,
            lambda program: self._prices_of(program, viewer),
        )
        return viewer

    def join(self, viewer: Viewer, listener: Listener) -> None:
        """A listener begins to listen."""
        self._enter(viewer, self._audience_of(viewer))
        self._of_member.setdefault(viewer.member, {})[viewer] = None

    def leave(self, viewer: Viewer) -> None:
        """Its listener is gone, or shows something else."""
        if viewer.cell is None:
            return
        self._part(viewer)
        own = self._of_member[viewer.member]
        del own[viewer]
        if not own:
            del self._of_member[viewer.member]

    def take(self, event: Event) -> None:
        """Marks what an event can have changed."""
        kind = type(event)
        if kind is RuleTuned:
            for cell in self._cells.values():
                cell.tuned.add(event.rule)  # type: ignore[attr-defined]
                self._wake(cell)
        elif kind is CatalogueChanged:
            self._mark_experience(event.experience)  # type: ignore[attr-defined]
        elif kind is BudgetChanged:
            self._budgets.note(event.campaign)  # type: ignore[attr-defined]
        elif kind in _OF_MEMBERS:
            for viewer in list(self._of_member.get(event.member, ())):  # type: ignore[attr-defined]
                if self.settle(viewer):
                    self._wake_now(viewer)
        elif kind is RulesPublished:
            self._wake_now(self._regrouping)
        else:
            self.mark_everything()

    def mark_everything(self) -> None:
        """Any price may have changed."""
        for cell in self._cells.values():
            cell.everything = True
            self._wake(cell)

    def mark_rules(self, rules: list[str]) -> None:
        """What these rules give may have changed."""
        for cell in self._cells.values():
            cell.tuned.update(rules)
            self._wake(cell)

    def settle(self, viewer: Viewer) -> bool:
        """Moves a listener whose member is of another audience by now; whether it did."""
        audience = self._audience_of(viewer)
        if viewer.cell is None or audience == viewer.cell.audience:
            return False
        self._part(viewer)
        self._enter(viewer, audience)
        return True

    def regroup(self) -> Iterator[None]:
        """Finds out for every listener where it belongs, in slices, and then looks at all prices again.

        Whoever moves is told with its new cell.
        """
        for number, member in enumerate(list(self._of_member), 1):
            for viewer in list(self._of_member.get(member, ())):
                if self.settle(viewer) and viewer.cell is not None:
                    viewer.cell.told.update(dict.fromkeys(viewer.experiences, _UNSURE))
            if number % VIEWERS_AT_ONCE == 0:
                yield None
        self.mark_everything()

    def rules_of(self, budgets: set[str]) -> list[str]:
        """The running rules that give from one of these budgets."""
        return [rule.id for rule in self._state.program.book.running.rules if rule.budget in budgets]

    def _mark_experience(self, experience: str) -> None:
        for cell in self._cells.values():
            if experience in cell.shown:
                cell.changed.add(experience)
                self._wake(cell)

    def _prices_of(self, program: Program, viewer: Viewer) -> ShownPrices:
        """The prices of everything that a listener shows, as they are now."""
        cell = viewer.cell
        audience = cell.audience if cell is not None else self._audience_of(viewer)
        prices = prices_for(program, audience, viewer.experiences)
        if cell is not None:
            for id, price in prices.items():
                if cell.told.setdefault(id, price) != price:
                    # Now one knows this and the others that: whatever it is at the next flush, all are told.
                    cell.told[id] = _UNSURE
                    cell.changed.add(id)
                    self._wake(cell)
        return ShownPrices(prices)

    def _audience_of(self, viewer: Viewer) -> Audience:
        program = self._state.program
        return audience_of(program, program.members.get(viewer.member), viewer.channel)

    def _enter(self, viewer: Viewer, audience: Audience) -> None:
        cell = self._cells.get(audience)
        if cell is None:
            cell = self._cells[audience] = PriceCell(self._state, audience)
        viewer.cell = cell
        cell.viewers[viewer] = None
        cell.shown.update(viewer.experiences)

    def _part(self, viewer: Viewer) -> None:
        cell = viewer.cell
        assert cell is not None
        viewer.cell = None
        del cell.viewers[viewer]
        for id in viewer.experiences:
            cell.shown[id] -= 1
            if not cell.shown[id]:
                del cell.shown[id]
                cell.told.pop(id, None)
        if not cell.viewers:
            del self._cells[cell.audience]


class _Regrouping:
    """The work that a new rule set makes, as a ``Source``: it tells nobody itself."""

    def __init__(self, cells: PriceCells) -> None:
        self._cells = cells

    def deliver(self) -> Delivery:
        return self._cells.regroup()


class _Budgets:
    """Budgets that have changed, as a ``Source``: which rules give from them is looked up now and then."""

    def __init__(self, cells: PriceCells, wake: Callable[[Source], None]) -> None:
        self._cells = cells
        self._wake = wake
        self._changed: set[str] = set()

    def note(self, campaign: str) -> None:
        """What a campaign may give has changed."""
        self._changed.add(campaign)
        self._wake(self)

    def deliver(self) -> Delivery:
        changed, self._changed = self._changed, set()
        self._cells.mark_rules(self._cells.rules_of(changed))
        return iter(())
