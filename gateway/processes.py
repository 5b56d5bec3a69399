"""What every process of a program is held by: signals, and a leash in the supervisor's hand.

SIGTERM, SIGINT, or the end of the supervisor stop a process gracefully: a gateway answers what it has taken,
a keeper hands its lease on.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Final

from engine.embedded import EmbeddedServer, EmbeddedServerError
from gateway.failures import unwrap

_POLL: Final = 0.2


class Leash:
    """The other end of a socket that the supervisor holds: it hears when this process is ready, and this
    process hears when the supervisor is gone."""

    def __init__(self, descriptor: int | None, stop: asyncio.Event) -> None:
        self._stop = stop
        self._socket = socket.socket(fileno=descriptor) if descriptor is not None else None
        if self._socket is not None:
            self._socket.setblocking(False)
            asyncio.get_running_loop().add_reader(self._socket, self._on_end)

    def report_ready(self, place: str) -> None:
        """Tells the supervisor, and where this process serves."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is gone: the reader hears of that
                self._socket.send(f"{place}\n".encode())

    def close(self) -> None:
        """Lets go."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()

    def _on_end(self) -> None:
        # The supervisor never sends: what can be read is its end. It stays readable, so this is once only.
        self._stop.set()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)


async def watch_server(server: EmbeddedServer, announce: Callable[[], None]) -> None:
    """Returns when we are told to stop; ``announce`` is called once that would be heard.

    Raises ``EmbeddedServerError`` when the server ends by itself.
    """
    stop = stop_on_signals()
    announce()
    while not stop.is_set():
        if server.process is None or server.process.poll() is not None:
            raise EmbeddedServerError(f"The Valkey server ended:\n{server.last_words()}")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _POLL)


def stop_on_signals() -> asyncio.Event:
    """Set by SIGTERM and SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run_until(stop: asyncio.Event, *coroutines: Coroutine[Any, Any, None]) -> None:
    """Runs all of them until ``stop`` is set or one of them fails; raises the failure."""
    tasks = [asyncio.create_task(one) for one in (*coroutines, _wait(stop))]
    waiting = tasks[-1]
    try:
        while not waiting.done():
            finished, _ = await asyncio.wait(
                [task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED
            )
            if any(task.exception() for task in finished):
                break
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise unwrap(outcome)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()
