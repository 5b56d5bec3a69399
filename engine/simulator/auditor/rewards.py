"""The naive model's catalogue and redemptions. See model.py.

Prices are worked out by the naive interpreter of tests/rules.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from engine import commands as c
from engine.simulator.auditor.points import Parts, Reasons
from engine.simulator.auditor.prices import Experience, PricesModel
from engine.simulator.auditor.quotes import GREATEST, naive_quote, share_of
from rules.pricing import Terms
from rules.scope import Cell, Item

UNDONE = ("cancelled", "lapsed", "refunded")


@dataclass
class Redemption:
    id: str
    member: str
    market: str
    experience: Experience
    status: str
    points: int
    cash: int
    at: int
    pays_until: int
    then: str
    given: dict[str, int]
    limited: tuple[str, ...]
    parts: Parts = field(default_factory=Counter)
    refunded: int = 0
    cash_refunded: int = 0
    reference: str = ""


class RewardsModel(PricesModel):
    """What can be redeemed, for how much, and what became of it."""

    def __init__(self, settings: c.ProgramSettings) -> None:
        super().__init__(settings)
        self.redemptions: dict[str, Redemption] = {}

    def rewards_picture(self) -> dict[str, Any]:
        redemptions = {
            f"redemption {one.id}": (
                one.member,
                one.status,
                one.points,
                one.cash,
                one.refunded,
                one.cash_refunded,
                one.reference,
                dict(+one.parts) if one.status not in ("awaiting_payment",) else {},
            )
            for one in self.redemptions.values()
        }
        campaigns = {
            f"campaign {id}": (campaign.status, campaign.given) for id, campaign in self.campaigns.items()
        }
        experiences = {f"experience {id}": self.taken(one) for id, one in self.experiences.items()}
        running = {"running": {rule.id: rule.effect.number for rule in self.running.rules}}
        return redemptions | campaigns | experiences | running

    # Time.

    def pass_rewards_time(self) -> None:
        for redemption in self.redemptions.values():
            if redemption.status == "awaiting_payment" and self.at >= redemption.pays_until:
                self.let_go(redemption, "lapsed")
        self.pass_campaign_time()

    # What is true now.

    def taken(self, experience: Experience) -> int:
        return sum(
            one.experience is experience and one.status not in UNDONE for one in self.redemptions.values()
        )

    def standing(self, member: str) -> list[Redemption]:
        return [one for one in self.redemptions.values() if one.member == member and one.status not in UNDONE]

    def uses(self, member: str) -> Counter[str]:
        """How often the member profits from each rule with a limit."""
        return Counter(rule for one in self.standing(member) for rule in one.limited)

    def used_up(self, member: str) -> set[str]:
        uses = self.uses(member)
        return {rule.id for rule in self.running.rules if 0 < rule.limit <= uses[rule.id]}

    def price(self, command: c.Redeem, member: str) -> tuple[Any, ...]:
        person = self.people[member]
        terms = self.experiences[command.experience].terms
        share = command.share
        if share is None:
            share = terms.payment.greatest if terms.payment else 10_000
        points = share_of(terms.points, share)
        cash = 0
        if points < terms.points:
            cash = share_of(terms.points - points, self.settings.money[person.market].rate)
            cash = sorted((1, cash, GREATEST))[1]
        cell = Cell(
            "redemption", person.tier, person.market, command.channel, person.segments, self.in_force()
        )
        item = Item(command.experience, terms.kind, points, cash)
        asked = Terms(self.at, self.budgets(), self.used_up(member))
        return naive_quote(self.running, cell, item, asked)

    # The catalogue.

    def why_not_put_experience(self, command: c.PutExperience, actor: str) -> Reasons:
        yield "invalid_experience", 0 < command.terms.visible_until <= command.terms.visible_from

    def put_experience(self, command: c.PutExperience, actor: str) -> None:
        known = self.experiences.setdefault(command.experience, Experience(command.terms))
        known.terms = command.terms

    def why_not_remove_experience(self, command: c.RemoveExperience, actor: str) -> Reasons:
        yield "unknown_experience", command.experience not in self.experiences

    def remove_experience(self, command: c.RemoveExperience, actor: str) -> None:
        del self.experiences[command.experience]

    # Redemptions.

    def why_not_redeem(self, command: c.Redeem, actor: str) -> Reasons:
        member = command.member or actor
        yield "unknown_experience", command.experience not in self.experiences
        yield "unknown_member", member not in self.people
        if command.experience not in self.experiences or member not in self.people:
            return
        person, experience = self.people[member], self.experiences[command.experience]
        terms = experience.terms
        outsider = bool(terms.tiers) and person.tier not in terms.tiers
        yield "staff_may_not_redeem", person.staff
        over = 0 < terms.visible_until <= self.at
        early = self.at < terms.visible_from - terms.early_access.get(person.tier, 0)
        hidden = terms.gate == "hidden" and (outsider or over or early)
        yield "unknown_experience", hidden or over
        yield "tier_locked", outsider and not hidden
        yield "not_available_yet", early and not hidden
        yield "sold_out", terms.stock is not None and self.taken(experience) >= terms.stock
        since = self.at - terms.limit_period if terms.limit_period else -1
        had = sum(one.experience is experience and one.at > since for one in self.standing(member))
        yield "redemption_limit_reached", 0 < terms.limit <= had
        least, greatest = (terms.payment.least, terms.payment.greatest) if terms.payment else (10_000, 10_000)
        beyond = command.share is not None and not least <= command.share <= greatest
        yield "split_out_of_bounds", beyond
        if not beyond:
            points, cash, _, _ = self.price(command, member)
            yield "price_changed", points > command.most or cash > command.most_cash
            yield "insufficient_points", self.short(member, points)
            awaiting = [one for one in self.standing(member) if one.status == "awaiting_payment"]
            yield "too_many_awaiting_payment", cash > 0 and len(awaiting) >= 100

    def redeem(self, command: c.Redeem, actor: str) -> None:
        member = command.member or actor
        person, experience = self.people[member], self.experiences[command.experience]
        points, cash, steps, given = self.price(command, member)
        limits = {rule.id for rule in self.running.rules if rule.limit}
        redemption = Redemption(
            id=f"R{len(self.redemptions) + 1}",
            member=member,
            market=person.market,
            experience=experience,
            status="awaiting_payment" if cash else self.paid_status(experience),
            points=points,
            cash=cash,
            at=self.at,
            pays_until=self.at + self.settings.payment_deadline,
            then=self.paid_status(experience),
            given=given,
            limited=tuple(rule for rule, _, _, _ in steps if rule in limits),
        )
        self.redemptions[redemption.id] = redemption
        for campaign, share in given.items():
            self.campaigns[campaign].given += share
        parts = self.draw(person.lots, points)
        if cash:
            if points:
                person.holds[f"redemption {redemption.id}"] = parts
        else:
            redemption.parts = self.spend(person, parts)

    def paid_status(self, experience: Experience) -> str:
        return "pending" if experience.terms.fulfilment == "booked" else "confirmed"

    def let_go(self, redemption: Redemption, status: str) -> None:
        person = self.people[redemption.member]
        self.give_back(person, person.holds.pop(f"redemption {redemption.id}", Counter()))
        self.return_shares(redemption, None)
        redemption.status = status

    def return_shares(self, redemption: Redemption, points: int | None) -> None:
        left = redemption.points - redemption.refunded
        for campaign, given in redemption.given.items():
            share = given if points is None else given * points // max(1, left)
            redemption.given[campaign] -= share
            self.campaigns[campaign].given -= share

    def pay_back(self, redemption: Redemption, points: int) -> None:
        """What was spent last comes back first."""
        kept = self.draw(redemption.parts, redemption.points - redemption.refunded - points)
        back, redemption.parts = +redemption.parts, kept
        redemption.refunded += points
        person = self.people[redemption.member]
        person.spent -= points
        self.give_back(person, back)

    def why_not_report_payment(self, command: c.ReportPayment, actor: str) -> Reasons:
        one = self.redemptions.get(command.redemption)
        yield "unknown_redemption", one is None
        if one is None:
            return
        yield "already_paid", bool(one.reference)
        yield "payment_overdue", one.status == "lapsed"
        yield "wrong_redemption_status", one.status != "awaiting_payment"
        yield "payment_differs", command.cash != one.cash
        used = {other.reference for other in self.redemptions.values()}
        yield "reference_used", command.reference in used

    def report_payment(self, command: c.ReportPayment, actor: str) -> None:
        one = self.redemptions[command.redemption]
        person = self.people[one.member]
        one.reference = command.reference
        one.parts = self.spend(person, person.holds.pop(f"redemption {one.id}", Counter()))
        one.status = one.then

    def why_not_in(self, id: str, *statuses: str) -> Reasons:
        yield "unknown_redemption", id not in self.redemptions
        if id in self.redemptions:
            yield "wrong_redemption_status", self.redemptions[id].status not in statuses

    def why_not_confirm_redemption(self, command: c.ConfirmRedemption, actor: str) -> Reasons:
        yield from self.why_not_in(command.redemption, "pending")

    def confirm_redemption(self, command: c.ConfirmRedemption, actor: str) -> None:
        self.redemptions[command.redemption].status = "confirmed"

    def why_not_cancel_redemption(self, command: c.CancelRedemption, actor: str) -> Reasons:
        yield from self.why_not_in(command.redemption, "pending", "awaiting_payment")
        one = self.redemptions.get(command.redemption)
        yield "unknown_redemption", one is not None and one.member != (command.member or actor)

    def cancel_redemption(self, command: c.CancelRedemption, actor: str) -> None:
        one = self.redemptions[command.redemption]
        if one.status == "awaiting_payment":
            self.let_go(one, "cancelled")
        else:
            self.return_shares(one, None)
            self.pay_back(one, one.points - one.refunded)
            one.cash_refunded = one.cash
            one.status = "cancelled"

    def why_not_refund_redemption(self, command: c.RefundRedemption, actor: str) -> Reasons:
        yield from self.why_not_in(command.redemption, "pending", "confirmed")
        one = self.redemptions.get(command.redemption)
        if one is not None:
            yield "refund_too_large", (command.points or 0) > one.points - one.refunded
            yield "refund_too_large", (command.cash or 0) > one.cash - one.cash_refunded

    def refund_redemption(self, command: c.RefundRedemption, actor: str) -> None:
        one = self.redemptions[command.redemption]
        whole = command.points is None
        points = one.points - one.refunded if command.points is None else command.points
        cash = one.cash - one.cash_refunded if whole and command.cash is None else command.cash or 0
        self.return_shares(one, command.points)
        self.pay_back(one, points)
        one.cash_refunded += cash
        one.status = "refunded" if whole else one.status
