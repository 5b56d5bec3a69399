"""What a run's load comes from: processor, memory, versions."""

import os
import platform
import re
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from loadtests.result import Machine

LIBRARIES = ("livelot", "websockets", "uvloop", "msgspec")
"""Whose versions matter for what a crowd can do."""


def read_machine() -> Machine:
    """This machine; what it does not tell is empty or 0."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_find("/proc/cpuinfo", r"model name\s*:\s*(.+)") or platform.processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        memory=int(_find("/proc/meminfo", r"MemTotal:\s*(\d+)") or 0) * 1024,
        versions={"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}},
    )


def _find(path: str, pattern: str) -> str:
    with suppress(OSError):
        found = re.search(pattern, Path(path).read_text())
        return found[1].strip() if found else ""
    return ""
