"""When actions are due over a run: a Poisson process whose rate follows a profile.

A profile is a share of the greatest rate, at each share of the time. ``closing`` is the last minute of real
auctions: how many seconds were left at the bids of the last 60 in the 492 eBay auctions of shared/data/
ebay_bids.csv. The table's test counts them again.
"""

import math
import random
from collections.abc import Iterator
from enum import StrEnum

STEPS = 4

LAST_MINUTE = (
    (5, 0.082),
    (10, 0.198),
    (15, 0.296),
    (20, 0.432),
    (30, 0.630),
    (40, 0.790),
    (50, 0.907),
    (60, 1.0),
)
"""What share of the bids in the last 60 s came with at most so many seconds left."""

DECAY = 3.0
"""An opening's rate falls to e⁻³, a twentieth, by the end."""


class Profile(StrEnum):
    """How the rate goes."""

    STEADY = "steady"
    RAMP = "ramp"
    STEPS = "steps"
    OPENING = "opening"
    CLOSING = "closing"

    @property
    def words(self) -> str:
        """What it is, for people."""
        return _WORDS[self]

    def share(self, passed: float) -> float:
        """The rate when this share of the time has passed, as a share of the greatest one.

        >>> [Profile.STEPS.share(passed) for passed in (0.1, 0.3, 0.9)]
        [0.25, 0.5, 1.0]
        """
        if self is Profile.RAMP:
            return passed
        if self is Profile.STEPS:
            return min(STEPS, math.floor(passed * STEPS) + 1) / STEPS
        if self is Profile.OPENING:
            return math.exp(-DECAY * passed)
        if self is Profile.CLOSING:
            return _closing_density(60 * (1 - passed)) / _CLOSING_PEAK
        return 1.0


_WORDS = {
    Profile.STEADY: "always the whole rate",
    Profile.RAMP: "from nothing to the whole rate",
    Profile.STEPS: f"in {STEPS} equal steps to the whole rate",
    Profile.OPENING: "the whole rate at the opening, a twentieth of it at the end",
    Profile.CLOSING: "as bids come in the last minute of real auctions",
}


def _closing_density(left: float) -> float:
    """The share of the last minute's bids that come in a second, with ``left`` seconds to go."""
    before, counted = 0, 0.0
    for until, share in LAST_MINUTE:
        if left <= until:
            return (share - counted) / (until - before)
        before, counted = until, share
    return 0.0


_CLOSING_PEAK = max(_closing_density(until) for until, _ in LAST_MINUTE)


def draw_instants(profile: Profile, rate: float, seconds: float, draw: random.Random) -> Iterator[float]:
    """The instants of an unbounded crowd's actions, rising, in seconds: at most ``rate`` a second on average.

    By thinning: Lewis and Shedler, Simulation of nonhomogeneous Poisson processes by thinning, 1979.
    """
    at = draw.expovariate(rate)
    while at < seconds:
        if draw.random() < profile.share(at / seconds):
            yield at
        at += draw.expovariate(rate)


def draw_moves(profile: Profile, rate: float, seconds: float, draw: random.Random) -> Iterator[float]:
    """The instants of what one hand does, rising, in seconds: ``rate`` a second on average at the profile's
    highest, and never two closer together than half of what they are apart on average."""
    at = draw.uniform(0.5, 1.5) / rate
    while at < seconds:
        if draw.random() < profile.share(at / seconds):
            yield at
        at += draw.uniform(0.5, 1.5) / rate


def draw_times(profile: Profile, count: int, seconds: float, draw: random.Random) -> list[float]:
    """``count`` instants, rising: a crowd of known size, each of whom acts once."""
    times: list[float] = []
    while len(times) < count:
        passed = draw.random()
        if draw.random() < profile.share(passed):
            times.append(passed * seconds)
    return sorted(times)
