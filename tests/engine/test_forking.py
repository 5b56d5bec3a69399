"""Work in a forked child: its status, its words, and its end when nobody waits for it."""

import asyncio
import os
import signal
import time

import pytest

from engine.forking import fork, wait_for


def test_a_child_does_its_job_with_what_the_parent_had(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("fork") / "file"
    had = ["what the parent had"]
    child = fork("writing", lambda: path.write_text(had[0]))
    had[0] = "what it got later"
    assert asyncio.run(wait_for(child)) == 0
    assert path.read_text() == "what the parent had"


def test_what_goes_wrong_is_told_by_words_and_status(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError("no room")

    assert asyncio.run(wait_for(fork("writing", fail))) == 1
    assert capfd.readouterr().err == "writing failed: ValueError('no room')\n"
    killed = fork("writing", lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert asyncio.run(wait_for(killed)) == -signal.SIGKILL


def test_the_parents_descriptors_are_not_kept_open() -> None:
    reading, writing = os.pipe()
    try:
        child = fork("waiting", lambda: time.sleep(30))
        os.close(writing)
        os.set_blocking(reading, False)
        deadline = time.monotonic() + 10
        while True:  # the end of the file comes once nobody else can write
            try:
                assert os.read(reading, 1) == b""
                break
            except BlockingIOError:
                assert time.monotonic() < deadline
                time.sleep(0.01)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_child_that_nobody_waits_for_any_more_is_ended() -> None:
    async def body() -> None:
        child = fork("sleeping", lambda: time.sleep(60))
        waiting = asyncio.create_task(wait_for(child))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)

    asyncio.run(body())
