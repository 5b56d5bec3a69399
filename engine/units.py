"""The units that everything is counted in, and their limits; those of amounts, and the one rounding, are the
rules' too.

Points are integers in the program's smallest unit. Times are milliseconds since the Unix epoch, UTC. Factors
are basis points: 10 000 is ×1. Nothing here, and nothing that is built on it, uses a float.
"""

from typing import Annotated

from msgspec import Meta

from rules.amounts import (
    MAXIMUM_FACTOR as MAXIMUM_FACTOR,
    MAXIMUM_POINTS as MAXIMUM_POINTS,
    ONE as ONE,
    apply_factor as apply_factor,
)

MAXIMUM_TIME = 2**53 - 1
"""The last instant, in milliseconds: what a JSON number holds exactly (RFC 8259 §6)."""

NEVER = MAXIMUM_TIME
"""The expiry of points that do not expire."""

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# In Python, though not in JSON Schema's dialect, ``$`` alone would let a line break through at the end.
Identifier = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@~-]*$(?!\n)")
]
"""An opaque id of a member, an auction, a campaign: letters, digits and ``. _ : @ ~ -``, at most 64
characters."""

Reference = Annotated[str, Meta(min_length=1, max_length=64)]
"""The id of something that should exist already. Its form is not checked again: a look-up tells."""

Name = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$(?!\n)")]
"""The name of a tier, a market or a segment."""

Locale = Annotated[str, Meta(min_length=2, max_length=35, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)")]
"""A language, and where it matters a script or a region: ``en``, ``pt-BR``, ``zh-Hant`` (BCP 47)."""

Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")]
"""ISO 4217."""

Text = Annotated[str, Meta(max_length=500)]
"""Words for people: a title, a reason."""

LongText = Annotated[str, Meta(max_length=4_000)]
"""More words: a description."""

Points = Annotated[int, Meta(ge=0, le=MAXIMUM_POINTS)]
PositivePoints = Annotated[int, Meta(ge=1, le=MAXIMUM_POINTS)]
SignedPoints = Annotated[int, Meta(ge=-MAXIMUM_POINTS, le=MAXIMUM_POINTS)]
Cash = Annotated[int, Meta(ge=0, le=MAXIMUM_POINTS)]
"""Minor units of a currency."""

BasisPoints = Annotated[int, Meta(ge=0, le=MAXIMUM_FACTOR)]
Time = Annotated[int, Meta(ge=0, le=MAXIMUM_TIME)]
Duration = Annotated[int, Meta(ge=0, le=3660 * DAY)]
Count = Annotated[int, Meta(ge=0, le=10**6)]


def count_noun(number: int, noun: str) -> str:
    """A number of things, in words for people.

    >>> count_noun(1, "ticket"), count_noun(3, "ticket")
    ('1 ticket', '3 tickets')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
