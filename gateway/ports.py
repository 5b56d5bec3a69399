"""The gateway's port: taken, or told who has it."""

import errno
import socket
from pathlib import Path
from typing import Final

from gateway.failures import PortTaken

_LISTENING: Final = "0A"
"""The state of a listening socket in /proc/net/tcp (proc_net_tcp in the kernel's documentation)."""


def take_port(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ``PortTaken``, with the process that has the port if that can be found."""
    try:
        return listen(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            words = error.strerror or str(error)
            raise PortTaken(f"The gateway cannot listen on {host}, port {port}: {words}.") from error
        holder = find_listener(port)
        raise PortTaken(
            f"Port {port} on {host} is in use by {holder or 'another process'}: end it, or choose another "
            "--port."
        ) from error


def check_port(host: str, port: int) -> None:
    """Raises ``PortTaken`` unless the port can be listened on now."""
    take_port(host, port).close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any that is free. Raises ``OSError`` where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def find_listener(port: int) -> str:
    """The process that listens on ``port``, as ``process 123 (python)``; empty where it cannot be told.

    Linux tells, of our own processes, or to root of all.
    """
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in sockets for link in (process / "fd").iterdir()):
                return f"process {process.name} ({(process / 'comm').read_text().strip()})"
        except OSError:
            continue  # not ours to look at, or gone meanwhile
    return ""


def _listening_inodes(port: int) -> list[str]:
    inodes = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue  # not Linux
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.append(fields[9])
    return inodes
