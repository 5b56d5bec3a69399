"""Increments: how much higher the next bid must be, by table.

The default table is eBay's, "Automatic bidding: bid increments" on its help pages, in cents; a program counts
it in its own smallest unit.
"""

from bisect import bisect_right

import msgspec

from engine.commands import IncrementStep
from engine.errors import Rejection

DEFAULT_STEPS = tuple(
    IncrementStep(below, increment)
    for below, increment in (
        (100, 5),
        (500, 25),
        (2_500, 50),
        (10_000, 100),
        (25_000, 250),
        (50_000, 500),
        (100_000, 1_000),
        (250_000, 2_500),
        (500_000, 5_000),
        (0, 10_000),
    )
)


class IncrementTable(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Prices below ``thresholds[i]`` (and at or above the one before) take ``increments[i]``; the last has no
    upper end."""

    thresholds: tuple[int, ...]
    increments: tuple[int, ...]

    def at(self, price: int) -> int:
        """The increment at ``price``, in points.

        >>> DEFAULT_TABLE.at(99), DEFAULT_TABLE.at(100), DEFAULT_TABLE.at(500_000)
        (5, 25, 10000)
        """
        return self.increments[bisect_right(self.thresholds, price)]


def compile_steps(steps: tuple[IncrementStep, ...]) -> IncrementTable:
    """The table of ``steps``, whose thresholds must rise and whose last step must be open (``below`` 0).

    Raises ``Rejection("invalid_auction")``.
    """
    thresholds = tuple(step.below for step in steps[:-1])
    rising = all(low < high for low, high in zip((0, *thresholds), thresholds, strict=False))
    if not steps or steps[-1].below != 0 or not rising:
        raise Rejection(
            "invalid_auction",
            "Increment steps need rising values of 'below', and 0 in the last step, which has no upper end.",
            field="increments",
        )
    return IncrementTable(thresholds, tuple(step.increment for step in steps))


DEFAULT_TABLE = compile_steps(DEFAULT_STEPS)
