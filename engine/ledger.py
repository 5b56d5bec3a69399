"""Points: lots, holds, spends, expiry. What was issued is always somewhere.

For every member and in total: issued = available + held + spent + expired. Lots are spent earliest expiry
first, then earliest earned (a program may choose earliest earned first). A hold takes points out of lots and
is captured or released exactly once, whole or in part. Released and refunded points go back to their own
lots; where such a lot has expired meanwhile they expire at once, or live on for the program's grace.

Functions here change state and never refuse: callers check first (a member's ``available``,
``check_credit``).
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter

from engine.agenda import Agenda, Duty
from engine.errors import Rejection
from engine.events import Event, PointsExpired
from engine.members import Lot, Member
from engine.units import MAXIMUM_POINTS, NEVER

LOT_LIMIT = 256
"""Lots a member may have; lots of one earned period and expiry are one lot."""

_SPENDING_ORDERS = {
    "expiry": attrgetter("expires_at", "earned_at"),
    "earned": attrgetter("earned_at", "expires_at"),
}


@dataclass(slots=True)
class Totals:
    """The sums over all members, in points. A dataclass: its fields are set faster than a struct's."""

    issued: int = 0
    held: int = 0
    spent: int = 0
    expired: int = 0

    @property
    def available(self) -> int:
        """What is in lots: derived, so that the hot path keeps one sum less."""
        return self.issued - self.held - self.spent - self.expired


