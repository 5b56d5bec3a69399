"""A file carried out on a real gateway: all of it, again without harm, and what a refusal on the way does."""

import pytest

from engine.commands import Dutch
from gateway.blueprint.carrying_out import Outcome, apply_blueprint, carry_out
from gateway.blueprint.faults import BlueprintError
from gateway.blueprint.reading import read_file
from gateway.clock import now
from gateway.demo.catalogue import PROGRAM_FILE
from tests.gateway.blueprint.harness import apply, client_of, formats, names, plan, small
from tests.gateway.harness import OpenWorld, Run


def test_the_example_program_applies_again_and_again(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        wanted = read_file(PROGRAM_FILE)
        async with world() as here, client_of(here) as call:
            outcomes = await apply_blueprint(call, wanted, now=now(), why="a test")
            assert {outcome.status for outcome in outcomes} == {"done"}
            program = here.gateway.replica.program
            assert (len(program.experiences), len(program.campaigns.by_id)) == (26, 10)
            assert {one.terms.kind for one in program.experiences.values()} == {
                *("travel", "dining", "leisure", "wellness", "lifestyle", "voucher", "merchandise"),
                *("service", "charity"),
            }
            for one in program.experiences.values():
                assert set(one.terms.titles) == set(one.terms.texts) == {"en", "fr", "es", "ar"}
            assert len(program.book.running.rules) == 19
            assert program.book.settles
            position = here.gateway.replica.position
            assert await apply_blueprint(call, wanted, now=now(), why="a test") == []
            assert names(await plan(call, wanted)) == []
            assert here.gateway.replica.position == position

    run(body())


def test_changes_are_done_one_by_one_and_told(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            told: list[Outcome] = []
            outcomes = await carry_out(call, await plan(call, small()), why="opening", tell=told.append)
            assert told == outcomes
            assert [(one.name, one.words) for one in outcomes] == [
                ("settings", "changed"),
                ("experience spa", "added"),
                ("experience opera", "added"),
                ("campaign summer", "added"),
                ("campaign friday", "added"),
                ("campaign later", "added"),
                ("price rules", "they run as revision 1"),
                ("auction vase", "added"),
                ("auction lamp", "added"),
                ("raffle car", "added"),
                ("raffle thanks", "added"),
            ]
            program = here.gateway.replica.program
            assert {id: one.status for id, one in program.auctions.items()} == {
                "vase": "scheduled",
                "lamp": "draft",
            }
            assert {id: one.status for id, one in program.raffles.by_id.items()} == {
                "car": "scheduled",
                "thanks": "draft",
            }
            assert program.campaigns.by_id["later"].status == "draft"
            assert program.campaigns.by_id["summer"].status == "running"
            revision = program.book.revisions[1].revision
            assert (revision.by, revision.why) == ("olga", "opening")
            changed = small(
                ("number = 9000", "number = 8500"),
                ("points = 2000", "points = 2100"),
                ("price = 100", "price = 110"),
            )
            names = [one.name for one in await apply(call, changed)]
            assert names == ["experience opera", "price rules", "raffle car"]
            assert await apply(call, changed) == []
            assert program.experiences["opera"].terms.points == 2_100

    run(body())


def test_formats_are_put_and_changed(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            assert {one.status for one in await apply(call, formats())} == {"done"}
            program = here.gateway.replica.program
            assert program.settings.sealed_counts
            lamp = program.auctions["lamp"]
            assert lamp.pieces is not None
            assert lamp.pieces.format == Dutch(60, 30_000, 5, supply=4)
            assert program.auctions["vase"].pieces is None
            changed = formats(("step = 5", "step = 4"), ('pricing = "second"', 'pricing = "first"'))
            assert [one.name for one in await apply(call, changed)] == ["auction lamp", "auction ring"]
            assert lamp.pieces.format == Dutch(60, 30_000, 4, supply=4)
            assert await apply(call, changed) == []

    run(body())


def test_pruning_takes_away_what_the_file_does_not_have(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            await call("experience.put", experience="old", terms={"kind": "x", "points": 5})
            await call("campaign.put", campaign="odd", terms={})
            assert await apply(call, small()) == []
            outcomes = await apply(call, small(), prune=True)
            assert [(one.name, one.words) for one in outcomes] == [
                ("experience old", "removed"),
                ("campaign odd", "ended"),
            ]
            assert await apply(call, small(), prune=True) == []
            assert set(here.gateway.replica.program.experiences) == {"spa", "opera"}

    run(body())


def test_after_a_refusal_prices_stay_and_nothing_is_taken_away(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            await call("experience.put", experience="old", terms={"kind": "x", "points": 5})
            wanted = small(
                ("number = 9000", "number = 8500"),
                ("points = 2000", "points = 2100"),
                ("reserve = 900", "reserve = 950"),
            )
            found = await plan(call, wanted, prune=True)
            # Between plan and apply, somebody narrows the tiers that experiences may name.
            found.changes[0].actions[0][1]["terms"]["tiers"] = ["platinum"]
            outcomes = await carry_out(call, found, why="a test")
            assert [(one.name, one.status, one.code) for one in outcomes] == [
                ("experience opera", "refused", "unknown_tier"),
                ("price rules", "skipped", ""),
                ("auction vase", "done", ""),
                ("experience old", "skipped", ""),
            ]
            assert outcomes[0].words == "The program's tiers are blue, gold."
            assert "experience opera was refused" in outcomes[1].words
            program = here.gateway.replica.program
            assert program.book.current == 1
            assert "old" in program.experiences

    run(body())


def test_nothing_follows_settings_that_were_refused(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            # Points were issued: the order in which they are spent is fixed. A trial in memory cannot know.
            wanted = small(("[program]", '[program]\nspending_order = "earned"'))
            outcomes = await apply_blueprint(call, wanted, now=now(), why="a test")
            assert (outcomes[0].name, outcomes[0].code) == ("settings", "setting_is_fixed")
            assert {one.status for one in outcomes[1:]} == {"skipped"}
            assert here.gateway.replica.program.experiences == {}

    run(body())


def test_nothing_is_called_for_a_file_that_would_be_refused(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            before = here.gateway.replica.position
            wanted = small(('tiers = ["gold"]', 'tiers = ["platinum"]'))
            with pytest.raises(BlueprintError, match=r"rules\.gold\.scope\.tiers\[0\]: There is no tier"):
                await apply_blueprint(call, wanted, now=now(), why="a test")
            assert here.gateway.replica.position == before

    run(body())


def test_a_manager_may_apply_all_but_settings(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here, "maria", "manager") as call:
            assert (await apply(call, small()))[0].code == "forbidden"
            async with client_of(here) as operator:
                await apply(operator, small())
            outcomes = await apply(call, small(("points = 2000", "points = 2100")))
            assert [(one.name, one.status) for one in outcomes] == [("experience opera", "done")]

    run(body())
