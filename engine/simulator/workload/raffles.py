"""What is asked of raffles, by members, managers and the keeper, beside everything else."""

from hashlib import sha256

from engine import commands as c
from engine.simulator.workload.auctions import PEOPLE
from engine.simulator.workload.rewards import RewardWorkload
from engine.units import HOUR, MINUTE
from rules.rule import Effect, PriceRule
from rules.scope import Scope

WEIGHTS = {
    "create_raffle": 6,
    "update_raffle": 2,
    "schedule_raffle": 3,
    "open_raffle": 8,
    "commit_secret": 6,
    "move_close": 3,
    "void_raffle": 0.7,
    "grant_tickets": 8,
    "buy_tickets": 40,
    "publish_key": 6,
    "change_key": 0.3,
    "sign_lock": 16,
    "stamp_lock": 2,
    "draw": 20,
    "claim_prize": 8,
    "decline_prize": 5,
    "forfeit_prize": 6,
}
"""How often each command comes, where it is not one of the other walks'."""

SECRETS = [bytes([number]) * 32 for number in range(3)]
KEYS = ("a" * 64, "b" * 64)
SIGNATURES = ("c" * 96, "d" * 96)


class RaffleWorkload(RewardWorkload):
    """Members take part in raffles more often than in anything else."""

    weights = WEIGHTS

    def next_command(self) -> tuple[c.Command, str]:
        if self.random.random() < 0.35:
            return super().next_command()
        member = self.random.choice(PEOPLE)
        name = self.random.choices([*self.weights], [*self.weights.values()])[0]
        return getattr(self, f"_{name}")(member), member

    def _raffle(self, *statuses: str) -> str:
        """A raffle in one of these statuses, if there is one; now and then any, or none."""
        fitting = [raffle.id for raffle in self.model.raffles.values() if raffle.status in statuses]
        if self.random.random() < 0.1:
            fitting = ["nowhere", *self.model.raffles]
        return self.random.choice(fitting[-3:] or ["nowhere"])

    # A raffle's life.

    def _create_raffle(self, member: str) -> c.CreateRaffle:
        number = self.random.randrange(1, len(self.model.raffles) + 3)
        return c.CreateRaffle(f"r{number}", self._raffle_terms())

    def _raffle_terms(self) -> c.RaffleTerms:
        random = self.random
        opens_at = self.at + random.choice((-HOUR, 0, 0, MINUTE))
        return c.RaffleTerms(
            {},
            random.choice(((c.Prize("car"),), (c.Prize("car"), c.Prize("mug", 2)))),
            random.choice((0, 10, 77, 300, None)),
            opens_at,
            opens_at + random.choice((0, 5 * MINUTE, 20 * MINUTE, 2 * HOUR)),
            random.choice((0, 1, 3)),
            random.choice(((), (c.Bundle(5, 4),), (c.Bundle(3, 2), c.Bundle(10, 6)))),
            random.choice((None, None, 12)),
            random.choice(({}, {}, {"gold": 9})),
            random.choice((None, None, 6)),
            random.choice(({}, {}, {"silver": 2})),
            random.choice((None, None, c.Eligibility(("gold",)))),
            random.choice((MINUTE, 10 * MINUTE, HOUR)),
            random.choice(("commitment", "commitment", "beacon")),
        )

    def _update_raffle(self, member: str) -> c.UpdateRaffle:
        return c.UpdateRaffle(self._raffle("draft", "scheduled"), self._raffle_terms())

    def _schedule_raffle(self, member: str) -> c.ScheduleRaffle:
        return c.ScheduleRaffle(self._raffle("draft"))

    def _open_raffle(self, member: str) -> c.OpenRaffle:
        return c.OpenRaffle(self._raffle("draft", "scheduled"))

    def _commit_secret(self, member: str) -> c.CommitSecret:
        secret = self.random.choice(SECRETS)
        return c.CommitSecret(self._raffle("scheduled"), sha256(secret).hexdigest())

    def _move_close(self, member: str) -> c.MoveClose:
        id = self._raffle("open")
        known = self.model.raffles.get(id)
        near = known.closes_at if known else self.at
        return c.MoveClose(id, near + self.random.choice((-10 * MINUTE, -MINUTE, -MINUTE, 0, MINUTE)))

    def _void_raffle(self, member: str) -> c.VoidRaffle:
        return c.VoidRaffle(self._raffle("open", "locked", "drawn", "draft"), "why")

    # Tickets.

    def _grant_tickets(self, member: str) -> c.GrantTickets:
        return c.GrantTickets(self._raffle("open"), member, self.random.choice((1, 2, 5)), "a review")

    def _buy_tickets(self, member: str) -> c.BuyTickets:
        random = self.random
        id = self._raffle("open")
        behalf = random.choice((*PEOPLE, "nobody")) if random.random() < 0.1 else ""
        command = c.BuyTickets(
            id, random.choice((1, 1, 2, 3, 5, 11)), 10**9, random.choice(("", "web")), behalf
        )
        known = self.model.raffles.get(id)
        if known is None or known.terms.price is None or (behalf or member) not in self.model.people:
            return command
        points, _, _ = self.model.price_tickets(known, behalf or member, command.tickets, command.channel)
        most = max(0, points + random.choice((-1, 0, 0, 0, 100)))
        return c.BuyTickets(id, command.tickets, most, command.channel, behalf)

    # The keeper's.

    def _publish_key(self, member: str) -> c.PublishDrawKey:
        return c.PublishDrawKey(self.random.choice(KEYS))

    def _change_key(self, member: str) -> c.ChangeDrawKey:
        return c.ChangeDrawKey(self.random.choice(KEYS), "why")

    def _sign_lock(self, member: str) -> c.SignLock:
        unsigned = [number for number, lock in enumerate(self.model.locks, 1) if not lock["signature"]]
        number = self.random.choice(unsigned or [len(self.model.locks) + 1])
        key = self.model.key if self.random.random() < 0.95 else self.random.choice(KEYS)
        return c.SignLock(number, key or KEYS[0], "e" * 128)

    def _stamp_lock(self, member: str) -> c.StampLock:
        return c.StampLock(self.random.randrange(1, len(self.model.locks) + 2), "AA==")

    def _draw(self, member: str) -> c.Draw:
        random = self.random
        waiting = [one for one in self.model.raffles.values() if one.lock and not one.drawn]
        if not waiting or random.random() < 0.1:
            return c.Draw(self._raffle("open", "drawn", "void"), random.choice((0, 7)), SIGNATURES[0])
        raffle = random.choice(waiting)
        if raffle.round:
            return c.Draw(raffle.id, raffle.round + random.choice((0, 0, 0, 1)), random.choice(SIGNATURES))
        right = [one for one in SECRETS if sha256(one).hexdigest() == raffle.commitment]
        return c.Draw(raffle.id, secret=random.choice((*right * 4, SECRETS[0])).hex())

    # Prizes.

    def _drawn(self, member: str) -> tuple[str, str]:
        """A raffle, and mostly somebody who has a place there."""
        id = self._raffle("drawn")
        known = self.model.raffles.get(id)
        placed = [one.member for one in known.places if one.fate == "offered"] if known else []
        return id, self.random.choice([*placed * 3, member])

    def _claim_prize(self, member: str) -> c.ClaimPrize:
        return c.ClaimPrize(*self._drawn(member))

    def _decline_prize(self, member: str) -> c.DeclinePrize:
        return c.DeclinePrize(*self._drawn(member))

    def _forfeit_prize(self, member: str) -> c.ForfeitPrize:
        id = self._raffle("drawn")
        known = self.model.raffles.get(id)
        places = enumerate(known.places if known else [], 1)
        offered = [number for number, place in places if place.fate == "offered"]
        return c.ForfeitPrize(id, self.random.choice([*offered * 3, 1, 4]), "why")

    # Rules that speak for raffles too.

    def _rule(self) -> PriceRule:
        rule = super()._rule()
        if self.random.random() < 0.5 or "auction" in rule.scope.mechanics or rule.effect.part == "cash":
            return rule
        scope = Scope(("raffle",), rule.scope.tiers, (), rule.scope.channels)
        effect = rule.effect if rule.effect.operation != "add" else Effect("add", -7)
        return PriceRule(
            rule.id, scope, effect, rule.group, rule.priority, rule.windows, rule.budget, rule.limit
        )
