"""The points of the naive model: members, lots and what is taken out of them. See model.py."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine import commands as c

Parts = Counter[tuple[int, int]]
"""Points by (earned at, expires at)."""

Reasons = Iterator[tuple[str, bool]]
"""Codes, and whether each speaks against a command."""

FOREVER = 2**53 - 1


@dataclass
class Person:
    tier: str = ""
    market: str = ""
    segments: tuple[str, ...] = ()
    staff: bool = False
    lots: Parts = field(default_factory=Counter)
    holds: dict[str, Parts] = field(default_factory=dict)
    issued: int = 0
    spent: int = 0
    expired: int = 0


def snake(command: Any) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "_", type(command).__name__).lower()


class Answers:
    """Whatever has a ``why_not`` for each command that it can do."""

    def reasons(self, command: Any, actor: str) -> set[str]:
        """Every reason for which the command must be refused; none: it must be accepted."""
        return {code for code, speaks in getattr(self, f"why_not_{snake(command)}")(command, actor) if speaks}

    def do(self, command: Any, actor: str) -> None:
        """Does a command that nothing speaks against."""
        getattr(self, snake(command))(command, actor)


class PointsModel(Answers):
    """Members and their points at the time ``at``."""

    def __init__(self, settings: c.ProgramSettings) -> None:
        self.settings = settings
        self.people: dict[str, Person] = {}
        self.at = 0
        self.owed: list[Callable[[], None]] = []
        """What a command has left to the agenda, which comes to it before the next one."""

    def do_owed(self) -> None:
        """Does what was left to the agenda."""
        while self.owed:
            self.owed.pop(0)()

    def expire(self) -> None:
        """What has expired by now."""
        for person in self.people.values():
            for lot in [lot for lot in person.lots if lot[1] <= self.at]:
                person.expired += person.lots.pop(lot)

    def draw(self, source: Parts, amount: int) -> Parts:
        """Takes the first ``amount`` points out, in spending order."""
        by_expiry = self.settings.spending_order == "expiry"
        taken: Parts = Counter()
        for lot in sorted(source, key=lambda lot: lot[::-1] if by_expiry else lot):
            taken[lot] = min(amount, source[lot])
            amount -= taken[lot]
        assert amount == 0
        source.subtract(taken)
        return +taken

    def give_back(self, person: Person, parts: Parts) -> None:
        for (earned, expires), points in parts.items():
            if expires > self.at:
                person.lots[earned, expires] += points
            elif self.settings.release_grace:
                person.lots[earned, self.at + self.settings.release_grace] += points
            else:
                person.expired += points

    def spend(self, person: Person, parts: Parts) -> Parts:
        person.spent += parts.total()
        return parts

    def short(self, member: str, amount: int) -> bool:
        return self.people[member].lots.total() < amount

    # Commands.

    def why_not_tick(self, command: c.Tick, actor: str) -> Reasons:
        yield from ()

    def tick(self, command: c.Tick, actor: str) -> None:
        pass

    def why_not_configure(self, command: c.Configure, actor: str) -> Reasons:
        issued = any(person.issued for person in self.people.values())
        yield "setting_is_fixed", issued and command.settings.spending_order != self.settings.spending_order

    def configure(self, command: c.Configure, actor: str) -> None:
        self.settings = command.settings

    def why_not_upsert_member(self, command: c.UpsertMember, actor: str) -> Reasons:
        yield from ()

    def upsert_member(self, command: c.UpsertMember, actor: str) -> None:
        person = self.people.setdefault(command.member, Person())
        person.tier, person.market = command.tier, command.market
        person.segments, person.staff = command.segments, command.staff

    def why_not_credit_points(self, command: c.CreditPoints, actor: str) -> Reasons:
        yield "unknown_member", command.member not in self.people
        yield "already_past", 0 < command.expires_at <= self.at
        yield "invalid_parameters", command.earned_at > self.at

    def credit_points(self, command: c.CreditPoints, actor: str) -> None:
        earned = command.earned_at or self.at
        period = self.settings.earned_period
        person = self.people[command.member]
        person.issued += command.amount
        person.lots[earned // period * period, command.expires_at or FOREVER] += command.amount

    def why_not_adjust_points(self, command: c.AdjustPoints, actor: str) -> Reasons:
        yield "invalid_parameters", command.amount == 0
        yield "unknown_member", command.member not in self.people
        if command.member in self.people:
            yield "insufficient_points", self.short(command.member, -command.amount)
        yield "already_past", command.amount > 0 and 0 < command.expires_at <= self.at

    def adjust_points(self, command: c.AdjustPoints, actor: str) -> None:
        if command.amount > 0:
            self.credit_points(c.CreditPoints(command.member, command.amount, command.expires_at), actor)
        else:
            person = self.people[command.member]
            self.spend(person, self.draw(person.lots, -command.amount))
