"""Figures as people read them: three digits, thousands apart, in the unit that fits.

Spaces inside a figure do not break, so that none is torn over two lines.
"""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from engine.addresses import place_of

THIN: Final = "\u202f"
"""Between thousands, and between a figure and its unit (a narrow no-break space)."""

SECRET_WORDS: Final = ("secret", "token", "password", "key")
"""A setting whose name ends with one of these is not shown."""

HIDDEN: Final = "(not shown)"


def word_figure(value: float) -> str:
    """Three significant digits, or all of a larger whole part.

    >>> word_figure(0.01234), word_figure(12.345), word_figure(185_234.4), word_figure(0)
    ('0.0123', '12.3', '185\u202f234', '0')
    """
    if abs(value) >= 99.95:
        return f"{value:,.0f}".replace(",", THIN)
    if abs(value) < 1e-6:
        return "0"
    if abs(value) < 0.001:
        return f"{value:.6f}".rstrip("0")
    digits = 1 if abs(value) >= 9.995 else 2 if abs(value) >= 0.9995 else 3 if abs(value) >= 0.09995 else 4
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".")


def word_milliseconds(value: float) -> str:
    """A time that is given in milliseconds.

    >>> word_milliseconds(0.25), word_milliseconds(12.34), word_milliseconds(1500)
    ('0.25\u202fms', '12.3\u202fms', '1.5\u202fs')
    """
    if abs(value) >= 999.5:
        return f"{word_figure(value / 1000)}{THIN}s"
    return f"{word_figure(value)}{THIN}ms"


def word_bytes(value: float) -> str:
    """A size, by powers of 1 024.

    >>> word_bytes(512), word_bytes(96 * 1024 * 1024)
    ('512\u202fB', '96\u202fMiB')
    """
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(value) < 1024:
            return f"{word_figure(value)}{THIN}{unit}"
        value /= 1024
    return f"{word_figure(value)}{THIN}TiB"


def word_seconds(value: float) -> str:
    """How long something lasts, in its two largest units.

    >>> word_seconds(12.5), word_seconds(60), word_seconds(3725)
    ('12.5\u202fs', '1\u202fmin', '1\u202fh 2\u202fmin')
    """
    if value < 60:
        return f"{word_figure(value)}{THIN}s"
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (0 if hours else seconds, "s"))
    return " ".join(f"{count}{THIN}{unit}" for count, unit in parts if count)


def word_share(part: float, whole: float) -> str:
    """A part of a whole, in percent; nothing where there is no whole.

    >>> word_share(1, 8), word_share(0, 0)
    ('12.5\u202f%', '')
    """
    return f"{word_figure(100 * part / whole)}{THIN}%" if whole else ""


def word_instant(milliseconds: int) -> str:
    """An instant in UTC, given in ms since 1970.

    >>> word_instant(1_732_233_434_000)
    '2024-11-21 23:57:14 UTC'
    """
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def word_place(url: str) -> str:
    """An address without name and password, the host alone where it has no path.

    >>> word_place("http://me:secret@127.0.0.1:8080/")
    'http://127.0.0.1:8080'
    """
    place = place_of(url)
    return place.rstrip("/") if urlsplit(place).path == "/" else place


def word_setting(name: str, value: Any) -> str:
    """A setting's value in one line; what is secret by its name is not shown.

    >>> word_setting("rate", 500.0), word_setting("token_secret", "abc"), word_setting("steps", [1, 2])
    ('500', '(not shown)', '[1,2]')
    """
    if is_secret(name):
        return HIDDEN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, str):
        return word_place(value) if "://" in value else value
    return msgspec.json.encode(hide_secrets(value)).decode()


def is_secret(name: str) -> bool:
    """Whether a setting of this name is nobody's business."""
    return name.lower().replace("-", "_").rpartition("_")[2] in SECRET_WORDS


def hide_secrets(value: Any) -> Any:
    """The same, with what is secret by its name not shown, however deep."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if is_secret(str(name)) else hide_secrets(inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [hide_secrets(inner) for inner in value]
    if isinstance(value, str) and "://" in value:
        return word_place(value)
    return value
