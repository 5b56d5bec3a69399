"""How a log begins, and how the next epoch of one does.

A log's first entry has the ID ``0-1``, which a server takes only in an empty stream: of several processes
that found a program at once, one succeeds and the others find it done.
"""

from engine.commands import LEVEL, Genesis, ProgramSettings
from engine.genesis import encode_genesis
from engine.log.contract import FIRST_ID, Entry, Log, LogRefused
from engine.machine import apply_entry
from engine.position import Position
from engine.program import Program
from engine.replica import LOSS
from engine.snapshot import payload_hash, write_snapshot
from engine.vault import Vault

FIRST_ENTRY = "0-1"


class FoundingError(Exception):
    """A program cannot begin here; the words say why, and what to do."""


async def found(log: Log, program: str, vault: Vault | None = None, *, recorded: bool = False) -> bool:
    """Begins the log of ``program`` unless it has begun; whether this call did it.

    Raises ``FoundingError`` where the log was lost, or a part of it: a replica that was there says so, or it
    is empty but the vault holds snapshots.
    """
    loss = await log.get(LOSS.format(log.epoch))
    if loss is not None:
        raise FoundingError(f"Nothing goes on in this log: {loss.decode()}.")
    if await log.last() is not None:
        return False
    if vault is not None and vault.snapshots():
        raise FoundingError(
            f"The log of program {program!r} is empty, but its vault holds snapshots: the log's server has "
            "lost its data. Restore the server's data, or start a new log from the newest snapshot with "
            "`livelot log rotate --from-vault`."
        )
    genesis = Genesis(program, recorded=recorded, settings=ProgramSettings(), level=LEVEL)
    try:
        await log.append(encode_genesis(genesis), id=FIRST_ENTRY)
    except LogRefused:
        if await log.last() is None:
            raise
        return False
    return True


def begin_epoch(program: Program, vault: Vault, origin: bytes = b"") -> bytes:
    """Turns the state at an epoch's end into that at the next one's beginning, and keeps a snapshot of it.

    Returns the first entry of the new log. Nothing relies on the snapshot before that entry is there.
    """
    state = program.state_digest().hex()
    program.epoch += 1
    program.ended = False
    program.position = Position(program.epoch, *FIRST_ID)
    payload = encode_genesis(
        Genesis(program.id, program.epoch, program.recorded, state, program.settings, program.level),
        origin,
    )
    first = Entry((0, 1), payload)
    apply_entry(program, *first.id, payload)
    write_snapshot(vault, program, payload_hash(payload))
    return payload
