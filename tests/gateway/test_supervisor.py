"""``livelot up`` as its user has it: real processes, ended in every way that processes end."""

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from engine.commands import SCHEMA
from engine.position import Position
from gateway.clock import now
from gateway.identity import mint_token
from gateway.supervisor import child_environment, describe_end, own_command

DEADLINE = 30.0
HOUR = 3_600_000


class Livelot:
    """A running ``livelot up``: the lines that it has said, and a client of its gateway.

    What its processes log goes to ``errors`` (else to ``stderr`` beside the folder); ``livelot`` is another
    command line than ours for ``livelot``.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        *options: str,
        errors: Path | None = None,
        livelot: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.program = options[options.index("--program") + 1] if "--program" in options else "main"
        self.lines: list[str] = []
        self.log = (errors or folder.parent / "stderr").open("ab")
        self.process = subprocess.Popen(
            [
                *(livelot or own_command("gateway.cli")),
                *("up", "--data", str(folder), "--port", str(port)),
                *options,
            ],
            env=child_environment(),
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            start_new_session=True,
        )
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for(self, words: str, after: int = 0) -> int:
        """Waits until a line has ``words``, and returns how many lines there are up to that one."""
        deadline = time.monotonic() + DEADLINE
        with self._said:
            while True:
                for index in range(after, len(self.lines)):
                    if words in self.lines[index]:
                        return index + 1
                left = deadline - time.monotonic()
                assert left > 0 and self.process.poll() is None, f"{words!r} was not said: {self.lines}"
                self._said.wait(min(left, 0.5))

    def pid_of(self, name: str) -> int:
        """The process that was named last for ``log``, ``keeper`` or ``gateway``."""
        words = {"log": "log's server"}.get(name, name)
        pattern = re.compile(rf"^  {name} +process (\d+)|The {words} is back \(process (\d+)\)")
        found = [match for line in self.lines if (match := pattern.search(line))]
        return int(found[-1][1] or found[-1][2])

    def call(self, method: str, path: str, **body: Any) -> httpx.Response:
        """Asks the gateway as an operator, again while it is not there."""
        secret = (self.folder / "secret").read_text().strip()
        token = mint_token(self.program, "ops", "operator", key=secret, expires_at=now() + HOUR)
        headers = {"Authorization": f"Bearer {token}"}
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                response = httpx.request(method, self.url + path, json=body or None, headers=headers)
                if response.status_code != 503:
                    return response
            except httpx.TransportError:
                assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def end(self, number: int = signal.SIGINT) -> int:
        """Sends a signal and returns the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        self._reader.join()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.log.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._said:
                self.lines.append(line.rstrip("\n"))
                self._said.notify_all()


@contextmanager
def running(folder: Path, port: int, *options: str) -> Iterator[Livelot]:
    livelot = Livelot(folder, port, *options)
    try:
        livelot.wait_for("Livelot serves")
        yield livelot
    finally:
        livelot.close()


@pytest.fixture
def port() -> int:
    """One that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not fetched yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that ends by itself."""
    command = own_command("gateway.cli", *arguments)
    return subprocess.run(command, env=child_environment(), capture_output=True, text=True, timeout=DEADLINE)


def add_member(livelot: Livelot, member: str) -> None:
    response = livelot.call("PUT", f"/v1/members/{member}", tier="gold", market="eu")
    assert response.status_code == 200, response.text


def test_what_dies_is_started_again_and_nothing_is_lost(tmp_path: Path, port: int) -> None:
    with running(tmp_path / "data", port) as livelot:
        add_member(livelot, "first")
        for name, words in (("gateway", "gateway"), ("keeper", "keeper"), ("log", "log's server")):
            said = len(livelot.lines)
            killed = livelot.pid_of(name)
            os.kill(killed, signal.SIGKILL)
            said = livelot.wait_for(f"The {words} ended (killed by SIGKILL)", said)
            livelot.wait_for(f"The {words} is back", said)
            assert livelot.pid_of(name) != killed
            add_member(livelot, f"after-{name}")
        processes = [livelot.pid_of(name) for name in ("log", "keeper", "gateway")]
        assert all(is_alive(pid) for pid in processes)
        assert livelot.end() == 0
        assert livelot.lines[-1] == "Everything has stopped."
        assert not any(is_alive(pid) for pid in processes)

    before = msgspec.json.decode(run("inspect", "--json", "--data", str(tmp_path / "data")).stdout)
    with running(tmp_path / "data", port) as livelot:
        for member in ("first", "after-gateway", "after-keeper", "after-log"):
            assert livelot.call("GET", f"/v1/members/{member}").status_code == 200
        position = Position.parse(livelot.call("GET", "/ready").json()["position"])
        assert position >= Position.parse(before["position"])
        assert livelot.end(signal.SIGTERM) == 0
    assert before["members"] == 4
    assert before["ledger"]["adds_up"]


