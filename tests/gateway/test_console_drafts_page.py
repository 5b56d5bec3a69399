"""Drafts of price rules in the console, in a real Chromium: checked, published, approved, rolled back, by two
people."""

from typing import Any

from engine.commands import PutRules
from rules.rule import Effect, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import Page, with_browser
from tests.gateway.consoling import LOOKS_OFTEN, fill, no_word_is_missing, on_console, press, send
from tests.gateway.harness import OpenWorld, Run, World
from tests.gateway.shop import SAVING, card, on_catalogue, shop, shows, wellness
from tests.gateway.test_console_tune_page import ADDING, number_of, settings


async def draft_of(here: World, draft: str) -> dict[str, Any]:
    """What the gateway has of a draft: ``version``, and the numbers of its rules by id."""
    answer = await here.ask("maria", "manager", "GET", f"/v1/rules?draft={draft}")
    found = answer.json()
    return {"version": found["version"]} | {one["id"]: one["effect"]["number"] for one in found["rules"]}


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
                # Typing has written nothing, and nothing that was typed is lost.
                unchanged = {"version": 1, "spa-adds": 50, "gold-saves": 9_000}
                assert await draft_of(here, "calm") == unchanged
                await shows(page, ".notice", "spa-adds is not saved.")
                await press(page, "Go on editing")
                await page.until("document.querySelector('dialog [name=amount]')?.value === '0'")
                await fill(page, "operation", "cap")
                await fill(page, "amount", "40")
                await fill(page, "priority", "9")
                await page.until("document.querySelector('[data-field=amount] .field-error').hidden")
                await press(page, "Cancel", "dialog")
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
def test_two_managers_at_one_draft_hear_of_each_other(run: Run, world: OpenWorld, browser: str) -> None:
    least = PriceRule("least", Scope(), Effect("floor", 500), "all", -9)

    async def body() -> None:
        async with shop(world, SAVING, ADDING, least, spa=wellness()) as here:
            await here.ask("maria", "manager", "POST", "/v1/rules/drafts", {"draft": "both", "revision": 1})
            async with (
                on_console(here, browser, "/tune/drafts/both", script=LOOKS_OFTEN) as maria,
                on_console(here, browser, "/tune/drafts/both", who="omar") as omar,
            ):
                await maria.tab.bring_to_front()
                for page in (maria, omar):
                    await press(page, "Edit", "[data-rule=spa-adds]")
                await fill(omar, "amount", "-75")
                await send(omar)
                await shows(omar, ".difference", "+50 pts → -75 pts")
                await fill(maria, "amount", "-60")
                await send(maria)
                await shows(maria, ".form-error", "Another manager changed this while you had it open.")
                assert await draft_of(here, "both") == {
                    "version": 2,
                    "spa-adds": -75,
                    "gold-saves": 9_000,
                    "least": 500,
                }
                await send(maria)
                await shows(maria, ".difference", "+50 pts → -60 pts")
                # Another rule is no conflict; what is wrong with a third is said all the same.
                await press(maria, "Edit", "[data-rule=gold-saves]")
                await here.apply(PutRules("both", (ADDING,)))
                await fill(maria, "operation", "cap")
                await fill(maria, "amount", "400")
                await shows(maria, ".form-error", "With it, others would be wrong: least Error")
                await fill(maria, "amount", "900")
                await page_has_no_error(maria)
                await send(maria)
                await shows(maria, ".difference", "Effect ×0.9 (-10%) → never above 900 pts")
                assert "gold → all" not in await maria.text(".difference")
                # What was looked at is what is published.
                await press(maria, "Publish")
                await fill(maria, "why", "together")
                await here.apply(PutRules("both", (least,)))
                await send(maria)
                await shows(
                    maria,
                    ".form-error",
                    "Somebody changed this draft meanwhile. Look at it again, then publish it.",
                )
                await press(maria, "Cancel", "dialog")
                await shows(maria, ".draft-editor h2", "version 6")
                await here.apply(PutRules("both", (SAVING,)))
                await shows(maria, ".notice", "This draft was changed elsewhere.")
                await shows(maria, ".draft-editor h2", "version 7")
                await press(maria, "Publish")
                await fill(maria, "why", "together")
                await send(maria)
                await shows(maria, ".notice", "It runs, as revision 2.")

    run(body())


async def page_has_no_error(page: Page) -> None:
    await page.until("document.querySelector('dialog .form-error').hidden")


@with_browser
def test_another_manager_approves_and_one_rolls_back(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, ADDING, spa=wellness()) as here:
            await settings(here, needs_approval=True)
            async with (
                on_console(here, browser, "/tune/drafts") as maria,
                on_console(here, browser, "/tune/drafts", who="omar", script=LOOKS_OFTEN) as omar,
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
