"""The demo as a process of its own beside a gateway: staff that keeps auctions coming, and a crowd that bids.

``livelot up --demo`` runs it as ``python -m gateway.demo --url http://127.0.0.1:8080 --secret-file FILE
--program demo``. It only goes through the front door, with tokens that it makes from the gateway's secret. It
stops on SIGTERM, SIGINT, or when whoever holds its leash is gone, and a later start goes on where it stopped.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence

from gateway.demo.connection import Place
from gateway.demo.crowd import run_crowd
from gateway.demo.raffles import run_entrants
from gateway.demo.stage import Stage
from gateway.key_files import read_secret
from gateway.logs import configure_logs
from gateway.processes import Leash, run_until, stop_on_signals
from gateway.settings import Settings, SettingsError


async def run_demo(place: Place, leash_descriptor: int | None = None) -> None:
    """Runs the demo on the gateway at ``place`` until it is told to stop."""
    stop = stop_on_signals()
    leash = Leash(leash_descriptor, stop)
    stage = Stage(place, random.Random())

    async def open_doors() -> None:
        await stage.ready.wait()
        leash.report_ready(place.url)
        await asyncio.gather(run_crowd(place), run_entrants(place))

    try:
        await run_until(stop, stage.run(), open_doors())
    finally:
        leash.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the process with these ``arguments``; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m gateway.demo", description="Staff and crowd of the demo."
    )
    parser.add_argument("--url", required=True, help="where the gateway is, as http://127.0.0.1:8080")
    parser.add_argument(
        "--secret-file", required=True, help="the secret that the gateway verifies tokens with"
    )
    parser.add_argument("--program", required=True, help="the program's id")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    parser.add_argument("--leash", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    configure_logs(options.log_level, readable=sys.stderr.isatty())
    if not options.url.startswith(("http://", "https://")):
        parser.error(f"--url {options.url!r} should look like http://127.0.0.1:8080")
    try:
        secret = read_secret(Settings(secret_file=options.secret_file))
    except SettingsError as error:
        parser.error(str(error))
    asyncio.run(run_demo(Place(options.url, options.program, secret), options.leash))
    return 0
