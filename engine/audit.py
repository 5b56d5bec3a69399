"""What managers and operators did: who, when, which command, about what, what was asked, what came of it.

The newest are kept in the program's state, so that every replica and every snapshot has them; the log's
archive has all. Only what was accepted is here. Services are not: what they report is traffic, which would
push out in minutes what people did, and the log has it. Imports (commands that make members, points or
tickets one by one) are kept beside the rest, for the same reason: a hundred thousand of them push out one
another, and nothing else.

An action tells the fields of its command that are not what they are by default, structs field by field,
collections as their size, texts cut: so it is bounded (``ASKED_ROOM``, ``RESULT_ROOM``), and a field that a
later version adds with a default changes no action of before.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from functools import cache
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT

from engine.commands import MANAGER, OPERATOR, CreditPoints, Envelope, GrantTickets, UpsertMember
from engine.errors import Rejected
from engine.units import NEVER

AUDITED: Final = (MANAGER, OPERATOR)
"""The roles whose accepted commands are kept."""

IMPORTS: Final = (UpsertMember, CreditPoints, GrantTickets)
"""Commands that are asked for by the thousand."""

KINDS: Final = ("auction", "raffle", "experience", "campaign", "redemption", "member", "rule", "draft")
"""What a command can concern: the fields that name it."""

ASKED_ROOM: Final = 1_300
"""Bytes of names and values that an action tells of what was asked."""

RESULT_ROOM: Final = 300
"""Bytes of names and values that it tells of what came of it."""

TEXT_ROOM: Final = 500
"""Bytes of one text: a reason is whole, but for scripts that need more than one a character."""

_number_of, _time_of = attrgetter("number"), attrgetter("at")

Scalar = int | bool | str | None
"""What is told of one field; of a collection, how many are in it."""


class Action(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One accepted command.

    ``number`` counts from 1 over the program's whole life, ``at`` is in ms, ``tag`` the command's in the log.
    ``concerns`` has by kind the id of what it was about; ``left_out`` fields of command and result had no
    room.
    """

    number: int
    at: int
    actor: str
    role: int
    tag: int
    concerns: dict[str, str]
    asked: dict[str, Scalar]
    result: dict[str, Scalar]
    left_out: int = 0


class Audit:
    """The newest ``limit`` ``actions`` and as many ``imports``, oldest first; ``number`` is the last's."""

    __slots__ = ("actions", "imports", "limit", "number")

    def __init__(self) -> None:
        self.actions: deque[Action] = deque()
        self.imports: deque[Action] = deque()
        self.limit = 0
        self.number = 0

    def note(self, envelope: Envelope, outcome: Any, at: int) -> None:
        """Keeps what was accepted at ``at`` (ms); a refusal is not."""
        if type(outcome) is Rejected:
            return
        command = envelope.command
        self.number += 1
        fields = command.__struct_fields__
        concerns: dict[str, str] = {kind: getattr(command, kind) for kind in KINDS if kind in fields}
        asked, unasked = tell(command, ASKED_ROOM, concerns)
        result, untold = tell(outcome, RESULT_ROOM, concerns)
        kept = self.imports if type(command) in IMPORTS else self.actions
        kept.append(
            Action(
                self.number,
                at,
                envelope.actor,
                envelope.role,
                command.__struct_config__.tag,  # type: ignore[arg-type]
                concerns,
                asked,
                result,
                unasked + untold,
            )
        )
        # Two at a time: where the limit was lowered, no command pays for all that is too much.
        for _ in range(min(2, len(kept) - self.limit)):
            kept.popleft()

    def newest_first(self, below: int, until: int = NEVER) -> Iterator[Action]:
        """What is kept with a number below ``below`` and was done before ``until`` (ms)."""
        return merge(
            *(_backwards(part, below, until) for part in (self.actions, self.imports)),
            key=_number_of,
            reverse=True,
        )


def _backwards(actions: deque[Action], below: int, until: int) -> Iterator[Action]:
    older = min(bisect_left(actions, below, key=_number_of), bisect_left(actions, until, key=_time_of))
    return islice(reversed(actions), len(actions) - older, None)


def tell(told: msgspec.Struct, room: int, known: dict[str, str]) -> tuple[dict[str, Scalar], int]:
    """The fields of ``told`` that differ from their defaults, those in ``known`` left out, in ``room`` bytes;
    and how many found none.

    What stands inside another struct comes after what stands beside it, under both names: ``terms.title``.
    """
    found: dict[str, Scalar] = {}
    left_out = 0
    waiting = [("", told)]
    for prefix, struct in waiting:
        for field, default in _fields_of(type(struct)):
            value = getattr(struct, field)
            if value == default or (not prefix and field in known):
                continue
            name = prefix + field
            if isinstance(value, msgspec.Struct):
                waiting.append((f"{name}.", value))
                value = value.__struct_config__.tag
                if not isinstance(value, str):
                    continue
            elif isinstance(value, str):
                value = _cut(value)
            elif value is not None and not isinstance(value, int):
                value = len(value)
            room -= len(name) + len(str(value).encode())
            if room < 0:
                left_out += 1
            else:
                found[name] = value
    return found, left_out


def _cut(text: str) -> str:
    encoded = text.encode()
    return text if len(encoded) <= TEXT_ROOM else encoded[: TEXT_ROOM - 3].decode(errors="ignore") + "…"


@cache
def _fields_of(struct: type[msgspec.Struct]) -> tuple[tuple[str, Any], ...]:
    """A struct's fields, each with its default; ``NODEFAULT`` equals no value."""
    return tuple(
        (field.name, field.default if field.default_factory is NODEFAULT else field.default_factory())
        for field in msgspec.structs.fields(struct)
    )
