"""The formats that a storm's auctions can have: what is put to the gateway, and how long it takes.

All but English ones open once the crowd is there, and end by themselves ``TAIL_SECONDS`` after its last bid
was due, so that what was sold to whom can be checked.
"""

from enum import StrEnum
from typing import Any

TAIL_SECONDS = 2
"""How long after the last bid was due an auction ends, in seconds."""

SHORTEST = 100
"""No price clock makes a step in less, in ms."""

FLOOR_SHARE = 10
"""A Dutch price falls to this part of the opening price."""

STEPS = 90
"""At most so many steps of a price clock in a storm."""


class Format(StrEnum):
    """What ``--format`` names."""

    ENGLISH = "english"
    DUTCH = "dutch"
    SEALED = "sealed"
    VICKREY = "vickrey"
    UNIFORM = "uniform"
    PAY_AS_BID = "pay-as-bid"
    CLOCK = "clock"

    @property
    def kind(self) -> str:
        """What the gateway calls it."""
        kinds = {"vickrey": "sealed", "uniform": "multi_unit", "pay-as-bid": "multi_unit"}
        return kinds.get(self, self.value)

    @property
    def has_clock(self) -> bool:
        """Whether its price moves by itself from the opening on; then it keeps its length when it opens."""
        return self in (Format.DUTCH, Format.CLOCK)

    @property
    def pricings(self) -> frozenset[str]:
        """Which pricings of the gateway's it may have; empty where there is no choice."""
        names = {
            "sealed": {"first"},
            "vickrey": {"second"},
            "uniform": {"lowest_winning", "highest_losing"},
            "pay-as-bid": {"pay_as_bid"},
        }
        return frozenset(names.get(self, ()))


def settings_for(format: Format, *, opening: int, seconds: float, crowd: int) -> dict[str, Any] | None:
    """The settings of an auction that ``crowd`` members bid on for ``seconds``, as the wire has them; None
    for an English one. ``opening`` is its opening price in points."""
    if format is Format.DUTCH:
        return _dutch(opening, seconds)
    if format is Format.CLOCK:
        return _clock(opening, seconds, crowd)
    if format.kind == "sealed":
        return {"type": "sealed", "pricing": "second" if format is Format.VICKREY else "first"}
    if format.kind == "multi_unit":
        pricing = "pay_as_bid" if format is Format.PAY_AS_BID else "lowest_winning"
        # Members ask for two pieces on average: half of them can be in.
        return {"type": "multi_unit", "pricing": pricing, "supply": max(2, min(1_000, crowd))}
    return None


def _dutch(opening: int, seconds: float) -> dict[str, Any]:
    """The price reaches its floor as the last bids are due; there are more pieces than a crowd takes."""
    floor = max(1, opening // FLOOR_SHARE)
    steps, interval = _pace(seconds)
    step = max(1, -(-(opening - floor) // steps))
    return {"type": "dutch", "floor": floor, "interval": interval, "step": step, "supply": 1_000}


def _clock(opening: int, seconds: float, crowd: int) -> dict[str, Any]:
    """A third of the time is for joining."""
    entry = int(seconds * 1000) // 3
    _, interval = _pace(seconds * 2 / 3)
    settings = {"entry": entry, "interval": interval, "step": max(1, opening // 10)}
    return {"type": "clock", "supply": max(1, min(1_000, crowd // 4)), **settings}


def _pace(seconds: float) -> tuple[int, int]:
    """How many steps fit into ``seconds``, and the time of each in ms."""
    milliseconds = max(SHORTEST, int(seconds * 1000))
    steps = min(STEPS, milliseconds // SHORTEST)
    return steps, milliseconds // steps
