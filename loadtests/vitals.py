"""What a stretch of time took of a gateway and of the crowd: CPU, the log's time, pauses.

Gateways are read at its two ends exactly, unlike samples (``gauges``), which are taken every second.
"""

import asyncio
import resource

import httpx
import msgspec

from loadtests.pauses import Pauses
from loadtests.readings import APPENDS, CPU, PAUSES, Reader, Reading, growth, spread, spreads
from loadtests.wire import StormError

SECONDS = 5.0
"""How long a gateway may take to tell."""

SLOW = 0.99


class Vitals(msgspec.Struct, frozen=True):
    """A reading of the gateway, and the CPU seconds that this process has used since it began."""

    reading: Reading
    own_cpu: float


class Spent(msgspec.Struct, frozen=True):
    """Over so many ``seconds``: ``cores`` that the gateway and this process used; the mean seconds of an
    append; those that 99 of 100 appends took at most, or that those took at least which one moment in a
    hundred fell into (as the gateway's buckets have it); the share of the time in which one was under way;
    and the ``pauses`` of the gateway's event loop by their cause.

    Both of the two count as slow: a hundred waiting actions are delayed by one append that takes a second,
    however many quick ones there are beside it.
    """

    seconds: float
    cores: float
    own_cores: float
    append: float
    slow_append: float
    append_share: float
    pauses: dict[str, Pauses] = {}


async def read_vitals(reader: Reader) -> Vitals:
    """The vitals now; the gateway is read in a thread. Raises ``StormError``."""
    try:
        reading = await asyncio.to_thread(reader.read)
    except httpx.HTTPError as error:
        raise StormError(f"/metrics cannot be read: {error or type(error).__name__}") from error
    for name in (f"{CPU}_total", f"{APPENDS}_count", f"{APPENDS}_sum"):
        if name not in reading.values:
            raise StormError(f"the gateway's /metrics have no {name!r}: is it an older one?")
    own = resource.getrusage(resource.RUSAGE_SELF)
    return Vitals(reading, own.ru_utime + own.ru_stime)


def compare(before: Vitals, after: Vitals) -> Spent:
    """What was spent in between."""
    earlier, later = before.reading, after.reading
    seconds = max(1e-9, later.at - earlier.at)
    appends = spread(earlier, later, APPENDS)
    return Spent(
        seconds=seconds,
        cores=growth(earlier, later, f"{CPU}_total") / seconds,
        own_cores=(after.own_cpu - before.own_cpu) / seconds,
        append=appends.seconds / appends.count if appends.count else 0.0,
        slow_append=max(appends.quantile(SLOW), appends.take_up((1 - SLOW) * seconds)),
        append_share=appends.seconds / seconds,
        pauses={
            cause: Pauses(int(found.count), found.seconds, found.longest)
            for cause, found in spreads(earlier, later, PAUSES).items()
            if found.count
        },
    )
