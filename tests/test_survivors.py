"""What `make mutants` says of its mutants."""

import json
from pathlib import Path

import pytest

from tests.survivors import killed, outcomes, report, verdict_on


def test_mutants_that_were_not_tried_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "a.meta").write_text(json.dumps({"exit_code_by_key": {"x": 1, "y": None}}))
    (tmp_path / "b.meta").write_text(json.dumps({"exit_code_by_key": {"z": 0}}))
    assert outcomes(tmp_path) == {"x": 1, "z": 0}


@pytest.mark.parametrize(
    ("codes", "share"), [({}, 0), ({"a": 0}, 0), ({"a": 1, "b": 0}, 50), ({"a": 1, "b": -24}, 100)]
)
def test_whatever_is_not_survival_is_a_kill(codes: dict[str, int], share: float) -> None:
    assert killed(codes) == share


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("    if auction.price <= auction.reserve <= auction.leader_maximum:", "the same: the price"),
        ('    raise Rejection("forbidden", "XXNot for you.XX")', "words for people"),
        ("    price = base - 1", "LOOK AT IT"),
    ],
)
def test_verdicts(line: str, verdict: str) -> None:
    change = f"--- a.py\n+++ b.py\n-    whatever\n+{line}\n"
    assert verdict_on(change).startswith(verdict)
    told = list(report({"m": 0, "n": 1}, {"m": change}))
    assert told[0].startswith("m: ")
    assert told[1:3] == ["    -    whatever", f"    +{line}"]
    assert told[-1].startswith("1 of 2 mutants killed: 50.0 %")
