"""The wall clock of a gateway and of whoever makes tokens for one."""

import time


def now() -> int:
    """The wall clock, in ms: tokens, limits and ``not_after`` are measured by it."""
    return time.time_ns() // 1_000_000
