"""The log's server loses what it had acknowledged: its file is cut, or another server stands in its place.

Nobody may go on as if nothing had been, and nobody can decide alone: every process stops and says what to do.
What was lost is in the vault by then, since whoever had applied it saves its state before it stops.
"""

import os
from pathlib import Path

import pytest

from engine.embedded import EmbeddedServer
from tests.faults.stage import (
    audit,
    load_on,
    machine,
    make_server,
    port_of,
    wait_for_words,
    written,
)
from tests.gateway.test_supervisor import Livelot, run

STOPPED_SECONDS = 20.0
"""Until every process has stopped with instructions."""

BACK_SECONDS = 60.0
"""From the operator's step until commands are acknowledged again: supervisors try again now and then."""

LOSS = "the log's server has lost entries that were acknowledged"
SAVED = "state saved: the log has lost it"


def file_of(server: EmbeddedServer) -> Path:
    """What the server appends to."""
    [file] = (server.folder / "appendonlydir").glob("*.incr.aof")
    return file


def crash(server: EmbeddedServer) -> None:
    """Ends it by kill -9."""
    assert server.process is not None
    server.process.kill()
    server.process.wait()


def wait_until_stopped(*livelots: Livelot, said: int) -> None:
    """Gateway and keeper of each have stopped for a person, who is told what is the case."""
    for livelot in livelots:
        livelot.wait_for("The gateway ended (code 70)", said)
        livelot.wait_for("The keeper ended (code 70)", said)
        wait_for_words(livelot, f"livelot: {LOSS}", within=STOPPED_SECONDS)
        wait_for_words(livelot, f"livelot: Nothing goes on in this log: {LOSS}", within=STOPPED_SECONDS)
        assert "livelot log rotate --from-vault" in written(livelot)


def test_a_lost_tail_goes_on_from_the_vault(tmp_path: Path) -> None:
    with make_server(tmp_path / "valkey") as server, machine(tmp_path, "--log-url", server.url) as livelot:
        with load_on(livelot) as load:
            load.wait_for_more(50, within=BACK_SECONDS)
            size = file_of(server).stat().st_size
            load.wait_for_more(50, within=BACK_SECONDS)
            said = len(livelot.lines)
            crash(server)
            os.truncate(file_of(server), size - 10)  # in the middle of a command
            server.start()
            wait_until_stopped(livelot, said=said)
            assert SAVED in written(livelot)
            rotated = run(
                "log", "rotate", "--from-vault", "--data", str(livelot.folder), "--log-url", server.url
            )
            assert rotated.returncode == 0, rotated.stderr
            assert "goes on at 2:0-1" in rotated.stdout
            load.wait_for_more(50, within=BACK_SECONDS)
        assert audit(server.url, load, livelot).epoch == 2
        assert livelot.end() == 0


@pytest.mark.faults
def test_an_empty_server_in_its_place(tmp_path: Path) -> None:
    """The right one comes back: everything goes on by itself, where it was."""
    server = make_server(tmp_path / "valkey")
    url = f"redis://127.0.0.1:{port_of(server)}"
    data = tmp_path / "data"
    with (
        server,
        machine(tmp_path / "one", "--log-url", url, data=data) as one,
        machine(tmp_path / "two", "--log-url", url, data=data) as two,
    ):
        with load_on(one, two) as load:
            load.wait_for_more(100, within=BACK_SECONDS)
            said = max(len(one.lines), len(two.lines))
            crash(server)
            with make_server(tmp_path / "empty", port_of(server)):
                wait_until_stopped(one, two, said=said)
                assert load.count_in(1.0) == 0
            server.start()
            load.wait_for_more(100, within=BACK_SECONDS)
        audit(server.url, load, one, two)
        assert (one.end(), two.end()) == (0, 0)
