"""A gateway or a keeper of a simulation: the real replica, writer and keeper on a connection that may fail.

It starts, stops by itself with words when its replica does, and is killed without a word. Its supervisor
starts it afresh (``World``).
"""

import asyncio
import gc
import itertools
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

from engine.founding import FoundingError, found
from engine.keeper import Keeper, SnapshotPolicy
from engine.log.contract import LogError, LogUnavailable, backoff
from engine.replica import Replica, ReplicaStopped
from engine.simulator.clock import Clock, Time
from engine.simulator.judge import Judge
from engine.simulator.server import Connection, Server, Weather
from engine.snapshot import SnapshotError, write_snapshot
from engine.vault import Vault, VaultError
from engine.writer import Writer

PROGRAM = "sim"

SNAPSHOT_EVERY = SnapshotPolicy(bytes=12_000, seconds=60.0)
"""Often enough for a simulation to start from many."""


class StagedKeeper(Keeper):
    """A keeper that has no child processes: it writes its snapshots itself, and no evidence."""

    def __init__(
        self, replica: Replica, writer: Writer, connection: Connection, vault: Vault, clock: Clock
    ) -> None:
        super().__init__(
            replica,
            writer,
            connection,
            vault,
            policy=SNAPSHOT_EVERY,
            clock=clock,
            stopwatch=asyncio.get_running_loop().time,
        )
        self._staged = (vault, replica)

    async def write_snapshot(self, entry_hash: bytes) -> int:
        """See ``Keeper.write_snapshot``."""
        vault, replica = self._staged
        try:
            write_snapshot(vault, replica.program, entry_hash)
        except (VaultError, SnapshotError):
            return 1
        finally:
            gc.unfreeze()
        return 0

    def duties(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """See ``Keeper.duties``."""
        return [duty for duty in super().duties() if duty != self._evidence.run]


class Process:
    """One process, running or not. ``words`` are what it stopped with, ``""`` while it runs or once it was
    killed; ``misled`` where it read what the log does not hold any more."""

    def __init__(
        self, name: str, server: Server, vault: Vault, time: Time, judge: Judge, random: Random
    ) -> None:
        self.name = name
        self.words = ""
        self.misled = False
        self.clock = Clock(time)
        self.weather = Weather()
        self._server = server
        self._vault = vault
        self._judge = judge
        self._random = random
        self._running: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it has been started, and neither stopped nor been killed since."""
        return self._running is not None

    @property
    def ready(self) -> bool:
        """Whether it takes commands."""
        return self.running and self.replica.ready

    @property
    def is_keeper(self) -> bool:
        """Whether it has the keeper's duties."""
        return self.name.startswith("keeper")

    def start(self) -> None:
        """Starts it, with nothing in its memory."""
        self.words = ""
        self.misled = False
        origin = self._random.randbytes(16)
        self.connection = Connection(self._server, self._random, self.weather)
        self.replica = Replica(
            self.connection, self._vault, origin=origin, stopwatch=asyncio.get_running_loop().time
        )
        self.replica.listeners.append(lambda applied: self._judge.hear(self, applied))
        self.writer = Writer(self.connection, self.replica, clock=self.clock)
        self.writer.origin = origin
        self._running = asyncio.get_running_loop().create_task(self._run())
        self._running.add_done_callback(self._ended)

    async def kill(self) -> None:
        """Ends it where it stands. What it sent is on its way."""
        self.words = ""
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _run(self) -> None:
        await self._found()
        duties = [self.replica.run(), self.replica.watch(), self.writer.run()]
        if self.is_keeper:
            keeper = StagedKeeper(self.replica, self.writer, self.connection, self._vault, self.clock)
            duties.append(keeper.run())
        async with asyncio.TaskGroup() as tasks:
            for duty in duties:
                tasks.create_task(duty)

    async def _found(self) -> None:
        """Looks whether the log may be gone on with, as every process does that starts."""
        for attempt in itertools.count():
            try:
                await found(self.connection, PROGRAM, self._vault)
            except LogUnavailable:
                await backoff(attempt)
            else:
                return

    def _ended(self, ended: asyncio.Task[None]) -> None:
        gc.unfreeze()
        if ended is not self._running:
            return
        self._running = None
        error = ended.exception() if not ended.cancelled() else None
        reasons = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
        for reason in reasons:
            if isinstance(reason, ReplicaStopped | LogError | FoundingError):
                self.words = str(reason)
                self.replica.save_lost_state()
            else:
                self._judge.fail(f"{self.name} ended with {reason!r}", reason)
