"""A real Chromium, driven over the DevTools protocol, and the page that a gateway serves in it.

Everything that the page itself complains of (exceptions, violations of the strictest policy) is among its
``problems``, and there must be none.
"""

import asyncio
import itertools
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from engine.vault import Vault
from gateway.identity import mint_token
from gateway.sockets import now
from tests.gateway.harness import HOUR, PROGRAM, SECRET, OpenWorld, World

CHROMIUM: Final = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
SECONDS: Final = 20.0


with_browser = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: .ci/run installs it")


@contextmanager
def open_browser(folder: Path) -> Iterator[str]:
    """Starts a browser that keeps its profile in ``folder``: the address of its DevTools."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{_wait_for_port(folder / 'DevToolsActivePort')}"
    finally:
        process.terminate()
        process.wait()


def _wait_for_port(file: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while not (file.exists() and "\n" in file.read_text()):
        assert time.monotonic() < deadline, "Chromium did not start"
        time.sleep(0.02)
    return file.read_text().split()[0]


def _tell_exception(details: dict[str, Any]) -> str:
    return " ".join((details["text"], details.get("exception", {}).get("description", "")))


class Navigated(Exception):  # noqa: N818 - an answer, not an error
    """The page went away while it was asked."""


class Page:
    """One tab. ``problems`` are the errors and policy violations that it reports."""

    def __init__(self, connection: ClientConnection) -> None:
        self.problems: list[str] = []
        self._connection = connection
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def receive(self) -> None:
        async for text in self._connection:
            message = msgspec.json.decode(text)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            elif message["method"] == "Runtime.exceptionThrown":
                self.problems.append(_tell_exception(message["params"]["exceptionDetails"]))
            elif message["method"] == "Log.entryAdded" and message["params"]["entry"]["source"] != "network":
                self.problems.append(message["params"]["entry"]["text"])

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "method": method, "params": parameters}
        await self._connection.send(msgspec.json.encode(request).decode())
        async with asyncio.timeout(SECONDS):
            message = await answer
        if "navigated" in message.get("error", {}).get("message", ""):
            raise Navigated(message)
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    async def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        result = await self.command(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def until(self, script: str) -> None:
        """Returns once the expression holds."""
        deadline = asyncio.get_running_loop().time() + SECONDS
        while not await self._holds(script):
            if asyncio.get_running_loop().time() > deadline:
                shown = await self.run("document.body.innerText")
                raise AssertionError(f"{script} does not hold; the page shows:\n{shown}")
            await asyncio.sleep(0.02)

    async def _holds(self, script: str) -> bool:
        try:
            return bool(await self.run(script))
        except Navigated:
            return False

    async def text(self, selector: str) -> str:
        """What a person reads there, in one line."""
        return " ".join((await self.run(f"document.querySelector({selector!r}).innerText")).split())

    async def click(self, selector: str) -> None:
        await self.until(f"document.querySelector({selector!r})?.disabled === false")
        await self.run(f"document.querySelector({selector!r}).click()")


@asynccontextmanager
async def demo_world(world: OpenWorld, vault: Vault | None = None) -> AsyncIterator[World]:
    """A gateway that gives its own pages tokens, as the demo's does; evidence comes from the ``vault``."""
    origins: list[str] = []

    def mint(subject: str, role: str) -> str:
        return mint_token(PROGRAM, subject, role, key=SECRET, expires_at=now() + HOUR)

    async with world(vault=vault, mint=mint, origins=origins) as here:
        origins.append(f"http://127.0.0.1:{here.port}")
        yield here


@asynccontextmanager
async def open_tab(
    here: World,
    browser: str,
    member: str = "m1",
    address: str = "",
    *,
    languages: str = "en",
    width: int = 1_280,
    path: str = "/",
    script: str = "",
) -> AsyncIterator[Page]:
    """A tab, ``width`` px wide, with the page as ``member`` sees it at ``address`` (behind the ``#``).
    ``script`` runs before the page's own, whenever it is loaded."""
    async with httpx.AsyncClient() as http:
        target = (await http.put(f"{browser}/json/new?about:blank")).json()
        async with connect(
            target["webSocketDebuggerUrl"], max_size=None, compression=None, proxy=None
        ) as tab:
            page = Page(tab)
            receiving = asyncio.create_task(page.receive())
            try:
                for domain in ("Page", "Runtime", "Log", "Network"):
                    await page.command(f"{domain}.enable")
                # Otherwise a tab behind another one draws nothing.
                await page.command("Emulation.setFocusEmulationEnabled", enabled=True)
                agent = await page.run("navigator.userAgent")
                await page.command(
                    "Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=languages
                )
                await page.command(
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=900,
                    deviceScaleFactor=1,
                    mobile=width < 600,
                )
                script = f"sessionStorage.member ||= '{member}'; {script}"
                await page.command("Page.addScriptToEvaluateOnNewDocument", source=script)
                await page.command("Page.navigate", url=f"http://127.0.0.1:{here.port}{path}#{address}")
                yield page
            finally:
                receiving.cancel()
                await asyncio.gather(receiving, return_exceptions=True)
        await http.get(f"{browser}/json/close/{target['id']}")
        assert page.problems == [], page.problems
