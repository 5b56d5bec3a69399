"""How quick is the member's app in a browser?

Four questions, each to a real Chromium without a screen: how many bytes the first visit brings; how long
from the page's address to prices on the screen, for who was never there and for who was, here and over a
network that takes its time; how long from a log entry's stamp to the new price on the screen; and how many of
a display's 60 frames a second are in time while a page of 200 live auctions hears of hundreds of bids a
second, standing still and scrolled, and how many bytes it is sent.

First prices are on the screen when the browser says so (Element Timing, WICG). A changed one is there once
the frame after the one that it was drawn in is over. Clocks are those of one machine.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pytest
import uvloop
from playwright.async_api import Browser, Page

from benchmarks.browser import (
    CHROMIUM,
    FRAMES,
    Frames,
    open_browser,
    open_tab,
    read_browser_cpu_seconds,
    read_frames,
    trace,
    wait_until,
)
from benchmarks.results import choose_size, record, record_at_least, record_at_most
from benchmarks.showroom import ONLOOKER, Showroom, open_showroom

VISITORS = choose_size(9, 1)
FEW = choose_size(20, 2)
"""Auctions on the page that is loaded: as many as the demo has."""

LATENCY = 100
"""Ms that a request takes on a network that is not of the quickest."""

LANGUAGES = choose_size(("en", "ar"), ("ar",))

CHANGES = choose_size(100, 2)
PAUSE = choose_size(0.15, 0.06)
"""Seconds between two changes: each is by itself."""

MANY = choose_size(200, 4)
RATE = choose_size(300, 20)
"""Bids a second, all over the auctions."""

SECONDS = choose_size(10, 1)

WATCH = f"""
sessionStorage.member ||= "{ONLOOKER}";
performance.setResourceTimingBufferSize(1_000);
window.changes = [];
window.heard = 0;
window.WebSocket = class extends WebSocket {{
  constructor(...options) {{
    super(...options);
    this.addEventListener("message", ({{ data }}) => (heard += data.length));
  }}
}};
const watched = new MutationObserver(() => {{
  const price = document.querySelector("[data-auction] .price");
  if (!price?.textContent) return;
  price.setAttribute("elementtiming", "price");
  watched.disconnect();
}});
watched.observe(document, {{ subtree: true, childList: true }});
new PerformanceObserver((list) => {{
  window.pricedAt ??= list.getEntries()[0].renderTime;
}}).observe({{ type: "element" }});
const shown = (then) => requestAnimationFrame(() => {{
  const channel = new MessageChannel();
  channel.port1.onmessage = then;
  channel.port2.postMessage(0);
}});
new MutationObserver((records) => {{
  for (const {{ target }} of records) {{
    if (!target.matches?.("[data-auction] .price")) continue;
    const {{ auction }} = target.closest("[data-auction]").dataset;
    const price = Number(target.textContent.replaceAll(",", ""));
    shown(() => changes.push([auction, price, Date.now()]));
  }}
}}).observe(document, {{ subtree: true, childList: true }});
"""
"""Runs in the page before its own scripts: `pricedAt` (ms since the address was entered), `changes`, and how
many characters it `heard`."""

BYTES = """
[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ name }) => !name.includes("/demo/"))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
"""

FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"

ASK_FOR_FRAMES = "(function ask() { requestAnimationFrame(ask); })()"
"""Wants every frame of the display, so that one in which nothing moves counts as in time, or as late."""

IN_VIEW = """
[...document.querySelectorAll("[data-auction]")]
    .filter((card) => card.getBoundingClientRect().bottom < innerHeight)
    .map((card) => card.dataset.auction)
"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


async def visit(tab: Page, room: Showroom) -> float:
    """Loads the page; returns after how many ms prices were on the screen."""
    await tab.goto("about:blank")
    await tab.goto(room.url, wait_until="commit")
    await wait_until(tab, "window.pricedAt > 0")
    return float(await tab.evaluate("pricedAt"))


