"""Prices that were pushed, quoted and worked out for all at once, compared."""

from collections.abc import Callable

import pytest

from loadtests.findings import Verification
from loadtests.shoppers import (
    Price,
    Prices,
    PriceTable,
    Quote,
    describe,
    unfold,
    verify_prices,
    verify_quote,
)

RIGHT: Prices = {"a": Price(90), "b": Price(50, 1_000), "c": None}


def find(look: Callable[[Verification], None]) -> list[str]:
    verification = Verification()
    look(verification)
    return verification.findings


def test_prices_that_are_right_are_well() -> None:
    assert find(lambda found: verify_prices(found, "m1", RIGHT, RIGHT)) == []
    assert find(lambda found: verify_quote(found, "m1", Quote("a", Price(90)), RIGHT)) == []
    assert find(lambda found: verify_quote(found, "m1", Quote("z", Price(90)), RIGHT)) == []


@pytest.mark.parametrize(
    ("pushed", "words"),
    [
        ({"a": Price(91)}, "a, m1: 91 points were pushed, it costs 90 points"),
        ({"a": None}, "a, m1: no price were pushed, it costs 90 points"),
        ({"b": Price(50)}, "b, m1: 50 points were pushed, it costs 50 points and 1000 minor units"),
        ({"c": Price(1)}, "c, m1: 1 points were pushed, it costs no price"),
    ],
)
def test_a_price_that_was_pushed_wrong_is_found(pushed: Prices, words: str) -> None:
    assert find(lambda found: verify_prices(found, "m1", pushed, RIGHT)) == [words]


def test_a_quote_that_differs_is_found() -> None:
    words = "a, m1: 80 points were quoted, 90 points were pushed"
    assert find(lambda found: verify_quote(found, "m1", Quote("a", Price(80)), RIGHT)) == [words]
    words = "c, m1: 80 points were quoted, no price were pushed"
    assert find(lambda found: verify_quote(found, "m1", Quote("c", Price(80)), RIGHT)) == [words]


def test_a_table_has_a_column_for_each_context() -> None:
    table = PriceTable(["a", "b"], [[1, 2], [3, None]], [[0, 5], [0, None]])
    assert unfold(table) == [
        {"a": Price(1), "b": Price(3)},
        {"a": Price(2, 5), "b": None},
    ]
    assert unfold(PriceTable([], [], [])) == []
    assert describe(Price(2, 5)) == "2 points and 5 minor units"
