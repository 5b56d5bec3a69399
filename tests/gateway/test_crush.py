"""A thousand members at once, through two gateways on one log: the last piece, the last of a budget."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from typing import Any

from engine.commands import (
    BeginDraft,
    CampaignTerms,
    CreditPoints,
    ExperienceTerms,
    PublishRules,
    PutCampaign,
    PutExperience,
    PutRules,
    ScheduleCampaign,
    UpsertMember,
)
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


async def redeem_all(sockets: list[Socket], members: list[str], experience: str, most: int) -> list[Any]:
    """Everybody asks before anybody has an answer; each member's outcome."""

    async def ask(socket: Socket, own: list[str]) -> list[Any]:
        for number, member in enumerate(own):
            asked = {"experience": experience, "most": most, "member": member}
            await socket.send(
                {"jsonrpc": "2.0", "id": number, "method": "redemption.redeem", "params": asked}
            )
        return [await socket.receive() for _ in own]

    share = -(-len(members) // len(sockets))
    own = [members[first : first + share] for first in range(0, len(members), share)]
    async with asyncio.timeout(6 * DEADLINE):
        answers = await asyncio.gather(*map(ask, sockets, own))
    return [answer for one in answers for answer in one]


def test_a_thousand_members_at_once(run: Run, world: OpenWorld, logs: Any) -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            gateways = [
                await stack.enter_async_context(world(await stack.enter_async_context(logs.open())))
                for _ in range(2)
            ]
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
            sockets = [
                await stack.enter_async_context(gateways[number % 2].socket(f"shop{number}", "service"))
                for number in range(10)
            ]
            for gateway in gateways:
                await gateway.gateway.replica.wait_for(here.gateway.replica.position)

            answers = await redeem_all(sockets, members, "last", 4_000)
            codes = Counter("ok" if "result" in one else one["error"]["data"]["code"] for one in answers)
            assert codes == {"ok": 1, "sold_out": MEMBERS - 1}

            answers = await redeem_all(sockets, members, "tea", 500)
            prices = Counter(one["result"]["points"] for one in answers)
            assert prices == {400: 100, 500: MEMBERS - 100}

            replicas = [gateway.gateway.replica for gateway in gateways]
            await replicas[0].wait_for(replicas[1].position)
            await replicas[1].wait_for(replicas[0].position)
            for replica in replicas:
                program = replica.program
                assert program.experiences["last"].taken == 1
                assert program.campaigns.left == {"spring": 49}
                spent = MEMBERS * POINTS - sum(program.members.get(member).available for member in members)
                assert spent == 4_000 + 100 * 400 + (MEMBERS - 100) * 500
            assert replicas[0].digest == replicas[1].digest
            states = [list(replica.program.encode()) for replica in replicas]
            assert states[0] == states[1]

    run(body())
