"""Auctions of other formats than English in a real browser: prices that move by themselves, secret bids,
several pieces, and leaving."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from engine.auction.price_clock import price_after
from engine.commands import (
    AscendingClock,
    AuctionTerms,
    CancelAuction,
    CreateFormatAuction,
    Dutch,
    Format,
    MultiUnit,
    OfferSecondChance,
    OpenAuction,
    PauseAuction,
    RefundSale,
    ResumeAuction,
    Sealed,
    Tick,
)
from gateway.clock import now
from tests.gateway.browsing import Page, demo_world, open_tab, with_browser
from tests.gateway.harness import HOUR, OpenWorld, Run, World

pytestmark = with_browser

CARD = "[data-auction=a1]"
PANEL = "#panel"
PRICE = f"Number(document.querySelector('{CARD} .price').textContent.replace(',', ''))"

LEARN = """import(own("clock.js")).then(({ learn }) => {
    const here = performance.now();
    learn(here, here, Date.now() + AHEAD);
})"""
"""Lets a page believe that the gateway's clock is so many ms ahead of its own."""


@asynccontextmanager
async def ticking(world: OpenWorld) -> AsyncIterator[World]:
    """A demo whose deadlines are kept, as the keeper does."""

    stopped = asyncio.Event()

    async def tick() -> None:
        while not stopped.is_set():
            await here.apply(Tick())
            await asyncio.sleep(0.05)

    async with demo_world(world) as here:
        ticks = asyncio.create_task(tick())
        try:
            yield here
        finally:
            stopped.set()
            await ticks


async def open_format(here: World, format: Format, *, lasts: int = HOUR, **given: Any) -> None:
    terms: dict[str, Any] = {
        "title": "Opera",
        "opening": 1_000,
        "starts_at": now(),
        "ends_at": now() + lasts,
    } | given
    await here.apply(CreateFormatAuction("a1", AuctionTerms(**terms), format))
    outcome = await here.apply(OpenAuction("a1"))
    assert outcome.status == "open", outcome


async def bid(here: World, member: str, maximum: int, **given: Any) -> dict[str, Any]:
    """Another member's bid, over HTTP."""
    body = {"maximum": maximum} | given
    response = await here.ask(member, "member", "POST", "/v1/auctions/a1/bids", body)
    assert response.status_code == 200, response.text
    result: dict[str, Any] = response.json()
    return result


SEEN = r"document.querySelector('#main, #panel').innerText.replaceAll(/\d+:\d\d|\d+ h \d\d min/g, '')"
"""What a page shows, but for the time that is left."""


async def shows(page: Page, selector: str, words: str) -> None:
    """Returns once a person reads ``words`` there."""
    await page.until(f"""(() => {{
        const node = document.querySelector({selector!r});
        return node?.checkVisibility() && node.innerText.replace(/\\s+/g, " ").includes({words!r});
    }})()""")


async def enter(page: Page, amount: str, quantity: int = 1) -> None:
    """Types an amount, and chooses how many pieces."""
    await page.until(f"document.querySelector('{PANEL} .controls .row input') !== null")
    await page.run(f"""(() => {{
        const field = document.querySelector("{PANEL} .row input");
        field.value = {amount!r};
        field.dispatchEvent(new Event("input"));
    }})()""")
    for _ in range(quantity - 1):
        await page.click(f"{PANEL} .stepper button:last-child")


def test_a_price_falls_by_itself_stands_still_and_is_taken(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, Dutch(floor=100, interval=200, step=1))
            async with open_tab(here, browser) as page:
                await shows(page, f"{CARD} .kind-of-auction", "Price falls")
                assert "pays the price of that moment" in await page.text(f"{CARD} .how")
                first = await page.run(PRICE)
                await page.until(f"{PRICE} < {first - 3}")
                assert "lowest 100" in await page.text(f"{CARD} .step")

                await here.apply(PauseAuction("a1"))
                await shows(page, f"{CARD} .step", "the price stands still")
                paused = await page.run(PRICE)
                await asyncio.sleep(0.5)
                assert await page.run(PRICE) == paused
                await here.apply(ResumeAuction("a1"))

                await page.click(f"{CARD} .take")
                await shows(page, ".notice", "You won Opera, for")
                auction = here.gateway.replica.program.auctions["a1"]
                assert auction.pieces is not None
                (sale,) = auction.pieces.sales
                assert sale.member == "m1"
                assert 900 < sale.price <= paused
                await shows(page, f"{CARD} .note", f"You won it for {sale.paid} points")
                await shows(page, f"{CARD} .figures", f"Sold for You won {sale.price}")

    run(body())


