"""Figures as people read them, and what is not said."""

import doctest

import pytest

from loadtests import wording
from loadtests.wording import (
    THIN,
    hide_secrets,
    word_figure,
    word_milliseconds,
    word_seconds,
    word_setting,
)


def test_the_examples_are_true() -> None:
    assert doctest.testmod(wording).failed == 0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((0.0, "0"), (0.00012, "0.00012"), (0.01, "0.01"), (0.5, "0.5"), (9.999, "10"), (99.96, "100")),
        *((999.6, "1 000"), (1_234_567.0, "1 234 567"), (-12.345, "-12.3")),
    ],
)
def test_figures_have_three_digits(value: float, words: str) -> None:
    assert word_figure(value).replace(THIN, " ") == words


@pytest.mark.parametrize(
    ("value", "words"), [(0.0004, "0.0004 ms"), (999.4, "999 ms"), (999.6, "1 s"), (61_000, "61 s")]
)
def test_milliseconds_become_seconds_where_they_are_many(value: float, words: str) -> None:
    assert word_milliseconds(value).replace(THIN, " ") == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 s"),
        (59.4, "59.4 s"),
        (119.6, "2 min"),
        (90, "1 min 30 s"),
        (10_800, "3 h"),
        (3_661, "1 h 1 min"),
    ],
)
def test_lengths_have_their_two_largest_units(value: float, words: str) -> None:
    assert word_seconds(value).replace(THIN, " ") == words


def test_what_is_secret_is_not_shown_however_deep() -> None:
    assert word_setting("token_secret", "abc") == "(not shown)"
    nested = {"login": [{"password": "abc", "rate": 3}], "url": "http://me:abc@host/x?token=abc"}
    assert "abc" not in str(hide_secrets(nested))
    assert hide_secrets(nested)["login"][0]["rate"] == 3
    assert "abc" not in word_setting("inner", nested)
    assert word_setting("gateway", "http://me:abc@host") == "http://host"
