"""Two versions of the code on one log: they decide alike, and the older one stops where it would not.

The newer one is this code with a level more (newer.py), so that it is this code's part as the older one that
is tested.
"""

import sys
from pathlib import Path

import pytest

from engine.commands import LEVEL
from tests.faults.load import Load
from tests.faults.stage import audit, load_on, machine, make_server, wait_for_words
from tests.gateway.test_supervisor import Livelot

BACK_SECONDS = 30.0
"""Until commands are acknowledged, by whichever version."""

STOPPED_SECONDS = 20.0
"""Until every older process has stopped with instructions."""

NEWER = (sys.executable, "-P", str(Path(__file__).parent / "newer.py"))


def raise_level(old: Livelot, new: Livelot, load: Load) -> None:
    """What the older version refuses, the newer one does: the older one's processes stop."""
    refused = old.call("POST", "/v1/program/level", level=LEVEL + 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "level_unknown")
    load.wait_for_more(50, within=BACK_SECONDS)
    said = len(old.lines)
    assert new.call("POST", "/v1/program/level", level=LEVEL + 1).status_code == 200
    for name in ("gateway", "keeper"):
        old.wait_for(f"The {name} ended (code 70); it is started again", said)
    words = f"the program was raised to level {LEVEL + 1}; this code knows {LEVEL}: upgrade it"
    wait_for_words(old, words, within=STOPPED_SECONDS)
    load.wait_for_more(50, within=BACK_SECONDS)


@pytest.mark.faults
def test_an_older_version_beside_a_newer_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, log = tmp_path / "data", make_server(tmp_path / "valkey")
    options = ("--log-url", log.url)
    with log, machine(tmp_path / "old", *options, data=data) as old:
        with machine(tmp_path / "new", *options, data=data, livelot=NEWER) as new:
            with load_on(old, new) as load:
                load.wait_for_more(50, within=BACK_SECONDS)
                assert new.call("GET", "/v1/program").json()["level"] == LEVEL
                raise_level(old, new, load)
                assert old.end() == 0
                with machine(tmp_path / "upgraded", *options, data=data, livelot=NEWER) as upgraded:
                    load.urls[0] = upgraded.url
                    load.wait_for_more(50, within=BACK_SECONDS)
                    load.finish()
                    monkeypatch.setattr("engine.machine.LEVEL", LEVEL + 1)
                    assert audit(log.url, load, new, upgraded).level == LEVEL + 1
