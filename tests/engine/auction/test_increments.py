"""How much higher the next bid must be."""

import pytest
from hypothesis import given, strategies as st

from engine.auction.increments import DEFAULT_TABLE, compile_steps
from engine.commands import IncrementStep
from engine.errors import Rejection
from engine.units import MAXIMUM_POINTS

# eBay's, in cents: prices from, to, and the increment.
EBAY = [
    (1, 99, 5),
    (100, 499, 25),
    (500, 2_499, 50),
    (2_500, 9_999, 100),
    (10_000, 24_999, 250),
    (25_000, 49_999, 500),
    (50_000, 99_999, 1_000),
    (100_000, 249_999, 2_500),
    (250_000, 499_999, 5_000),
    (500_000, MAXIMUM_POINTS, 10_000),
]


@pytest.mark.parametrize(("first", "last", "increment"), EBAY)
def test_the_default_table_is_ebays(first, last, increment):
    assert DEFAULT_TABLE.at(first) == DEFAULT_TABLE.at(last) == increment


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ((100, 5),),
        ((100, 5), (50, 10), (0, 20)),
        ((100, 5), (100, 10), (0, 20)),
        ((0, 5), (0, 10)),
        ((0, 5), (100, 10)),
        ((100, 5), (0, 10), (200, 20), (0, 30)),
    ],
)
def test_a_table_that_does_not_rise_is_refused(steps):
    with pytest.raises(Rejection, match="rising values of 'below'") as caught:
        compile_steps(tuple(IncrementStep(*step) for step in steps))
    assert caught.value.rejected.code == "invalid_auction"
    assert caught.value.rejected.details == {"field": "increments"}


@given(st.sets(st.integers(1, 1_000), max_size=8), st.data())
def test_a_table_is_a_list_of_steps(thresholds, data):
    below = [*sorted(thresholds), 0]
    steps = [IncrementStep(threshold, data.draw(st.integers(1, 50))) for threshold in below]
    price = data.draw(st.integers(0, 1_100))
    expected = next(step.increment for step in steps if price < step.below or step.below == 0)
    assert compile_steps(tuple(steps)).at(price) == expected