async def settle(tab: Page, auctions: int) -> None:
    """Returns once all auctions are there, and the member's points."""
    await wait_until(tab, f"document.querySelectorAll('[data-auction]').length >= {auctions}")
    await wait_until(tab, "document.querySelector('#wallet').hidden === false")
    await asyncio.sleep(0.5)


async def go_far_away(tab: Page) -> None:
    """Delays what the tab asks for by ``LATENCY``, and lets it have what a phone might get."""
    session = await tab.context.new_cdp_session(tab)
    pace = {"downloadThroughput": 200_000, "uploadThroughput": 100_000}
    await session.send("Network.enable")
    network = {"offline": False, "latency": LATENCY, **pace}
    await session.send("Network.emulateNetworkConditions", network)


class Visits(NamedTuple):
    """Ms until prices were there, by the kind of visit; the bytes of a first one, by language."""

    begun: list[float]
    """In a browser that was just started, and starts parts of its own meanwhile."""

    first: list[float]
    """In one that runs, and keeps nothing of the page."""

    again: list[float]

    far: list[tuple[float, float]]
    """A first visit and a later one over a network on which a request takes ``LATENCY``."""

    waits: list[float]
    """Ms from the first sign of the page on the screen to its prices, in first visits."""

    sizes: dict[str, int]


async def look_for_prices(folder: Path) -> Visits:
    """Visitors come with a browser of their own; others come to it, and once more."""
    visits = Visits([], [], [], [], [], {})
    async with open_showroom(folder, FEW) as room:
        for _ in range(VISITORS):
            async with open_browser() as browser:
                async with open_tab(browser, WATCH) as tab:
                    visits.begun.append(await visit(tab, room))
                async with open_tab(browser, WATCH) as tab:
                    visits.first.append(await visit(tab, room))
                    visits.waits.append(visits.first[-1] - await tab.evaluate(FIRST_PAINT))
                    visits.again.append(await visit(tab, room))
                async with open_tab(browser, WATCH) as tab:
                    await go_far_away(tab)
                    visits.far.append((await visit(tab, room), await visit(tab, room)))
        async with open_browser() as browser:
            for language in LANGUAGES:
                async with open_tab(browser, WATCH, language=language) as tab:
                    await visit(tab, room)
                    await settle(tab, FEW)
                    visits.sizes[language] = await tab.evaluate(BYTES)
    return visits


async def watch_changes(folder: Path) -> list[float]:
    """Ms from an entry's stamp until the price that it made was on the screen, for each change."""
    latencies = []
    async with (
        open_showroom(folder, MANY) as room,
        open_browser() as browser,
        open_tab(browser, WATCH) as tab,
    ):
        await visit(tab, room)
        await settle(tab, MANY)
        shown = await tab.evaluate(IN_VIEW)
        for auction in shown:
            await room.bid(auction)  # the first one is the opening price, which is there already
        await tab.evaluate("changes.length = 0")
        for number in range(CHANGES):
            await asyncio.sleep(PAUSE)
            auction = shown[number % len(shown)]
            answer = await room.bid(auction)
            await wait_until(tab, f"changes.length > {number}")
            [*_, (changed, price, at)] = await tab.evaluate("changes")
            assert (changed, price) == (auction, answer.result.price)
            latencies.append(at - answer.stamp)
    return latencies


class Stay(NamedTuple):
    """What a page did while bids came in: its frames, the CPU (ms a second) of the browser and of its main
    thread, its style and layout passes and the characters that it was sent, a second."""

    frames: Frames
    browser: float
    main: float
    passes: float
    heard: float


