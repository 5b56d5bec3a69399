"""Bidding on the page when it matters: the last seconds, being outbid elsewhere, and a network that goes."""

import itertools
import re
from typing import Any, Final

import pytest

from engine.commands import SoftClose
from engine.units import SECOND
from gateway.clock import now
from tests.gateway.browsing import LOOKS, demo_world, open_tab, with_browser
from tests.gateway.cable import Cable, Direction
from tests.gateway.harness import OpenWorld, Run, World, eventually
from tests.gateway.shop import shows

pytestmark = with_browser

CARD: Final = "[data-auction=a1]"
STANDING: Final = f"document.querySelector('{CARD}').dataset.standing"

RECORD: Final = f"""(() => {{
    const card = document.querySelector("{CARD}");
    window.times = [];
    const look = () => {{
        const [minutes, seconds] = card.querySelector(".time").textContent.split(":").map(Number);
        window.times.push([minutes * 60 + seconds, card.querySelector(".extended").hidden ? "" : "told"]);
    }};
    new MutationObserver(look).observe(card.querySelector(".time"), {{ childList: true }});
}})()"""
"""From here on ``window.times`` has each time that is shown, in seconds, and whether an extension is told."""

WAVER: Final = """import(own("clock.js")).then(({ learn }) => {
    const truth = Date.now() - performance.now();
    let turn = 0;
    setInterval(() => {
        const here = performance.now();
        learn(here - 900, here, here + truth - 900 * (turn++ % 2));
    }, 100);
    const { now } = Date;
    Date.now = () => now() - 3_600_000;
})"""
"""Slow pings that say otherwise each time, and a device's clock that is set back by an hour."""

LISTEN: Final = """
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (text) {
        (window.sent ??= []).push(text);
        send.call(this, text);
    };
"""
BIDS: Final = "window.sent.map(JSON.parse).filter((one) => one.method === 'auction.bid')"

DELAYED: Final = {"en": "Not placed yet: the connection is gone.", "ar": "لم تُسجّل بعد: انقطع الاتصال."}


async def bid(here: World, member: str, maximum: int) -> None:
    response = await here.ask(member, "member", "POST", "/v1/auctions/a1/bids", {"maximum": maximum})
    assert response.status_code == 200, response.text


def test_a_countdown_never_goes_back_but_for_an_extension_that_is_told(
    run: Run, world: OpenWorld, browser: str
) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            soft_close = SoftClose("reset", 30 * SECOND, 15 * SECOND, 600 * SECOND)
            closing = now() + 11 * SECOND
            await here.open_auction("a1", title="Opera", ends_at=closing, soft_close=soft_close)
            async with open_tab(here, browser) as page:
                await page.until(f"document.querySelector('{CARD}') !== null")
                await page.run(RECORD)
                await page.run(WAVER)
                await page.until("window.times.length > 8")
                await bid(here, "m2", 700)
                await shows(page, f"{CARD} .extended", "Extended by ")
                await page.until("window.times.slice(-2).every(([seconds]) => seconds > 11)")
                times = await page.run("window.times")
                ends_at = here.gateway.replica.program.auctions["a1"].ends_at
                left = await page.run(f"import(own('clock.js')).then(({{ now }}) => {ends_at} - now())")
                assert abs(left - (ends_at - now())) < 2 * SECOND
        rises = [told for (before, _), (after, told) in itertools.pairwise(times) if after > before]
        assert rises == ["told"], times

    run(body())


@pytest.mark.parametrize("look", LOOKS)
def test_being_outbid_is_told_wherever_one_is_and_leads_back(
    run: Run, world: OpenWorld, browser: str, look: dict[str, Any]
) -> None:
    async def body() -> None:
        async with demo_world(world) as here:
            await here.open_auction("a1", title="Opera")
            await bid(here, "m1", 700)
            async with open_tab(here, browser, address="/rewards", **look) as page:
                await page.until("document.querySelector('#wallet')?.hidden === false")
                await page.until("document.querySelector('#rewards-empty').checkVisibility()")
                await bid(here, "m2", 900)
                await shows(page, ".alert", "Opera")
                await page.until("document.title.startsWith('(')")
                await page.is_sound()
                await page.run("document.querySelector('.alert .link').click()")
                await page.until("document.querySelector('#panel h2')?.innerText === 'Opera'")
                assert await page.run("location.hash") == "#a1"
                assert await page.run("document.querySelector('#panel').dataset.standing") == "outbid"
                await page.is_sound()
                await page.run("document.querySelector('#panel input').value = '2000'")
                await page.click("#panel [type=submit]")
                await page.until(f"{STANDING} === 'leading'")
                await page.until("document.querySelector('.alert') === null")
                assert await page.run("document.title") == "Livelot"

    run(body())


@pytest.mark.parametrize(
    ("lost", "look"), [("sent", LOOKS[0].values[0]), ("received", LOOKS[1].values[0])], ids=["bid", "answer"]
)
def test_a_bid_on_a_network_that_goes_is_never_shown_as_placed_and_is_placed_once(
    run: Run, world: OpenWorld, browser: str, lost: Direction, look: dict[str, Any]
) -> None:
    async def body() -> None:
        async with Cable() as cable, demo_world(world, ports=(cable.port,)) as here:
            cable.target = here.port
            await here.open_auction("a1", title="Opera")
            async with open_tab(cable, browser, script=LISTEN, **look) as page:
                await page.until(f"document.querySelector('{CARD} .primary')?.disabled === false")
                cable.swallowed = lost
                await page.click(f"{CARD} .primary")
                bids = here.gateway.replica.program.auctions["a1"].history
                if lost == "received":
                    await eventually(lambda: len(bids) == 1)
                await page.until(f"{BIDS}.length === 1")
                assert await page.run(STANDING) == "none"
                cable.cut()
                await page.until("document.querySelector('#stale').checkVisibility()")
                await shows(page, f"{CARD} .answer", DELAYED[look["languages"][:2]])
                assert await page.run(STANDING) == "none"
                assert await page.run(f"document.querySelector('{CARD} .primary').disabled")
                assert re.search(r"\d", await page.text("#stale")), "since when"
                await page.is_sound()
                assert len(bids) == (1 if lost == "received" else 0)

                cable.mend()
                await page.until(f"{STANDING} === 'leading'")
                await page.until("document.querySelector('#stale').hidden")
                await page.until(f"document.querySelector('{CARD} .answer').dataset.tone === 'good'")
                first, *again = await page.run(BIDS)
                assert again and all(one["params"] == first["params"] for one in again)
                assert len(bids) == 1

    run(body())
