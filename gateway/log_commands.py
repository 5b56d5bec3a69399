"""``livelot log …``: the log's own server, and what an operator does to a log by hand.

A command imports what it runs when it is run (``gateway/cli.py``).
"""

import asyncio
import getpass
import os
import socket
from typing import Annotated, Final

import typer

from gateway import options
from gateway.options import DEFAULTS, build

log_app = typer.Typer(
    no_args_is_help=True, help="The log itself: its server, and what an operator does to it by hand."
)

RESTART: Final = "Gateways and keepers under `livelot up` start again by themselves; start all others again."


@log_app.command()
def serve(
    data: options.Data = DEFAULTS.data,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Listen here too, on 127.0.0.1; 0: do not.")
    ] = 0,
) -> None:
    """Run the bundled Valkey server alone, set up as a log has to be.

    - `livelot log serve --port 6390`, and then `livelot engine --log-url redis://127.0.0.1:6390`
    """
    from engine.embedded import EmbeddedServer
    from gateway.processes import watch_server

    settings = build(locals())
    address = {"port": str(port), "bind": "127.0.0.1"} if port else {}
    with EmbeddedServer(settings.server_folder, settings=address) as server:
        places = f"{server.url}{f' and redis://127.0.0.1:{port}' if port else ''}"
        asyncio.run(watch_server(server, lambda: typer.echo(f"The log's server is at {places}.")))


@log_app.command()
def drop(
    position: Annotated[
        str, typer.Argument(help="The entry at which every replica stops: 1:1732233434000-0.")
    ],
    reason: Annotated[str, typer.Option(help="Why; it is kept with the entry.")],
    by: Annotated[
        str, typer.Option(help="Who; it is kept with the entry. [default: you]", show_default=False)
    ] = "",
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    log_url: options.LogUrl = "",
    vault: options.VaultPlace = "",
    trust_server: options.TrustServer = False,
) -> None:
    """Take an entry that no replica can apply out of the log; the vault keeps it.

    - `livelot log drop 1:1732233434000-0 --reason "written by a broken build, see OPS-17"`
    """
    from engine.position import Position
    from engine.vault import Vault
    from gateway import maintenance
    from gateway.core import reach_log

    settings = build(locals())
    place = Position.parse(position)

    async def take_out() -> str:
        async with reach_log(settings) as log:
            keep = Vault(settings.vault_place)
            return await maintenance.drop_entry(log, keep, place, by=by or whoami(), reason=reason)

    name = asyncio.run(take_out())
    typer.echo(f"Dropped {place}; it is kept as {name} in the vault.")
    typer.echo(RESTART)


@log_app.command()
def rotate(
    from_vault: Annotated[
        bool, typer.Option("--from-vault", help="From the newest snapshot, where the log itself is lost.")
    ] = False,
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    log_url: options.LogUrl = "",
    vault: options.VaultPlace = "",
    trust_server: options.TrustServer = False,
) -> None:
    """Start the next epoch: a fresh log that goes on from the state at the end of this one.

    - `livelot log rotate`: the server's clock was ahead, and its entries would be for hours
    - `livelot log rotate --from-vault`: the server has lost its data
    """
    from engine.vault import Vault
    from gateway import maintenance
    from gateway.core import reach_log

    settings = build(locals())

    async def turn() -> maintenance.Rotated:
        async with reach_log(settings) as log:
            keep = Vault(settings.vault_place)
            return await maintenance.rotate_log(log, keep, by=whoami(), from_vault=from_vault)

    rotated = asyncio.run(turn())
    typer.echo(f"The log ended at {rotated.ended} and goes on at {rotated.began}.")
    typer.echo(RESTART)
    if from_vault:
        typer.echo(f"What was decided after {rotated.ended} is not in the new log.")


def whoami() -> str:
    """Who sits here: user@machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
