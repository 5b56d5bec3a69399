"""A real Chromium, driven by Playwright, and the page that a gateway serves in it.

Everything that the page itself complains of (exceptions, violations of the strictest policy) is among its
``problems``, and there must be none.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import pytest
from playwright.async_api import (
    Browser,
    CDPSession,
    ConsoleMessage,
    Error,
    Page as Tab,
    async_playwright,
)

from engine.vault import Vault
from gateway.clock import now
from gateway.identity import mint_token
from tests.gateway.harness import HOUR, PROGRAM, SECRET, OpenWorld, World

CHROMIUM: Final = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
WITHOUT: Final = (
    # A window makes two pages for its address bar and a process in reserve: half a second of processor.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"),
    # Of what Playwright leaves out by itself, which this list replaces.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("MediaRouter", "OptimizationHints"),
)
OPTIONS: Final = (
    "--disable-gpu",
    "--disable-quic",
    # The blank page that a tab starts with and the gateway's page share a process.
    "--renderer-process-limit=1",
    f"--disable-features={','.join(WITHOUT)}",
)
SECONDS: Final = 60.0
"""What a page may take over anything, on a machine that others keep busy."""

FAILED_LOADS: Final = ("Failed to load resource", "WebSocket connection to")
"""How Chromium tells of answers that are errors: pages are tested with such, too."""

OWN: Final = """
window.own = (name) => {
  const { src } = document.querySelector("script[type=module]");
  return new URL(name, src.replace(/(console\\/)?[^/]*$/, "")).href;
};
"""
"""In the page, ``own("clock.js")`` is the address of the module that the page itself runs."""

LOOKS: Final = (
    pytest.param({"languages": "en"}, id="desktop"),
    pytest.param({"languages": "ar-EG,en", "width": 390, "dark": True}, id="phone"),
)
"""What tabs are opened with for walks that everybody takes: a wide light page in English, a narrow dark one
in Arabic."""

with_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: .ci/run installs it")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """The system's browser, for as long as the event loop runs that it is opened in."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        await browser.close()


def hold(part: str) -> str:
    """A script: the next call with this ``part`` waits on its way to the gateway until ``Page.release``."""
    return f"""
        const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (text) {{
            const late = text.includes({part!r}) && !window.release;
            if (late) window.release = () => send.call(this, text);
            else send.call(this, text);
        }};
    """


