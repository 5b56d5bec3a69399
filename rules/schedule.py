"""Schedules: windows in a named time zone, and recurrences, expanded to instants before they enter the log.

Nothing under ``apply`` imports this: zone rules change from one machine to the next, and the log holds
instants alone. Days and times are local, as people write them; what comes out are windows in milliseconds
since the epoch.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from rules.celebration import Celebration, find_days, find_unknown, list_names
from rules.rule import Window

HORIZON: Final = 60 * 86_400_000
"""How far ahead recurrences are expanded, in ms; later they are extended."""

LONGEST: Final = 400 * 86_400_000
"""The longest time that is expanded at once, in ms."""

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 9998
"""Local years of windows: an instant is no less than 0, and Python's calendar ends with 9999, which a zone's
offset must not leave."""

_OF_THE_MACHINE: Final = ("localtime", "posixrules", "Factory")
_OF_THE_MACHINE_IN: Final = ("posix/", "right/")
"""What a zone database has beside IANA's names: two machines may differ in them, or count leap seconds."""

_LONGEST_DAY: Final = 50 * 3_600_000
"""No local day has as many milliseconds, also where a zone crosses the date line."""

_SAMPLE_YEAR: Final = 2026
"""Names are looked up in this year's calendar and the next two."""

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class LocalWindow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From one local date and time to another, such as ``2026-11-24T18:00``."""

    starts: str
    ends: str


class Recurrence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every day, on some weekdays, or on the nth of them in a month, ``at`` a local time for some minutes.

    ``minutes`` 0: until the local day ends. So ``at`` 00:00 it is all day, also where clocks change and a day
    has 23 hours or 25, which 1 440 minutes would miss. ``nth``: 0 is every one, 1 to 5 count from the month's
    first, −1 is its last. ``since`` and ``until`` are the first and the last local date, or empty.
    """

    at: str
    minutes: Annotated[int, Meta(ge=0, le=7 * 24 * 60)]
    weekdays: tuple[Weekday, ...] = ()
    nth: Annotated[int, Meta(ge=-1, le=5)] = 0
    since: str = ""
    until: str = ""


class Schedule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When something holds, in the time of ``zone`` (an IANA name such as ``Asia/Tokyo``)."""

    zone: str
    windows: tuple[LocalWindow, ...] = ()
    recurrences: tuple[Recurrence, ...] = ()
    celebrations: tuple[Celebration, ...] = ()


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a schedule, and where."""

    path: str
    code: str
    words: str


class ScheduleFaultyError(ValueError):
    """A schedule that cannot be expanded: check it first."""


def check_schedule(schedule: Schedule) -> list[Fault]:
    """Everything that is wrong.

    Codes: ``unknown_zone``, ``invalid_time``, ``time_out_of_bounds``, ``invalid_date``,
    ``time_does_not_exist``, ``window_ends_before_it_starts``, ``invalid_recurrence``, ``unknown_country``,
    ``unknown_celebration``.
    """
    zone = _find_zone(schedule.zone)
    if zone is None:
        words = "There is no such time zone; use an IANA name such as Europe/Paris."
        return [Fault("zone", "unknown_zone", words)]
    faults: list[Fault] = []
    for number, window in enumerate(schedule.windows):
        faults += _check_window(window, f"windows[{number}]", zone)
    for number, recurrence in enumerate(schedule.recurrences):
        faults += _check_recurrence(recurrence, f"recurrences[{number}]")
    for number, celebration in enumerate(schedule.celebrations):
        faults += _check_celebration(celebration, f"celebrations[{number}]")
    return faults


def _find_zone(name: str) -> ZoneInfo | None:
    if name in _OF_THE_MACHINE or name.startswith(_OF_THE_MACHINE_IN):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def expand(schedule: Schedule, since: int, until: int) -> tuple[Window, ...]:
    """All windows that share an instant with [``since``, ``until``): whole, in order, joined where they
    touch; no instant in them is below 0.

    Raises ``ScheduleFaultyError``, and ``ValueError`` for more than ``LONGEST`` at once.
    """
    if until - since > LONGEST:
        raise ValueError(f"at most {LONGEST // 86_400_000} days are expanded at once")
    faults = check_schedule(schedule)
    if faults:
        raise ScheduleFaultyError(f"{faults[0].path}: {faults[0].words}")
    zone = ZoneInfo(schedule.zone)
    found = [
        (
            _instant(datetime.fromisoformat(window.starts), zone),
            _instant(datetime.fromisoformat(window.ends), zone),
        )
        for window in schedule.windows
    ]
    for recurrence in schedule.recurrences:
        found += _recur(recurrence, zone, since, until)
    for celebration in schedule.celebrations:
        for first, last in find_days(celebration, _local_date(since, zone), _local_date(until, zone)):
            found.append((_midnight(first, zone), _midnight(last + timedelta(days=1), zone)))
    since = max(since, 0)
    return _join(
        sorted((max(start, 0), end) for start, end in found if start < until and end > max(since, start))
    )


