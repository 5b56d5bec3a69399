"""Tuning in the console, in a real Chromium: numbers that run, and what they would be."""

import json

import pytest

from engine.commands import BeginDraft, Configure, ProgramSettings, PublishRules, PutRules, TuneRule
from gateway.wire import REBUILDING
from rules.rule import Effect, Group, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import Page, demo_world, with_browser
from tests.gateway.consoling import (
    LOOKS_OFTEN,
    key,
    no_word_is_missing,
    on_console,
    place_of,
    point,
    press,
    send,
)
from tests.gateway.harness import OpenWorld, Run, World, connections
from tests.gateway.shop import EUROS, SAVING, card, on_catalogue, shop, shows, wellness

ADDING = PriceRule("spa-adds", Scope(experiences=("spa",)), Effect("add", 50, "points"), "all", -1)
SLIDER = "[data-rule=gold-saves] input[type=range]"
FIELD = "[data-rule=gold-saves] .entry input"


async def stage(page: Page, text: str, field: str = FIELD) -> None:
    """Types a number, which is not done yet."""
    await page.run(f"""(() => {{
        const field = document.querySelector("{field}");
        field.value = "{text}";
        field.dispatchEvent(new Event("input", {{ bubbles: true }}));
        field.focus();
    }})()""")


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
                await page.tab.bring_to_front()
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
                await page.tab.bring_to_front()
                await page.run(f"document.querySelector('{SLIDER}').focus()")
                await key(page, "ArrowRight")
                await shows(page, "[data-rule=gold-saves] .effect", "×0.91 (-9%)")
                await shows(page, "[data-rule=gold-saves] .staged", "Set")
                await key(page, "Escape")
                await shows(page, "[data-rule=gold-saves] .effect", "×0.9 (-10%)")
                assert await number_of(here, "gold-saves") == 9_000
                for text, words in (("much", "Write a number."), ("0", "Between 0.01% and 10,000%.")):
                    await stage(page, text)
                    await shows(page, "[data-rule=gold-saves] .field-error", words)
                    await key(page, "Enter")
                await stage(page, "87.5")
                await key(page, "Enter")
                await shows(page, ".notice", "gold-saves: ×0.9 (-10%) → ×0.875 (-12.5%)")
                assert await number_of(here, "gold-saves") == 8_750

    run(body())


@with_browser
def test_what_another_manager_tunes_shows_without_a_reload(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            async with on_console(here, browser, "/tune", script=LOOKS_OFTEN) as page:
                await shows(page, "[data-rule=spa-adds] .effect", "+50 pts")
                await here.apply(TuneRule("spa-adds", -75))
                await shows(page, "[data-rule=spa-adds] .effect", "-75 pts")

    run(body())


@with_browser
def test_the_map_is_for_whom_one_chooses_and_has_everything(run: Run, world: OpenWorld, browser: str) -> None:
    students = PriceRule("students", Scope(segments=("student",)), Effect("add", -100), "all", -1)
    web = PriceRule("web", Scope(channels=("web",)), Effect("add", 7), "all", -2)
    spas = {f"spa{number:02}": wellness(1_000 + 10 * number) for number in range(30)}

    async def body() -> None:
        async with shop(world, SAVING, students, web, **spas) as here:
            await settings(here)
            async with on_console(here, browser, "/tune") as page:
                await page.until(f"document.querySelector('{FIELD}') !== null")
                await stage(page, "50")
                await shows(page, ".foresight", "30 of 60 prices would change 30 cheaper")
                await shows(page, ".foresight", "Items shown: 25 of 30, those that change most first.")
                await shows(page, ".heat-map tbody tr", "spa29 1,290 645")
                await press(page, "Show more (5 left)")
                await shows(page, ".foresight", "Items shown: 30 of 30")
                await shows(page, ".heat-map tbody tr:last-child", "spa00 1,000 500")
                for choice, value, words in (
                    ("segment", "student", "spa29 1,190 545"),
                    ("channel", "web", "spa29 1,197 552"),
                ):
                    await page.run(f"""(() => {{
                        const choice = document.querySelector(".asked [name={choice}]");
                        choice.value = "{value}";
                        choice.dispatchEvent(new Event("change"));
                    }})()""")
                    await shows(page, ".heat-map tbody tr", words)
                await shows(page, ".foresight", "For members of student. In the channel web.")
                await stage(page, "spa07", ".asked [type=search]")
                await shows(page, ".foresight", "Items shown: 1 of 1")
                await shows(page, ".heat-map tbody", "spa07 977 442")
                await stage(page, "zoo", ".asked [type=search]")
                await shows(page, ".foresight", "No item has this in its name.")
                await no_word_is_missing(page)

    run(body())


GONE = "window.WebSocket = class { constructor() { throw new Error('gone'); } }"


@with_browser
def test_a_gateway_that_is_gone_a_token_that_expires_and_a_rule_that_is_no_more(
    run: Run, world: OpenWorld, browser: str
) -> None:
    def cut(here: World) -> None:
        for connection in connections(here):
            connection.close(REBUILDING)

    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            async with on_console(here, browser, "/tune") as page:
                await page.until(f"document.querySelector('{FIELD}') !== null")
                # Gone: what is sent meanwhile waits, and is done once the gateway is back.
                await page.run(f"window.Real = WebSocket; {GONE}")
                cut(here)
                await shows(page, ".stale", "The connection is lost")
                await stage(page, "80")
                await page.tab.bring_to_front()
                await key(page, "Enter")
                await shows(page, "[data-rule=gold-saves] [aria-busy=true]", "×0.8")
                assert await number_of(here, "gold-saves") == 9_000
                await page.run("window.WebSocket = Real; dispatchEvent(new Event('online'))")
                await shows(page, ".notice", "gold-saves: ×0.9 (-10%) → ×0.8 (-20%)")
                # Expired: one signs in over the page, which has what was typed.
                await stage(page, "70")
                await page.run("window.clock = Date.now; Date.now = () => clock() + 1e10")
                cut(here)
                await shows(page, "dialog", "Your token has expired.")
                await page.run("Date.now = clock")
                await page.run(f"document.querySelector('#token').value = '{here.token('maria', 'manager')}'")
                await send(page)
                await page.until("document.querySelector('dialog') === null")
                await page.until("document.querySelector('.connection').dataset.phase === 'live'")
                await shows(page, "[data-rule=gold-saves] .effect", "×0.7 (-30%)")
                # Refused: another has published a set without it.
                await page.hold_back("rules.tune")
                await press(page, "Set", "[data-rule=gold-saves]")
                await page.has_held_back()
                await here.apply(BeginDraft("second"))
                draft = await here.apply(PutRules("second", (ADDING,), groups=(Group("all"),)))
                await here.apply(PublishRules("second", draft.version, "less"))
                await page.release()
                await shows(page, ".notice[data-tone=bad]", "It is not there any more. Go back to the list.")
                await shows(page, ".filters", "1 rule")

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


@with_browser
@pytest.mark.parametrize(("language", "width"), [("fr", 390), ("es", 1_280), ("ar", 390)])
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
