"""A thousand attempts at once, through two gateways on one log: the last piece, the last of a budget, the
last tickets of a raffle, the last points, the same key."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from engine.commands import (
    AuctionTerms,
    BeginDraft,
    CampaignTerms,
    CreateFormatAuction,
    CreateRaffle,
    CreditPoints,
    Dutch,
    ExperienceTerms,
    OpenAuction,
    OpenRaffle,
    Prize,
    PublishRules,
    PutCampaign,
    PutExperience,
    PutRules,
    RaffleTerms,
    ScheduleCampaign,
    UpsertMember,
)
from engine.ledger import check_conservation
from engine.program import Program
from engine.units import HOUR, MINUTE
from engine.writer import wall_clock
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope
from tests.gateway.harness import DEADLINE, OpenWorld, Run, Socket, World

MEMBERS = 1_000
POINTS = 5_000


async def populate(here: World) -> list[str]:
    members = [f"c{number:04}" for number in range(MEMBERS)]
    await asyncio.gather(*(here.apply(UpsertMember(member, "gold", "north")) for member in members))
    await asyncio.gather(*(here.apply(CreditPoints(member, POINTS)) for member in members))
    return members


async def ask_all(sockets: list[Socket], members: list[str], method: str, **asked: Any) -> list[Any]:
    """Everybody asks the same before anybody has an answer; each member's outcome."""
    return await ask_at_once(sockets, [(method, asked | {"member": member}) for member in members])


