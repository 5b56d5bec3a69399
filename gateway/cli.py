"""``livelot``: the command line.

Commands here only turn options into settings and call what does the work. Errors that can be expected end in
one line and an exit code (``gateway.failures``); anything else is a bug and shows its traceback.

A command imports what it runs when it is run, here and in the modules of further commands: what one needs
would take longer to import than most others take altogether.
"""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway import options
from gateway.draw_commands import add_draw_commands
from gateway.failures import STOPPED, GaveUp, exit_code, unwrap
from gateway.log_commands import log_app
from gateway.member_commands import member_app
from gateway.options import DEFAULTS, build
from gateway.program_commands import add_commands

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Livelot: a real-time campaign engine for loyalty programmes.\n\n"
    "Start with `livelot up --demo` and open http://127.0.0.1:8080/.\n\n"
    "An option can also be given by an environment variable: `--log-url` by `LIVELOT_LOG_URL`.",
)
app.add_typer(log_app, name="log")
app.add_typer(member_app, name="member")


@app.command()
def up(
    demo: options.Demo = False,
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    host: options.Host = DEFAULTS.host,
    port: options.Port = DEFAULTS.port,
    origins: options.Origins = None,
    secret_file: options.SecretFile = "",
    key_set: options.KeySetPlace = "",
    tls_certificate: options.TlsCertificate = "",
    tls_key: options.TlsKey = "",
    log_url: options.LogUrl = "",
    vault: options.VaultPlace = "",
    replicas: options.Replicas = 0,
    trust_server: options.TrustServer = False,
    wait: options.Wait = DEFAULTS.wait,
    snapshot_minutes: options.SnapshotMinutes = DEFAULTS.snapshot_minutes,
    snapshot_megabytes: options.SnapshotMegabytes = DEFAULTS.snapshot_megabytes,
    draw_key: options.DrawKeyFile = "",
    drand: options.Drand = None,
    timestamp_url: options.TimestampUrl = "",
    log_level: options.LogLevel = DEFAULTS.log_level,
    log_format: options.LogFormat = DEFAULTS.log_format,
) -> None:
    """Run everything on this machine: the log's server, a keeper, a gateway.

    What dies is started again. Ctrl-C stops everything; the next start goes on from there.

    - `livelot up --demo`: something to look at
    - `livelot up --program spring --data /var/lib/livelot --port 9000`
    - `livelot up --log-url redis://log.internal:6379`: with a server that runs elsewhere
    """
    from gateway.supervisor import Supervisor

    settings = build(locals())

    async def supervise() -> None:
        await Supervisor(settings, typer.echo).run()

    asyncio.run(supervise())


@app.command()
def engine(
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    log_url: options.LogUrl = "",
    vault: options.VaultPlace = "",
    replicas: options.Replicas = 0,
    trust_server: options.TrustServer = False,
    wait: options.Wait = DEFAULTS.wait,
    snapshot_minutes: options.SnapshotMinutes = DEFAULTS.snapshot_minutes,
    snapshot_megabytes: options.SnapshotMegabytes = DEFAULTS.snapshot_megabytes,
    draw_key: options.DrawKeyFile = "",
    drand: options.Drand = None,
    timestamp_url: options.TimestampUrl = "",
    log_level: options.LogLevel = DEFAULTS.log_level,
    log_format: options.LogFormat = DEFAULTS.log_format,
    leash: options.LeashDescriptor = None,
) -> None:
    """Run a keeper: it opens and closes auctions in time, takes snapshots, archives and trims the log.

    It signs and draws raffles too. Run one, or several for failover, with one --draw-key: they share the
    work by a lease.

    - `livelot engine --log-url redis://log.internal:6379 --vault s3://bucket/main`
    """
    import uvloop

    from gateway.keeper_process import run_keeper

    uvloop.run(run_keeper(build(locals()), leash))


@app.command()
def gateway(
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    host: options.Host = DEFAULTS.host,
    port: options.Port = DEFAULTS.port,
    origins: options.Origins = None,
    secret_file: options.SecretFile = "",
    key_set: options.KeySetPlace = "",
    tls_certificate: options.TlsCertificate = "",
    tls_key: options.TlsKey = "",
    demo: options.Demo = False,
    log_url: options.LogUrl = "",
    vault: options.VaultPlace = "",
    replicas: options.Replicas = 0,
    trust_server: options.TrustServer = False,
    wait: options.Wait = DEFAULTS.wait,
    log_level: options.LogLevel = DEFAULTS.log_level,
    log_format: options.LogFormat = DEFAULTS.log_format,
    leash: options.LeashDescriptor = None,
) -> None:
    """Run a gateway: sockets and HTTP for members, managers and services. Run as many as there are cores.

    - `livelot gateway --log-url redis://log.internal:6379 --vault s3://bucket/main --port 8081`
    - `livelot gateway --key-set https://id.example.org/jwks.json --origin https://app.example.org`
    """
    import uvloop

    from gateway.gateway_process import run_gateway

    uvloop.run(run_gateway(build(locals()), leash))


