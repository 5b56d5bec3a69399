"""A replica and a writer on a log, running, as a process of Livelot has them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from engine.commands import (
    MEMBER,
    OPERATOR,
    AuctionTerms,
    Command,
    CreateAuction,
    CreditPoints,
    OpenAuction,
    PlaceBid,
    UpsertMember,
)
from engine.errors import Rejected
from engine.founding import found
from engine.log.contract import Log
from engine.position import Position
from engine.replica import Replica
from engine.units import DAY, HOUR, MINUTE
from engine.vault import Vault
from engine.writer import Writer, wall_clock

DEADLINE = 20
"""Seconds after which a test that waits has failed."""

_keys = count()


class Node:
    """One running process's part: submit a command and wait for its outcome."""

    def __init__(self, log: Log, replica: Replica, writer: Writer) -> None:
        self.log = log
        self.replica = replica
        self.writer = writer
        self.last_position: Position | None = None

    def submit(
        self,
        command: Command,
        *,
        actor: str = "olga",
        role: int = OPERATOR,
        key: str | None = None,
        not_after: int | None = None,
    ) -> asyncio.Future[Any]:
        """A future of the outcome."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def done(position: Position, outcome: Any) -> None:
            self.last_position = position
            future.set_result(outcome)

        self.writer.submit(
            actor=actor,
            role=role,
            key=f"key-{next(_keys)}" if key is None else key,
            not_after=wall_clock() + MINUTE if not_after is None else not_after,
            command=command,
            done=done,
        )
        return future

    async def do(self, command: Command, **options: Any) -> Any:
        """The result; a rejection fails the test."""
        outcome = await asyncio.wait_for(self.submit(command, **options), DEADLINE)
        assert not isinstance(outcome, Rejected), outcome
        return outcome

    async def bid(self, member: str, auction: str, maximum: int, **options: Any) -> Any:
        """A member's bid; its outcome."""
        bid = PlaceBid(auction, maximum)
        return await asyncio.wait_for(self.submit(bid, actor=member, role=MEMBER, **options), DEADLINE)

    async def furnish(self, *, members: int = 4, points: int = 10_000, lasts: int = HOUR) -> None:
        """Members m0, m1 … with points that last a day, and the open auction a1."""
        now = wall_clock()
        for number in range(members):
            await self.do(UpsertMember(f"m{number}", "gold", "fr"))
            await self.do(CreditPoints(f"m{number}", points, now + DAY))
        await self.do(CreateAuction("a1", AuctionTerms("A weekend", 500, now, now + lasts)))
        await self.do(OpenAuction("a1"))


@asynccontextmanager
async def running(
    log: Log, vault: Vault | None = None, *, clock: Callable[[], int] = wall_clock, begin: bool = True
) -> AsyncIterator[Node]:
    """A node that has caught up; its tasks end with the block, and their errors come out of it."""
    if begin:
        await found(log, "test", vault)
    replica = Replica(log, vault, origin=b"r" * 16)
    writer = Writer(log, replica, clock=clock)
    tasks = [asyncio.create_task(replica.run()), asyncio.create_task(writer.run())]
    try:
        reached = asyncio.create_task(replica.reached.wait())
        await asyncio.wait([reached, *tasks], timeout=DEADLINE, return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        for task in tasks:
            if task.done():
                task.result()
        yield Node(log, replica, writer)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def stopped(replica: Replica) -> str:
    """The words with which a replica stopped."""
    async with asyncio.timeout(DEADLINE):
        while not replica.stopped:
            await asyncio.sleep(0.005)
    return replica.stopped
