"""An open loop: everything is handed out when it is due, and never later because of what the server does.

A crowd does not wait for the slow. A latency counts from the instant at which its action was due, so a server
(or a client) that stalls for a second is charged with everything that should have been sent during that
second, and not with the one thing that was under way.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Protocol, TypeVar

BEHIND = 200
"""How many overdue arrivals are handed out before the event loop gets a turn."""


def choose_watched(member: int, auctions: int, watched: int) -> list[int]:
    """The indices of the auctions that a member follows: ``watched`` of ``auctions``, evenly spread over the
    crowd.

    >>> choose_watched(1, auctions=3, watched=2)
    [2, 0]
    """
    return [(member * watched + choice) % auctions for choice in range(min(watched, auctions))]


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
