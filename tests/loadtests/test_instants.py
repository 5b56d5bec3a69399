"""Instants, as they are given and told."""

import doctest

import pytest

from loadtests import instants
from loadtests.instants import Instant, read_instant, write_instant


def test_the_examples_are_true() -> None:
    assert doctest.testmod(instants).failed == 0


def test_a_zone_counts() -> None:
    assert read_instant("2024-11-22T00:57:14+01:00") == read_instant("2024-11-21T23:57:14Z")


@pytest.mark.parametrize(
    ("text", "seconds"), [("+30", 30), ("+30s", 30), ("+1.5m", 90), ("+2h", 7_200), ("+0s", 0)]
)
def test_from_now_is_a_whole_second_by_the_clock(text: str, seconds: float) -> None:
    assert read_instant(text) == Instant(seconds, relative=True)
    assert read_instant(text).by(1_000.25) == 1_001 + seconds
    assert Instant(1_000.25).by(5.0) == 1_000.25


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", "give an instant such as 2026-11-26T12:00:00Z, or [+]30s"),
        ("+3d", "give an instant such as"),
        ("-30s", "give an instant such as"),
        ("2026-11-26T12:00:00", "say in which zone 2026-11-26T12:00:00 is"),
        ("2026-11-26", "say in which zone"),
    ],
)
def test_what_is_none_is_told(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_instant(text)


@pytest.mark.parametrize("seconds", [1_732_233_434.0, 1_732_233_434.25])
def test_what_is_written_is_read_again(seconds: float) -> None:
    assert read_instant(write_instant(seconds)) == Instant(seconds)
