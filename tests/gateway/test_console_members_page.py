"""Members in the console, in a real Chromium: found, looked at, corrected with a reason."""

import pytest

from engine.commands import PlaceBid, UpsertMember
from tests.gateway.browsing import demo_world, with_browser
from tests.gateway.consoling import KEEP_SAVED, fill, no_word_is_missing, on_console, press, send
from tests.gateway.harness import OpenWorld, Run
from tests.gateway.shop import SAVING, shop, shows, wellness


@with_browser
@pytest.mark.parametrize("width", [390, 1_280])
def test_one_is_found_by_id_or_address(run: Run, world: OpenWorld, browser: str, width: int) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            for number in range(30):
                await here.apply(UpsertMember(f"x-{number}", "gold", "north"))
            entry = {"name": "Anna", "email": "anna@example.org", "phone": ""}
            await here.ask("maria", "manager", "PUT", "/v1/members/m2/directory", entry)
            async with on_console(here, browser, "/members", width=width) as page:
                await shows(page, ".members", "Whom do you look for?")
                for query, words in (
                    ("ANNA@example.org", "m2"),
                    ("m", "m1"),
                    ("nobody", "Nobody is found."),
                    ("x-", "x-10"),
                ):
                    await page.run(f"""(() => {{
                        const input = document.querySelector("#member-query");
                        input.value = "{query}";
                        input.dispatchEvent(new Event("input", {{ bubbles: true }}));
                    }})()""")
                    await shows(page, "data-table", words)
                await shows(page, ".members", "There are more: write more of the id.")
                await press(page, "x-10", "data-table")
                await shows(page, ".member .head", "x-10")
                await shows(page, ".lots", "No points.")
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


@with_browser
def test_points_are_corrected_with_a_reason(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, "/members/m1") as page:
            await shows(page, ".member .facts", "Available 1,000,000")
            await shows(page, ".lots", "1,000,000")
            await press(page, "Adjust points")
            await fill(page, "amount", "-2,000,000")
            await fill(page, "reason", "a mistake")
            await send(page)
            await shows(page, ".form-error", "The member’s points do not allow it.")
            await fill(page, "amount", "0")
            await send(page)
            await shows(page, "[data-field=amount] .field-error", "More or less than 0.")
            await fill(page, "amount", "-500")
            await send(page)
            await shows(page, ".notice", "-500 points. 999,500 are available now.")
            await shows(page, ".member .facts", "Available 999,500")
            await no_word_is_missing(page)
            await press(page, "what staff did", ".member .facts")
            await shows(page, ".audit tbody", "points.adjust")
            concerned = (
                "[...document.querySelectorAll('.audit td[data-key=concerns]')].map((one) => one.innerText)"
            )
            assert set(await page.run(concerned)) == {"Member: m1"}
        async with demo_world(world) as here, on_console(here, browser, "/members/m9") as page:
            await shows(page, ".member", "There is no such member. Check the id.")
            assert not await page.run("document.querySelector('.directory').checkVisibility()")

    run(body())


@with_browser
def test_who_a_member_is_is_corrected_handed_out_and_erased_in_two_steps(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, "/members/m2") as page:
            await shows(page, ".directory", "There is no name or address of this member.")
            await press(page, "Edit", ".directory")
            await fill(page, "name", "Anna Berg")
            await fill(page, "email", "anna")
            await send(page)
            await shows(page, "[data-field=email] .field-error", "An e-mail address has one @")
            await fill(page, "email", "anna@example.org")
            await send(page)
            await shows(page, ".directory", "Name Anna Berg E-mail address anna@example.org")
            await page.run(KEEP_SAVED)
            await press(page, "Save all that is known", ".directory")
            await page.until("window.saved?.directory.name === 'Anna Berg'")
            assert await page.run("[window.named, window.saved.dossier.member.member]") == ["m2.json", "m2"]
            await press(page, "Erase who it is", ".directory")
            await shows(page, "dialog", "What stays, and why The id m2, with its points")
            await send(page)
            await shows(page, "dialog h2", "Really erase who m2 is?")
            await fill(page, "member", "m1")
            await send(page)
            await shows(page, "[data-field=member] .field-error", "This is another id.")
            path = "/v1/members/m2/directory"
            assert (await here.ask("maria", "manager", "GET", path)).json()["name"] == "Anna Berg"
            await fill(page, "member", "m2")
            await send(page)
            await shows(page, ".directory", "by maria. Nothing is kept of who it was")
            erased = (await here.ask("maria", "manager", "GET", path)).json()
            assert (erased["name"], erased["email"], erased["erased_by"]) == ("", "", "maria")
            assert "Edit" not in await page.text(".directory")
            await no_word_is_missing(page)

    run(body())


@with_browser
def test_what_a_member_has_and_why_a_price_is_what_it_is(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, spa=wellness(), sauna=wellness(500)) as here:
            await here.open_auction("opera", title="Box seats")
            await here.apply(PlaceBid("opera", 700, "m1"))
            redeem = {"experience": "spa", "most": 900}
            bought = await here.ask("m1", "member", "POST", "/v1/redemptions", redeem)
            assert bought.status_code == 200, bought.text
            async with on_console(here, browser, "/members/m1") as page:
                await shows(page, ".holds", "auctions, all together 700")
                await shows(page, ".bids", "Box seats open")
                await shows(page, ".redemptions", "spa")
                await shows(page, ".redemptions", "900 points base 1,000; gold-saves 1,000 → 900")
                await shows(page, ".member .raffles", "No tickets.")
                await page.until("document.querySelectorAll('#quote-experience option').length === 3")
                await page.run("""(() => {
                    const choice = document.querySelector("#quote-experience");
                    choice.value = "sauna";
                    choice.dispatchEvent(new Event("change"));
                })()""")
                await shows(page, ".quote", "450 points Before rules: 500 points gold-saves 500 → 450")
                await no_word_is_missing(page)

    run(body())


@with_browser
@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_in_every_language(run: Run, world: OpenWorld, browser: str, language: str) -> None:
    async def body() -> None:
        async with shop(world, SAVING, spa=wellness()) as here:
            for address in ("/members", "/members/m1"):
                async with on_console(here, browser, address, languages=language, width=390) as page:
                    await page.until("document.querySelector('#main .state, #main .facts') !== null")
                    await page.until("document.querySelector('.members') !== null")
                    await page.until("document.querySelector('[aria-busy=true]') === null")
                    await no_word_is_missing(page)
                    assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())
