"""Cultural calendars: the local dates of Lunar New Year, Diwali, Eid, Golden Week …, by country.

Dates are those of the ``holidays`` library, names its English ones. Where a religious authority announces a
date late, the library estimates it, and a newer version of it corrects that: what is expanded again before it
enters the log follows.
"""

import re
from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Final

import holidays
import msgspec
from holidays.constants import PUBLIC, WORKDAY
from holidays.registry import COUNTRIES
from msgspec import Meta

Name = Annotated[str, Meta(min_length=3, max_length=80)]


NEIGHBOURS: Final = timedelta(days=7)
"""How far apart two holidays of one celebration may lie."""


class Celebration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every day of ``country`` (ISO 3166) whose holiday's name has one of ``names`` in it, each year.

    ``as_one``: those that are no more than a week apart are one, with the days between them, as Golden Week
    is from its first holiday to its last; also over New Year. A feast that comes twice in a year is two.
    ``days_before`` and ``days_after`` belong to it too. The names are English: ``Chinese New Year``,
    ``Diwali``, ``Eid al-Fitr``.
    """

    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    names: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=20)]
    as_one: bool = False
    days_before: Annotated[int, Meta(ge=0, le=60)] = 0
    days_after: Annotated[int, Meta(ge=0, le=60)] = 0


class Day(msgspec.Struct, frozen=True):
    """A day that a country celebrates, by its local date."""

    date: date
    name: str
    category: str


def find_days(celebration: Celebration, first: date, last: date) -> Iterator[tuple[date, date]]:
    """First and last date of each celebration that has a date between ``first`` and ``last``.

    Raises ``NotImplementedError`` for a country that the library does not know.
    """
    before, after = timedelta(celebration.days_before), timedelta(celebration.days_after)
    days = [
        day
        for year in range(max(first.year - 1, MINYEAR), min(last.year + 1, MAXYEAR) + 1)
        for day, name in _holidays_in(celebration.country, year)
        if _is_named(celebration, name)
    ]
    for start, end in _join(days) if celebration.as_one else zip(days, days, strict=True):
        if start - before <= last and end + after >= first:
            yield start - before, end + after


def find_unknown(celebration: Celebration, year: int) -> list[str]:
    """Of the names those that no holiday of the country has, in ``year`` and the two after it.

    Raises ``NotImplementedError`` for a country that the library does not know.
    """
    known = [name for near in range(year, year + 3) for _, name in _holidays_in(celebration.country, near)]
    return [name for name in celebration.names if not any(name.lower() in one.lower() for one in known)]


def list_names(country: str, year: int) -> list[str]:
    """The names of a country's holidays in ``year``, in order of their dates.

    Raises ``NotImplementedError`` for a country that the library does not know.
    """
    return list(dict.fromkeys(name for _, name in _holidays_in(country, year)))


def list_days(country: str, first: date, last: date, language: str) -> tuple[str, list[Day]]:
    """All days of ``country`` (ISO 3166) from ``first`` to ``last``, in order, and the language of their
    names: ``language`` where its calendar is kept in that, English or the country's own where it is not.

    Raises ``NotImplementedError`` for a country that the library does not know.
    """
    if not (len(country) == 2 and country.isascii() and country.isupper()):
        raise NotImplementedError(country)
    calendar = type(holidays.country_holidays(country))
    spoken = _choose_language(calendar, language)
    days = {
        (day, name): category
        # Public ones last, so that what is public as well is told as that.
        for category in sorted(calendar.supported_categories, key=lambda one: (one == PUBLIC, one))
        for day, names in holidays.country_holidays(
            country, years=range(first.year, last.year + 1), categories=(category,), language=spoken
        ).items()
        for name in names.split(holidays.HOLIDAY_NAME_DELIMITER)
        if first <= day <= last and category != WORKDAY
    }
    return spoken or "", [Day(*named, category) for named, category in sorted(days.items())]


def suggest_countries(text: str) -> list[str]:
    """The codes of countries that ``text`` may mean: by name, by their three letters, in lower case.

    >>> suggest_countries("france"), suggest_countries("DEU"), suggest_countries("jp")
    (['FR'], ['DE'], ['JP'])
    """
    wanted = re.sub("[^a-z]", "", text.lower())
    by_name = {
        re.sub("[^a-z]", "", name.lower()): codes[1]
        for module, codes in COUNTRIES.items()
        for name in (module, *codes[:3])
    }
    close = get_close_matches(wanted, by_name, 3, 0.8) if len(wanted) > 3 else []
    return sorted({by_name[name] for name in ([wanted] if wanted in by_name else close)})


def _choose_language(calendar: Any, language: str) -> str | None:
    spoken: tuple[str, ...] = calendar.supported_languages
    wanted = language.replace("-", "_")
    same = [one for one in spoken if one.partition("_")[0] == wanted.partition("_")[0]]
    if wanted in spoken:
        return wanted
    if same:
        return same[0]
    return next((one for one in spoken if one.startswith("en")), None) or calendar.default_language


def _join(days: list[date]) -> Iterator[tuple[date, date]]:
    """First and last of days, which rise, that are neighbours."""
    start = 0
    for place, day in enumerate(days):
        if place + 1 == len(days) or days[place + 1] - day > NEIGHBOURS:
            yield days[start], day
            start = place + 1


def _holidays_in(country: str, year: int) -> list[tuple[date, str]]:
    return sorted(holidays.country_holidays(country, years=year, language="en_US").items())


def _is_named(celebration: Celebration, name: str) -> bool:
    return any(wanted.lower() in name.lower() for wanted in celebration.names)
