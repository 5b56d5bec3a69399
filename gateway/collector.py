"""What the garbage collector of a server's process does not look at.

Whenever it looks at the oldest objects it looks at all of them: code, state, and 140 for each open socket.
With thousands of sockets everything stands still for half a second and more. So what has outlived one such
look is taken out of the next ones, which then find what came since. That is right as long as the rest goes by
its last reference, without the collector: nothing that a gateway keeps for a connection or a request may
point in a circle once it is let go of. ``tests/gateway/test_collector.py`` guards it.

Which generation is looked at when, and what ``gc.freeze`` does: https://docs.python.org/3/library/gc.html.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

OLDEST: Final = 2
"""The number of the last generation."""

YOUNGEST: Final = 10_000
"""After so many objects that came and have not gone the youngest are looked at: more than a thousand calls in
flight are made of, which would be looked through several times for each batch of them."""

SECOND_LOOKS: Final = 2
"""The middle ones are looked at after so many looks at the youngest …"""

LOOKS: Final = 3
"""… and the oldest after so many looks at the middle ones: often, since there are few of them."""


def spare_survivors() -> None:
    """Has what is there by now left alone, and whatever outlives a look at the oldest objects from now on.
    May be called more than once."""
    if _freeze not in gc.callbacks:
        gc.callbacks.append(_freeze)
    gc.set_threshold(YOUNGEST, SECOND_LOOKS, LOOKS)
    gc.collect()


@contextmanager
def sparing_survivors() -> Iterator[None]:
    """The same for a while; afterwards the collector is as it was. Within another, it changes nothing."""
    if _freeze in gc.callbacks:
        yield
        return
    thresholds = gc.get_threshold()
    spare_survivors()
    try:
        yield
    finally:
        gc.callbacks.remove(_freeze)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _freeze(phase: str, details: dict[str, Any]) -> None:
    if phase == "stop" and details["generation"] == OLDEST:
        gc.freeze()
