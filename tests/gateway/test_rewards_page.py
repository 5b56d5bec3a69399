"""The catalogue in the demo page, in a real Chromium: prices that are personal and live."""

from engine.commands import (
    CampaignTerms,
    ExperienceTerms,
    Payment,
    PutCampaign,
    RemoveExperience,
    ScheduleCampaign,
    Shelf,
    TuneRule,
    UpsertMember,
)
from gateway.wire import REBUILDING
from rules.rule import Effect, PriceRule
from rules.scope import Scope
from tests.gateway.browsing import Page, open_tab, with_browser
from tests.gateway.harness import OpenWorld, Run, connections
from tests.gateway.shop import SAVING, card, on_catalogue, put, shop, shows, wellness


async def count_calls(page: Page) -> None:
    """From here on ``window.calls`` has what the page asks the gateway, but for pings."""
    await page.run("""
        window.calls = [];
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {
            if (JSON.parse(text).method !== "ping") window.calls.push(text);
            send.call(this, text);
        };
    """)


@with_browser
def test_a_tuned_rule_moves_the_price_without_a_reload_or_a_call(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(), sauna=wellness(500)) as here:
            async with on_catalogue(here, browser) as page:
                await shows(page, f"{card('spa')} .cost", "900 pts Before: 1,000 pts −10%")
                await shows(page, f"{card('sauna')} .cost", "450 pts")
                await count_calls(page)
                await page.run("window.same = true")
                response = await here.ask(
                    "maria", "manager", "POST", "/v1/rules/tune", {"rule": "gold-saves", "number": 7_500}
                )
                assert response.status_code == 200, response.text
                await shows(page, f"{card('spa')} .cost", "750 pts Before: 1,000 pts −25%")
                await shows(page, f"{card('sauna')} .cost", "375 pts")
                assert await page.run(f"document.querySelector('{card('spa')} .cost').dataset.move") == "down"
                assert await page.run("window.same && window.calls") == []
                await here.apply(TuneRule("gold-saves", 12_000))
                await shows(page, f"{card('spa')} .cost", "1,200 pts Before: 1,000 pts")
                assert await page.run(f"document.querySelector('{card('spa')} .cost').dataset.move") == "up"
                await page.until("document.querySelector('#price-news').textContent !== ''")
                assert await page.text("#price-news") == "2 prices have changed."

    run(body())


@with_browser
def test_members_see_each_their_own_price_and_its_own_changes(
    run: Run, world: OpenWorld, browser: str
) -> None:
    blue = PriceRule("blue-adds", Scope(tiers=("blue",)), Effect("add", 50, "points"), "all")

    async def body() -> None:
        async with shop(world, SAVING, blue, spa=wellness(), lounge=wellness(tiers=("gold",))) as here:
            await here.apply(UpsertMember("m2", "blue", "north"))
            async with on_catalogue(here, browser) as gold, on_catalogue(here, browser, "m2") as other:
                await shows(gold, f"{card('spa')} .cost", "900 pts")
                await shows(other, f"{card('spa')} .cost", "1,050 pts")
                await shows(other, f"{card('lounge')} .note", "Unlocks with Gold")
                await here.apply(TuneRule("gold-saves", 8_000))
                await shows(gold, f"{card('spa')} .cost", "800 pts")
                await here.apply(TuneRule("blue-adds", 75))
                await shows(other, f"{card('spa')} .cost", "1,075 pts")
                assert "800 pts" in await gold.text(f"{card('spa')} .cost")
                # Who rises to gold sees gold's price, and need not do anything for it.
                await here.apply(UpsertMember("m2", "gold", "north"))
                await shows(other, f"{card('spa')} .cost", "800 pts")
                await shows(other, "#member", "m2 · Gold")
                await shows(other, f"{card('lounge')} .primary", "Redeem")

    run(body())


