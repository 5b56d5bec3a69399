"""What a country celebrates, through both doors."""

from typing import Any

import pytest

from tests.gateway.harness import OpenWorld, Run
from tests.gateway.test_operations import DOORS

JULY = {"country": "FR", "from": "2026-07-01", "to": "2026-07-31"}


@DOORS
def test_days_of_a_country(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            code, found = await ask(here, "boss", "manager", "calendar.days", JULY | {"language": "fr"})
            assert (code, found) == (
                "ok",
                {
                    "country": "FR",
                    "language": "fr",
                    "days": [{"date": "2026-07-14", "name": "Fête nationale", "category": "public"}],
                },
            )
            _, found = await ask(here, "boss", "manager", "calendar.days", JULY | {"language": "es"})
            assert (found["language"], found["days"][0]["name"]) == ("en_US", "National Day")

    run(body())


@DOORS
@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"country": "GBR"}, "unknown_country", "perhaps GB"),
        ({"country": "france"}, "unknown_country", "perhaps FR"),
        ({"country": "ZZ"}, "unknown_country", "such as FR or IN"),
        ({"to": "2027-08-05"}, "invalid_parameters", "up to 399 days later"),
        ({"to": "2026-06-30"}, "invalid_parameters", "up to 399 days later"),
        ({"from": "9999-12-30", "to": "9999-12-31"}, "invalid_parameters", "years are 1900 to 2100"),
        ({"from": "today"}, "invalid_parameters", "from"),
    ],
)
def test_what_would_be_right(
    run: Run, world: OpenWorld, ask: Any, wrong: dict[str, str], code: str, words: str
) -> None:
    async def body() -> None:
        async with world() as here:
            refused, content = await ask(here, "boss", "manager", "calendar.days", JULY | wrong)
            assert refused == code, content
            assert words in str(content)

    run(body())


def test_four_hundred_days_are_answered(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            headers = {"Authorization": f"Bearer {here.token('boss', 'manager')}"}
            span = {"country": "IN", "from": "2026-01-01", "to": "2027-02-04"}
            response = await here.http.get("/v1/calendar", params=span, headers=headers)
            dates = [day["date"] for day in response.json()["days"]]
            assert dates == sorted(dates)
            assert "2027-01-26" in dates  # Republic Day

    run(body())
