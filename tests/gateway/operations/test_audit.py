"""What managers and operators did, through both doors: told newest first, found by who, what and when."""

from typing import Any, get_args

import pytest

from engine import commands
from engine.commands import AnyCommand
from gateway.operations.audit import COMMAND_NAMES
from tests.gateway.harness import OpenWorld, Run, World
from tests.gateway.test_operations import DOORS

BY_NOBODY = {
    *(commands.Genesis, commands.Tick, commands.EndEpoch, commands.ExtendSchedule),
    *(commands.PublishDrawKey, commands.CommitSecret, commands.SignLock, commands.StampLock),
}
"""What keepers write: no operation does."""


def test_every_command_has_its_operation_s_name() -> None:
    asked = {command.__struct_config__.tag for command in get_args(AnyCommand) if command not in BY_NOBODY}
    assert set(COMMAND_NAMES) == asked
    assert (COMMAND_NAMES[96], COMMAND_NAMES[30], COMMAND_NAMES[42]) == (
        "rules.tune",
        "auction.create",
        "auction.create",
    )


async def act(here: World, ask: Any) -> None:
    """What is looked at: two auctions opened, points adjusted, a member credited by a service."""
    await here.open_auction("a1")
    await here.open_auction("a2")
    adjusted = {"member": "m1", "amount": -5, "reason": "a mistake"}
    assert (await ask(here, "olga", "operator", "points.adjust", adjusted))[0] == "ok"
    assert (await ask(here, "shop", "service", "points.credit", {"member": "m1", "amount": 9}))[0] == "ok"
    pause = {"auction": "a2", "reason": "rain"}
    assert (await ask(here, "boss", "manager", "auction.pause", pause))[0] == "ok"
    assert (await ask(here, "boss", "manager", "auction.pause", pause))[0] != "ok"


@DOORS
def test_what_was_done(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await act(here, ask)
            code, page = await ask(here, "maria", "manager", "audit.list", {"limit": 2})
            assert code == "ok"
            paused, adjusted = page["actions"]
            number, at = paused.pop("number"), paused.pop("at")
            assert paused == {
                "actor": "boss",
                "role": "manager",
                "command": "auction.pause",
                "concerns": {"auction": "a2"},
                "asked": {"reason": "rain"},
                "result": paused["result"],
                "left_out": 0,
            }
            assert paused["result"]["status"] == "paused"
            assert (adjusted["actor"], adjusted["role"]) == ("olga", "operator")
            assert adjusted["asked"] == {"amount": -5, "reason": "a mistake"}
            assert (adjusted["number"], page["next"]) == (number - 1, str(number - 1))
            assert adjusted["at"] <= at
            _, older = await ask(here, "maria", "manager", "audit.list", {"after": page["next"]})
            assert [one["number"] for one in older["actions"]] == [*range(number - 2, 0, -1)]
            assert older["next"] == ""

    run(body())


@DOORS
def test_it_can_be_searched(run: Run, world: OpenWorld, ask: Any) -> None:
    async def body() -> None:
        async with world() as here:
            await act(here, ask)

            async def find(**filters: Any) -> list[tuple[str, Any]]:
                code, page = await ask(here, "maria", "manager", "audit.list", filters)
                assert (code, page["next"]) == ("ok", ""), page
                return [(one["command"], one["concerns"]) for one in page["actions"]]

            adjusted = ("points.adjust", {"member": "m1"})
            assert await find(actor="olga") == [adjusted]
            assert await find(command="points.adjust") == [adjusted]
            assert await find(object="a2", command="auction.open") == [("auction.open", {"auction": "a2"})]
            assert [name for name, _ in await find(object="a2", kind="auction")] == [
                "auction.pause",
                "auction.open",
                "auction.create",
            ]
            assert await find(object="a2", kind="member") == []
            assert adjusted in await find(kind="member")
            _, page = await ask(here, "maria", "manager", "audit.list", {})
            last = page["actions"][0]["at"]
            assert await find(**{"from": last + 1}) == []
            assert await find(**{"from": last})
            assert await find(to=1_000) == []
            assert len(await find(to=last + 1)) == len(page["actions"])

    run(body())


@DOORS
@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"after": "x"}, "after"), ({"after": "9" * 20}, "after"), ({"command": "rules.tuned"}, "command")],
)
def test_a_search_that_makes_no_sense(
    run: Run, world: OpenWorld, ask: Any, wrong: dict[str, Any], field: str
) -> None:
    async def body() -> None:
        async with world() as here:
            code, content = await ask(here, "maria", "manager", "audit.list", wrong)
            assert code == "invalid_parameters"
            assert field in str(content)

    run(body())
