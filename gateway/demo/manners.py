"""How a member of the demo's crowd bids in each format: the next bid, from what everybody and it are shown.

``value`` is what a piece is worth to the member, in points, and ``own`` its part in the auction, as its topic
``me`` has it; None: it has none yet.
"""

import random
from typing import Any, Final, NamedTuple

LARGEST_SHADE: Final = 0.85
"""At most this part of a value is offered where the winner pays its own bid."""

GIVES_UP: Final = 0.05
"""How often a look at a clock whose price nears the member's value has it say out."""


class Bid(NamedTuple):
    """What a bidder does: a maximum, for one or more pieces; or, with ``at_once``, the buy-now price; or it
    ``leaves`` a clock."""

    auction: str
    points: int
    at_once: bool = False
    quantity: int = 1
    leaves: bool = False


class Look(NamedTuple):
    """What a bidder sees when it looks at an auction of another format than English at ``now`` (ms)."""

    auction: dict[str, Any]
    own: dict[str, Any] | None
    value: int
    available: int
    now: int
    planner: bool

    @property
    def maximum(self) -> int:
        """The member's last bid, 0 for none."""
        return self.own["maximum"] if self.own else 0

    @property
    def affordable(self) -> int:
        """The points that a new bid may need: those that the last one holds count again."""
        return self.available + (self.maximum * self.own["quantity"] if self.own else 0)

    @property
    def limit(self) -> int:
        """As high as it goes by now: it takes the auction's time to get to the whole value."""
        length = self.auction["ends_at"] - self.auction["starts_at"]
        passed = min(1.0, max(0.0, (self.now - self.auction["starts_at"]) / length))
        return int(self.value * (0.5 + 0.5 * passed))


def choose_for_pieces(look: Look, chance: random.Random) -> Bid | None:
    """The next bid in an auction of another format than English, or None."""
    choose = {"dutch": _take, "sealed": _seal, "multi_unit": _ask, "clock": _follow_clock}
    chosen = choose.get(look.auction["format"])
    return chosen(look, chance) if chosen is not None else None


def price_of(auction: dict[str, Any], now: int) -> int:
    """What a price clock shows at ``now`` (ms), in points."""
    clock = auction["pieces"]["clock"]
    ran = now - clock["opened_at"] - clock["paused_for"] - clock["entry"]
    change: int = max(0, ran) // clock["interval"] * clock["step"]
    opening: int = auction["opening"]
    floor: int = clock["floor"]
    return max(floor, opening - change) if floor else opening + change


def _take(look: Look, chance: random.Random) -> Bid | None:
    """Takes a piece or two, once, as soon as they cost no more than they are worth."""
    pieces = look.auction["pieces"]
    left = pieces["supply"] - pieces["sold"]
    price = price_of(look.auction, look.now)
    if not left or price > look.value or (look.own and look.own["won"]):
        return None
    quantity = min(left, chance.choice((1, 1, 2)))
    if price * quantity > look.available:
        return None
    return Bid(look.auction["id"], look.value, quantity=quantity)


def _seal(look: Look, chance: random.Random) -> Bid | None:
    """Where the second bid sets the price, the whole value at once; else less, and more towards the end."""
    if look.auction["pieces"]["pricing"] == "second":
        points, least = look.value, look.maximum + 1
    else:
        # A change of a few points would only tell the member's own nerves.
        points, least = int(look.limit * LARGEST_SHADE), look.maximum + max(1, look.maximum // 10)
    points = min(points, look.affordable)
    return Bid(look.auction["id"], points) if points >= max(least, look.auction["opening"]) else None


def _ask(look: Look, chance: random.Random) -> Bid | None:
    """Asks for one to three pieces; again, at more, once that gets it nothing any more."""
    if look.own and look.own["leading"]:
        return None
    quantity = max(look.own["quantity"] if look.own else 0, chance.choice((1, 1, 2, 3)))
    limit = min(look.limit, look.affordable // quantity)
    least = max(look.auction["minimum"], look.maximum + 1)
    if least > limit:
        return None
    return Bid(look.auction["id"], min(limit, least + 25 * chance.randrange(4)), quantity=quantity)


def _follow_clock(look: Look, chance: random.Random) -> Bid | None:
    """Joins while that can be done, raises when the price comes near, and now and then has had enough."""
    clock, price = look.auction["pieces"]["clock"], price_of(look.auction, look.now)
    if look.own is None:
        joining = look.now < clock["opened_at"] + clock["paused_for"] + clock["entry"]
        points = min(look.affordable, look.value if look.planner else look.value * 3 // 5)
        return Bid(look.auction["id"], points) if joining and points >= price else None
    if look.maximum < price:
        return None
    if price > look.value * 0.8 and chance.random() < GIVES_UP:
        return Bid(look.auction["id"], 0, leaves=True)
    points = min(look.affordable, look.value, look.maximum + clock["step"] * chance.randint(1, 3))
    is_near = look.maximum < price + 2 * clock["step"]
    return Bid(look.auction["id"], points) if is_near and points > look.maximum else None