@with_browser
def test_what_cannot_be_had_says_why_and_has_no_button(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        experiences = {
            "spa": wellness(),
            "lounge": wellness(tiers=("platinum",)),
            "jazz": ExperienceTerms("music", 200, {"en": "Jazz"}, stock=0),
            "island": wellness(2_000_000),
            "abroad": ExperienceTerms("music", 100, {"en": "Abroad"}, markets=("south",)),
        }
        async with shop(world, **experiences) as here:
            async with on_catalogue(here, browser) as page:
                await shows(page, card("lounge"), "Platinum only")
                await shows(page, f"{card('lounge')} .note", "Unlocks with Platinum")
                await shows(page, f"{card('jazz')} .note", "Sold out")
                await shows(page, f"{card('island')} .note", "Takes 1,800,000 points; you have 1,000,000")
                assert await page.run(f"document.querySelector('{card('abroad')}')") is None
                for id in ("lounge", "jazz", "island"):
                    assert await page.run(f"document.querySelector('{card(id)} .quick').hidden")
                cards = "[...document.querySelectorAll('.reward:not([hidden])')]"
                shown = f"{cards}.map((one) => one.dataset.experience)"
                await page.click("[data-kind=music]")
                await page.until(f"{shown}.join() === 'jazz'")
                # What leaves the catalogue leaves the page, and what is left is all that there is.
                await here.apply(RemoveExperience("jazz"))
                await page.until(f"{shown}.join() === 'spa,lounge,island'")

    run(body())


@with_browser
def test_nothing_to_redeem_and_nothing_to_pay_with_are_told(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world) as here:
            async with open_tab(here, browser, "m1", "/rewards") as page:
                await shows(page, "#rewards-empty", "There are no rewards for you now.")
                # In a market without a rate nothing is paid in money.
                await here.apply(UpsertMember("m1", "gold", "south"))
                await put(here, "spa", wellness(payment=Payment(0, 5_000)))
                await page.tab.reload()
                await shows(page, f"{card('spa')} .note", "Not to be had in your market now")
                await here.apply(UpsertMember("m1", "gold", "north"))
                await shows(page, f"{card('spa')} .cost", "450 pts + €2.50")
                assert await page.run(f"document.querySelector('{card('spa')} .note').hidden")

    run(body())


@with_browser
def test_why_a_price_is_what_it_is(run: Run, world: OpenWorld, browser: str) -> None:
    weekend = PriceRule("spa-weekend", Scope(experiences=("spa",)), Effect("add", -100, "points"), "all", -1)

    async def body() -> None:
        async with shop(world, SAVING, weekend, spa=wellness(), sauna=wellness(500)) as here:
            async with on_catalogue(here, browser) as page:
                await page.click(f"{card('spa')} .title")
                await shows(page, ".trace", "Base price 1,000 pts Gold saves 1,000 → 900 pts")
                await shows(page, ".trace", "Spa weekend 900 → 800 pts You pay 800 pts")
                await here.apply(TuneRule("spa-weekend", -50))
                await shows(page, ".trace", "Spa weekend 900 → 850 pts You pay 850 pts")
                assert await page.run("location.hash") == "#/rewards/spa"

    run(body())


@with_browser
def test_what_a_campaign_has_on_its_shelf_stands_in_front_at_live_prices(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(), sauna=wellness(500)) as here:
            shelves = (Shelf("calm", ("sauna",), {"en": "For calm"}),)
            await here.apply(PutCampaign("daily", CampaignTerms(shelves=shelves)))
            scheduled = await here.apply(ScheduleCampaign("daily"))
            assert getattr(scheduled, "status", "") in ("scheduled", "running"), scheduled
            async with on_catalogue(here, browser) as page:
                await shows(page, "#shelves", "For calm A day at the spa 450 pts")
                await here.apply(TuneRule("gold-saves", 8_000))
                await shows(page, "#shelves", "400 pts")
                await page.click("[data-pick=sauna]")
                await shows(page, "#reward-panel .cost", "400 pts")

    run(body())


@with_browser
def test_titles_come_in_the_readers_language_and_direction(run: Run, world: OpenWorld, browser: str) -> None:
    titles = {"en": "A day at the spa", "ar": "يوم في المنتجع الصحي", "fr": "Une journée aux thermes"}

    async def body() -> None:
        async with shop(world, spa=ExperienceTerms("wellness", 1_000, titles), sauna=wellness()) as here:
            looks = """(() => {
                const title = document.querySelector("[data-experience=spa] .title");
                return [title.textContent, title.lang, getComputedStyle(title).direction];
            })()"""
            for languages, expected in (
                ("ar-EG,en", [titles["ar"], "ar", "rtl"]),
                ("fr-CH,de", [titles["fr"], "fr", "ltr"]),
                ("sv", [titles["en"], "en", "ltr"]),
            ):
                async with on_catalogue(here, browser, languages=languages) as page:
                    assert await page.run(looks) == expected
                    assert await page.text(f"{card('sauna')} .title") == "A day at the spa"

    run(body())


@with_browser
def test_a_lost_connection_shows_and_prices_are_those_of_now_afterwards(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness()) as here:
            async with on_catalogue(here, browser) as page:
                await page.command("Network.setBlockedURLs", urls=["*/demo/token"])
                for connection in connections(here):
                    connection.close(REBUILDING)
                await page.until("document.querySelector('#stale').hidden === false")
                assert await page.run(f"document.querySelector('{card('spa')} .primary').disabled")
                await here.apply(TuneRule("gold-saves", 8_000))
                assert "900 pts" in await page.text(f"{card('spa')} .cost")
                await page.command("Network.setBlockedURLs", urls=[])
                await shows(page, f"{card('spa')} .cost", "800 pts")
                await here.apply(TuneRule("gold-saves", 7_000))
                await shows(page, f"{card('spa')} .cost", "700 pts")

    run(body())


@with_browser
def test_a_phone_needs_no_sideways_scroll_and_the_keyboard_is_enough(
    run: Run, world: OpenWorld, browser: str
) -> None:
    fits = "document.documentElement.scrollWidth <= 360"
    long = {
        "en": "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung, day and night, all year"
    }

    async def body() -> None:
        kinds = {f"e{number}": ExperienceTerms(f"kind-{number}", 10**9, long) for number in range(9)}
        async with shop(world, spa=wellness(payment=Payment(0)), **kinds) as here:
            async with open_tab(here, browser, width=360) as page:
                await shows(page, "main", "Live auctions")
                await page.run("document.querySelector('[data-view=rewards]').focus()")
                await page.tab.keyboard.press("Enter")
                await page.until("document.querySelectorAll('.reward').length === 10")
                assert await page.run("location.hash") == "#/rewards"
                assert await page.run("document.querySelector('[aria-current=page]').innerText") == "Rewards"
                await page.is_sound()
                await page.run(f"document.querySelector('{card('spa')} .title').focus()")
                await page.tab.keyboard.press("Enter")
                await page.until("document.activeElement === document.querySelector('#reward-panel h2')")
                await shows(page, ".trace", "You pay 900 pts")
                assert await page.run(fits)
                assert await page.run("document.querySelector('#main').inert")
                await page.tab.keyboard.press("Escape")
                await page.until("document.querySelector('#reward-panel').hidden")
                assert await page.run("document.activeElement.closest('.reward').dataset.experience") == "spa"
                await page.click("#show-mine")
                await shows(page, "#rewards-empty", "You have not redeemed anything yet.")
                assert await page.run(fits)
                await page.run("document.querySelector('[data-view=auctions]').click()")
                await shows(page, "main", "Live auctions")
                assert await page.run(fits)

    run(body())
