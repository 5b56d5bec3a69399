"""What is asked of a catalogue, campaigns and price rules, beside auctions and points."""

from typing import Any

import msgspec

from engine import commands as c
from engine.simulator.workload.auctions import PEOPLE, TIERS, AuctionWorkload
from engine.units import DAY, HOUR, MINUTE
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope

WEIGHTS = {
    "redeem": 40,
    "report_payment": 8,
    "cancel_redemption": 6,
    "refund_redemption": 6,
    "confirm_redemption": 3,
    "put_experience": 5,
    "remove_experience": 0.5,
    "put_campaign": 4,
    "schedule_campaign": 3,
    "pause_campaign": 1,
    "resume_campaign": 2,
    "begin_draft": 5,
    "put_rules": 8,
    "publish_rules": 5,
    "roll_back_rules": 1,
    "tune_rule": 4,
}
"""How often each command comes, where it is not one on an auction or on points."""

EXPERIENCES = ("spa", "opera", "suite")
CAMPAIGNS = ("spring", "happy")
GROUPS = ((Group("a"), Group("b", "best")), (Group("b", "first"), Group("a")), (Group("a", "best"),))


class RewardWorkload(AuctionWorkload):
    """Members redeem at least as often as they bid."""

    def first_commands(self) -> list[c.Command]:
        people = super().first_commands()
        return [*people, *(c.PutExperience(id, self._experience_terms(id)) for id in EXPERIENCES)]

    def _settings(self, order: Any) -> c.ProgramSettings:
        money = {"north": c.MarketMoney("EUR", 2, 5_000, 2_500)}
        return msgspec.structs.replace(super()._settings(order), money=money, payment_deadline=5 * MINUTE)

    def next_command(self) -> tuple[c.Command, str]:
        if self.random.random() < 0.35:
            return super().next_command()
        member = self.random.choice(PEOPLE)
        name = self.random.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
        return getattr(self, f"_{name}")(member), member

    # Redemptions.

    def _redeem(self, member: str) -> c.Redeem:
        random = self.random
        id = random.choice((*EXPERIENCES, *EXPERIENCES, *EXPERIENCES, "nothing"))
        share = random.choice((None, None, 5_000, 3_333, 2_000, 10_000))
        command = c.Redeem(id, 10**9, 10**9, share, random.choice(("", "web")))
        known = self.model.experiences.get(id)
        if known is not None and (share is None or known.terms.payment is not None):
            points, cash, _, _ = self.model.price(command, member)
            change = random.choice((-1, 0, 0, 0, 100))
            command = msgspec.structs.replace(command, most=max(0, points + change), most_cash=cash)
        behalf = random.choice((*PEOPLE, "nobody")) if random.random() < 0.1 else ""
        return msgspec.structs.replace(command, member=behalf)

    def _redemption(self, *statuses: str) -> str:
        fitting = [one.id for one in self.model.redemptions.values() if one.status in statuses]
        if self.random.random() < 0.1:
            fitting = ["R0", *self.model.redemptions]
        return self.random.choice(fitting[-5:] or ["R0"])

    def _report_payment(self, member: str) -> c.ReportPayment:
        id = self._redemption("awaiting_payment")
        known = self.model.redemptions.get(id)
        cash = known.cash if known is not None and self.random.random() < 0.95 else 7
        return c.ReportPayment(id, f"p{self.random.randrange(200)}", cash)

    def _cancel_redemption(self, member: str) -> c.CancelRedemption:
        id = self._redemption("awaiting_payment", "pending")
        known = self.model.redemptions.get(id)
        own = known.member if known is not None and self.random.random() < 0.9 else ""
        return c.CancelRedemption(id, "why", own)

    def _confirm_redemption(self, member: str) -> c.ConfirmRedemption:
        return c.ConfirmRedemption(self._redemption("pending"))

    def _refund_redemption(self, member: str) -> c.RefundRedemption:
        points = self.random.choice((None, None, 0, 1, 77, 400, 5_000))
        cash = self.random.choice((None, None, 0, 10))
        return c.RefundRedemption(self._redemption("pending", "confirmed"), "why", points, cash)

    # The catalogue and campaigns.

    def _put_experience(self, member: str) -> c.PutExperience:
        id = self.random.choice(EXPERIENCES)
        return c.PutExperience(id, self._experience_terms(id))

    def _remove_experience(self, member: str) -> c.RemoveExperience:
        return c.RemoveExperience(self.random.choice((*EXPERIENCES, "nothing")))

    def _experience_terms(self, id: str) -> c.ExperienceTerms:
        random, at = self.random, self.at
        from_ = random.choice((0, 0, 0, at + 10 * MINUTE))
        return c.ExperienceTerms(
            random.choice(("travel", "dining")),
            random.choice((0, 99, 400, 1_001)),
            stock=random.choice((None, 3, 10, 30)),
            # A limit counts what was taken while there was one: so one experience always has one.
            limit=random.choice((1, 2)) if id == "opera" else 0,
            limit_period=random.choice((HOUR, 10 * MINUTE, 0)) if id == "opera" else 0,
            visible_from=from_,
            visible_until=random.choice((0, 0, 0, at + HOUR)),
            tiers=random.choice(((), (), TIERS[:1])),
            gate=random.choice(("hidden", "locked")),
            early_access=random.choice(({}, {"gold": 5 * MINUTE})) if from_ else {},
            fulfilment=random.choice(("instant", "booked")),
            payment=random.choice((None, c.Payment(2_000, 8_000), c.Payment(3_333, 3_333), c.Payment(0))),
        )

    def _put_campaign(self, member: str) -> c.PutCampaign:
        random, at = self.random, self.at
        terms = c.CampaignTerms(
            starts_at=random.choice((0, at, at + 5 * MINUTE)),
            ends_at=random.choice((0, 0, at + HOUR)),
            windows=random.choice(((), ((at, at + MINUTE), (at + 4 * MINUTE, at + 9 * MINUTE)))),
            budget=self._budget(),
            shelves=(c.Shelf("x", ("spa",)), c.Shelf("y", ("opera",))),
            rotation=random.choice((None, c.Rotation(7 * MINUTE))),
            schedule=random.choice(("", "", "every full moon")),
        )
        return c.PutCampaign(random.choice(CAMPAIGNS), terms)

    def _budget(self) -> int | None:
        return self.random.choice((None, 0, 300, 2_000))

    def _schedule_campaign(self, member: str) -> c.ScheduleCampaign:
        return c.ScheduleCampaign(self.random.choice((*CAMPAIGNS, "nothing")))

    def _pause_campaign(self, member: str) -> c.PauseCampaign:
        return c.PauseCampaign(self.random.choice(CAMPAIGNS))

    def _resume_campaign(self, member: str) -> c.ResumeCampaign:
        return c.ResumeCampaign(self.random.choice(CAMPAIGNS))

    # Price rules.

    def _begin_draft(self, member: str) -> c.BeginDraft:
        revisions = [0, 0, *list(self.model.revisions)[-3:], 99]
        return c.BeginDraft(self.random.choice(("d", "e")), self.random.choice(revisions))

    def _draft(self) -> str:
        """A draft that there is, if there is one; now and then any."""
        return self.random.choice([*self.model.drafts] * 5 + ["d", "e"])

    def _put_rules(self, member: str) -> c.PutRules:
        random = self.random
        draft = self._draft()
        known = self.model.drafts.get(draft)
        names = [rule.id for rule in known.rule_set.rules] if known else []
        removed = tuple(random.sample(names, min(len(names), random.choice((0, 0, 1, 2)))))
        fresh = not (known and known.rule_set.groups)
        groups = random.choice(GROUPS) if fresh or random.random() < 0.1 else None
        rules = {rule.id: rule for rule in (self._rule() for _ in range(random.randrange(5)))}
        return c.PutRules(draft, tuple(rules.values()), removed, groups)

    def _rule(self) -> PriceRule:
        random, at = self.random, self.at
        if random.random() < 0.15:
            factor = Effect("factor", random.choice((8_000, 9_500, 12_000)))
            return PriceRule("settling", Scope(("auction",), random.choice(((), ("gold",)))), factor, "a")
        operation: Any
        operation, numbers = random.choice(
            (
                ("factor", (5_000, 9_000, 11_000, 0)),
                ("add", (-300, -40, 25)),
                ("set", (77,)),
                ("floor", (60,)),
                ("cap", (300, 900)),
            )
        )
        part: Any = random.choice(("points", "points", "cash"))
        scope = Scope(
            mechanics=random.choice(((), ("redemption",))),
            tiers=random.choice(((), (), ("gold",))),
            channels=random.choice(((), (), ("web",))),
            segments=random.choice(((), (), ("vip", "new"))),
            campaigns=random.choice(((), *((id,) for id in self.model.campaigns))),
            kinds=random.choice(((), (), ("travel",))),
            experiences=random.choice(((), (), (), ("spa", "suite"))),
        )
        budget = random.choice(("", *self.model.budgets())) if part == "points" else ""
        return PriceRule(
            f"r{random.randrange(8)}",
            scope,
            Effect(operation, random.choice(numbers), part),
            random.choice(("a", "a", "a", "b")),
            random.randrange(3),
            random.choice(((), (), ((at, at + 10 * MINUTE), (at + HOUR, at + DAY)))),
            budget,
            random.choice((0, 0, 1, 2)),
        )

    def _publish_rules(self, member: str) -> c.PublishRules:
        draft = self._draft()
        known = self.model.drafts.get(draft)
        version = known.version if known and self.random.random() < 0.9 else 1
        return c.PublishRules(draft, version, "why")

    def _roll_back_rules(self, member: str) -> c.RollBackRules:
        return c.RollBackRules(self.random.choice([*self.model.revisions, 99]), "why")

    def _tune_rule(self, member: str) -> c.TuneRule:
        known = [rule for rule in self.model.running.rules if rule.effect.operation in ("factor", "add")]
        id = self.random.choice([rule.id for rule in known] or ["nothing"])
        return c.TuneRule(id, self.random.choice((0, 7_000, 9_999, 10_500)))
