"""A whole deployment in one thread: gateways, keepers, a supervisor, clients, a server, and what goes wrong.

``World.run`` plays one chapter: a program begins, members ask, faults come and go, and at the end, with
everything mended, all that is due has happened and every replica holds the same state.
"""

import asyncio
import gc
import random
from collections.abc import Callable, Iterator
from logging import CRITICAL
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import structlog

from engine import machine
from engine.commands import LEVEL, Command, Genesis, ResumeAuction
from engine.founding import begin_epoch
from engine.genesis import encode_genesis
from engine.log.contract import FIRST_ID, Entry, EntryId
from engine.log.memory import MemoryLog
from engine.machine import apply_entry, decode_batch, start
from engine.position import Position
from engine.program import Program
from engine.replica import Replica
from engine.simulator.clock import Clock, Time
from engine.simulator.crowd import Crowd
from engine.simulator.faults import GRAVE, MILD, Fault
from engine.simulator.judge import Judge, Verdict, Violation, timing_of
from engine.simulator.loop import run
from engine.simulator.process import PROGRAM, Process
from engine.simulator.server import Server
from engine.simulator.workload.auctions import PEOPLE, role_of
from engine.simulator.workload.mix import MixedWorkload
from engine.snapshot import load_newest
from engine.units import DAY, HOUR, MINUTE, SECOND
from engine.vault import Vault

PAUSES = {0: 60, 1: 10, SECOND: 8, MINUTE: 10, 2 * MINUTE: 3, 4 * MINUTE: 2, 10 * MINUTE: 1, HOUR: 0.3}
"""How long nothing happens between two bursts of commands, in ms, and how often."""

BURSTS = (1, 1, 2, 3, 5, 8, 13, 21)
"""How many commands come together."""

ROTATE = "rotate --from-vault"
"""What the words of a process ask for that cannot go on in this log."""

BACK_WITHIN = 120.0
"""Seconds of the loop's time after the last fault within which everybody must be served again."""

RARELY = (100_000, 50, 50)
"""Thresholds of the collector: a deployment in one process makes few cycles, and has much to walk."""


