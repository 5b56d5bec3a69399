"""The console in a real Chromium: a tab in which somebody of the staff is signed in, and a mouse and keys."""

import json
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
    found = f"""[...document.querySelector({json.dumps(within)})?.querySelectorAll("button, a") ?? []]
        .filter((one) => !one.disabled && one.checkVisibility())
        .find((one) => one.textContent.trim() === {json.dumps(words)})"""
    await page.until(f"{found} !== undefined")
    await page.run(f"{found}.click()")


async def point(page: Page, kind: str, x: float, y: float) -> None:
    """One event of a real mouse: ``Pressed``, ``Moved`` or ``Released``."""
    buttons = 0 if kind == "Released" else 1
    where = {"x": x, "y": y, "clickCount": 1}
    command = "Input.dispatchMouseEvent"
    await page.command(command, type=f"mouse{kind}", button="left", buttons=buttons, **where)


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
    codes = {
        "Enter": 13,
        "Escape": 27,
        "ArrowDown": 40,
        "ArrowLeft": 37,
        "ArrowRight": 39,
        "PageDown": 34,
        "End": 35,
    }
    for kind in ("rawKeyDown", "keyUp"):
        await page.command(
            "Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=codes[name]
        )


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
