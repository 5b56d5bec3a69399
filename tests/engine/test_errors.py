"""Codes are the contract with clients: unique, in their blocks; every code that the engine names exists."""

import re
from pathlib import Path

import pytest

from engine.errors import CODES, Rejected, Rejection

ENGINE = Path(__file__).parents[2] / "engine"

HTTP_STATUSES = {400, 401, 403, 404, 409, 413, 422, 429, 500, 503}


def test_numbers_are_unique():
    numbers = [code.number for code in CODES.values()]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_code_stands_in_a_block(code):
    assert re.fullmatch("[a-z]+(_[a-z]+)*", code.name)
    assert CODES[code.name] is code
    assert code.number // 100 in (1, 2, 3, 4, 5, 6, 7, 8, 9) or -32_768 <= code.number <= -32_000
    assert code.status in HTTP_STATUSES


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("malformed", -32_700),
        ("invalid_parameters", -32_602),
        ("key_conflict", 110),
        ("expired", 111),
        ("clock_disagrees", 114),
        ("forbidden", 210),
        ("unknown_member", 300),
        ("insufficient_points", 400),
        ("unknown_auction", 500),
        ("auction_closed", 504),
        ("not_eligible", 510),
        ("bid_too_low", 520),
        ("no_offer", 531),
        ("internal", -32_603),
    ],
)
def test_numbers_that_clients_know_stay(name, number):
    assert CODES[name].number == number


def test_every_code_that_the_engine_names_exists():
    named = set()
    for path in ENGINE.rglob("*.py"):
        named |= set(re.findall(r'Reject(?:ed|ion)\(\s*"([^"]+)"', path.read_text()))
    assert len(named) > 30
    assert named <= set(CODES)


def test_a_rejection_is_raised_with_code_words_and_details():
    with pytest.raises(Rejection, match="The least bid that would do is 700") as caught:
        raise Rejection("bid_too_low", "The least bid that would do is 700.", minimum=700)
    assert caught.value.rejected == Rejected(
        "bid_too_low", "The least bid that would do is 700.", {"minimum": 700}
    )
    assert Rejection("no_offer", "None.").rejected.details is None
