"""Packages of npm for the peers that run on Node: installed once, into the user's cache folder and never into
the repository."""

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.results import FULL

PACKAGES = ("ws@8.23.0", "socket.io@4.8.4")

FOLDER = (
    Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    / "livelot-benchmarks"
    / "-".join(package.replace("@", "-") for package in PACKAGES)
)
"""Where they are; other versions have another folder."""

SECONDS = 120
"""How long the installation may take."""


class PackagesMissing(Exception):  # noqa: N818
    """There is no Node, or its packages are not there; the words say what would be right."""


def find_packages() -> tuple[str, Path]:
    """Node's program and the folder ``node_modules``.

    A run that measures installs what is missing; one that only checks does not go to any registry. Raises
    ``PackagesMissing``.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise PackagesMissing("Node is not installed (on Debian: apt-get install nodejs npm)")
    modules = FOLDER / "node_modules"
    finished = FOLDER / "installed"
    if not finished.exists():
        if not FULL:
            raise PackagesMissing(f"{FOLDER} is not there yet: a run at full size (make bench) installs it")
        _install(npm)
        finished.touch()
    return node, modules


def _install(npm: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        subprocess.run([*command, *PACKAGES], check=True, capture_output=True, text=True, timeout=SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        words = getattr(error, "stderr", None) or str(error)
        raise PackagesMissing(
            f"npm could not install {', '.join(PACKAGES)}: {words.strip()[-500:]}"
        ) from error
