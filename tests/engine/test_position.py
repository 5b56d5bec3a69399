"""Positions are ordered, and written so that they can be read back."""

import pytest
from hypothesis import given, strategies as st

from engine.errors import Rejection
from engine.position import START, Position

numbers = st.integers(0, 2**64 - 1)


@given(st.builds(Position, st.integers(1, 10**6), numbers, numbers))
def test_what_was_written_is_read_back(position):
    assert Position.parse(str(position)) == position


def test_it_looks_like_this():
    assert str(Position(1, 1_732_233_434_000, 0)) == "1:1732233434000-0"


@pytest.mark.parametrize(
    ("earlier", "later"), [("1:5-0", "1:5-1"), ("1:5-9", "1:6-0"), ("1:9-9", "2:0-1"), ("9:0-0", "10:0-0")]
)
def test_the_epoch_comes_first_then_the_time(earlier, later):
    assert START < Position.parse(earlier) < Position.parse(later)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1:5",
        "5-0",
        "1:5-0-0",
        "1:1:5-0",
        ":5-0",
        "1:-0",
        "1:5-",
        "a:5-0",
        "-1:5-0",
        "1:-5-0",
        "0:0-0",
        "1.0:5-0",
        "1:5-" + "9" * 21,
        "1:5-" + "9" * 5_000,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(Rejection) as caught:
        Position.parse(text)
    assert caught.value.rejected.code == "invalid_parameters"
    assert "1:1732233434000-0" in caught.value.rejected.message
