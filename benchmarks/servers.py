"""The servers that a benchmark measures: started as processes of their own, their CPU time read from
/proc, and stopped."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

REPOSITORY = Path(__file__).parent.parent
DEADLINE = 60
"""How long a server may take to come up, in seconds."""

SPARE = 500
"""Files that a process opens beside its sockets, at most."""


def find_free_port() -> int:
    """A TCP port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_cpu_seconds(process: int) -> float:
    """The CPU time that a process has used so far (sched-stats in the kernel's documentation)."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def read_family_cpu_seconds(process: int) -> float:
    """The same of a process and all below it, those included that have ended and been waited for (``cutime``
    and ``cstime`` in proc_pid_stat(5))."""
    threads = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(child) for thread in threads for child in thread.read_text().split()]
    living = 0.0
    for child in children:
        with suppress(FileNotFoundError, ProcessLookupError):
            living += read_family_cpu_seconds(child)
    # The process's name may have blanks in it; it ends with the last parenthesis.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    return read_cpu_seconds(process) + living + ended


def read_resident_bytes(process: int | str = "self") -> int:
    """A process's memory as the kernel counts it (proc(5), statm)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def raise_open_files(sockets: int) -> int:
    """Lets this process, and what it starts, open as many files as the kernel allows; returns how many of
    ``sockets`` each may have open then."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sockets if hard == resource.RLIM_INFINITY else min(sockets, hard - SPARE)


def find_descendant(process: int, words: str) -> int:
    """The process below ``process`` whose command line has ``words`` in it. Raises ``LookupError``."""
    threads = Path(f"/proc/{process}/task").glob("*/children")
    for child in [child for thread in threads for child in thread.read_text().split()]:
        line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        if words in line:
            return int(child)
        with suppress(LookupError):
            return find_descendant(int(child), words)
    raise LookupError(f"process {process} has started nothing with {words!r}")


class Server:
    """A process of ours that listens on ``port``. Used as a context manager; its output goes to ``log``."""

    def __init__(
        self,
        arguments: Sequence[str],
        port: int,
        log: Path,
        *,
        program: str = sys.executable,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``program`` gets the ``arguments``, and ``environment`` beside our own."""
        self.port = port
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [program, *arguments],
                cwd=REPOSITORY,
                env={**os.environ, **(environment or {})},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.is_ready():
                return self
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"the server did not come up:\n{self._log.read_text()[-4000:]}")

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Asks the process to end, and ends its whole session if it doesn't within 20 s."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
