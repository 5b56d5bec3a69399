"""``livelot up``: the log's server, a keeper, a gateway, and maybe a demo, as children of one process.

What dies is started again, sooner or later according to how it ended: a crash at once, a replica that stopped
for good only now and then, since a person has to do something first. Everything stops in the order in which
it hangs together: the gateway first, which answers what it has taken, the log's server last. Children end
with their parent: each holds one end of a socket that tells it (``gateway.processes.Leash``), and the log's
server is tied to us by the system.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from engine.addresses import place_of
from engine.embedded import EmbeddedServer, EmbeddedServerError
from engine.log.contract import backoff_seconds
from gateway.failures import CANNOT_SERVE, STOPPED, GaveUp
from gateway.key_files import read_or_make_draw_key, read_secret
from gateway.ports import check_port
from gateway.settings import GATEWAY_NAMES, KEEPER_NAMES, PREFIX, Settings

STOPPING_SECONDS: Final = 20.0
"""How long a child may take to stop by itself: longer than a gateway takes to answer what it has taken."""

STEADY_SECONDS: Final = 10.0
"""A child that was ready for so long is well: its next end is its first."""

CRASH_PAUSE: Final = (0.1, 5.0)
"""The least and the most seconds before a child that ended is started again."""

STOPPED_PAUSE: Final = (2.0, 60.0)
"""The same for one that needs a person: its replica stopped for good, or its settings will not do."""

_POLL: Final = 0.1

Say = Callable[[str], None]
"""Takes a line for whoever sits in front of us."""

Command = Callable[[], Sequence[str]]
"""Gives a process's command line."""


class Child:
    """A process that is started again when it ends, until it is told to stop.

    ``command`` is asked for at each start; the first one waits until ``after`` is ready. ``place`` is where
    the process serves, as it said itself when it became ``ready``.
    """

    def __init__(self, name: str, command: Command, say: Say, *, after: "Child | None" = None) -> None:
        self.name = name
        self.process: asyncio.subprocess.Process | None = None
        self.ready = asyncio.Event()
        self.place = ""
        self._command = command
        self._say = say
        self._after = after
        self._stopping = asyncio.Event()
        self._was_ready = False
        self._attempt = 0

    async def run(self) -> None:
        """Returns once it was told to stop and has. Raises ``GaveUp``."""
        if self._after is not None:
            await wait_for_any(self._after.ready.wait(), self._stopping.wait())
        while not self._stopping.is_set():
            seconds = await self._run_once()
            assert self.process is not None
            code = self.process.returncode or 0
            if self._stopping.is_set():
                return
            if code in (*CANNOT_SERVE, os.EX_UNAVAILABLE) and not self._was_ready:
                raise GaveUp(code)
            if seconds >= STEADY_SECONDS:
                self._attempt = 0
            least, most = STOPPED_PAUSE if code in (*CANNOT_SERVE, STOPPED) else CRASH_PAUSE
            pause = backoff_seconds(self._attempt, least=least, most=most)
            self._attempt += 1
            again = "at once" if pause < 1 else f"in {pause:.0f} s"
            self._say(f"The {self.name} ended ({describe_end(code)}); it is started again {again}.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def stop(self) -> None:
        """Has it end: gracefully, or by force if that takes too long."""
        self._stopping.set()
        process = self.process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOPPING_SECONDS)
        except TimeoutError:
            self._say(f"The {self.name} did not stop in {STOPPING_SECONDS:.0f} s and is killed.")
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """Ends it by force."""
        self._stopping.set()
        if self.process is not None and self.process.returncode is None:
            self.process.kill()

    async def _run_once(self) -> float:
        """Starts it and waits for its end; returns for how many seconds it was ready."""
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = await asyncio.create_subprocess_exec(
                *self._command(),
                "--leash",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                env=child_environment(),
                # Ctrl-C is for us: we stop our children, in order.
                start_new_session=True,
            )
        if self._stopping.is_set():
            self.process.terminate()
        reader, writer = await asyncio.open_connection(sock=ours)
        loop = asyncio.get_running_loop()
        ready_at = 0.0
        try:
            if line := await reader.readline():
                ready_at = loop.time()
                self._note_ready(line.decode().strip())
            await self.process.wait()
        finally:
            self.ready.clear()
            writer.close()
        return loop.time() - ready_at if ready_at else 0.0

    def _note_ready(self, place: str) -> None:
        assert self.process is not None
        self.place = place
        if self._was_ready:
            self._say(f"The {self.name} is back (process {self.process.pid}).")
        self._was_ready = True
        self.ready.set()


