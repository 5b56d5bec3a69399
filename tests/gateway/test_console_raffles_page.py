"""Raffles in the console, in a real Chromium: made, closed, drawn and claimed, with their evidence."""

from pathlib import Path

import pytest

from engine.commands import ClaimPrize, Configure, ProgramSettings, Tick
from engine.evidence import write_raffle
from engine.vault import Vault
from gateway.clock import now
from tests.engine.raffling import SECRET
from tests.gateway.browsing import Page, demo_world, with_browser
from tests.gateway.consoling import KEEP_SAVED, fill, no_word_is_missing, on_console, press, send
from tests.gateway.harness import OpenWorld, Run
from tests.gateway.shop import shows
from tests.gateway.test_raffles_page import buy, draw, lock, open_raffle

FACTS = ".raffle .facts"

LATE_BEACON = """import(own("console/raffle-draw.js")).then(({ DrawSteps }) =>
    [1_000, 121_000, 7_200_000].map((late) => {
        const lock = { number: 1, hash: "", signature: "ab", stamped: false, at: Date.now() };
        const prizes = [{ id: "car", quantity: 1 }];
        const raffle = { status: "locked", lock, prizes, reserves: 0, entries: 1, tickets: 1, drawn: 0 };
        const steps = new DrawSteps(true);
        const beacon = { randomness: "beacon", round: 7, round_at: Date.now() - late, claim_within: 60_000 };
        steps.update({ ...raffle, ...beacon }, { offered: 0, claimed: 0 });
        document.querySelector(".raffle").append(steps.node);
        return steps.node.querySelectorAll("li")[2].dataset.state;
    }))"""
"""The state of the step that waits for the beacon, a second, two minutes and two hours after its time."""


async def row(page: Page, number: int, **values: str) -> None:
    """Fills one row of a field that has several."""
    for name, value in values.items():
        await page.run(f"""(() => {{
            const rows = document.querySelectorAll("dialog [data-field=prizes] .row");
            rows[{number}].querySelector("[name={name}]").value = {value!r};
        }})()""")


@with_browser
@pytest.mark.parametrize("width", [390, 1_280])
def test_one_is_made_corrected_scheduled_and_copied(
    run: Run, world: OpenWorld, browser: str, width: int
) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, "/raffles", width=width) as page:
            await here.apply(Configure(ProgramSettings(tiers=("blue", "gold"))))
            await shows(page, "data-table .state", "There are no raffles like this.")
            await press(page, "New raffle")
            await fill(page, "raffle", "car")
            await fill(page, "price", "100")
            await press(page, "Add a prize", "dialog")
            await send(page)
            await shows(page, "[data-field=prizes] .field-error", "Id is needed in every row.")
            await row(page, 1, id="prize", quantity="2")
            await send(page)
            await shows(page, "[data-field=prizes] .field-error", "Each prize needs an id of its own.")
            await row(page, 1, id="mug", quantity="2", title="A mug")
            await send(page)
            await shows(page, "[data-field=title_en] .field-error", "A title in one language is needed.")
            await fill(page, "title_en", "A red car")
            await fill(page, "title_ar", "سيارة حمراء")
            await fill(page, "randomness", "commitment")
            await press(page, "Add a bundle", "dialog")
            await page.run("""(() => {
                const [tickets, pays] = document.querySelectorAll("[data-field=bundles] input");
                tickets.value = "5";
                pays.value = "5";
            })()""")
            await send(page)
            await shows(page, "[data-field=bundles] .field-error", "A bundle pays fewer tickets than it has.")
            await page.run("document.querySelector('[data-field=bundles] [name=pays]').value = '4'")
            await send(page)
            await shows(page, ".head", "A red car draft")
            await shows(page, FACTS, "3, and 3 reserves")
            await no_word_is_missing(page)
            terms = (await here.ask("maria", "manager", "GET", "/v1/raffles/car/terms")).json()["terms"]
            assert terms["titles"] == {"en": "A red car", "ar": "سيارة حمراء"}
            assert [one["quantity"] for one in terms["prizes"]] == [1, 2]
            assert terms["bundles"] == [{"tickets": 5, "pays": 4}]
            await press(page, "Edit")
            await fill(page, "most_each", "10")
            await send(page)
            await shows(page, ".notice", "It is done.")
            edited = (await here.ask("maria", "manager", "GET", "/v1/raffles/car/terms")).json()["terms"]
            assert edited == terms | {"most_each": 10}
            await press(page, "Schedule")
            await shows(page, ".head", "A red car scheduled")
            await press(page, "Copy")
            await send(page)
            await shows(page, FACTS, "car-2")
            assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


