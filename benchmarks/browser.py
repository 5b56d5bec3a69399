"""A real Chromium, driven over its DevTools protocol, and what its traces say of frames.

Each look has a browser of its own, as a first visitor has it. (The tests' browser is one for many tabs, and
benchmarks import no tests.)
"""

import asyncio
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM: Final = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
"""The browser's program; None where there is none."""

OPTIONS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
SECONDS: Final = 30.0
"""How long the browser may take for anything."""


class Tab:
    """The one tab of a browser. Trace events, as Chromium writes them, gather in ``traced``."""

    def __init__(self, connection: ClientConnection, process: int) -> None:
        """``process`` is the browser's."""
        self.process = process
        self.traced: list[dict[str, Any]] = []
        self._connection = connection
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._complete = asyncio.Event()

    async def receive(self) -> None:
        """Takes what the browser says until the connection ends."""
        async for text in self._connection:
            message = msgspec.json.decode(text)
            if "id" in message:
                self._answers.pop(message["id"]).set_result(message)
            elif message["method"] == "Tracing.dataCollected":
                self.traced += message["params"]["value"]
            elif message["method"] == "Tracing.tracingComplete":
                self._complete.set()

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command's result. Raises ``RuntimeError`` where it is refused."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "method": method, "params": parameters}
        await self._connection.send(msgspec.json.encode(request).decode())
        async with asyncio.timeout(SECONDS):
            message = await answer
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        result: dict[str, Any] = message["result"]
        return result

    async def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited if it is a promise."""
        evaluate = {"expression": script, "returnByValue": True, "awaitPromise": True}
        result = await self.command("Runtime.evaluate", **evaluate)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    async def until(self, script: str) -> None:
        """Returns once the expression holds. Raises ``TimeoutError``."""
        async with asyncio.timeout(SECONDS):
            while not await self.run(script):  # noqa: ASYNC110 - the page is another process
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def trace(self, *categories: str) -> AsyncIterator[None]:
        """Gathers events of these ``categories`` in ``traced`` while the context lasts."""
        self.traced.clear()
        self._complete.clear()
        await self.command("Tracing.start", traceConfig={"includedCategories": categories})
        yield
        await self.command("Tracing.end")
        async with asyncio.timeout(SECONDS):
            await self._complete.wait()


@asynccontextmanager
async def open_browser(
    script: str, *, languages: str = "en", width: int = 1_280, height: int = 900
) -> AsyncIterator[Tab]:
    """A browser that nothing is kept in yet, and its one tab; ``script`` runs there before a page's own."""
    assert CHROMIUM is not None
    options = (*OPTIONS, f"--window-size={width},{height}", f"--accept-lang={languages}")
    with tempfile.TemporaryDirectory(prefix="livelot-browser-", ignore_cleanup_errors=True) as folder:
        silent = asyncio.subprocess.DEVNULL
        command = [CHROMIUM, *options, f"--user-data-dir={folder}", "about:blank"]
        process = await asyncio.create_subprocess_exec(*command, stdout=silent, stderr=silent)
        try:
            address = await _find_tab(Path(folder) / "DevToolsActivePort")
            async with connect(address, max_size=None, compression=None, proxy=None) as connection:
                tab = Tab(connection, process.pid)
                receiving = asyncio.create_task(tab.receive())
                try:
                    await tab.command("Page.enable")
                    await tab.command("Page.addScriptToEvaluateOnNewDocument", source=script)
                    yield tab
                finally:
                    receiving.cancel()
                    await asyncio.gather(receiving, return_exceptions=True)
        finally:
            process.terminate()
            await process.wait()


async def _find_tab(port: Path) -> str:
    """The address of the tab's DevTools; ``port`` is the file that the browser writes its port to."""
    async with asyncio.timeout(SECONDS), httpx.AsyncClient(trust_env=False) as http:
        while not (port.exists() and "\n" in port.read_text()):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        while True:
            targets = (await http.get(f"http://127.0.0.1:{port.read_text().split()[0]}/json/list")).json()
            for target in targets:
                if target["type"] == "page":
                    return str(target["webSocketDebuggerUrl"])
            await asyncio.sleep(0.02)


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
        return min(counts[second] for second in range(int(self.seconds)))


FRAMES: Final = "disabled-by-default-devtools.timeline.frame"
"""The category of what ``read_frames`` reads."""


def read_frames(traced: list[dict[str, Any]], process: int) -> Frames:
    """The frames of one ``process`` of the browser: it reports each that the display asks for, perhaps twice,
    where the page's own part comes later than what moves without it."""
    outcomes: dict[int, set[str]] = {}
    instants: dict[int, float] = {}
    for event in traced:
        if event["name"] != "PipelineReporter" or event["pid"] != process or event["ph"] != "b":
            continue
        arguments = event["args"]
        report = arguments.get("chrome_frame_reporter") or arguments["frame_reporter"]
        outcomes.setdefault(report["frame_sequence"], set()).add(report["state"])
        instants.setdefault(report["frame_sequence"], event["ts"] / 1e6)
    whole = {"STATE_PRESENTED_ALL", "STATE_NO_UPDATE_DESIRED"}
    frames = Frames([], [])
    for number, states in outcomes.items():
        (frames.in_time if states & whole else frames.late).append(instants[number])
    return frames
