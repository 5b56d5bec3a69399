"""Samples of real processes, and what is told where there are none."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from benchmarks.livelot import Livelot
from benchmarks.servers import find_free_port
from loadtests import sampling
from loadtests.result import Sample
from loadtests.sampling import Processor, Sampler


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    """A process that does nothing until its input ends."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_process_is_charged_with_what_it_used_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock on which two seconds pass, whatever the tenth of a second of CPU takes."""
    clock = iter([10.0, 12.0])
    monkeypatch.setattr(sampling.time, "monotonic", lambda: next(clock))
    before = sum(psutil.Process().cpu_times()[:2])
    own = Processor(psutil.Process())
    while sum(psutil.Process().cpu_times()[:2]) < before + 0.1:
        pass
    usage = own.read()
    spent = sum(psutil.Process().cpu_times()[:2]) - before
    assert 0.05 <= 2 * usage.cores <= spent
    assert usage.memory > 10 * 1024**2


def test_the_whole_deployment_is_sampled(livelot: Livelot) -> None:
    with closing(Sampler([livelot.url], own={"storm 1": os.getpid()})) as sampler:
        sample = sampler.take(1.5)
    assert sample.at == 1.5
    assert set(sample.processes) == {"gateway 1", "keeper", "valkey", "storm 1"}
    assert all(usage.memory > 1024**2 for usage in sample.processes.values())
    assert "livelot_calls_in_flight" in sample.gauges
    assert not any(name.startswith("process_") for name in sample.gauges)
    assert sampler.notes == []


def test_what_is_not_on_this_machine_is_told_in_a_line() -> None:
    with closing(Sampler([f"http://127.0.0.1:{find_free_port()}"])) as sampler:
        assert sampler.take(0.0).processes == {}
    found, unread = sampler.notes
    assert "was found on this machine" in found
    assert "could not be read" in unread


@pytest.mark.parametrize(
    ("where", "words"),
    [({"data": Path("/nowhere")}, "the data folder /nowhere"), ({"supervisor": 2**22}, "below process")],
)
def test_the_line_says_what_was_looked_for(where: dict[str, object], words: str) -> None:
    assert words in Sampler([], **where).notes[0]  # type: ignore[arg-type]


def test_a_process_that_ends_is_left_out(child: subprocess.Popen[bytes]) -> None:
    sampler = Sampler([], own={"storm 1": os.getpid(), "storm 2": child.pid})
    assert set(sampler.take(0.0).processes) == {"storm 1", "storm 2"}
    child.kill()
    child.wait()
    assert set(sampler.take(1.0).processes) == {"storm 1"}
    sampler.add_own("storm 3", child.pid)
    assert set(sampler.take(2.0).processes) == {"storm 1"}


def test_a_server_that_is_started_again_keeps_its_name(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two gateways the older one ends: the other stays what it was called, the newcomer gets the name."""
    own = psutil.Process()
    servers = {"gateway 1": psutil.Process(child.pid), "gateway 2": own}
    monkeypatch.setattr(sampling, "find_servers", lambda *_, **__: dict(servers))
    sampler = Sampler([])
    child.kill()
    child.wait()
    assert set(sampler.take(0.0).processes) == {"gateway 2"}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as newcomer:
        servers.clear()
        servers.update({"gateway 1": own, "gateway 2": psutil.Process(newcomer.pid)})
        assert set(sampler.take(1.0).processes) == {"gateway 1", "gateway 2"}
        assert sampler._servers["gateway 1"].pid == newcomer.pid
        assert sampler._servers["gateway 2"].pid == own.pid
        newcomer.kill()


def test_a_gateway_elsewhere_tells_its_own_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = Sampler(["http://192.0.2.1"])
    figures = {"process_cpu_seconds": 0.5, "process_resident_memory_bytes": 9.0, "livelot_calls": 1.0}
    monkeypatch.setattr(sampler._gateways, "read", lambda: dict(figures))
    sample = sampler.take(0.0)
    assert (sample.processes["gateway 1"].cores, sample.processes["gateway 1"].memory) == (0.5, 9)
    assert sample.gauges == {"livelot_calls": 1.0}


def test_samples_are_handed_on_until_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "PERIOD", 0.001)
    samples: list[Sample] = []

    async def run() -> None:
        enough = asyncio.Event()

        def take(sample: Sample) -> None:
            samples.append(sample)
            if len(samples) == 3:
                enough.set()

        sampler = Sampler([], own={"storm 1": os.getpid()})
        task = asyncio.create_task(sampler.run(asyncio.get_running_loop().time(), take))
        await enough.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert [sample.at for sample in samples] == sorted(sample.at for sample in samples)
    assert all("storm 1" in sample.processes for sample in samples)


def test_a_reading_that_is_under_way_comes_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    begun, released = threading.Event(), threading.Event()

    def take(self: Sampler, at: float) -> Sample:
        begun.set()
        released.wait()
        happened.append("taken")
        return Sample(at=at)

    monkeypatch.setattr(Sampler, "take", take)
    monkeypatch.setattr(Sampler, "close", lambda self: happened.append("closed"))

    async def body() -> None:
        task = asyncio.create_task(Sampler([]).run(asyncio.get_running_loop().time() - 100, happened.append))
        await asyncio.to_thread(begun.wait)
        task.cancel()
        await asyncio.wait([task], timeout=0)
        assert happened == []
        released.set()
        await asyncio.wait([task])

    asyncio.run(body())
    assert happened == ["taken", "closed"]
