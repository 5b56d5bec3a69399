"""What a gateway puts up with: sizes, rates and times, and the buckets that count calls.

Every limit has a refusal of its own, so that a client learns which one it met. 0 means no limit for a rate.
"""

from collections import OrderedDict
from typing import Final

import msgspec

from engine.commands import SERVICE
from engine.units import SECOND
from gateway.identity import Caller
from gateway.wire import FRAME_LIMIT

_CALLERS: Final = 100_000
"""How many callers' buckets are remembered; past it the one that was silent longest starts afresh."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Counts and bytes are for one connection, unless the name says otherwise; times are seconds.

    ``calls_per_second`` and ``burst`` are one caller's, over all of its connections; a service, which speaks
    for many members, has its own. ``in_flight``: past it, a socket is not read until an answer went out.
    ``member_sockets``: those of one member at this gateway.
    ``pipelined``: HTTP requests that wait behind the one that is answered; past it, a client is cut off. A
    listener with more than ``soft_backlog`` bytes unsent skips pushes until it has caught up, past
    ``hard_backlog`` it is cut off. ``request_seconds``: from a connection's or request's first moment until
    its last byte. ``answer_seconds``: how long HTTP waits for the log.
    """

    frame: int = FRAME_LIMIT
    headers: int = 32 * 1024
    calls_per_second: int = 100
    burst: int = 200
    service_calls_per_second: int = 5_000
    service_burst: int = 10_000
    in_flight: int = 64
    pipelined: int = 100
    subscriptions: int = 500
    connections: int = 20_000
    member_sockets: int = 100
    soft_backlog: int = 64 * 1024
    hard_backlog: int = 1024 * 1024
    request_seconds: float = 10.0
    keep_alive_seconds: int = 15
    authentication_seconds: float = 10.0
    ping_seconds: float = 20.0
    close_seconds: float = 3.0
    answer_seconds: float = 30.0
    position_seconds: float = 5.0
    drain_seconds: int = 10


class Bucket:
    """A token bucket: ``rate`` calls a second, ``burst`` at once. Refused calls are free, but counted by a
    second one.

    So a client that is a little too fast has what is too much refused, and one that goes on flooding at more
    than twice the rate is found out (``abused``).
    """

    __slots__ = ("_burst", "_rate", "_refusals", "_then", "_tokens")

    def __init__(self, rate: int, burst: int, now: int) -> None:
        self._rate = rate / SECOND
        self._burst = burst
        self._tokens: float = burst
        self._refusals: float = burst
        self._then = now

    def take(self, now: int) -> bool:
        """Whether a call at ``now`` (ms) is within the rate."""
        if not self._rate:
            return True
        if now > self._then:
            more = (now - self._then) * self._rate
            self._then = now
            self._tokens = min(self._burst, self._tokens + more)
            self._refusals = min(self._burst, self._refusals + more)
        if self._tokens >= 1:
            self._tokens -= 1
            return True
        self._refusals -= 1
        return False

    @property
    def abused(self) -> bool:
        """Whether refusals did not make the client slow down."""
        return self._refusals < 0


class Buckets:
    """The buckets of a process's callers: one for all of a caller's connections."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buckets: OrderedDict[tuple[int, str], Bucket] = OrderedDict()

    def of(self, caller: Caller, now: int) -> Bucket:
        """The caller's own."""
        key = (caller.role, caller.actor)
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = self._fresh(caller.role, now)
            if len(self._buckets) > _CALLERS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket

    def anonymous(self, now: int) -> Bucket:
        """For a connection that has not said who it is."""
        return Bucket(self._limits.calls_per_second, self._limits.burst, now)

    def _fresh(self, role: int, now: int) -> Bucket:
        limits = self._limits
        if role == SERVICE:
            return Bucket(limits.service_calls_per_second, limits.service_burst, now)
        return self.anonymous(now)
