"""The demo page in a real Chromium: what a member sees of auctions and does there."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from engine.commands import LowerReserve
from gateway.web_files import WEB
from gateway.wire import REBUILDING
from tests.gateway.browsing import Page, demo_world, open_tab, with_browser
from tests.gateway.harness import OpenWorld, Run, World, connections


@asynccontextmanager
async def on_page(world: OpenWorld, browser: str, **auction: Any) -> AsyncIterator[tuple[World, Page]]:
    """The page as member m1 sees it, on a program with one auction, ``a1``."""
    async with demo_world(world) as here:
        await here.open_auction("a1", title="Opera", **auction)
        async with open_tab(here, browser) as page:
            await page.until("document.querySelector('[data-auction=a1]') !== null")
            yield here, page


async def bid(here: World, member: str, maximum: int) -> dict[str, Any]:
    """Another member's bid, over HTTP."""
    response = await here.ask(member, "member", "POST", "/v1/auctions/a1/bids", {"maximum": maximum})
    assert response.status_code == 200, response.text
    result: dict[str, Any] = response.json()
    return result


LEADING = "document.querySelector('[data-auction=a1]').dataset.standing === 'leading'"
OUTBID = "document.querySelector('[data-auction=a1]').dataset.standing === 'outbid'"


@with_browser
def test_the_page_shows_price_time_points_and_who_leads(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with on_page(world, browser, reserve=2_000, buy_now=9_000) as (here, page):
            shown = await page.text("[data-auction=a1]")
            assert re.search(r"\b(1 h 00 min|59:\d\d|60:00)\b", shown)
            assert "Opera Opening price No bids yet 500" in shown
            assert "0 bids · Reserve not met · Buy now 9,000" in shown
            assert await page.text("#wallet") == "Available 1,000,000 Held 0"
            assert await page.text("#connection") == "Live"
            await bid(here, "m2", 700)
            await page.until("document.querySelector('.facts').innerText.includes('1 bid')")
            assert "Current bid Another member leads" in await page.text("[data-auction=a1]")
            await here.apply(LowerReserve("a1", 600))
            await page.until("document.querySelector('.price').innerText.startsWith('600')")
            assert "Reserve met" in await page.text(".facts")
            assert "m2" not in await page.text("body")

    run(body())


@with_browser
def test_the_panel_says_what_a_winner_pays(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with on_page(world, browser, settlement_factors={"gold": 9_500}) as (here, page):
            await page.click("[data-auction=a1] .title")
            rules = "document.querySelector('#panel .rules')?.innerText"
            await page.until(f"{rules}?.includes('95% of the price: now 475')")
            await page.click("#panel .primary")
            await page.until(LEADING)
            await bid(here, "m2", 900)
            await page.until(f"{rules}.includes('95% of the price, as your bid has fixed it: now')")

    run(body())


@with_browser
def test_a_bid_in_the_page_leads_and_anothers_higher_one_alerts(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with on_page(world, browser) as (here, page):
            await page.click("[data-auction=a1] .primary")
            await page.until(LEADING)
            assert "You lead" in await page.text("[data-auction=a1] .standing")
            await page.until("document.querySelector('#held').innerText === '500'")
            assert await page.run("document.querySelector('.alert')") is None
            await bid(here, "m2", 900)
            await page.until(OUTBID)
            await page.until("document.querySelector('.alert') !== null")
            assert "You’ve been outbid on Opera, now 550" in await page.text(".alert")
            spoken = "You have been outbid on Opera. It stands at 550 points."
            assert await page.run("document.querySelector('[role=alert]').textContent") == spoken
            assert await page.run("document.title") == "(1) Outbid · Livelot"
            # One click answers; the other's maximum is higher still.
            await page.click(".alert .primary")
            await page.until("document.querySelector('.answer').innerText.includes('higher than 600')")
            history = here.gateway.replica.program.auctions["a1"].history
            assert [(one.member, one.maximum) for one in history] == [("m1", 500), ("m2", 900), ("m1", 600)]

    run(body())


@with_browser
def test_an_automatic_maximum_is_set_raised_and_never_too_low_or_too_high(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with on_page(world, browser) as (here, page):
            await page.click("[data-auction=a1] .quick .secondary:last-child")
            await page.until("document.activeElement === document.querySelector('.panel input')")
            for entered, answer in (
                ("499", "Enter 500 or more."),
                ("much", "Enter a whole number of points."),
                ("1,000,001", "You have 1,000,000 points for this."),
            ):
                await page.run(f"document.querySelector('.panel input').value = '{entered}'")
                await page.click(".panel [type=submit]")
                assert await page.text(".panel .answer") == answer
            await page.run("document.querySelector('.panel input').value = '2,000'")
            await page.click(".panel [type=submit]")
            await page.until(LEADING)
            assert await page.text(".panel .answer") == "You lead. We go on for you up to 2,000."
            await bid(here, "m2", 1_500)
            await page.until("document.querySelector('.bids li') !== null")
            await page.until("document.querySelectorAll('.bids li').length === 2")
            assert [await page.text(f".bids li:nth-child({row}) .who") for row in (1, 2)] == [
                "Member 2",
                "You (maximum 2,000)",
            ]
            await page.run("document.querySelector('.panel input').value = '2500'")
            await page.click(".panel [type=submit]")
            await page.until("document.querySelector('.panel .answer').innerText.includes('now 2,500')")
            assert here.gateway.replica.program.auctions["a1"].leader_maximum == 2_500

    run(body())


@with_browser
def test_buying_at_once_takes_two_clicks_and_winning_is_told(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with on_page(world, browser, buy_now=800) as (here, page):
            await page.click("[data-auction=a1] .title")
            await page.click(".panel .buy")
            assert await page.text(".panel .buy") == "Yes, buy it for 800"
            assert here.gateway.replica.program.auctions["a1"].status == "open"
            await page.click(".panel .buy")
            await page.until("document.querySelector('.notice') !== null")
            assert await page.text(".notice") == "You won Opera, for 800 points."
            assert "Ended" in await page.text("[data-auction=a1] .time")
            assert await page.text("[data-auction=a1] .note") == "Yours for 800 points"
            await page.until("document.querySelector('#available').innerText === '999,200'")

    run(body())


@with_browser
def test_losing_is_told(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with on_page(world, browser, reserve=5_000, buy_now=9_000) as (here, page):
            await page.click("[data-auction=a1] .primary")
            await page.until(LEADING)
            await here.ask("m2", "member", "POST", "/v1/auctions/a1/buy_now", {"price": 9_000})
            await page.until("document.querySelector('.notice') !== null")
            assert await page.text(".notice") == "Not this time Opera went to another member."
            assert await page.run("document.querySelector('.alert')") is None
            assert await page.text("[data-auction=a1] .note") == "Sold to another member"
            await page.until("document.querySelector('#available').innerText === '1,000,000'")

    run(body())


@with_browser
def test_a_lost_connection_shows_and_what_happened_meanwhile_is_told_afterwards(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with on_page(world, browser) as (here, page):
            await page.click("[data-auction=a1] .primary")
            await page.until(LEADING)
            await page.command("Network.setBlockedURLs", urls=["*/demo/token"])
            for connection in connections(here):
                connection.close(REBUILDING)
            await page.until("document.querySelector('#stale').hidden === false")
            assert "Connection lost: what you see is how it stood at" in await page.text("#stale")
            assert await page.run(
                "[...document.querySelectorAll('.bid button')].every((one) => one.disabled)"
            )
            await bid(here, "m2", 900)
            assert await page.run(LEADING)
            await page.command("Network.setBlockedURLs", urls=[])
            await page.until("document.querySelector('.alert') !== null")
            await page.until(OUTBID)
            assert await page.run("document.querySelector('#stale').hidden")

    run(body())


@with_browser
def test_a_bid_whose_answer_was_lost_is_sent_again_and_placed_once(
    run: Run, world: OpenWorld, browser: str
) -> None:
    hang_up = """
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {
            (window.sent ??= []).push(text);
            send.call(this, text);
            const bids = window.sent.filter((one) => one.includes("auction.bid"));
            if (bids.length === 1 && bids[0] === text) this.close();
        };
    """

    async def body() -> None:
        async with on_page(world, browser) as (here, page):
            await page.run(hang_up)
            await page.click("[data-auction=a1] .primary")
            await page.until("document.querySelector('.answer').innerText === 'You lead.'")
            bids = await page.run("window.sent.map(JSON.parse).filter((one) => one.method === 'auction.bid')")
            assert len(bids) == 2
            assert bids[0]["params"] == bids[1]["params"]
            assert len(here.gateway.replica.program.auctions["a1"].history) == 1

    run(body())


@with_browser
def test_the_keyboard_is_enough(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with on_page(world, browser) as (_, page):
            await page.run("document.querySelector('[data-auction=a1] .title').focus()")
            await page.tab.keyboard.press("Enter")
            await page.until("document.activeElement === document.querySelector('.panel h2')")
            assert await page.run("location.hash") == "#a1"
            await page.tab.keyboard.press("Escape")
            await page.until("document.querySelector('.panel').hidden")
            assert await page.run("document.activeElement.className") == "title"

    run(body())


@with_browser
def test_bids_that_arrive_while_the_panel_opens_anew_are_asked_for_again(
    run: Run, world: OpenWorld, browser: str
) -> None:
    hold_back = """(async () => {
        const { Actions } = await import(own("actions.js"));
        const { Panel } = await import(own("panel.js"));
        const { bids } = Actions.prototype;
        const { open } = Panel.prototype;
        let arrive;
        const arrived = new Promise((resolve) => (arrive = resolve));
        window.asked = 0;
        Actions.prototype.bids = async function (id) {
            window.asked += 1;
            const answer = await bids.call(this, id);
            await arrived;
            return answer;
        };
        Panel.prototype.open = function (...options) {
            open.apply(this, options);
            arrive();
        };
    })()"""

    async def body() -> None:
        async with demo_world(world) as here:
            await here.open_auction("a1", title="Opera")
            await bid(here, "m1", 700)
            async with open_tab(here, browser, address="a1") as page:
                await page.until("document.querySelectorAll('.panel .bids li').length === 1")
                await page.run(hold_back)
                await bid(here, "m2", 900)
                await page.until("window.asked === 1")
                await page.click("[data-auction=a1] [title='Set a maximum']")
                await page.until("document.querySelectorAll('.panel .bids li').length === 2")

    run(body())


def test_the_pages_need_nothing_from_elsewhere_and_nothing_inline() -> None:
    html = (WEB / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []
    for file in (path for path in WEB.rglob("*") if path.is_file()):
        text = file.read_text().replace('xmlns="http://www.w3.org/2000/svg"', "")
        text = text.replace('"http://www.w3.org/2000/svg"', "")
        # A link that somebody may follow; the page fetches nothing there.
        text = text.replace("`https://api.drand.sh/", "")
        assert not re.search(r"https?://|//cdn|eval\(|innerHTML|@import", text), file.name
    named = re.findall(r'(?:href|src)="([\w.-]+)"', html)
    imported = [
        name
        for file in WEB.glob("*.js")
        for name in re.findall(r'(?:from |import\()"\./([\w.-]+)"', file.read_text())
    ]
    assert all((WEB / name).exists() for name in [*named, *imported])
    assert {path.name for path in WEB.glob("*.js")} == {
        name for name in [*named, *imported] if name.endswith(".js")
    }
