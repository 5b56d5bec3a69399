"""Operations on the calendar: the days that a country celebrates, and what a schedule comes to. They need no
state, and read no clock."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from engine.errors import Rejection
from engine.program import Program
from engine.units import Locale, Time
from gateway.operations.row import MANAGERS, ViewRequest, view_row
from rules.celebration import Day, list_days, suggest_countries
from rules.rule import Window
from rules.schedule import Schedule, check_schedule, expand

LONGEST: Final = 400
"""Days that one question asks for."""

DAY: Final = 86_400_000

LONGEST_EXPANDED: Final = 100 * DAY
"""The time (ms) that one question about a schedule asks for."""

SCHEDULE_LIMIT: Final = 8_000
"""Characters of a schedule, as JSON: the log holds it as text."""

WINDOWS: Final = 500
"""Windows that one answer tells: past it, the first of them."""

LAST_YEAR: Final = 2100
"""The latest that a question may begin in; of later ones, calendars that follow the moon know little."""


class AskDays(ViewRequest, kw_only=True):
    """``country`` is ISO 3166's two letters; ``from`` and ``to`` are dates, both of them included.
    ``language`` is that of the names, where the country's calendar is kept in it."""

    country: Annotated[str, Meta(min_length=1, max_length=60)]
    first: date = msgspec.field(name="from")
    last: date = msgspec.field(name="to")
    language: Locale = "en"


class Days(msgspec.Struct, frozen=True):
    """The days that ``country`` celebrates, in order.

    ``language`` is that of the names. A day's ``category`` is public where most people have it off; others
    are bank, government, school, optional, unofficial and the like, as the country has them. Days that follow
    the moon are estimates until they are announced.
    """

    country: str
    language: str
    days: list[Day]


def _ask(program: Program, request: AskDays, member: str) -> Callable[[], Days]:
    first, last = request.first, request.last
    if not 1900 <= first.year <= LAST_YEAR:
        raise Rejection("invalid_parameters", f"from: years are 1900 to {LAST_YEAR}.", field="from")
    if not first <= last < first + timedelta(LONGEST):
        words = f"to: it must be 'from' or up to {LONGEST - 1} days later."
        raise Rejection("invalid_parameters", words, field="to")

    def look() -> Days:
        try:
            language, days = list_days(request.country, first, last, request.language)
        except NotImplementedError as error:
            raise Rejection("unknown_country", _words_for(request.country), field="country") from error
        return Days(request.country, language, days)

    return look


class AskWindows(ViewRequest, kw_only=True):
    """A schedule, and the time from ``from`` up to, and without, ``to`` (ms) that it is asked for."""

    schedule: Schedule
    first: Time = msgspec.field(name="from")
    last: Time = msgspec.field(name="to")


class ScheduleWindows(msgspec.Struct, frozen=True):
    """The windows of a schedule that share an instant with the time that was asked for: whole, in order, from
    the first instant (ms) up to, and without, the second. ``complete``: there are no more than these."""

    windows: tuple[Window, ...]
    complete: bool


def _expand(program: Program, request: AskWindows, member: str) -> Callable[[], ScheduleWindows]:
    if not request.first < request.last <= request.first + LONGEST_EXPANDED:
        words = f"to: it must be later than 'from', by {LONGEST_EXPANDED // DAY} days at most."
        raise Rejection("invalid_parameters", words, field="to")
    write_schedule(request.schedule, "schedule")

    def look() -> ScheduleWindows:
        refuse_faults(request.schedule, "schedule")
        windows = expand(request.schedule, request.first, request.last)
        return ScheduleWindows(windows[:WINDOWS], len(windows) <= WINDOWS)

    return look


def write_schedule(schedule: Schedule, path: str) -> str:
    """A schedule as the log holds it. Raises ``Rejection("invalid_campaign")`` where it is too long."""
    text = msgspec.json.encode(schedule).decode()
    if len(text) > SCHEDULE_LIMIT:
        words = f"A schedule may have at most {SCHEDULE_LIMIT} characters."
        raise Rejection("invalid_campaign", words, field=path)
    return text


def refuse_faults(schedule: Schedule, path: str) -> None:
    """Raises ``Rejection`` with the code of the first thing that is wrong with a schedule at ``path``."""
    faults = check_schedule(schedule)
    if faults:
        field = f"{path}.{faults[0].path}"
        raise Rejection(faults[0].code, f"{field}: {faults[0].words}", field=field)


def _words_for(country: str) -> str:
    near = suggest_countries(country)
    right = f"perhaps {' or '.join(near)}" if near else "such as FR or IN"
    return f"country: there is no calendar of {country!r}; use two letters of ISO 3166, {right}."


CALENDAR_OPERATIONS: Final[tuple[Any, ...]] = (
    view_row("calendar.days", "/v1/calendar", _ask, AskDays, Days, MANAGERS, background=True),
    view_row(
        "calendar.windows",
        "/v1/calendar/windows",
        _expand,
        AskWindows,
        ScheduleWindows,
        MANAGERS,
        method="POST",
        background=True,
    ),
)
