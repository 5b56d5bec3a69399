"""One keeper as a process: what it is wired from, when it stops, how it ends."""

import structlog

from engine.draws import DrawTerms
from engine.keeper import Keeper, SnapshotPolicy
from engine.log.contract import LogError
from engine.replica import ReplicaStopped
from gateway.core import Stopped, judge, open_core, report
from gateway.key_files import read_or_make_draw_key
from gateway.logs import configure_logs, is_readable
from gateway.processes import Leash, run_until, stop_on_signals
from gateway.settings import Settings

_log = structlog.get_logger("livelot.process")


async def run_keeper(settings: Settings, leash_descriptor: int | None = None) -> None:
    """Runs a keeper until it is told to stop. Raises what ended it (see ``gateway.failures``)."""
    configure_logs(settings.log_level, readable=is_readable(settings))
    draws = DrawTerms(read_or_make_draw_key(settings), settings.drand, settings.timestamp_url)
    stop = stop_on_signals()
    leash = Leash(leash_descriptor, stop)
    policy = SnapshotPolicy(settings.snapshot_megabytes * 1024 * 1024, settings.snapshot_minutes * 60)
    try:
        async with open_core(settings, stop) as core:
            core.vault.require_writable()
            keeper = Keeper(core.replica, core.writer, core.log, core.vault, policy=policy, draws=draws)
            duties = (core.replica.run(), core.replica.watch(), core.writer.run(), keeper.run())
            try:
                await run_until(stop, report(core.replica, leash, settings.vault_place), *duties)
            except ReplicaStopped as error:
                core.replica.save_lost_state()
                raise judge(error, core.replica) from error
            finally:
                await _hand_on(keeper)
    except Stopped:
        pass
    finally:
        leash.close()


async def _hand_on(keeper: Keeper) -> None:
    try:
        await keeper.close()
    except LogError as error:
        _log.info("lease not handed on", reason=str(error))
