"""Instants as people give them on a command line: by the calendar, or from now."""

import math
import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

UNITS: Final = {"s": 1, "m": 60, "h": 3600}

EXAMPLES: Final = "2026-11-26T12:00:00Z, or +30s, +5m or +1h from now"


class Instant(NamedTuple):
    """So many ``seconds`` since 1970, or from now if it is ``relative``."""

    seconds: float
    relative: bool = False

    def by(self, now: float) -> float:
        """Seconds since 1970, where it is ``now``. From now it is a whole second, so that it can be told."""
        return math.ceil(now + self.seconds) if self.relative else self.seconds


def read_instant(text: str) -> Instant:
    """What ``--at`` was given. Raises ``ValueError``.

    >>> read_instant("2024-11-21T23:57:14Z"), read_instant("+5m")
    (Instant(seconds=1732233434.0, relative=False), Instant(seconds=300.0, relative=True))
    """
    if found := re.fullmatch(r"\+(\d+(?:\.\d+)?)([smh]?)", text):
        return Instant(float(found[1]) * UNITS.get(found[2], 1), relative=True)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"give an instant such as {EXAMPLES}, not {text!r}") from error
    if instant.tzinfo is None:
        raise ValueError(f"say in which zone {text} is, as in {EXAMPLES}")
    return Instant(instant.timestamp())


def write_instant(seconds: float) -> str:
    """As ``read_instant`` reads it, to the ms.

    >>> write_instant(1732233434), write_instant(1732233434.25)
    ('2024-11-21T23:57:14Z', '2024-11-21T23:57:14.250Z')
    """
    precision = "seconds" if seconds == int(seconds) else "milliseconds"
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
