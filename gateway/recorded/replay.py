"""``livelot replay FILE.csv``: plays recorded auctions back and reports our prices beside the recorded ones.

The log is a real one: an embedded server in a temporary folder, or the server at a given address.
"""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.embedded import EmbeddedServer
from engine.ledger import check_conservation
from engine.log.redis_stream import connect
from gateway.logs import configure_logs
from gateway.recorded.comparison import compare, tabulate
from gateway.recorded.playback import PlaybackError, Played, play
from gateway.recorded.recording import Recording, read_recording

REPORT_WIDTH = 132
"""Columns of a report that does not go to a terminal."""

REPLY_TIMEOUT = 30_000
"""How long the server may take for a round trip of many entries, in ms."""


def replay(
    path: Path,
    *,
    log_url: str = "",
    program: str = "replay",
    show_all: bool = False,
    trust_server: bool = False,
) -> None:
    """Replays a file and prints the report; its last line is ``matched N of M``.

    ``log_url`` empty: a server of our own in a temporary folder. Raises ``RecordingError``,
    ``PlaybackError``, ``EmbeddedServerError``, ``LogError``, ``ReplicaStopped``: all have words for people.
    """
    configure_logs("critical", readable=True)  # what is to be said is said by the report
    recording = read_recording(path)
    with ExitStack() as stack:
        if not log_url:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="livelot-replay-"))
            log_url = stack.enter_context(EmbeddedServer(folder)).url
        played = asyncio.run(_play(recording, log_url, program, trust_server))
    _check_ledger(played)
    _report(recording, played, show_all)


async def _play(recording: Recording, url: str, program: str, trust_server: bool) -> Played:
    log = await connect(url, program, reply_timeout=REPLY_TIMEOUT, trust_server=trust_server)
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("replaying", total=len(recording.bids))
            return await play(recording, log, program, lambda bids: progress.advance(task, bids))
    finally:
        await log.close()


def _check_ledger(played: Played) -> None:
    """Raises ``PlaybackError`` where points were made, lost, or left on hold."""
    program = played.program
    try:
        check_conservation(program.members, program.ledger)
    except AssertionError as error:
        raise PlaybackError(
            f"The ledger does not add up: {error}. This is a bug; please report it."
        ) from error
    if program.ledger.totals.held or program.live:
        raise PlaybackError(
            "Points are still on hold after the last auction. This is a bug; please report it."
        )


def _report(recording: Recording, played: Played, show_all: bool) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = REPORT_WIDTH
    comparisons = compare(recording, played)
    differing = [one for one in comparisons if one.reason]
    for remark in recording.remarks:
        console.print(f"note: {remark}", markup=False, soft_wrap=True)
    if show_all:
        console.print(tabulate(comparisons, "all auctions"))
    elif differing:
        console.print(tabulate(differing, "auctions with another price"))
    totals = played.program.ledger.totals
    refused = ", ".join(f"{len(bids)} {code}" for code, bids in sorted(played.refused.items()))
    rate = round(played.commands / played.seconds)
    for line in (
        f"bids: {len(recording.bids)}, of them refused: {refused or 'none'}",
        f"commands: {played.commands:,} in {played.entries:,} entries and {played.seconds:.2f} s, "
        f"{rate:,} a second",
        f"points: {totals.issued:,} issued = {totals.available:,} available + {totals.held} held "
        f"+ {totals.spent:,} spent + {totals.expired} expired; no hold is left",
        f"matched {len(comparisons) - len(differing)} of {len(comparisons)}",
    ):
        console.print(line, markup=False, soft_wrap=True)
