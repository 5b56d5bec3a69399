"""A PostgreSQL server for a benchmark: its own data folder, a private Unix socket, nobody else's settings.

It syncs every commit to disk before it answers (``fsync`` and ``synchronous_commit`` are on, as they are by
default). What is set besides is what its documentation advises for a server with a small machine to itself
("Resource Consumption" and "Write Ahead Log" of https://www.postgresql.org/docs/current/runtime-config.html):
a quarter of a gigabyte of shared buffers, and room in the log, so that no checkpoint falls into a round.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from benchmarks.servers import DEADLINE

USERS = ("postgres", "nobody")
"""Whom the server runs as where we are root, which PostgreSQL refuses to be: the first that there is."""

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps its versions, which are not on the PATH."""

DATABASE = "postgres"
OWNER = "bench"

LONGEST_SOCKET_PATH = 107
"""Bytes in the path of a Unix socket on Linux (``sun_path`` in unix(7))."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "max_connections": "50",
}


class Missing(Exception):  # noqa: N818 - the name says what is the case
    """There is no PostgreSQL that could be started here; the words say why, and what to do."""


def find_binaries() -> Path:
    """The folder with ``initdb`` and ``postgres``: what the PATH leads to, or the newest of Debian's. Raises
    ``Missing``."""
    named = shutil.which("initdb")
    places = [Path(named).resolve().parent] if named else []
    # 15 is newer than 9.6, whatever their first letters say.
    versions = DEBIAN.glob("*/bin")
    places += sorted(versions, key=lambda place: float(place.parent.name), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise Missing("there is no PostgreSQL server here (on Debian: apt-get install postgresql)")


def choose_user() -> str | None:
    """Whom the server runs as: None for ourselves. Raises ``Missing`` where there is nobody for it."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for user in USERS:
        if user in known:
            return user
    raise Missing(f"PostgreSQL does not run as root, and there is no user {' or '.join(USERS)}")


class PostgreSQL:
    """A server in a fresh folder below ``parent``, as a context manager that is entered once it takes
    connections; entering raises ``Missing`` where no server can be started."""

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._user: str | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def folder(self) -> Path:
        """Where its data, its socket and what it says are."""
        assert self._folder is not None
        return Path(self._folder.name)

    @property
    def process(self) -> int:
        """The server's first process; it starts one for each connection, and some for itself."""
        assert self._process is not None
        return self._process.pid

    @property
    def address(self) -> str:
        """What a client reaches it by."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self.folder), safe='')}"

    def __enter__(self) -> Self:
        binaries = find_binaries()
        self._user = choose_user()
        self._folder = tempfile.TemporaryDirectory(prefix="livelot-sql-", dir=self._parent)
        try:
            self._hand_over_folder()
            self._make_data(binaries)
            self._start(binaries)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server at once, and removes its folder ("Shutting Down the Server", SIGQUIT)."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(DEADLINE)
        if self._folder is not None:
            self._folder.cleanup()

    def _hand_over_folder(self) -> None:
        """Makes the folder the server's own. Raises ``Missing`` where it is no place for it."""
        if len(os.fsencode(self.folder / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
            raise Missing(f"{self._parent} is too long a path for a socket: set LIVELOT_BENCH_FOLDER")
        if self._user is None:
            return
        shutil.chown(self.folder, self._user)
        try:
            subprocess.run(["true"], cwd=self.folder, user=self._user, extra_groups=(), check=True)
        except PermissionError as error:
            raise Missing(f"{self._user} may not enter {self._parent}: set LIVELOT_BENCH_FOLDER") from error

    def _make_data(self, binaries: Path) -> None:
        options = ["--no-locale", "--encoding=UTF8", "--auth=trust", "--no-sync", f"--username={OWNER}"]
        made = self._run(binaries / "initdb", [*options, f"--pgdata={self.folder / 'data'}"])
        if made.wait(DEADLINE):
            raise RuntimeError(f"initdb has failed:\n{self._last_words()}")

    def _start(self, binaries: Path) -> None:
        options = [f"--{name}={value}" for name, value in SETTINGS.items()]
        places = ["-D", str(self.folder / "data"), f"--unix_socket_directories={self.folder}"]
        self._process = self._run(binaries / "postgres", [*places, *options])
        deadline = time.monotonic() + DEADLINE
        while not self._is_ready():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not come up:\n{self._last_words()}")
            time.sleep(0.02)

    def _run(self, binary: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        with (self.folder / "postgres.log").open("ab") as output:
            return subprocess.Popen(
                [str(binary), *arguments],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                user=self._user,
                group=pwd.getpwnam(self._user).pw_gid if self._user else None,
                extra_groups=() if self._user else None,
            )

    def _last_words(self) -> str:
        return (self.folder / "postgres.log").read_text()[-4000:]

    def _is_ready(self) -> bool:
        """Whether it takes connections: a line of its own file says so (``LOCK_FILE_LINE_PM_STATUS`` in
        PostgreSQL's src/include/utils/pidfile.h)."""
        try:
            return (self.folder / "data" / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        except (FileNotFoundError, IndexError):
            return False
