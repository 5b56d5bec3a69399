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


Hold = tuple[Member, tuple[Lot, ...]]
"""Whose points are held, and the parts of lots that were taken out, in spending order."""


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
    """The rules and totals that all members' points share, and all holds.

    ``holds`` are by subject: what the points are held for, such as an auction's id. A subject has one hold.
    ``sealed`` are the points that are held for bids which nobody else may learn of, by member and the expiry
    of their lots, ``all_sealed`` those of all members; both follow from the holds, and are not written down.
    ``expiries`` lists, by instant of expiry, the members with a lot that expires then; a member may stand
    there without need, and more than once. ``mixes_expiries`` says that a member's first lot need not be the
    first to expire.
    """

    __slots__ = (
        "agenda",
        "all_sealed",
        "events",
        "expiries",
        "grace",
        "holds",
        "mixes_expiries",
        "order",
        "order_name",
        "sealed",
        "totals",
    )

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
        self.holds: dict[str, Hold] = {}
        self.sealed: dict[str, dict[int, int]] = {}
        self.all_sealed: dict[int, int] = {}
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
        member.issued += lot.points
        self.totals.issued += lot.points
        if self._place(member.lots, lot)[1] is None:
            self._await_expiry(member, lot)
        self._put(member, lot)

    def spend(self, member: Member, amount: int) -> tuple[Lot, ...]:
        """Spends available points; returns the parts of lots that they came from."""
        member.spent += amount
        self.totals.spent += amount
        return self._take(member, amount)

    def hold(self, subject: str, member: Member, amount: int) -> None:
        """Takes ``amount`` available points out of lots for ``subject``, which has no hold yet."""
        self.totals.held += amount
        first = member.lots[0]
        if first.points > amount:
            first.points -= amount
            self.holds[subject] = (member, (Lot(first.earned_at, first.expires_at, amount),))
        else:
            self.holds[subject] = (member, self._take(member, amount))

    def extend_hold(self, subject: str, amount: int) -> None:
        """Adds to a hold. What it holds already stays held, also out of lots that expired meanwhile."""
        self.totals.held += amount
        member, parts = self.holds[subject]
        for part in self._take(member, amount):
            parts = self._merge(parts, part)
        self.holds[subject] = (member, parts)

    def shrink_hold(self, subject: str, amount: int, at: int) -> None:
        """Keeps ``amount`` points of a hold, those that are spent first, and releases the rest."""
        member, parts = self.holds[subject]
        kept, rest = split_parts(parts, amount)
        self.holds[subject] = (member, kept)
        self.totals.held -= self._give_back(member, rest, at)

    def pass_hold(self, subject: str, member: Member, amount: int, at: int) -> None:
        """Releases what another member holds for ``subject``, and holds ``amount`` points of this one's."""
        self._release(self.holds[subject], at)
        self.hold(subject, member, amount)

    def release(self, subject: str, at: int) -> None:
        """Gives all points that are held for ``subject`` back to their lots."""
        self._release(self.holds.pop(subject), at)

    def capture(self, subject: str, amount: int, at: int) -> tuple[Lot, ...]:
        """Spends ``amount`` of the held points and releases the rest; returns the parts that were spent."""
        member, parts = self.holds.pop(subject)
        captured, rest = split_parts(parts, amount)
        released = self._give_back(member, rest, at)
        self.totals.held -= amount + released
        member.spent += amount
        self.totals.spent += amount
        return captured

    def held_for(self, subject: str) -> int:
        """The points that are held for ``subject``."""
        return sum([part.points for part in self.holds[subject][1]])

    def count_sealed(self, subject: str, sign: int) -> None:
        """Notes that what is held for ``subject`` is held for a sealed bid (1), or is not any more (−1)."""
        member, parts = self.holds[subject]
        for shares in (self.sealed.setdefault(member.id, {}), self.all_sealed):
            for part in parts:
                shares[part.expires_at] = shares.get(part.expires_at, 0) + sign * part.points
                if not shares[part.expires_at]:
                    del shares[part.expires_at]
        if not self.sealed[member.id]:
            del self.sealed[member.id]

    def refund(self, member: Member, parts: tuple[Lot, ...], at: int) -> None:
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
            member.lots = tuple([lot for lot in lots if lot.expires_at > at])
            self._count_expired(member, amount)

    def _count_expired(self, member: Member, amount: int) -> None:
        member.expired += amount
        self.totals.expired += amount
        self.events.append(PointsExpired(member.id, amount))

    def _release(self, hold: Hold, at: int) -> None:
        member, parts = hold
        lots = member.lots
        if len(parts) == 1 and lots:
            # Nearly always: one part, and its lot is still the first.
            part, first = parts[0], lots[0]
            if first.expires_at == part.expires_at > at and first.earned_at == part.earned_at:
                first.points += part.points
                self.totals.held -= part.points
                return
        self.totals.held -= self._give_back(member, parts, at)

    def _take(self, member: Member, amount: int) -> tuple[Lot, ...]:
        parts, member.lots = split_parts(member.lots, amount)
        return parts

    def _give_back(self, member: Member, parts: tuple[Lot, ...], at: int) -> int:
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
        member.lots = self._merge(lots, lot)

    def _merge(self, lots: tuple[Lot, ...], lot: Lot) -> tuple[Lot, ...]:
        index, same = self._place(lots, lot)
        if same is None:
            return (*lots[:index], lot, *lots[index:])
        same.points += lot.points
        return lots

    def _await_expiry(self, member: Member, lot: Lot) -> None:
        # Not done for points that come back: their lot was awaited when it was new, and once is enough.
        if lot.expires_at == NEVER:
            return
        waiting = self.expiries.get(lot.expires_at)
        if waiting is None:
            self.expiries[lot.expires_at] = waiting = []
            self.agenda.post(lot.expires_at, Duty.EXPIRE_POINTS, str(lot.expires_at))
        waiting.append(member.id)

    def _place(self, lots: tuple[Lot, ...], lot: Lot) -> tuple[int, Lot | None]:
        """Where ``lot`` belongs, and the lot of the same period and expiry where there is one."""
        key = self.order(lot)
        index = bisect_left(lots, key, key=self.order)
        same = index < len(lots) and self.order(lots[index]) == key
        return index, lots[index] if same else None


