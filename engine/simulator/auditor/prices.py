"""The naive model's campaigns and price rules: rule sets are kept as lists. See model.py."""

from dataclasses import dataclass

import msgspec

from engine import commands as c
from engine.simulator.auditor.points import FOREVER, PointsModel, Reasons
from engine.simulator.auditor.quotes import naive_quote
from rules.pricing import Terms
from rules.rule import Effect, PriceRule, RuleSet
from rules.scope import Cell, Item


@dataclass
class Campaign:
    terms: c.CampaignTerms
    status: str = "draft"
    given: int = 0


@dataclass
class Draft:
    version: int
    rule_set: RuleSet
    by: str
    asked_by: str = ""


@dataclass
class Experience:
    terms: c.ExperienceTerms


class PricesModel(PointsModel):
    """When campaigns are in force, what they have left, and which rules run."""

    def __init__(self, settings: c.ProgramSettings) -> None:
        super().__init__(settings)
        self.experiences: dict[str, Experience] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.drafts: dict[str, Draft] = {}
        self.revisions: dict[int, RuleSet] = {}
        self.running = RuleSet((), ())

    def pass_campaign_time(self) -> None:
        for campaign in self.campaigns.values():
            terms = campaign.terms
            if campaign.status in ("scheduled", "running"):
                campaign.status = "running" if self.at >= terms.starts_at else "scheduled"
            if campaign.status in ("running", "paused") and 0 < terms.ends_at <= self.at:
                campaign.status = "ended"

    def in_force(self) -> tuple[str, ...]:
        return tuple(
            sorted(
                id
                for id, one in self.campaigns.items()
                if one.status == "running"
                and (
                    any(start <= self.at < end for start, end in one.terms.windows)
                    or not (one.terms.windows or one.terms.schedule)
                )
            )
        )

    def budgets(self) -> dict[str, int]:
        return {
            id: max(0, one.terms.budget - one.given)
            for id, one in self.campaigns.items()
            if one.terms.budget is not None
        }

    def factor_by_rules(self, auction: str, member: str, factor: int) -> int:
        person = self.people[member]
        named = tuple(rule for rule in self.running.rules if "auction" in rule.scope.mechanics)
        cell = Cell("auction", person.tier, person.market, "", person.segments, self.in_force())
        item = Item(auction, "auction", factor)
        points = naive_quote(RuleSet(self.running.groups, named), cell, item, Terms(self.at))[0]
        return min(max(1, points), 10**6)

    # Campaigns.

    def why_not_campaign(self, id: str, *statuses: str) -> Reasons:
        yield "unknown_campaign", id not in self.campaigns
        if id in self.campaigns:
            yield "wrong_campaign_status", self.campaigns[id].status not in statuses

    def why_not_put_campaign(self, command: c.PutCampaign, actor: str) -> Reasons:
        if command.campaign in self.campaigns:
            yield from self.why_not_campaign(command.campaign, "draft", "scheduled", "running", "paused")
        yield "invalid_campaign", 0 < command.terms.ends_at <= command.terms.starts_at

    def put_campaign(self, command: c.PutCampaign, actor: str) -> None:
        known = self.campaigns.setdefault(command.campaign, Campaign(command.terms))
        same = bool(command.terms.schedule) and command.terms.schedule == known.terms.schedule
        windows = known.terms.windows if same else command.terms.windows
        known.terms = msgspec.structs.replace(command.terms, windows=windows)
        self.pass_campaign_time()

    def why_not_schedule_campaign(self, command: c.ScheduleCampaign, actor: str) -> Reasons:
        yield from self.why_not_campaign(command.campaign, "draft")
        if command.campaign in self.campaigns:
            yield "already_past", 0 < self.campaigns[command.campaign].terms.ends_at <= self.at

    def schedule_campaign(self, command: c.ScheduleCampaign, actor: str) -> None:
        self.campaigns[command.campaign].status = "scheduled"
        self.pass_campaign_time()

    def why_not_pause_campaign(self, command: c.PauseCampaign, actor: str) -> Reasons:
        yield from self.why_not_campaign(command.campaign, "running")

    def pause_campaign(self, command: c.PauseCampaign, actor: str) -> None:
        self.campaigns[command.campaign].status = "paused"

    def why_not_resume_campaign(self, command: c.ResumeCampaign, actor: str) -> Reasons:
        yield from self.why_not_campaign(command.campaign, "paused")

    def resume_campaign(self, command: c.ResumeCampaign, actor: str) -> None:
        self.campaigns[command.campaign].status = "running"
        self.pass_campaign_time()

    # Price rules.

    def why_not_begin_draft(self, command: c.BeginDraft, actor: str) -> Reasons:
        yield "draft_exists", command.draft in self.drafts
        yield "unknown_revision", command.revision not in (0, *self.revisions)

    def begin_draft(self, command: c.BeginDraft, actor: str) -> None:
        rules = self.revisions.get(command.revision, RuleSet((), ()))
        if command.revision and command.revision == max(self.revisions):
            rules = self.running
        self.drafts[command.draft] = Draft(1, rules, actor)

    def why_not_put_rules(self, command: c.PutRules, actor: str) -> Reasons:
        yield "unknown_draft", command.draft not in self.drafts
        if command.draft not in self.drafts:
            return
        known = self.drafts[command.draft].rule_set
        groups = {group.id for group in (known.groups if command.groups is None else command.groups)}
        for rule in command.rules:
            yield "unknown_group", rule.group not in groups
            yield "factor_out_of_bounds", rule.effect.operation == "factor" and rule.effect.number < 1
            yield "unknown_budget", bool(rule.budget) and rule.budget not in self.budgets()
            yield "unknown_campaign", not set(rule.scope.campaigns) <= set(self.campaigns)
            yield "unknown_experience", not set(rule.scope.experiences) <= set(self.experiences)
        put = {rule.id for rule in command.rules}
        stay = [rule for rule in known.rules if rule.id not in put and rule.id not in command.removed]
        yield "unknown_group", any(rule.group not in groups for rule in stay)
        yield "unknown_rule", not set(command.removed) <= {rule.id for rule in known.rules}

    def put_rules(self, command: c.PutRules, actor: str) -> None:
        draft = self.drafts[command.draft]
        rules = {rule.id: rule for rule in draft.rule_set.rules if rule.id not in command.removed}
        rules |= {rule.id: rule for rule in command.rules}
        groups = draft.rule_set.groups if command.groups is None else command.groups
        draft.rule_set = RuleSet(groups, tuple(rules.values()))
        draft.version += 1

    def why_not_publish_rules(self, command: c.PublishRules, actor: str) -> Reasons:
        yield "unknown_draft", command.draft not in self.drafts
        if command.draft in self.drafts:
            yield "draft_changed", self.drafts[command.draft].version != command.version

    def publish_rules(self, command: c.PublishRules, actor: str) -> None:
        self.run(self.drafts.pop(command.draft).rule_set)

    def why_not_roll_back_rules(self, command: c.RollBackRules, actor: str) -> Reasons:
        yield "unknown_revision", command.revision not in self.revisions

    def roll_back_rules(self, command: c.RollBackRules, actor: str) -> None:
        self.run(self.revisions[command.revision])

    def run(self, rule_set: RuleSet) -> None:
        self.running = rule_set
        self.revisions[max(self.revisions, default=0) + 1] = rule_set

    def why_not_tune_rule(self, command: c.TuneRule, actor: str) -> Reasons:
        rule = next((rule for rule in self.running.rules if rule.id == command.rule), None)
        yield "unknown_rule", rule is None
        if rule is not None:
            yield "factor_out_of_bounds", rule.effect.operation == "factor" and command.number < 1
            yield "number_out_of_bounds", rule.effect.operation != "add" and command.number < 0
            changed = tuned(rule, command.number)
            yield "floor_above_cap", any(cross(changed, other) for other in self.running.rules)

    def tune_rule(self, command: c.TuneRule, actor: str) -> None:
        self.running = RuleSet(
            self.running.groups,
            tuple(
                tuned(rule, command.number) if rule.id == command.rule else rule
                for rule in self.running.rules
            ),
        )


def cross(rule: PriceRule, other: PriceRule) -> bool:
    """Whether one is a floor above the other, which is a cap, and somewhere and at some time both speak."""
    bounds = {one.effect.operation: one.effect.number for one in (rule, other)}
    if {*bounds} != {"floor", "cap"} or rule.effect.part != other.effect.part:
        return False
    return (
        bounds["floor"] > bounds["cap"]
        and all(
            not {*mine} or not {*theirs} or bool({*mine} & {*theirs})
            for mine, theirs in zip(
                msgspec.structs.astuple(rule.scope), msgspec.structs.astuple(other.scope), strict=True
            )
        )
        and any(
            start < until and since < end
            for start, end in rule.windows or ((0, FOREVER),)
            for since, until in other.windows or ((0, FOREVER),)
        )
    )


def tuned(rule: PriceRule, number: int) -> PriceRule:
    return PriceRule(
        rule.id,
        rule.scope,
        Effect(rule.effect.operation, number, rule.effect.part),
        rule.group,
        rule.priority,
        rule.windows,
        rule.budget,
        rule.limit,
        rule.title,
    )
