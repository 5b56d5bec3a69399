"""Amounts, their limits, and the one rounding.

Nothing here, and nothing that is built on it, uses a float.
"""

MAXIMUM_POINTS = 10**12
"""The most points, or minor units of cash, that one amount, one price or one member's balance may hold;
products with a factor stay below 2⁶³."""

MAXIMUM_FACTOR = 10**6
"""The greatest factor, in basis points (×100)."""

ONE = 10_000
"""The factor ×1, in basis points."""


def apply_factor(amount: int, factor: int) -> int:
    """``amount`` times ``factor`` basis points, rounded half up.

    >>> apply_factor(15, 9_000), apply_factor(5, 9_000), apply_factor(5, 8_900)
    (14, 5, 4)
    """
    return (amount * factor + ONE // 2) // ONE
