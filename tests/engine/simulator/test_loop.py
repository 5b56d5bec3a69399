"""Virtual time: nothing waits, and the same happens in the same order."""

import asyncio
import time

import pytest

from engine.simulator.loop import Deadlock, run


def test_time_jumps_to_what_is_scheduled_next() -> None:
    async def body() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        seen = []

        async def note(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, loop.time()))

        await asyncio.gather(note("year", 31_536_000.0), note("soon", 0.5), note("now", 0.0))
        return seen

    began = time.monotonic()
    assert run(body()) == [("now", 0.0), ("soon", 0.5), ("year", 31_536_000.0)]
    assert time.monotonic() - began < 60


def test_a_timeout_ends_what_never_comes() -> None:
    async def body() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3_600):
                await asyncio.Event().wait()
        return asyncio.get_running_loop().time()

    assert run(body()) == 3_600


def test_work_for_threads_is_done_on_the_spot() -> None:
    async def body() -> tuple[str, str]:
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 // 0)
        return await asyncio.to_thread(lambda: "done"), "then"

    assert run(body()) == ("done", "then")


def test_a_deadlock_is_told() -> None:
    async def body() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match="nothing is scheduled"):
        run(body())
