"""The demo's staff against a real gateway: what it sets up, what a second start finds, what it lists."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from engine.commands import (
    LEVEL,
    AdjustPoints,
    AscendingClock,
    CancelAuction,
    Dutch,
    Genesis,
    MultiUnit,
    Sealed,
)
from engine.founding import FIRST_ENTRY
from engine.genesis import encode_genesis
from engine.log.memory import MemoryLog
from gateway.demo import stage
from gateway.demo.catalogue import EXPERIENCES, LISTED, LOW_BALANCE, TIERS, TOP_UP, lots_of
from gateway.demo.connection import DemoSocket, Place, stay_connected
from gateway.demo.stage import Stage, find_newest, tend_member
from tests.gateway.harness import DEADLINE, SECRET, Eventually, OpenWorld, Run, World

FEW = 60


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "MEMBERS", FEW)
    monkeypatch.setattr(stage, "LATER_PAUSES", (0.0, 0.0))


@asynccontextmanager
async def on_stage(here: World) -> AsyncIterator[Stage]:
    """A stage that runs until the end of the block."""
    stage = Stage(place_of(here), random.Random(1))
    running = asyncio.create_task(stage.run())
    try:
        async with asyncio.timeout(DEADLINE):
            await stage.ready.wait()
        yield stage
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def place_of(here: World) -> Place:
    return Place(f"http://127.0.0.1:{here.port}", "demo", SECRET)


def statuses(here: World) -> dict[str, str]:
    return {id: auction.status for id, auction in here.gateway.replica.program.auctions.items()}


FIRST = {f"{experience.stem}1" for experience in LISTED} | {"grand-tour"}
"""The first auctions, and the one that the program file has a draft of."""


def test_it_sets_up_the_program_once_however_often_it_starts(
    run: Run, world: OpenWorld, eventually: Eventually
) -> None:
    async def body() -> None:
        async with world() as here:
            program = here.gateway.replica.program
            for _ in range(2):
                async with on_stage(here):
                    await eventually(lambda: len(program.live) == 18 and len(program.auctions) == 19)
            assert program.settings.tiers == TIERS
            assert program.experiences
            assert program.book.current == 1  # the second start found the rules as they should be
            assert set(program.auctions) == FIRST
            formats = {
                id: auction.pieces.format for id, auction in program.auctions.items() if auction.pieces
            }
            assert {id: type(format) for id, format in formats.items()} == {
                "archipelago-dutch1": Dutch,
                "chefs-table-sealed1": Sealed,
                "observatory-vickrey1": Sealed,
                "jazz-uniform1": MultiUnit,
                "balloon-bid1": MultiUnit,
                "pace-car-clock1": AscendingClock,
            }
            for number in range(1, FEW + 1):
                member = program.members.get(f"m{number:04}")
                assert [lot.points for lot in member.lots] == [lot.amount for lot in lots_of(number)]
            assert program.members.find(f"m{FEW + 1:04}") is None

    run(body())


def test_an_older_program_is_raised_to_what_the_file_needs(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        log = MemoryLog()
        await log.append(encode_genesis(Genesis("demo", level=1)), id=FIRST_ENTRY)
        async with world(log) as here:
            program = here.gateway.replica.program
            async with on_stage(here):
                assert program.level == LEVEL
                assert len(program.experiences) > 20

    run(body())


def test_what_has_ended_is_listed_again_under_the_next_number(
    run: Run, world: OpenWorld, eventually: Eventually
) -> None:
    async def body() -> None:
        async with world() as here:
            async with on_stage(here):
                await eventually(lambda: set(statuses(here)) == FIRST)
                await here.apply(CancelAuction("opera-1", "test"))
                await eventually(lambda: statuses(here).get("opera-2") == "scheduled")
            # A later start goes on with the number that it finds, and sees a running auction to its end.
            await here.apply(CancelAuction("opera-2", "test"))
            async with on_stage(here):
                await eventually(lambda: "opera-3" in statuses(here))
                await here.apply(CancelAuction("sauna-1", "test"))
                await here.apply(CancelAuction("pace-car-clock1", "test"))
                await eventually(lambda: {"sauna-2", "pace-car-clock2"} <= set(statuses(here)))
            assert set(statuses(here)) == FIRST | {"opera-2", "opera-3", "sauna-2", "pace-car-clock2"}

    run(body())


def test_a_draft_that_was_left_behind_is_called_off(
    run: Run, world: OpenWorld, eventually: Eventually
) -> None:
    async def leave_draft(socket: DemoSocket) -> None:
        terms = stage.terms_of(EXPERIENCES[0], 1_000)
        await socket.call("auction.create", auction="northern-lights-7", terms=terms)

    async def body() -> None:
        async with world() as here:
            await stay_connected(place_of(here), "x", "manager", leave_draft)
            async with on_stage(here):
                await eventually(lambda: "northern-lights-8" in statuses(here))
            assert statuses(here)["northern-lights-7"] == "cancelled"

    run(body())


def test_a_member_that_runs_low_gets_more_once_a_minute(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:

            async def speak(socket: DemoSocket) -> None:
                await socket.call("program.configure", settings={"tiers": TIERS})

            async def tend(socket: DemoSocket) -> None:
                await tend_member(socket, 5)
                before = (await socket.call("member.get", member="m0005"))["available"]
                await here.apply(AdjustPoints("m0005", LOW_BALANCE - 1 - before, "test"))
                await tend_member(socket, 5)
                member = await socket.call("member.get", member="m0005")
                assert member["available"] == LOW_BALANCE - 1 + TOP_UP
                await tend_member(socket, 5)
                assert await socket.call("member.get", member="m0005") == member

            await stay_connected(place_of(here), "x", "operator", speak)
            await stay_connected(place_of(here), "x", "service", tend)

    run(body())


def test_running_numbers_are_found_over_many_pages(run: Run, world: OpenWorld) -> None:
    found: dict[str, int] = {}

    async def look(socket: DemoSocket) -> None:
        found.update(await find_newest(socket))

    async def body() -> None:
        async with world() as here:
            await here.open_auction("jazz-9")
            await here.open_auction("jazz-uniform4")
            for number in range(130):
                await here.open_auction(f"other-{number}")
            await here.open_auction("plain")
            await stay_connected(place_of(here), "x", "manager", look)

    run(body())
    assert found == {"jazz-": 9, "other-": 129, "jazz-uniform": 4}
