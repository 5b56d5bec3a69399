"""The embedded server under strace: its fsyncs slowed, and every write and fsync that it makes on record.

strace injects a delay into each fsync, so that whatever does not wait for it is far ahead; and it writes down
the server's calls in the order in which the server made them, so that nothing here depends on how long
anything takes.
"""

import re
from pathlib import Path
from typing import NamedTuple

from engine.embedded import EmbeddedServer, find_binary

DELAY = 0.05
"""Seconds by which every fsync is slowed."""

SYNCS = "fdatasync,fsync"
_LINE = re.compile(r"^(?P<thread>\d+) +(?P<at>\d+\.\d+) (?P<rest>.*)$")
_CALL = re.compile(r"^(?P<name>\w+)\(\d+<(?P<file>[^>]*)>(?P<text>.*)$")


class Call(NamedTuple):
    """One call of the server: when it was entered, what it was, on what, and the arguments as strace
    writes them."""

    at: float
    name: str
    file: str
    text: str

    @property
    def is_append(self) -> bool:
        """Whether it writes to the append-only file."""
        return self.name.startswith("write") and self.file.endswith(".aof")

    @property
    def is_sync(self) -> bool:
        """Whether it is a completed fsync of the append-only file."""
        return self.name in SYNCS.split(",") and self.file.endswith(".aof") and "= 0" in self.text

    @property
    def is_reply(self) -> bool:
        """Whether it writes to a client."""
        return self.file.startswith(("socket:", "UNIX"))


class TracedServer:
    """A server whose calls are on record."""

    def __init__(self, server: EmbeddedServer, record: Path) -> None:
        self.server = server
        self._record = record

    def read_calls(self) -> list[Call]:
        """The server's calls so far, in order of their completion. It is complete once the server has
        stopped."""
        calls = []
        begun: dict[str, str] = {}
        for line in self._record.read_text(errors="replace").splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            thread, rest = match["thread"], match["rest"]
            if rest.endswith("<unfinished ...>"):
                begun[thread] = rest.removesuffix("<unfinished ...>")
                continue
            if rest.startswith("<... "):
                rest = begun.pop(thread, "") + rest.partition("resumed>")[2]
            call = _CALL.match(rest)
            if call is not None:
                calls.append(Call(float(match["at"]), call["name"], call["file"], call["text"]))
        return calls


def write_wrapper(wrapper: Path, strace: str, record: Path) -> None:
    """Writes a program that starts the server under strace; it is used in the place of the server's own
    binary."""
    delay = int(DELAY * 1_000_000)
    # With -D it is strace that becomes a grandchild, so the server stays the child that the engine knows.
    wrapper.write_text(
        f"#!/bin/sh\nexec {strace} -D -f -q -ttt -y -s 65536 -o {record} "
        f"-e trace=write,writev,sendto,sendmsg,{SYNCS} -e inject={SYNCS}:delay_exit={delay} "
        f'{find_binary()} "$@"\n'
    )
    wrapper.chmod(0o700)
