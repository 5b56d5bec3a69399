"""`livelot simulate`: what it tells, and how it ends."""

import re
import sys

import pytest

from engine.simulator.__main__ import app
from tests.engine.simulator.planting import bug_named, planted


def simulate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, str]:
    """Exit code and output."""
    monkeypatch.setattr(sys, "argv", ["livelot simulate", *options])
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        app()
    written = capsys.readouterr()
    return int(ended.value.code or 0), written.out + written.err


def test_it_tells_how_much_was_played(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = simulate(monkeypatch, capsys, "--seed", "3", "--commands", "1")
    assert code == 0
    assert re.search(r"[\d,]+ commands in 1 chapters, [\d,]+ a second; [\d,]+ entries; no violation", told)
    assert "faults: " in told
    assert "rare paths reached: " in told


def test_a_violation_names_the_command_that_shows_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with planted(bug_named("a hold is not released when outbid")):
        code, told = simulate(monkeypatch, capsys, "--seed", "1", "--faults", "none")
        assert code == 1
        assert "VIOLATION in chapter" in told
        found = re.search(r"livelot simulate (--seed \d+ --chapter \d+ --faults none)", told)
        assert found
        assert re.search(r"the log alone shows it, in \d+ commands", told)
        assert told.count("PlaceBid") <= 3
        again, same = simulate(monkeypatch, capsys, *found[1].split(), "--no-shrink")
    assert again == 1
    assert told.startswith(same.splitlines()[0])


def test_without_faults_there_are_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = simulate(monkeypatch, capsys, "--commands", "1", "--faults", "none")
    assert code == 0
    assert "faults: \n" in told


def test_an_unknown_fault_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = simulate(monkeypatch, capsys, "--faults", "latency,earthquake")
    assert code == 2
    assert "earthquake: there is no such fault" in re.sub(r"\s+", " ", told.replace("│", " "))
