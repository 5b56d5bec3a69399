"""What every benchmark shares: a folder on a real disk, and the table and the JSON file at the end of a
run."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter
from rich.console import Console

from benchmarks import results

NOT_DISKS = ("tmpfs", "ramfs")


def read_file_system(folder: Path) -> str:
    """The type of the file system that ``folder`` is on, or "unknown" where there is no /proc/mounts."""
    try:
        mounts = Path("/proc/mounts").read_text().splitlines()
    except FileNotFoundError:
        return "unknown"
    by_point = {Path(line.split()[1]): line.split()[2] for line in mounts}
    return next((by_point[point] for point in (folder, *folder.parents) if point in by_point), "unknown")


@pytest.fixture(scope="module")
def disk_folder() -> Iterator[Path]:
    """A fresh folder on a disk, below LIVELOT_BENCH_FOLDER if that is set: an fsync on a tmpfs costs
    nothing."""
    parent = Path(os.environ.get("LIVELOT_BENCH_FOLDER") or tempfile.gettempdir()).resolve()
    if results.FULL and read_file_system(parent) in NOT_DISKS:
        pytest.fail(f"{parent} is not on a disk: set LIVELOT_BENCH_FOLDER to a folder that is")
    with tempfile.TemporaryDirectory(prefix="livelot-bench-", dir=parent) as folder:
        yield Path(folder)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Prints what was left out, the table when measuring, and writes the JSON file where BENCH_JSON says."""
    path = os.environ.get("BENCH_JSON", "")
    if path:
        results.write_json(Path(path), results.FIGURES, results.COMPARISONS, results.LEFT_OUT)
    for line in results.LEFT_OUT:
        terminalreporter.write_line(line)
    if results.FULL and (results.FIGURES or results.COMPARISONS):
        console = Console(width=160)
        with console.capture() as capture:
            console.print(results.render_table(results.FIGURES))
            console.print(results.render_comparisons(results.COMPARISONS))
        terminalreporter.write_line("")
        terminalreporter.write(capture.get())
        if path:
            terminalreporter.write_line(f"written to {path}")