class World:
    """One program's deployment. ``chance`` decides what goes wrong. While ``holding``, the supervisor starts
    nothing; whoever is ``absent`` is not started either. ``lossy``: this epoch's log has lost entries."""

    def __init__(self, seed: str, folder: Path, faults: frozenset[str]) -> None:
        self.chance = Random(f"{seed} faults")
        self.time = Time()
        self.server = Server(Clock(self.time))
        self.vault = Vault(folder)
        self.judge = Judge(self.server)
        self.workload = MixedWorkload(Random(f"{seed} workload"), self.judge.journal.model)
        self.holding = False
        self.lossy = False
        self.absent: set[str] = set()
        network = Random(f"{seed} network")
        names = ["gateway 1", "gateway 2", "gateway 3", "keeper 1", "keeper 2"][self.chance.randrange(2) :]
        self.processes = [
            Process(name, self.server, self.vault, self.time, self.judge, network) for name in names
        ]
        self.crowd = Crowd(Random(f"{seed} crowd"), self.time, self.judge, self._gateways)
        self._folder = folder
        self._torn: set[str] = set()
        self._faults = faults
        self._mild: set[asyncio.Task[None]] = set()
        self._grave: asyncio.Task[None] | None = None
        self._began: Program | None = None

    # The chapter.

    async def run(self, commands: int) -> None:
        """Plays until so many commands were decided and everything was mended. Raises ``Violation``."""
        await self._found()
        supervising = asyncio.create_task(self._supervise())
        supervising.add_done_callback(self._note_failure)
        try:
            await self._settle(lambda: bool(self._gateways()))
            while self.judge.commands < commands:
                self._require_no_violation()
                await self._step()
            await self._mend()
            await self._end()
        finally:
            supervising.cancel()
            for process in self.processes:
                await process.kill()
        self._require_no_violation()

    async def _found(self) -> None:
        genesis = Genesis(PROGRAM, settings=self.workload.settings(), level=LEVEL)
        await self.server.log.append(encode_genesis(genesis, bytes(15) + b"\x01"), id="0-1")

    async def _step(self) -> None:
        chance = self.chance
        self._pass_time()
        self._begin_fault()
        self.workload.model = self.judge.journal.model
        if len(self.workload.model.people) < len(PEOPLE):
            await self._introduce()
            return
        for _ in range(chance.choice(BURSTS)):
            command, actor = self.workload.next_command()
            self._ask(command, actor)
        self.crowd.send_again()
        self.crowd.repeat()
        await asyncio.sleep(chance.choice((0.0, 0.001, 0.01, 0.1)))

    def _pass_time(self) -> None:
        """Sometimes a while passes; sometimes just so much that something is due, or nearly."""
        chance = self.chance
        if chance.random() < 0.5:
            self.time.skip(chance.choices([*PAUSES], [*PAUSES.values()])[0])
        elif chance.random() < 0.1:
            near = [at for at in self.workload.next_instants() if 0 < at - self.time.now() < HOUR]
            if near:
                self.time.skip(max(0, min(near) - self.time.now() + chance.choice((-2, -1, 0, 0, 1))))

    async def _introduce(self) -> None:
        """Makes the members known: at the beginning, and where the server has lost them."""
        for command in self.workload.first_commands():
            self._ask(command, "boss")
            await self._settle(lambda: not self.crowd.waiting)

    def _ask(self, command: Command, actor: str) -> None:
        self.crowd.ask(command, actor, role_of(command, len(self.crowd.asked)))

    def _begin_fault(self) -> None:
        mild = [name for name in MILD if name in self._faults]
        grave = [name for name in GRAVE if name in self._faults]
        if mild and self.chance.random() < 0.15 and len(self._mild) < 3:
            name = self.chance.choices(mild, [MILD[one][1] for one in mild])[0]
            self._mild.add(self._start_fault(name, MILD[name][0]))
        if grave and self._grave is None and self.chance.random() < 0.01:
            name = self.chance.choices(grave, [GRAVE[one][1] for one in grave])[0]
            self._grave = self._start_fault(name, GRAVE[name][0])

    def _start_fault(self, name: str, fault: Fault) -> asyncio.Task[None]:
        self.judge.happened[f"fault: {name}"] += 1
        task = asyncio.create_task(fault(self))
        task.add_done_callback(self._note_healed)
        return task

    def _note_healed(self, task: asyncio.Task[None]) -> None:
        self._mild.discard(task)
        if task is self._grave:
            self._grave = None
        self._note_failure(task)

    def _note_failure(self, task: asyncio.Task[None]) -> None:
        """What a fault or the supervisor raises is a violation: what it waited for did not come."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.judge.fail(str(error), error)

    async def _mend(self) -> None:
        await self._settle(lambda: not self._mild and self._grave is None)
        await self._settle(lambda: all(process.ready for process in self.processes))
        await self._settle(lambda: not self.crowd.waiting)

    async def _end(self) -> None:
        """A month passes. Whatever is due has happened then; all replicas agree, and so does a replay."""
        while paused := self._paused():
            self._ask(ResumeAuction(paused[0]), "boss")
            await self._settle(lambda: not self.crowd.waiting)
        for pause in (MINUTE, 10 * MINUTE, HOUR, DAY, 30 * DAY):
            self.time.skip(pause)
            await self._settle(self._all_done)
        programs = [process.replica.program for process in self.processes]
        self.judge.look(programs[0])
        if any(member.held for member in programs[0].members):
            raise Violation("points are still held although everything has ended")
        if len({program.digest for program in programs}) > 1:
            raise Violation("replicas at one position have different digests")
        states = {program.state_digest() for program in (*programs, self._replay())}
        if len(states) > 1:
            raise Violation("replicas, or a replay of the log, hold different states")
        self.crowd.check()

    def _paused(self) -> list[str]:
        model = self.judge.journal.model
        english = [one.id for one in model.auctions.values() if one.status == "paused"]
        return english + [one.id for one in model.formats.auctions.values() if one.status == "paused"]

    def _all_done(self) -> bool:
        """Whether no process has anything to do or to read any more."""
        now, position = self.time.now(), self.judge.position
        return all(
            process.ready
            and now < process.replica.program.agenda.next_at
            and process.replica.position == position
            for process in self.processes
        )

    def _replay(self) -> Program:
        """The epoch's entries once more, from its beginning."""
        program = self._began
        for position, verdict in self.judge.verdicts.items():
            id = (position.milliseconds, position.sequence)
            if program is None:
                program = start(decode_batch(verdict.payload))
            if position.epoch == program.epoch and position > program.position:
                apply_entry(program, *id, verdict.payload)
        assert program is not None
        return program

    async def _settle(self, condition: Callable[[], bool]) -> None:
        """Waits for what must come within ``BACK_WITHIN``."""
        await self.until(condition, BACK_WITHIN)

    def _require_no_violation(self) -> None:
        if self.judge.violation is not None:
            raise self.judge.violation

    # The supervisor, and the human behind it.

    async def _supervise(self) -> None:
        while True:
            for process in self.processes:
                if not process.running and not self._is_left_alone(process):
                    if ROTATE in process.words:
                        await self._rotate_from_vault()
                        break
                    process.start()
            await asyncio.sleep(0.2 + self.chance.random() * 0.5)

    async def _rotate_from_vault(self) -> None:
        if not self.lossy:
            words = "a process cannot start from the vault and the log, although the server lost nothing"
            self.judge.fail(words)
        loaded = load_newest(self.vault, self.server.epoch)
        assert loaded is not None
        program, _ = loaded
        self._forget(self.judge.return_to(program.position, program.digest))
        await self.rotate(program)

    async def rotate(self, program: Program) -> None:
        """Begins the next epoch with this state; everybody starts again there."""
        self.holding = True
        for process in self.processes:
            await process.kill()
        program = Program.decode(list(program.encode()))
        payload = begin_epoch(program, self.vault, self.chance.randbytes(16))
        log = self.server.begin_epoch()
        self.lossy = False
        await log.append(payload, id="0-1")
        verdict = Verdict(payload, program.digest, [None], timing_of(program.events))
        self.judge.note(program.position, verdict)
        self._began = program
        self.holding = False

    # What faults ask for.

    async def last(self, at_most: float = 6.0) -> None:
        """A fault goes on for a while: no more seconds than that."""
        await asyncio.sleep(min(at_most, self.chance.choice((0.05, 0.5, 0.5, 2.0, 6.0))))

    async def until(self, condition: Callable[[], bool], seconds: float) -> None:
        """Waits until it is the case. Raises ``Violation`` where that takes longer."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not condition():
            self._require_no_violation()
            if loop.time() > deadline:
                words = {process.name: process.words or process.ready for process in self.processes}
                raise Violation(f"nothing came of {condition} in {seconds:.0f} s: {words}")
            self.crowd.send_again()
            await asyncio.sleep(0.05)

    def misses_entries(self) -> bool:
        """Whether a process has read what the log does not hold any more, or has said so, and nobody has
        begun the next epoch yet."""
        return any(
            (process.running and process.misled) or ROTATE in process.words for process in self.processes
        )

    def next_stamp(self) -> int:
        """Milliseconds of the ID that the next entry gets: the server's clock, or the last entry's ID."""
        return max(self.server.clock(), self.server.log.last_id[0])

    def choose_process(self) -> Process:
        """Any of them."""
        return self.chance.choice(self.processes)

    def started(self) -> list[Process]:
        """Those that have been started at least once."""
        return [process for process in self.processes if hasattr(process, "replica")]

    def ended_replicas(self) -> Iterator[Replica]:
        """Those that have read the end of the newest epoch."""
        for process in self.started():
            replica = process.replica
            if (
                replica.cursor is not None
                and replica.program.ended
                and replica.position.epoch == self.server.epoch
            ):
                yield replica

    async def reach_log(self) -> MemoryLog:
        """The newest epoch's log, once its server answers."""
        await self._settle(lambda: not self.server.log.unavailable)
        return self.server.log

    def all_say(self, words: str) -> bool:
        """Whether every process has stopped with these words; one that is started by nobody says nothing."""
        return all(
            words in process.words or (not process.running and self._is_left_alone(process))
            for process in self.processes
        )

    def _is_left_alone(self, process: Process) -> bool:
        return self.holding or process.name in self.absent

    def all_at(self, position: Position) -> bool:
        """Whether every process runs and has applied everything up to ``position``, and nothing more."""
        return all(process.ready and process.replica.position == position for process in self.processes)

    def newest_snapshot(self) -> Position | None:
        """Of the epoch, if there is one."""
        return next(reversed(self.vault.snapshots(self.server.epoch)), None)

    def snapshot_id(self) -> EntryId:
        """Where the newest snapshot stands in the log."""
        newest = self.newest_snapshot()
        return (newest.milliseconds, newest.sequence) if newest is not None else FIRST_ID

    def lose(self, beyond: Position, entries: list[Entry]) -> None:
        """The server lost these entries, all beyond this position."""
        epoch = beyond.epoch
        self.lossy = True
        self.judge.dropped |= {(Position(epoch, *entry.id), entry.payload) for entry in entries}
        for process in self.started():
            process.misled = process.running and process.replica.position > beyond
        self._forget(self.judge.lose(beyond))

    async def tear_snapshot(self) -> bool:
        """Damages the newest snapshot where there is another to go on from; whether it did."""
        snapshots = self.vault.snapshots(self.server.epoch)[-2:]
        names = [f"{at.epoch}-{at.milliseconds}-{at.sequence}.snapshot" for at in snapshots]
        files = [self._folder / "snapshots" / name for name in names]
        if len(files) < 2 or any(file.name in self._torn for file in files):
            return False
        whole = bytearray(files[-1].read_bytes())
        at = self.chance.randrange(len(whole))
        if self.chance.random() < 0.5:
            whole[at] ^= 1 << self.chance.randrange(8)
        else:
            del whole[at:]
        files[-1].write_bytes(whole)
        self._torn.add(files[-1].name)
        return True

    def _forget(self, lost: set[Position]) -> None:
        self.judge.happened["entries lost by the server"] += len(lost)
        self.crowd.lose(lost)

    def _gateways(self) -> list[Process]:
        return [process for process in self.processes if process.ready and not process.is_keeper]


def play(seed: str, commands: int, faults: frozenset[str]) -> World:
    """One chapter, always the same for the same arguments; ``world.judge.violation`` says what went wrong."""
    random.seed(seed)
    logging, units, thresholds = structlog.get_config(), machine.SLICE, gc.get_threshold()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    gc.set_threshold(*RARELY)
    try:
        with TemporaryDirectory() as folder:
            return run(_play(seed, commands, Path(folder), faults))
    finally:
        structlog.configure(**logging)
        machine.SLICE = units
        gc.set_threshold(*thresholds)


async def _play(seed: str, commands: int, folder: Path, faults: frozenset[str]) -> World:
    world = World(seed, folder, faults)
    machine.SLICE = world.workload.slice
    try:
        await world.run(commands)
    except Violation as violation:
        world.judge.violation = world.judge.violation or violation
    return world
