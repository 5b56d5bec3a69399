"""The embedded server: it starts, stops, dies with its parent, and says what keeps it from starting."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis

from engine.embedded import LONGEST_SOCKET_PATH, EmbeddedServer, EmbeddedServerError
from engine.log.redis_stream import connect


def append(url: str, payload: bytes) -> list[bytes]:
    """Appends through the log, and returns all payloads that are in it then."""

    async def body() -> list[bytes]:
        log = await connect(url, "demo")
        await log.append(payload)
        entries = await log.read(None, count=100, block=0)
        await log.close()
        return [entry.payload for entry in entries]

    return asyncio.run(body())


def listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def test_what_was_appended_is_there_after_a_restart(tmp_path):
    server = EmbeddedServer(tmp_path / "new" / "data")
    for payloads in ([b"1"], [b"1", b"2"]):
        with server:
            assert append(server.url, payloads[-1]) == payloads
        assert server.process is None
        assert not listens(server.socket_path)
    server.stop()


def test_it_listens_on_its_socket_only_and_for_its_user_only(tmp_path):
    with EmbeddedServer(tmp_path) as server, closing(redis.Redis.from_url(server.url)) as client:
        assert client.config_get("port")["port"] == "0"
        assert server.socket_path.stat().st_mode & 0o777 == 0o700


def test_a_second_server_on_the_folder_is_told_who_has_it(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        other = EmbeddedServer(tmp_path)
        with pytest.raises(EmbeddedServerError, match=f"in use: process {server.process.pid} "):
            other.start()
        assert other.process is None
        assert "Ready to accept connections" in server.last_words()
        assert append(server.url, b"1") == [b"1"]


def test_a_server_that_hangs_is_told_at_once(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            with pytest.raises(EmbeddedServerError, match=f"in use: process {server.process.pid} "):
                EmbeddedServer(tmp_path).start()
        finally:
            os.kill(server.process.pid, signal.SIGCONT)


def test_a_socket_that_nobody_listens_on_is_no_obstacle(tmp_path):
    server = EmbeddedServer(tmp_path)
    server.start()
    server.process.kill()
    server.process.wait()
    assert server.socket_path.exists()
    with server:
        assert append(server.url, b"1") == [b"1"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_the_server_dies_with_its_parent(tmp_path, until):
    server = EmbeddedServer(tmp_path)
    parent = (
        "import os, signal, sys\n"
        "from engine.embedded import EmbeddedServer\n"
        f"server = EmbeddedServer({str(tmp_path)!r})\n"
        "server.start()\n"
        "print('started', flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"started\n"
        assert listens(server.socket_path)
        process.kill()
    until(lambda: not listens(server.socket_path))
    with server:
        assert append(server.url, b"1") == [b"1"]


def test_the_server_is_not_in_our_process_group(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        assert os.getpgid(server.process.pid) != os.getpgrp()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EmbeddedServerError, match="cannot be written: Not a directory"):
        EmbeddedServer(tmp_path / "file" / "data").start()


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(EmbeddedServerError, match="cannot be written: Permission denied"):
        EmbeddedServer(tmp_path).start()


def test_a_server_that_ends_at_the_start_says_why(tmp_path):
    server = EmbeddedServer(tmp_path, settings={"appendfsync": "sometimes"})
    with pytest.raises(EmbeddedServerError, match=r"(?s)ended \(code 1\).*appendfsync"):
        server.start()
    assert server.process is None


def test_a_damaged_file_is_told(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        append(server.url, b"1")
    manifest = tmp_path / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("nonsense\n")
    with pytest.raises(EmbeddedServerError, match=r"(?s)before it answered.*manifest"):
        EmbeddedServer(tmp_path).start()
    assert "started" not in server.last_words()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_a_deep_folder_has_its_socket_elsewhere(short_folder, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    deep = short_folder / ("deep" * 20) / ("deeper" * 10)
    with EmbeddedServer(deep) as server:
        assert len(str(server.socket_path)) <= LONGEST_SOCKET_PATH
        assert server.socket_path.is_relative_to(short_folder)
        assert server.socket_path.parent.stat().st_mode & 0o777 == 0o700
        assert append(server.url, b"1") == [b"1"]
        with pytest.raises(EmbeddedServerError, match=f"in use: process {server.process.pid} "):
            EmbeddedServer(deep).start()


def test_a_socket_folder_that_others_can_enter_is_refused(short_folder, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(short_folder))
    server = EmbeddedServer(short_folder / ("deep" * 30))
    server.socket_path.parent.mkdir()
    server.socket_path.parent.chmod(0o755)
    with pytest.raises(EmbeddedServerError, match="yours alone"):
        server.start()


def test_a_folder_with_spaces_and_other_signs(short_folder):
    with EmbeddedServer(short_folder / "a b?c#d%e") as server:
        assert append(server.url, b"1") == [b"1"]
