"""What managers and operators did, told again from commands and answers, in the plainest way.

Whatever is as it would be without being said is left out; what stands deeper comes later, and where there is
no more space, nothing comes. See engine/audit.py for what it is for.
"""

from typing import Any

import msgspec

from engine import commands as c

STAFF = (1, 2)
"""Managers and operators, as they stand in an envelope."""

NOUNS = {"auction", "raffle", "experience", "campaign", "redemption", "member", "rule", "draft"}

ONE_BY_ONE = ("UpsertMember", "CreditPoints", "GrantTickets")
"""What is kept apart."""

SINCE = 5
"""The level from which on there is anything here."""


class Deeds:
    """Everything that was done since the program's ``level`` allows it, and the numbers of what is kept."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.all: list[tuple[Any, ...]] = []
        self.kept: dict[bool, list[int]] = {True: [], False: []}

    def add(self, envelope: c.Envelope, answer: Any, at: int, most: int) -> None:
        """A command that was accepted at ``at`` ms; ``most`` deeds of a sort may be kept."""
        command = envelope.command
        if isinstance(command, c.RaiseLevel):
            self.level = command.level
        if envelope.role not in STAFF or self.level < SINCE:
            return
        name = type(command).__name__
        about = {noun: getattr(command, noun) for noun in NOUNS if hasattr(command, noun)}
        asked, unasked = fit([one for one in flatten(command) if one[0] not in about], 1_300)
        came, untold = fit([one for one in flatten(answer) if one[0] not in about], 300)
        self.all.append((at, envelope.actor, envelope.role, name, about, asked, came, unasked + untold))
        kept = self.kept[name in ONE_BY_ONE]
        kept.append(len(self.all))
        surplus = max(0, len(kept) - most)
        del kept[: min(2, surplus)]

    def picture(self) -> list[tuple[Any, ...]]:
        """What is kept, in order, each with its number."""
        return [(number, *self.all[number - 1]) for number in sorted(self.kept[True] + self.kept[False])]


def flatten(whole: msgspec.Struct) -> list[tuple[str, Any]]:
    """The fields of a struct that say something, then those of the structs in it, and so on."""
    found: list[tuple[str, Any]] = []
    level = {"": whole}
    while level:
        deeper: dict[str, msgspec.Struct] = {}
        for path, struct in level.items():
            for field in msgspec.structs.fields(struct):
                value = getattr(struct, field.name)
                said = field.required or value != unsaid(field)
                if said and isinstance(value, msgspec.Struct):
                    deeper[f"{path}{field.name}."] = value
                    value = value.__struct_config__.tag
                    said = isinstance(value, str)
                if said:
                    found.append((path + field.name, value))
        level = deeper
    return found


def unsaid(field: msgspec.structs.FieldInfo) -> Any:
    """What a field is where nobody says what it is."""
    return {} if field.default is msgspec.NODEFAULT else field.default


def fit(told: list[tuple[str, Any]], space: int) -> tuple[dict[str, Any], int]:
    """What there is space for, of so many bytes, and how many others there are."""
    found: dict[str, Any] = {}
    for name, value in told:
        if isinstance(value, str):
            while len(value.encode()) > 500:
                cut = value.removesuffix("…")[:-1]
                value = cut + "…"
        elif isinstance(value, tuple | dict | list):
            value = len(value)
        space -= len(name) + len(str(value).encode())
        if space >= 0:
            found[name] = value
    return found, len(told) - len(found)
