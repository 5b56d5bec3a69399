"""What members and managers ask of auctions and points; chosen close to where rules bend.

A workload draws everything from the ``random`` that it is given: one of hypothesis, which shrinks, or one
with a seed.
"""

from random import Random
from typing import Any, get_args

import msgspec

from engine import commands as c
from engine.simulator.auditor.auction import RUNNING
from engine.simulator.auditor.model import Model
from engine.units import DAY, HOUR, MAXIMUM_POINTS, MINUTE

PEOPLE = ("anna", "ben", "cleo", "dan")
TIERS = ("gold", "silver")
WEIGHTS = {
    "place_bid": 60,
    "create_auction": 3,
    "open_auction": 3,
    "void_bid": 6,
    "buy_now": 4,
    "credit_points": 5,
    "adjust_points": 2,
    "upsert_member": 2,
    "configure": 1,
    "update_auction": 2,
    "schedule_auction": 2,
    "extend_auction": 1,
    "pause_auction": 1,
    "resume_auction": 3,
    "lower_reserve": 3,
    "cancel_auction": 0.4,
    "refund_auction": 3,
    "offer_second_chance": 5,
    "accept_second_chance": 4,
    "decline_second_chance": 1,
    "tick": 2,
}
"""How often each command comes while an auction is running."""

TABLES = (
    (c.IncrementStep(0, 100),),
    (c.IncrementStep(600, 7), c.IncrementStep(900, 50), c.IncrementStep(0, 120)),
)
SOFT_CLOSES = (
    None,
    c.SoftClose("append", 5 * MINUTE, 5 * MINUTE, 12 * MINUTE),
    c.SoftClose("append", HOUR, 3 * MINUTE, DAY),
    c.SoftClose("reset", 20 * MINUTE, 21 * MINUTE, HOUR),
)

OWN = tuple(
    command
    for command in get_args(c.AnyCommand)
    if any(field.name == "member" and not field.required for field in msgspec.structs.fields(command))
)
"""What a member asks for itself; everything else is for staff to ask."""


def role_of(command: c.Command, number: int) -> int:
    """In which role the ``number``-th command is asked for: staff takes turns."""
    return c.MEMBER if isinstance(command, OWN) else (c.MANAGER, c.OPERATOR)[number % 2]


