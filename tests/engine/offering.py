"""What tests of the catalogue, of campaigns and of price rules begin with, on a ``Stage``."""

from typing import Any

from engine.campaigns.state import Campaign
from engine.commands import (
    BeginDraft,
    CampaignTerms,
    ExperienceTerms,
    PublishRules,
    PutCampaign,
    PutExperience,
    PutRules,
    Redeem,
    ScheduleCampaign,
)
from engine.results import Redeemed
from engine.rewards.state import Experience, Redemption
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope
from tests.engine.harness import Stage

STACK = (Group("a"),)


def put(stage: Stage, id: str = "spa", points: int = 1_000, **given: Any) -> Experience:
    """Puts an experience into the catalogue."""
    stage.do(PutExperience(id, ExperienceTerms(given.pop("kind", "wellness"), points, **given)))
    return stage.program.experiences[id]


def run_campaign(stage: Stage, id: str = "spring", **given: Any) -> Campaign:
    """Puts a campaign that starts now, unless ``given``, and schedules it."""
    stage.do(PutCampaign(id, CampaignTerms(**({"starts_at": stage.at} | given))))
    stage.do(ScheduleCampaign(id))
    return stage.program.campaigns.by_id[id]


def rule(
    id: str, operation: Any, number: int, part: Any = "points", *, group: str = "a", **given: Any
) -> PriceRule:
    """A rule; what is ``given`` are dimensions of its scope, or fields of its own."""
    own = {name: given.pop(name) for name in ("priority", "windows", "budget", "limit") if name in given}
    return PriceRule(id, Scope(**given), Effect(operation, number, part), group, **own)


def publish(stage: Stage, *rules: PriceRule, groups: tuple[Group, ...] = STACK) -> int:
    """Publishes these rules alone; returns the revision."""
    stage.do(BeginDraft("draft"), "maria")
    version = stage.do(PutRules("draft", rules, groups=groups), "maria").version
    revision: int = stage.do(PublishRules("draft", version, "a test"), "maria").revision
    return revision


def redeem(
    stage: Stage, member: str = "anna", experience: str = "spa", most: int = 10**12, **given: Any
) -> Redeemed:
    """A redemption that must be accepted, at any price unless ``given``."""
    asked = Redeem(experience, most, **({"most_cash": 10**9} | given))
    redeemed: Redeemed = stage.do(asked, member)
    return redeemed


def redemption(stage: Stage, redeemed: Redeemed) -> Redemption:
    """The state of a redemption."""
    return stage.program.redemptions[redeemed.redemption]
