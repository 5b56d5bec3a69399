"""Auctions in the console, in a real Chromium: made, run, watched as they move, and mended."""

import pytest

from engine.commands import (
    AcceptSecondChance,
    AuctionTerms,
    BuyNow,
    Configure,
    CreateAuction,
    DeclineSecondChance,
    LowerReserve,
    PlaceBid,
    ProgramSettings,
)
from gateway.clock import now
from tests.gateway.browsing import Page, demo_world, with_browser
from tests.gateway.consoling import fill, no_word_is_missing, on_console, press, send
from tests.gateway.harness import OpenWorld, Run, World
from tests.gateway.shop import shows

FACTS = ".auction .facts"


async def status_of(here: World, auction: str) -> str:
    answer = await here.ask("maria", "manager", "GET", f"/v1/auctions/{auction}")
    status: str = answer.json()["status"]
    return status


@with_browser
def test_one_is_made_opened_watched_extended_and_paused(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, "/auctions") as page:
            await shows(page, "data-table .state", "There are no auctions like this.")
            await press(page, "New auction")
            await send(page)
            await shows(page, "[data-field=title] .field-error", "This is needed.")
            await fill(page, "title", "A weekend in Lisbon")
            await fill(page, "auction", "lisbon")
            await fill(page, "opening", "500")
            await fill(page, "reserve", "400")
            await send(page)
            await shows(page, "[data-field=reserve] .field-error", "It is not below the opening price.")
            await fill(page, "reserve", "2,000")
            await send(page)
            await shows(page, ".head", "A weekend in Lisbon draft")
            await no_word_is_missing(page)
            await press(page, "Open now")
            await shows(page, ".head", "A weekend in Lisbon open")
            await here.apply(PlaceBid("lisbon", 700, "m1"))
            await here.apply(PlaceBid("lisbon", 900, "m2"))
            await shows(page, FACTS, "Leads Bidder 2")
            await shows(page, FACTS, "2 by 2 bidders")
            await shows(page, FACTS, "2,000 not met")
            await shows(page, ".ladder", "Bid 2 Bidder 2")
            await shows(page, ".chart", "500")
            before = (await here.ask("maria", "manager", "GET", "/v1/auctions/lisbon")).json()["ends_at"]
            await press(page, "Extend")
            await fill(page, "extension", "7")
            await send(page)
            await shows(page, ".notice", "It is done.")
            after = (await here.ask("maria", "manager", "GET", "/v1/auctions/lisbon")).json()["ends_at"]
            assert after - before == 7 * 60_000
            await press(page, "Pause")
            await shows(page, ".head", "paused")
            await press(page, "Resume")
            await shows(page, ".head", "Lisbon open")
            await press(page, "Lower the reserve")
            await fill(page, "reserve", "2,000")
            await send(page)
            await shows(page, "[data-field=reserve] .field-error", "Between 0 and 1,999.")
            await fill(page, "reserve", "800")
            await send(page)
            await shows(page, FACTS, "800 met lowered from 2,000")

    run(body())