def _recur(recurrence: Recurrence, zone: ZoneInfo, since: int, until: int) -> Iterator[Window]:
    length = recurrence.minutes * 60_000 or _LONGEST_DAY
    at = time.fromisoformat(recurrence.at)
    # A window that began earlier may reach into the time that is asked for; a day more for the zone's offset.
    first = _local_date(since - length, zone) - timedelta(days=1)
    last = _local_date(until, zone)
    if recurrence.since:
        first = max(first, date.fromisoformat(recurrence.since))
    if recurrence.until:
        last = min(last, date.fromisoformat(recurrence.until))
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if _recurs_on(recurrence, day):
            start = _instant(datetime.combine(day, at), zone)
            all_day = recurrence.minutes == 0
            yield start, _midnight(day + timedelta(days=1), zone) if all_day else start + length


def _recurs_on(recurrence: Recurrence, day: date) -> bool:
    if recurrence.weekdays and WEEKDAYS[day.weekday()] not in recurrence.weekdays:
        return False
    if recurrence.nth == -1:
        return (day + timedelta(days=7)).month != day.month
    return recurrence.nth in (0, (day.day - 1) // 7 + 1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return _instant(datetime.combine(day, time.min), zone)


def _instant(local: datetime, zone: ZoneInfo) -> int:
    """A local time in ms since the epoch: of two the first; of none, because clocks went forward, the instant
    at which they did."""
    there = local.replace(tzinfo=zone, fold=0)
    if not _exists(local, zone):
        # PEP 495: with fold=1 a time in the gap is read with the offset after it: the earlier instant.
        before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
        return _find_change(before, after, zone)
    return round(there.timestamp() * 1000)


def _find_change(before: datetime, after: datetime, zone: ZoneInfo) -> int:
    """The first instant, to the second, with the offset that holds at ``after``."""
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = after.astimezone(zone).utcoffset()
    while low < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle + 1
    return low * 1000


def _exists(local: datetime, zone: ZoneInfo) -> bool:
    there = local.replace(tzinfo=zone)
    return there.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local


def _local_date(instant: int, zone: ZoneInfo) -> date:
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=instant)).astimezone(zone).date()


def _join(windows: list[Window]) -> tuple[Window, ...]:
    joined: list[Window] = []
    for start, end in windows:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _check_window(window: LocalWindow, path: str, zone: ZoneInfo) -> Iterator[Fault]:
    times: list[datetime] = []
    for name in ("starts", "ends"):
        text: str = getattr(window, name)
        try:
            local = datetime.fromisoformat(text)
        except ValueError:
            local = None
        if local is None or local.tzinfo is not None or "T" not in text:
            words = "It must be a local date and time such as 2026-11-24T18:00."
            yield Fault(f"{path}.{name}", "invalid_time", words)
        elif not FIRST_YEAR <= local.year <= LAST_YEAR or _instant(local, zone) < 0:
            words = f"It must lie between the beginning of {FIRST_YEAR} (UTC) and the end of {LAST_YEAR}."
            yield Fault(f"{path}.{name}", "time_out_of_bounds", words)
        elif not _exists(local, zone):
            words = f"Clocks go forward over {text} in {zone.key}: there is no such time."
            yield Fault(f"{path}.{name}", "time_does_not_exist", words)
        else:
            times.append(local)
    if len(times) == 2 and _instant(times[1], zone) <= _instant(times[0], zone):
        yield Fault(f"{path}.ends", "window_ends_before_it_starts", "A window ends after it starts.")


def _check_recurrence(recurrence: Recurrence, path: str) -> Iterator[Fault]:
    try:
        aware = time.fromisoformat(recurrence.at).tzinfo is not None
    except ValueError:
        aware = True
    if aware:
        yield Fault(f"{path}.at", "invalid_time", "It must be a local time such as 18:00.")
    dates: list[date] = []
    for name in ("since", "until"):
        text: str = getattr(recurrence, name)
        try:
            dates += [date.fromisoformat(text)] if text else []
        except ValueError:
            yield Fault(f"{path}.{name}", "invalid_date", "It must be a date such as 2026-11-24, or empty.")
    if len(dates) == 2 and dates[1] < dates[0]:
        yield Fault(f"{path}.until", "invalid_recurrence", "The last date must not be before the first.")
    if recurrence.nth and not recurrence.weekdays:
        words = "The nth needs weekdays: the third friday, the last monday."
        yield Fault(f"{path}.nth", "invalid_recurrence", words)


def _check_celebration(celebration: Celebration, path: str) -> Iterator[Fault]:
    try:
        unknown = find_unknown(celebration, _SAMPLE_YEAR)
    except NotImplementedError:
        words = f"No calendar is known for {celebration.country!r}; use a country's ISO 3166 code such as JP."
        yield Fault(f"{path}.country", "unknown_country", words)
        return
    for name in unknown:
        known = ", ".join(list_names(celebration.country, _SAMPLE_YEAR))
        number = celebration.names.index(name)
        words = f"{celebration.country} has no holiday {name!r}; it has {known}."
        yield Fault(f"{path}.names[{number}]", "unknown_celebration", words)
