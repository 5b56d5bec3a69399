"""Times in a program file: what is an instant, what is a length of time, and that both come back."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from engine.units import DAY, HOUR, MAXIMUM_TIME, MINUTE
from gateway.blueprint.blueprint import SECTIONS
from gateway.blueprint.quantities import from_milliseconds, to_milliseconds, unit_of
from gateway.blueprint.reading import unwrap, variants_of

DURATIONS = {
    *("earned_period", "release_grace", "offer_lapses_after", "auction_retention", "payment_deadline"),
    *(
        "raffle_retention",
        "redemption_retention",
        "limit_period",
        "early_access",
        "period",
        "window",
        "extension",
        "hard_stop",
        "claim_within",
        "interval",
        "entry",
    ),
}
INSTANTS = {"visible_from", "visible_until", "starts_at", "ends_at", "windows", "opens_at", "closes_at"}


def find_units(annotation: Any, name: str, found: dict[str, set[str]]) -> None:
    unit = unit_of(annotation)
    if unit is not None:
        found[unit].add(name)
    for variant in variants_of(annotation).values():
        find_units(variant, name, found)
    kind, parts = unwrap(annotation)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            find_units(field.type, field.name, found)
    else:
        for part in parts:
            find_units(part, name, found)


def test_limits_tell_times_from_all_other_numbers() -> None:
    found: dict[str, set[str]] = {"instant": set(), "duration": set()}
    for name, shape in SECTIONS.items():
        find_units(shape, name, found)
    assert found == {"instant": INSTANTS, "duration": DURATIONS}


def test_instants() -> None:
    six = datetime(2026, 11, 24, 18, tzinfo=UTC)
    expected = 1_795_543_200_000
    assert to_milliseconds(six, "instant") == expected
    assert to_milliseconds(six.astimezone(timezone(timedelta(hours=3))), "instant") == expected
    assert to_milliseconds(expected, "instant") == expected
    assert str(from_milliseconds(expected, "instant")) == "2026-11-24T18:00:00Z"
    assert str(from_milliseconds(expected + 7, "instant")) == "2026-11-24T18:00:00.007Z"
    assert from_milliseconds(0, "instant") == 0
    assert from_milliseconds(MAXIMUM_TIME, "instant") == MAXIMUM_TIME


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("PT6H", 6 * HOUR),
        ("P30D", 30 * DAY),
        ("PT1M30S", 90_000),
        ("P1DT12H", 36 * HOUR),
        ("PT15M", 15 * MINUTE),
    ],
)
def test_lengths_of_time(text: str, milliseconds: int) -> None:
    assert to_milliseconds(text, "duration") == milliseconds
    assert from_milliseconds(milliseconds, "duration") == text


def test_what_is_no_whole_second_stays_a_number() -> None:
    assert from_milliseconds(1_500, "duration") == 1_500
    assert from_milliseconds(0, "duration") == 0
    assert from_milliseconds(1_500, None) == 1_500


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (datetime(2026, 11, 24, 18), "instant", "2026-11-24T18:00:00Z for UTC"),
        (date(2026, 11, 24), "instant", "such as 2026-11-24T18:00:00Z"),
        ("2026-11-24T18:00:00Z", "instant", "without quotes"),
        ("six hours", "duration", "such as"),
        ("P1W", "duration", "such as"),
    ],
)
def test_words_say_what_to_write(value: Any, unit: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        to_milliseconds(value, unit)
