"""Redemptions: what is missing, doubled, somebody else's or too many is found."""

from collections.abc import Callable

import pytest

from loadtests.findings import Verification
from loadtests.redemptions import (
    ExperienceRecord,
    ExperienceTerms,
    Redemption,
    Taken,
    verify_limit,
    verify_stock,
    verify_taken,
)

TOLD = [Taken("m1", "e", "R1", 100), Taken("m2", "e", "R2", 100)]
FOUND = [Redemption("R1", "m1", "e", "confirmed"), Redemption("R2", "m2", "e", "pending")]


def find(look: Callable[[Verification], None]) -> list[str]:
    verification = Verification()
    look(verification)
    assert verification.wrong == len(verification.findings)
    return verification.findings


def test_what_was_told_and_is_there_is_well() -> None:
    assert find(lambda found: verify_taken(found, TOLD, FOUND, 0)) == []


@pytest.mark.parametrize(
    ("told", "there", "words"),
    [
        (TOLD, FOUND[:1], "R2 of m2: it is not there, or was told twice"),
        ([*TOLD, TOLD[0]], FOUND, "R1 of m1: it is not there, or was told twice"),
        (TOLD, [FOUND[0], Redemption("R2", "m9", "e", "confirmed")], "R2 of m2: it is e of m9"),
        (TOLD, [FOUND[0], Redemption("R2", "m2", "e", "cancelled")], "R2 of m2: it is cancelled"),
        (TOLD[:1], FOUND, "1 were told to nobody (R2), and only 0 have no answer"),
    ],
)
def test_what_is_wrong_is_found(told: list[Taken], there: list[Redemption], words: str) -> None:
    assert find(lambda found: verify_taken(found, told, there, 0)) == [words]


def test_what_has_no_answer_may_have_happened() -> None:
    assert find(lambda found: verify_taken(found, TOLD[:1], FOUND, 1)) == []


@pytest.mark.parametrize(
    ("taken", "standing", "refused", "stock", "words"),
    [
        (5, 5, 9, 5, []),
        (3, 3, 0, 5, []),
        (99, 99, 0, None, []),
        (6, 6, 0, 5, ["oversold: 6 redemptions stand, there were 5 pieces"]),
        (4, 3, 0, 5, ["4 pieces are gone, 3 redemptions stand"]),
        (3, 3, 2, 5, ["2 were told that nothing is left, and 2 pieces are"]),
    ],
)
def test_stock_is_neither_oversold_nor_held_back(
    taken: int, standing: int, refused: int, stock: int | None, words: list[str]
) -> None:
    record = ExperienceRecord("e", taken, ExperienceTerms(stock))
    assert find(lambda found: verify_stock(found, record, standing, refused)) == [
        f"e: {one}" for one in words
    ]


def test_nobody_has_more_than_the_limit() -> None:
    told = [*TOLD, Taken("m1", "e", "R3", 100)]
    assert find(lambda found: verify_limit(found, told, 2)) == []
    assert find(lambda found: verify_limit(found, told, 1)) == ["m1 has 2, though 1 is the most"]