class Ledger:
    """The rules and totals that all members' points share.

    ``expiries`` lists, by instant of expiry, the members with a lot that expires then; a member may stand
    there without need, and more than once. ``mixes_expiries`` says that a member's first lot need not be the
    first to expire.
    """

    __slots__ = ("agenda", "events", "expiries", "grace", "mixes_expiries", "order", "order_name", "totals")

    def __init__(
        self,
        agenda: Agenda,
        events: list[Event],
        totals: Totals | None = None,
        expiries: dict[int, list[str]] | None = None,
    ) -> None:
        self.agenda = agenda
        self.events = events
        self.totals = totals or Totals()
        self.expiries: dict[int, list[str]] = expiries if expiries is not None else {}
        self.configure("expiry", 0)

    def configure(self, spending_order: str, grace: int) -> None:
        """Sets the spending order (``expiry`` or ``earned``) and the grace of released points in ms."""
        self.order_name = spending_order
        self.mixes_expiries = spending_order != "expiry"
        self.order = _SPENDING_ORDERS[spending_order]
        self.grace = grace

    def shortage(self, member: Member, amount: int) -> Rejection:
        """The refusal ``insufficient_points``, with what is missing. Expire what is due first."""
        missing = amount - member.available
        return Rejection(
            "insufficient_points",
            f"This needs {amount} points; {member.available} are available, {missing} are missing.",
            available=member.available,
            needed=amount,
            missing=missing,
        )

    def check_credit(self, member: Member, lot: Lot) -> None:
        """Raises ``Rejection`` ``balance_too_large`` or ``too_many_lots``."""
        if member.issued + lot.points > MAXIMUM_POINTS:
            raise Rejection(
                "balance_too_large", f"A member may be issued at most {MAXIMUM_POINTS} points in all."
            )
        if len(member.lots) >= LOT_LIMIT and self._place(member.lots, lot)[1] is None:
            raise Rejection(
                "too_many_lots", f"A member may have at most {LOT_LIMIT} lots; use a common expiry date."
            )

    def credit(self, member: Member, lot: Lot) -> None:
        """Issues the points of ``lot``."""
        member.available += lot.points
        self.totals.issued += lot.points
        if self._place(member.lots, lot)[1] is None:
            self._await_expiry(member, lot)
        self._put(member, lot)

    def spend(self, member: Member, amount: int) -> list[Lot]:
        """Spends available points; returns the parts of lots that they came from."""
        member.spent += amount
        self.totals.spent += amount
        return self._take(member, amount)

    def hold(self, member: Member, subject: str, amount: int) -> None:
        """Takes ``amount`` available points out of lots for ``subject``, which holds none yet."""
        self.totals.held += amount
        first = member.lots[0]
        if first.points > amount:
            member.available -= amount
            first.points -= amount
            parts = [Lot(first.earned_at, first.expires_at, amount)]
        else:
            parts = self._take(member, amount)
        if member.holds is None:
            member.holds = {subject: parts}
        else:
            member.holds[subject] = parts

    def extend_hold(self, member: Member, subject: str, amount: int) -> None:
        """Adds to a hold. What it holds already stays held, also out of lots that expired meanwhile."""
        self.totals.held += amount
        parts = member.holds[subject]  # type: ignore[index]
        for part in self._take(member, amount):
            self._merge(parts, part)

    def release(self, member: Member, subject: str, at: int) -> None:
        """Gives all held points back to their lots."""
        parts = self._drop_hold(member, subject)
        part = parts[0]
        lots = member.lots
        if (
            len(parts) == 1
            and lots
            and lots[0].expires_at == part.expires_at > at
            and lots[0].earned_at == part.earned_at
        ):
            # Nearly always: one part, and its lot is still the first.
            amount = part.points
            lots[0].points += amount
            member.available += amount
        else:
            amount = self._give_back(member, parts, at)
        self.totals.held -= amount

    def capture(self, member: Member, subject: str, amount: int, at: int) -> list[Lot]:
        """Spends ``amount`` of the held points and releases the rest; returns the parts that were spent."""
        captured, rest = _split(self._drop_hold(member, subject), amount)
        released = self._give_back(member, rest, at)
        self.totals.held -= amount + released
        member.spent += amount
        self.totals.spent += amount
        return captured

    def refund(self, member: Member, parts: list[Lot], at: int) -> None:
        """Gives spent points back to the lots that they came from; ``parts`` is used up."""
        amount = self._give_back(member, parts, at)
        member.spent -= amount
        self.totals.spent -= amount

    def expire(self, member: Member, at: int) -> None:
        """Expires the member's lots that are due at ``at`` ms."""
        lots = member.lots
        if not lots or (lots[0].expires_at > at and not self.mixes_expiries):
            return
        amount = sum(lot.points for lot in lots if lot.expires_at <= at)
        if amount:
            member.lots = [lot for lot in lots if lot.expires_at > at]
            member.available -= amount
            self._count_expired(member, amount)

    def _count_expired(self, member: Member, amount: int) -> None:
        member.expired += amount
        self.totals.expired += amount
        self.events.append(PointsExpired(member.id, amount))

    def _drop_hold(self, member: Member, subject: str) -> list[Lot]:
        holds = member.holds
        parts = holds.pop(subject)  # type: ignore[union-attr]
        if not holds:
            member.holds = None
        return parts

    def _take(self, member: Member, amount: int) -> list[Lot]:
        member.available -= amount
        parts, member.lots = _split(member.lots, amount)
        return parts

    def _give_back(self, member: Member, parts: list[Lot], at: int) -> int:
        """Puts parts back into their lots, or expires them; returns how many points they were."""
        amount = available = 0
        for part in parts:
            amount += part.points
            if part.expires_at <= at:
                if not self.grace:
                    continue
                part = Lot(part.earned_at, at + self.grace, part.points)
                self._await_expiry(member, part)
            available += part.points
            self._put(member, part)
        member.available += available
        if amount > available:
            self._count_expired(member, amount - available)
        return amount

    def _put(self, member: Member, lot: Lot) -> None:
        lots = member.lots
        if len(lots) >= LOT_LIMIT and self._place(lots, lot)[1] is None:
            # Only points that come back can get here; they must not be lost, and must not expire early.
            latest = max(lots, key=_SPENDING_ORDERS["expiry"])
            latest.points += lot.points
            latest.expires_at = max(latest.expires_at, lot.expires_at)
            return
        self._merge(lots, lot)

    def _merge(self, lots: list[Lot], lot: Lot) -> None:
        index, same = self._place(lots, lot)
        if same is not None:
            same.points += lot.points
        else:
            lots.insert(index, lot)

    def _await_expiry(self, member: Member, lot: Lot) -> None:
        # Not done for points that come back: their lot was awaited when it was new, and once is enough.
        if lot.expires_at == NEVER:
            return
        waiting = self.expiries.get(lot.expires_at)
        if waiting is None:
            self.expiries[lot.expires_at] = waiting = []
            self.agenda.post(lot.expires_at, Duty.EXPIRE_POINTS, str(lot.expires_at))
        waiting.append(member.id)

    def _place(self, lots: list[Lot], lot: Lot) -> tuple[int, Lot | None]:
        """Where ``lot`` belongs, and the lot of the same period and expiry where there is one."""
        key = self.order(lot)
        index = bisect_left(lots, key, key=self.order)
        same = index < len(lots) and self.order(lots[index]) == key
        return index, lots[index] if same else None


def _split(lots: list[Lot], amount: int) -> tuple[list[Lot], list[Lot]]:
    """The first ``amount`` points of ``lots``, and the rest; neither holds an empty lot."""
    taken: list[Lot] = []
    for index, lot in enumerate(lots):
        if lot.points > amount:
            if amount:
                taken.append(Lot(lot.earned_at, lot.expires_at, amount))
            return taken, [Lot(lot.earned_at, lot.expires_at, lot.points - amount), *lots[index + 1 :]]
        taken.append(lot)
        amount -= lot.points
    return taken, []


def check_conservation(members: Iterable[Member], totals: Totals) -> None:
    """Adds everything up the slow way.

    Raises ``AssertionError`` where a member's sums, or the totals, are not those of its lots and holds.
    """
    sums = Totals()
    available = 0
    for member in members:
        in_lots = sum(lot.points for lot in member.lots)
        assert member.available == in_lots, f"{member.id}: available {member.available}, in lots {in_lots}"
        assert all(lot.points > 0 for lot in member.lots), f"{member.id} has an empty lot"
        available += in_lots
        sums.issued += member.issued
        sums.held += member.held
        sums.spent += member.spent
        sums.expired += member.expired
    assert sums == totals, f"members: {sums}, totals: {totals}"
    assert available == totals.available
