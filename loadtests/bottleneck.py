"""What a deployment waits for at the rate at which it bends, and what says so.

The causes are looked at in an order: what the client itself is to blame for comes first, since it makes
everything else look slow; then the gateway's CPU, its pauses, and this machine's cores, which make appends
look slow; then the log. Nothing of it has to be much on average: a pause of one second in ten is the p99 of
all that came meanwhile.
"""

from enum import StrEnum
from pathlib import Path

import msgspec

from loadtests.measures import Summary
from loadtests.pauses import WAITING, Pauses, explain, find_longest
from loadtests.vitals import Spent

FULL = 0.85
"""Of a core: a process of one thread that uses so much is at its end."""

OWN_SHARE = 0.5
"""Of a latency's p99: if so much of it is the crowd's own lateness, the crowd is what was measured."""

APPENDS = 2
"""An action waits for the append that is under way, and then for its own: so many slow ones are its p99."""


class Cause(StrEnum):
    """What there was not enough of."""

    CLIENT = "client"
    GATEWAY = "gateway CPU"
    LOG = "log fsync"
    MACHINE = "machine"
    PAUSE = "gateway's event loop"
    UNKNOWN = "unknown"


class Load(msgspec.Struct, frozen=True):
    """What was measured at one rate: the latency of what is asked for, the crowd's own lateness, what gateway
    and crowd spent; of this machine's ``cores``, how many were ``busy``, whoever used them; and the pauses of
    the crowd's event loop by their cause."""

    latency: Summary
    lateness: Summary
    spent: Spent
    cores: int
    busy: float
    own_pauses: dict[str, Pauses] = {}


class Bottleneck(msgspec.Struct, frozen=True):
    """The cause, and the figures that say so, in a sentence."""

    cause: Cause
    words: str


def find_bottleneck(load: Load) -> Bottleneck:
    """What actions waited for at this load."""
    spent, p99, late = load.spent, load.latency.p99, load.lateness.p99
    gateway = f"the gateway used {spent.cores:.2f} of a core"
    crowd = f"the crowd {spent.own_cores:.2f}"
    if late >= OWN_SHARE * p99:
        words = f"the crowd was {late:.0f} ms late at p99, of {p99:.0f} ms; {gateway}, {crowd}"
        if spent.own_cores >= FULL:
            return Bottleneck(Cause.CLIENT, f"{words}: use --processes, or more hosts")
        paused = explain(load.own_pauses, late, spent.seconds)
        words += f"; the crowd's event loop {paused}" if paused else ""
        return _blame_machine(load) or Bottleneck(Cause.CLIENT, words)
    if spent.cores >= FULL:
        return Bottleneck(Cause.GATEWAY, f"{gateway}, {crowd}: more gateways, or faster cores")
    paused = explain(spent.pauses, p99, spent.seconds)
    crowded = _blame_machine(load)
    if paused and not (crowded and find_longest(spent.pauses) == WAITING):
        return Bottleneck(Cause.PAUSE, f"it {paused}; {gateway}, {crowd}")
    mean, slow = 1000 * spent.append, 1000 * spent.slow_append
    append = f"an append took {mean:.1f} ms on average and up to {slow:.0f} ms"
    if crowded is not None:
        return Bottleneck(crowded.cause, f"{crowded.words}; {append}")
    if APPENDS * max(mean, slow) >= p99:
        share = f"one was under way {spent.append_share:.0%} of the time"
        return Bottleneck(Cause.LOG, f"{append}, {share}; {gateway}: a faster disk for the log's server")
    return Bottleneck(Cause.UNKNOWN, f"{gateway}, {crowd}; {append}")


def _blame_machine(load: Load) -> Bottleneck | None:
    """Whether this machine has no core left, and what for."""
    if load.busy < 0.95 * load.cores:
        return None
    others = max(0.0, load.busy - load.spent.cores - load.spent.own_cores)
    words = f"{load.busy:.2f} of this machine's {load.cores} cores were busy"
    return Bottleneck(
        Cause.MACHINE, f"{words}, {others:.2f} of them with neither crowd nor gateway: run them apart"
    )


class Cores(msgspec.Struct, frozen=True):
    """How long all cores of this machine were busy, and how long there were any, in ticks."""

    busy: int
    all: int


def read_cores(source: Path = Path("/proc/stat")) -> Cores:
    """Since the machine was started (proc_stat(5)); nothing where there is no such file."""
    try:
        ticks = [int(word) for word in source.read_text().split("\n", 1)[0].split()[1:]]
    except (OSError, ValueError):
        return Cores(0, 0)
    user, nice, system, idle, waiting, interrupts, soft, stolen = (*ticks, *([0] * 8))[:8]
    busy = user + nice + system + interrupts + soft + stolen
    return Cores(busy, busy + idle + waiting)


def count_busy(before: Cores, after: Cores, cores: int) -> float:
    """How many cores were busy in between, of so many; 0 where it is not known."""
    ticks = after.all - before.all
    return cores * (after.busy - before.busy) / ticks if ticks > 0 else 0.0