async def ask_at_once(sockets: list[Socket], calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """Makes all calls, over all sockets, before any of them has its answer."""

    async def ask(socket: Socket, own: list[tuple[str, dict[str, Any]]]) -> list[Any]:
        for number, (method, asked) in enumerate(own):
            await socket.send({"jsonrpc": "2.0", "id": number, "method": method, "params": asked})
        return [await socket.receive() for _ in own]

    share = -(-len(calls) // len(sockets))
    own = [calls[first : first + share] for first in range(0, len(calls), share)]
    async with asyncio.timeout(6 * DEADLINE):
        answers = await asyncio.gather(*map(ask, sockets, own))
    return [answer for one in answers for answer in one]


def count_codes(answers: list[Any]) -> Counter[str]:
    return Counter("ok" if "result" in one else one["error"]["data"]["code"] for one in answers)


@asynccontextmanager
async def open_shops(
    world: OpenWorld, logs: Any, shops: list[str]
) -> AsyncIterator[tuple[list[World], list[Socket]]]:
    """Two gateways on one log, and a service's socket for each of these shops, at each in turn."""
    async with AsyncExitStack() as stack:
        gateways = [
            await stack.enter_async_context(world(await stack.enter_async_context(logs.open())))
            for _ in range(2)
        ]
        sockets = [
            await stack.enter_async_context(gateways[number % 2].socket(shop, "service"))
            for number, shop in enumerate(shops)
        ]
        yield gateways, sockets


async def agree(gateways: list[World]) -> Program:
    """The state that both gateways have come to; their digests and every byte are the same."""
    replicas = [gateway.gateway.replica for gateway in gateways]
    await replicas[0].wait_for(replicas[1].position)
    await replicas[1].wait_for(replicas[0].position)
    assert replicas[0].digest == replicas[1].digest
    assert list(replicas[0].program.encode()) == list(replicas[1].program.encode())
    check_conservation(replicas[0].program.members, replicas[0].program.ledger)
    return replicas[0].program


def test_a_thousand_members_at_once(run: Run, world: OpenWorld, logs: Any) -> None:
    async def body() -> None:
        shops = [f"shop{number}" for number in range(10)]
        async with open_shops(world, logs, shops) as (gateways, sockets):
            here = gateways[0]
            members = await populate(here)
            await here.apply(PutExperience("last", ExperienceTerms("travel", 4_000, stock=1)))
            await here.apply(PutExperience("tea", ExperienceTerms("dining", 500)))
            await here.apply(PutCampaign("spring", CampaignTerms(budget=10_049)))
            await here.apply(ScheduleCampaign("spring"))
            await here.apply(BeginDraft("d"))
            gift = PriceRule("gift", Scope(kinds=("dining",)), Effect("add", -100), "a", budget="spring")
            await here.apply(PutRules("d", (gift,), groups=(Group("a"),)))
            await here.apply(PublishRules("d", 2, "opening"))
            now = wall_clock()
            terms = RaffleTerms({}, (Prize("car"),), 10, now, now + HOUR, most=1_000)
            await here.apply(CreateRaffle("r", terms))
            await here.apply(OpenRaffle("r"))
            for gateway in gateways:
                await gateway.gateway.replica.wait_for(here.gateway.replica.position)

            answers = await ask_all(sockets, members, "redemption.redeem", experience="last", most=4_000)
            assert count_codes(answers) == {"ok": 1, "sold_out": MEMBERS - 1}

            answers = await ask_all(sockets, members, "raffle.buy", raffle="r", tickets=3, most=30)
            assert count_codes(answers) == {"ok": 333, "ticket_cap_reached": MEMBERS - 333}
            firsts = sorted(one["result"]["first"] for one in answers if "result" in one)
            assert firsts == list(range(1, 1_000, 3))

            answers = await ask_all(sockets, members, "redemption.redeem", experience="tea", most=500)
            prices = Counter(one["result"]["points"] for one in answers)
            assert prices == {400: 100, 500: MEMBERS - 100}

            program = await agree(gateways)
            assert program.experiences["last"].taken == 1
            assert program.campaigns.left == {"spring": 49}
            spent = MEMBERS * POINTS - sum(program.members.get(member).available for member in members)
            assert spent == 4_000 + 333 * 30 + 100 * 400 + (MEMBERS - 100) * 500

    run(body())


def test_a_thousand_attempts_on_one(run: Run, world: OpenWorld, logs: Any) -> None:
    """The last seat of a raffle, the only piece of a falling clock, and a sale at once."""

    async def body() -> None:
        async with open_shops(world, logs, [f"shop{number}" for number in range(10)]) as (gateways, sockets):
            here = gateways[0]
            members = await populate(here)
            at = wall_clock()
            await here.apply(
                CreateRaffle("seat", RaffleTerms({}, (Prize("car"),), 10, at, at + HOUR, most=1))
            )
            await here.apply(OpenRaffle("seat"))
            terms = AuctionTerms("t", 4_000, at, at + 2 * HOUR)
            await here.apply(CreateFormatAuction("falling", terms, Dutch(3_900, HOUR, step=100)))
            await here.apply(OpenAuction("falling"))
            await here.open_auction("sale", buy_now=900)
            await gateways[1].gateway.replica.wait_for(here.gateway.replica.position)
            for method, asked, refused in (
                ("raffle.buy", {"raffle": "seat", "tickets": 1, "most": 10}, {"ticket_cap_reached"}),
                ("auction.bid", {"auction": "falling", "maximum": 4_000}, {"auction_closed"}),
                ("auction.buy_now", {"auction": "sale", "price": 900}, {"auction_closed"}),
            ):
                answers = count_codes(await ask_all(sockets, members, method, **asked))
                assert answers["ok"], (method, answers)
                assert answers.pop("ok") == 1, method
                assert answers.keys() == refused, (method, answers)
                assert answers.total() == MEMBERS - 1
            program = await agree(gateways)
            assert program.raffles.by_id["seat"].tickets == 1
            spent = MEMBERS * POINTS - sum(program.members.get(member).available for member in members)
            assert spent == 10 + 4_000 + 900

    run(body())


def test_the_last_points_are_spent_once(run: Run, world: OpenWorld, logs: Any) -> None:
    """A member with enough for one of a thousand things; each is asked for under a key of its own."""

    async def body() -> None:
        async with open_shops(world, logs, ["shop"] * 10) as (gateways, sockets):
            here = gateways[0]
            await here.apply(UpsertMember("poor", "gold", "north"))
            await here.apply(CreditPoints("poor", 700))
            await here.apply(PutExperience("tea", ExperienceTerms("dining", 700)))
            at = wall_clock()
            await here.apply(CreateRaffle("r", RaffleTerms({}, (Prize("car"),), 700, at, at + HOUR)))
            await here.apply(OpenRaffle("r"))
            await here.open_auction("a")
            await gateways[1].gateway.replica.wait_for(here.gateway.replica.position)
            wishes = (
                ("redemption.redeem", {"experience": "tea", "most": 700}),
                ("raffle.buy", {"raffle": "r", "tickets": 1, "most": 700}),
                ("auction.bid", {"auction": "a", "maximum": 700}),
            )
            calls = [wishes[number % 3] for number in range(1_000)]
            keyed = [
                (method, asked | {"member": "poor", "key": f"k{number}"})
                for number, (method, asked) in enumerate(calls)
            ]
            answers = count_codes(await ask_at_once(sockets, keyed))
            # Its own bid may come again: that is no raise.
            assert answers["ok"] == 1
            assert answers.keys() <= {"ok", "insufficient_points", "bid_too_low"}
            poor = (await agree(gateways)).members.get("poor")
            assert poor.available == 0

    run(body())


def test_the_same_key_a_thousand_times(run: Run, world: OpenWorld, logs: Any) -> None:
    """One shop sends the same from everywhere: it is done once, and everybody has the one answer; under the
    same key something else is refused."""

    async def body() -> None:
        async with open_shops(world, logs, ["shop"] * 10) as (gateways, sockets):
            here = gateways[0]
            await here.apply(UpsertMember("rich", "gold", "north"))
            await here.apply(CreditPoints("rich", 1_000_000))
            await here.apply(PutExperience("tea", ExperienceTerms("dining", 500)))
            await gateways[1].gateway.replica.wait_for(here.gateway.replica.position)
            asked = {"experience": "tea", "member": "rich", "key": "k", "not_after": wall_clock() + MINUTE}
            answers = await ask_at_once(
                sockets,
                [("redemption.redeem", asked | {"most": 500 + number % 2}) for number in range(1_000)],
            )
            assert count_codes(answers) == {"ok": 500, "key_conflict": 500}
            assert len({one["result"]["redemption"] for one in answers if "result" in one}) == 1
            program = await agree(gateways)
            assert program.redeemed == 1
            assert program.members.get("rich").available == 1_000_000 - 500

    run(body())
