"""Nobody acts for another or sees what is another's: every operation × every role × one's own thing,
another's, and one that does not exist; over HTTP and over the socket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import pytest

from gateway.operations import BY_NAME
from tests.gateway.harness import OpenWorld, Run, Socket, World
from tests.gateway.test_operations import ALLOWED, BEHALF, EVERYBODY, ask_over_http
from tests.hostile.expectations import CONTEXTS, EXPECTED, NOWHERE, SELF, THERE
from tests.hostile.planting import CANARIES, STRANGER, VICTIM, describe, describe_all, plant

Ask = Callable[[str, str, dict[str, Any]], Awaitable[tuple[str, Any]]]
"""Role, operation and parameters; the outcome's code ("ok" for none), and the result or problem."""


@asynccontextmanager
async def open_doors(here: World, door: str) -> AsyncIterator[Ask]:
    """Asks as the stranger, in any role: over HTTP, or over one socket a role."""
    async with AsyncExitStack() as stack:
        sockets: dict[str, Socket] = {}

        async def over_http(role: str, name: str, parameters: dict[str, Any]) -> tuple[str, Any]:
            return await ask_over_http(here, STRANGER, role, name, parameters)

        async def over_socket(role: str, name: str, parameters: dict[str, Any]) -> tuple[str, Any]:
            if role not in sockets:
                sockets[role] = await stack.enter_async_context(here.socket(STRANGER, role))
            reply = await sockets[role].call(name, **parameters)
            return ("ok", reply["result"]) if "result" in reply else (reply["error"]["data"]["code"], reply)

        yield over_http if door == "http" else over_socket


def about_theirs(name: str) -> dict[str, Any]:
    """The parameters that name what there is: the victim's where it can be anybody's."""
    _, parameters = ALLOWED[name]
    asked = {field: VICTIM if value == "m2" else value for field, value in parameters.items()}
    return asked | THERE.get(name, {})


def about_nothing(name: str) -> dict[str, Any]:
    """The same of things that do not exist."""
    return {field: NOWHERE.get(field, value) for field, value in about_theirs(name).items()}


def as_member(name: str, asked: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in asked.items() if field != CONTEXTS.get(name)}


def words_of(content: Any, asked: dict[str, Any]) -> str:
    """An answer, without the names that were asked for and the number of the call."""
    text = msgspec.json.encode({**content, "id": 0, "position": ""}).decode()
    for value in asked.values():
        if isinstance(value, str):
            text = text.replace(f"'{value}'", "?").replace(f'"{value}"', "?")
    return text


def assert_no_leak(name: str, content: Any, asked: dict[str, Any]) -> None:
    text = msgspec.json.encode(content).decode()
    told = [canary for canary in CANARIES if canary in text and canary.strip('"') not in asked.values()]
    assert told == [], (name, asked, text)


DOORS = pytest.mark.parametrize("door", ["http", "socket"])
MAXIMUM_NOW = 1_234_567
UNLIMITED = {"calls_per_second": 0, "service_calls_per_second": 0}


def test_every_operation_has_its_row() -> None:
    assert list(EXPECTED) == list(BY_NAME)
    for name, operation in BY_NAME.items():
        assert (EXPECTED[name].there == "forbidden") == ("member" not in operation.role_names), name
        if operation.path_names and "member" in operation.role_names:
            assert EXPECTED[name].nowhere, f"{name} names a thing: what if there is none?"


@DOORS
def test_a_role_that_may_not_ask_learns_and_changes_nothing(run: Run, world: OpenWorld, door: str) -> None:
    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await plant(here)
            async with open_doors(here, door) as ask:
                before = here.gateway.replica.position
                asked_for = 0
                for name, (allowed, _) in ALLOWED.items():
                    for role in sorted(EVERYBODY - allowed):
                        answers = set()
                        for asked in (about_theirs(name), about_nothing(name)):
                            code, content = await ask(role, name, asked)
                            assert code == "forbidden", (name, role, content)
                            answers.add(words_of(content, asked))
                            asked_for += 1
                        assert len(answers) == 1, (name, role, answers)
                assert asked_for > 300
                assert here.gateway.replica.position == before

    run(body())