def split_sealed(shares: dict[int, int] | None, at: int) -> tuple[int, int]:
    """Of points that are held for sealed bids, those that would be available otherwise, and those that would
    have expired by ``at`` ms."""
    if not shares:
        return 0, 0
    expired = sum([points for expires_at, points in shares.items() if expires_at <= at])
    return sum(shares.values()) - expired, expired


def split_parts(lots: tuple[Lot, ...], amount: int) -> tuple[tuple[Lot, ...], tuple[Lot, ...]]:
    """The first ``amount`` points of ``lots``, and the rest; neither holds an empty lot."""
    for index, lot in enumerate(lots):
        if lot.points > amount:
            rest = Lot(lot.earned_at, lot.expires_at, lot.points - amount)
            last = (Lot(lot.earned_at, lot.expires_at, amount),) if amount else ()
            return (*lots[:index], *last), (rest, *lots[index + 1 :])
        amount -= lot.points
    return lots, ()


def check_conservation(members: Iterable[Member], ledger: Ledger) -> None:
    """Adds everything up the slow way.

    Raises ``AssertionError`` where a member's sums are not those of its lots and holds, or the totals not
    those of the members.
    """
    held: dict[str, int] = {}
    for subject, (holder, _) in ledger.holds.items():
        held[holder.id] = held.get(holder.id, 0) + ledger.held_for(subject)
    sums = Totals()
    for member in members:
        in_holds = held.pop(member.id, 0)
        assert member.held == in_holds, f"{member.id}: held {member.held}, in holds {in_holds}"
        assert all(lot.points > 0 for lot in member.lots), f"{member.id} has an empty lot"
        sums.issued += member.issued
        sums.held += in_holds
        sums.spent += member.spent
        sums.expired += member.expired
    assert not held, f"holds of members that do not exist: {held}"
    assert sums == ledger.totals, f"members: {sums}, totals: {ledger.totals}"