class AuctionWorkload:
    """Chooses the next command by what the ``model`` has come to; ``at`` (ms) is about when it will be
    applied."""

    random: Random
    model: Model

    @property
    def at(self) -> int:
        """The time that choices go by."""
        return self.model.at

    def settings(self) -> c.ProgramSettings:
        """What a program begins with."""
        return self._settings("expiry" if self.random.random() < 0.7 else "earned")

    def first_commands(self) -> list[c.Command]:
        """What makes its members known, and gives them points."""
        random = self.random
        known: list[c.Command] = []
        for id in PEOPLE:
            tier = random.choice(TIERS)
            known.append(c.UpsertMember(id, tier, "north", ("vip",) * random.randrange(2)))
            known.append(c.CreditPoints(id, random.choice((2_000, 5_000, 20_000))))
        return known

    def next_command(self) -> tuple[c.Command, str]:
        """A command, and who asks for it."""
        member = self.random.choice(PEOPLE)
        running = self._auction("open", "paused")
        if running in self.model.auctions or self.random.random() < 0.3:
            name = self.random.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        else:
            name = self.random.choice(("create_auction", "open_auction", "schedule_auction"))
        return getattr(self, f"_{name}")(running, member), member

    def _auction(self, *statuses: str) -> str:
        """An auction in one of these statuses, if there is one; now and then any, or none."""
        fitting = [auction.id for auction in self.model.auctions.values() if auction.status in statuses]
        if self.random.random() < 0.1:
            fitting = ["nowhere", *self.model.auctions]
        return self.random.choice(fitting[-3:] or ["nowhere"])

    def _place_bid(self, auction: str, member: str) -> c.PlaceBid:
        random = self.random
        found = self.model.auctions.get(auction)
        near = [500, 1_000]
        if found is not None:
            near += [found.minimum] * 9 + [found.reserve or 500] + [bid.maximum for bid in found.bids[-4:]]
        near.append(self.model.people[member].lots.total())
        maximum = random.choice(near) + random.choice((-1, 0, 0, 1, 50, 99, 100, 101, 400, 2_000))
        behalf = random.choice((*PEOPLE, "nobody")) if random.random() < 0.1 else ""
        return c.PlaceBid(auction, max(1, maximum), behalf)

    def _buy_now(self, auction: str, member: str) -> c.BuyNow:
        return c.BuyNow(auction, self.random.choice((1_999, 2_000, MAXIMUM_POINTS)))

    def _void_bid(self, auction: str, member: str) -> c.VoidBid:
        found = self.model.auctions.get(auction)
        bids = found.bids if found else []
        number = self.random.randrange(max(1, len(bids) - 4), len(bids) + 2)
        if found and found.leader and found.status in RUNNING and self.random.random() < 0.5:
            number = bids.index(found.leading) + 1
        return c.VoidBid(auction, number, "typing error")

    def _terms(self) -> c.AuctionTerms:
        random = self.random
        starts_at = self.at + random.choice((-HOUR, 0, 0, MINUTE, HOUR))
        return c.AuctionTerms(
            "A thing",
            random.choice((1, 500)),
            starts_at,
            starts_at + random.choice((0, 30 * MINUTE, 2 * HOUR, 2 * HOUR, 5 * HOUR)),
            random.choice((0, 0, 700, 1_000)),
            False,
            random.choice((0, 0, 2_000)),
            random.choice(TABLES),
            random.choice(SOFT_CLOSES),
            random.choice(
                (None, None, None, c.Eligibility(("gold",)), c.Eligibility((), (), ("vip", "new")))
            ),
            random.choice(("", "spring", "spring")),
            random.choice(({}, {}, {"gold": 9_000, "silver": 12_345})),
        )

    def _settings(self, order: Any) -> c.ProgramSettings:
        random = self.random
        return c.ProgramSettings(
            increments=TABLES[0],
            spending_order=order,
            release_grace=random.choice((0, 0, HOUR)),
            win_limits=random.choice(({}, {"spring": 1}, {"spring": 2})),
            offer_lapses_after=random.choice((MINUTE, HOUR, DAY)),
            auction_retention=300 * DAY,
            audit_entries=100,
        )

    def _credit_points(self, auction: str, member: str) -> c.CreditPoints:
        random, at = self.random, self.at
        expires_at = random.choice((0, at + MINUTE, at + HOUR, at // DAY * DAY + DAY, at, at + 3 * DAY))
        earned_at = random.choice((0, 0, at, at - DAY, at - 2 * DAY, at + 1))
        return c.CreditPoints(member, random.choice((1, 300, 2_000)), expires_at, earned_at)

    def _adjust_points(self, auction: str, member: str) -> c.AdjustPoints:
        return c.AdjustPoints(member, self.random.choice((-3_000, -700, -1, 0, 500)), "why")

    def _upsert_member(self, auction: str, member: str) -> c.UpsertMember:
        segments = self.random.choice(((), ("vip",), ("new", "old")))
        return c.UpsertMember(
            member, self.random.choice(TIERS), "north", segments, self.random.random() < 0.1
        )

    def _configure(self, auction: str, member: str) -> c.Configure:
        order = self.model.settings.spending_order
        return c.Configure(self._settings(order if self.random.random() < 0.9 else "earned"))

    def _create_auction(self, auction: str, member: str) -> c.CreateAuction:
        number = self.random.randrange(1, len(self.model.auctions) + 3)
        return c.CreateAuction(f"a{number}", self._terms())

    def _update_auction(self, auction: str, member: str) -> c.UpdateAuction:
        return c.UpdateAuction(self._auction("draft", "scheduled"), self._terms())

    def _open_auction(self, auction: str, member: str) -> c.OpenAuction:
        return c.OpenAuction(self._auction("draft", "scheduled"))

    def _schedule_auction(self, auction: str, member: str) -> c.ScheduleAuction:
        return c.ScheduleAuction(self._auction("draft"))

    def _extend_auction(self, auction: str, member: str) -> c.ExtendAuction:
        return c.ExtendAuction(auction, self.random.choice((1, MINUTE, HOUR)))

    def _pause_auction(self, auction: str, member: str) -> c.PauseAuction:
        return c.PauseAuction(auction)

    def _resume_auction(self, auction: str, member: str) -> c.ResumeAuction:
        return c.ResumeAuction(self._auction("paused"))

    def _lower_reserve(self, auction: str, member: str) -> c.LowerReserve:
        return c.LowerReserve(auction, self.random.choice((0, 600, 699, 700, 900, 1_000)))

    def _cancel_auction(self, auction: str, member: str) -> c.CancelAuction:
        return c.CancelAuction(auction, "why")

    def _refund_auction(self, auction: str, member: str) -> c.RefundAuction:
        return c.RefundAuction(self._auction("settled"), "why")

    def _offer_second_chance(self, auction: str, member: str) -> c.OfferSecondChance:
        return c.OfferSecondChance(self._auction("unsold", "settled"))

    def _accept_second_chance(self, auction: str, member: str) -> c.AcceptSecondChance:
        return c.AcceptSecondChance(*self._offered(member))

    def _decline_second_chance(self, auction: str, member: str) -> c.DeclineSecondChance:
        return c.DeclineSecondChance(*self._offered(member))

    def _offered(self, member: str) -> tuple[str, str]:
        auctions = self.model.auctions.values()
        offers = [(auction.id, auction.offer.member) for auction in auctions if auction.offer]
        return self.random.choice([*offers * 3, (self._auction("unsold", "settled"), member)])

    def _tick(self, auction: str, member: str) -> c.Tick:
        return c.Tick()
