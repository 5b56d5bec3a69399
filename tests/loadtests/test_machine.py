"""The machine is described, also where it tells little."""

import platform
from pathlib import Path

import pytest

from engine.embedded import EmbeddedServerError
from loadtests import machine
from loadtests.machine import read_machine, read_processor, read_server_version, read_version


def test_this_machine_is_described() -> None:
    described = read_machine()
    assert described.system == platform.platform()
    assert described.cores >= 1
    assert described.memory > 2**28
    assert described.processor
    assert platform.python_version() in described.versions["python"]
    assert set(described.versions) == {"python", "livelot", "valkey", *machine.LIBRARIES}
    assert described.versions["valkey"][0].isdigit()


def test_the_processors_name_is_linux_own(tmp_path: Path) -> None:
    source = tmp_path / "cpuinfo"
    source.write_text("processor\t: 0\nmodel name\t: Two Cores 3000 \nmodel name\t: other\n")
    assert read_processor(source) == "Two Cores 3000"
    assert read_processor(tmp_path / "none") == platform.processor() or platform.machine()


def test_what_is_not_installed_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_version("no-such-package") == "unknown"

    def fail() -> Path:
        raise EmbeddedServerError("there is none")

    monkeypatch.setattr(machine, "find_binary", fail)
    assert read_server_version() == "unknown"
