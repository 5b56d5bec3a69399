"""The open loop: who is due when, and that nothing is left out when the crowd is late."""

import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from loadtests.schedule import BEHIND, Arrival, choose_watched, draw_arrivals, pace


def draw(seed: int = 1, **changes: float) -> list[Arrival]:
    options = {"rate": 500.0, "seconds": 20.0, "members": 10, "auctions": 4, "watched": 2, **changes}
    return list(draw_arrivals(**options, seed=seed))


def test_arrivals_have_the_rate_and_are_in_order() -> None:
    arrivals = draw()
    # Five standard deviations of a Poisson count of 10 000; the seed is fixed, so this cannot waver.
    assert abs(len(arrivals) - 10_000) < 500
    assert all(earlier.at <= later.at for earlier, later in pairwise(arrivals))
    assert arrivals[0].at > 0
    assert arrivals[-1].at < 20


def test_arrivals_follow_from_the_seed() -> None:
    assert draw(seed=7) == draw(seed=7)
    assert draw(seed=7) != draw(seed=8)


def test_every_member_bids_on_every_auction_that_it_watches_and_no_other() -> None:
    chosen = Counter((arrival.member, arrival.auction) for arrival in draw())
    assert set(chosen) == {
        (member, auction) for member in range(10) for auction in choose_watched(member, 4, 2)
    }


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
        async for arrival in pace(iter([Arrival(0.01, 0, 0), Arrival(0.03, 1, 0)]), start):
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
        late = [Arrival(0.0, member, 0) for member in range(3 * BEHIND)]
        handed_out = [arrival async for arrival in pace(iter(late), start=0.0)]
        counting.cancel()
        assert handed_out == late
        assert turns >= 3

    asyncio.run(body())
