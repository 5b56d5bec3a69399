"""What does a redemption cost the servers, end to end, beside a bid?

The same 50 sockets with 16 frames in flight bid and redeem in turns, on one program with 1 000 price rules,
of which about six match a redemption. Counted is the CPU time of gateway and Valkey, as in
bench_end_to_end.py. Afterwards the catalogue must have given out what was acknowledged, and the members must
have paid it.
"""

from collections import Counter
from pathlib import Path
from statistics import median

import msgspec
import pytest
import uvloop

from benchmarks.bidding import Bidders, Lot
from benchmarks.catalogue import prepare_catalogue
from benchmarks.livelot import Livelot
from benchmarks.redeeming import Redeeming
from benchmarks.results import choose_size, record, record_at_most
from benchmarks.servers import read_cpu_seconds
from loadtests.api import Api
from loadtests.preparation import gather_bounded, name_members, prepare_auctions, prepare_members

SOCKETS = choose_size(50, 6)
IN_FLIGHT = choose_size(16, 4)
LOTS = choose_size(1_000, 60)
EXPERIENCES = choose_size(200, 10)
RULES = choose_size(1_000, 20)
WARM_UP = choose_size(5_000, 50)
CALLS = choose_size(20_000, 100)
ROUNDS = choose_size(5, 1)
POINTS = 10**11


class Wallet(msgspec.Struct):
    """What a member has, and what it holds for bids."""

    available: int
    held: int


class Taken(msgspec.Struct):
    """How many pieces of an experience were taken."""

    taken: int


async def measure(livelot: Livelot) -> tuple[list[float], list[float]]:
    """Server CPU seconds a bid, and a redemption, by round."""
    tokens = livelot.tokens
    members, experiences = name_members("m", SOCKETS), name_members("e", EXPERIENCES)
    bids: list[float] = []
    redemptions: list[float] = []
    played: list[Redeeming] = []
    processes = (livelot.gateway, livelot.valkey)

    def read_cpu() -> float:
        return sum(map(read_cpu_seconds, processes))

    async with Api(livelot.url) as api:
        await prepare_catalogue(api, tokens, experiences, rules=RULES)
        await prepare_members(api, tokens, members, tier="gold", market="north", points=POINTS)
        lots = [Lot(id, 500) for id in await prepare_auctions(api, tokens, LOTS, seconds=3600)]
        given = {member: await tokens.get(f"for-{member}", "service") for member in members}
        bidders = await Bidders.connect(livelot.port, given, IN_FLIGHT)

        async def redeem(calls: int) -> None:
            played.append(Redeeming(experiences, calls, f"run{len(played)}"))
            await played[-1].play(bidders.sockets, IN_FLIGHT)

        try:
            await bidders.play(lots, WARM_UP)
            await redeem(WARM_UP)
            for _ in range(ROUNDS):
                before = read_cpu()
                assert not (await bidders.play(lots, CALLS)).refused
                between = read_cpu()
                await redeem(CALLS)
                bids.append((between - before) / CALLS)
                redemptions.append((read_cpu() - between) / CALLS)
        finally:
            bidders.close()
        await check(api, await tokens.get("reader", "operator"), members, played)
    return bids, redemptions


async def check(api: Api, token: str, members: list[str], played: list[Redeeming]) -> None:
    """What was acknowledged is what the catalogue gave out and the members paid."""
    assert [payload for redeeming in played for payload in redeeming.refused] == []
    expected = sum((redeeming.by_experience for redeeming in played), Counter[str]())
    answers = await gather_bounded(api.get(f"/v1/experiences/{id}", token) for id in expected)
    taken = [msgspec.json.decode(answer.body, type=Taken).taken for answer in answers]
    assert dict(zip(expected, taken, strict=True)) == expected
    answers = await gather_bounded(api.get(f"/v1/members/{member}", token) for member in members)
    wallets = [msgspec.json.decode(answer.body, type=Wallet) for answer in answers]
    left = sum(wallet.available + wallet.held for wallet in wallets)
    assert left == POINTS * len(members) - sum(redeeming.points for redeeming in played)


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_cost_of_a_redemption_end_to_end(disk_folder: Path) -> None:
    with Livelot(disk_folder) as livelot:
        bids, redemptions = uvloop.run(measure(livelot))
    record("redemption: a bid beside it, server CPU", median(bids) * 1e6, "µs")
    record("redemption: server CPU, with 1 000 price rules", median(redemptions) * 1e6, "µs")
    record_at_most("redemption: / a bid", median(redemptions) / median(bids), "×", 2.0)
