"""What is asked of auctions of the other formats, side by side with English ones and everything else.

Amounts and instants are chosen where a format's rules bend: what is shown now, what others have bid, the last
millisecond before a step of a clock and the first one after it.
"""

from typing import Any

from engine import commands as c
from engine.simulator.auditor.auction import RUNNING
from engine.simulator.auditor.pieces import PieceAuction
from engine.simulator.auditor.terms import Clock
from engine.simulator.workload.auctions import PEOPLE
from engine.simulator.workload.rewards import RewardWorkload
from engine.units import MINUTE, SECOND

WEIGHTS = {
    "create_format": 7,
    "update_format": 2,
    "open_format": 9,
    "schedule_format": 2,
    "bid_format": 60,
    "leave": 9,
    "pause_format": 1.5,
    "resume_format": 5,
    "extend_format": 1,
    "lower_format_reserve": 3,
    "lower_supply": 2,
    "void_format": 5,
    "cancel_format": 0.6,
    "buy_format": 0.3,
    "refund_sale": 5,
    "offer_format": 6,
    "accept_format": 5,
    "decline_format": 1,
    "credit_points": 4,
    "adjust_points": 1,
    "upsert_member": 2,
}
"""How often each command comes, where it is not one of the other walks'."""

OFFERED = ("unsold", "settled")


