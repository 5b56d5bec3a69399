"""How the deployment does while it is under load: CPU and memory of its processes, and what gateways say of
themselves, once a second.

It is done in a thread of its own, so that the crowd's schedule waits for no other process. Looking for
processes is dear (tens of ms), looking at those that are known is not: they are looked for at the start, and
again when one of them has gone.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil

from loadtests.deployment import find_servers
from loadtests.gauges import Gateways, take_usage
from loadtests.result import Sample, Usage
from loadtests.wording import word_place

PERIOD: Final = 1.0
"""Seconds between samples."""

CROWD: Final = "storm 1"
"""What a crowd's process is called in its own samples."""


class Processor:
    """Reads what one process uses; the first reading is from when this was made."""

    def __init__(self, process: psutil.Process) -> None:
        self.pid = process.pid
        self._process = process
        self._used = self._read_seconds()
        self._at = time.monotonic()

    def read(self) -> Usage:
        """Since the reading before. Raises ``psutil.Error`` when the process has gone."""
        with self._process.oneshot():
            used, memory = self._read_seconds(), self._process.memory_info().rss
        now = time.monotonic()
        seconds, spent = now - self._at, used - self._used
        self._at, self._used = now, used
        return Usage(max(0.0, spent / seconds) if seconds > 0 else 0.0, memory)

    def _read_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


class Sampler:
    """Takes samples of the gateways at ``urls`` and, where they run on this machine, of their processes:
    those below ``supervisor``, else those of the data folder, else those of the first gateway. Of a gateway
    elsewhere, CPU and memory are what it tells itself.

    ``own`` are processes of the crowd, by name. ``notes`` says in a line each what could not be had.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        data: Path | None = None,
        supervisor: int | None = None,
        own: Mapping[str, int] | None = None,
    ) -> None:
        self._url = urls[0] if urls else ""
        self._data = data
        self._supervisor = supervisor
        self._gateways = Gateways(urls)
        self._servers: dict[str, Processor] = {}
        self._own: dict[str, Processor] = {}
        for name, pid in (own or {}).items():
            self.add_own(name, pid)
        self._search()
        self._expected = len(self._servers)
        self._note = "" if self._servers else self._word_absence()

    @property
    def notes(self) -> list[str]:
        """What could not be had."""
        return [note for note in (self._note, *self._gateways.notes) if note]

    def add_own(self, name: str, pid: int) -> None:
        """Samples another process of the crowd. One that has ended already is left out."""
        try:
            self._own[name] = Processor(psutil.Process(pid))
        except psutil.Error:
            self._own.pop(name, None)

    def take(self, at: float) -> Sample:
        """A sample, ``at`` seconds after the run's start. Blocks for some ms, and up to a second where a
        gateway does not answer."""
        if len(self._servers) < self._expected:
            self._search()
        processes = {}
        for group in (self._servers, self._own):
            for name, processor in list(group.items()):
                try:
                    processes[name] = processor.read()
                except psutil.Error:
                    del group[name]
        gauges = self._gateways.read()
        told = take_usage(gauges)
        if not self._expected:
            processes = {**told, **processes}
        return Sample(at=at, processes=processes, gauges=gauges)

    async def run(self, start: float, hand_on: Callable[[Sample], None]) -> None:
        """Samples once a second from ``start`` (by the loop's clock) until cancelled; each goes to
        ``hand_on``."""
        loop = asyncio.get_running_loop()
        number = 0
        taking: asyncio.Future[Sample] | None = None
        try:
            while True:
                # Seconds that a slow gateway took are left out rather than sampled late, one upon another.
                number = max(number + 1, int((loop.time() - start) / PERIOD))
                await asyncio.sleep(start + number * PERIOD - loop.time())
                at = loop.time() - start
                taking = asyncio.ensure_future(asyncio.to_thread(self.take, at))
                hand_on(await asyncio.shield(taking))
        finally:
            # Closed under its hands, a reading would fail, and tell that as the gateway's fault.
            if taking is not None:
                await asyncio.wait([taking])
            self.close()

    def close(self) -> None:
        """Lets go of the connections to gateways."""
        self._gateways.close()

    def _search(self) -> None:
        """Looks for the servers. Those that are known keep their names; one that came instead of another gets
        the name that is free."""
        found = find_servers(self._url, data=self._data, supervisor=self._supervisor)
        known = {processor.pid for processor in self._servers.values()}
        free = [name for name in found if name not in self._servers]
        for name, process in found.items():
            if process.pid in known:
                continue
            kind = name.partition(" ")[0]
            chosen = next((one for one in free if one.partition(" ")[0] == kind), name)
            try:
                self._servers[chosen] = Processor(process)
            except psutil.Error:
                continue
            free = [one for one in free if one != chosen]

    def _word_absence(self) -> str:
        if self._supervisor is not None:
            whose = f"below process {self._supervisor}"
        elif self._data is not None:
            whose = f"of the data folder {self._data}"
        else:
            whose = f"of {word_place(self._url)}"
        words = "CPU and memory are sampled of gateways that tell them, and of no other server"
        return f"No server process {whose} was found on this machine: {words}."
