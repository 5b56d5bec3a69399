"""The console in a real Chromium: a tab in which somebody of the staff is signed in, and a mouse and keys."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.gateway.browsing import Page, open_tab
from tests.gateway.harness import World

KEEP_SAVED = """
    window.saved = null;
    URL.createObjectURL = (blob) => {
        blob.text().then((text) => { window.saved = JSON.parse(text); });
        return "#";
    };
    HTMLAnchorElement.prototype.click = function () { window.named = this.download; };
"""
"""Has a page keep what it would save as a file, as ``saved``, and what it is called, as ``named``."""

LOOKS_OFTEN = """
    const every = setInterval;
    window.setInterval = (act, time) => every(act, time === 5000 ? 100 : time);
"""
"""A script with which a page looks soon what others did."""


@asynccontextmanager
async def on_console(
    here: World, browser: str, address: str = "", *, who: str = "maria", role: str = "manager", **tab: Any
) -> AsyncIterator[Page]:
    """The console as ``who`` sees it, signed in for as long as the tab is there, once it is connected."""
    token = json.dumps(here.token(who, role))
    script = f"sessionStorage.setItem('console-token', {token}); {tab.pop('script', '')}"
    async with open_tab(here, browser, address=address, path="/console", script=script, **tab) as page:
        await page.until("document.querySelector('.connection')?.dataset.phase === 'live'")
        yield page


async def fill(page: Page, name: str, value: str) -> None:
    """Types ``value`` into the open dialog's field of this name."""
    await page.until(f"document.querySelector('dialog [name={name}]') !== null")
    await page.run(f"""(() => {{
        const input = document.querySelector("dialog [name={name}]");
        input.value = {json.dumps(value)};
        input.dispatchEvent(new Event("input", {{ bubbles: true }}));
        input.dispatchEvent(new Event("change", {{ bubbles: true }}));
    }})()""")


async def send(page: Page) -> None:
    """Presses the open dialog's button that sends it."""
    await page.click("dialog [type=submit]")


async def press(page: Page, words: str, within: str = "body") -> None:
    """Presses the first button or link that says ``words``, once it is there and can be pressed."""
    able = page.tab.locator(within).locator("button:enabled, a").filter(visible=True)
    await able.filter(has_text=re.compile(rf"^\s*{re.escape(words)}\s*$")).first.click()


async def point(page: Page, kind: str, x: float, y: float) -> None:
    """One event of a real mouse: ``Pressed``, ``Moved`` or ``Released``."""
    await page.tab.mouse.move(x, y)
    if kind == "Pressed":
        await page.tab.mouse.down()
    elif kind == "Released":
        await page.tab.mouse.up()


async def place_of(page: Page, selector: str) -> tuple[float, float, float]:
    """Left edge, middle height and width of what is there, scrolled into sight."""
    left, middle, width = await page.run(f"""(() => {{
        const node = document.querySelector({json.dumps(selector)});
        node.scrollIntoView({{ block: "center" }});
        const {{ left, top, width, height }} = node.getBoundingClientRect();
        return [left, top + height / 2, width];
    }})()""")
    return left, middle, width


async def key(page: Page, name: str) -> None:
    """Presses a key: ``Enter``, ``Escape``, ``ArrowDown`` …"""
    await page.tab.keyboard.press(name)


async def no_word_is_missing(page: Page) -> None:
    """Nothing on the page is the key of a word instead of the word."""
    shown: str = await page.run("document.body.innerText")
    labels: list[str] = await page.run(
        "[...document.querySelectorAll('[aria-label]')].map((one) => one.ariaLabel)"
    )
    for text in (shown, *labels):
        for word in text.split():
            first, dot, rest = word.strip(".,:;()").partition(".")
            key = dot and first.isidentifier() and rest.replace("_", "a").isalpha() and word == word.lower()
            assert not key, word
