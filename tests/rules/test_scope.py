"""What a scope admits."""

import pytest

from rules.scope import DIMENSIONS, MECHANICS, Cell, Item, Scope, find_failed, values_of

CELL = Cell("raffle", "gold", "fr", "app", ("vip", "new"), ("spring",))
ITEM = Item("opera", "leisure", 100)


@pytest.mark.parametrize(
    ("scope", "failed"),
    [
        (Scope(), ""),
        (
            Scope(("raffle",), ("gold",), ("fr",), ("app",), ("vip",), ("spring",), ("leisure",), ("opera",)),
            "",
        ),
        (Scope(mechanics=("redemption",)), "mechanics"),
        (Scope(tiers=("blue", "silver")), "tiers"),
        (Scope(tiers=("blue", "gold")), ""),
        (Scope(markets=("jp",)), "markets"),
        (Scope(channels=("web",)), "channels"),
        (Scope(segments=("new", "old")), ""),
        (Scope(segments=("old",)), "segments"),
        (Scope(campaigns=("peak",)), "campaigns"),
        (Scope(kinds=("travel",)), "kinds"),
        (Scope(experiences=("spa",)), "experiences"),
        # the first that fails is told
        (Scope(tiers=("blue",), experiences=("spa",)), "tiers"),
    ],
)
def test_the_dimension_that_fails(scope, failed):
    assert find_failed(scope, CELL, ITEM) == failed


def test_who_is_in_no_segment_is_in_none_that_is_listed():
    assert find_failed(Scope(segments=("vip",)), Cell(), ITEM) == "segments"


def test_every_list_of_a_scope_is_a_dimension():
    assert tuple(dimension.field for dimension in DIMENSIONS) == Scope.__struct_fields__
    asked = [values_of(dimension, CELL, ITEM) for dimension in DIMENSIONS]
    assert asked == [
        ("raffle",), ("gold",), ("fr",), ("app",), ("vip", "new"), ("spring",), ("leisure",), ("opera",)
    ]  # fmt: skip
    assert CELL.mechanic in MECHANICS
