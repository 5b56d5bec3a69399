"""Tickets: what is missing, doubled, beyond a cap, or shown otherwise is found."""

from collections.abc import Callable

import pytest

from loadtests.findings import Verification
from loadtests.tickets import (
    Bought,
    Entry,
    OwnPart,
    OwnRaffles,
    RaffleState,
    verify_bought,
    verify_caps,
    verify_numbers,
    verify_page,
)

TOLD = [Bought("m1", 0, 1, 3, 30), Bought("m2", 1, 4, 4, 10)]
FOUND = [Entry(0, "m1", 1, 3, 30), Entry(1, "m2", 4, 1, 10)]
RAFFLE = RaffleState("r", "drawn", 4, 2, most=4)


def find(look: Callable[[Verification], None]) -> list[str]:
    verification = Verification()
    look(verification)
    return verification.findings


def test_what_was_told_and_is_there_is_well() -> None:
    assert find(lambda found: verify_bought(found, TOLD, FOUND, 0)) == []
    assert find(lambda found: verify_numbers(found, RAFFLE, FOUND)) == []
    assert find(lambda found: verify_caps(found, FOUND, 3)) == []


@pytest.mark.parametrize(
    ("told", "there", "words"),
    [
        (TOLD, FOUND[:1], "it is not there, or was told twice"),
        ([*TOLD, TOLD[1]], FOUND, "it is not there, or was told twice"),
        (TOLD, [FOUND[0], Entry(1, "m9", 4, 1, 10)], "the raffle has tickets 4 to 4 of m9 for 10 points"),
        (TOLD, [FOUND[0], Entry(1, "m2", 4, 2, 10)], "the raffle has tickets 4 to 5 of m2 for 10 points"),
        (TOLD, [FOUND[0], Entry(1, "m2", 4, 1, 20)], "the raffle has tickets 4 to 4 of m2 for 20 points"),
        (TOLD[:1], FOUND, "1 entries were told to nobody, and only 0 have no answer"),
    ],
)
def test_an_entry_that_is_not_as_it_was_told_is_found(
    told: list[Bought], there: list[Entry], words: str
) -> None:
    (finding,) = find(lambda found: verify_bought(found, told, there, 0))
    assert words in finding


@pytest.mark.parametrize(
    ("entries", "raffle", "words"),
    [
        (
            [FOUND[0], Entry(1, "m2", 5, 1, 10)],
            RAFFLE,
            "next comes entry 1, ticket 4; it has entry 1, ticket 5",
        ),
        ([FOUND[1]], RAFFLE, "next comes entry 0, ticket 1; it has entry 1, ticket 4"),
        (FOUND[:1], RAFFLE, "1 entries with 3 tickets, it says 2 with 4"),
        (FOUND, RaffleState("r", "drawn", 4, 2, most=3), "oversold: 4 tickets, 3 are the most"),
    ],
)
def test_numbers_have_no_gap_and_no_end_beyond_the_cap(
    entries: list[Entry], raffle: RaffleState, words: str
) -> None:
    assert find(lambda found: verify_numbers(found, raffle, entries)) == [f"r: {words}"]


def test_nobody_has_more_than_it_may() -> None:
    more = [*FOUND, Entry(2, "m2", 5, 3, 30)]
    assert find(lambda found: verify_caps(found, more, 3)) == ["m2 has 4 tickets, 3 are the most"]


@pytest.mark.parametrize(
    ("shown", "own", "words"),
    [
        (RAFFLE, [OwnPart("r", 3), OwnPart("other", 0)], []),
        (RAFFLE, [], []),
        (None, [], ["m1 is shown nothing; the raffle has 4, drawn"]),
        (RaffleState("r", "open", 4, 2), [], ["m1 is shown 4 tickets, open; the raffle has 4, drawn"]),
        (RaffleState("r", "drawn", 3, 2), [], ["m1 is shown 3 tickets, drawn; the raffle has 4, drawn"]),
        (RAFFLE, [OwnPart("r", 2)], ["m1 is told that it has 2 tickets, 3 were acknowledged"]),
    ],
)
def test_a_page_that_shows_something_else_is_found(
    shown: RaffleState | None, own: list[OwnPart], words: list[str]
) -> None:
    assert find(lambda found: verify_page(found, "m1", shown, RAFFLE, OwnRaffles(own), 3)) == words
