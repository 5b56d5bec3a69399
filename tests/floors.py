"""The least line coverage of each package: what `make test` looks at once the tests have run.

    coverage json -o FILE && python -m tests.floors FILE

The file is coverage's own report, in which what all processes did has been put together. Files that nothing
imports are in it, with nothing covered.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

FLOORS: Final = {"rules": 97.0, "engine": 97.0, "gateway": 92.0}
"""Per cent of a package's lines."""


def covered_lines(report: dict[str, Any], package: str) -> tuple[int, int]:
    """How many lines of a package were executed, and how many it has."""
    summaries = [file["summary"] for path, file in report["files"].items() if path.startswith(f"{package}/")]
    return (
        sum(summary["covered_lines"] for summary in summaries),
        sum(summary["num_statements"] for summary in summaries),
    )


def judge(report: dict[str, Any]) -> tuple[list[str], bool]:
    """A line about each package, and whether all of them are at or above their floor."""
    lines, good = [], True
    for package, floor in FLOORS.items():
        covered, statements = covered_lines(report, package)
        share = 100 * covered / statements if statements else 0.0
        good = good and share >= floor
        verdict = "" if share >= floor else " — TOO FEW"
        lines.append(f"{package}: {share:.2f} % of {statements} lines covered, {floor:g} wanted{verdict}")
    return lines, good


if __name__ == "__main__":
    told, fine = judge(json.loads(Path(sys.argv[1]).read_text()))
    print("\n".join(told))  # noqa: T201
    sys.exit(not fine)
