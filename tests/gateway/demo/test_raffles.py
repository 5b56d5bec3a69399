"""The demo's raffles against a real gateway: they are opened again and again, and members take part."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from engine.commands import RAFFLES_SINCE, CommitSecret, CreateRaffle, Prize, RaffleTerms, Tick, VoidRaffle
from engine.units import SECOND
from gateway.clock import now
from gateway.demo import raffles
from gateway.demo.connection import DemoSocket, Place, stay_connected
from gateway.demo.raffles import ENTRANTS, RAFFLES, Entrant, host_raffles, terms_of, thank_members
from tests.gateway.harness import SECRET, Eventually, OpenWorld, Run, World

FIRST = {f"{raffle.slug}-1" for raffle in RAFFLES}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raffles, "BETWEEN", 0.0)
    monkeypatch.setattr(raffles, "PAUSES", (0.0, 0.01))
    monkeypatch.setattr(raffles, "GRANT_SECONDS", 0.01)


@asynccontextmanager
async def speaking(
    here: World, actor: str, role: str, speak: Callable[[DemoSocket], Awaitable[None]]
) -> AsyncIterator[None]:
    place = Place(f"http://127.0.0.1:{here.port}", "demo", SECRET)
    running = asyncio.create_task(stay_connected(place, actor, role, speak))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def statuses(here: World) -> dict[str, str]:
    return {id: raffle.status for id, raffle in here.gateway.replica.program.raffles.by_id.items()}


def test_terms_are_such_as_a_program_takes(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world() as here:
            assert here.gateway.replica.program.level >= RAFFLES_SINCE
            for raffle in RAFFLES:
                asked = {"raffle": raffle.slug, "terms": terms_of(raffle, now())}
                response = await here.ask("olga", "operator", "POST", "/v1/raffles", asked)
                assert response.is_success, response.text

    run(body())


def test_what_is_over_is_opened_again_under_the_next_number(
    run: Run, world: OpenWorld, eventually: Eventually
) -> None:
    async def body() -> None:
        async with world() as here:
            async with speaking(here, "host", "operator", host_raffles):
                await eventually(lambda: statuses(here) == dict.fromkeys(FIRST, "scheduled"))
                await here.apply(VoidRaffle("balloon-raffle-1", "a test"))
                await eventually(lambda: statuses(here).get("balloon-raffle-2") == "scheduled")
            # A later start goes on with the number that it finds; what was left as a draft is voided.
            await here.apply(VoidRaffle("balloon-raffle-2", "a test"))
            draft = RaffleTerms({}, (Prize("x"),), 1, now(), now() + 1)
            await here.apply(CreateRaffle("northern-lights-raffle-2", draft))
            async with speaking(here, "host", "operator", host_raffles):
                await eventually(lambda: statuses(here).get("balloon-raffle-3") == "scheduled")
                await eventually(lambda: statuses(here).get("northern-lights-raffle-3") == "scheduled")
                assert "northern-lights-raffle-2" not in statuses(here)

    run(body())


def test_members_buy_and_the_shop_thanks(run: Run, world: OpenWorld, eventually: Eventually) -> None:
    async def body() -> None:
        async with world() as here:
            terms = RaffleTerms({}, (Prize("x"),), 10, now(), now() + 60 * SECOND, randomness="commitment")
            await here.apply(CreateRaffle("r", terms))
            boss = ("olga", "operator")
            assert (await here.ask(*boss, "POST", "/v1/raffles/r/open")).is_success
            await here.apply(CommitSecret("r", "0" * 64))
            raffle = here.gateway.replica.program.raffles.by_id["r"]
            async with speaking(here, "m1", "member", Entrant("m1").speak):
                await eventually(lambda: raffle.entries >= 3)
            assert {raffle.entry(number).member for number in range(raffle.entries)} == {"m1"}

            async def thank(socket: DemoSocket) -> None:
                await thank_members(socket, random.Random(1))

            before = raffle.entries
            for member in ENTRANTS:
                upsert = {"tier": "gold", "market": "north"}
                await here.ask(*boss, "PUT", f"/v1/members/{member}", upsert)
            async with speaking(here, "thanks", "service", thank):
                await eventually(lambda: raffle.entries >= before + 2)
            assert raffle.entry(raffle.entries - 1).reason == "a review"
            await here.apply(Tick())

    run(body())


def test_an_entrant_chooses_what_is_open_and_mostly_claims() -> None:
    entrant = Entrant("m0023")
    at = 1_000_000
    live = [
        {"id": "soon", "status": "open", "closes_at": at + SECOND},
        {"id": "late", "status": "scheduled", "closes_at": at + 60 * SECOND},
        {"id": "good", "status": "open", "closes_at": at + 60 * SECOND},
    ]
    chosen = {entrant.choose_raffle(live, at) for _ in range(50)}
    assert chosen == {"good", None}
    assert entrant.choose_raffle(live[:2], at) is None
    answers = [entrant.choose_answer(f"r-{number}") for number in range(100)]
    assert answers == [Entrant("m0023").choose_answer(f"r-{number}") for number in range(100)]
    assert 5 < answers.count("raffle.decline") < 40