@with_browser
def test_tickets_are_granted_the_draw_watched_a_prize_taken_back_and_the_evidence_saved(
    run: Run, world: OpenWorld, browser: str, tmp_path: Path
) -> None:
    vault = Vault(tmp_path)

    async def body() -> None:
        async with demo_world(world, vault) as here:
            await open_raffle(here, reserves=1)
            await buy(here, "m2", 2)
            async with on_console(here, browser, "/raffles/r") as page:
                await shows(page, ".head", "A red car open")
                await shows(page, ".entries", "m2")
                await press(page, "Grant tickets")
                await fill(page, "member", "nobody")
                await fill(page, "reason", "a review")
                await send(page)
                await shows(page, ".form-error", "There is no such member. Check the id.")
                await fill(page, "member", "m1")
                await fill(page, "tickets", "3")
                await send(page)
                await shows(page, ".entries", "a review (granted by maria)")
                await buy(here, "m3", 1)
                await shows(page, FACTS, "Tickets 6")
                await lock(here)
                await shows(page, ".head", "A red car locked")
                await shows(page, ".lock", "Lock 1: what anybody can check")
                await shows(page, ".draw", "The keeper reveals the secret in a moment.")
                assert "Draw by hand" not in await page.text(".head"), "an operator's"
                await draw(here, vault)
                await shows(page, ".winners", "offered")
                await shows(page, ".draw", "Of 2 prizes 0 claimed, 2 waiting")
                await press(page, "Take the prize back", ".winners")
                await fill(page, "reason", "works for us")
                await send(page)
                await shows(page, ".winners", "works for us")
                await page.run(KEEP_SAVED)
                await press(page, "Save the evidence")
                await page.until("window.saved?.format !== undefined")
                assert await page.run("window.named") == "r-evidence.json"
                await no_word_is_missing(page)

    run(body())


@with_browser
def test_an_operator_locks_and_draws_by_hand_and_the_draw_is_checked(
    run: Run, world: OpenWorld, browser: str, tmp_path: Path
) -> None:
    vault = Vault(tmp_path)

    async def body() -> None:
        async with demo_world(world, vault) as here:
            await open_raffle(here)
            await buy(here, "m2", 2)
            program = here.gateway.replica.program
            async with on_console(here, browser, "/raffles/r", who="olga", role="operator") as page:
                await press(page, "Lock now")
                await shows(page, "dialog", "1 entry with 2 tickets are locked and signed within seconds.")
                await send(page)
                await shows(page, ".notice", "It is done.")
                assert 0 < program.raffles.by_id["r"].closes_at - now() < 5_000
                await lock(here)
                await press(page, "Draw by hand")
                await fill(page, "secret", "a secret")
                await send(page)
                await shows(page, "[data-field=secret] .field-error", "A secret is 64 characters")
                await fill(page, "secret", "0" * 64)
                await send(page)
                await shows(page, ".form-error", "Something in it is not right.")
                await fill(page, "secret", SECRET.hex().upper())
                await send(page)
                await shows(page, ".draw", "The secret was revealed")
                await here.apply(Tick())
                await shows(page, ".head", "A red car drawn")
                await press(page, "Check the draw")
                await shows(page, ".verdict", "It could not be checked:")
                write_raffle(vault, program, program.raffles.by_id["r"])
                await press(page, "Check the draw")
                await shows(page, ".verdict", "The draw holds.")
                await here.apply(ClaimPrize("r", "m2"))
                await shows(page, ".draw", "Of 2 prizes 1 claimed, 0 waiting")
                late = await page.run(LATE_BEACON)
                assert late == ["waits", "late", "late"]
                await no_word_is_missing(page)

    run(body())


@with_browser
def test_voiding_is_an_operators_and_refunds(
    run: Run, world: OpenWorld, browser: str, tmp_path: Path
) -> None:
    vault = Vault(tmp_path)

    async def body() -> None:
        async with demo_world(world, vault) as here:
            await open_raffle(here)
            await buy(here, "m2", 2)
            async with on_console(here, browser, "/raffles/r", who="olga", role="operator") as page:
                await press(page, "Close earlier")
                await fill(page, "closes_at", "2199-01-01T00:00")
                await send(page)
                await shows(page, "[data-field=closes_at] .field-error", "It can only move earlier.")
                await press(page, "Cancel", "dialog")
                await press(page, "Void it")
                await fill(page, "reason", "the car broke")
                await send(page)
                await shows(page, ".head", "A red car void")
                await shows(page, FACTS, "Reason the car broke")
                await here.apply(Tick())
                me = (await here.ask("m2", "member", "GET", "/v1/me")).json()
                assert me["available"] == 1_000_000
                # What was never locked has no evidence.
                assert "Save the evidence" not in await page.text(".head")

    run(body())


@with_browser
@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_in_every_language(run: Run, world: OpenWorld, browser: str, language: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await open_raffle(here)
            await buy(here, "m2", 2)
            for address in ("/raffles", "/raffles/r"):
                async with on_console(here, browser, address, languages=language, width=390) as page:
                    await page.until("document.querySelector('data-table tbody td') !== null")
                    await page.until("document.querySelector('[aria-busy=true]') === null")
                    if address == "/raffles":
                        await page.click(".head .primary")
                        await fill(page, "price", "1")
                    await no_word_is_missing(page)
                    assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())
