"""Instants and lengths of time, as people write them in a program file, and as the log has them.

In the log both are milliseconds. In a file an instant may also be a TOML date-time with its offset, and a
length an ISO 8601 duration such as ``PT6H``. Which of the two an integer is follows from its limit: instants
end with the last one that JSON holds exactly, lengths of time are limited to whole days.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import Meta

from engine.units import DAY, MAXIMUM_TIME, SECOND

Unit = Literal["instant", "duration"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


class Instant(datetime):
    """A date-time in UTC that is written as short as it can be."""

    def __str__(self) -> str:
        written = self.isoformat(timespec="milliseconds" if self.microsecond else "seconds")
        return written.replace("+00:00", "Z")


def unit_of(annotation: Any) -> Unit | None:
    """What an integer with these limits is; None where it is neither an instant nor a length of time."""
    if get_origin(annotation) is not Annotated:
        return None
    for meta in get_args(annotation)[1:]:
        if isinstance(meta, Meta) and meta.le:
            if meta.le == MAXIMUM_TIME:
                return "instant"
            if meta.le % DAY == 0:
                return "duration"
    return None


_ZERO: Final = Instant(1970, 1, 1, tzinfo=UTC)


def to_milliseconds(value: Any, unit: Unit) -> Any:
    """A value out of a file, in ms where it is written as a time; others are left to whoever checks them.

    Raises ``ValueError`` with words that say what to write.
    """
    if unit == "instant":
        if isinstance(value, datetime) and value.tzinfo is not None:
            return (value - _EPOCH) // _MILLISECOND
        if isinstance(value, datetime):
            local = value.isoformat(timespec="seconds")
            raise ValueError(f"{local} where? Say its offset: {local}+01:00, or {local}Z for UTC")
        if isinstance(value, date | time | str):
            raise ValueError("an instant is a date-time without quotes, such as 2026-11-24T18:00:00Z")
        return value
    if isinstance(value, str):
        try:
            return msgspec.convert(value, timedelta) // _MILLISECOND
        except msgspec.ValidationError as error:
            raise ValueError('a length of time is such as "PT6H", "P30D" or "PT90S"') from error
    return value


def from_milliseconds(value: int, unit: Unit | None) -> Any:
    """The way to write it in a file: what ``to_milliseconds`` reads as ``value``."""
    if unit == "instant" and 0 < value <= (_LAST - _EPOCH) // _MILLISECOND:
        return _ZERO + value * _MILLISECOND
    if unit == "duration" and value and value % SECOND == 0:
        return _write_duration(value // SECOND)
    return value


def _write_duration(seconds: int) -> str:
    """
    >>> _write_duration(129_600), _write_duration(90)
    ('P1DT12H', 'PT1M30S')
    """
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    clock = "".join(
        f"{count}{name}" for count, name in ((hours, "H"), (minutes, "M"), (seconds, "S")) if count
    )
    return f"P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"
