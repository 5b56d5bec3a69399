"""The processes of a program on this machine: which they are, by what they were started as.

A program's processes share a data folder, so one of them leads to all: the gateway that listens on a port, or
the folder itself. What a supervisor (`livelot up`) started belongs to it in any case. Other people's
processes, whose command lines may not be read, are passed over.
"""

import socket
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
import psutil

from gateway.settings import PREFIX, Settings

KINDS: Final = {"gateway": "gateway", "engine": "keeper", "up": "supervisor"}
"""The commands of `livelot` that are a program's processes, and what these are called."""

DEMO_MODULE: Final = "gateway.demo"
SERVER: Final = "valkey"


class Found(msgspec.Struct, frozen=True):
    """A process of some program: its ``kind``, and the data folder that it works in, if it says so."""

    kind: str
    process: psutil.Process
    folder: Path | None = None


def find_servers(
    url: str = "", *, data: Path | None = None, supervisor: int | None = None
) -> dict[str, psutil.Process]:
    """The processes by name ("gateway 1", "keeper", "valkey"): those below ``supervisor``, else those of the
    data folder, else those of the gateway that serves ``url`` from this machine. Empty where there are
    none."""
    everything = list(scan())
    if supervisor is not None:
        chosen = [one for one in everything if _is_below(one.process, supervisor)]
    else:
        folder = data.resolve() if data is not None else _find_folder(url, everything)
        chosen = _choose(everything, folder) if folder is not None else []
    return name_processes(chosen)


def scan() -> Iterator[Found]:
    """All processes on this machine that belong to some program."""
    for process in psutil.process_iter():
        # Processes end, and others are not ours to look at.
        with suppress(psutil.Error, OSError):
            found = _recognize(process)
            if found is not None:
                yield found


def name_processes(found: Iterable[Found]) -> dict[str, psutil.Process]:
    """Names by kind: gateways always have a number, others from the second one on. A supervisor only waits,
    and is left out."""
    numbers: Counter[str] = Counter()
    names = {}
    for one in sorted(found, key=lambda one: (one.process.create_time(), one.process.pid)):
        if one.kind == "supervisor":
            continue
        numbers[one.kind] += 1
        number = numbers[one.kind]
        names[one.kind if number == 1 and one.kind != "gateway" else f"{one.kind} {number}"] = one.process
    return names


def classify(arguments: list[str]) -> str:
    """What a command line starts: a kind of process, or nothing of ours.

    >>> classify(["python", "-P", "-m", "gateway.cli", "engine", "--data", "d"]), classify(["livelot", "up"])
    ('keeper', 'supervisor')
    """
    for argument, following in pairwise([*arguments, ""]):
        if argument == "gateway.cli" or Path(argument).name == "livelot":
            return KINDS.get(following, "")
        if argument == DEMO_MODULE:
            return "demo"
    return SERVER if arguments and "valkey-server" in arguments[0] else ""


def read_data_option(arguments: list[str]) -> str:
    """What a command line says of the data folder, if anything."""
    for argument, following in pairwise([*arguments, ""]):
        if argument == "--data":
            return following
        if argument.startswith("--data="):
            return argument.removeprefix("--data=")
    return ""


def _recognize(process: psutil.Process) -> Found | None:
    arguments = process.cmdline()
    kind = classify(arguments)
    if not kind:
        return None
    here = Path(process.cwd())
    if kind == SERVER:
        # It works in its own folder, which is one of those in the data folder.
        return Found(kind, process, here.parent)
    if kind == "demo":
        return Found(kind, process)
    named = read_data_option(arguments) or process.environ().get(f"{PREFIX}DATA", "") or Settings().data
    return Found(kind, process, (here / named).resolve())


def _choose(everything: list[Found], folder: Path) -> list[Found]:
    """Those of the folder, and whatever its supervisor has started."""
    chosen = [one for one in everything if one.folder == folder]
    supervisors = {one.process.pid for one in chosen if one.kind == "supervisor"}
    beside = [one for one in everything if one.folder is None and one.process.ppid() in supervisors]
    return chosen + beside


def _find_folder(url: str, everything: list[Found]) -> Path | None:
    """The data folder of the gateway that listens where the URL points, if that is on this machine."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    if not parts.hostname or not _is_local(parts.hostname):
        return None
    for one in everything:
        if one.kind == "gateway" and port in _listening_ports(one.process):
            return one.folder
    return None


def _listening_ports(process: psutil.Process) -> set[int]:
    with suppress(psutil.Error, OSError):
        connections = process.net_connections("tcp")
        return {one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN}
    return set()


def _is_local(host: str) -> bool:
    """Whether a host's name or address is one of this machine's."""
    try:
        addresses = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    own = {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}
    return bool(addresses & own)


def _is_below(process: psutil.Process, ancestor: int) -> bool:
    with suppress(psutil.Error):
        return any(parent.pid == ancestor for parent in process.parents())
    return False
