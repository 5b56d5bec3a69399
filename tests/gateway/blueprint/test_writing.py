"""Writing the running program as a file, and that reading it again changes nothing."""

import tomllib

from gateway.blueprint.difference import Plan
from gateway.blueprint.reading import read_file, read_text
from gateway.blueprint.running import read_running
from gateway.blueprint.writing import write
from gateway.demo.catalogue import PROGRAM_FILE
from tests.gateway.blueprint.harness import apply, client_of, plan, small
from tests.gateway.harness import OpenWorld, Run


def test_what_is_written_changes_nothing(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, read_file(PROGRAM_FILE))
            text = write(await read_running(call))
            wanted = read_text(text, "exported.toml")
            assert await plan(call, wanted, prune=True) == Plan(())
            # Nor does it in a program that is empty: there it makes the same.
            async with world() as other, client_of(other) as there:
                await apply(there, wanted)
                assert write(await read_running(there)) == text

    run(body())


def test_an_empty_program_can_be_written(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            wanted = read_text(write(await read_running(call)), "empty.toml")
            assert await plan(call, wanted) == Plan(())

    run(body())


def test_a_file_says_what_was_meant_and_no_defaults(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small(("[program]", '[program]\nauction_retention = "PT6H"')))
            await call("campaign.put", campaign="over", terms={})
            await call("campaign.end", campaign="over")
            text = write(await read_running(call))
            written = tomllib.loads(text)
            assert written["program"] == {
                "tiers": ["blue", "gold"],
                "markets": ["north", "south"],
                "auction_retention": "PT6H",
            }
            assert written["experiences"]["spa"] == {
                "kind": "wellness",
                "points": 1_000,
                "payment": {"least": 5_000},
            }
            assert written["campaigns"] == {
                "summer": {"budget": 10_000, "titles": {"en": "Summer", "ar": "الصيف"}},
                "friday": {
                    "schedule": {
                        "zone": "Europe/Oslo",
                        "recurrences": [{"at": "16:00:00", "minutes": 60, "weekdays": ["friday"]}],
                    }
                },
                "later": {"draft": True},
            }
            assert written["rules"]["groups"] == [{"id": "a"}, {"id": "b", "mode": "best"}]
            assert "الصيف" in text
            assert "starts_at = 2040-01-01T00:00:00Z" in text
            assert written["auctions"]["lamp"]["draft"] is True
            assert "draft" not in written["auctions"]["vase"]

    run(body())
