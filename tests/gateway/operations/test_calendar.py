"""What a country celebrates, through both doors."""

from typing import Any

import pytest

from tests.gateway.harness import HOUR, OpenWorld, Run
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


DAY = 86_400_000
MARCH_29 = 1_774_738_800_000
"""Midnight in Oslo on the day in 2026 that has 23 hours there."""


@DOORS
def test_what_a_schedule_comes_to(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            schedule = {"zone": "Europe/Oslo", "recurrences": [{"at": "00:00", "minutes": 0}]}
            asked = {"schedule": schedule, "from": MARCH_29, "to": MARCH_29 + DAY}
            code, found = await ask(here, "boss", "manager", "calendar.windows", asked)
            # Days that touch are one window: this one, and the next, in which the time asked for ends.
            assert (code, found) == (
                "ok",
                {"windows": [[MARCH_29, MARCH_29 + 2 * DAY - HOUR]], "complete": True},
            )
            often = [{"at": f"{hour:02}:00", "minutes": 1} for hour in range(24)]
            asked |= {"schedule": schedule | {"recurrences": often}, "to": MARCH_29 + 60 * DAY}
            _, found = await ask(here, "boss", "manager", "calendar.windows", asked)
            assert (len(found["windows"]), found["complete"]) == (500, False)

    run(body())


@DOORS
@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"schedule": {"zone": "Mars/Olympus"}}, "unknown_zone", "schedule.zone"),
        ({"to": MARCH_29}, "invalid_parameters", "later than"),
        ({"to": MARCH_29 + 101 * DAY}, "invalid_parameters", "100 days at most"),
        (
            {"schedule": {"zone": "UTC", "recurrences": [{"at": "00:00", "minutes": 1}] * 120}},
            "invalid_campaign",
            "at most 8000 characters",
        ),
    ],
)
def test_what_a_schedule_should_be(
    run: Run, world: OpenWorld, ask: Any, wrong: dict[str, Any], code: str, words: str
) -> None:
    async def body() -> None:
        async with world() as here:
            asked = {"schedule": {"zone": "UTC"}, "from": MARCH_29, "to": MARCH_29 + DAY}
            refused, content = await ask(here, "boss", "manager", "calendar.windows", asked | wrong)
            assert refused == code, content
            assert words in str(content)

    run(body())
