"""What a member does in an auction of another format than English, from what it knows of the auction and of
its own part in it.

A move only looks at what everybody is shown. Each member has a limit for each auction, drawn from both names,
that it does not bid above where the format has bids end by themselves.
"""

import random

import msgspec

from loadtests.book import HEADROOM, Entry

QUANTITY = 3
"""A member asks for at most so many pieces."""

LEAVES = 0.1
"""How often a member that is in a running clock says out when it is its turn."""

STEPS_AHEAD = 25
"""A clock's members stay in for at most so many steps."""


class Move(msgspec.Struct, frozen=True):
    """A bid of at most ``maximum`` points a piece; 0: the member leaves the clock."""

    maximum: int
    quantity: int = 1
    partial: bool = False


class Part(msgspec.Struct, frozen=True):
    """A member's part in an auction: its last bid there (0: none), whether it gets something as things stand,
    and the points that it has available."""

    member: str
    maximum: int
    quantity: int
    leading: bool
    available: int

    @property
    def affordable(self) -> int:
        """How many points a bid may need: what its last bid holds counts again."""
        return self.available + self.maximum * self.quantity


def choose_move(entry: Entry, part: Part, now: int, draw: random.Random) -> Move | None:
    """The next move at ``now`` (ms), or None where it is better to wait."""
    if entry.format == "dutch":
        return _take(entry, part, now, draw)
    if entry.format == "clock":
        return _stay_in(entry, part, now, draw)
    if entry.format == "sealed":
        least = part.maximum + 1 if part.maximum else entry.opening
        return _afford(part, _above(least, entry.opening, draw), 1, least)
    return _ask(entry, part, draw)


def _take(entry: Entry, part: Part, now: int, draw: random.Random) -> Move | None:
    """Takes pieces once the price has come down to what it wants; some are a step too early."""
    clock = entry.clock
    if clock is None or not clock.opened_at:
        return None
    wish = draw.randint(clock.floor, entry.opening)
    price = clock.price_at(entry.opening, now)
    if wish < price - clock.step:
        return None
    quantity = draw.randint(1, QUANTITY)
    return Move(wish, quantity) if max(wish, price) * quantity <= part.available else None


def _ask(entry: Entry, part: Part, draw: random.Random) -> Move | None:
    """Asks for some pieces, and for as many again at more once that is not enough to be in."""
    if part.leading:
        return None
    least = max(entry.minimum, part.maximum + 1)
    quantity = max(part.quantity, draw.randint(1, min(QUANTITY, entry.supply)))
    return _afford(part, _above(least, entry.opening, draw), quantity, least, partial=draw.random() < 0.5)


def _stay_in(entry: Entry, part: Part, now: int, draw: random.Random) -> Move | None:
    """Joins while that can be done, raises as long as its limit allows, and sometimes says out."""
    clock = entry.clock
    if clock is None or not clock.opened_at:
        return None
    joining, price = now < clock.opened_at + clock.entry, clock.price_at(entry.opening, now)
    if not part.maximum:
        return _afford(part, price + clock.step * draw.randint(0, 3), 1, price) if joining else None
    if part.maximum < price:
        return None
    if not joining and draw.random() < LEAVES:
        return Move(0)
    limit = entry.opening + clock.step * limit_of(part.member, entry.auction)
    maximum = min(limit, part.maximum + clock.step * draw.randint(1, 3))
    return _afford(part, maximum, 1, part.maximum + 1)


def limit_of(member: str, auction: str) -> int:
    """For how many steps the member stays in that clock: the same whenever it is asked."""
    return random.Random(f"{member} {auction}").randint(1, STEPS_AHEAD)


def _above(least: int, opening: int, draw: random.Random) -> int:
    """``least``, or somewhat more."""
    return least + draw.randint(0, HEADROOM) * max(1, opening // 20)


def _afford(part: Part, maximum: int, quantity: int, least: int, *, partial: bool = False) -> Move | None:
    """A bid of ``maximum`` each, as far as the member's points go; None below ``least``."""
    maximum = min(maximum, part.affordable // quantity)
    return Move(maximum, quantity, partial) if maximum >= max(1, least) else None