def test_children_end_with_a_supervisor_that_was_killed(
    tmp_path: Path, port: int, until: Callable[[Callable[[], bool]], None]
) -> None:
    with running(tmp_path / "data", port) as livelot:
        processes = [livelot.pid_of(name) for name in ("log", "keeper", "gateway")]
        livelot.process.kill()
        until(lambda: not any(is_alive(pid) for pid in processes))
    with running(tmp_path / "data", port) as livelot:
        add_member(livelot, "m1")
        assert livelot.end() == 0


def test_a_folder_and_a_port_in_use_are_told_with_the_process_that_has_them(
    tmp_path: Path, port: int
) -> None:
    with running(tmp_path / "data", port) as livelot:
        other = run("up", "--data", str(tmp_path / "other"), "--port", str(port))
        assert other.returncode == 73
        gateway = livelot.pid_of("gateway")
        assert other.stderr.startswith(f"livelot: Port {port} on 127.0.0.1 is in use by process {gateway} (")
        assert len(other.stderr.splitlines()) == 1

        other = run("up", "--data", str(tmp_path / "data"), "--port", "0")
        assert other.returncode == 69
        assert f"is in use: process {livelot.pid_of('log')} listens" in other.stderr
        assert len(other.stderr.splitlines()) == 1
        add_member(livelot, "m1")
        assert livelot.end() == 0


def test_an_entry_that_nobody_can_apply_stops_all_until_it_is_dropped(tmp_path: Path, port: int) -> None:
    data = ("--data", str(tmp_path / "data"))
    with running(tmp_path / "data", port) as livelot:
        add_member(livelot, "m1")
        said = len(livelot.lines)
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(str(tmp_path / "data" / "valkey" / "valkey.sock"))
            poison = msgspec.msgpack.encode([SCHEMA, b"broken build", 1, now(), "nonsense"]).hex()
            script = "return redis.call('XADD', '{main}:log', '*', 'b', (ARGV[1]:gsub('..', function(x) "
            script += "return string.char(tonumber(x, 16)) end)))"
            server.sendall(encode_command("EVAL", script, "0", poison))
            id = server.recv(100).split(b"\r\n")[1].decode()
        livelot.wait_for("The gateway ended (code 70)", said)
        livelot.wait_for("The keeper ended (code 70)", said)

        seen = run("inspect", *data)
        assert seen.returncode == 70
        assert f"livelot log drop 1:{id}" in seen.stdout
        dropped = run("log", "drop", f"1:{id}", "--reason", "a test", "--by", "me", *data)
        assert dropped.returncode == 0, dropped.stderr
        livelot.wait_for("The gateway is back", said)
        livelot.wait_for("The keeper is back", said)
        assert livelot.call("GET", "/v1/members/m1").status_code == 200
        add_member(livelot, "m2")
        assert livelot.end() == 0
    kept = msgspec.json.decode((tmp_path / "data" / "vault" / "main" / f"dropped/1-{id}.json").read_bytes())
    assert (kept["position"], kept["by"], kept["reason"]) == (f"1:{id}", "me", "a test")


def test_a_rotation_is_followed_by_all_processes(tmp_path: Path, port: int) -> None:
    data = ("--data", str(tmp_path / "data"))
    with running(tmp_path / "data", port) as livelot:
        add_member(livelot, "m1")
        said = len(livelot.lines)
        rotated = run("log", "rotate", *data)
        assert rotated.returncode == 0, rotated.stderr
        assert rotated.stdout.splitlines()[0].endswith("and goes on at 2:0-1.")
        said = livelot.wait_for("The gateway is back", said)
        add_member(livelot, "m2")
        assert livelot.call("GET", "/v1/members/m1").status_code == 200
        assert livelot.call("GET", "/ready").json()["position"].startswith("2:")
        assert livelot.end() == 0


def test_ends_are_put_into_words() -> None:
    assert describe_end(70) == "code 70"
    assert describe_end(-9) == "killed by SIGKILL"


def encode_command(*parts: str) -> bytes:
    encoded = [part.encode() for part in parts]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in encoded)
