"""A real Chromium, driven by Playwright, and what its traces say of frames."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

import msgspec
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM: Final = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
"""The browser's program; None where there is none."""

SIZE: Final = ViewportSize(width=1_280, height=900)
"""A page on a desktop, in CSS pixels."""

SECONDS: Final = 30.0
"""How long a page may take over anything."""


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A browser of its own, without a graphics processor, in which no page was shown yet."""
    async with async_playwright() as playwright:
        launch = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu"])
        async with await launch as browser:
            yield browser


@asynccontextmanager
async def open_tab(browser: Browser, script: str, *, language: str = "en") -> AsyncIterator[Page]:
    """A tab that shares nothing with others that the browser keeps; ``script`` runs there before a page's
    own."""
    async with await browser.new_context(locale=language, viewport=SIZE) as context:
        await context.add_init_script(script)
        yield await context.new_page()


async def wait_until(tab: Page, script: str) -> None:
    """Returns once the expression holds in the page. Playwright's own wait evaluates text in the page again
    and again, which the page's policy forbids."""
    tick = "await new Promise((resolve) => setTimeout(resolve, 20))"
    async with asyncio.timeout(SECONDS):
        await tab.evaluate(f"async () => {{ while (!(await ({script}))) {tick}; }}")


async def read_browser_cpu_seconds(browser: Browser) -> float:
    """The CPU time that all its processes have used so far."""
    session = await browser.new_browser_cdp_session()
    processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    await session.detach()
    return float(sum(process["cpuTime"] for process in processes))


@asynccontextmanager
async def trace(tab: Page, *categories: str) -> AsyncIterator[list[dict[str, Any]]]:
    """Events of these ``categories``, as Chromium writes them; they are there when the context has ended."""
    browser = tab.context.browser
    assert browser is not None
    events: list[dict[str, Any]] = []
    await browser.start_tracing(page=tab, categories=categories)
    yield events
    events += msgspec.json.decode(await browser.stop_tracing())["traceEvents"]


class Frames(NamedTuple):
    """What became of the frames of a trace: of each instant at which the display could show one, whether the
    page had it in time."""

    in_time: list[float]
    """When (s) a frame was shown whole, or there was nothing to show that was not there."""

    late: list[float]
    """When there was something, and it was not ready."""

    @property
    def seconds(self) -> float:
        """From the first to the last."""
        instants = [*self.in_time, *self.late]
        return max(instants) - min(instants)

    @property
    def rate(self) -> float:
        """Frames in time, a second."""
        return len(self.in_time) / self.seconds

    @property
    def worst(self) -> int:
        """Frames in time in the worst whole second."""
        start = min([*self.in_time, *self.late])
        counts = Counter(int(at - start) for at in self.in_time)
        return min((counts[second] for second in range(int(self.seconds))), default=0)


LEAD: Final = 0.5
"""Seconds for which a browser is busy with the tracing that has begun, and reports few frames or none."""

FRAMES: Final = "disabled-by-default-devtools.timeline.frame"
"""The category of what ``read_frames`` reads."""


def read_frames(traced: list[dict[str, Any]], process: int) -> Frames:
    """The frames of one ``process`` of the browser: it reports each that the display asks for, perhaps twice,
    where the page's own part comes later than what moves without it. Those of the first ``LEAD`` are left
    out."""
    outcomes: dict[int, set[str]] = {}
    instants: dict[int, float] = {}
    for event in traced:
        if event["name"] != "PipelineReporter" or event["pid"] != process or event["ph"] != "b":
            continue
        arguments = event["args"]
        report = arguments.get("chrome_frame_reporter") or arguments["frame_reporter"]
        outcomes.setdefault(report["frame_sequence"], set()).add(report["state"])
        instants.setdefault(report["frame_sequence"], event["ts"] / 1e6)
    begun = min(instants.values()) + LEAD
    whole = {"STATE_PRESENTED_ALL", "STATE_NO_UPDATE_DESIRED"}
    frames = Frames([], [])
    for number, states in outcomes.items():
        if instants[number] >= begun:
            (frames.in_time if states & whole else frames.late).append(instants[number])
    return frames