def test_some_of_several_pieces_are_taken_and_a_page_ahead_is_told_the_price(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, Dutch(floor=100, interval=60_000, step=50, supply=5))
            async with open_tab(here, browser, address="a1") as page:
                await shows(page, f"{PANEL} .kind-of-auction", "5 pieces, the price falls")
                for _ in range(2):
                    await page.click(f"{PANEL} .stepper button:last-child")
                assert await page.text(f"{PANEL} .take") == "Take 3 for 3,000 points"
                await page.run(LEARN.replace("AHEAD", "90_000"))
                await shows(page, f"{PANEL} .take", "Take 3 for 2,850 points")
                await page.click(f"{PANEL} .take")
                await shows(page, f"{PANEL} .answer", "the price is 1,000 now")
                await page.run(LEARN.replace("AHEAD", "0"))
                await shows(page, f"{PANEL} .take", "3,000")
                await page.run(f"document.querySelector('{PANEL} .take').focus()")
                await page.click(f"{PANEL} .take")
                await shows(page, f"{PANEL} .own", "You won 3 pieces for 3,000 points")
                assert await page.run("document.activeElement.classList.contains('take')")
                await bid(here, "m2", 1_000)
                await shows(page, f"{PANEL} .sales", "You 3 pieces 1,000 each Member 2 1 piece 1,000 each")
                await shows(page, f"{PANEL} .rules", "5, 4 sold")
                await here.apply(CancelAuction("a1", "a test"))
                await shows(page, f"{PANEL} .note", "your points come back")

    run(body())


def test_a_sealed_bid_is_seen_by_its_member_alone(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, Sealed("second"), reserve=1_500)
            async with (
                open_tab(here, browser, "m1", "a1") as page,
                open_tab(here, browser, "m2", "a1") as other,
            ):
                await shows(page, f"{PANEL} .kind-of-auction", "Sealed bid")
                assert "only as much as the second-highest" in await page.text(f"{PANEL} .how")
                assert "Nobody sees it until the close" in await page.text(f"{PANEL} .help")
                await shows(other, f"{PANEL} .standing", "Bids are secret")
                before = await other.run(SEEN)
                await enter(page, "2,345")
                await page.click(f"{PANEL} [type=submit]")
                await shows(page, f"{PANEL} .own", "Your sealed bid: 2,345")
                await shows(page, f"{PANEL} .answer", "Your sealed bid is in: 2,345.")
                assert await page.text(f"{CARD} .standing") == "Your bid is in"
                await enter(page, "2,000")
                await page.click(f"{PANEL} [type=submit]")
                await shows(page, f"{PANEL} .answer", "Enter 2,346 or more.")
                await asyncio.sleep(0.3)
                assert await other.run(SEEN) == before
                assert "2,345" not in await other.text("body")

    run(body())


def test_a_sealed_bid_is_lowered_where_that_is_allowed_and_pays_what_it_bid(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, Sealed("first", may_lower=True), lasts=4_000)
            await bid(here, "m2", 1_100)
            async with open_tab(here, browser, address="a1") as page:
                for amount in ("3000", "1200"):
                    await enter(page, amount)
                    await page.click(f"{PANEL} [type=submit]")
                    await shows(page, f"{PANEL} .own", f"{int(amount):,}")
                await shows(page, f"{PANEL} .note", "You won it for 1,200 points")
                await shows(page, f"{PANEL} .sales", "You 1,200")

    run(body())


def test_a_bid_for_several_pieces_is_in_overtaken_and_raised(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, MultiUnit(supply=3))
            async with open_tab(here, browser, address="a1") as page:
                await shows(page, f"{PANEL} .kind-of-auction", "3 pieces, everyone pays the same")
                assert not await page.run(f"document.querySelector('{PANEL} .check').checkVisibility()")
                await enter(page, "1,200", quantity=2)
                await shows(page, f"{PANEL} .total", "In total up to 2,400 points")
                await page.run(f"document.querySelector('{PANEL} .check input').click()")
                await page.click(f"{PANEL} [type=submit]")
                await shows(page, f"{PANEL} .answer", "You’re in with 1,200 each for 2 pieces.")
                await shows(page, f"{PANEL} .standing", "You’re in")
                last = here.gateway.replica.program.auctions["a1"].history[-1]
                assert (last.maximum, last.quantity, last.partial) == (1_200, 2, True)
                await bid(here, "m2", 1_300, quantity=2)
                await shows(page, f"{PANEL} .figures", "To be in You’re in 1,201")
                await bid(here, "m3", 1_250)
                await shows(page, f"{PANEL} .standing", "You’re out now")
                await shows(page, ".alert", "You’ve been outbid on Opera")
                await page.click(".alert .primary")
                await page.until("document.activeElement.id === 'offer-a1'")
                await enter(page, "1400")
                await page.click(f"{PANEL} [type=submit]")
                await shows(page, f"{PANEL} .standing", "You’re in")
                await page.until("document.querySelector('.alert') === null")

    run(body())


def test_a_bid_that_is_overtaken_at_its_own_price_is_out(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, MultiUnit(supply=2))
            await bid(here, "m1", 1_200)
            await bid(here, "m2", 1_200)
            async with open_tab(here, browser, address="a1") as page:
                await shows(page, f"{PANEL} .standing", "You’re in")
                # As high, but for more pieces: it goes first.
                await bid(here, "m3", 1_200, quantity=2)
                await shows(page, f"{PANEL} .standing", "You’re out now")

    run(body())