class Supervisor:
    """Runs everything of one program on this machine. ``say`` takes lines for people."""

    def __init__(self, settings: Settings, say: Say) -> None:
        keeper = own_command("gateway.cli", "engine", *settings.arguments(KEEPER_NAMES))
        gateway = own_command("gateway.cli", "gateway", *settings.arguments(GATEWAY_NAMES))
        self.keeper = Child("keeper", lambda: keeper, say)
        self.gateway = Child("gateway", lambda: gateway, say)
        self.demo = Child("demo", self._demo_command, say, after=self.gateway)
        self._settings = settings
        self._say = say
        self._stop = asyncio.Event()
        self._server = None if settings.log_url else EmbeddedServer(settings.server_folder)
        # The server dies with the thread that started it, so it gets one that stays.
        self._server_thread = ThreadPoolExecutor(1, "log-server")

    async def run(self) -> None:
        """Runs until a signal. Raises ``GaveUp``, and what keeps anything from starting: ``SettingsError``,
        ``DrawKeyError``, ``PortTaken`` and ``EmbeddedServerError``."""
        settings = self._settings
        self._listen_to_signals()
        if settings.port:
            check_port(settings.host, settings.port)
        if not settings.key_set:
            read_secret(settings)
        read_or_make_draw_key(settings)
        self._say(f"Livelot is starting program {settings.program}; data is in {settings.data.absolute()}.")
        try:
            if self._server is not None:
                await self._start_server(self._server)
            if not self._stop.is_set():
                await self._run_children()
        finally:
            if self._server is not None:
                await self._in_server_thread(self._server.stop)
            self._server_thread.shutdown()
            self._say("Everything has stopped.")

    async def _start_server(self, server: EmbeddedServer) -> None:
        """Returns once it has loaded its file, or when we are told to stop meanwhile."""
        starting = self._in_server_thread(server.start)
        await wait_for_any(asyncio.shield(starting), self._stop.wait())
        if self._stop.is_set() and not starting.done() and server.process is not None:
            server.process.terminate()
            with contextlib.suppress(EmbeddedServerError):
                await starting
        else:
            await starting

    async def _run_children(self) -> None:
        """Returns when we are told to stop and the children have ended. Raises ``GaveUp``."""
        running = [self.gateway, self.keeper]
        if self._settings.demo:
            running.insert(0, self.demo)
        children = [asyncio.create_task(child.run()) for child in running]
        beside = [asyncio.create_task(self._announce()), asyncio.create_task(self._stop.wait())]
        if self._server is not None:
            beside.append(asyncio.create_task(self._keep_server(self._server)))
        tasks = {*children, *beside}
        try:
            while not self._stop.is_set():
                ended, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()
        finally:
            self._stop.set()
            for child in running:
                await child.stop()
            for task in beside:
                task.cancel()
            await asyncio.gather(*children, *beside, return_exceptions=True)

    async def _announce(self) -> None:
        """Says what is where, once there is something."""
        settings = self._settings
        await self.gateway.ready.wait()
        await self.keeper.ready.wait()
        assert self.gateway.process is not None and self.keeper.process is not None
        server = self._server
        if server is not None and server.process is not None:
            self._say(f"  log      process {server.process.pid}, {server.socket_path}")
        else:
            self._say(f"  log      {place_of(settings.log_url)}")
        self._say(f"  keeper   process {self.keeper.process.pid}, vault {place_of(settings.vault_place)}")
        self._say(f"  gateway  process {self.gateway.process.pid}, {self.gateway.place}")
        self._say(f"Livelot serves program {settings.program} at {self.gateway.place}/ — Ctrl-C stops it.")

    async def _keep_server(self, server: EmbeddedServer) -> None:
        """Starts the log's server again whenever it ends. Gateway and keeper reconnect by themselves."""
        attempt = 0
        while True:
            process = server.process
            if process is not None and process.poll() is None:
                await asyncio.sleep(_POLL)
                continue
            if process is not None:
                self._say(
                    f"The log's server ended ({describe_end(process.returncode)}); it is started again."
                )
                attempt = 0
            await asyncio.sleep(backoff_seconds(attempt, least=CRASH_PAUSE[0], most=CRASH_PAUSE[1]))
            attempt += 1
            try:
                await self._in_server_thread(server.start)
            except EmbeddedServerError as error:
                self._say(str(error))
            else:
                assert server.process is not None
                self._say(f"The log's server is back (process {server.process.pid}).")

    def _demo_command(self) -> list[str]:
        settings = self._settings
        return own_command(
            "gateway.demo",
            *("--url", self.gateway.place),
            *("--program", settings.program),
            *("--secret-file", str(settings.secret_path)),
            *("--log-level", settings.log_level),
        )

    def _in_server_thread(self, action: Callable[[], None]) -> asyncio.Future[None]:
        return asyncio.get_running_loop().run_in_executor(self._server_thread, action)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        """The first asks for a stop, the next one does not wait for it."""
        if not self._stop.is_set():
            self._stop.set()
            self._say("Stopping; once more stops at once.")
            return
        for child in (self.demo, self.gateway, self.keeper):
            child.kill()
        if self._server is not None and self._server.process is not None:
            self._server.process.kill()


def own_command(module: str, *arguments: str) -> list[str]:
    """The command line of one of our own modules, in the Python that runs us. ``-P``: a folder that happens
    to be called gateway, where the user stands, is not meant."""
    return [sys.executable, "-P", "-m", module, *arguments]


def child_environment() -> dict[str, str]:
    """Ours, with our code in reach, and without our options: a child gets what it needs as arguments."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    root = str(Path(__file__).resolve().parent.parent)
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (root, environment.get("PYTHONPATH"))))
    return environment


async def wait_for_any(*awaitables: Awaitable[Any]) -> None:
    """Returns when the first of them has ended, however it did; the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def describe_end(code: int) -> str:
    """``code 70``, or ``killed by SIGKILL``."""
    return f"code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
