"""Reading the program as it runs, over many pages, and what is not listed."""

from engine.commands import PutExperience
from engine.commands.rewards import ExperienceTerms
from gateway.blueprint.blueprint import Blueprint
from gateway.blueprint.running import read_running
from tests.gateway.blueprint.harness import apply, client_of, small
from tests.gateway.harness import OpenWorld, Run


def test_all_pages_are_read(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            for number in range(230):
                await here.apply(PutExperience(f"e{number}", ExperienceTerms("x", number)))
            running = await read_running(call)
            assert list(running.experiences) == [f"e{number}" for number in range(230)]
            assert running.experiences["e7"]["points"] == 7

    run(body())


def test_only_what_is_wanted_is_read(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            asked: list[str] = []

            async def count(operation: str, /, **parameters: object) -> dict[str, object]:
                asked.append(operation)
                return await call(operation, **parameters)

            running = await read_running(count, Blueprint(experiences={}))
            assert asked == ["program.get", "experience.list"]
            assert set(running.experiences) == {"spa", "opera"}
            assert (running.rules.rules, running.auctions, running.campaigns) == ({}, {}, {})

    run(body())


def test_auctions_that_members_see_and_what_they_do_not(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            await here.open_auction("open")
            running = await read_running(call)
            assert {id: one.status for id, one in running.auctions.items()} == {
                "vase": "scheduled",
                "lamp": "draft",
            }
            assert {id: one.status for id, one in running.raffles.items()} == {
                "car": "scheduled",
                "thanks": "draft",
            }
            assert running.auctions["vase"].terms is not None
            assert running.auctions["vase"].terms["reserve"] == 900  # a reserve that is not shown
            named = await read_running(call, Blueprint(auctions={"open": {}, "nix": {}}))
            assert {id: one.status for id, one in named.auctions.items()} == {
                "open": "open",
                "vase": "scheduled",
                "lamp": "draft",
            }
            assert named.auctions["vase"].terms is None

    run(body())


def test_archived_campaigns_are_read_too(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            await call("campaign.end", campaign="summer")
            await call("campaign.archive", campaign="summer")
            assert (await read_running(call)).campaigns["summer"].status == "archived"

    run(body())
