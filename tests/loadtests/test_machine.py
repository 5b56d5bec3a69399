"""The machine is described, also where it tells little."""

from pathlib import Path

import pytest

from loadtests import machine


def test_this_machine_is_described() -> None:
    found = machine.read_machine()
    assert found.cores >= 1
    assert found.memory > 2**28
    assert found.system.split()[0] == "Linux"
    assert set(found.versions) == {"python", *machine.LIBRARIES}


def test_what_is_not_told_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", refuse)
    assert machine._find("/proc/meminfo", r"MemTotal:\s*(\d+)") == ""
