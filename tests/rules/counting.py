"""Work, counted: a measure that no other process on the machine disturbs."""

import sys


def count_calls(work):
    """How many functions ``work`` calls."""
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls
