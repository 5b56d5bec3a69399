"""Setting the stage, on a real gateway."""

import asyncio

import msgspec
import pytest

from benchmarks.livelot import Livelot
from loadtests.api import Api
from loadtests.preparation import (
    AT_ONCE,
    find_open_auctions,
    gather_bounded,
    name_members,
    prepare_auctions,
    prepare_members,
)
from tests.loadtests.clearing import end_auctions


def test_members_are_numbered() -> None:
    assert name_members("m", 3) == ["m0001", "m0002", "m0003"]


def test_members_get_points_and_auctions_open_and_end(livelot: Livelot) -> None:
    async def body() -> None:
        tokens = livelot.tokens
        async with Api(livelot.url) as api:
            await prepare_members(api, tokens, ["prepared"], tier="gold", market="eu", points=700)
            answer = await api.get("/v1/me", await tokens.get("prepared", "member"))
            me = msgspec.json.decode(answer.body)
            assert (me["available"], me["tier"], me["market"]) == (700, "gold", "eu")
            auctions = await prepare_auctions(api, tokens, 3, seconds=60, opening=40)
            reader = await tokens.get("prepared", "member")
            assert set(auctions) <= set(await find_open_auctions(api, reader, 1_000))
            assert len(await find_open_auctions(api, reader, 2)) == 2
            shown = msgspec.json.decode((await api.get(f"/v1/auctions/{auctions[0]}", reader)).body)
            assert (shown["status"], shown["minimum"]) == ("open", 40)
            await end_auctions(api, tokens, auctions)
            assert not set(auctions) & set(await find_open_auctions(api, reader, 1_000))

    asyncio.run(body())


def test_work_is_bounded_and_its_results_are_in_order() -> None:
    under_way = most = 0

    async def work(number: int) -> int:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(3):
            await asyncio.sleep(0)
        under_way -= 1
        return number

    async def body() -> None:
        assert await gather_bounded(work(number) for number in range(100)) == list(range(100))

    asyncio.run(body())
    assert most == AT_ONCE


def test_a_failure_ends_the_rest() -> None:
    async def fail() -> None:
        raise ValueError("no")

    async def wait() -> None:
        await asyncio.Event().wait()

    async def body() -> None:
        with pytest.raises(ExceptionGroup) as raised:
            await gather_bounded(one() for one in (wait, fail, wait))
        assert raised.group_contains(ValueError, match="no")

    asyncio.run(body())