async def stay(browser: Browser, tab: Page, room: Showroom, *beside: Awaitable[Any]) -> Stay:
    """Bids for ``SECONDS``; asserts that all were answered."""
    before = await read_browser_cpu_seconds(browser)
    await tab.evaluate("heard = 0")
    async with trace(tab, FRAMES, "devtools.timeline", "disabled-by-default-devtools.timeline") as events:
        answered, *_ = await asyncio.gather(room.bid_steadily(RATE, SECONDS), *beside)
        spent = await read_browser_cpu_seconds(browser) - before
    assert answered == RATE * SECONDS
    counts = Counter((event["pid"], event["tid"], event["name"]) for event in events)
    process, thread, _ = max((key for key in counts if key[2] == "UpdateLayoutTree"), key=counts.__getitem__)
    own = [event for event in events if (event["pid"], event["tid"]) == (process, thread)]
    busy = sum(event.get("tdur", 0) for event in own if event["name"] == "RunTask") / 1e3
    passes = counts[process, thread, "UpdateLayoutTree"] + counts[process, thread, "Layout"]
    heard = await tab.evaluate("heard")
    cpu = (spent * 1e3 / SECONDS, busy / SECONDS)
    return Stay(read_frames(events, process), *cpu, passes / SECONDS, heard / SECONDS)


async def scroll(tab: Page) -> None:
    """Scrolls down for ``SECONDS``, as a wheel does."""
    session = await tab.context.new_cdp_session(tab)
    gesture = {"x": 640, "y": 450, "yDistance": -600 * SECONDS, "speed": 600, "gestureSourceType": "mouse"}
    await session.send("Input.synthesizeScrollGesture", gesture)


async def watch_frames(folder: Path) -> tuple[Stay, Stay]:
    """A page that stands still, then one that is scrolled. Asserts that it shows the prices that there
    are."""
    async with (
        open_showroom(folder, MANY) as room,
        open_browser() as browser,
        open_tab(browser, WATCH) as tab,
    ):
        await visit(tab, room)
        await settle(tab, MANY)
        await tab.evaluate(ASK_FOR_FRAMES)
        still = await stay(browser, tab, room)
        scrolled = await stay(browser, tab, room, scroll(tab))
        await asyncio.sleep(0.5)
        for auction in room.auctions[:: len(room.auctions) // 4]:
            answer = await room.bid(auction)
            price = f"document.querySelector('[data-auction={auction}] .price').textContent"
            await wait_until(tab, f"Number({price}.replaceAll(',', '')) === {answer.result.price}")
    return still, scrolled


def test_bytes_and_time_to_the_first_prices(disk_folder: Path) -> None:
    visits = uvloop.run(look_for_prices(disk_folder / "visits"))
    for language, size in visits.sizes.items():
        record_at_most(f"page: first visit in {language}, compressed", size / 1e3, "kB", 60)
    record_at_most("page: prices on the screen, later visit", median(visits.again), "ms", 300)
    record_at_most("page: prices on the screen, first visit", median(visits.first), "ms", 300)
    record("page: the same, the slowest of them", max(visits.first), "ms")
    record("page: the same, in a browser that was just started", median(visits.begun), "ms")
    record_at_most("page: from its first paint to prices, first visit", median(visits.waits), "ms", 300)
    first, again = zip(*visits.far, strict=True)
    record(f"page: prices on the screen, {LATENCY} ms away, first visit", median(first), "ms")
    record(f"page: prices on the screen, {LATENCY} ms away, later visit", median(again), "ms")


def test_a_price_change_on_the_screen(disk_folder: Path) -> None:
    latencies = uvloop.run(watch_changes(disk_folder / "changes"))
    assert len(latencies) == CHANGES
    record("page: from log entry to screen, p50", float(np.percentile(latencies, 50)), "ms")
    record_at_most("page: from log entry to screen, p99", float(np.percentile(latencies, 99)), "ms", 100)


def test_frames_of_a_page_full_of_auctions(disk_folder: Path) -> None:
    stays = uvloop.run(watch_frames(disk_folder / "frames"))
    for words, one in zip(("standing still", "scrolled"), stays, strict=True):
        label = f"page: {MANY} auctions, {RATE} bids/s, {words}"
        record_at_least(f"{label}, frames in time", one.frames.rate, "1/s", 50)
        record_at_least(f"{label}, the worst second", one.frames.worst, "1/s", 50)
        record(f"{label}, its main thread", one.main, "ms/s")
        record(f"{label}, the whole browser's CPU", one.browser, "ms/s")
        record(f"{label}, style and layout passes", one.passes, "1/s")
        record(f"{label}, what it is sent", one.heard / 1e3, "kB/s")