@DOORS
def test_a_member_gets_nothing_of_anothers(run: Run, world: OpenWorld, door: str) -> None:
    """Whatever it asks for, the victim's own stays what it was; what is refused changes nothing at all."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await plant(here)
            program = here.gateway.replica.program
            victims = describe(program, VICTIM)
            assert all(canary.strip('"').encode() in victims for canary in ("R1", "987654"))
            async with open_doors(here, door) as ask:
                for name, row in EXPECTED.items():
                    cases = [(as_member(name, about_theirs(name)), row.there)]
                    if row.nowhere is not None:
                        cases.append((as_member(name, about_nothing(name)), row.nowhere))
                    answers = []
                    for asked, expected in cases:
                        state = describe_all(program)
                        code, content = await ask("member", name, asked)
                        assert code == expected, (name, asked, content)
                        assert_no_leak(name, content, asked)
                        if code != "ok":
                            assert describe_all(program) == state, (name, asked)
                        assert describe(program, VICTIM) == victims, (name, asked)
                        answers.append(words_of(content, asked))
                    if row.there == row.nowhere:
                        assert answers[0] == answers[1], "whether it exists is told"

    run(body())


@DOORS
def test_a_member_gets_what_is_its_own(run: Run, world: OpenWorld, door: str) -> None:
    """The same questions about a thing of one's own are answered: it was for its owner that they were not."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await plant(here)
            owned = {name: row.own for name, row in EXPECTED.items() if row.own is not None}
            assert len(owned) == 8
            async with open_doors(here, door) as ask:
                for name, asked in owned.items():
                    code, content = await ask("member", name, asked)
                    assert code == "ok", (name, content)

    run(body())


@DOORS
def test_nobody_names_another_but_a_service(run: Run, world: OpenWorld, door: str) -> None:
    """``member`` is a service's to say; one that speaks for the stranger gets no more than that."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await plant(here)
            program = here.gateway.replica.program
            victims = describe(program, VICTIM)
            behalf = {name for name, operation in BY_NAME.items() if operation.behalf}
            assert behalf > BEHALF
            async with open_doors(here, door) as ask:
                for name in sorted(behalf):
                    asked = about_theirs(name)
                    before = here.gateway.replica.position
                    for role in ("member", "manager", "operator"):
                        answers = set()
                        for member in (VICTIM, NOWHERE["member"]):
                            code, content = await ask(role, name, as_member(name, asked) | {"member": member})
                            allowed = role in ALLOWED[name][0]
                            assert code == ("not_yours" if allowed else "forbidden"), (name, content)
                            answers.add(words_of(content, {"member": member}))
                        assert len(answers) == 1, "whether a member exists is told"
                    if not BY_NAME[name].behalf_optional:
                        code, content = await ask("service", name, asked)
                        told = content if door == "http" else content["error"]["data"]
                        assert (code, told["field"]) == ("invalid_parameters", "member"), (name, content)
                    assert here.gateway.replica.position == before
                    code, content = await ask("service", name, as_member(name, asked) | SELF)
                    assert code == EXPECTED[name].there, (name, content)
                    assert_no_leak(name, content, asked)
                assert describe(program, VICTIM) == victims

    run(body())


def test_topics_tell_a_member_nothing_of_anothers(run: Run, world: OpenWorld) -> None:
    """Every topic, from its first state on, while the victim is busy."""

    async def body() -> None:
        async with world(limits=UNLIMITED) as here:
            await plant(here)
            topics = ["auctions", "auction:a1", "raffles", "raffle:r1", "raffle:r-won", "me", "prices"]
            async with here.socket(STRANGER) as stranger, here.socket(VICTIM) as victim:
                subscribed = await stranger.call("subscribe", topics=topics, experiences=["spa"])
                assert subscribed["result"]["topics"] == topics
                for refused in (f"me:{VICTIM}", "member:" + VICTIM, "redemption:R1"):
                    reply = await stranger.call("subscribe", topics=[refused])
                    assert reply["error"]["data"]["code"] == "unknown_topic"
                for maximum in (MAXIMUM_NOW, MAXIMUM_NOW + 1):
                    assert "result" in await victim.call("auction.bid", auction="a1", maximum=maximum)
                assert "result" in await victim.call("redemption.redeem", experience="spa", most=5)
                assert "result" in await victim.call("raffle.buy", raffle="r1", tickets=1, most=5)
                assert "result" in await stranger.call("auction.bid", auction="a1", maximum=700)
                await stranger.push("auction:a1", lambda state: state["price"] >= 700)
                assert_no_leak("pushes", stranger.pushes, {})
                assert str(MAXIMUM_NOW) not in str(stranger.pushes)

    run(body())
