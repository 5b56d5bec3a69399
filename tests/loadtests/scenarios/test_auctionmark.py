"""AuctionMark's mix on real operations."""

import asyncio
from collections.abc import Callable

from benchmarks.livelot import Livelot
from loadtests.api import Api
from loadtests.preparation import find_open_auctions
from loadtests.result import Result
from loadtests.scenarios.auctionmark import MIX, NEW_BID, NEW_ITEM, NEW_PURCHASE

Play = Callable[..., tuple[int, Result, str]]


def test_the_mix_is_whole() -> None:
    assert sum(MIX.values()) == 100


def test_every_transaction_is_done_and_its_results_stand(play: Play, livelot: Livelot) -> None:
    code, result, printed = play("auctionmark", members=6, auctions=4, rate=120, seconds=1.5)
    assert code == 0, printed
    assert set(result.actions) == set(MIX)
    for name, action in result.actions.items():
        assert action.acknowledged > 0, name
        assert set(action.refused) <= {"bid_too_low", "already_leading"}, name
    stand, points, taken = result.checks
    assert stand.checked == result.actions[NEW_BID].acknowledged
    assert taken.checked == result.actions[NEW_PURCHASE].acknowledged
    assert points.checked == 7
    assert result.actions[NEW_ITEM].acknowledged == result.actions[NEW_ITEM].due
    run = f"storm-{result.settings['run']}"
    assert [name for name in find_open(livelot) if name.startswith(run)] == [], "new items end as well"


def find_open(livelot: Livelot) -> list[str]:
    async def find() -> list[str]:
        async with Api(livelot.url) as api:
            return await find_open_auctions(api, await livelot.tokens.get("reader", "manager"), 10_000)

    return asyncio.run(find())
