"""Campaigns in the console, in a real Chromium: made, launched from a template, paused and ended."""

from typing import Any

import pytest

from engine.commands import Configure, ProgramSettings, ScheduleCampaign
from gateway.clock import now
from rules.rule import Effect, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import demo_world, with_browser
from tests.gateway.consoling import fill, no_word_is_missing, on_console, press, send
from tests.gateway.harness import HOUR, OpenWorld, Run, World
from tests.gateway.shop import EUROS, add_rule, card, on_catalogue, shop, shows, wellness

FACTS = ".campaign .facts"
SETTINGS = ProgramSettings(tiers=("gold",), markets=("north",), money={"north": EUROS})


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
def test_a_template_brings_everything_along_and_members_see_its_prices_at_once(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        summer = PriceRule(
            "summer-spa", Scope(campaigns=("summer",)), Effect("factor", 9_000), "all", budget="summer"
        )
        async with shop(world, spa=wellness()) as here:
            start = now() // HOUR * HOUR + 24 * HOUR
            shelf = {"id": "calm", "experiences": ["spa"], "titles": {"en": "Calm"}}
            peak = {"starts_at": start + HOUR, "ends_at": start + 2 * HOUR, "period": 600_000}
            await put(
                here,
                "summer",
                titles={"en": "Summer", "fr": "Été"},
                starts_at=start,
                ends_at=start + 48 * HOUR,
                budget=9_000,
                shelves=[shelf],
                rotation={"period": HOUR, "peaks": [peak]},
            )
            await here.apply(Configure(SETTINGS))
            await add_rule(here, summer)
            before = await terms_of(here, "summer")
            async with (
                on_catalogue(here, browser) as member,
                on_console(here, browser, "/campaigns/summer") as page,
            ):
                await shows(member, card("spa"), "900 pts")
                await press(page, "Use as template")
                await fill(page, "campaign", "summer")
                await send(page)
                await shows(page, "[data-field=campaign] .field-error", "Another campaign has this id.")
                await fill(page, "campaign", "autumn")
                await fill(page, "title_en", "Autumn")
                await fill(page, "number-summer-spa", "70")
                await send(page)
                await shows(page, "dialog .preview", "Would change 1 ")
                await shows(page, "dialog .shelf-preview", "A day at the spa 900 pts")
                assert (await terms_of(here, "autumn"))["titles"] == {"en": "Autumn", "fr": "Été"}
                assert here.gateway.replica.program.book.current == 2, "nothing counts before it is confirmed"
                await press(page, "Back", "dialog")
                await page.until("document.querySelector('dialog [name=number-summer-spa]')?.value === '70'")
                await fill(page, "starts_at", "")
                await send(page)
                await page.until("document.querySelector('dialog .preview') !== null")
                await press(page, "Launch", "dialog")
                await shows(page, ".head", "Autumn running")
                await shows(page, ".campaign .shelves", "Calm up now A day at the spa")
                # The member's page was open all the time.
                await shows(member, card("spa"), "630 pts")
                after = await terms_of(here, "autumn")
                assert (after["shelves"], after["budget"]) == (before["shelves"], before["budget"])
                shift = after["ends_at"] - before["ends_at"]
                moved = {"starts_at": peak["starts_at"] + shift, "ends_at": peak["ends_at"] + shift}
                assert after["rotation"]["peaks"] == [peak | moved]
            rules = {one.id: one for one in here.gateway.replica.program.book.running.rules}
            made = rules["autumn-spa"]
            assert (made.scope.campaigns, made.budget, made.effect.number) == (("autumn",), "autumn", 7_000)
            assert rules["summer-spa"] == summer

    run(body())


@with_browser
def test_shelves_are_edited_and_a_member_sees_it(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(), sauna=wellness(500)) as here:
            await here.apply(Configure(SETTINGS))
            shelf = {"id": "calm", "experiences": ["spa"], "titles": {"en": "Calm"}}
            await put(here, "summer", titles={"en": "Summer"}, shelves=[shelf])
            await here.apply(ScheduleCampaign("summer"))
            async with (
                on_catalogue(here, browser) as member,
                on_console(here, browser, "/campaigns/summer") as page,
            ):
                await shows(member, "#shelves", "Calm")
                await press(page, "Edit the shelves")
                await fill(page, "title_en", "Calmer")
                await fill(page, "add-pick", "sauna")
                await shows(
                    page, "dialog .shelf-preview", "Calmer A day at the spa 900 pts A day at the spa 450 pts"
                )
                await page.click("dialog [data-field=experiences] [aria-label^='Take']")
                await press(page, "Add a shelf", "dialog")
                await page.run("document.querySelectorAll('dialog [name=id]')[1].value = 'calm'")
                await send(page)
                await shows(page, "[data-field=shelves] > .field-error", "Two shelves have one id.")
                await page.run("document.querySelectorAll('dialog [name=id]')[1].value = 'away'")
                await page.click("dialog [name=rotates]")
                await page.run("document.querySelectorAll('dialog [name=period]')[0].value = '0'")
                await send(page)
                await shows(page, "[data-field=period] .field-error", "Between 1 and")
                await page.run("document.querySelectorAll('dialog [name=period]')[0].value = '2'")
                await send(page)
                await shows(page, ".campaign .shelves", "Calmer up now A day at the spa")
                await shows(page, ".campaign .shelves", "The next one comes up every 2 days.")
                terms = await terms_of(here, "summer")
                assert [(one["id"], one["experiences"]) for one in terms["shelves"]] == [
                    ("calm", ["sauna"]),
                    ("away", []),
                ]
                assert terms["rotation"] == {"period": 48 * HOUR, "peaks": []}
                # A minute is up, as far as this page knows.
                await member.run("performance.now = () => 10 ** 9")
                await member.tab.bring_to_front()
                await member.run("document.dispatchEvent(new Event('visibilitychange'))")
                await shows(member, "#shelves", "Calmer")
                await page.tab.bring_to_front()
                await page.until("document.querySelector('dialog') === null")
                await press(page, "A day at the spa", ".campaign .on-shelf")
                await fill(page, "zone", "Europe/Oslo")
                await fill(page, "visible_until", "2199-03-31T02:30")
                await send(page)
                await shows(page, "[data-field=visible_until] .field-error", "it does not exist")
                await fill(page, "visible_until", "2199-04-01T02:30")
                await send(page)
                await page.until("document.querySelector('dialog') === null")
                found = here.gateway.replica.program.experiences["sauna"].terms
                assert found.visible_until == 7_234_360_200_000

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
                await press(page, "Edit the schedule")
                await shows(page, "dialog .outcome", "5:00 PM to")
                await press(page, "Add a window", "dialog")
                await fill(page, "start", "2031-03-30T02:30:00")
                await fill(page, "end", "2031-03-30T04:00:00")
                await send(page)
                await shows(page, "[data-field=windows] .field-error", "Europe/Paris: it does not exist.")
                await fill(page, "start", "2031-03-30T01:30:00")
                await send(page)
                await shows(page, ".times", "1 single window. 1 recurring window.")
                window = {"starts": "2031-03-30T01:30", "ends": "2031-03-30T04:00"}
                kept = before["schedule"]
                before["schedule"] = kept | {"windows": [window]}
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
