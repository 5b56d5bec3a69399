"""What every release decided is decided alike today: golden logs and snapshots, replayed to their digests.

The running digest stands for every outcome and event since the log's beginning, so it must be the recorded
one for ever. The state's digest hangs on the shape of snapshots too, which newer code may add fields to: it
must be the recorded one at the level of the code that is here, and for older ones the same from every
snapshot that their code wrote as from the log's first entry.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from engine.commands import LEVEL, LEVELS, AnyCommand
from engine.errors import Rejected
from engine.machine import apply_entry, decode_batch, start
from engine.program import Program
from engine.vault import Vault
from tests.golden.recording import record
from tests.golden.replaying import (
    FOLDER,
    Digests,
    continue_from_snapshots,
    recorded_digests,
    replay_log,
    unpacked,
)

ROOT = FOLDER.parents[1]
OLDEST_PYTHON = (3, 11)
LARGEST = 60_000
"""Bytes of a golden: it stays in the repository for good."""

RELEASES = range(1, LEVEL + 1)


@cache
def replayed_here(level: int) -> dict[str, Digests]:
    with unpacked(level) as logs:
        return {log.name: replay_log(log) for log in logs}


def test_every_level_has_its_golden() -> None:
    found = {int(re.sub(r"\D", "", path.name.partition(".")[0])) for path in FOLDER.glob("level-*.tar.xz")}
    assert found == {*RELEASES}, "`make golden` records that of a new level: see tests/golden/recording.py"


def test_goldens_are_small() -> None:
    assert [path.name for path in FOLDER.glob("*.xz") if path.stat().st_size > LARGEST] == []


@pytest.mark.parametrize("level", RELEASES)
def test_a_golden_has_every_command_of_its_level(level: int) -> None:
    sent, accepted = set(), set()
    with unpacked(level) as logs:
        for log in logs:
            program: Program | None = None
            for entry in Vault(log).read_archive(1):
                batch = decode_batch(entry.payload)
                program = program or start(batch)
                outcomes = apply_entry(program, *entry.id, entry.payload, batch).outcomes
                for envelope, outcome in zip(batch.commands, outcomes, strict=False):
                    sent.add(type(envelope.command))
                    accepted |= set() if isinstance(outcome, Rejected) else {type(envelope.command)}
    known = {command for command in get_args(AnyCommand) if LEVELS.get(command, 1) <= level}
    assert sent == known
    # At the first level there is none to raise a program to.
    assert {command.__name__ for command in known - accepted} == ({"RaiseLevel"} if level == 1 else set())


@pytest.mark.parametrize("level", RELEASES)
def test_a_release_is_replayed_to_its_digests(level: int) -> None:
    with unpacked(level) as logs:
        recorded = {log.name: recorded_digests(log) for log in logs}
    replayed = replayed_here(level)
    assert len(recorded) >= 2
    assert [without_state(log) for log in replayed.values()] == [
        without_state(log) for log in recorded.values()
    ]
    if level == LEVEL:
        assert replayed == recorded, "the state's shape changed: see tests/golden/recording.py"


@pytest.mark.parametrize("level", RELEASES)
def test_a_release_s_snapshots_go_on_to_the_same_state(level: int) -> None:
    with unpacked(level) as logs:
        for log in logs:
            at = {digests["entries"]: digests for digests in replayed_here(level)[log.name]}
            continued = continue_from_snapshots(log)
            assert continued
            for first, last in continued:
                assert first == at[first["entries"]], log.name
                assert last == at[last["entries"]], log.name


def without_state(digests: Digests) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "state"} for one in digests]


# Every Python, every hash seed.


def find_pythons() -> dict[str, list[Path]]:
    """The interpreters of each supported version: this one, those of ``make pythons``, and others."""
    here = "{}.{}".format(*sys.version_info)
    found: dict[str, list[Path]] = {here: [Path(sys.executable)]}
    named = [(path.parents[1].name, path) for path in sorted(ROOT.glob(".venv-3.*/bin/python"))]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    named += [(path.parents[1].name, path) for path in sorted(pyenv.glob("versions/3.*/bin/python"))]
    for minor in range(OLDEST_PYTHON[1], OLDEST_PYTHON[1] + 10):
        where = shutil.which(f"python3.{minor}")
        named += [(f"3.{minor}", Path(where))] if where else []
    for name, path in named:
        version = re.search(r"(\d+)\.(\d+)", name)
        if version and (int(version[1]), int(version[2])) >= OLDEST_PYTHON and version[0] != here:
            found.setdefault(version[0], []).append(path)
    return found


PYTHONS = find_pythons()


NO_PYTHON = 127
"""The exit code of a name on the path (pyenv's shims are such) behind which no interpreter is installed."""


def replay_elsewhere(python: Path, seed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "tests.golden.replaying", *map(str, RELEASES)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("seed", ["0", "4711"])
@pytest.mark.parametrize("version", PYTHONS)
def test_one_decision_in_every_python(version: str, seed: str) -> None:
    for python in PYTHONS[version]:
        done = replay_elsewhere(python, seed)
        if done.returncode != NO_PYTHON and "ModuleNotFoundError" not in done.stderr:
            break
    else:
        missing = done.stderr.strip().rpartition("ModuleNotFoundError: ")[2]
        pytest.skip(f"Python {version} ({python}) lacks what the engine needs: {missing}; see `make pythons`")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {str(level): replayed_here(level) for level in RELEASES}


# A golden is recorded once.


def test_a_golden_is_never_recorded_twice(tmp_path: Path) -> None:
    (tmp_path / f"level-{LEVEL}.tar.xz").write_bytes(b"recorded")
    with pytest.raises(SystemExit, match="recorded before"):
        record(tmp_path)
