"""The embedded server with its fsyncs slowed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.embedded import EmbeddedServer
from tests.faults.tracing import TracedServer, write_wrapper


@pytest.fixture
def slow_server(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TracedServer]:
    """A traced server with slow fsyncs. The test's parameter, if it has one, holds settings unlike ours."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed, and nothing else slows an fsync: apt-get install strace")
    record, wrapper = tmp_path / "calls", tmp_path / "valkey-server"
    write_wrapper(wrapper, strace, record)
    monkeypatch.setattr("engine.embedded.find_binary", lambda: wrapper)
    with EmbeddedServer(tmp_path / "valkey", settings=getattr(request, "param", None)) as server:
        yield TracedServer(server, record)
