"""Rule sets on their way to be published: in portions, resumed, superseded, approved, previewed."""

from typing import Any

import msgspec
import pytest

from engine.commands import CHUNK
from engine.errors import Rejection
from gateway.blueprint import rule_drafts
from gateway.blueprint.blueprint import Call
from gateway.blueprint.rule_drafts import Edition, split
from gateway.blueprint.running import read_running
from gateway.wire import FRAME_LIMIT
from tests.gateway.blueprint.harness import apply, client_of, names, plan, small
from tests.gateway.harness import OpenWorld, Run


def rule(id: str, number: int = 9_000, **scope: Any) -> dict[str, Any]:
    effect = {"operation": "factor", "number": number, "part": "points"}
    dimensions = (
        "mechanics",
        "tiers",
        "markets",
        "channels",
        "segments",
        "campaigns",
        "kinds",
        "experiences",
    )
    return {
        "id": id,
        "scope": {name: [] for name in dimensions} | scope,
        "effect": effect,
        "group": "a",
        "priority": 0,
        "windows": [],
        "budget": "",
        "limit": 0,
        "title": "",
    }


def edition(rules: list[dict[str, Any]], number: int = 0, *, groups: str = "a") -> Edition:
    named = [{"id": id, "mode": "stack"} for id in groups]
    return Edition.of({"groups": named, "rules": rules}, number)


async def drafts(call: Call) -> list[str]:
    return [draft["draft"] for draft in (await call("rules.history"))["drafts"]]


def test_portions_fit_into_a_call() -> None:
    many = [rule(f"r{number}") for number in range(450)]
    portions = list(split(iter(many)))
    assert [one for portion in portions for one in portion] == many
    assert max(len(portion) for portion in portions) <= CHUNK
    assert max(len(msgspec.json.encode(portion)) for portion in portions) < FRAME_LIMIT
    large = [rule(f"r{number}", segments=["x" * 60] * 300) for number in range(5)]
    assert [len(portion) for portion in split(iter(large))] == [2, 2, 1]
    assert list(split(iter([]))) == []


def test_a_name_follows_from_what_stands_in_it() -> None:
    first = edition([rule("a"), rule("b")])
    assert first.name == edition([rule("b"), rule("a")], 7).name
    assert first.name != edition([rule("a"), rule("b", 8_000)]).name
    assert first.name != edition([rule("a"), rule("b")], groups="ab").name


def test_a_long_set_groups_that_go_and_rules_that_go(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            book = here.gateway.replica.program.book
            many = [rule(f"r{number}") for number in range(430)]
            words = await rule_drafts.publish(call, edition(many, groups="ab"), "many")
            assert words == "they run as revision 1"
            assert len(book.running.rules) == 430
            few = [one | {"group": "c"} for one in many[:3]]
            await rule_drafts.publish(call, edition(few, 1, groups="c"), "few")
            assert sorted(one.id for one in book.running.rules) == ["r0", "r1", "r2"]
            assert [group.id for group in book.running.groups] == ["c"]
            assert await drafts(call) == []

    run(body())


def test_what_was_interrupted_is_gone_on_with(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            wanted = edition([rule("a"), rule("b")])
            await call("rules.begin", draft=wanted.name)
            await call("rules.put", draft=wanted.name, groups=wanted.groups, rules=[rule("a"), rule("c")])
            await rule_drafts.publish(call, wanted, "again")
            assert sorted(one.id for one in here.gateway.replica.program.book.running.rules) == ["a", "b"]

    run(body())


def test_a_tuned_number_is_compared_with_the_file(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            await call("rules.tune", rule="gold", number=7_000)
            found = await plan(call, small())
            assert names(found) == ["change rule gold"]
            await apply(call, small())
            rules = (await read_running(call)).rules
            assert (rules.number, rules.rules["gold"]["effect"]["number"]) == (2, 9_000)

    run(body())


def test_a_refused_set_leaves_no_draft(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            crossed = [rule("floor"), rule("cap")]
            crossed[0]["effect"] |= {"operation": "floor", "number": 500}
            crossed[1]["effect"] |= {"operation": "cap", "number": 400}
            with pytest.raises(Rejection) as caught:
                await rule_drafts.publish(call, edition(crossed), "crossed")
            assert caught.value.rejected.code == "floor_above_cap"
            with pytest.raises(rule_drafts.Faulty, match="the floor is above the cap"):
                await rule_drafts.preview(call, edition(crossed))
            assert await drafts(call) == []

    run(body())


def test_another_manager_approves(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            strict = small(("[program]", "[program]\nneeds_approval = true"))
            outcomes = await apply(call, strict)
            (rules,) = [one for one in outcomes if one.name == "price rules"]
            assert rules.status == "done"
            (draft,) = await drafts(call)
            assert rules.words == f"another manager must approve the draft {draft}: it was asked for"
            # Asked again, nothing changes: it waits.
            position = here.gateway.replica.position
            assert await apply(call, strict) == []
            assert here.gateway.replica.position == position
            assert "wait for another manager's approval" in (await plan(call, strict)).notes[0].words
            # A newer file's rules take the place of those that wait.
            newer = small(
                ("[program]", "[program]\nneeds_approval = true"), ("number = 9000", "number = 8000")
            )
            await apply(call, newer)
            (other,) = await drafts(call)
            assert other != draft
            async with client_of(here, "maria", "manager") as maria:
                (waiting,) = (await maria("rules.history"))["drafts"]
                await maria("rules.approve", draft=other, version=waiting["version"])
            assert await apply(call, newer) == []
            assert here.gateway.replica.program.book.current == 1

    run(body())


def test_a_preview_leaves_nothing_behind(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here, client_of(here) as call:
            await apply(call, small())
            found = await plan(call, small(("number = 9000", "number = 8000")))
            assert found.edition is not None
            seen = await rule_drafts.preview(call, found.edition)
            assert (seen["prices"], seen["changed"], seen["cheaper"]) == (8, 4, 4)
            assert await drafts(call) == []
            assert here.gateway.replica.program.book.current == 1

    run(body())
