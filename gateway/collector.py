"""Python's collector of cycles, in a process that serves many at once.

Nearly everything that a process makes for a call is freed by counting references, as soon as the call is
answered. The collector finds next to nothing, and takes its time for it: at Python's own thresholds it walks
through all calls that are in flight, several times for each batch of them, and now and then through all code
that was ever imported, while every client waits.
"""

import gc
from typing import Final

THRESHOLDS: Final = (10_000, 2, 2)
"""After so many objects that came and have not gone the youngest are looked at: more than a thousand calls in
flight are made of. Between two full looks 10 000 · 3 · 3 can come together, much as with Python's own
thresholds (700 · 11 · 11): closed sockets are cycles, and not small."""


def settle_collector() -> None:
    """What is there now lives as long as the process: it is not looked at any more.

    Call it when a process has started, and once more when it has its state.
    """
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
