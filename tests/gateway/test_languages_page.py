"""The member's app in other languages, from the right, on a phone, and how much of it travels at first."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from engine.commands import CommitSecret, CreateRaffle, OpenRaffle, Prize, RaffleTerms, UpsertMember
from engine.commands.raffles import Bundle
from gateway.clock import now
from gateway.web_files import WEB, read_web_file
from tests.engine.raffling import SECRET
from tests.gateway.browsing import Page, demo_world, open_tab, with_browser
from tests.gateway.harness import HOUR, OpenWorld, Run, World
from tests.gateway.shop import card, on_catalogue, shop, shows, wellness

pytestmark = with_browser

PHONE: dict[str, Any] = {"languages": "ar-EG,en", "width": 390}

MOST = 60_000
"""How many bytes the first visit may bring, compressed."""


async def stands_well(page: Page) -> None:
    """From right to left, as wide as the screen, and every key has found its words."""
    assert await page.run("[document.documentElement.lang, document.documentElement.dir].join()") == "ar,rtl"
    await page.is_sound()


def test_a_bid_and_a_maximum_in_arabic_on_a_phone(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.open_auction("a1", title="Opera", buy_now=90_000)
            async with open_tab(here, browser, **PHONE) as page:
                await shows(page, "#title", "المزادات الجارية")
                await shows(page, "[data-auction=a1] .primary", "زايد بـ٥٠٠")
                await stands_well(page)
                await page.click("[data-auction=a1] .primary")
                await shows(page, "[data-auction=a1] .standing", "أنت في الصدارة")
                await shows(page, "#held", "٥٠٠")
                await page.click("[data-auction=a1] .quick .secondary:last-child")
                await page.until("document.activeElement === document.querySelector('.panel input')")
                await page.run("document.querySelector('.panel input').value = '٢٬٠٠٠'")
                await page.click(".panel [type=submit]")
                await shows(page, ".panel .answer", "حدّك الأقصى الآن ٢٬٠٠٠.")
                assert here.gateway.replica.program.auctions["a1"].leader_maximum == 2_000
                await stands_well(page)
                await here.ask("m2", "member", "POST", "/v1/auctions/a1/bids", {"maximum": 3_000})
                await shows(page, ".alert", "تجاوزتك مزايدة أخرى على Opera، الآن ٢٬٠٥٠")

    run(body())


def test_redeeming_in_arabic_on_a_phone(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with shop(world, spa=wellness(stock=3)) as here:
            async with on_catalogue(here, browser, **PHONE) as page:
                await shows(page, f"{card('spa')} .cost", "٩٠٠ نقطة السابق: ١٬٠٠٠ نقطة")
                await shows(page, f"{card('spa')} .kind", "العافية")
                await stands_well(page)
                await page.click(f"{card('spa')} .title")
                await shows(page, ".trace", "١٬٠٠٠ ← ٩٠٠ نقطة")
                await stands_well(page)
                await page.click("#reward-panel .primary")
                await shows(page, "#reward-panel .primary", "نعم، مقابل ٩٠٠ نقطة")
                await page.click("#reward-panel .primary")
                await shows(page, "#reward-panel .answer", "أصبحت لك، مقابل ٩٠٠ نقطة.")
                assert len(here.gateway.replica.program.redemptions) == 1

    run(body())


async def open_raffle(here: World) -> None:
    prizes = (Prize("car", 1, {"en": "The car", "ar": "السيارة"}),)
    terms = RaffleTerms(
        titles={"en": "A red car", "ar": "سيارة حمراء"},
        prizes=prizes,
        price=100,
        opens_at=now(),
        closes_at=now() + HOUR,
        bundles=(Bundle(5, 4),),
        randomness="commitment",
    )
    await here.apply(CreateRaffle("r", terms))
    await here.apply(OpenRaffle("r"))
    await here.apply(CommitSecret("r", sha256(SECRET).hexdigest()))


def test_tickets_in_arabic_on_a_phone(run: Run, world: OpenWorld, browser: str) -> None:
    buy = "#raffle-panel .tickets .primary"

    async def body() -> None:
        async with demo_world(world) as here:
            await open_raffle(here)
            async with open_tab(here, browser, address="/raffles", **PHONE) as page:
                await shows(page, ".raffle", "سيارة حمراء")
                await stands_well(page)
                await page.click(".raffle .title")
                field = "document.querySelector('#raffle-panel .stepper input')"
                await page.until(f"{field}?.checkVisibility() === true")
                await page.run(f"{field}.focus()")
                await page.tab.keyboard.press("ArrowUp")
                await shows(page, buy, "اشترِ تذكرتين مقابل ٢٠٠ نقطة")
                assert await page.run(f"{field}.value") == "٢"
                await page.click("#raffle-panel .chip")
                await shows(page, buy, "اشترِ ٥ تذاكر مقابل ٤٠٠ نقطة")
                await page.click(buy)
                await shows(page, buy, "نعم، مقابل ٤٠٠ نقطة")
                await page.click(buy)
                await shows(page, "#raffle-panel .answer", "الأرقام من ١ إلى ٥ لك، مقابل ٤٠٠ نقطة.")
                await shows(page, "#raffle-panel", "أرقامك: ١–٥")
                await stands_well(page)

    run(body())


def test_points_by_lot_what_is_held_and_what_became_of_bids(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.open_auction("a1", title="Opera")
            await open_raffle(here)
            await here.ask("m1", "member", "POST", "/v1/auctions/a1/bids", {"maximum": 700})
            async with open_tab(here, browser) as page:
                await page.until("document.querySelector('#wallet')?.hidden === false")
                await page.run("document.querySelector('#wallet').click()")
                await shows(page, ".totals", "Available 999,300 Held 700 Spent 0 Expired 0")
                assert await page.run("location.hash") == "#/points"
                await shows(page, ".points-main .points-list", "What is held Opera For an auction 700 points")
                await shows(page, ".points-parts > .points-list", "999,300 points")
                await shows(page, ".history", "Nothing here yet.")
                await page.click("[data-history=bids]")
                await shows(page, ".history li", "Opera ends")
                await shows(page, ".history li", "You lead Bid up to 700 pts")
                body = {"tickets": 2, "most": 200}
                bought = await here.ask("m1", "member", "POST", "/v1/raffles/r/tickets", body)
                assert bought.is_success, bought.text
                await shows(page, ".totals", "Available 999,100")
                await page.click("[data-history=raffles]")
                await shows(page, ".history li", "A red car closes")
                await shows(page, ".history li", "You have 2 tickets")
            async with open_tab(here, browser, address="/points", **PHONE) as page:
                await shows(page, ".totals", "٩٩٩٬١٠٠")
                await stands_well(page)

    run(body())


def test_of_a_card_only_its_outline_is_taken_over(run: Run, world: OpenWorld, browser: str) -> None:
    drawn = """<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 29 29'>
        <script>window.bad = true</script><path d='M4 4.5h7' transform='scale(1)'/></svg>"""

    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser) as page:
            await page.until("document.readyState === 'complete'")
            made = await page.run(f"""import(own("member-card.js")).then(({{ MemberCard }}) => {{
                const card = new MemberCard();
                card.update(null);
                const before = card.node.hidden;
                card.update({{ code: "livelot:p/m1", svg: {json.dumps(drawn)} }});
                document.body.append(card.node);
                return [before, card.node.hidden, card.picture.outerHTML];
            }})""")
            assert made[:2] == [True, False]
            assert re.search(r'viewBox="0 0 29 29"><path d="M4 4.5h7" stroke="#000" transform=', made[2])
            assert "script" not in made[2] and await page.run("window.bad === undefined")

    run(body())


def test_the_language_is_chosen_and_remembered(run: Run, world: OpenWorld, browser: str) -> None:
    choose = """(() => {
        const menu = document.querySelector("#language");
        menu.value = LANGUAGE;
        menu.dispatchEvent(new Event("change"));
    })()"""

    async def body() -> None:
        async with demo_world(world) as here:
            await here.apply(UpsertMember("m1", "gold", "north"))
            async with open_tab(here, browser, address="/raffles") as page:
                await shows(page, "#raffles-title", "Raffles")
                menu = "[...document.querySelectorAll('#language option')].map((one) => one.text).join()"
                assert await page.run(menu) == "English,Français,Español,العربية"
                await page.run(choose.replace("LANGUAGE", "'fr'"))
                await shows(page, "#raffles-title", "Tirages")
                assert await page.run("document.querySelector('#language').value") == "fr"
                await page.tab.reload()
                await shows(page, "#raffles-title", "Tirages")
                await page.run("localStorage.clear()")

    run(body())


def test_a_view_that_does_not_arrive_says_so(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await open_raffle(here)
            async with open_tab(here, browser) as page:
                await shows(page, "#title", "Live auctions")
                await page.command("Network.setBlockedURLs", urls=["*/raffle-panel.js"])
                await page.run("document.querySelector('[data-view=raffles]').click()")
                await shows(page, "#raffles-empty", "This part of the page did not arrive. Try again")
                await page.command("Network.setBlockedURLs", urls=[])
                await page.click("#raffles-empty button")
                await shows(page, ".raffle", "A red car")

    run(body())


@pytest.mark.parametrize("languages", ["en", "ar-EG"])
def test_the_first_visit_brings_little(run: Run, world: OpenWorld, browser: str, languages: str) -> None:
    async def body() -> None:
        covers = [path.stem.removeprefix("cover-") for path in sorted(WEB.glob("cover-*.svg"))]
        async with demo_world(world) as here:
            for cover in covers:
                await here.open_auction(f"{cover}-1", title=cover)
            async with open_tab(here, browser, languages=languages) as page:
                await page.until(f"document.querySelectorAll('.lot[data-auction]').length === {len(covers)}")
                await page.until("document.querySelector('#wallet')?.hidden === false")
                names = await page.run("""
                    [...performance.getEntriesByType("resource"), { name: location.href }]
                        .map((one) => new URL(one.name).pathname.replace(/^\\/[0-9a-f]{12}(?=\\/)/, ""))
                """)
                files = {WEB / (name[1:] or "index.html") for name in names if not name.startswith("/demo/")}
                assert {path.suffix for path in files} == {".html", ".js", ".css", ".svg"}
                sizes = {path.name: len(read_web_file(path).compressed) for path in files}
                assert sum(sizes.values()) <= MOST, sorted(sizes.items(), key=lambda one: -one[1])[:9]

    run(body())


@pytest.mark.parametrize(("path", "last"), [("/", "#auctions-empty:not([hidden])"), ("/console", "#token")])
def test_a_second_visit_asks_for_the_page_alone(
    run: Run, world: OpenWorld, browser: str, path: str, last: str
) -> None:
    sent = """
        performance.getEntriesByType("resource")
            .filter(({ name, transferSize }) => transferSize && !new URL(name).pathname.startsWith("/demo/"))
            .map(({ name }) => name)
    """

    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser, path=path) as page:
            await page.until(f"document.querySelector('{last}') !== null")
            assert len(await page.run(sent)) > 20
            for visited in ("/health", path):
                await page.tab.goto(f"http://127.0.0.1:{here.port}{visited}")
            await page.until(f"document.querySelector('{last}') !== null")
            assert await page.run(sent) == []

    run(body())


def test_what_is_needed_at_once_is_sent_for_at_once() -> None:
    needed = {"app.js"}
    waiting = ["app.js"]
    while waiting:
        more = set(re.findall(r'from "\./([\w.-]+)"', (WEB / waiting.pop()).read_text())) - needed
        needed |= more
        waiting.extend(more)
    html = (WEB / "index.html").read_text()
    assert set(re.findall(r'rel="modulepreload" href="([\w.-]+)"', html)) == needed - {"app.js"}


def test_nothing_is_drawn_from_one_side_alone() -> None:
    sided = re.compile(
        r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|^\s*(?:left|right):"
    )
    for path in (*WEB.glob("*.css"), *Path(WEB / "console").glob("*.css")):
        for line in path.read_text().splitlines():
            assert not sided.search(line), f"{path.name}: {line.strip()}"