@app.command()
def token(
    subject: Annotated[str, typer.Argument(help="Who: a member's id, or a name for staff or a service.")],
    role: Annotated[str, typer.Option(help="member, manager, operator or service.")] = "member",
    hours: Annotated[float, typer.Option(min=0.001, max=24 * 366, help="How long it is good for.")] = 24.0,
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Print a token, signed with the program's secret.

    - `livelot token m0001`
    - `curl -H "Authorization: Bearer $(livelot token ops --role operator)" http://127.0.0.1:8080/v1/auctions`
    """
    from engine.units import HOUR
    from gateway.clock import now
    from gateway.identity import SharedSecret, Verifier, mint_token
    from gateway.key_files import read_secret

    settings = build(locals())
    secret = read_secret(settings)
    expires_at = now() + int(hours * HOUR)
    made = mint_token(settings.program, subject, role, key=secret, expires_at=expires_at)
    Verifier(settings.program, SharedSecret(secret)).verify(
        made
    )  # refuses a subject or role that no gateway takes
    typer.echo(made)


@app.command("draw-key")
def show_draw_key(
    data: options.Data = DEFAULTS.data,
    draw_key: options.DrawKeyFile = "",
) -> None:
    """Print the public key that the locks of raffles are signed with, in hex.

    Publish it, or give it to whoever verifies draws: `livelot verify-draw FILE --key KEY`. It tells your
    draws from anybody else's, so it should reach them by another way than the evidence does.

    - `livelot draw-key --data /var/lib/livelot`
    """
    from engine.signing import read_draw_key

    typer.echo(read_draw_key(build(locals()).draw_key_path).public)


@app.command()
def inspect(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    program: options.Program = "",
    data: options.Data = DEFAULTS.data,
    log_url: options.LogUrl = "",
    vault: options.VaultPlace = "",
    trust_server: options.TrustServer = False,
) -> None:
    """Print what a program holds: position, digests, counts, ledger totals. Changes nothing.

    - `livelot inspect --program demo`
    - `livelot inspect --json | python -m json.tool`
    """
    import msgspec

    from engine.vault import Vault
    from gateway import inspection
    from gateway.core import reach_log

    settings = build(locals())

    async def look() -> inspection.Inspection:
        async with reach_log(settings) as log:
            return await inspection.inspect(log, Vault(settings.vault_place), settings.program)

    seen = asyncio.run(look())
    typer.echo(msgspec.json.encode(seen).decode() if as_json else inspection.render(seen))
    if seen.stopped:
        raise typer.Exit(STOPPED)


@app.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
def storm(
    arguments: Annotated[list[str] | None, typer.Argument(help="A scenario, and its options.")] = None,
    data: options.Data = DEFAULTS.data,
    secret_file: options.SecretFile = "",
) -> None:
    """Let a crowd loose over real sockets, measure, and check the results. `livelot storm --list` tells how.

    - `livelot storm --demo --members 200 --rate 500 --seconds 20`
    - `livelot storm hot --rate 500`
    - `livelot storm capacity`
    """
    from gateway.key_files import read_secret
    from gateway.supervisor import child_environment, own_command

    command = own_command("loadtests", *(arguments or ()))
    environment = {**os.environ, "PYTHONPATH": child_environment()["PYTHONPATH"]}
    settings = build({"data": data, "secret_file": secret_file})
    if "--demo" not in command and settings.secret_path.exists():
        environment.setdefault("LIVELOT_TOKEN_SECRET", read_secret(settings))
    sys.stdout.flush()
    os.execvpe(command[0], command, environment)  # Ctrl-C and the exit code are the storm's own then


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def simulate(
    arguments: Annotated[list[str] | None, typer.Argument(help="Options of the simulator.")] = None,
) -> None:
    """Play deployments under faults in virtual time, beside a second model. `livelot simulate --help`.

    - `livelot simulate --seed 7 --commands 100000`
    """
    from gateway.supervisor import child_environment, own_command

    command = own_command("engine.simulator", *(arguments or ()))
    sys.stdout.flush()
    os.execvpe(command[0], command, {**os.environ, "PYTHONPATH": child_environment()["PYTHONPATH"]})


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Recorded bids, as CSV.", metavar="FILE.csv")],
    show_all: Annotated[
        bool, typer.Option("--all", help="List every auction, not only those that differ.")
    ] = False,
    program: Annotated[
        str, typer.Option(help="The id of the program to replay into; it must be new.")
    ] = "replay",
    log_url: options.LogUrl = "",
    trust_server: options.TrustServer = False,
) -> None:
    """Run recorded bids through log, replica and settlement, and compare our prices with the recorded ones.

    - `livelot replay ../shared/data/ebay_bids.csv`
    """
    from gateway.recorded.replay import replay

    replay(file, log_url=log_url, program=program, show_all=show_all, trust_server=trust_server)


add_commands(app)
add_draw_commands(app)


def main() -> None:
    """Runs a command; its process ends with one of the codes of ``gateway.failures``."""
    logging.getLogger().setLevel(logging.CRITICAL)  # until a command that runs on says otherwise
    try:
        code = app(standalone_mode=False, prog_name="livelot")
    except typer.TyperException as error:
        if words := error.format_message():  # none where the help was shown instead
            typer.echo(f"livelot: {words}", err=True)
        code = error.exit_code
    except GaveUp as error:
        code = error.code  # the child has said why
    except Exception as error:
        cause = unwrap(error)
        code = exit_code(cause)
        if code is None:
            raise
        for line in str(cause).splitlines() or [""]:
            typer.echo(f"livelot: {line}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