@with_browser
def test_a_bid_is_voided_and_an_auction_cancelled_with_a_reason(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.open_auction("opera", title="Box seats at the opera")
            await here.apply(PlaceBid("opera", 700, "m1"))
            await here.apply(PlaceBid("opera", 5_000, "m2"))
            async with on_console(here, browser, "/auctions/opera") as page:
                await shows(page, FACTS, "Leads Bidder 2")
                await press(page, "Void", ".ladder tbody tr")
                await send(page)
                await shows(page, "[data-field=reason] .field-error", "This is needed.")
                await fill(page, "reason", "two accounts of one person")
                await send(page)
                await shows(page, FACTS, "Leads Bidder 1")
                await shows(page, ".ladder", "void")
                await press(page, "Cancel it")
                await fill(page, "reason", "the opera burnt down")
                await send(page)
                await shows(page, ".head", "cancelled")
                assert await status_of(here, "opera") == "cancelled"
                # What is over is copied, and what was asked of it comes along.
                await press(page, "Copy")
                await fill(page, "auction", "opera-again")
                await send(page)
                await shows(page, ".head", "Box seats at the opera draft")
                await shows(page, FACTS, "opera-again")

    run(body())


@with_browser
def test_a_sale_is_refunded_and_offered_to_the_runners_up(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.open_auction("opera", title="Opera", reserve=5_000, buy_now=9_000)
            for member, maximum in (("m1", 700), ("m2", 900)):
                await here.apply(PlaceBid("opera", maximum, member))
            async with on_console(here, browser, "/auctions/opera") as page:
                await shows(page, FACTS, "5,000 not met")
                # Another manager's doing shows here too.
                await here.apply(LowerReserve("opera", 4_000))
                await shows(page, FACTS, "4,000 not met lowered from 5,000")
                await here.apply(BuyNow("opera", 9_000, "m3"))
                await shows(page, ".head", "Opera sold")
                await shows(page, ".sales", "m3 1 9,000 9,000")
                assert "Second chance" not in await page.text(".head"), "it is sold"
                await refund(page)
                await press(page, "Second chance")
                await shows(page, FACTS, "Second chance Bidder 2: 1 for 900 each, until")
                assert "Second chance" not in await page.text(".head"), "one at a time"
                await here.apply(DeclineSecondChance("opera", "m2"))
                await press(page, "Second chance")
                await shows(page, FACTS, "Second chance Bidder 1: 1 for 700 each, until")
                await no_word_is_missing(page)
                await here.apply(AcceptSecondChance("opera", "m1"))
                await shows(page, ".sales", "m1 1 700 700 Refund")
                await shows(page, FACTS, "Sold for 700 Winner Bidder 1")
                await refund(page)
                await press(page, "Second chance")
                await shows(page, ".notice[data-tone=bad]", "There is nobody left to offer it to.")

    run(body())


async def refund(page: Page) -> None:
    await press(page, "Refund", ".sales")
    await fill(page, "reason", "it broke")
    await send(page)
    await shows(page, ".sales", "refunded")


@with_browser
@pytest.mark.parametrize(
    ("format", "fields", "stored"),
    [
        ("dutch", {"floor": "200", "step": "50", "supply": "3"}, {"floor": 200, "step": 50, "supply": 3}),
        (
            "dutch",
            {"floor": "200", "step_kind": "share", "step_share": "2.5"},
            {"step": 0, "step_share": 250},
        ),
        ("sealed", {"sealed_pricing": "first"}, {"pricing": "first"}),
        ("multi_unit", {"supply": "4", "unit_pricing": "pay_as_bid"}, {"supply": 4, "pricing": "pay_as_bid"}),
        ("clock", {"step": "25", "entry": "2"}, {"step": 25, "entry": 120_000}),
    ],
)
def test_every_format_asks_for_its_own(
    run: Run, world: OpenWorld, browser: str, format: str, fields: dict[str, str], stored: dict[str, object]
) -> None:
    async def body() -> None:
        async with demo_world(world) as here, on_console(here, browser, "/auctions", width=390) as page:
            await press(page, "New auction")
            await fill(page, "title", "Of another kind")
            await fill(page, "auction", "other")
            await fill(page, "opening", "1000")
            await fill(page, "format", format)
            for name, value in fields.items():
                await fill(page, name, value)
            await send(page)
            await shows(page, ".head", "Of another kind draft")
            answer = await here.ask("maria", "manager", "GET", "/v1/auctions/other/terms")
            found = answer.json()["format"]
            assert found["type"] == format
            assert stored.items() <= found.items()
            await press(page, "Edit")
            await fill(page, "title", "Of yet another kind")
            await send(page)
            await shows(page, ".head", "Of yet another kind draft")
            answer = await here.ask("maria", "manager", "GET", "/v1/auctions/other/terms")
            assert answer.json()["format"] == found

    run(body())


@with_browser
def test_increments_and_what_winners_pay_are_the_programs_or_its_own(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def add_step(page: Page, below: str, increment: str) -> None:
        await press(page, "Add a step", "dialog")
        for name, value in (("below", below), ("increment", increment)):
            last = f"[...document.querySelectorAll('dialog .row [name={name}]')].at(-1)"
            await page.run(f"{last}.value = '{value}'")

    async def body() -> None:
        async with demo_world(world) as here:
            settings = ProgramSettings(tiers=("blue", "gold"), win_limits={"spring": 2})
            await here.apply(Configure(settings))
            async with on_console(here, browser, "/tune/settings") as page:
                await shows(page, ".card", "An operator changes them.")
            async with on_console(here, browser, "/tune/settings", who="olga", role="operator") as page:
                await press(page, "Change the settings")
                await page.click("dialog [name=needs_approval]")
                await add_step(page, "1,000", "10")
                await send(page)
                await shows(page, "[data-field=increments] .field-error", "The last step has no end")
                await add_step(page, "", "50")
                await send(page)
                await shows(page, ".card", "before a rule set runs yes")
                await shows(page, ".card", "below 1,000: 10; beyond: 50")
                program = (await here.ask("olga", "operator", "GET", "/v1/program")).json()["settings"]
                assert program["needs_approval"] and program["win_limits"] == {"spring": 2}
                await no_word_is_missing(page)
                await page.run("location.hash = '/auctions'")
                await press(page, "New auction")
                await shows(page, "[data-field=increments]", "below 1,000: 10; beyond: 50")
                for name, value in (("title", "Porto"), ("auction", "porto"), ("opening", "100")):
                    await fill(page, name, value)
                await add_step(page, "", "7")
                await fill(page, "factor_gold", "95")
                await send(page)
                await shows(page, ".head", "Porto draft")
                wanted = {"increments": [{"below": 0, "increment": 7}], "settlement_factors": {"gold": 9_500}}
                for title in ("Porto", "Oporto"):
                    answer = await here.ask("maria", "manager", "GET", "/v1/auctions/porto/terms")
                    terms = answer.json()["terms"]
                    assert terms["title"] == title and wanted.items() <= terms.items()
                    if title == "Porto":
                        await press(page, "Edit")
                        await fill(page, "title", "Oporto")
                        await send(page)
                        await shows(page, ".head", "Oporto draft")

    run(body())


@with_browser
def test_the_list_moves_and_is_filtered(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            for number in range(60):
                await here.open_auction(f"lot-{number}", title=f"Lot {number}")
            draft = AuctionTerms("A draft", 500, now(), now() + 3_600_000)
            await here.apply(CreateAuction("draft", draft))
            async with on_console(here, browser, "/auctions", width=390) as page:
                await shows(page, ".pager", "1–50 of 61")
                await page.run("""(() => {
                    const search = document.querySelector("#auction-search");
                    search.value = "lot 7";
                    search.dispatchEvent(new Event("input"));
                })()""")
                await page.until("document.querySelectorAll('data-table tbody tr').length === 1")
                await here.apply(PlaceBid("lot-7", 700, "m1"))
                await here.apply(PlaceBid("lot-7", 900, "m2"))
                await page.until("document.querySelector('td[data-key=bids]').innerText === '2'")
                await page.run("""(() => {
                    document.querySelector("#auction-search").value = "";
                    const status = document.querySelector("#auction-status");
                    status.value = "draft";
                    status.dispatchEvent(new Event("change"));
                })()""")
                await shows(page, "data-table tbody", "A draft")
                assert await page.run("document.querySelectorAll('data-table tbody tr').length") == 1
                assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())


@with_browser
@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_in_every_language(run: Run, world: OpenWorld, browser: str, language: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.open_auction("opera", title="Opera", reserve=2_000)
            await here.apply(PlaceBid("opera", 700, "m1"))
            await here.apply(PlaceBid("opera", 900, "m2"))
            for address in ("/auctions", "/auctions/opera"):
                async with on_console(here, browser, address, languages=language, width=390) as page:
                    await page.until("document.querySelector('data-table tbody td') !== null")
                    await page.until("document.querySelector('[aria-busy=true]') === null")
                    if address == "/auctions":
                        await page.click(".head .primary")
                        for one in ("dutch", "sealed", "multi_unit", "clock"):
                            await fill(page, "format", one)
                            await no_word_is_missing(page)
                    await no_word_is_missing(page)
                    assert await page.run("document.documentElement.scrollWidth <= innerWidth")

    run(body())
