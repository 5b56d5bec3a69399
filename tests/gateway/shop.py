"""A catalogue with price rules, and the demo page that shows it in a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from engine.commands import (
    BeginDraft,
    Configure,
    ExperienceTerms,
    MarketMoney,
    ProgramSettings,
    PublishRules,
    PutExperience,
    PutRules,
)
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import Page, demo_world, open_tab
from tests.gateway.harness import OpenWorld, World

EUROS = MarketMoney("EUR", 2, 5_000, 2_500)
"""A hundred points are worth 50 cents, and a quarter of a price without tax is added to it."""

SAVING = PriceRule("gold-saves", Scope(tiers=("gold",)), Effect("factor", 9_000, "points"), "all")


@asynccontextmanager
async def shop(world: OpenWorld, *rules: PriceRule, **experiences: ExperienceTerms) -> AsyncIterator[World]:
    """A program with these ``experiences``, and ``rules`` (none: gold members save a tenth) that run."""
    async with demo_world(world) as here:
        await here.apply(Configure(ProgramSettings(money={"north": EUROS})))
        for id, terms in experiences.items():
            await put(here, id, terms)
        await here.apply(BeginDraft("first"))
        draft = await here.apply(PutRules("first", rules or (SAVING,), groups=(Group("all"),)))
        published = await here.apply(PublishRules("first", draft.version, "a test"))
        assert published.revision == 1, published
        yield here


async def add_rule(here: World, rule: PriceRule) -> None:
    """Publishes what runs with one more rule."""
    running = here.gateway.replica.program.book.current
    await here.apply(BeginDraft("more", running))
    draft = await here.apply(PutRules("more", (rule,)))
    published = await here.apply(PublishRules("more", draft.version, "a test"))
    assert published.revision == running + 1, published


async def put(here: World, id: str, terms: ExperienceTerms) -> None:
    outcome = await here.apply(PutExperience(id, terms))
    assert getattr(outcome, "experience", "") == id, outcome


@asynccontextmanager
async def on_catalogue(
    here: World, browser: str, member: str = "m1", experience: str = "spa", **tab: Any
) -> AsyncIterator[Page]:
    """The catalogue as ``member`` sees it, once it shows ``experience`` and every price is watched."""
    async with open_tab(here, browser, member, "/rewards", **tab) as page:
        await page.until(f"document.querySelector('{card(experience)}') !== null")
        await page.until("document.querySelector('#rewards-grid').ariaBusy === 'false'")
        await page.until("document.querySelector('#available')?.innerText.length > 1")
        yield page


def card(experience: str) -> str:
    return f"[data-experience={experience}]"


def wellness(points: int = 1_000, **terms: Any) -> ExperienceTerms:
    return ExperienceTerms("wellness", points, {"en": "A day at the spa"}, **terms)


async def shows(page: Page, selector: str, words: str) -> None:
    """Returns once a person reads ``words`` there."""
    await page.until(f"""(() => {{
        const node = document.querySelector({selector!r});
        return node?.checkVisibility() && node.innerText.replace(/\\s+/g, " ").includes({words!r});
    }})()""")
