"""Campaigns in the console, in a real Chromium: made, launched from a template, paused and ended."""

from typing import Any

import pytest

from engine.commands import ExperienceTerms, PutExperience
from gateway.sockets import now
from tests.gateway.browsing import demo_world, with_browser
from tests.gateway.consoling import fill, no_word_is_missing, on_console, press, send
from tests.gateway.harness import HOUR, OpenWorld, Run, World
from tests.gateway.shop import shows

FACTS = ".campaign .facts"


async def put(here: World, campaign: str, **terms: Any) -> None:
    path = f"/v1/campaigns/{campaign}"
    answer = await here.ask("maria", "manager", "PUT", path, {"terms": terms})
    assert answer.status_code == 200, answer.text


async def terms_of(here: World, campaign: str) -> dict[str, Any]:
    answer = await here.ask("maria", "manager", "GET", f"/v1/campaigns/{campaign}")
    terms: dict[str, Any] = answer.json()["terms"]
    return terms


@with_browser
@pytest.mark.parametrize("width", [390, 1_280])
def test_one_is_made_paused_resumed_and_ended(run: Run, world: OpenWorld, browser: str, width: int) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, "/campaigns", width=width) as page:
            await shows(page, "data-table .state", "There are no campaigns like this.")
            await press(page, "New campaign")
            await fill(page, "campaign", "spring")
            await send(page)
            await shows(page, "[data-field=title_en] .field-error", "A title in one language is needed.")
            await fill(page, "title_en", "Spring is coming")
            await fill(page, "starts_at", "")
            await fill(page, "ends_at", "2001-01-01T00:00")
            await fill(page, "budget", "500,000")
            await send(page)
            await shows(page, "[data-field=ends_at] .field-error", "It ends after it starts.")
            await fill(page, "ends_at", "2199-01-01T00:00")
            await send(page)
            await shows(page, ".head", "Spring is coming draft")
            await shows(page, FACTS, "0 of 500,000 (0%)")
            await press(page, "Schedule")
            await shows(page, ".head", "Spring is coming running")
            await press(page, "Pause")
            await fill(page, "reason", "it rains")
            await send(page)
            await shows(page, ".head", "paused")
            await shows(page, FACTS, "Reason it rains")
            await press(page, "Resume")
            await shows(page, ".head", "running")
            await press(page, "End it")
            await send(page)
            await shows(page, ".head", "ended")
            await press(page, "Archive")
            await shows(page, ".head", "archived")
            await no_word_is_missing(page)
            assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


@with_browser
def test_a_template_brings_everything_along_and_is_launched_at_once(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.apply(PutExperience("spa", ExperienceTerms("wellness", 1_000)))
            start = now() // HOUR * HOUR + 24 * HOUR
            shelf = {"id": "calm", "experiences": ["spa"], "titles": {"en": "Calm"}}
            peak = {"starts_at": start + HOUR, "ends_at": start + 2 * HOUR, "period": 600_000}
            await put(
                here,
                "summer",
                titles={"en": "Summer", "fr": "Été"},
                starts_at=start,
                ends_at=start + 48 * HOUR,
                windows=[[start, start + 3 * HOUR]],
                budget=9_000,
                shelves=[shelf],
                rotation={"period": HOUR, "peaks": [peak]},
            )
            before = await terms_of(here, "summer")
            async with on_console(here, browser, "/campaigns/summer") as page:
                await shows(page, ".campaign", "Calm with spa")
                await press(page, "Use as template")
                await fill(page, "campaign", "autumn")
                await fill(page, "title_en", "Autumn")
                await send(page)
                await shows(page, ".head", "Autumn scheduled")
                after = await terms_of(here, "autumn")
                shift = after["starts_at"] - before["starts_at"]
                assert shift < 0
                assert after["ends_at"] - before["ends_at"] == shift
                assert after["windows"] == [[one + shift for one in before["windows"][0]]]
                moved = {"starts_at": peak["starts_at"] + shift, "ends_at": peak["ends_at"] + shift}
                assert after["rotation"]["peaks"] == [peak | moved]
                assert after["titles"] == {"en": "Autumn", "fr": "Été"}
                assert (after["shelves"], after["budget"]) == (before["shelves"], before["budget"])

    run(body())


@with_browser
def test_a_schedule_is_told_and_stays_when_something_else_is_edited(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            schedule = {
                "zone": "Europe/Paris",
                "recurrences": [{"at": "17:00", "minutes": 120}],
                "celebrations": [{"country": "IN", "names": ["Diwali"]}],
            }
            await put(here, "hours", titles={"en": "Happy hour"}, schedule=schedule)
            before = await terms_of(here, "hours")
            async with on_console(here, browser, "/campaigns/hours") as page:
                await shows(
                    page, ".times", "In the time of Europe/Paris. 1 recurring window. Around Diwali (IN)."
                )
                await press(page, "Edit")
                await fill(page, "budget", "700")
                await send(page)
                await shows(page, FACTS, "0 of 700 (0%)")
                assert await terms_of(here, "hours") == before | {"budget": 700}

    run(body())


@with_browser
@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_in_every_language(run: Run, world: OpenWorld, browser: str, language: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await put(here, "summer", titles={"en": "Summer"}, budget=9_000)
            for address in ("/campaigns", "/campaigns/summer"):
                async with on_console(here, browser, address, languages=language, width=390) as page:
                    await page.until("document.querySelector('.head .actions button') !== null")
                    await page.until("document.querySelector('meter') !== null")
                    await page.run("document.querySelectorAll('.head .actions button')[0].click()")
                    await page.until("document.querySelector('dialog') !== null")
                    await no_word_is_missing(page)
                    assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())
