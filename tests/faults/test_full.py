"""The log's server has no room: on its disk, in its memory, or for another byte in its file.

Nothing is acknowledged that it could not keep; commands wait, and are done once there is room.
"""

import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.embedded import EmbeddedServer
from tests.faults.stage import (
    audit,
    client_of,
    load_on,
    machine,
    make_server,
    own_log,
    wait_for_words,
    wait_until,
)
from tests.faults.test_lost_log import file_of
from tests.gateway.test_supervisor import Livelot

BACK_SECONDS = 20.0
"""From the moment at which there is room until commands are acknowledged again."""

DISK_MEGABYTES = 16
ROOM = 16 * 1024
"""Bytes that are left to the server when its room is made small: less than a load writes in a second."""

KILOBYTE = 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with a disk of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mounting, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount here to make a small disk with")
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted (it takes root): {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all room that is left but for a little."""
    filler = folder / "filler"
    room = os.statvfs(folder)
    with filler.open("wb") as file:
        file.write(bytes(room.f_bavail * room.f_frsize - ROOM))
    return filler


@pytest.mark.faults
def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """Log and vault are on it. Valkey ends where it cannot write, since it has promised to."""
    with machine(tmp_path, data=small_disk / "data") as livelot:
        with load_on(livelot) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            said = len(livelot.lines)
            filler = fill(small_disk)
            livelot.wait_for("The log's server ended (code 1); it is started again.", said)
            wait_for_words(livelot, "log unavailable", within=BACK_SECONDS)
            assert load.count_in(2.0) <= 50
            filler.unlink()
            load.wait_for_more(100, within=BACK_SECONDS)
        audit(own_log(livelot), load, livelot)
        assert livelot.end() == 0


def test_a_file_that_may_not_grow_is_torn_and_mended(tmp_path: Path) -> None:
    """A quota ends the server in the middle of a write; the next one takes the torn end off."""
    with machine(tmp_path) as livelot:
        with load_on(livelot) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            said = len(livelot.lines)
            file = file_of(EmbeddedServer(livelot.folder / "valkey"))
            limit = file.stat().st_size + ROOM
            resource.prlimit(livelot.pid_of("log"), resource.RLIMIT_FSIZE, (limit, limit))
            said = livelot.wait_for("The log's server ended (", said)
            livelot.wait_for("The log's server is back", said)
            load.wait_for_more(50, within=BACK_SECONDS)
        audit(own_log(livelot), load, livelot)
        assert livelot.end() == 0


def limit_memory(server: EmbeddedServer) -> None:
    """Leaves the server a little more than it uses now."""
    with client_of(server) as client:
        used = client.info("memory")["used_memory"]
        client.config_set("maxmemory", used + 64 * KILOBYTE)


def fill_log(livelot: Livelot) -> None:
    """Some hundred kilobytes of log, and next to nothing else."""
    titles = dict.fromkeys(("en", "nb", "ar", "de"), "." * 450)
    for stock in range(120):
        terms = {"kind": "dining", "points": 1_000, "titles": titles, "stock": stock}
        assert livelot.call("PUT", "/v1/experiences/ballast", terms=terms).status_code == 200


@pytest.mark.faults
def test_a_full_memory_is_made_room_in_by_the_keeper(tmp_path: Path) -> None:
    """A snapshot lets it take out of the log what lies before, long before one would be due."""
    with make_server(tmp_path / "valkey") as server, machine(tmp_path, "--log-url", server.url) as livelot:
        with load_on(livelot) as load:
            fill_log(livelot)
            limit_memory(server)
            wait_for_words(livelot, "used memory > 'maxmemory'", within=BACK_SECONDS)
            wait_for_words(livelot, '"event": "trimmed"', within=BACK_SECONDS)
            load.wait_for_more(100, within=BACK_SECONDS)
        audit(server.url, load, livelot)
        assert livelot.end() == 0


@pytest.mark.faults
def test_a_full_memory_until_there_is_more(tmp_path: Path) -> None:
    """Others have it, and the keeper can take nothing out of the log: a person makes room."""
    with make_server(tmp_path / "valkey") as server, machine(tmp_path, "--log-url", server.url) as livelot:
        with client_of(server) as client, load_on(livelot) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            limit_memory(server)
            wait_for_words(livelot, "used memory > 'maxmemory'", within=BACK_SECONDS)
            wait_until(lambda: load.count_in(1.0) == 0, within=BACK_SECONDS, what="full memory")
            client.config_set("maxmemory", 0)
            load.wait_for_more(100, within=BACK_SECONDS)
        audit(server.url, load, livelot)
        assert livelot.end() == 0
