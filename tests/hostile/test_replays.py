"""Frames and requests that were recorded and are sent again, by whoever; ids that are guessed."""

import asyncio
from operator import itemgetter
from typing import Any

import msgspec
import pytest
from websockets.frames import Frame

from engine.commands import CreditPoints, ExperienceTerms, PutExperience
from gateway.clock import now
from tests.gateway.harness import TEXT, OpenWorld, Raw, Run, World, raw_socket
from tests.hostile.planting import describe

UNLIMITED = {"calls_per_second": 0}


def frame(identifier: int, method: str, **parameters: Any) -> bytes:
    """A call as it goes over the network, masked."""
    call = {"jsonrpc": "2.0", "id": identifier, "method": method, "params": parameters}
    return Frame(TEXT, msgspec.json.encode(call)).serialize(mask=True)


def code_of(reply: dict[str, Any]) -> str:
    return reply["error"]["data"]["code"] if "error" in reply else "ok"


async def send(raw: Raw, *frames: bytes) -> list[dict[str, Any]]:
    """The answers, in the order of their numbers: what changes nothing is answered first."""
    await raw.send(*frames)
    return sorted([await raw.message() for _ in frames], key=itemgetter("id"))


async def open_shop(here: World) -> None:
    await here.apply(PutExperience("tea", ExperienceTerms("dining", 500)))
    await here.open_auction("a1")


