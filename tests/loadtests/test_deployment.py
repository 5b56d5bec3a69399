"""A program's processes are found, whatever one begins with."""

import doctest
import os
import socket
from pathlib import Path

import psutil
import pytest

from benchmarks.livelot import Livelot
from benchmarks.servers import find_free_port
from loadtests import deployment
from loadtests.deployment import Found, classify, find_servers, name_processes, read_data_option


@pytest.fixture
def pids(livelot: Livelot) -> dict[str, int]:
    """The processes as the benchmarks find them."""
    return {"gateway 1": livelot.gateway, "keeper": livelot.keeper, "valkey": livelot.valkey}


def found(**where: object) -> dict[str, int]:
    return {name: process.pid for name, process in find_servers(**where).items()}  # type: ignore[arg-type]


def test_the_examples_are_true() -> None:
    assert doctest.testmod(deployment).failed == 0


def test_the_gateways_address_leads_to_all(livelot: Livelot, pids: dict[str, int]) -> None:
    assert found(url=livelot.url) == pids
    assert found(url=livelot.url.replace("127.0.0.1", "localhost")) == pids


def test_so_do_the_data_folder_and_the_supervisor(livelot: Livelot, pids: dict[str, int]) -> None:
    assert found(data=Path(psutil.Process(livelot.valkey).cwd()).parent) == pids
    assert found(supervisor=livelot.process.pid) == pids


def test_what_is_not_here_is_not_found(tmp_path: Path, livelot: Livelot) -> None:
    assert found(url=f"http://127.0.0.1:{find_free_port()}") == {}
    assert found(url="http://192.0.2.1:8080") == {}
    assert found(url="http://nowhere.invalid") == {}
    assert found(url="") == {}
    assert found(data=tmp_path) == {}
    assert found(supervisor=os.getpid() + 2**22) == {}


def test_a_port_of_another_process_is_nobodys(livelot: Livelot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert found(url=f"http://127.0.0.1:{other.getsockname()[1]}") == {}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("python -P -m gateway.cli gateway --port 1", "gateway"),
        ("python /venv/bin/livelot engine", "keeper"),
        ("python /venv/bin/livelot up --demo", "supervisor"),
        ("python -P -m gateway.demo --url x", "demo"),
        ("/x/valkey-server unixsocket:/d/valkey.sock", "valkey"),
        ("python -P -m gateway.cli storm --demo", ""),
        ("python -m gateway.cli", ""),
        ("grep gateway", ""),
        ("", ""),
    ],
)
def test_command_lines_tell_what_they_start(line: str, kind: str) -> None:
    assert classify(line.split()) == kind


def test_the_data_option_is_read_in_both_its_forms() -> None:
    assert read_data_option(["x", "--data", "d"]) == "d"
    assert read_data_option(["x", "--data=d"]) == "d"
    assert read_data_option(["x", "--data"]) == read_data_option([]) == ""


class Process:
    """As much of a process as its name hangs on."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def create_time(self) -> float:
        return float(self.pid)


def test_gateways_are_numbered_by_age_and_supervisors_left_out() -> None:
    kinds = {4: "gateway", 2: "gateway", 3: "keeper", 5: "keeper", 1: "supervisor", 6: "valkey"}
    named = name_processes(Found(kind, Process(pid)) for pid, kind in kinds.items())  # type: ignore[arg-type]
    assert {name: process.pid for name, process in named.items()} == {
        "gateway 1": 2,
        "keeper": 3,
        "gateway 2": 4,
        "keeper 2": 5,
        "valkey": 6,
    }
