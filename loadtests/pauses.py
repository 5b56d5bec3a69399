"""How long an event loop stood still, what for, and whether a latency may be due to it.

Gateways tell it of theirs by cause (``livelot_pause_seconds``); a crowd feels its own.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from gateway.pulse import Meter, feel_pulse
from loadtests.wording import word_milliseconds

SHARE: Final = 0.5
"""Of a latency's p99: what is half as long may be most of what an action waited for, since what came
meanwhile has to be worked off as well …"""

ONE_IN: Final = 100
"""… where it took one in so many moments: otherwise it is beyond the p99."""

WAITING: Final = "waiting"

WORDS: Final = {
    "collector": "the garbage collector was at work",
    "computing": "it computed, and gave nobody a turn",
    WAITING: "no core was free for it",
    "blocked": "it was stopped, or waited for a disk",
}
"""What the causes mean. Of others, the name is told."""


class Pauses(msgspec.Struct, frozen=True):
    """How often a loop stood still, for how many ``seconds`` together, and for how many at most at once."""

    count: int = 0
    seconds: float = 0.0
    longest: float = 0.0


def find_longest(pauses: Mapping[str, Pauses]) -> str:
    """The cause of the longest; empty where there were none."""
    return max(pauses, key=lambda cause: pauses[cause].longest, default="")


def explain(pauses: Mapping[str, Pauses], p99: float, seconds: float) -> str:
    """What a loop did, within so many seconds, that a p99 (ms) may be due to; empty where it is not."""
    together = sum(found.seconds for found in pauses.values())
    found = pauses.get(cause := find_longest(pauses), Pauses())
    if not found.count or ONE_IN * together < seconds or 1000 * found.longest < SHARE * p99:
        return ""
    times = "once" if found.count == 1 else f"{found.count} times"
    longest = word_milliseconds(1000 * found.longest)
    return f"stood still {times}, for up to {longest}, since {WORDS.get(cause, cause)}"


@asynccontextmanager
async def feel_own() -> AsyncIterator[dict[str, Pauses]]:
    """Gathers the pauses of the event loop that runs this, by their cause."""
    pauses: dict[str, Pauses] = {}

    def note(cause: str, seconds: float) -> None:
        before = pauses.get(cause, Pauses())
        longest = max(before.longest, seconds)
        pauses[str(cause)] = Pauses(before.count + 1, before.seconds + seconds, longest)

    meter = Meter()
    feeling = asyncio.create_task(feel_pulse(note, meter))
    try:
        yield pauses
    finally:
        feeling.cancel()
        await asyncio.wait([feeling])
        meter.close()
