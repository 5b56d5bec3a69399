"""The one rounding is half up, and its products stay below 2⁶³."""

import doctest
from fractions import Fraction
from math import floor

from hypothesis import given, strategies as st

from rules import amounts
from rules.amounts import MAXIMUM_FACTOR, MAXIMUM_POINTS, ONE, apply_factor


@given(st.integers(0, MAXIMUM_POINTS), st.integers(0, MAXIMUM_FACTOR))
def test_half_up(amount, factor):
    assert apply_factor(amount, factor) == floor(Fraction(amount * factor, ONE) + Fraction(1, 2))


def test_products_fit_into_63_bits():
    assert MAXIMUM_POINTS * MAXIMUM_FACTOR + ONE // 2 < 2**63


def test_the_examples():
    assert doctest.testmod(amounts).attempted == 1
