"""Random walks through a program, beside the naive model, checked after every command.

A ``Walk`` draws everything from the ``random`` that it is given: one of hypothesis, which shrinks, or one
with a seed. Run as a program with a seed, it prints the digests of that walk, for comparison between
processes.
"""

import sys
from random import Random
from typing import Any

import msgspec

from engine import commands as c
from engine.errors import Rejected
from engine.machine import Outcome, apply_entry
from engine.program import Program
from engine.units import DAY, HOUR, MAXIMUM_POINTS, MINUTE, NEVER, SECOND
from tests.engine.harness import Stage, copy_of, encode_batch, envelope, replay
from tests.engine.model import RUNNING, Model

PEOPLE = ("anna", "ben", "cleo", "dan")
TIERS = ("gold", "silver")
PAUSES = {0: 30, 1: 5, SECOND: 5, MINUTE: 10, 2 * MINUTE: 3, 4 * MINUTE: 2, 10 * MINUTE: 1, HOUR: 0.3}
"""How long until the next entry, in ms, and how often."""

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


class Walk:
    """A program, the model of it, and the way that led there."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.stage = Stage(self._settings("expiry" if random.random() < 0.7 else "earned"))
        self.model = Model(self.stage.program.settings)
        self.sent: list[tuple[c.Envelope, Outcome]] = []
        self.snapshots: list[tuple[int, list[bytes]]] = []
        for id in PEOPLE:
            self._send(c.UpsertMember(id, random.choice(TIERS), "north", ("vip",) * random.randrange(2)), "")
            self._send(c.CreditPoints(id, random.choice((2_000, 5_000, 20_000))), "")

    # What happens.

    def step(self) -> None:
        """One entry: a few commands at some later time, or a copy of an earlier command."""
        random = self.random
        self.stage.wait(random.choices([*PAUSES], [*PAUSES.values()])[0])
        if random.random() < 0.03:
            self.snapshots.append((len(self.stage.entries), list(self.stage.program.encode())))
        if random.random() < 0.05:
            self.stage.program = copy_of(self.stage.program)
        if self.sent and random.random() < 0.08:
            self._repeat(*random.choice(self.sent[-9:]))
        elif random.random() < 0.1:
            self._send_together()
        else:
            command, actor = self._command()
            self._send(command, actor, keyed=random.random() < 0.3)

    def finish(self) -> None:
        """Lets every auction end, when nothing may be held any more; plays the way again, from everywhere."""
        for auction in [*self.model.auctions.values()]:
            if auction.status == "paused":
                self._send(c.ResumeAuction(auction.id), "boss")
        self.stage.wait(30 * DAY)
        self._compare()
        assert not any(member.held for member in self.stage.program.members)
        entries, state = self.stage.entries, list(self.stage.program.encode())
        assert list(replay(entries).encode()) == state
        for position, sections in self.snapshots:
            program = Program.decode(sections)
            for entry in entries[position:]:
                apply_entry(program, *entry)
            assert list(program.encode()) == state

    # Sending.

    def _send(self, command: c.Command, actor: str, *, keyed: bool = False) -> None:
        stage, model = self.stage, self.model
        model.pass_time(stage.at)
        reasons = model.reasons(command, actor)
        twin = copy_of(stage.program) if reasons and not keyed else None
        key = f"k{len(self.sent)}" if keyed else ""
        sent = envelope(command, actor, c.MEMBER, key=key, not_after=stage.at + 10 * MINUTE)
        outcome = stage.send(sent)[0]
        self._judge(command, actor, reasons, outcome)
        if keyed:
            self.sent.append((sent, outcome))
        if twin is not None:
            self._expect_only_time(twin)
        self._compare()

    def _send_together(self) -> None:
        """Several commands in one batch."""
        together = [self._command() for _ in range(self.random.randrange(2, 5))]
        outcomes = self.stage.send(*(envelope(command, actor) for command, actor in together))
        for (command, actor), outcome in zip(together, outcomes, strict=True):
            self.model.pass_time(self.stage.at)
            self._judge(command, actor, self.model.reasons(command, actor), outcome)
        self._compare()

    def _repeat(self, sent: c.Envelope, first: Outcome) -> None:
        """The same once more: the first outcome, and nothing happens."""
        outcome = self.stage.send(sent)[0]
        late = isinstance(outcome, Rejected) and outcome.code == "expired" and self.stage.at > sent.not_after
        assert late or msgspec.to_builtins(outcome) == msgspec.to_builtins(first)
        assert late or self.stage.at < sent.not_after + SECOND
        self._compare()

    def _judge(self, command: c.Command, actor: str, reasons: set[str], outcome: Outcome) -> None:
        if isinstance(outcome, Rejected):
            assert outcome.code in reasons, (command, actor, outcome, reasons)
        else:
            assert not reasons, (command, actor, outcome, reasons)
            self.model.do(command, actor)

    def _expect_only_time(self, twin: Program) -> None:
        """A refused command has done what a tick would have done at that instant, and nothing else."""
        milliseconds, sequence, _ = self.stage.entries[-1]
        tick = encode_batch([envelope(c.Tick())], milliseconds, self.stage.number, self.stage.last.origin)
        apply_entry(twin, milliseconds, sequence, tick)
        twin.digest = self.stage.program.digest
        assert twin.state_digest() == self.stage.program.state_digest(), self.stage.last.outcomes

    def _compare(self) -> None:
        if self.stage.program.agenda.next_at <= self.stage.at:
            self.stage.tick()
        self.model.pass_time(self.stage.at)
        ours, expected = picture_of(self.stage.program), self.model.picture()
        different = [(key, ours.get(key), expected.get(key)) for key in ours | expected]
        different = [(key, our, other) for key, our, other in different if our != other]
        assert not different, f"{different} after {self.stage.last.outcomes}"
        expiries = self.stage.program.ledger.expiries
        for member in self.stage.program.members:
            for lot in member.lots:
                assert lot.expires_at == NEVER or member.id in expiries[lot.expires_at], "it will not expire"

    # Choosing.

    def _command(self) -> tuple[Any, str]:
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
        starts_at = self.stage.at + random.choice((-HOUR, 0, 0, MINUTE, HOUR))
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
        )

    def _credit_points(self, auction: str, member: str) -> c.CreditPoints:
        random, at = self.random, self.stage.at
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


def picture_of(program: Program) -> dict[str, Any]:
    """The engine's state as ``Model.picture`` draws it."""
    people = {
        f"member {member.id}": {
            "lots": _parts(member.lots),
            "holds": {
                subject: _parts(parts)
                for subject, (holder, parts) in program.ledger.holds.items()
                if holder is member
            },
            "sums": (member.issued, member.spent, member.expired),
        }
        for member in program.members
    }
    auctions = {
        f"auction {auction.id}": {
            "status": auction.status,
            "price": auction.price,
            "minimum": auction.minimum if auction.status in RUNNING else 0,
            "leader": auction.leader if auction.status in RUNNING else "",
            "reserve": auction.reserve,
            "ends": (auction.ends_at, auction.hard_stop),
            "bids": [(bid.member, bid.maximum, bid.fate == 0) for bid in auction.history],
            "best": {bid.member: bid.maximum for bid in map(auction.standing_bid, auction.bidders) if bid},
            "sale": auction.sale
            and (auction.sale.member, auction.sale.price, auction.sale.paid, not auction.sale.refunded_at),
            "offer": auction.offer and (auction.offer.member, auction.offer.price, auction.offer.lapses_at),
        }
        for auction in program.auctions.values()
    }
    return people | auctions | _picture_of_rewards(program)


