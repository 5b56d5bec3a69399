"""How a process ends: every expected failure has one line of words and an exit code (those of sysexits.h).

    2   wrong options
    65  EX_DATAERR      a program file that cannot be used
    69  EX_UNAVAILABLE  the log's server, or a gateway, cannot be reached, or did not start
    70  EX_SOFTWARE     the replica stopped for good: somebody has to do what the words say
    73  EX_CANTCREAT    a folder cannot be written, a port is taken
    75  EX_TEMPFAIL     the replica has to be rebuilt: start the process again
    78  EX_CONFIG       a setting, here or of the log's server, would do harm

What is not in this table is a bug, and keeps its traceback.
"""

import os
from typing import Final

from engine.embedded import EmbeddedServerError
from engine.errors import Rejection
from engine.founding import FoundingError
from engine.log.contract import LogGap, LogRefused, LogUnavailable
from engine.replica import Replica, ReplicaStopped
from engine.signing import DrawKeyError
from engine.snapshot import SnapshotError
from engine.vault import VaultError
from gateway.blueprint.faults import BlueprintError
from gateway.recorded.playback import PlaybackError
from gateway.recorded.recording import RecordingError
from gateway.settings import FolderError, SettingsError

WRONG_OPTIONS: Final = 2
STOPPED: Final = os.EX_SOFTWARE
REBUILD: Final = os.EX_TEMPFAIL

CANNOT_SERVE: Final = (WRONG_OPTIONS, os.EX_CONFIG, os.EX_CANTCREAT)
"""Codes of a process for which starting it again is of no use until something else changes."""


class RebuildNeeded(Exception):  # noqa: N818 - the name says what is the case
    """The replica cannot go on from what it has, and can from the vault and the log."""


class PortTaken(Exception):  # noqa: N818
    """The gateway cannot listen where it was told to."""


class GatewayUnavailable(Exception):  # noqa: N818
    """No gateway answers where one was looked for."""


class MaintenanceError(Exception):
    """What was asked would lose something, or there is nothing to do it to; the log is as it was."""


_EXIT_CODES: Final[tuple[tuple[type[BaseException], int], ...]] = (
    (Rejection, WRONG_OPTIONS),
    (BlueprintError, os.EX_DATAERR),
    (RecordingError, WRONG_OPTIONS),
    (MaintenanceError, WRONG_OPTIONS),
    (FolderError, os.EX_CANTCREAT),
    (SettingsError, os.EX_CONFIG),
    (DrawKeyError, os.EX_CONFIG),
    (LogRefused, os.EX_CONFIG),
    (LogUnavailable, os.EX_UNAVAILABLE),
    (GatewayUnavailable, os.EX_UNAVAILABLE),
    (EmbeddedServerError, os.EX_UNAVAILABLE),
    (VaultError, os.EX_CANTCREAT),
    (PortTaken, os.EX_CANTCREAT),
    (RebuildNeeded, REBUILD),
    (LogGap, REBUILD),
    (ReplicaStopped, STOPPED),
    (FoundingError, STOPPED),
    (SnapshotError, STOPPED),
    (PlaybackError, STOPPED),
)


def exit_code(error: BaseException) -> int | None:
    """The code that a process ends with because of ``error``; None for one that nobody expected."""
    for kind, code in _EXIT_CODES:
        if isinstance(error, kind):
            return code
    return None


def unwrap(error: BaseException) -> BaseException:
    """The first real error in what a group of tasks raised."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def judge(error: ReplicaStopped, replica: Replica) -> Exception:
    """``RebuildNeeded`` where a fresh start of the process helps by itself, else ``error``.

    It helps where the log was trimmed beyond what was read, and at an epoch's end. It does not where the log
    lost something, where an entry cannot be applied, where the snapshot and the log do not fit, or where two
    replicas differ: there a start now and then does no harm, but a person has to look.
    """
    if replica.lost:
        return error
    if isinstance(error.__cause__, LogGap) or (replica.cursor is not None and replica.program.ended):
        return RebuildNeeded(str(error))
    return error
