"""Where a long answer goes on: each page has the cursor of the one after it, a text that clients only hand
back."""

import heapq
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from engine.errors import Rejection

Thing = TypeVar("Thing")

_LONGEST: Final = 18
"""Digits: more than any time or number has."""


def parse_cursor(text: str) -> int:
    """The number that a cursor is. Raises ``Rejection("invalid_parameters")``."""
    if not (text.isdecimal() and len(text) <= _LONGEST):
        raise Rejection("invalid_parameters", "'after' is the 'next' of a page before.", field="after")
    return int(text)


def take_soonest(
    things: Iterable[Thing], place_of: Callable[[Thing], tuple[int, int]], *, after: str, limit: int
) -> tuple[list[Thing], str]:
    """The ``limit`` first by their places (when they end in ms, and their numbers) behind the cursor
    ``after`` (empty: from the first), and the cursor behind those, empty at the end.

    What is given a later end meanwhile may come twice, and is not left out. Raises
    ``Rejection("invalid_parameters")``.
    """
    ends_at, _, serial = after.partition("-")
    bound = (parse_cursor(ends_at), parse_cursor(serial)) if after else (-1, 0)
    left = [thing for thing in things if place_of(thing) > bound]
    found = heapq.nsmallest(limit, left, key=place_of)
    return found, "{}-{}".format(*place_of(found[-1])) if len(left) > len(found) else ""
