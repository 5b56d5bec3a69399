"""Every view of both apps in a real Chromium, as axe-core sees it, and nothing that scrolls sideways."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from engine.commands import (
    CampaignTerms,
    Configure,
    PlaceBid,
    ProgramSettings,
    PutCampaign,
    ScheduleCampaign,
)
from tests.gateway.browsing import Page, open_tab, with_browser
from tests.gateway.consoling import on_console
from tests.gateway.harness import OpenWorld, Run, World
from tests.gateway.shop import EUROS, SAVING, shop, wellness
from tests.gateway.test_raffles_page import buy, open_raffle

AXE: Final = Path(__file__).parent / "axe/node_modules/axe-core/axe.min.js"

with_axe = pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not there: `make test` fetches it with npm"
)

MEMBER: Final = {
    "": "[data-auction=a1] .price",
    "a1": "#panel .bids li",
    "/rewards": "[data-experience=sauna] .cost > *",
    "/rewards/spa": "#reward-panel .trace > *",
    "/my-rewards": "#my-rewards li",
    "/raffles": ".raffle .title",
    "/raffles/r": "#raffle-panel .stepper",
    "/points": ".history li",
}
"""What is there once a view of the member's app shows what it has, by its address."""

CONSOLE: Final = {
    "/now": ".now-auctions tbody td",
    "/tune": "[data-rule=gold-saves] .effect",
    "/tune/drafts": "data-table tbody td",
    "/tune/drafts/one": "#main [data-rule]",
    "/tune/history": "data-table tbody td",
    "/auctions": "data-table tbody td",
    "/auctions/a1": "data-table tbody td",
    "/raffles": "data-table tbody td",
    "/raffles/r": "data-table tbody td",
    "/campaigns": "data-table tbody td",
    "/campaigns/spring": "meter",
    "/members": ".members input",
    "/members/m1": ".member .facts",
    "/audit": "data-table tbody td",
}
"""The same for the console."""

SETTLED: Final = """![...document.querySelectorAll("[aria-busy=true]")].some((one) => one.checkVisibility())
    && !document.getAnimations().some(({ playState, effect }) =>
        playState === "running" && effect.getComputedTiming().endTime !== Infinity)"""

LOOK: Final = """axe.run({ resultTypes: ["violations"], preload: false }).then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id} ${node.target}: ${node.failureSummary}`)))"""

OVERFLOWS: Final = """document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"""

WIDTHS: Final = ((390, 1_280), (1_280, 390))

READERS: Final[dict[str, dict[str, Any]]] = {
    "English, light": {"languages": "en"},
    "Arabic, dark": {"languages": "ar", "dark": True},
}


async def look(page: Page, widths: tuple[int, ...]) -> list[str]:
    """What is wrong with what the page shows: to axe at the first width, and at which it does not fit."""
    found: list[str] = []
    for width in widths:
        await page.tab.set_viewport_size({"width": width, "height": 900})
        await page.until(SETTLED)
        if width == widths[0]:
            found += await page.run(LOOK)
        if await page.run(OVERFLOWS):
            found.append(f"at {width} px it scrolls sideways")
    return found


async def walk(page: Page, views: dict[str, str], turn: int) -> None:
    """Looks at every view, at a phone's width and a desktop's in turn, beginning with the ``turn``."""
    await page.run(AXE.read_text())
    wrong = {}
    for number, (address, sign) in enumerate(views.items(), start=turn):
        await page.run(f"location.hash = {json.dumps(address)}")
        await page.until(f"document.querySelector({json.dumps(sign)})?.checkVisibility()")
        if found := await look(page, WIDTHS[number % 2]):
            wrong[address] = found
    assert wrong == {}, json.dumps(wrong, indent=1, ensure_ascii=False)


async def stock(here: World) -> None:
    """Something to see in each view."""
    await here.apply(
        Configure(ProgramSettings(tiers=("blue", "gold"), markets=("north",), money={"north": EUROS}))
    )
    await here.open_auction("a1", title="Opera", reserve=2_000, buy_now=9_000)
    await here.apply(PlaceBid("a1", 700, "m1"))
    await here.apply(PlaceBid("a1", 900, "m2"))
    await open_raffle(here)
    await buy(here, "m1", 2)
    await here.apply(PutCampaign("spring", CampaignTerms({"en": "Spring"}, budget=10_000)))
    await here.apply(ScheduleCampaign("spring"))
    for who, role, path, body in (
        ("maria", "manager", "/v1/rules/drafts", {"draft": "one", "revision": 1}),
        ("m1", "member", "/v1/redemptions", {"experience": "spa", "most": 1_000}),
    ):
        answer = await here.ask(who, role, "POST", path, body)
        assert answer.is_success, answer.text


@with_browser
@with_axe
@pytest.mark.parametrize("reader", READERS)
def test_everybody_can_use_every_view(run: Run, world: OpenWorld, browser: str, reader: str) -> None:
    turn = list(READERS).index(reader)

    async def body() -> None:
        async with shop(world, SAVING, spa=wellness(), sauna=wellness(500)) as here:
            await stock(here)
            async with open_tab(here, browser, **READERS[reader]) as page:
                await page.until("document.querySelector('#wallet')?.hidden === false")
                await walk(page, MEMBER, turn)
            async with open_tab(here, browser, path="/console", **READERS[reader]) as page:
                await page.until("document.querySelector('#token') !== null")
                await walk(page, {"": "#token"}, turn)
            async with on_console(here, browser, "/now", **READERS[reader]) as page:
                await walk(page, CONSOLE, turn)

    run(body())
