"""The open loop: who is due when, and that nothing is left out when the crowd is late."""

import asyncio
from typing import NamedTuple

import pytest

from loadtests.schedule import BEHIND, choose_watched, pace


class Arrival(NamedTuple):
    """Something that is due."""

    at: float
    number: int = 0


@pytest.mark.parametrize(
    ("member", "auctions", "watched", "expected"),
    [(0, 4, 2, [0, 1]), (1, 4, 2, [2, 3]), (2, 4, 2, [0, 1]), (0, 1, 1, [0]), (3, 2, 5, [1, 0])],
)
def test_watched_auctions_are_spread_evenly(
    member: int, auctions: int, watched: int, expected: list[int]
) -> None:
    assert choose_watched(member, auctions, watched) == expected


def test_pace_waits_until_an_arrival_is_due() -> None:
    async def body() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        async for arrival in pace(iter([Arrival(0.01), Arrival(0.03)]), start):
            assert loop.time() >= start + arrival.at

    asyncio.run(body())


def test_pace_hands_out_all_that_is_overdue_and_lets_others_run() -> None:
    async def body() -> None:
        turns = 0

        async def count_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count_turns())
        late = [Arrival(0.0, number) for number in range(3 * BEHIND)]
        handed_out = [arrival async for arrival in pace(iter(late), start=0.0)]
        counting.cancel()
        assert handed_out == late
        assert turns >= 3

    asyncio.run(body())
