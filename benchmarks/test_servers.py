"""CPU times of processes and of what they start; and what is said where a server is not there."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import postgres, results
from benchmarks.bench_end_to_end import open_sql_peers
from benchmarks.servers import read_cpu_seconds, read_family_cpu_seconds

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
PARENT = f"""
import subprocess, sys
burn = [sys.executable, "-c", {BURN!r}]
subprocess.run(burn)
burn[-1] += "print('burnt', flush=True); input()"
with subprocess.Popen(burn, stdin=subprocess.PIPE) as living:
    input()
    living.communicate(b"\\n")
"""


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="CPU times are read from /proc")
def test_a_family_counts_children_that_live_and_that_have_ended() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"burnt\n"
        alone, family = read_cpu_seconds(parent.pid), read_family_cpu_seconds(parent.pid)
        parent.communicate(b"\n")
    assert family - alone > 0.55
    assert alone < 0.3


def test_without_postgresql_a_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgres.shutil, "which", lambda name: None)
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setattr(results, "LEFT_OUT", [])

    async def body() -> None:
        async with open_sql_peers(tmp_path / "bench") as peers:
            assert peers == []

    asyncio.run(body())
    (line,) = results.LEFT_OUT
    assert line.startswith("end to end: PostgreSQL is left out: there is no ")


def test_the_newest_postgresql_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("9.6", "15", "17"):
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("initdb", "postgres")[: 1 if version == "17" else 2]:
            (folder / name).touch()
    monkeypatch.setattr(postgres.shutil, "which", lambda name: None)
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    assert postgres.find_binaries() == tmp_path / "15" / "bin"
