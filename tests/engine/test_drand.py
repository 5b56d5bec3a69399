"""The beacon over HTTP: only what drand signed comes through, from whichever source has it."""

import asyncio

import httpx
import msgspec
import pytest

from engine.drand import BeaconUnavailable, fetch_round
from tests.engine.drawing import GOOD, ROUND_PATH, Outside, outside
from tests.engine.raffling import ROUND, SIGNATURE


async def ask(*servers: Outside, round: int = ROUND) -> str:
    async with httpx.AsyncClient() as client:
        return await fetch_round(client, [server.url + "/" for server in servers], round, seconds=1.0)


def test_a_round_with_its_signature() -> None:
    async def body() -> None:
        async with outside(GOOD) as server:
            assert await ask(server) == SIGNATURE
            assert server.asked == [ROUND_PATH]

    asyncio.run(body())


@pytest.mark.parametrize(
    ("body", "round"),
    [
        (GOOD.replace(b"1000", b"1001"), ROUND),  # another round than was asked for
        (GOOD.replace(b"1000", b"1001"), 1_001),  # the signature of another round
        (GOOD.replace(b'e39"', b'e38"'), ROUND),
        (GOOD.replace(SIGNATURE.encode(), b"0" * 96), ROUND),
        (GOOD.replace(SIGNATURE.encode(), SIGNATURE.upper().encode()), ROUND),
        (GOOD.replace(SIGNATURE.encode(), SIGNATURE.encode() + b"\\n"), ROUND),
        (GOOD.replace(b'"signature"', b'"signed"'), ROUND),
        (GOOD.replace(b"1000", b'"1000"'), ROUND),
        (b"", ROUND),
        (b"\xff\xfe", ROUND),
        (b"[]", ROUND),
        (b"[" * 4_000, ROUND),
        (GOOD + b" " * 5_000, ROUND),
    ],
)
def test_anything_else_is_passed_over_for_the_next_source(body: bytes, round: int) -> None:
    async def check() -> None:
        async with outside(body) as bad, outside(GOOD) as good:
            if round == ROUND:
                assert await ask(bad, good) == SIGNATURE
                assert len(good.asked) == 1
            with pytest.raises(BeaconUnavailable, match=f"round {round}"):
                await ask(bad, bad, round=round)
            assert len(bad.asked) >= 2

    asyncio.run(check())


def test_an_answer_may_say_more_than_we_need() -> None:
    async def body() -> None:
        more = msgspec.json.decode(GOOD) | {"previous_signature": "", "x": [1]}
        async with outside(msgspec.json.encode(more)) as server:
            assert await ask(server) == SIGNATURE

    asyncio.run(body())