def test_a_clock_is_joined_and_left(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, AscendingClock(entry=6_000, interval=500, step=10))
            await bid(here, "m2", 5_000)
            await bid(here, "m3", 1_000)
            async with (
                open_tab(here, browser, "m1", "a1") as page,
                open_tab(here, browser, "m3", "a1") as third,
            ):
                await shows(page, f"{PANEL} .kind-of-auction", "Last one in wins")
                await shows(page, f"{PANEL} .step", "Joining ends in")
                await enter(page, "4,000")
                await page.click(f"{PANEL} [type=submit]")
                await shows(page, f"{PANEL} .answer", "You’re in up to 4,000.")
                await shows(page, f"{PANEL} .rules", "3 members")
                await shows(page, f"{PANEL} .step", "Rises to")
                await shows(third, ".notice", "The price of Opera is above your maximum.")
                await shows(third, f"{PANEL} .note", "nobody comes back")
                await page.until(f"{PRICE} > 1_010")
                leave = f"{PANEL} .buy"
                await page.run(f"document.querySelector('{leave}').focus()")
                await page.click(leave)
                assert await page.text(leave) == "Yes, leave for good"
                await page.click(leave)
                await shows(page, f"{PANEL} .note", "Sold to another member")
                focused = await page.run("document.activeElement.className")
                assert focused == "note", "the keyboard is where the controls were"
                await page.until("document.querySelector('#available').innerText === '1,000,000'")

    run(body())


def test_what_comes_back_is_offered_to_the_next(run: Run, world: OpenWorld, browser: str) -> None:
    async def body() -> None:
        async with ticking(world) as here:
            await open_format(here, MultiUnit(supply=2, sealed=True, pricing="pay_as_bid"), lasts=4_000)
            won = await bid(here, "m2", 1_500, quantity=2)
            await bid(here, "m1", 1_200, quantity=2)
            async with open_tab(here, browser, address="a1") as page:
                await shows(page, f"{PANEL} .note", "Sold to another member")
                await here.apply(RefundSale("a1", "a test", won["number"]))
                offer = await here.apply(OfferSecondChance("a1"))
                assert offer.quantity == 2, offer
                await shows(page, f"{PANEL} .chance", "2 pieces at 1,200 points each, until")
                await page.click(f"{PANEL} .chance .primary")
                assert await page.text(f"{PANEL} .chance .primary") == "Yes, for 2,400 points"
                await page.click(f"{PANEL} .chance .primary")
                await shows(page, f"{PANEL} .note", "You won 2 pieces for 2,400 points")

    run(body())


def test_the_pages_price_is_the_engines(run: Run, world: OpenWorld, browser: str) -> None:
    def terms(opening: int) -> AuctionTerms:
        return AuctionTerms("a", opening, 0, 1)

    cases = [
        (opening, format, steps)
        for opening in (1, 5, 15, 999, 12_345, 10**12)
        for share, step in ((1, 0), (333, 0), (5_000, 0), (10**6, 0), (0, 1), (0, 7), (0, 10**12))
        for format in (
            Dutch(floor=1, interval=100, step=step, step_share=share),
            Dutch(floor=opening // 3 or 1, interval=100, step=step, step_share=share),
            AscendingClock(entry=0, interval=100, step=step, step_share=share),
        )
        for steps in (0, 1, 2, 3, 7, 49, 50, 51, 10_000, 10**9)
    ]
    wanted = [price_after(terms(opening), format, steps) for opening, format, steps in cases]
    given = [
        (opening, {"step": one.step, "step_share": one.step_share, "floor": getattr(one, "floor", 0)}, steps)
        for opening, one, steps in cases
    ]

    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser) as page:
            await page.until("document.readyState === 'complete'")
            found = await page.run(f"""import(own("price-clock.js")).then(({{ priceAfter }}) =>
                {msgspec.json.encode(given).decode()}.map((one) => priceAfter(...one)))""")
            assert found == wanted

    run(body())


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ("null", "Not placed: it takes 650 or more now."),
        ("{ clock: null }", "Not placed: it takes 650 or more now."),
        ("{ clock: {} }", "Not placed: the price is 625 now. Try again."),
    ],
)
def test_a_bid_that_came_too_late_is_told_what_its_format_asks(
    run: Run, world: OpenWorld, browser: str, pieces: str, words: str
) -> None:
    script = f"""(async () => {{
        const {{ Actions }} = await import(own("actions.js"));
        const {{ Refused }} = await import(own("socket.js"));
        let told;
        const store = {{
            member: {{ member: "m1" }},
            lot: () => ({{ auction: {{ pieces: {pieces} }}, pending: null, standing: "none" }}),
            setPending() {{}},
            setAnswer: (...answer) => (told = answer),
        }};
        const data = {{ code: "bid_too_low", price: 625, minimum: 650 }};
        const refusal = new Refused({{ message: "", data }});
        const connection = {{ command: () => Promise.reject(refusal) }};
        await new Actions(store, connection).bid("a1", 600);
        return told.slice(1, 3);
    }})()"""

    async def body() -> None:
        async with demo_world(world) as here, open_tab(here, browser) as page:
            await page.until("document.readyState === 'complete'")
            assert (await page.run(script))[1] == words

    run(body())
