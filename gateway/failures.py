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


class GaveUp(Exception):  # noqa: N818
    """A child cannot run, and said why; ``code`` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"gave up: code {code}")
        self.code = code


EXIT_CODES: Final = {
    "engine.errors.Rejection": WRONG_OPTIONS,
    "gateway.blueprint.faults.BlueprintError": os.EX_DATAERR,
    "gateway.recorded.recording.RecordingError": WRONG_OPTIONS,
    "gateway.failures.MaintenanceError": WRONG_OPTIONS,
    "gateway.settings.FolderError": os.EX_CANTCREAT,
    "gateway.settings.SettingsError": os.EX_CONFIG,
    "engine.signing.DrawKeyError": os.EX_CONFIG,
    "engine.log.contract.LogRefused": os.EX_CONFIG,
    "engine.log.contract.LogUnavailable": os.EX_UNAVAILABLE,
    "gateway.failures.GatewayUnavailable": os.EX_UNAVAILABLE,
    "engine.embedded.EmbeddedServerError": os.EX_UNAVAILABLE,
    "engine.vault.VaultError": os.EX_CANTCREAT,
    "gateway.failures.PortTaken": os.EX_CANTCREAT,
    "gateway.failures.RebuildNeeded": REBUILD,
    "engine.log.contract.LogGap": REBUILD,
    "engine.replica.ReplicaStopped": STOPPED,
    "engine.founding.FoundingError": STOPPED,
    "engine.snapshot.SnapshotError": STOPPED,
    "gateway.recorded.playback.PlaybackError": STOPPED,
}
"""By the full names of exceptions: to have them all would be to import nearly everything."""


def exit_code(error: BaseException) -> int | None:
    """The code that a process ends with because of ``error``; None for one that nobody expected."""
    for kind in type(error).__mro__:
        code = EXIT_CODES.get(f"{kind.__module__}.{kind.__qualname__}")
        if code is not None:
            return code
    return None


def unwrap(error: BaseException) -> BaseException:
    """The first real error in what a group of tasks raised."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
