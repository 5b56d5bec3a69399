"""When each bid is due: an open loop.

Arrivals are a Poisson process, drawn from a seed and never from what the server does: a crowd does not wait
for the slow. A bid's latency counts from the instant at which it was due, so a server (or a client) that
stalls for a second is charged with every bid that should have been sent during that second, and not with the
one that was under way.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple, Protocol, TypeVar

BEHIND = 200
"""How many overdue arrivals are handed out before the event loop gets a turn."""


class Arrival(NamedTuple):
    """A bid that is due ``at`` seconds after the start, by the member and on the auction with these
    indices."""

    at: float
    member: int
    auction: int


def choose_watched(member: int, auctions: int, watched: int) -> list[int]:
    """The indices of the auctions that a member follows: ``watched`` of ``auctions``, evenly spread over the
    crowd.

    >>> choose_watched(1, auctions=3, watched=2)
    [2, 0]
    """
    return [(member * watched + choice) % auctions for choice in range(min(watched, auctions))]


def draw_arrivals(
    *, rate: float, seconds: float, members: int, auctions: int, watched: int, seed: int
) -> Iterator[Arrival]:
    """All arrivals in order: ``rate`` a second on average, each by any member, on any auction that it
    follows."""
    draw = random.Random(seed)
    at = draw.expovariate(rate)
    while at < seconds:
        member = draw.randrange(members)
        yield Arrival(at, member, draw.choice(choose_watched(member, auctions, watched)))
        at += draw.expovariate(rate)


class Timed(Protocol):
    """Something that is due ``at`` seconds after the start."""

    @property
    def at(self) -> float: ...


Item = TypeVar("Item", bound=Timed)


async def pace(arrivals: Iterator[Item], start: float) -> AsyncIterator[Item]:
    """Hands out each arrival when it is due by the loop's clock; what is overdue at once, and none is left
    out."""
    loop = asyncio.get_running_loop()
    overdue = 0
    for arrival in arrivals:
        wait = start + arrival.at - loop.time()
        if wait > 0:
            await asyncio.sleep(wait)
            overdue = 0
        else:
            overdue += 1
            if overdue % BEHIND == 0:
                await asyncio.sleep(0)
        yield arrival
