"""A run in several processes of this machine, since one of them has one core.

The first part makes what all share, and each has its share of the members and of the rate. They wait for
each other at the points of a run (``runner``), the first of which is when everybody is connected.
"""

import asyncio
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from loadtests.assembly import Assembly
from loadtests.merging import merge
from loadtests.result import Result, read_result
from loadtests.runner import Barrier, no_barrier
from loadtests.telling import Message, Note, Over, Told, Waiting, decode_message
from loadtests.watching import View
from loadtests.wire import StormError

FINE: Final = (0, 1)
"""Exit codes of a part that has run: whether its thresholds were kept is judged for all together."""

LONGEST_LINE: Final = 2**20
"""Bytes of what a part tells at a time, at most."""

Process = asyncio.subprocess.Process


class Ended(NamedTuple):
    """A part's process is gone: its exit code, and what it has written to its standard error."""

    code: int
    words: str


async def run_parts(
    command: Sequence[str],
    count: int,
    environment: dict[str, str],
    view: View,
    *,
    say: Callable[[str], object] = print,
    barrier: Barrier = no_barrier,
) -> Result:
    """Runs ``command`` in ``count`` processes, with the options of a part, shows them as one in ``view``, and
    merges what they leave. ``say`` is given what else they have for people; they go on from a point once they
    have all come there, and ``barrier`` returns. Raises an exception group of ``StormError``, in the words of
    a part that could not run."""
    with tempfile.TemporaryDirectory(prefix="livelot-storm-") as folder, Assembly(view, count) as assembly:
        files = [Path(folder) / f"{number}.json" for number in range(1, count + 1)]
        parts = [
            await asyncio.create_subprocess_exec(
                *command,
                *("--part", f"{number}/{count}", "--barrier", "--json", str(file)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=LONGEST_LINE,
                env={**os.environ, **environment},
            )
            for number, file in enumerate(files, 1)
        ]
        try:
            await Conductor(parts, assembly, say, barrier).conduct()
        finally:
            for part in parts:
                with suppress(ProcessLookupError):
                    part.kill()
            await asyncio.gather(*(part.wait() for part in parts))
        return merge([read_result(file) for file in files], one_machine=True)


class Conductor:
    """Has all parts go on whenever all of them wait, and passes on what they tell, until they have ended."""

    def __init__(
        self, parts: list[Process], assembly: Assembly, say: Callable[[str], object], barrier: Barrier
    ) -> None:
        self._parts = parts
        self._assembly = assembly
        self._say = say
        self._barrier = barrier
        self._inbox: asyncio.Queue[tuple[int, Message | Ended]] = asyncio.Queue()

    async def conduct(self) -> None:
        """Raises an exception group of ``StormError`` as soon as one of them could not run."""
        async with asyncio.TaskGroup() as tasks:
            for number, part in enumerate(self._parts, 1):
                tasks.create_task(self._listen(number, part, tasks))
            await self._attend(tasks)

    async def _listen(self, number: int, part: Process, tasks: asyncio.TaskGroup) -> None:
        assert part.stdout is not None and part.stderr is not None
        words = tasks.create_task(part.stderr.read())
        async for line in part.stdout:
            self._inbox.put_nowait((number, decode_message(line)))
        ended = Ended(await part.wait(), (await words).decode(errors="replace"))
        self._inbox.put_nowait((number, ended))

    async def _attend(self, tasks: asyncio.TaskGroup) -> None:
        running, waiting = set(range(1, len(self._parts) + 1)), set()
        while running:
            number, message = await self._inbox.get()
            match message:
                case Waiting():
                    waiting.add(number)
                    if len(waiting) == len(self._parts):
                        waiting.clear()
                        tasks.create_task(self._release(message.point))
                case Told():
                    self._assembly.take(number, message)
                case Over():
                    self._assembly.leave(number)
                case Note():
                    # All have the same gateway: what one could not learn of it, none could.
                    if number == 1:
                        self._say(message.words)
                case Ended():
                    running.discard(number)
                    self._end(message)

    async def _release(self, point: str) -> None:
        await self._barrier(point)
        for part in self._parts:
            assert part.stdin is not None
            part.stdin.write(b"go\n")

    def _end(self, ended: Ended) -> None:
        if ended.code not in FINE:
            lines = ended.words.strip().splitlines()
            raise StormError(lines[-1] if lines else f"a part ended without a word, with code {ended.code}")
        for part in self._parts:
            # Whoever waits for one that has ended is not to wait for good.
            assert part.stdin is not None
            part.stdin.close()
