"""Tuning in the console, in a real Chromium: numbers that run, drafts, approval by another, rolling back."""

import json

import pytest

from engine.commands import Configure, ProgramSettings, TuneRule
from rules.rule import Effect, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import Page, demo_world, with_browser
from tests.gateway.consoling import fill, key, no_word_is_missing, on_console, place_of, point, press, send
from tests.gateway.harness import OpenWorld, Run, World
from tests.gateway.shop import EUROS, SAVING, card, on_catalogue, shop, shows, wellness

ADDING = PriceRule("spa-adds", Scope(experiences=("spa",)), Effect("add", 50, "points"), "all", -1)
SLIDER = "[data-rule=gold-saves] input[type=range]"
FIELD = "[data-rule=gold-saves] .entry input"


async def settings(here: World, **more: object) -> None:
    """Tiers and markets that the console knows to look at."""
    told = ProgramSettings(tiers=("blue", "gold"), markets=("north",), money={"north": EUROS}, **more)  # type: ignore[arg-type]
    await here.apply(Configure(told))


async def number_of(here: World, rule: str) -> int:
    answer = (await here.ask("maria", "manager", "GET", "/v1/rules")).json()
    return next(one["effect"]["number"] for one in answer["rules"] if one["id"] == rule)


@with_browser
def test_a_slider_that_is_let_go_of_moves_a_members_price_and_undo_moves_it_back(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(), sauna=wellness(500)) as here:
            await settings(here)
            async with on_catalogue(here, browser) as member, on_console(here, browser, "/tune") as page:
                await shows(page, "[data-rule=gold-saves] .effect", "×0.9 (-10%)")
                await page.command("Page.bringToFront")
                left, middle, width = await place_of(page, SLIDER)
                await point(page, "Pressed", left + width * 0.45, middle)
                await point(page, "Moved", left + width * 0.35, middle)
                await point(page, "Moved", left + width * 0.30, middle)
                # Nothing is done before it is let go of; what it would be is shown.
                await shows(page, ".foresight", "2 of 4 prices would change 2 cheaper")
                await shows(page, ".heat-map", "spa 1,000")
                shown = await page.text("[data-rule=gold-saves] .effect")
                assert shown != "×0.9 (-10%)"
                assert await number_of(here, "gold-saves") == 9_000
                await point(page, "Released", left + width * 0.30, middle)
                await shows(page, ".notice", "2 prices changed. 1 member saw it,")
                tuned = await number_of(here, "gold-saves")
                assert 5_000 < tuned < 7_000
                await shows(member, f"{card('spa')} .cost", f"{tuned // 10} pts")
                await press(page, "Undo")
                await page.until("document.querySelector('.notice')?.innerText.includes('→ ×0.9')")
                assert await number_of(here, "gold-saves") == 9_000
                await shows(member, f"{card('spa')} .cost", "900 pts")
                await no_word_is_missing(page)

    run(body())


