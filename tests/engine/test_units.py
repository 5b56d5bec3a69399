"""The rounding, the limits, and which ids and amounts can be written at all."""

from fractions import Fraction
from math import floor

import msgspec
import pytest
from hypothesis import given, strategies as st

from engine.units import (
    MAXIMUM_FACTOR,
    MAXIMUM_POINTS,
    MAXIMUM_TIME,
    BasisPoints,
    Identifier,
    Name,
    Points,
    PositivePoints,
    Reference,
    SignedPoints,
    Text,
    Time,
    apply_factor,
)


@pytest.mark.parametrize(
    ("amount", "factor", "paid"),
    [
        (0, 10_000, 0),
        (7, 10_000, 7),
        (15, 9_000, 14),  # 13.5
        (5, 9_000, 5),  # 4.5
        (5, 8_900, 4),  # 4.45
        (1, 4_999, 0),
        (1, 5_000, 1),
        (3, 5_000, 2),
        (333, 3_333, 111),
        (100, 0, 0),
        (1, MAXIMUM_FACTOR, 100),
    ],
)
def test_a_factor_rounds_half_up(amount, factor, paid):
    assert apply_factor(amount, factor) == paid


@given(st.integers(0, MAXIMUM_POINTS), st.integers(0, MAXIMUM_FACTOR))
def test_a_factor_is_exact_arithmetic(amount, factor):
    assert apply_factor(amount, factor) == floor(Fraction(amount * factor, 10_000) + Fraction(1, 2))


def test_the_greatest_product_fits_64_bits():
    assert MAXIMUM_POINTS * MAXIMUM_FACTOR + 5_000 < 2**63


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            Identifier,
            ["a", "m0001", "A-b_c.d:e@f~g", "7" * 64],
            ["", "7" * 65, " a", "a b", ".a", "é", "a\n", 7],
        ),
        (Name, ["gold", "G-1", "x" * 40], ["", "x" * 41, "a:b", "a b", "_a", "gold\n"]),
        (Reference, ["anything at all", "x" * 64], ["", "x" * 65]),
        (Text, ["", "é" * 500], ["x" * 501]),
        (Points, [0, MAXIMUM_POINTS], [-1, MAXIMUM_POINTS + 1, 1.5, "1", True, None]),
        (PositivePoints, [1, MAXIMUM_POINTS], [0, -1, MAXIMUM_POINTS + 1]),
        (SignedPoints, [-MAXIMUM_POINTS, 0, MAXIMUM_POINTS], [-MAXIMUM_POINTS - 1, MAXIMUM_POINTS + 1]),
        (BasisPoints, [0, MAXIMUM_FACTOR], [-1, MAXIMUM_FACTOR + 1]),
        (Time, [0, MAXIMUM_TIME], [-1, MAXIMUM_TIME + 1, 2**64]),
    ],
)
def test_what_can_be_written(kind, good, bad):
    for value in good:
        assert msgspec.convert(value, kind) == value
    for value in bad:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(value, kind)
