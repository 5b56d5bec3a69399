"""Whom the demo program is for, and what it auctions: members with their points, and lots. All else stands in
program.toml.

Everything follows from a member's number or an experience's place in the list, so that every start of the
demo means the same program.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from engine.units import DAY, MINUTE, SECOND

MEMBERS: Final = 2_000
TIERS: Final = ("blue", "silver", "gold")
MARKETS: Final = ("nordics", "dach", "iberia", "gulf")

PROGRAM_FILE: Final = Path(__file__).with_name("program.toml")
"""Settings, the catalogue, campaigns and price rules."""

LOW_BALANCE: Final = 6_000
"""A member with fewer points, available and held together, gets a top-up."""

TOP_UP: Final = 15_000

_APPEND: Final = {
    "flavour": "append",
    "window": 20 * SECOND,
    "extension": 20 * SECOND,
    "hard_stop": 3 * MINUTE,
}
_RESET: Final = {"flavour": "reset", "window": 15 * SECOND, "extension": 15 * SECOND, "hard_stop": 2 * MINUTE}


class Experience(NamedTuple):
    """Something that is auctioned again and again.

    ``slug`` begins its auctions' ids, and chooses their picture. ``worth`` is what members think of it (of
    one piece of it), in points: the crowd's private values lie around it. ``length`` is ms. ``terms`` are
    further terms of its auctions, and ``format`` theirs, as the wire has them; None for English ones.
    ``series`` tells auctions apart that share a picture.
    """

    slug: str
    title: str
    opening: int
    worth: int
    length: int
    terms: dict[str, Any]
    format: dict[str, Any] | None = None
    series: str = ""

    @property
    def stem(self) -> str:
        """What all ids of its auctions begin with; their running number follows."""
        return f"{self.slug}-{self.series}"


EXPERIENCES: Final = (
    Experience(
        "northern-lights",
        "Northern lights, three nights in Tromsø",
        4_000,
        14_000,
        5 * MINUTE,
        {"reserve": 9_000, "soft_close": _APPEND},
    ),
    Experience("chefs-table", "Chef’s table for two", 1_200, 5_200, 2 * MINUTE, {"buy_now": 7_500}),
    Experience("balloon", "Hot-air balloon at sunrise", 900, 4_400, 3 * MINUTE, {"soft_close": _RESET}),
    Experience(
        "opera",
        "Front row at the opera",
        1_500,
        6_000,
        4 * MINUTE,
        {"reserve": 3_500, "reserve_shown": True, "soft_close": _APPEND},
    ),
    Experience(
        "pace-car",
        "Ten laps in the pace car",
        2_000,
        8_500,
        3 * MINUTE,
        {"eligibility": {"tiers": ["silver", "gold"]}, "soft_close": _RESET},
    ),
    Experience(
        "archipelago",
        "A weekend’s sailing in the archipelago",
        3_000,
        11_000,
        6 * MINUTE,
        {"soft_close": _APPEND, "buy_now": 18_000},
    ),
    Experience("barista", "Barista class with a champion", 250, 1_400, 1 * MINUTE, {}),
    Experience(
        "lounge-year",
        "Airport lounges for a year",
        2_500,
        9_500,
        4 * MINUTE,
        {"eligibility": {"tiers": ["gold"]}, "reserve": 6_000},
    ),
    Experience("observatory", "A night at the observatory", 400, 2_300, 90 * SECOND, {"soft_close": _RESET}),
    Experience(
        "vineyard", "Harvest weekend in the vineyard", 1_800, 7_000, 5 * MINUTE, {"soft_close": _APPEND}
    ),
    Experience("jazz", "Backstage at the jazz festival", 600, 3_200, 2 * MINUTE, {"buy_now": 5_000}),
    Experience("sauna", "Lake, sauna and supper", 300, 1_900, 75 * SECOND, {}),
)
"""What is auctioned in English auctions."""

OTHER_FORMATS: Final = (
    Experience(
        "archipelago",
        "Berths on Saturday’s schooner, six of them",
        3_600,
        2_200,
        150 * SECOND,
        {},
        {"type": "dutch", "floor": 600, "step": 200, "interval": 8 * SECOND, "supply": 6},
        "dutch",
    ),
    Experience(
        "chefs-table",
        "Dinner at your home, cooked by the chef",
        1_500,
        6_400,
        2 * MINUTE,
        {"reserve": 2_500},
        {"type": "sealed", "pricing": "first"},
        "sealed",
    ),
    Experience(
        "observatory",
        "The observatory’s dome to yourselves",
        500,
        3_000,
        150 * SECOND,
        {},
        {"type": "sealed", "pricing": "second"},
        "vickrey",
    ),
    Experience(
        "jazz",
        "Jazz festival passes, ten of them",
        300,
        1_500,
        3 * MINUTE,
        {"soft_close": _RESET},
        {"type": "multi_unit", "supply": 10},
        "uniform",
    ),
    Experience(
        "balloon",
        "Seats in Sunday’s balloons, eight of them",
        400,
        2_000,
        3 * MINUTE,
        {},
        {"type": "multi_unit", "supply": 8, "pricing": "pay_as_bid"},
        "bid",
    ),
    Experience(
        "pace-car",
        "A race weekend with the pit crew",
        1_500,
        7_000,
        4 * MINUTE,
        {},
        {"type": "clock", "entry": 45 * SECOND, "interval": 5 * SECOND, "step": 200},
        "clock",
    ),
)
"""What is auctioned otherwise: one of each format, and of each pricing where there are two."""

LISTED: Final = (*EXPERIENCES, *OTHER_FORMATS)


def split_id(auction: str) -> tuple[str, int] | None:
    """The stem and the running number of one of these auctions' ids; None for another id.

    >>> split_id("pace-car-clock12"), split_id("opera-3"), split_id("grand-tour")
    (('pace-car-clock', 12), ('opera-', 3), None)
    """
    found = re.fullmatch(r"(.+-[a-z]*)(\d+)", auction)
    return (found[1], int(found[2])) if found else None


class Lot(NamedTuple):
    """Points that a member starts with; ``lasts`` is ms, 0 for points that do not expire."""

    amount: int
    lasts: int


def member_id(number: int) -> str:
    """Member ``number``'s id; the first is 1.

    >>> member_id(7)
    'm0007'
    """
    return f"m{number:04}"


def member_ids() -> Iterator[str]:
    """All of them."""
    return map(member_id, range(1, MEMBERS + 1))


def tier_of(number: int) -> str:
    """One in ten is gold, three are silver."""
    return TIERS[2 if number % 10 == 0 else 1 if number % 10 <= 3 else 0]


def segments_of(number: int) -> tuple[str, ...]:
    """One in six is a student, one in nine has not been seen for long."""
    return tuple(name for name, every in (("student", 6), ("lapsed", 9)) if number % every == 0)


def market_of(number: int) -> str:
    """The markets in turn, however the tiers fall."""
    return MARKETS[number // 10 % len(MARKETS)]


def lots_of(number: int) -> tuple[Lot, ...]:
    """The higher the tier, the more points; some expire soon, some late, some never."""
    share = (1_000 + number * 37 % 500) * (1 + TIERS.index(tier_of(number)))
    return Lot(4 * share, 30 * DAY), Lot(8 * share, 180 * DAY), Lot(6 * share, 0)


def terms_of(experience: Experience, starts_at: int) -> dict[str, Any]:
    """The terms of an auction of ``experience`` that opens at ``starts_at`` (ms), as the wire has them."""
    return {
        "title": experience.title,
        "opening": experience.opening,
        "starts_at": starts_at,
        "ends_at": starts_at + experience.length,
        **experience.terms,
    }
