"""A run in several processes of this machine, since one of them has one core.

The first part makes what all share, and each has its share of the members and of the rate. They wait for
each other when everybody is connected, when all actions are over, and before what they share is taken away: a
part writes a point's name to its standard output, and goes on when it reads a line.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from loadtests.merging import merge
from loadtests.result import Result, read_result
from loadtests.wire import StormError

FINE = (0, 1)
"""Exit codes of a part that has run: whether its thresholds were kept is judged for all together."""


async def wait_for_others(point: str) -> None:
    """A part's barrier. Raises ``StormError`` where the others are gone."""
    print(point, flush=True)  # noqa: T201 - it is what the others' parent reads
    if not await asyncio.to_thread(sys.stdin.readline):
        raise StormError("the other parts of the run are gone")


async def run_parts(command: Sequence[str], count: int, environment: dict[str, str]) -> Result:
    """Runs ``command`` in ``count`` processes, with the options of a part, and merges what they leave. Raises
    ``StormError`` in the words of a part that could not run."""
    with tempfile.TemporaryDirectory(prefix="livelot-storm-") as folder:
        files = [Path(folder) / f"{number}.json" for number in range(1, count + 1)]
        parts = [
            await asyncio.create_subprocess_exec(
                *command,
                *("--part", f"{number}/{count}", "--barrier", "--json", str(file)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, **environment},
            )
            for number, file in enumerate(files, 1)
        ]
        try:
            await _conduct(parts)
        finally:
            for part in parts:
                with suppress(ProcessLookupError):
                    part.kill()
            await asyncio.gather(*(part.wait() for part in parts))
        return merge([read_result(file) for file in files], one_machine=True)


async def _conduct(parts: list[asyncio.subprocess.Process]) -> None:
    """Has all parts go on whenever all of them wait, until they have ended."""
    words = [asyncio.create_task(_read_words(part)) for part in parts]
    while any([await _has_come(part) for part in parts]):
        if not all(part.returncode is None for part in parts):
            break
        for part in parts:
            assert part.stdin is not None
            part.stdin.write(b"go\n")
    for part in parts:
        # Whoever waits for one that has ended is not to wait for good.
        assert part.stdin is not None
        part.stdin.close()
    codes = [await part.wait() for part in parts]
    said = [await one for one in words]
    failed = [one.strip() for code, one in zip(codes, said, strict=True) if code not in FINE]
    if failed:
        raise StormError(next((one.splitlines()[-1] for one in failed if one), "a part ended without a word"))


async def _has_come(part: asyncio.subprocess.Process) -> bool:
    """Whether a part has come to a point, rather than to its end."""
    assert part.stdout is not None
    return bool(await part.stdout.readline())


async def _read_words(part: asyncio.subprocess.Process) -> str:
    assert part.stderr is not None
    return (await part.stderr.read()).decode(errors="replace")
