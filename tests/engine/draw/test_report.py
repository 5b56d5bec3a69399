"""Reports, and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from engine.draw.report import Report, Step, write_time

GOOD, BAD = Step("key", True, "It is."), Step("lock", False, "It is not.")


def test_a_report_passes_where_every_step_does() -> None:
    assert Report([GOOD], []).passed
    assert Report([GOOD], []).failed is None
    assert not Report([GOOD, BAD], []).passed
    assert Report([GOOD, BAD], []).failed == BAD


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01 00:00:00 UTC"),
        (1_692_806_364_000, "2023-08-23 15:59:24 UTC"),
        (951_782_400_001, "2000-02-29 00:00:00.001 UTC"),
        (4_107_542_399_999, "2100-02-28 23:59:59.999 UTC"),
    ],
)
def test_times(at: int, text: str) -> None:
    assert write_time(at) == text


@given(st.integers(0, 253_402_300_799_999))
def test_times_are_those_of_the_calendar(at: int) -> None:
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    kind = "milliseconds" if at % 1000 else "seconds"
    assert write_time(at) == expected.isoformat(" ", kind).replace("+00:00", " UTC")


def test_a_time_beyond_the_calendar_is_written_too() -> None:
    assert write_time(2**53 - 1) == "9007199254740991 ms"