@with_browser
def test_with_the_keyboard_nothing_runs_before_enter(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            await settings(here)
            async with on_console(here, browser, "/tune") as page:
                await page.until(f"document.querySelector('{SLIDER}') !== null")
                await page.command("Page.bringToFront")
                await page.run(f"document.querySelector('{SLIDER}').focus()")
                await key(page, "ArrowRight")
                await shows(page, "[data-rule=gold-saves] .effect", "×0.91 (-9%)")
                await shows(page, "[data-rule=gold-saves] .staged", "Set")
                await key(page, "Escape")
                await shows(page, "[data-rule=gold-saves] .effect", "×0.9 (-10%)")
                assert await number_of(here, "gold-saves") == 9_000
                for text, words in (("much", "Write a number."), ("0", "Between 0.01% and 10,000%.")):
                    await page.run(f"""(() => {{
                        const field = document.querySelector("{FIELD}");
                        field.value = "{text}";
                        field.dispatchEvent(new Event("input", {{ bubbles: true }}));
                        field.focus();
                    }})()""")
                    await shows(page, "[data-rule=gold-saves] .field-error", words)
                    await key(page, "Enter")
                await page.run(f"""(() => {{
                    const field = document.querySelector("{FIELD}");
                    field.value = "87.5";
                    field.dispatchEvent(new Event("input", {{ bubbles: true }}));
                }})()""")
                await key(page, "Enter")
                await shows(page, ".notice", "gold-saves: ×0.9 (-10%) → ×0.875 (-12.5%)")
                assert await number_of(here, "gold-saves") == 8_750

    run(body())


@with_browser
def test_what_another_manager_tunes_shows_without_a_reload(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            script = """
                const every = setInterval;
                window.setInterval = (act, time) => every(act, time === 5000 ? 100 : time);
            """
            async with on_console(here, browser, "/tune") as page:
                await shows(page, "[data-rule=spa-adds] .effect", "+50 pts")
                await page.command("Page.addScriptToEvaluateOnNewDocument", source=script)
                await page.command("Page.reload")
                await shows(page, "[data-rule=spa-adds] .effect", "+50 pts")
                await here.apply(TuneRule("spa-adds", -75))
                await shows(page, "[data-rule=spa-adds] .effect", "-75 pts")

    run(body())


@with_browser
def test_no_rules_and_none_that_is_looked_for_are_told(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, "/tune") as page:
            await shows(page, ".rule-groups", "No price rules run")
        async with (
            shop(world, SAVING, ADDING, spa=wellness()) as here,
            on_console(here, browser, "/tune") as page,
        ):
            await shows(page, ".filters", "2 rules")
            for text, words in (("GOLD", "1 of 2 rules"), ("nothing", "0 of 2 rules")):
                await page.run(f"""(() => {{
                    const search = document.querySelector("#rule-search");
                    search.value = "{text}";
                    search.dispatchEvent(new Event("input"));
                }})()""")
                await shows(page, ".filters", words)
            await shows(page, ".rule-groups", "No rule has this in its name or scope.")

    run(body())


@with_browser
def test_a_thousand_rules_are_there_at_once_and_drawn_as_they_are_asked_for(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world) as here:
            for first in range(0, 1_000, 200):
                rules = [
                    {
                        "id": f"rule-{number}",
                        "group": "all",
                        "scope": {"segments": [f"segment-{number}"]},
                        "effect": {"operation": "add", "number": -number},
                    }
                    for number in range(first, first + 200)
                ]
                if not first:
                    await here.ask(
                        "maria", "manager", "POST", "/v1/rules/drafts", {"draft": "many", "revision": 1}
                    )
                answer = await here.ask(
                    "maria", "manager", "POST", "/v1/rules/drafts/many/rules", {"rules": rules}
                )
                assert answer.status_code == 200, answer.text
            body = {"version": answer.json()["version"], "why": "many"}
            answer = await here.ask("maria", "manager", "POST", "/v1/rules/drafts/many/publish", body)
            assert answer.status_code == 200, answer.text
            async with on_console(here, browser, "/tune", width=390) as page:
                await shows(page, ".filters", "1,001 rules")
                assert await page.run("document.querySelectorAll('.rule').length") == 50
                await press(page, "Show 951 more")
                await page.until("document.querySelectorAll('.rule').length === 1001")
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


async def begin(page: Page, draft: str) -> None:
    await press(page, "Begin a draft")
    await fill(page, "draft", draft)
    await send(page)
    await shows(page, ".draft-editor h2", draft)


@with_browser
def test_a_draft_is_checked_as_one_types_compared_previewed_and_published(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            await settings(here)
            async with (
                on_catalogue(here, browser) as member,
                on_console(here, browser, "/tune/drafts") as page,
            ):
                await shows(page, "data-table .state", "There are no drafts.")
                await begin(page, "spring")
                await shows(page, ".draft-editor", "It changes nothing yet.")
                await press(page, "Add a rule")
                await fill(page, "id", "spring-cap")
                await fill(page, "operation", "cap")
                await fill(page, "amount", "800")
                await fill(page, "experiences", "sap")
                await shows(page, "[data-field=experiences] .field-error", "There is no experience 'sap'")
                await fill(page, "experiences", "spa")
                await page.until("document.querySelector('[data-field=experiences] .field-error').hidden")
                await fill(page, "priority", "-10")
                await send(page)
                await shows(page, ".difference", "added spring-cap never above 800 pts")
                await press(page, "Edit", "[data-rule=gold-saves]")
                await fill(page, "percent", "85")
                await send(page)
                await shows(page, ".difference", "×0.9 (-10%) → ×0.85 (-15%)")
                await press(page, "Preview")
                await shows(page, ".preview", "Would change 2")
                await shows(page, ".preview", "spa gold · north 950 800")
                await no_word_is_missing(page)
                await press(page, "Publish")
                await send(page)
                await shows(page, "[data-field=why] .field-error", "This is needed.")
                await fill(page, "why", "spring comes")
                await send(page)
                await shows(page, ".notice", "It runs, as revision 2.")
                await shows(page, "[data-rule=spring-cap] .effect", "never above 800 pts")
                await shows(member, f"{card('spa')} .cost", "800 pts")

    run(body())


@with_browser
def test_a_rule_that_is_not_saved_is_as_it_was(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            async with on_console(here, browser, "/tune/drafts") as page:
                await begin(page, "calm")
                await press(page, "Edit", "[data-rule=spa-adds]")
                await fill(page, "amount", "0")
                await shows(page, "[data-field=amount] .field-error", "It changes no price.")
                await press(page, "Cancel", "dialog")
                await shows(page, ".draft-editor", "It changes nothing yet.")
                await press(page, "Copy", "[data-rule=spa-adds]")
                await fill(page, "id", "spa-adds")
                await shows(page, "[data-field=id] .field-error", "There is a rule with this id already.")
                await fill(page, "id", "spa-adds-more")
                await page.until("document.querySelector('[data-field=id] .field-error').hidden")
                await press(page, "Cancel", "dialog")
                await shows(page, ".draft-editor", "It changes nothing yet.")
                await press(page, "Remove", "[data-rule=spa-adds]")
                await shows(page, ".difference", "removed spa-adds")
                await press(page, "Undo")
                await shows(page, ".draft-editor", "It changes nothing yet.")
                await press(page, "Throw away")
                await send(page)
                await shows(page, "data-table .state", "There are no drafts.")

    run(body())


@with_browser
def test_another_manager_approves_and_one_rolls_back(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            await settings(here, needs_approval=True)
            async with (
                on_console(here, browser, "/tune/drafts") as maria,
                on_console(here, browser, "/tune/drafts", who="omar") as omar,
            ):
                await begin(maria, "agreed")
                await press(maria, "Edit", "[data-rule=spa-adds]")
                await fill(maria, "amount", "-100")
                await send(maria)
                await shows(maria, ".difference", "spa-adds")
                await press(maria, "Publish")
                await fill(maria, "why", "a hundred less")
                await send(maria)
                await shows(maria, ".banner", "You asked to publish it. Another manager has to approve.")
                assert await number_of(here, "spa-adds") == 50
                await omar.command("Page.reload")
                await shows(omar, "data-table", "maria asks for approval")
                await press(omar, "agreed", "data-table")
                await shows(
                    omar, ".banner", "maria asks to publish it. Look at it, then approve. a hundred less"
                )
                await press(omar, "Approve")
                await shows(omar, ".notice", "It runs, as revision 2.")
                assert await number_of(here, "spa-adds") == -100
                await press(omar, "History")
                await shows(omar, "data-table", "maria, approved by omar a hundred less")
                await press(omar, "Compare", "data-table")
                await shows(omar, ".difference", "-100 pts → +50 pts")
                await press(omar, "Roll back", "data-table")
                await fill(omar, "reason", "too cheap")
                await send(omar)
                await shows(omar, "data-table", "too cheap")
                assert await number_of(here, "spa-adds") == 50

    run(body())


@with_browser
@pytest.mark.parametrize("width", [390, 1_280])
@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_in_every_language_and_width_no_word_is_missing_and_nothing_is_cut(
    run: Run, world: OpenWorld, browser: str, language: str, width: int
) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            await here.ask("maria", "manager", "POST", "/v1/rules/drafts", {"draft": "one", "revision": 1})
            await here.apply(TuneRule("spa-adds", 60))
            for address in ("/tune", "/tune/drafts", "/tune/drafts/one", "/tune/history"):
                async with on_console(here, browser, address, languages=language, width=width) as page:
                    await page.until(
                        "document.querySelector('#main [data-rule], #main data-table tbody td') !== null"
                    )
                    await page.until("document.querySelector('[aria-busy=true]') === null")
                    await no_word_is_missing(page)
                    assert await page.run("document.documentElement.scrollWidth <= innerWidth"), json.dumps(
                        address
                    )
                    assert await page.run("document.documentElement.lang") == language

    run(body())
