"""What a program file is: six sections, of the shapes that the operations take.

``[program]`` are the settings, ``[experiences.ID]``, ``[campaigns.ID]``, ``[auctions.ID]`` and
``[raffles.ID]`` the terms of each, ``[rules]`` the groups and rules of one rule set. Every field, limit and
default is the operation's own: the shapes are taken out of the table. Only ``draft`` is the file's: such a
campaign, auction or raffle is put, and not scheduled; and an auction's ``format`` stands among its terms.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from engine.units import Identifier
from gateway.operations import BY_NAME
from gateway.shapes import derive, object_shape, objectify
from rules.rule import RuleSet

Call = Callable[..., Awaitable[dict[str, Any]]]
"""Asks a gateway: the operation's name, and the fields of its request by name. Answers the reply; raises
``engine.errors.Rejection`` where the gateway refuses."""

Terms = dict[str, Any]
"""Terms as JSON has them, every field with its value."""


def _shape_in(operation: str, field: str) -> Any:
    fields = msgspec.structs.fields(BY_NAME[operation].request)
    return next(one.type for one in fields if one.name == field)


_DRAFT: Final = (("draft", bool, False),)

SETTINGS: Final = _shape_in("program.configure", "settings")
EXPERIENCE: Final = _shape_in("experience.put", "terms")
CAMPAIGN: Final = derive(_shape_in("campaign.put", "terms"), _DRAFT)
AUCTION: Final = derive(
    _shape_in("auction.create", "terms"),
    (("format", _shape_in("auction.create", "format"), None), *_DRAFT),
)
RAFFLE: Final = derive(_shape_in("raffle.create", "terms"), _DRAFT)
RULES: Final = object_shape(RuleSet)

SECTIONS: Final[dict[str, Any]] = {
    "program": SETTINGS,
    "experiences": dict[Identifier, EXPERIENCE],  # type: ignore[valid-type]
    "campaigns": dict[Identifier, CAMPAIGN],  # type: ignore[valid-type]
    "rules": RULES,
    "auctions": dict[Identifier, AUCTION],  # type: ignore[valid-type]
    "raffles": dict[Identifier, RAFFLE],  # type: ignore[valid-type]
}
"""The sections of a file, in its order, and their shapes."""

FILE: Final = msgspec.defstruct(
    "ProgramFile",
    [(name, shape | None, None) for name, shape in SECTIONS.items()],
    kw_only=True,
    frozen=True,
    forbid_unknown_fields=True,
)


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    """A program as it should be. A section that is None is nobody's business; ``name`` is the file's."""

    program: Terms | None = None
    experiences: dict[str, Terms] | None = None
    campaigns: dict[str, Terms] | None = None
    rules: Terms | None = None
    auctions: dict[str, Terms] | None = None
    raffles: dict[str, Terms] | None = None
    name: str = ""

    @classmethod
    def convert(cls, plain: dict[str, Any], name: str = "") -> "Blueprint":
        """What ``plain``, which has times in ms, says, with every default. Raises
        ``msgspec.ValidationError``."""
        return cls(**objectify(msgspec.convert(plain, FILE)), name=name)


def put_opening(noun: str, id: str, entry: Terms) -> dict[str, Any]:
    """The fields of the request that makes, or replaces, the auction or raffle of an ``entry``."""
    terms = {name: value for name, value in entry.items() if name not in ("draft", "format")}
    format = entry.get("format")
    return {noun: id, "terms": terms, **({"format": format} if format is not None else {})}