def test_ones_own_frames_again_are_done_once(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await open_shop(here)
            recorded = [
                frame(1, "redemption.redeem", experience="tea", most=500, key="k1", not_after=now() + 60_000),
                frame(2, "auction.bid", auction="a1", maximum=600, key="k2", not_after=now() + 60_000),
            ]
            async with raw_socket(here) as raw:
                first = await send(raw, *recorded)
                assert [code_of(reply) for reply in first] == ["ok", "ok"]
                state = describe(here.gateway.replica.program, "m1")
                again = await send(raw, *recorded * 50)
            async with raw_socket(here) as raw:
                again += await send(raw, *recorded * 50)
            assert {msgspec.json.encode(reply["result"]) for reply in again} == {
                msgspec.json.encode(reply["result"]) for reply in first
            }
            assert describe(here.gateway.replica.program, "m1") == state

    run(body())


def test_a_recorded_frame_is_done_for_whoever_sends_it(run: Run, world: OpenWorld) -> None:
    """What another recorded has no power over its author: not its points, not its keys, not its name."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await open_shop(here)
            recorded = [
                frame(1, "redemption.redeem", experience="tea", most=500, key="k1"),
                frame(2, "redemption.get", redemption="R1"),
                frame(3, "redemption.cancel", redemption="R1", key="k3"),
                frame(4, "authenticate", token=here.token("m1")),
                frame(5, "auction.bid", auction="a1", maximum=600, member="m1"),
            ]
            async with raw_socket(here) as raw:
                assert code_of((await send(raw, recorded[0]))[0]) == "ok"
            program = here.gateway.replica.program
            author = describe(program, "m1")
            async with raw_socket(here, "m2") as raw:
                replies = await send(raw, *recorded)
                expected = ["ok", "unknown_redemption", "unknown_redemption", "not_yours", "not_yours"]
                assert [code_of(reply) for reply in replies] == expected
                assert replies[0]["result"]["redemption"] == "R2"
            assert describe(program, "m1") == author
            assert program.redemptions["R2"].member == "m2"
            async with raw_socket(here, "") as raw:
                assert {code_of(reply) for reply in await send(raw, *recorded[:3])} == {"unauthenticated"}
            assert program.redeemed == 2

    run(body())


def test_a_frame_whose_time_is_over_is_done_no_more(run: Run, world: OpenWorld) -> None:
    """Its key is forgotten then; it must not become a new command."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await open_shop(here)
            recorded = frame(
                1, "redemption.redeem", experience="tea", most=500, key="k", not_after=now() + 1_500
            )
            async with raw_socket(here) as raw:
                assert code_of((await send(raw, recorded))[0]) == "ok"
                program = here.gateway.replica.program
                while program.keys.count:
                    await asyncio.sleep(0.1)
                    await here.apply(CreditPoints("m3", 1))
                    if not program.members.get("m1").keys:
                        break
                assert code_of((await send(raw, recorded))[0]) == "expired"
                assert program.redeemed == 1

    run(body())


def test_what_the_gateway_said_means_nothing_to_it(run: Run, world: OpenWorld) -> None:
    """A client that sends answers back is told that they are no calls; a push is a call that wants no answer,
    of an operation that is not there."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here, raw_socket(here) as raw:
            [answer] = await send(raw, frame(1, "me"))
            [subscribed] = await send(raw, frame(2, "subscribe", topics=["me"]))
            push = await raw.message()
            before = here.gateway.replica.position
            for said in (answer, subscribed):
                [reply] = await send(raw, Frame(TEXT, msgspec.json.encode(said)).serialize(mask=True))
                assert code_of(reply) == "invalid_request"
            await raw.send(Frame(TEXT, msgspec.json.encode(push)))
            assert [reply["id"] for reply in await send(raw, frame(9, "ping"))] == [9]
            assert here.gateway.replica.position == before

    run(body())


def test_recorded_requests_over_http(run: Run, world: OpenWorld) -> None:
    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await open_shop(here)
            asked = ("member", "POST", "/v1/redemptions", {"experience": "tea", "most": 500})
            first = await here.ask("m1", *asked, Idempotency_Key="k")
            state = describe(here.gateway.replica.program, "m1")
            again = await asyncio.gather(*(here.ask("m1", *asked, Idempotency_Key="k") for _ in range(50)))
            assert {one.content for one in again} == {first.content}
            other = await here.ask("m2", *asked, Idempotency_Key="k")
            assert other.json()["redemption"] == "R2"
            assert describe(here.gateway.replica.program, "m1") == state

    run(body())


def test_guessing_ids_tells_nothing_and_is_ended(run: Run, world: OpenWorld) -> None:
    """Of a few hundred guesses one is right, and no answer says which; then there are no answers any more, on
    whatever connection."""

    async def body() -> None:
        async with world(limits={"calls_per_second": 1}) as here:
            await open_shop(here)
            assert (
                await here.ask("m2", "member", "POST", "/v1/redemptions", {"experience": "tea", "most": 500})
            ).is_success
            answers: set[str] = set()
            codes = []
            async with raw_socket(here) as raw:
                for number in range(250):
                    [reply] = await send(raw, frame(0, "redemption.get", redemption=f"R{number}"))
                    codes.append(code_of(reply))
                    if codes[-1] != "too_many_calls":
                        answers.add(msgspec.json.encode(reply["error"]).decode().replace(f"R{number}", "?"))
                assert codes[1] == "unknown_redemption"
                assert len(answers) == 1
                await raw.send(*[frame(0, "redemption.get", redemption="R1")] * 2_000)
                assert await raw.close_code() == 4003
            asked = [await here.ask("m1", "member", "GET", "/v1/me") for _ in range(10)]
            assert [one.json().get("code") for one in asked].count("too_many_calls") >= 5
            async with raw_socket(here) as raw:
                await raw.send(frame(0, "me"))
                assert await raw.close_code() == 4003
            assert (await here.ask("m2", "member", "GET", "/v1/redemptions/R1")).is_success

    run(body())


@pytest.mark.parametrize(
    "id", ["R1\n", "r1", "R01", "R+1", " R1", "R１", "R1%00", "R1/../R1", "*", "%", "R1' OR '1'='1"]
)
def test_an_id_is_its_own_spelling_alone(run: Run, world: OpenWorld, id: str) -> None:
    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await open_shop(here)
            await here.ask("m1", "member", "POST", "/v1/redemptions", {"experience": "tea", "most": 500})
            async with here.socket("m1") as socket:
                assert code_of(await socket.call("redemption.get", redemption="R1")) == "ok"
                assert code_of(await socket.call("redemption.get", redemption=id)) == "unknown_redemption"

    run(body())
