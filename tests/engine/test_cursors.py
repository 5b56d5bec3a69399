"""Pages of what ends soonest, whatever it is."""

import pytest
from hypothesis import given, strategies as st

from engine.cursors import parse_cursor, take_soonest
from engine.errors import Rejection

ENDS = st.dictionaries(st.integers(1, 99), st.integers(0, 5), max_size=30)
"""When what has a number ends; many end together."""


def places_of(ends: dict[int, int]) -> list[tuple[int, int]]:
    return [(end, serial) for serial, end in ends.items()]


@given(ends=ENDS, limit=st.integers(1, 40))
def test_pages_after_one_another_are_all_in_order(ends: dict[int, int], limit: int) -> None:
    seen: list[tuple[int, int]] = []
    after = ""
    while True:
        page, after = take_soonest(places_of(ends), tuple, after=after, limit=limit)
        seen += page
        assert len(page) == limit or after == ""
        if not after:
            break
    assert seen == sorted(places_of(ends))


@given(ends=ENDS, extended=st.sets(st.integers(1, 99)))
def test_what_gets_a_later_end_between_two_pages_is_not_left_out(
    ends: dict[int, int], extended: set[int]
) -> None:
    page, after = take_soonest(places_of(ends), tuple, after="", limit=3)
    now = {serial: end + 3 * (serial in extended) for serial, end in ends.items()}
    rest, end = take_soonest(places_of(now), tuple, after=after, limit=99) if after else ([], "")
    assert end == ""
    assert {serial for _, serial in page + rest} == set(ends)


@pytest.mark.parametrize("text", ["", "x", "-5", "1 ", "9" * 19, "1.0"])
def test_a_cursor_is_one_that_was_given_out(text: str) -> None:
    with pytest.raises(Rejection) as caught:
        parse_cursor(text)
    assert caught.value.rejected.code == "invalid_parameters"


@pytest.mark.parametrize("after", ["x", "5", "-5", "5-", "1-2-3", "5-x", "9" * 19 + "-1"])
def test_a_cursor_of_what_ends_soonest_has_two_numbers(after: str) -> None:
    with pytest.raises(Rejection) as caught:
        take_soonest([(1, 1)], tuple, after=after, limit=5)
    assert caught.value.rejected.code == "invalid_parameters"
