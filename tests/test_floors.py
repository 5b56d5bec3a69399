"""Line coverage below a package's floor fails the run, also where a whole package was not measured."""

from typing import Any

import pytest

from tests.floors import FLOORS, judge


def report(**covered: int) -> dict[str, Any]:
    """A report of one file a package, with a thousand lines of which so many are covered."""
    return {
        "files": {
            f"{package}/some/file.py": {"summary": {"covered_lines": lines, "num_statements": 1_000}}
            for package, lines in covered.items()
        }
    }


@pytest.mark.parametrize(
    ("covered", "good"),
    [
        ({"rules": 970, "engine": 970, "gateway": 920}, True),
        ({"rules": 969, "engine": 999, "gateway": 999}, False),
        ({"rules": 999, "engine": 969, "gateway": 999}, False),
        ({"rules": 999, "engine": 999, "gateway": 919}, False),
        ({"rules": 999, "engine": 999}, False),
        ({}, False),
    ],
)
def test_each_package_has_its_floor(covered: dict[str, int], good: bool) -> None:
    lines, judged = judge(report(**covered))
    assert judged is good
    assert len(lines) == len(FLOORS)
    assert ("TOO FEW" in "".join(lines)) is not good
