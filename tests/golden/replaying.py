"""Replays every golden with the code and the Python at hand, and prints what it came to.

A program of its own, so that a test can run it under another hash seed and another Python. It needs no more
than the engine does: ``python -m tests.golden.replaying LEVEL …`` prints a JSON object of the replayed
digests by level and log, shaped as the recorded ones in the golden's ``digests.json``.
"""

import json
import lzma
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.machine import apply_entry, decode_batch, start
from engine.program import Program
from engine.snapshot import load_snapshot, payload_hash
from engine.vault import Vault

FOLDER = Path(__file__).parent

Digests = list[dict[str, Any]]


@contextmanager
def unpacked(level: int) -> Iterator[list[Path]]:
    """The logs of a golden, each a folder that is a vault; gone when the ``with`` block ends."""
    with (
        tempfile.TemporaryDirectory() as place,
        lzma.open(FOLDER / f"level-{level}.tar.xz") as plain,
        tarfile.open(fileobj=plain) as archive,
    ):
        archive.extractall(place, filter="data")
        yield sorted(Path(place).iterdir())


def replay_log(folder: Path) -> Digests:
    """The digests of one log, replayed from its first entry, wherever digests were recorded."""
    wanted = {digest["entries"] for digest in recorded_digests(folder)}
    digests: Digests = []
    program: Program | None = None
    for number, entry in enumerate(Vault(folder).read_archive(1), 1):
        program = program or start(decode_batch(entry.payload))
        apply_entry(program, *entry.id, entry.payload)
        if number in wanted:
            digests.append(_digests_of(program, number))
    return digests


def continue_from_snapshots(folder: Path) -> list[Digests]:
    """The digests at the log's end of each snapshot in it, gone on from with the entries behind it."""
    vault = Vault(folder)
    ends: list[Digests] = []
    entries = list(vault.read_archive(1))
    for position in vault.snapshots():
        program, entry_hash = load_snapshot(vault, position)
        number = next(i for i, entry in enumerate(entries, 1) if entry.id == position[1:])
        assert entry_hash == payload_hash(entries[number - 1].payload)
        digests = [_digests_of(program, number)]
        for entry in entries[number:]:
            apply_entry(program, *entry.id, entry.payload)
        ends.append([*digests, _digests_of(program, len(entries))])
    return ends


def recorded_digests(folder: Path) -> Digests:
    """What the code that wrote the log came to."""
    digests: Digests = json.loads((folder / "digests.json").read_text())
    return digests


def _digests_of(program: Program, entries: int) -> dict[str, Any]:
    return {
        "entries": entries,
        "position": str(program.position),
        "running": program.digest.hex(),
        "state": program.state_digest().hex(),
    }


def main(levels: list[int]) -> None:
    """Prints the digests of all logs of the levels."""
    replayed: dict[int, dict[str, Digests]] = {}
    for level in levels:
        with unpacked(level) as logs:
            replayed[level] = {log.name: replay_log(log) for log in logs}
    print(json.dumps(replayed))  # noqa: T201


if __name__ == "__main__":
    main([int(level) for level in sys.argv[1:]])