class FormatWorkload(RewardWorkload):
    """Members bid in auctions of the other formats more often than they do anything else."""

    def next_command(self) -> tuple[c.Command, str]:
        if self.random.random() < 0.2:
            return super().next_command()
        member = self.random.choice(PEOPLE)
        running = sum(one.status in RUNNING for one in self.model.formats.live.values())
        name = self.random.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        if self.random.random() > (running + 1) / 6:
            name = "open_format" if self._openable() else "create_format"
        if name in ("credit_points", "adjust_points", "upsert_member"):
            return getattr(self, f"_{name}")("", member), member
        return getattr(self, f"_{name}")(member), member

    def next_instants(self) -> list[int]:
        """When (ms) something happens by itself, and the last millisecond before it."""
        auctions = self.model.formats.live.values()
        instants = {one.terms.starts_at for one in auctions if one.status == "scheduled"}
        for one in auctions:
            if one.status == "open":
                instants |= {one.next_step_at, one.ends_at}
                if one.terms.soft_close is not None:
                    instants |= {one.ends_at - one.terms.soft_close.window, one.ends_at - SECOND}
            if one.offer is not None:
                instants.add(one.offer.lapses_at)
        soon = [instant for instant in sorted(instants) if self.at < instant < self.at + MINUTE][:3]
        return [instant - early for instant in soon for early in (0, 1)]

    def _format_auction(self, *statuses: str) -> str:
        """A recent one in one of these statuses, if there is one; now and then any, or none."""
        known = self.model.formats.auctions
        fitting = [id for id, one in [*known.items()][-25:] if one.status in statuses]
        if self.random.random() < 0.04:
            fitting = ["nowhere", *known, *self.model.auctions]
        return self.random.choice(fitting[-5:] or ["nowhere"])

    def _openable(self) -> list[str]:
        return [
            one.id
            for one in self.model.formats.live.values()
            if one.status == "draft" and (one.ends_at > self.at or isinstance(one.format, Clock))
        ]

    def _known(self, id: str) -> PieceAuction | None:
        return self.model.formats.auctions.get(id)

    # What there is.

    def _format(self) -> c.Format | None:
        random = self.random
        supply = random.choice((1, 2, 3, 3))
        step = {random.choice(("step", "step_share")): random.choice((100, 333, 700))}
        if random.random() < 0.03:
            step = random.choice(({}, {"step": 100, "step_share": 700}))
        sealed = random.random() < 0.4
        pieces = c.MultiUnit(
            supply,
            random.choice(("lowest_winning", "highest_losing", "pay_as_bid")),
            random.choice(("quantity", "time")),
            sealed,
            random.random() < (0.5 if sealed else 0.03),
        )
        choices: list[c.Format | None] = [
            c.Dutch(random.choice((500, 550, 999)), 10 * SECOND, supply=supply, **step),
            c.Sealed(random.choice(("first", "second")), random.random() < 0.5),
            *[pieces] * 2,
            *[c.AscendingClock(60 * SECOND, 10 * SECOND, supply=random.choice((1, 1, 2)), **step)] * 2,
        ]
        return random.choice(choices) if random.random() < 0.93 else None

    def _format_terms(self, format: c.Format | None) -> c.AuctionTerms:
        random = self.random
        open_pieces = isinstance(format, c.MultiUnit) and not format.sealed
        softly = format is None or open_pieces or random.random() < 0.02
        append = c.SoftClose("append", 10 * SECOND, 10 * SECOND, MINUTE)
        reset = c.SoftClose("reset", 20 * SECOND, 25 * SECOND, 40 * SECOND)
        fits = not isinstance(format, c.Dutch) or random.random() < 0.02
        reserves = (0,) * 9 if isinstance(format, c.AscendingClock) else (0, 0)
        starts_at = self.at + random.choice((0, 0, 0, -MINUTE, 20 * SECOND, MINUTE))
        lasts = (3 * MINUTE, 5 * MINUTE) if isinstance(format, Clock) else (MINUTE, 2 * MINUTE, 4 * MINUTE)
        return c.AuctionTerms(
            "A thing",
            random.choice((1_000, 1_000, 1_005)),
            starts_at,
            starts_at + random.choice((*lasts * 6, 30 * SECOND, 0)),
            random.choice((*reserves, 1_300, 1_400, 999)) if fits else 0,
            buy_now=2_000 if random.random() < (0.3 if format is None else 0.01) else 0,
            soft_close=random.choice((None, append, reset)) if softly else None,
            eligibility=random.choice((*(None,) * 8, c.Eligibility(("gold",)))),
            campaign=random.choice(("", "", "spring")),
            settlement_factors=random.choice(({}, {}, {"gold": 9_000, "silver": 12_345})),
        )

    def _create_format(self, member: str) -> c.CreateFormatAuction:
        format = self._format()
        number = len(self.model.formats.auctions) + self.random.choice((1, 1, 1, 1, 0))
        # Now and then the id of an English one.
        id = f"f{number}" if self.random.random() < 0.95 else f"a{number}"
        return c.CreateFormatAuction(id, self._format_terms(format), format)

    def _update_format(self, member: str) -> c.UpdateFormatAuction | c.UpdateAuction:
        format = self._format()
        id = self._format_auction("draft", "scheduled")
        if self.random.random() < 0.2:
            id = self._auction("draft", "scheduled")
        if self.random.random() < 0.3:
            return c.UpdateAuction(id, self._format_terms(format))
        return c.UpdateFormatAuction(id, self._format_terms(format), format)

    def _open_format(self, member: str) -> c.OpenAuction:
        drafts = self._openable()[-3:] if self.random.random() < 0.9 else []
        return c.OpenAuction(self.random.choice(drafts or [self._format_auction("draft", "scheduled")]))

    def _schedule_format(self, member: str) -> c.ScheduleAuction:
        return c.ScheduleAuction(self._format_auction("draft"))

    def _pause_format(self, member: str) -> c.PauseAuction:
        return c.PauseAuction(self._format_auction("open"))

    def _resume_format(self, member: str) -> c.ResumeAuction:
        return c.ResumeAuction(self._format_auction("paused"))

    def _extend_format(self, member: str) -> c.ExtendAuction:
        return c.ExtendAuction(self._format_auction(*RUNNING), self.random.choice((1, 5 * SECOND, MINUTE)))

    def _lower_format_reserve(self, member: str) -> c.LowerReserve:
        id = self._format_auction(*RUNNING)
        known = self._known(id)
        near = [known.price, known.reserve - 1] if known is not None else []
        return c.LowerReserve(id, max(0, self.random.choice((0, 1_100, 1_300, *near))))

    def _lower_supply(self, member: str) -> c.LowerSupply:
        return c.LowerSupply(self._format_auction(*RUNNING), self.random.choice((1, 2, 3)))

    def _cancel_format(self, member: str) -> c.CancelAuction:
        return c.CancelAuction(self._format_auction("draft", "scheduled", *RUNNING), "why")

    # Bids.

    def _bid_format(self, member: str) -> c.PlaceBid | c.BidForPieces:
        random = self.random
        id = self._format_auction("open")
        entering = [
            one.id for one in self.model.formats.live.values() if one.status == "open" and one.steps < 0
        ]
        if entering and random.random() < 0.7:
            id = random.choice(entering)
        maximum = max(1, random.choice(self._near(id, member)) + random.choice((-1, 0, 0, 0, 1, 100)))
        behalf = random.choice((*PEOPLE, "nobody")) if random.random() < 0.05 else ""
        known = self._known(id)
        quantity = random.choice((1, 1, 1, 2, 3))
        if known is not None and random.random() < 0.95:
            one_each = isinstance(known.format, c.AscendingClock)
            quantity = min(quantity, 1 if one_each else max(1, known.supply - known.sold()))
        if quantity == 1 and random.random() < 0.7:
            return c.PlaceBid(id, maximum, behalf)
        return c.BidForPieces(id, maximum, quantity, random.random() < 0.5, behalf)

    def _near(self, id: str, member: str) -> list[int]:
        """Amounts at which the answer changes."""
        near = [1_000, 1_100, 1_300, 1_500, 1_900, 2_500]
        known = self._known(id)
        if known is None:
            return near
        own = [bid.maximum for bid in known.bids if bid.member == member][-1:]
        others = [bid.maximum for bid in known.bids[-6:]]
        lots = self.model.people[member].lots.total()
        if isinstance(known.format, c.AscendingClock) and self.random.random() < 0.6:
            # Ties, and steps that leave fewer than there are pieces.
            return [*others, *own, max([*others, 1_300]), max([*others, 1_300]) + 50]
        return [*near, *[known.minimum] * 4, known.reserve or 1_000, *own * 3, *others * 2, lots]

    def _leave(self, member: str) -> c.LeaveAuction:
        open_ones = [
            one
            for one in self.model.formats.live.values()
            if one.status == "open" and isinstance(one.format, c.AscendingClock)
        ]
        # Where many leave before the price rises, there is nothing left to see.
        open_ones = [one for one in open_ones if one.steps >= 0 or self.random.random() < 0.1]
        if not open_ones or self.random.random() < 0.1:
            return c.LeaveAuction(self._format_auction("open", "paused"))
        one = self.random.choice(open_ones)
        inside = [bid.member for bid in one.standing()]
        return c.LeaveAuction(one.id, self.random.choice([*inside * 3, member]))

    def _buy_format(self, member: str) -> c.BuyNow:
        return c.BuyNow(self._format_auction("open"), self.random.choice((1_000, 2_000)))

    def _void_format(self, member: str) -> c.VoidBid:
        id = self._format_auction(*RUNNING)
        known = self._known(id)
        bids = known.bids if known is not None else []
        standing = [number for number, bid in enumerate(bids, 1) if bid.fate == "stands"]
        return c.VoidBid(id, self.random.choice([*standing * 3, *range(1, len(bids) + 2)]), "a shill")

    # After the end.

    def _refund_sale(self, member: str) -> c.RefundSale | c.RefundAuction:
        id = self._format_auction("settled")
        known = self._known(id)
        bids = [sale.bid for sale in known.sales] if known is not None else []
        if self.random.random() < 0.2:
            return c.RefundAuction(id, "why")
        return c.RefundSale(id, "why", self.random.choice([*bids * 3, 0, 99]))

    def _offer_format(self, member: str) -> c.OfferSecondChance:
        return c.OfferSecondChance(self._format_auction(*OFFERED))

    def _offered_format(self, member: str) -> tuple[str, str]:
        auctions: list[Any] = [*self.model.formats.live.values()]
        offers = [(one.id, one.offer.member) for one in auctions if one.offer]
        return self.random.choice([*offers * 5, (self._format_auction(*OFFERED), member)])

    def _accept_format(self, member: str) -> c.AcceptSecondChance:
        return c.AcceptSecondChance(*self._offered_format(member))

    def _decline_format(self, member: str) -> c.DeclineSecondChance:
        return c.DeclineSecondChance(*self._offered_format(member))
