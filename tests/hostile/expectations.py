"""What a member is answered that asks for every operation, about what there is and about what there is not.

One row an operation, in the table's order: an operation without a row fails ``test_authority.py``. Roles and
the parameters come from ``tests/gateway/test_operations.py``; there, and in ``planting.py``, is what the ids
mean.
"""

from typing import Any, NamedTuple

from tests.hostile.planting import STRANGER


class Row(NamedTuple):
    """What the stranger is answered.

    ``there``: about the thing of the table, which is the victim's where it can be anybody's. ``nowhere``:
    about one of the same kind that does not exist (None: it names no such thing). ``own``: what the stranger
    asks for about a thing of its own, and gets.
    """

    there: str = "ok"
    nowhere: str | None = None
    own: dict[str, Any] | None = None


STAFF = Row("forbidden", "forbidden")
"""Members may not ask it, so they are not told either whether what they name exists."""

EXPECTED: dict[str, Row] = {
    "program.get": STAFF,
    "program.configure": STAFF,
    "program.raise_level": STAFF,
    "member.upsert": STAFF,
    "member.get": STAFF,
    "points.credit": STAFF,
    "points.adjust": STAFF,
    "auction.list": Row(),
    "auction.get": Row(nowhere="unknown_auction"),
    "auction.terms": STAFF,
    "auction.bids": Row(nowhere="unknown_auction"),
    "auction.sales": STAFF,
    "auction.create": STAFF,
    "auction.update": STAFF,
    "auction.refund": STAFF,
    "auction.schedule": STAFF,
    "auction.open": STAFF,
    "auction.extend": STAFF,
    "auction.pause": STAFF,
    "auction.resume": STAFF,
    "auction.lower_reserve": STAFF,
    "auction.lower_supply": STAFF,
    "auction.void_bid": STAFF,
    "auction.cancel": STAFF,
    "auction.offer_second_chance": STAFF,
    "auction.bid": Row(nowhere="unknown_auction"),
    "auction.leave": Row("not_in", "unknown_auction", {"auction": "a-own-clock"}),
    "auction.buy_now": Row("buy_now_unavailable", "unknown_auction"),
    "auction.accept_second_chance": Row("no_offer", "unknown_auction", {"auction": "a-own"}),
    "auction.decline_second_chance": Row("no_offer", "unknown_auction", {"auction": "a-own2"}),
    "me": Row(),
    "me.points": Row(),
    "me.bids": Row(),
    "raffle.list": Row(),
    "raffle.create": STAFF,
    "raffle.locks": Row(),
    "raffle.key": STAFF,
    "raffle.get": Row(nowhere="unknown_raffle"),
    "raffle.terms": STAFF,
    "raffle.update": STAFF,
    "raffle.schedule": STAFF,
    "raffle.open": STAFF,
    "raffle.close": STAFF,
    "raffle.void": STAFF,
    "raffle.buy": Row(nowhere="unknown_raffle"),
    "raffle.grant": STAFF,
    "raffle.entries": STAFF,
    "raffle.draw": STAFF,
    "raffle.places": Row(nowhere="unknown_raffle"),
    "raffle.winners": STAFF,
    "raffle.claim": Row("no_prize", "unknown_raffle", {"raffle": "r-own"}),
    "raffle.decline": Row("no_prize", "unknown_raffle", {"raffle": "r-own2"}),
    "raffle.forfeit": STAFF,
    "raffle.proof": Row("no_entry", "unknown_raffle", {"raffle": "r-own"}),
    "raffle.audit": STAFF,
    "me.raffles": Row(),
    "catalogue.list": Row(),
    "catalogue.get": Row(nowhere="unknown_experience"),
    "experience.list": STAFF,
    "experience.get": STAFF,
    "experience.put": STAFF,
    "experience.remove": STAFF,
    "redemption.redeem": Row(nowhere="unknown_experience"),
    "redemption.list": STAFF,
    "redemption.get": Row("unknown_redemption", "unknown_redemption", {"redemption": "R2"}),
    "redemption.paid": STAFF,
    "redemption.confirm": STAFF,
    "redemption.cancel": Row("unknown_redemption", "unknown_redemption", {"redemption": "R3"}),
    "redemption.refund": STAFF,
    "me.redemptions": Row(),
    "campaign.list": STAFF,
    "campaign.get": STAFF,
    "campaign.preview": STAFF,
    "campaign.put": STAFF,
    "campaign.schedule": STAFF,
    "campaign.pause": STAFF,
    "campaign.resume": STAFF,
    "campaign.end": STAFF,
    "campaign.archive": STAFF,
    "price.quote": Row(nowhere="unknown_experience"),
    "price.table": STAFF,
    "rules.get": STAFF,
    "rules.history": STAFF,
    "rules.begin": STAFF,
    "rules.put": STAFF,
    "rules.check": STAFF,
    "rules.try": STAFF,
    "rules.preview": STAFF,
    "rules.publish": STAFF,
    "rules.approve": STAFF,
    "rules.drop": STAFF,
    "rules.roll_back": STAFF,
    "rules.tune": STAFF,
    "rules.foresee": STAFF,
    "directory.get": STAFF,
    "directory.put": STAFF,
    "member.export": STAFF,
    "member.erase": STAFF,
    "me.directory": Row(),
    "me.put_directory": Row(),
    "me.export": Row(),
    "member.find": STAFF,
    "member.points": STAFF,
    "member.bids": STAFF,
    "member.raffles": STAFF,
    "member.redemptions": STAFF,
    "me.card": Row(),
    "calendar.days": STAFF,
    "calendar.windows": STAFF,
    "audit.list": STAFF,
}

THERE = {
    "auction.leave": {"auction": "a-clock"},
    "auction.accept_second_chance": {"auction": "a-offered"},
    "auction.decline_second_chance": {"auction": "a-offered"},
    "raffle.claim": {"raffle": "r-won"},
    "raffle.decline": {"raffle": "r-won"},
    "raffle.proof": {"raffle": "r-won"},
}
"""Where the victim's thing is another than the table's."""

CONTEXTS = {"price.quote": "context"}
"""What staff says and members must not."""

NOWHERE = {
    "auction": "a0",
    "raffle": "r0",
    "experience": "e0",
    "redemption": "R0",
    "campaign": "c0",
    "draft": "d0",
    "member": "nobody",
    "rule": "x0",
    "revision": 999,
}
"""By the name of a parameter: an id that nothing has."""

SELF = {"member": STRANGER}
