"""Campaigns over both doors: schedules are checked, and come back as they were put."""

from typing import Any

import msgspec
import pytest

from engine.commands import ExperienceTerms, PutExperience
from gateway.clock import now
from rules.schedule import Schedule
from tests.gateway.harness import HOUR, OpenWorld, Run
from tests.gateway.test_operations import DOORS

SCHEDULE = {
    "zone": "Asia/Tokyo",
    "recurrences": [{"at": "18:00", "minutes": 60, "weekdays": ["friday"]}],
    "celebrations": [{"country": "JP", "names": ["Showa Day", "Children's Day"], "as_one": True}],
}


@DOORS
def test_a_campaign(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:

            async def staff(name: str, **given: Any) -> Any:
                return await ask(here, "boss", "manager", name, {"campaign": "spring"} | given)

            terms = {"titles": {"en": "Spring"}, "budget": 500, "schedule": SCHEDULE}
            code, done = await staff("campaign.put", terms=terms)
            assert (code, done) == ("ok", {"campaign": "spring", "status": "draft"})
            for verb, status in (
                ("schedule", "running"),
                ("pause", "paused"),
                ("resume", "running"),
                ("end", "ended"),
                ("archive", "archived"),
            ):
                code, done = await staff(f"campaign.{verb}")
                assert (code, done["status"]) == ("ok", status)
            _, record = await staff("campaign.get")
            assert (record["status"], record["left"], record["in_force"]) == ("archived", 500, False)
            assert msgspec.convert(record["terms"]["schedule"], Schedule) == msgspec.convert(
                SCHEDULE, Schedule
            )
            assert "expanded_until" not in record["terms"]
            _, listed = await ask(here, "boss", "manager", "campaign.list", {})
            assert listed["campaigns"] == []
            _, listed = await ask(here, "boss", "manager", "campaign.list", {"status": "archived"})
            assert listed["campaigns"] == [record]

    run(body())


@DOORS
@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        ({"zone": "Mars/Olympus"}, "unknown_zone"),
        (
            {"zone": "Europe/Paris", "windows": [{"starts": "2026-03-29T02:30", "ends": "2026-03-30T00:00"}]},
            "time_does_not_exist",
        ),
        ({"zone": "UTC", "recurrences": [{"at": "25:00", "minutes": 1}]}, "invalid_time"),
        ({"zone": "UTC", "celebrations": [{"country": "JP", "names": ["Diwali"]}]}, "unknown_celebration"),
    ],
)
def test_schedules_that_make_no_sense(run: Run, world: OpenWorld, ask: Any, schedule: Any, code: str) -> None:
    async def body() -> None:
        async with world() as here:
            before = here.gateway.replica.position
            asked = {"campaign": "spring", "terms": {"schedule": schedule}}
            assert (await ask(here, "boss", "manager", "campaign.put", asked))[0] == code
            assert here.gateway.replica.position == before

    run(body())


@DOORS
def test_an_end_that_has_passed_is_refused(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            for ends_at, code in ((1, "already_past"), (now() + HOUR, "ok"), (now() - 1, "already_past")):
                asked = {"campaign": "spring", "terms": {"ends_at": ends_at}}
                assert (await ask(here, "boss", "manager", "campaign.put", asked))[0] == code
            _, record = await ask(here, "boss", "manager", "campaign.get", {"campaign": "spring"})
            assert record["terms"]["ends_at"] > now(), "what was refused changed nothing"

    run(body())


@DOORS
def test_a_shelf_is_looked_at_before_it_is_put(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await here.apply(PutExperience("spa", ExperienceTerms("wellness", 900)))
            own = {"shelves": [{"id": "own", "experiences": ["spa"]}]}
            await ask(here, "boss", "manager", "campaign.put", {"campaign": "spring", "terms": own})
            asked = {"campaign": "spring", "tier": "gold", "market": "north", "at": 2_000_000_000_000}
            code, found = await ask(here, "boss", "manager", "campaign.preview", asked)
            assert (code, found["shelf"], found["picks"][0]["price"]["points"]) == ("ok", "own", 900)
            other = {"shelves": [{"id": "a", "experiences": []}, {"id": "b", "experiences": ["spa"]}]}
            turning = {"turning": other | {"rotation": {"period": HOUR}}}
            code, found = await ask(here, "boss", "manager", "campaign.preview", asked | turning)
            assert (code, found["shelf"]) == ("ok", "b")
            code, _ = await ask(here, "boss", "manager", "campaign.preview", asked | {"campaign": "none"})
            assert code == "unknown_campaign"

    run(body())
