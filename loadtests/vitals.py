"""What a gateway says of itself at ``/metrics``: its CPU time, and how long the log took.

It works from anywhere; where several gateways are behind one address, it is one of them that answers.
"""

import resource
import time

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from loadtests.wire import StormError

METRICS = (
    "process_cpu_seconds_total ",
    "livelot_append_seconds_",
)
"""What the lines start with that are looked at."""

SLOW = 0.99


class Vitals(msgspec.Struct, frozen=True):
    """At ``at`` s (monotonic): CPU seconds of the gateway and of this process since each began, and how
    many batches the log has taken in how many seconds; ``buckets`` says in how many of them it took at most
    so many seconds each."""

    at: float
    cpu: float
    own_cpu: float
    appends: int
    append_seconds: float
    buckets: dict[float, int] = {}


class Spent(msgspec.Struct, frozen=True):
    """Between two readings: ``cores`` that the gateway and this process used; the mean seconds of an append,
    the seconds that 99 of 100 took at most (as the gateway's buckets have it), and the share of the time in
    which one was under way."""

    cores: float
    own_cores: float
    append: float
    slow_append: float
    append_share: float


def parse_vitals(text: str, at: float, own_cpu: float) -> Vitals:
    """What Prometheus' text format tells. Raises ``StormError`` for a gateway that does not tell it."""
    # Reading all of it would take the crowd milliseconds.
    lines = "".join(f"{line}\n" for line in text.splitlines() if line.startswith(METRICS))
    samples = [sample for family in text_string_to_metric_families(lines) for sample in family.samples]
    values = {sample.name: sample.value for sample in samples}
    buckets = {float(one.labels["le"]): int(one.value) for one in samples if "le" in one.labels}
    try:
        return Vitals(
            at=at,
            cpu=values["process_cpu_seconds_total"],
            own_cpu=own_cpu,
            appends=int(values["livelot_append_seconds_count"]),
            append_seconds=values["livelot_append_seconds_sum"],
            buckets=buckets,
        )
    except KeyError as error:
        raise StormError(f"the gateway's /metrics have no {error}: is it an older one?") from error


def compare(before: Vitals, after: Vitals) -> Spent:
    """What was spent in between."""
    seconds = max(1e-9, after.at - before.at)
    appends, took = after.appends - before.appends, after.append_seconds - before.append_seconds
    return Spent(
        cores=(after.cpu - before.cpu) / seconds,
        own_cores=(after.own_cpu - before.own_cpu) / seconds,
        append=took / appends if appends > 0 else 0.0,
        slow_append=_find_slow(before, after),
        append_share=took / seconds,
    )


def _find_slow(before: Vitals, after: Vitals) -> float:
    """The upper end of the bucket that 99 of 100 appends are in or below; of the last one, its lower end."""
    counts = {end: after.buckets[end] - before.buckets.get(end, 0) for end in sorted(after.buckets)}
    appends = max(counts.values(), default=0)
    if not appends:
        return 0.0
    end = next(end for end, count in counts.items() if count >= SLOW * appends)
    return end if end != float("inf") else max((one for one in counts if one != end), default=0.0)


async def read_vitals(client: httpx.AsyncClient) -> Vitals:
    """The gateway's vitals now; ``client`` has its address. Raises ``StormError``."""
    try:
        response = await client.get("/metrics")
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise StormError(f"/metrics cannot be read: {error or type(error).__name__}") from error
    own = resource.getrusage(resource.RUSAGE_SELF)
    return parse_vitals(response.text, time.monotonic(), own.ru_utime + own.ru_stime)