class Page:
    """One tab. ``problems`` are the errors and policy violations that it reports; ``tab`` has the mouse, the
    keyboard and everything else that Playwright does with a page."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.problems: list[str] = []
        self._session: CDPSession | None = None
        tab.on("pageerror", self._hear_error)
        tab.on("console", self._hear_console)

    def _hear_error(self, error: Error) -> None:
        self.problems.append(error.stack or str(error))

    def _hear_console(self, message: ConsoleMessage) -> None:
        # What the browser itself has to say comes without arguments, at any level.
        if (message.type == "error" or not message.args) and not message.text.startswith(FAILED_LOADS):
            self.problems.append(message.text)

    async def command(self, method: str, **parameters: Any) -> Any:
        """Asks the browser's DevTools for what Playwright has no word for."""
        if self._session is None:
            self._session = await self.tab.context.new_cdp_session(self.tab)
            await self._session.send("Network.enable")
        return await self._session.send(method, parameters)

    async def run(self, script: str) -> Any:
        """The value of a script in the page, awaited if it is a promise."""
        # Playwright by itself would call a value that is a function.
        return await self.tab.evaluate("(script) => (0, eval)(script)", script)

    async def until(self, script: str) -> None:
        """Returns once the expression holds."""
        try:
            async with asyncio.timeout(SECONDS):
                while not await self._holds(script):
                    pass
        except TimeoutError:
            shown = await self.tab.inner_text("body")
            raise AssertionError(f"{script} does not hold; the page shows:\n{shown}") from None

    async def _holds(self, script: str) -> bool:
        """Waits for it in the page. Playwright's ``wait_for_function`` evaluates text there again and again,
        which the page's policy forbids."""
        tick = "await new Promise((resolve) => setTimeout(resolve, 20))"
        try:
            await self.tab.evaluate(f"(async () => {{ while (!(await ({script}))) {tick}; }})()")
        except Error as error:
            # The page went away while it was asked.
            assert "navigation" in error.message, error.message
            return False
        return True

    async def hold_back(self, method: str) -> None:
        """The next call of ``method`` waits on its way to the gateway until ``release``."""
        await self.run(hold(method))

    async def has_held_back(self) -> None:
        """Returns once the page has sent it."""
        await self.until("window.release !== undefined")

    async def release(self) -> None:
        await self.run("window.release()")

    async def text(self, selector: str) -> str:
        """What a person reads there, in one line."""
        return " ".join((await self.run(f"document.querySelector({selector!r}).innerText")).split())

    async def is_sound(self) -> None:
        """Nothing is wider than the screen, no title is cut off, and every key has found its words."""
        assert await self.run("document.documentElement.scrollWidth <= innerWidth")
        titles = "[...document.querySelectorAll('h1, h2, .title, .pick-title, .standing')]"
        wide = f"{titles}.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth)"
        assert await self.run(f"{wide}.map((one) => one.textContent)") == []
        shown = await self.run("document.body.innerText")
        assert not re.findall(r"\b[a-z]+\.[a-z]+_[a-z_]+\b|[{}]", shown), shown

    async def click(self, selector: str) -> None:
        """Clicks as a person does: once it is in sight, enabled and at rest, and nothing lies above it."""
        await self.tab.locator(selector).first.click()


@asynccontextmanager
async def demo_world(
    world: OpenWorld, vault: Vault | None = None, *, ports: Iterable[int] = ()
) -> AsyncIterator[World]:
    """A gateway that gives its own pages tokens, as the demo's does, also where they come by other ``ports``;
    evidence comes from the ``vault``."""
    origins: list[str] = []

    def mint(subject: str, role: str) -> str:
        return mint_token(PROGRAM, subject, role, key=SECRET, expires_at=now() + HOUR)

    async with world(vault=vault, mint=mint, origins=origins) as here:
        origins.extend(f"http://127.0.0.1:{port}" for port in (here.port, *ports))
        yield here


class Door(Protocol):
    """Where pages come from."""

    port: int


@asynccontextmanager
async def open_tab(
    here: Door,
    browser: Browser,
    member: str = "m1",
    address: str = "",
    *,
    languages: str = "en",
    width: int = 1_280,
    dark: bool = False,
    path: str = "/",
    script: str = "",
    **options: Any,
) -> AsyncIterator[Page]:
    """A tab that shares nothing with any other, with the page as ``member`` sees it at ``address`` (behind
    the ``#``): ``width`` px wide, on a phone if that is narrow, for a reader of ``languages`` (as a browser
    lists them). ``script`` runs before the page's own, whenever it is loaded; ``options`` are those of
    Playwright's ``new_context``."""
    chosen: dict[str, Any] = {
        "locale": languages.partition(",")[0],
        "viewport": {"width": width, "height": 900},
        "is_mobile": width < 600,
        "color_scheme": "dark" if dark else "light",
        # What moves has to come to rest before it is clicked, and is drawn again and again.
        "reduced_motion": "reduce",
    }
    async with await browser.new_context(**(chosen | options)) as context:
        context.set_default_timeout(SECONDS * 1_000)
        page = Page(await context.new_page())
        if "," in languages:
            agent = await page.run("navigator.userAgent")
            await page.command("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=languages)
        await page.tab.add_init_script(f"sessionStorage.member ||= '{member}'; {OWN} {script}")
        await page.tab.goto(f"http://127.0.0.1:{here.port}{path}#{address}", wait_until="commit")
        yield page
    assert page.problems == [], page.problems
