"""Patience: when something that failed is tried again. Twice as long after each failure, up to a most."""

from collections.abc import Collection, Hashable


class Patience:
    """How often each of several things failed in a row, and from when on it may be tried again.

    Times are seconds, of whatever clock the caller goes by.
    """

    def __init__(self, *, least: float = 1.0, most: float = 60.0) -> None:
        self._least = least
        self._most = most
        self._failures: dict[Hashable, tuple[int, float]] = {}

    def allows(self, thing: Hashable, now: float) -> bool:
        """Whether it may be tried."""
        failures = self._failures.get(thing)
        return failures is None or now >= failures[1]

    def has_failed(self, thing: Hashable) -> bool:
        """Whether its last try failed."""
        return thing in self._failures

    def fail(self, thing: Hashable, now: float) -> float:
        """It failed; returns after how many seconds it may be tried again."""
        count = self._failures.get(thing, (0, 0.0))[0]
        pause = min(self._most, self._least * 2.0 ** min(count, 30))
        self._failures[thing] = (count + 1, now + pause)
        return pause

    def forget(self, thing: Hashable) -> None:
        """It went well, or is not wanted any more."""
        self._failures.pop(thing, None)

    def keep(self, things: Collection[Hashable]) -> None:
        """Forgets all others."""
        for thing in [one for one in self._failures if one not in things]:
            del self._failures[thing]
