"""The machine that the load comes from, and the versions of what matters to a figure."""

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Final

import psutil

from engine.embedded import EmbeddedServerError, find_binary
from loadtests.result import Machine

LIBRARIES: Final = (
    *("hiredis", "httptools", "msgspec", "numpy", "redis", "starlette", "uvicorn", "uvloop", "websockets"),
)
"""What frames, commands and the log go through."""

UNKNOWN: Final = "unknown"


def read_machine() -> Machine:
    """All of it. Memory is in bytes; ``cores`` are those that this process may use."""
    return Machine(
        system=platform.platform(),
        processor=read_processor(),
        cores=count_cores(),
        memory=psutil.virtual_memory().total,
        versions=read_versions(),
    )


def count_cores() -> int:
    """How many cores this process may use, where the system tells; else how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_processor(source: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name: that of Linux, where ``platform`` knows the architecture only."""
    try:
        found = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", source.read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine() or UNKNOWN


def read_versions() -> dict[str, str]:
    """Python, Livelot, the bundled log server, and the libraries."""
    versions = {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "livelot": read_version("livelot"),
        "valkey": read_server_version(),
    }
    return versions | {name: read_version(name) for name in LIBRARIES}


def read_version(package: str) -> str:
    """The version of an installed package."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return UNKNOWN


def read_server_version() -> str:
    """The version of the Valkey server that comes along; a server of one's own may be another one."""
    try:
        said = subprocess.run([find_binary(), "--version"], capture_output=True, text=True, timeout=5)
    except (EmbeddedServerError, OSError, subprocess.SubprocessError):
        return UNKNOWN
    found = re.search(r"v=(\S+)", said.stdout)
    return found[1] if found else UNKNOWN