def _picture_of_rewards(program: Program) -> dict[str, Any]:
    redemptions = {
        f"redemption {one.id}": (
            one.member,
            one.status,
            one.points,
            one.cash,
            one.refunded,
            one.cash_refunded,
            one.reference,
            _parts(one.parts),
        )
        for one in program.redemptions.values()
    }
    campaigns = {
        f"campaign {one.id}": (one.status_at(program.at), one.given)
        for one in program.campaigns.by_id.values()
    }
    experiences = {f"experience {one.id}": one.taken for one in program.experiences.values()}
    running = {"running": {rule.id: rule.effect.number for rule in program.book.running.rules}}
    return redemptions | campaigns | experiences | running


def _parts(lots: tuple[Any, ...]) -> dict[tuple[int, int], int]:
    parts = {(lot.earned_at, lot.expires_at): lot.points for lot in lots}
    assert len(parts) == len(lots), "two parts of one lot"
    return parts


def main(walk: type[Walk]) -> None:
    """Prints the digests at the end of a walk whose seed is the program's argument."""
    walked = walk(Random(int(sys.argv[1])))
    for _ in range(100):
        walked.step()
    print(walked.stage.program.digest.hex(), walked.stage.program.state_digest().hex())  # noqa: T201


if __name__ == "__main__":
    main(Walk)
